"""MLflow as it is, in a folder of its own: what is recorded, found again, pointed at and refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.errors import ServiceError
from models.record import Retrain, Verdict
from models.registry import ENVIRONMENT, Registry
from tests.models.test_card import told
from tests.small_models import FEATURES, FEBRUARY, JANUARY, MARCH, result, retrain, scorer


@dataclass(frozen=True)
class Store:
    registry: Registry
    first: Retrain


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A company's registry after one retrain: churn promoted, upgrade refused, adoption not even trained."""
    registry = Registry(tmp_path_factory.mktemp("mlruns"), "acme")
    first = retrain(
        FEBRUARY,
        result("churn"),
        result("upgrade", trees=2, promoted=False),
        refusals={"adoption": "Training needs 20 positives; seen: 3. Bring more data."},
        told={"churn": told()},
    )
    registry.record(first)
    return Store(registry, first)


SHOWN = ("model_card.html", "lists/2026-02-01/drivers.html")


@contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """MLflow's own server over that folder, on the loopback, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += [
        "--backend-store-uri",
        f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination",
        str(folder / "a"),
    ]
    quiet = {**os.environ, **ENVIRONMENT, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=quiet, start_new_session=True
    )
    try:
        said = []
        for line in server.stdout or ():
            said.append(line)
            if "Uvicorn running" in line:
                break
        else:
            pytest.fail(f"MLflow's server ended before it served: {''.join(said)[-500:]}")
        reading = threading.Thread(target=(server.stdout or io.StringIO()).read, daemon=True)
        reading.start()  # a full pipe would stop it
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=60)
        reading.join()
        if server.stdout:
            server.stdout.close()


def run_count(store: Store) -> int:
    client = store.registry._client
    return len(client.search_runs([client.get_experiment_by_name("holdfast-acme").experiment_id]))


def child(store: Store, outcome: str) -> Any:
    client = store.registry._client
    experiment = client.get_experiment_by_name("holdfast-acme")
    (run,) = client.search_runs([experiment.experiment_id], f"tags.outcome = '{outcome}' and tags.as_of = '{FEBRUARY}'")
    return run


def artifacts(store: Store, outcome: str) -> Path:
    return store.registry.folder / "artifacts" / child(store, outcome).info.run_id / "artifacts"


# --- what one retrain leaves behind


def test_a_run_a_retrain_and_one_child_an_outcome(store: Store) -> None:
    client = store.registry._client
    run = child(store, "churn")
    parent = client.get_run(run.data.tags["mlflow.parentRunId"])
    assert parent.data.tags["mlflow.runName"] == "acme 2026-02-01"
    assert parent.data.params == {"seed": "7", "num_leaves": "15"}
    assert {name: run.data.tags[name] for name in ("as_of", "data_digest", "config_digest", "snapshot_digest")} == {
        "as_of": "2026-02-01",
        "data_digest": "da7a",
        "config_digest": "c0f1",
        "snapshot_digest": "54a9",
    }
    assert run.data.tags["revision"] == "v0.1-3-gabc"


def test_metrics_have_their_interval_and_the_baselines_stand_beside(store: Store) -> None:
    metrics = child(store, "churn").data.metrics
    assert (metrics["auc"], metrics["auc_low"], metrics["auc_high"]) == pytest.approx((0.8, 0.77, 0.83))
    assert metrics["prevalence/auc"] == pytest.approx(0.5)
    assert metrics["prevalence/auc_difference_low"] == pytest.approx(0.2)
    assert (metrics["n"], metrics["positives"]) == (120, 40)


def test_the_decision_says_what_it_beats_and_what_it_only_equals(store: Store) -> None:
    tags = child(store, "upgrade").data.tags
    assert (tags["decision"], tags["reason"]) == ("refused", "Refused: worse than logistic regression.")
    assert (tags["beats"], tags["equals"], tags["loses_to"]) == ("prevalence", "best_feature", "logistic_regression")


def test_an_outcome_that_could_not_be_trained_is_a_run_with_the_reason(store: Store) -> None:
    tags = child(store, "adoption").data.tags
    assert tags["decision"] == "not trained"
    assert "seen: 3" in tags["reason"]
    assert store.registry.champion("adoption") is None


def test_feature_list_split_evaluation_and_pictures_are_artifacts(store: Store) -> None:
    folder = artifacts(store, "churn")
    assert sorted(path.name for path in folder.iterdir()) == [
        "bends.png",
        "calibration.png",
        "evaluation.json",
        "features.json",
        "gain.png",
        "interplay.csv",
        "interplay.png",
        "model_card.html",
        "shap.png",
        "split.json",
    ]
    assert json.loads((folder / "features.json").read_text()) == list(FEATURES)
    assert json.loads((folder / "split.json").read_text())["test"] == ["2025-09-01"]
    assert json.loads((folder / "evaluation.json").read_text())["evaluation"]["metrics"]["auc"]["value"] == 0.8


def test_card_pictures_and_pairs_are_read_back_through_mlflow(store: Store, tmp_path: Path) -> None:
    client, run = store.registry._client, child(store, "churn").info.run_id
    files = ("model_card.html", "interplay.csv")
    card, pairs = (Path(client.download_artifacts(run, name, str(tmp_path))).read_text() for name in files)
    assert "Model card: churn" in card
    assert "data:image/png" in card
    assert pairs.splitlines()[:2] == ["idea,other,strength,rows", "use,use,0.400000,120"]
    for name in ("shap.png", "bends.png", "interplay.png"):
        assert Path(client.download_artifacts(run, name, str(tmp_path))).read_bytes().startswith(b"\x89PNG")


def test_a_page_is_shown_with_the_models_that_speak_in_it_and_with_no_other(store: Store, tmp_path: Path) -> None:
    page = tmp_path / "drivers.html"
    for text in ("<p>first</p>", "<p>again</p>"):
        page.write_text(text)
        store.registry.attach(page, {"churn": scorer("churn").digest, "upgrade": "another"}, "lists/2026-02-01")
    assert (artifacts(store, "churn") / "lists/2026-02-01/drivers.html").read_text() == "<p>again</p>"
    assert not (artifacts(store, "upgrade") / "lists").exists()


def test_nothing_is_pickled(store: Store) -> None:
    files = [path for path in store.registry.folder.rglob("*") if path.is_file()]
    assert {"model.txt", "scorer.json", "scorer.py", "pyfunc.py"} <= {path.name for path in files}
    assert not [path for path in files if path.suffix in (".pkl", ".pickle", ".joblib", ".cloudpickle")]


# --- champions and challengers


def test_a_promoted_model_is_champion_and_a_refused_one_challenger(store: Store) -> None:
    champion = store.registry.champion("churn")
    assert champion is not None
    assert champion.scorer == scorer("churn")
    assert champion.version.aliases == ("champion",)
    assert champion.version.verdict == Verdict.of(store.first.results["churn"])
    (refused,) = store.registry.versions("upgrade")
    assert refused.aliases == ("challenger",)
    assert store.registry.champion("upgrade") is None


def test_recording_the_same_again_changes_nothing_whatever_it_is_decided_now(store: Store) -> None:
    before, runs = store.registry.versions("churn"), run_count(store)
    later_judged = result("churn", promoted=False, auc=0.6)
    again = replace(store.first, results={**store.first.results, "churn": later_judged})
    recorded = store.registry.record(again)
    assert recorded["churn"] == before[0]
    assert recorded["churn"].decision.promoted
    assert store.registry.versions("churn") == before
    assert run_count(store) == runs


def test_a_later_promoted_model_takes_over_and_a_backfill_does_not_take_it_back(registry: Registry) -> None:
    registry.record(retrain(FEBRUARY, result(trees=1)))
    registry.record(retrain(MARCH, result(trees=2)))
    registry.record(retrain(JANUARY, result(trees=3)))

    def trees(as_of: date | None) -> int | None:
        champion = registry.champion("churn", as_of)
        return champion and champion.scorer.model.count("\nTree=")

    assert trees(None) == 2
    assert [trees(day) for day in (date(2025, 12, 31), JANUARY, FEBRUARY, MARCH)] == [None, 3, 1, 2]

    registry.record(retrain(FEBRUARY, result(trees=1)))  # an old retrain, run again
    assert trees(None) == 2


def test_a_person_may_move_the_alias_and_running_again_leaves_it(registry: Registry) -> None:
    old, new = retrain(JANUARY, result(trees=1)), retrain(FEBRUARY, result(trees=2))
    registry.record(old)
    registry.record(new)
    registry._client.set_registered_model_alias("holdfast-acme-churn", "champion", "1")
    registry.record(new)
    champion = registry.champion("churn")
    assert champion is not None
    assert champion.scorer == scorer(trees=1)


def test_a_run_killed_before_the_alias_was_set_is_finished_by_the_next(registry: Registry) -> None:
    first = retrain(JANUARY, result(trees=1))
    registry.record(first)
    registry._client.delete_registered_model_alias("holdfast-acme-churn", "champion")
    registry._client.delete_model_version_tag("holdfast-acme-churn", "1", "settled")
    registry.record(first)
    assert registry.champion("churn") is not None


def test_deleting_the_database_loses_the_history_and_not_the_scores(registry: Registry) -> None:
    first = retrain(JANUARY, result(trees=1))
    before = registry.record(first)["churn"]
    (registry.folder / "mlflow.db").unlink()
    after = Registry(registry.folder, "acme").record(first)["churn"]
    assert after == before


def test_a_moved_folder_is_read_and_written_where_it_lies_now(registry: Registry, tmp_path: Path) -> None:
    registry.record(retrain(JANUARY, result(trees=1)))
    registry.folder.rename(tmp_path / "new place")
    moved = Registry(tmp_path / "new place", "acme")
    champion = moved.champion("churn")
    assert champion is not None
    assert champion.scorer == scorer(trees=1)
    moved.record(retrain(FEBRUARY, result(trees=2)))
    assert len(list(moved.folder.rglob("model.txt"))) == 2
    assert not registry.folder.exists()


def test_companies_do_not_see_each_other(store: Store) -> None:
    assert Registry(store.registry.folder, "other").versions("churn") == []


# --- services


def test_a_server_that_is_away_is_told_within_seconds(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ServiceError, match=r"MLflow server at http://127\.0\.0\.1:9 must answer"):
        Registry(tmp_path, "acme", "http://127.0.0.1:9").champion("churn")
    assert time.monotonic() - started < 10


def test_a_server_of_mlflow_shows_card_and_pages_as_the_folder_does(fresh: Path, tmp_path: Path) -> None:
    shutil.copytree(fresh, tmp_path / "mlruns")
    page = tmp_path / "drivers.html"
    page.write_text("<p>drivers</p>")
    with mlflow_server(tmp_path / "mlruns") as address:
        there = Registry(tmp_path / "not used", "acme", address)
        there.record(retrain(FEBRUARY, result("churn"), told={"churn": told()}))
        there.attach(page, {"churn": scorer("churn").digest}, "lists/2026-02-01")
        client = there._client
        (run,) = client.search_runs(["1"], "tags.outcome = 'churn'")
        its = run.info.run_id
        card, shown = (Path(client.download_artifacts(its, name, str(tmp_path))).read_text() for name in SHOWN)
        champion = there.champion("churn")
    assert "Model card: churn" in card
    assert shown == "<p>drivers</p>"
    assert champion is not None
    assert champion.scorer == scorer("churn")


def test_a_model_whose_files_were_changed_is_not_used(registry: Registry) -> None:
    registry.record(retrain(JANUARY, result(trees=1)))
    (text,) = registry.folder.rglob("model.txt")
    text.write_text(text.read_text().replace("leaf_value=", "leaf_value=9"))
    with pytest.raises(ServiceError, match="holdfast-acme-churn version 1 was seen: A model's content has the digest"):
        registry.champion("churn")


def test_a_broken_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("this is no database" * 100)
    with pytest.raises(ServiceError, match="move it away: only the history of training is lost"):
        Registry(tmp_path, "acme").champion("churn")


def test_processes_that_start_at_once_on_a_fresh_folder_all_succeed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from models.registry import Registry; "
        "print(Registry(Path(sys.argv[1]), 'acme').versions('churn'))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    root = Path(__file__).parents[2]
    started = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[0].strip() for process in started] == ["[]"] * 2

"""The whole path as a person walks it: what is printed, what is published, and that a second walk changes nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import sys
from pathlib import Path

import pandas as pd
import pytest

from features.accounts.timeline import KINDS
from features.errors import ConfigError, InputError
from features.families.life_cycle import STAGES
from features.families.scores import LAYERS, MOMENTS, RUNGS
from pipelines.brief import brief
from tests.browser.visits import browsing, faults, visit
from tests.pipelines.conftest import DemoRun, here, holdfast

OUTCOMES = ("churn", "upgrade", "adoption")


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.resolve().rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_demo_ends_with_ten_rows_of_up_to_three_reasons_and_where_to_look(demo_run: DemoRun) -> None:
    out = demo_run.done.out

    assert 20 <= sum(line.strip().startswith("- ") for line in out.splitlines()) <= 30  # three at most, of weight
    assert "  1. A" in out
    assert " 10. A" in out
    assert "scored_accounts.csv" in out
    assert "accounts.html" in out
    assert "drivers.html" in out
    assert "holdfast explain" in out


def test_progress_goes_to_standard_error_only(demo_run: DemoRun) -> None:
    steps = ("read and check the tables", "build features", "train and judge churn", "record in MLflow", "publish")

    assert all(step in demo_run.done.err for step in steps)
    assert not any(step in demo_run.done.out for step in steps[:4])
    assert "Warning" not in demo_run.done.err


def test_the_list_has_the_columns_of_the_design(demo_run: DemoRun) -> None:
    rows = pd.read_parquet(demo_run.published / "latest" / "scored_accounts.parquet")

    assert list(rows.columns) == [
        *["account_id", "name", "owner", "segment", "as_of", "notice", "ends_on"],
        *[f"{name}_probability" for name in OUTCOMES],
        *[f"{name}_{end}" for name in OUTCOMES for end in ("low", "high")],
        *["adoption_product", "value_at_stake", "expected_value", "rank", "band", "stage", "play"],
        *[f"score_{name}" for name in (*RUNGS, *LAYERS, *MOMENTS)],
        *["reason_1", "reason_2", "reason_3", "change", "model_versions"],
    ]
    assert rows["account_id"].is_unique
    assert list(rows["rank"]) == list(range(1, len(rows) + 1))
    for name in OUTCOMES:
        asked = rows.dropna(subset=[f"{name}_probability"])
        assert asked[f"{name}_probability"].between(asked[f"{name}_low"], asked[f"{name}_high"]).all()
        assert (asked[f"{name}_low"] > 0).all()
        assert (asked[f"{name}_high"] < 1).all()
    assert rows.loc[rows["notice"].isna(), "reason_3"].ne("").all()


def test_every_score_tells_accounts_apart(demo_run: DemoRun) -> None:
    rows = pd.read_parquet(demo_run.published / "latest" / "scored_accounts.parquet")
    scores = [column for column in rows.columns if column.startswith("score_")]

    assert [score for score in scores if rows[score].nunique() < 3] == []


def test_the_stage_on_the_list_is_the_one_that_the_features_tell(demo_run: DemoRun) -> None:
    latest = demo_run.published / "latest"
    rows = pd.read_parquet(latest / "scored_accounts.parquet").set_index("account_id")
    features = pd.read_parquet(
        demo_run.folder / ".holdfast" / "features" / latest.resolve().name[:10] / "accounts.parquet"
    )
    now = features[features["as_of"] == rows["as_of"].astype("datetime64[us]").iloc[0]].set_index("account_id")
    flags = now.loc[rows.index, [f"stage_{stage}" for stage in STAGES]]

    assert rows["stage"].tolist() == flags.idxmax(axis=1).str.removeprefix("stage_").tolist()
    assert {"using", "shopping", "disposing"} <= set(rows["stage"])


def test_the_csv_says_the_same_as_the_parquet(demo_run: DemoRun) -> None:
    latest = demo_run.published / "latest"

    written = pd.read_csv(latest / "scored_accounts.csv")

    assert list(written["account_id"]) == list(pd.read_parquet(latest / "scored_accounts.parquet")["account_id"])


def test_the_manifest_names_every_file_and_what_it_was_made_from(demo_run: DemoRun) -> None:
    manifest = json.loads((demo_run.published / "latest" / "manifest.json").read_text())
    found = digests(demo_run.published / "latest")

    assert {name: entry["sha256"] for name, entry in manifest["files"].items()} == {
        name: digest for name, digest in found.items() if name != "manifest.json"
    }
    record = manifest["record"]
    assert set(record["models"]) == set(OUTCOMES)
    assert all(record[key] for key in ("data_digest", "config_digest", "code_revision"))
    assert all("prevalence" in model["beats"] for model in record["models"].values())


def test_a_second_run_leaves_every_byte(demo_run: DemoRun) -> None:
    before = digests(demo_run.published / "latest")

    again = holdfast("run", "--config", demo_run.config, "--json")

    assert again.code == 0, again.err
    assert json.loads(again.out)["manifest"]["record"]["company"] == "software"
    assert digests(demo_run.published / "latest") == before
    assert "as it stood there already" in again.err


def test_without_the_databases_the_steps_one_by_one_publish_the_same_list(demo_run: DemoRun, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(demo_run.folder / "data", copy / "data")
    shutil.copy(demo_run.config, copy)

    for step in ("features", "train", "score", "publish"):
        done = holdfast(step, "--config", copy)
        assert done.code == 0, done.err

    assert digests(copy / ".holdfast" / "published" / "latest") == digests(demo_run.published / "latest")


def test_prefect_kept_the_runs_name_and_the_metrics(demo_run: DemoRun) -> None:
    as_of = (demo_run.published / "latest").resolve().name[:10]
    with sqlite3.connect(demo_run.folder / ".holdfast" / "prefect" / "prefect.db") as database:
        names = {name for (name,) in database.execute("select name from flow_run")}
        states = {state for (state,) in database.execute("select state_type from flow_run")}
        artifacts = database.execute("select data from artifact where key = 'holdfast-metrics'").fetchall()

    assert names == {f"software as of {as_of}", "software as of the data's end"}
    assert states == {"COMPLETED"}
    assert all(outcome in artifacts[0][0] for outcome in OUTCOMES)


def test_metrics_as_json_hold_intervals_and_baselines(demo_run: DemoRun) -> None:
    done = holdfast("metrics", "--config", demo_run.config, "--json")

    found = json.loads(done.out)
    assert set(found) == set(OUTCOMES)
    for outcome in found.values():
        for judged in (outcome, *outcome["baselines"].values()):
            for name in ("auc", "average_precision", "log_loss", "brier", "ece", "lift_at_10pct"):
                assert judged[name]["low"] <= judged[name]["value"] <= judged[name]["high"]
        assert {"prevalence", "best_single_feature", "logistic_regression"} <= set(outcome["baselines"])
        assert {"idea", "other", "strength"} <= set(outcome["interplay"][0])


def test_models_are_listed_with_their_decision(demo_run: DemoRun) -> None:
    done = holdfast("models", "--config", demo_run.config, "--json")

    versions = json.loads(done.out)
    assert {version["outcome"] for version in versions} == set(OUTCOMES)
    assert all(version["aliases"] == ["champion"] and version["version"] == 1 for version in versions)


def test_an_account_is_explained_with_the_rows_behind_it(demo_run: DemoRun) -> None:
    first = pd.read_parquet(demo_run.published / "latest" / "scored_accounts.parquet").iloc[0]

    done = holdfast("explain", first["account_id"], "--config", demo_run.config)

    assert done.code == 0, done.err
    assert str(first["name"]) in done.out
    assert "Behind " in done.out
    assert done.out.count("%") > 3


def test_a_brief_of_an_account_with_the_commentary_of_a_hook(demo_run: DemoRun, tmp_path: Path) -> None:
    first = pd.read_parquet(demo_run.published / "latest" / "scored_accounts.parquet").iloc[0]
    program = "import json, sys; print(len(json.load(sys.stdin)['questions']) * 1000, 'questions')"
    hook = {"HOLDFAST_BRIEF__HOOK": json.dumps([sys.executable, "-c", program])}

    done = here("explain", first["account_id"], "--brief", "--config", demo_run.config, env=hook)

    assert done.code == 0, done.err
    assert f"{first['name']}: brief for a meeting, as of " in done.out
    for title in ("Questions to ask", "Health", "The ladder", "Moments of truth", "Open promises", "Growth"):
        assert f"\n{title}" in done.out
    assert "Customer for " in " ".join(done.out.split())
    assert "~~3000~~ questions" in done.out
    assert "hand the facts to" in done.err


def test_a_brief_without_the_features_behind_it_says_so_and_writes_a_page(demo_run: DemoRun, tmp_path: Path) -> None:
    shutil.copytree(demo_run.published, tmp_path / ".holdfast" / "published", symlinks=True)
    config = shutil.copy(demo_run.config, tmp_path)
    first = pd.read_parquet(demo_run.published / "latest" / "scored_accounts.parquet").iloc[0]["account_id"]

    brief(first, Path(config), None, tmp_path / "brief.html", as_json=False)

    page = (tmp_path / "brief.html").read_text(encoding="utf-8")
    assert "Promises, growth and the next plan: This step needs features as of" in page
    assert "Commentary" not in page
    with pytest.raises(ConfigError, match="--html and --json were both given"):
        brief(first, Path(config), None, tmp_path / "brief.html", as_json=True)
    with pytest.raises(InputError, match="cannot be written"):
        brief(first, Path(config), None, tmp_path, as_json=False)


def test_an_account_that_is_not_there_is_refused(demo_run: DemoRun) -> None:
    done = here("explain", "nobody", "--config", demo_run.config)

    assert done.code in (1, 2)
    assert "nobody" in done.err
    assert "Traceback" not in done.err


def test_the_data_report_calls_the_demo_usable(demo_run: DemoRun) -> None:
    done = holdfast("check", "--config", demo_run.config, "--json")

    report = json.loads(done.out)
    assert done.code == 0
    assert report["usable"] is True
    assert set(report["outcomes"]) == set(OUTCOMES)
    assert all("judged as of" in prospect for prospect in report["outcomes"].values())


def test_the_data_report_says_which_outcome_cannot_be_judged(demo_run: DemoRun, tmp_path: Path) -> None:
    text = demo_run.config.read_text().replace("horizon_days = 56", "horizon_days = 700", 1)
    text = text.replace('path = "data"', f'path = "{demo_run.folder / "data"}"')
    (tmp_path / "holdfast.toml").write_text(text)

    report = json.loads(here("check", "--config", tmp_path, "--json").out)

    assert "cannot be judged" in report["outcomes"]["churn"]
    assert "judged as of" in report["outcomes"]["upgrade"]


def test_reasons_lead_from_one_starting_point_to_every_score(demo_run: DemoRun) -> None:
    latest = demo_run.published / "latest"
    listed, reasons = (pd.read_parquet(latest / f"{name}.parquet") for name in ("scored_accounts", "reasons"))
    for outcome in OUTCOMES:
        mine = reasons[reasons["outcome"] == outcome]
        chance = 100 * listed.set_index("account_id")[f"{outcome}_probability"].dropna()
        starts = chance - mine.groupby("account_id")["points"].sum().reindex(chance.index)
        assert starts.max() - starts.min() < 1e-9, outcome
        assert (mine["idea"] == "(all others)").sum() == len(chance)


def test_the_page_holds_every_account_of_the_list(demo_run: DemoRun) -> None:
    rows = pd.read_parquet(demo_run.published / "latest" / "scored_accounts.parquet")
    page = (demo_run.published / "latest" / "accounts.html").read_text(encoding="utf-8")

    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])

    assert data["list"]["account_id"] == list(rows["account_id"])
    assert data["lanes"][0] == "uses"
    assert len(data["lanes"]) == 1 + len(KINDS)


def test_the_page_works_in_a_browser(demo_run: DemoRun) -> None:
    with browsing() as browser, visit(browser, demo_run.published / "latest" / "accounts.html") as page:
        page.set_viewport_size({"width": 1264, "height": 800})  # of 1280, less a bar to scroll
        assert page.evaluate("document.documentElement.scrollWidth") <= 1264
        page.select_option("#by-band", label=str(page.text_content("#by-band option >> nth=1")))
        page.fill("#find", "team")
        page.wait_for_selector("#count:has-text(' of ')")
        page.click("#accounts tbody tr a >> nth=0")
        page.click("#reasons .follow >> nth=0")
        assert page.evaluate("document.activeElement.id") == "timeline-title"
        assert page.locator("#timeline svg .use").count() == 52
        assert "All of them lead from" in str(page.text_content("#reasons"))
        assert page.locator("#standing .scores li").count() >= 12
        assert faults(page) == []
        page.go_back()
        page.wait_for_selector("#filters")


def test_the_drivers_page_sums_up_what_the_list_says(demo_run: DemoRun) -> None:
    latest = demo_run.published / "latest"
    listed, sums = pd.read_parquet(latest / "scored_accounts.parquet"), pd.read_parquet(latest / "drivers.parquet")
    expected = (listed["churn_probability"] * listed["value_at_stake"]).sum()
    whole = sums[(sums["outcome"] == "churn") & sums["segment"].isna()]

    assert abs(whole["money"].sum() - expected) < 1
    with browsing() as browser, visit(browser, latest / "drivers.html") as page:
        assert page.locator(".outcome").count() == 3
        assert page.locator(".outcome >> nth=0").locator(".bars li").count() == 10
        assert page.evaluate("document.querySelector('.outcomes').getBoundingClientRect().bottom <= innerHeight")
        assert "the first whose outcome will be certain is this list" in str(page.text_content("main"))
        assert "From a random draw:" in str(page.text_content("main"))
        assert faults(page) == []

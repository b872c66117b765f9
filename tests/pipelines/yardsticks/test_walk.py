"""A small company walked through every yardstick, once, as a person would ask for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.conftest import Done, here, holdfast

SMALL = ("--accounts", "600", "--reachable", "0", "--futures", "4", "--explained", "30", "--no-leaks")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("yardsticks")


@pytest.fixture(scope="module")
def done(folder: Path) -> Done:
    return holdfast("yardsticks", "--scenario", "software", *SMALL, "--folder", folder, "--json")


@pytest.fixture(scope="module")
def told(done: Done) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_every_outcome_is_measured_or_said_to_have_no_model(told: Any) -> None:
    assert {*told["outcomes"], *told["refused"]} == {"churn", "upgrade", "adoption"}
    assert told["failed"] == {}
    assert "churn" in told["outcomes"]


def test_the_oracle_is_calibrated_and_better_than_no_skill(told: Any) -> None:
    for name, measured in told["outcomes"].items():
        oracle = measured["accuracy"]["judged"]["oracle"]
        assert oracle["auc"]["low"] > 0.5, name
        assert oracle["log_loss"]["value"] < measured["accuracy"]["judged"]["prevalence"]["log_loss"]["value"], name


def test_reasons_are_judged_on_the_accounts_that_the_truth_explains(told: Any) -> None:
    reasons = told["outcomes"]["churn"]["faithfulness"]
    share = {way: found["true_share"]["value"] for way, found in reasons["everyone"]["measures"].items()}

    assert 0 < reasons["everyone"]["accounts"] <= 60
    assert all(value <= share["best_possible"] for value in share.values())


def test_features_tell_habit_and_not_budget(told: Any) -> None:
    hidden = told["hidden_states"]
    by_state = {row["state"]: row["r_squared"] for row in hidden["table"]}

    assert hidden["outcome"] == "churn"
    assert by_state["habit"] > 0.5 > 0.2 > by_state["budget"]


def test_progress_goes_to_standard_error_and_the_result_is_kept(done: Done, told: Any, folder: Path) -> None:
    kept = folder / "software" / ".holdfast" / "yardsticks.json"

    assert "work out the truth" in done.err
    assert json.loads(kept.read_text(encoding="utf-8")) == told


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "software").mkdir()
    (tmp_path / "software" / "thesis.txt").write_text("precious", encoding="utf-8")

    refused = holdfast("yardsticks", "--scenario", "software", *SMALL, "--folder", tmp_path)

    assert refused.code == 2
    assert "holds other files" in refused.err


def test_an_unknown_setting_ends_with_2_and_names_the_nearest() -> None:
    refused = here("yardsticks", "--scenario", "cabel")

    assert refused.code == 2
    assert "Did you mean cable?" in refused.err
    assert refused.out == ""

"""What must not be published is not: faulty data, and models without skill."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from examples import cdnow, complete_journey, ravenstack
from tests.pipelines.conftest import Done, here, holdfast

TABLES = {
    "accounts": """
        account_id,signed_up_at
        A1,2025-01-01
        A2,2025-01-01
        A2,2025-01-01
        ,2025-01-01
    """,
    "subscriptions": """
        subscription_id,account_id,plan,started_at,ended_at,mrr
        S1,A1,basic,2025-01-02,2024-12-01,10
        S2,A9,basic,2025-01-02,,10
        S3,A1,basic,2025-01-02,,inf
    """,
    "consumption": """
        account_id,occurred_at,status
        A1,2025-02-01,ok
        A1,2025-02-02,fine
        A1,2199-01-01,ok
        A1,someday,ok
    """,
}
RULES = (
    "duplicate_key",
    "null_key",
    "end_before_start",
    "unknown_account",
    "infinity",
    "unknown_value",
    "future_instant",
    "wrong_type",
)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for name, text in TABLES.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        (tmp_path / "data" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "holdfast.toml").write_text('[outcomes.churn]\nkind = "subscription_end"\n', encoding="utf-8")
    return tmp_path


def test_faulty_data_ends_with_2_names_every_fault_and_publishes_nothing(faulty: Path) -> None:
    done = holdfast("run", "--config", faulty)

    assert done.code == 2
    assert done.out == ""
    for rule in RULES:
        assert f"[{rule}]" in done.err, rule
    assert "A9" in done.err
    assert "Traceback" not in done.err
    assert not (faulty / ".holdfast" / "published").exists()


def test_check_tells_of_one_fault_and_of_columns_that_could_be_used(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    accounts, use = "account_id,signed_up_at,colour\na,2024-01-01,red\n", "account_id,occurred_at\nb,2024-02-01\n"
    (tmp_path / "data" / "accounts.csv").write_text(accounts, encoding="utf-8")
    (tmp_path / "data" / "consumption.csv").write_text(use, encoding="utf-8")
    (tmp_path / "holdfast.toml").write_text("", encoding="utf-8")

    done = here("check", "--config", tmp_path)

    assert done.code == 2
    assert "1 fault keeps the data from being used" in done.err
    assert "are ignored: colour; `attributes` in [data.tables.accounts] makes features of them" in done.out


def test_check_reports_the_same_faults(faulty: Path) -> None:
    done = here("check", "--config", faulty, "--json")

    report = json.loads(done.out)
    assert done.code == 2
    assert report["usable"] is False
    assert {fault["rule"] for fault in report["faults"]} == set(RULES)
    assert all(fault["remedy"] for fault in report["faults"])


def test_a_missing_table_and_a_missing_column_are_structure(faulty: Path) -> None:
    (faulty / "data" / "accounts.csv").write_text("account_id\nA1\n", encoding="utf-8")
    allowed = [word for rule in RULES for word in ("--allow", rule)]

    done = holdfast("features", "--config", faulty, *allowed)

    assert done.code == 2
    assert "accounts.signed_up_at" in done.err


def run_on(folder: Path) -> Done:
    return holdfast("run", "--config", folder)


def auc_and_precision(folder: Path, outcome: str) -> tuple[float, float]:
    found = json.loads(here("metrics", "--config", folder, "--json").out)[outcome]
    return found["auc"]["value"], found["average_precision"]["value"]


@pytest.mark.real_data
def test_cdnow_clears_the_untuned_figure(real_data: Callable[[str], Path], tmp_path: Path) -> None:
    cdnow.prepare(real_data("cdnow"), tmp_path)

    done = run_on(tmp_path)

    assert done.code == 0, done.err
    assert auc_and_precision(tmp_path, "churn")[0] > 0.765
    published = pd.read_parquet(tmp_path / ".holdfast" / "published" / "latest" / "scored_accounts.parquet")
    assert "upgrade_probability" not in published
    assert published["churn_probability"].between(0, 1).all()


@pytest.mark.real_data
def test_complete_journey_clears_the_untuned_figures(real_data: Callable[[str], Path], tmp_path: Path) -> None:
    complete_journey.prepare(real_data("complete_journey"), tmp_path)

    done = run_on(tmp_path)

    assert done.code == 0, done.err
    auc, precision = auc_and_precision(tmp_path, "adoption")
    assert auc > 0.756
    assert precision > 0.318


@pytest.mark.real_data
def test_ravenstack_is_warned_about_and_refused(real_data: Callable[[str], Path], tmp_path: Path) -> None:
    ravenstack.prepare(real_data("ravenstack"), tmp_path)

    report = json.loads(here("check", "--config", tmp_path, "--json").out)
    done = run_on(tmp_path)

    assert {warning["rule"] for warning in report["warnings"]} >= {
        "before_signup",
        "outside_subscription",
        "overlapping_subscriptions",
    }
    assert done.code == 1, done.err
    assert "Leaves (churn): Refused" in done.err
    assert "Nothing was published" in done.err
    assert not (tmp_path / ".holdfast" / "published").exists()

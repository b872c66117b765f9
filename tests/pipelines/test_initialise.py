"""`holdfast init`: what it makes of the files that it finds."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from features.errors import ConfigError
from pipelines.initialise import config_text
from pipelines.settings import load_settings


def files(folder: Path, **headers: str) -> Path:
    for name, header in headers.items():
        (folder / f"{name}.csv").write_text(header + "\n", encoding="utf-8")
    return folder


def test_files_that_bear_the_contracts_names_need_no_entry(tmp_path: Path) -> None:
    text, matches = config_text(files(tmp_path, accounts="account_id,signed_up_at"))

    assert "tables" not in tomllib.loads(text).get("data", {})
    assert [match.table for match in matches] == ["accounts"]


def test_other_names_are_recognised_and_renamed(tmp_path: Path) -> None:
    folder = files(
        tmp_path,
        customers="customer_id,created_at,name",
        usage_events="customer_id,timestamp,feature_name,amount",
    )

    text, _ = config_text(folder)

    tables = tomllib.loads(text)["data"]["tables"]
    assert tables["accounts"] == {
        "file": "customers.csv",
        "columns": {"account_id": "customer_id", "signed_up_at": "created_at"},
    }
    assert tables["consumption"] == {
        "file": "usage_events.csv",
        "columns": {
            "account_id": "customer_id",
            "occurred_at": "timestamp",
            "product": "feature_name",
            "value": "amount",
        },
    }


def test_what_is_still_missing_is_said(tmp_path: Path) -> None:
    text, matches = config_text(files(tmp_path, contracts="customer_id,started"))

    assert matches[0].missing == ("plan", "started_at")
    assert "still to be named in `columns`: plan, started_at" in text


def test_the_outcomes_follow_from_the_tables(tmp_path: Path) -> None:
    bought = tomllib.loads(config_text(files(tmp_path, accounts="account_id", orders="account_id"))[0])

    assert bought["outcomes"] == {"churn": {"kind": "inactivity"}}

    subscribed = tomllib.loads(config_text(files(tmp_path, subscriptions="a", plans="b", products="c"))[0])

    assert subscribed["outcomes"] == {
        "churn": {"kind": "subscription_end"},
        "upgrade": {"kind": "tier_up"},
        "adoption": {"kind": "product_adopted"},
    }


def test_what_it_writes_can_be_loaded(tmp_path: Path) -> None:
    text, _ = config_text(files(tmp_path, accounts="account_id,signed_up_at", orders="customer,ts"))
    (tmp_path / "holdfast.toml").write_text(text, encoding="utf-8")

    assert load_settings(tmp_path).data.tables["consumption"].columns == {"account_id": "customer", "occurred_at": "ts"}


def test_an_empty_folder_and_strange_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no Parquet or CSV file"):
        config_text(tmp_path)

    with pytest.raises(ConfigError, match=r"zebra\.csv"):
        config_text(files(tmp_path, zebra="stripes"))

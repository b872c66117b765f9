"""Attributes that nothing dates, and that know what became of an account."""

from __future__ import annotations

import pandas as pd
import pytest

from features.hindsight import hindsight
from features.reading import tables_from_frames
from features.tables import Tables

ACCOUNTS = [f"a{number:03}" for number in range(200)]
LEFT = [number % 5 == 0 for number in range(200)]


def company(**attributes: list[object]) -> Tables:
    """Two hundred accounts with those columns, and a little use."""
    signed_up = pd.Timestamp(2024, 1, 1)
    accounts = pd.DataFrame({"account_id": ACCOUNTS, "signed_up_at": signed_up, **attributes})
    use = pd.DataFrame({"account_id": ACCOUNTS, "occurred_at": signed_up})
    return tables_from_frames({"accounts": accounts, "consumption": use}, check=False)


@pytest.fixture
def labels() -> pd.DataFrame:
    """A fifth of the accounts left, asked about at two as_of."""
    frames = [
        pd.DataFrame({"account_id": ACCOUNTS, "as_of": pd.Timestamp(2024, month, 1), "label": LEFT}) for month in (2, 3)
    ]
    return pd.concat(frames).astype({"label": "float64"})


def test_a_status_written_afterwards_is_caught(labels: pd.DataFrame) -> None:
    status = ["gone" if left or number % 17 == 0 else "open" for number, left in enumerate(LEFT)]
    (finding,) = hindsight(company(segment=status, region=["north", "south"] * 100), labels)
    assert (finding.guard, finding.place) == ("hindsight", "accounts.segment")
    assert finding.figure > 0.9
    assert "has no versions" in finding.message


def test_what_describes_an_account_passes(labels: pd.DataFrame) -> None:
    size = ["small" if number % 3 else "large" for number in range(200)]
    assert hindsight(company(size=size, name=[f"name {a}" for a in ACCOUNTS]), labels) == ()


def test_a_static_attribute_is_judged_as_well(labels: pd.DataFrame) -> None:
    (finding,) = hindsight(company(region=[str(left) for left in LEFT]), labels, frozenset({"region"}))
    assert "is declared static" in finding.message


def test_with_too_few_of_a_class_nothing_is_said(labels: pd.DataFrame) -> None:
    few = labels[labels["label"].eq(0) | labels["account_id"].lt("a030")]
    assert hindsight(company(region=[str(left) for left in LEFT]), few) == ()

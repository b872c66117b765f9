"""Attributes that nothing dates, and that know what became of an account."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from features.guards.hindsight import hindsight
from features.reading.opening import tables_from_frames
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
    declared = replace(company(region=[str(left) for left in LEFT]), static=frozenset({"region"}))
    (finding,) = hindsight(declared, labels)
    assert "is declared static" in finding.message


def test_with_too_few_of_a_class_nothing_is_said(labels: pd.DataFrame) -> None:
    few = labels[labels["label"].eq(0) | labels["account_id"].lt("a030")]
    assert hindsight(company(region=[str(left) for left in LEFT]), few) == ()


def test_what_an_account_did_may_tell_more_than_what_describes_it(labels: pd.DataFrame) -> None:
    """An AUC of 0.85: too much for a description, and allowed of what its owner declares to have been known."""
    spent = ["little" if (number % 4 if left else number % 23 == 0) else "much" for number, left in enumerate(LEFT)]
    (finding,) = hindsight(company(size=spent), labels)
    assert 0.8 <= finding.figure < 0.95
    declared = replace(company(size=spent), static=frozenset({"size"}))
    assert hindsight(declared, labels) == ()


def test_values_that_mark_some_of_those_who_left_are_caught(labels: pd.DataFrame) -> None:
    """A reason for leaving, noted for half of them."""
    reason = ["price" if left and number % 2 else None for number, left in enumerate(LEFT)]
    (finding,) = hindsight(replace(company(size=reason), static=frozenset({"size"})), labels)
    assert finding.figure == 1.0
    assert "50% of the rarer class bear values at which 100% of all belong to it" in finding.seen


def test_what_is_written_on_leaving_is_told_by_the_last_days(labels: pd.DataFrame) -> None:
    """A status stands beside the old rows of customers who stayed for now; at the end, only beside who leaves."""
    days = pd.date_range("2024-01-01", periods=6, freq="MS")
    leaves = {account: number % 6 for number, account in enumerate(ACCOUNTS) if number % 2}
    rows = [
        {"account_id": account, "as_of": day, "label": float(leaves.get(account) == month)}
        for month, day in enumerate(days)
        for account in ACCOUNTS
        if leaves.get(account, 6) >= month
    ]
    status = ["gone" if account in leaves else "open" for account in ACCOUNTS]
    (finding,) = hindsight(replace(company(size=status), static=frozenset({"size"})), pd.DataFrame(rows))
    assert finding.figure >= 0.95

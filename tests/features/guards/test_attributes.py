"""The guards of attributes that look at names, at growth and at repetition: what each catches, and what passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from features.guards.names import called_after, telling_names
from features.guards.repeats import second_ids
from features.guards.running import running_totals
from features.reading.opening import tables_from_frames
from features.tables import Tables

COUNT = 400
ACCOUNTS = [f"a{number:03}" for number in range(COUNT)]
LEFT = np.arange(COUNT) % 5 == 0
RANDOM = np.random.default_rng(3)
SIGNED_UP = pd.Timestamp(2022, 1, 1) + pd.to_timedelta(RANDOM.permutation(COUNT) * 2, unit="D")


def company(ended: list[object] | None = None, **attributes: object) -> Tables:
    """Four hundred accounts that signed up over two years, with those columns and a subscription each."""
    accounts = pd.DataFrame({"account_id": ACCOUNTS, "signed_up_at": SIGNED_UP, **attributes})
    terms = pd.DataFrame({"account_id": ACCOUNTS, "plan": "one", "started_at": SIGNED_UP})
    terms["ended_at"] = pd.to_datetime(pd.Series(ended)) if ended else pd.NaT
    named = {"accounts": accounts, "subscriptions": terms}
    return tables_from_frames(named, end=date(2024, 6, 1), check=False)


LABELS = pd.DataFrame({"account_id": ACCOUNTS, "as_of": pd.Timestamp(2024, 5, 1), "label": LEFT.astype("float64")})


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("churn_score", "the outcome"),
        ("ChurnReason", "the outcome"),
        ("Attrition_Flag", "the outcome"),
        ("EndDate", "the outcome"),
        ("reason_for_leaving", "the outcome"),
        ("closed_at", "the outcome"),
        ("CLTV", "a model's answer"),
        ("customer lifetime value", "a model's answer"),
        ("naive_bayes_1", "a model's answer"),
        ("propensity", "a model's answer"),
        ("predictedUsage", "a model's answer"),
        ("satisfaction_score", ""),
        ("credit_score", ""),
        ("weekend_calls", ""),
        ("cancelled_orders", ""),
        ("days_left", ""),
        ("region", ""),
    ],
)
def test_a_name_says_what_a_column_is_called_after(name: str, after: str) -> None:
    assert called_after(name) == after


def named(tables: Tables, old: str, new: str) -> Tables:
    """The company with a column of the contract under another name: frames bring no attributes of their own."""
    return replace(tables, tables={**tables.tables, "accounts": tables["accounts"].rename({new: old})})


def test_a_name_is_held_against_a_column_that_tells_a_little() -> None:
    value = [str(int(number % 2 if left else number % 25 > 2)) for number, left in enumerate(LEFT)]
    tables = named(company(segment=value, region=value), "segment", "cltv")
    (finding,) = telling_names(tables, {"churn": LABELS})
    assert (finding.guard, finding.place) == ("name", "accounts.cltv")
    assert 0.6 < finding.figure < 0.9
    assert "is called after a model's answer, and tells outcomes beyond chance" in finding.seen


def test_a_name_alone_does_no_harm_where_the_column_tells_nothing() -> None:
    tables = named(company(segment=list(RANDOM.choice(["x", "y"], COUNT))), "segment", "cltv")
    assert telling_names(tables, {"churn": LABELS}) == ()


def test_without_labels_the_name_decides() -> None:
    tables = named(company(segment=list(RANDOM.choice(["x", "y"], COUNT))), "segment", "churn_reason")
    (finding,) = telling_names(tables, {})
    assert (finding.place, finding.figure) == ("accounts.churn_reason", 0.0)


def numeric(tables: Tables, values: np.ndarray) -> Tables:
    """The company with a number an account, as an attribute would be."""
    brought = ibis.memtable(pd.DataFrame({"account_id": ACCOUNTS, "paid": values}))
    accounts = tables["accounts"].left_join(brought, "account_id").drop("account_id_right")
    return replace(tables, tables={**tables.tables, "accounts": accounts})


AGE = (pd.Timestamp(2024, 6, 1) - SIGNED_UP).days.to_numpy()


def test_what_was_paid_so_far_is_a_total_that_runs_on() -> None:
    monthly = RANDOM.uniform(50, 100, COUNT)
    (finding,) = running_totals(numeric(company(), monthly * AGE / 30))
    assert (finding.guard, finding.place) == ("running total", "accounts.paid")
    assert 0.8 <= finding.figure < 1


def test_a_total_stops_when_its_account_leaves() -> None:
    """Those who left after a month paid for one, however long ago they signed up."""
    ended = [day + pd.Timedelta(days=30) if left else None for day, left in zip(SIGNED_UP, LEFT, strict=True)]
    (finding,) = running_totals(numeric(company(ended), np.where(LEFT, 30, AGE) * 1.0))
    assert finding.figure == pytest.approx(1.0)


@pytest.mark.parametrize(
    "values",
    [RANDOM.uniform(20, 100, COUNT), np.argsort(np.argsort(SIGNED_UP.to_numpy())) * 1.0, np.full(COUNT, 7.0)],
    ids=["a monthly price", "a running number of customers", "one number for all"],
)
def test_what_does_not_grow_with_an_account_passes(values: np.ndarray) -> None:
    assert running_totals(numeric(company(), values)) == ()


def attributes(rows: int) -> dict[str, list[str]]:
    """Six columns of ten values each: a million combinations."""
    return {
        name: [str(value) for value in RANDOM.integers(0, 10, rows)]
        for name in ("name", "owner", "segment", "region", "industry", "size")
    }


def test_customers_under_second_ids_are_caught() -> None:
    columns = attributes(COUNT)
    again = {name: [*values[:380], *values[:20]] for name, values in columns.items()}
    (finding,) = second_ids(company(**again))
    assert (finding.guard, finding.place, finding.figure) == ("second ids", "accounts", 40 / 400)
    assert "a000 and a380" in finding.seen


def test_accounts_that_differ_pass() -> None:
    assert second_ids(company(**attributes(COUNT))) == ()


def test_a_region_and_a_size_are_shared_by_many() -> None:
    columns = attributes(COUNT)
    assert second_ids(company(region=columns["region"], size=columns["size"])) == ()


def test_a_company_without_attributes_has_none_to_repeat() -> None:
    assert second_ids(company()) == ()
    assert running_totals(company()) == ()
    assert telling_names(company(), {"churn": LABELS}) == ()

"""Evidence: the rows behind a value, as they were known, and none that add nothing to it."""

from __future__ import annotations

import random
from datetime import date

import ibis
import pandas as pd

from features.accounts.evidence import evidence
from features.building.builder import build
from features.events import events_of
from features.feature import EventSource, Feature, Measure, Value
from features.library.catalogue import CATALOGUE, available
from tests.features.companies import Company, rows_of
from tests.text_tables import text_tables

AS_OF = date(2024, 3, 1)
TABLES = text_tables(
    end=date(2024, 4, 1),
    accounts="""
        account_id | signed_up_at
        a1         | 2024-01-01
        a2         | 2024-01-01
    """,
    consumption="""
        account_id | occurred_at      | recorded_at | product | user_id | status
        a1         | 2024-01-01 12:00 |             | mail    | u1      | error
        a1         | 2024-02-10 12:00 |             | mail    | u1      | ok
        a1         | 2024-02-20 12:00 |             | mail    | u2      | error
        a1         | 2024-02-21 12:00 | 2024-03-01  | mail    | u2      | error
        a1         | 2024-02-25 12:00 |             | chat    |         | error
        a1         | 2024-03-01 00:00 |             | mail    | u1      | error
        a2         | 2024-02-20 12:00 |             | mail    | u9      | error
    """,
    subscriptions="""
        subscription_id | account_id | plan | started_at | cancelled_at | ended_at   | mrr
        s1              | a1         | pro  | 2024-01-01 | 2024-02-10   | 2024-03-15 | 10
        s2              | a1         | pro  | 2024-02-01 | 2024-03-02   | 2024-03-20 | 20
        s3              | a1         | pro  | 2024-03-05 |              |            | 40
        s4              | a1         | pro  | 2024-01-02 |              | 2024-03-18 | 80
    """,
    tickets="""
        ticket_id | account_id | opened_at  | resolved_at | reopened
        t1        | a1         | 2024-02-01 | 2024-02-05  | true
        t2        | a1         | 2024-02-02 | 2024-03-05  | true
    """,
)
USE = EventSource(
    "use",
    lambda tables: events_of(tables, "consumption"),
    (Measure("events", lambda _: ibis.literal(1)), Measure("errors", lambda rows: rows.status == "error")),
    "consumption",
    entities=("user_id",),
)
PAIR = EventSource("pair", USE.rows, USE.measures, "consumption", keys=("account_id", "product"))
OWN = {"use": USE, "pair": PAIR}
NAMED = {feature.name: feature for feature in CATALOGUE}


def days(value: Value, **asked: object) -> list[str]:
    feature = Feature("f", value, "count", "", "consumption", "service", "")
    found = evidence(TABLES, feature, "a1", AS_OF, sources=OWN, **asked)  # type: ignore[arg-type]
    return [f"{day:%m-%d}" for day in found["day"]]


def test_evidence_is_what_was_visible_in_the_window_newest_first() -> None:
    assert days(USE.total("events", 28)) == ["02-25", "02-20", "02-10"]
    assert days(USE.total("events", 10, lag=10)) == ["02-10"]
    assert days(USE.total("days", None)) == ["02-25", "02-20", "02-10", "01-01"]
    assert days(USE.total("events", 28), limit=1) == ["02-25"]


def test_rows_that_add_nothing_are_left_out() -> None:
    assert days(USE.total("errors", 28)) == ["02-25", "02-20"]
    assert days(USE.recency("errors")) == ["02-25", "02-20", "01-01"]
    assert days(USE.distinct("user_id", 28)) == ["02-20", "02-10"]
    assert days(USE.total("errors", 28) / USE.total("events", 28)) == ["02-25", "02-20", "02-10"]
    assert days(PAIR.total("events", 28), product="mail") == ["02-20", "02-10"]


def test_what_was_filled_in_later_is_blank() -> None:
    terms = evidence(TABLES, NAMED["recurring_revenue"], "a1", AS_OF).set_index("subscription_id")
    assert sorted(terms.index) == ["s1", "s2", "s4"]
    assert terms.at["s1", "ended_at"] == pd.Timestamp("2024-03-15")  # notice was given before
    assert terms.loc[["s2", "s4"], ["ended_at", "cancelled_at"]].isna().all(axis=None)
    opened = evidence(TABLES, NAMED["tickets_open"], "a1", AS_OF)
    late = opened.set_index("ticket_id").loc["t2"]
    assert late[["resolved_at", "reopened"]].isna().all()
    assert opened["ticket_id"].value_counts().to_dict() == {"t1": 2, "t2": 1}


def test_of_what_others_did_the_counts_are_shown() -> None:
    names = [f"a{number}" for number in range(1, 8)]
    tables = text_tables(
        end=date(2024, 4, 1),
        accounts="account_id | signed_up_at | segment | valid_from\n"
        + "\n".join(f"{name} | 2023-01-01 | small | 2023-01-01" for name in names),
        subscriptions="account_id | plan | started_at | ended_at\n"
        + "\n".join(f"{name} | pro | 2023-01-01 | {'2024-02-10' if name == 'a7' else ''}" for name in names),
    )
    (row,) = evidence(tables, NAMED["segment_left_91d"], "a1", AS_OF).to_dict("records")
    assert (row["source"], row["account_id"], row["others"], row["left"]) == ("segment_ways", "a1", 6, 1)


def test_the_rows_add_up_to_the_value() -> None:
    cohort = pd.DataFrame({"account_id": ["a1"], "as_of": pd.to_datetime([AS_OF])})
    errors = Feature("errors", USE.total("errors", 28), "count", "", "consumption", "service", "")
    built = build(TABLES, cohort, [errors], OWN)
    assert built["errors"].tolist() == [len(evidence(TABLES, errors, "a1", AS_OF, sources=OWN))]


def test_nothing_behind_a_value_is_no_rows_with_the_same_columns() -> None:
    some = evidence(TABLES, NAMED["events_28d"], "a1", AS_OF)
    none = evidence(TABLES, NAMED["events_28d"], "nobody", AS_OF)
    assert none.empty
    assert list(none.columns) == list(some.columns)
    assert {"source", "day", "occurred_at", "product"} <= set(some.columns)


def test_every_kind_of_feature_has_evidence() -> None:
    tables = Company(rows_of(random.Random(3)), "UTC").tables()
    for feature in available(tables)[::7]:
        found = evidence(tables, feature, "a1", AS_OF, limit=3, product="product1")
        assert list(found.columns[:2]) == ["source", "day"], feature.name
        assert len(found) <= 3

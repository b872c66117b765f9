"""The guard that edits the future: silent where features keep to the past, and precise where one does not."""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import replace

import pandas as pd
import pytest

from features.errors import TimeError
from features.events import events_of
from features.feature import Aggregate, Feature, Source, StateSource
from features.guards.edits import Future
from features.guards.finding import Finding
from features.guards.future import future_leaks
from features.guards.undated import undated_attributes
from features.library.catalogue import SOURCES, available
from features.tables import Tables
from tests.features.companies import AS_OF, END, Company, rows_of
from tests.features.test_edit_the_future import HONEST, LEAKY

WITH_EVERYTHING = Company(rows_of(random.Random(3)), "UTC")
LATE = dict.fromkeys(("subscriptions", "tickets", "milestones", "accessories", "offers"), 1000.0)
"""Six weeks: of every table something is known only after the as_of."""


@pytest.fixture(scope="module")
def tables() -> Tables:
    return WITH_EVERYTHING.tables()


@pytest.fixture(scope="module")
def late_tables() -> Tables:
    return replace(WITH_EVERYTHING, delay_hours=LATE).tables()


def found(tables: Tables, source: Source) -> tuple[Finding, ...]:
    value = source.state(source.states[0].name) if isinstance(source, StateSource) else source.total("days", None)
    feature = Feature("watched", value, "count", "", "trust", "service", "")
    return future_leaks(tables, AS_OF, [feature], {source.name: source})


def test_it_is_silent_about_every_feature_of_the_catalogue(tables: Tables) -> None:
    assert future_leaks(tables, AS_OF, available(tables), SOURCES) == ()


def test_nor_does_it_find_any_where_tables_arrive_late(late_tables: Tables) -> None:
    assert future_leaks(late_tables, AS_OF, available(late_tables), SOURCES) == ()


def test_it_catches_a_source_that_forgets_that_a_table_arrives_late(tables: Tables, late_tables: Tables) -> None:
    assert found(tables, LEAKY[3]) == ()
    assert {leak.place for leak in found(late_tables, LEAKY[3])} == {"accessories.detached_at"}


def test_it_is_silent_about_a_source_that_keeps_to_the_past(tables: Tables) -> None:
    assert found(tables, HONEST) == ()


@pytest.mark.parametrize(
    ("source", "places"),
    [
        (LEAKY[0], {"tickets.resolved_at"}),
        (LEAKY[1], {"consumption", "consumption.account_id", "consumption.occurred_at"}),
        (LEAKY[2], {"subscriptions"}),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else "",
)
def test_it_names_the_table_the_column_and_the_feature(tables: Tables, source: Source, places: set[str]) -> None:
    leaks = found(tables, source)
    assert {leak.place for leak in leaks} == places
    assert all("watched changed" in leak.message and 0 < leak.figure <= 1 for leak in leaks)


def test_an_attribute_that_nothing_dates_is_not_known_unless_declared_static(tables: Tables) -> None:
    region = StateSource(
        "region",
        lambda tables, cohort: cohort.join(events_of(tables, "accounts", "signed_up_at"), "account_id"),
        (Aggregate("letter", lambda rows: (rows["region"] == "x").cast("int64").max()),),
        table="accounts",
    )
    assert "accounts.region" in {leak.place for leak in found(tables, region)}
    assert "accounts.region" not in {
        leak.place for leak in found(replace(tables, static=frozenset({"region"})), region)
    }


def test_versions_that_differ_date_an_attribute() -> None:
    first = WITH_EVERYTHING.rows["accounts"][0]
    versions = [
        {**first, "event_id": None, "region": "north", "valid_from": pd.Timestamp(2024, 2, 1)},
        {**first, "event_id": None, "region": "south", "valid_from": pd.Timestamp(2024, 3, 1)},
    ]
    company = replace(WITH_EVERYTHING, rows={**WITH_EVERYTHING.rows, "accounts": versions})
    undated = undated_attributes(company.tables())
    assert "region" not in undated
    assert "segment" in undated


@pytest.mark.parametrize("table", ["subscriptions", "consumption", "tickets", "offers", "milestones", "plans"])
def test_what_was_known_stays_and_what_was_not_does_not(tables: Tables, table: str) -> None:
    tables = replace(tables, static=frozenset(undated_attributes(tables)))
    with ExitStack() as until:
        future = Future(tables, AS_OF, until)
        parts = future.parts(table)
        before, after = (t[table].to_pandas() for t in (tables, future.otherwise(parts, until)))
    day = "known_at" if "known_at" in before else "released_at"
    late = {"ended_at", "cancelled_at", "resolved_at", "reopened", "responded_at", "accepted", "reached_at"}
    columns = [column for column in before if column not in late]
    begins = pd.Timestamp(tables.calendar.instant(AS_OF))
    old, new = (
        frame.loc[~(frame[day] >= begins), columns].astype("str").fillna("").sort_values(columns, ignore_index=True)
        for frame in (before, after)
    )
    pd.testing.assert_frame_equal(old, new)
    old, new = (frame.loc[frame[day] >= begins, columns].astype("str").fillna("") for frame in (before, after))
    assert len(old) > 0
    assert set(old.itertuples(index=False)) - set(new.itertuples(index=False))
    for column in late & set(before):
        assert sorted(before[column].astype("str").fillna("")) != sorted(after[column].astype("str").fillna("")), column


def test_where_nothing_lies_ahead_it_says_so(tables: Tables) -> None:
    with pytest.raises(TimeError, match="no table has a row or a value that was not known"):
        future_leaks(tables, END, available(tables), SOURCES)

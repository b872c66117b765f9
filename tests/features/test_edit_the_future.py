"""The past does not change when the future is edited: every feature, over every table of the contract."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import product

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.builder import build
from features.catalogue import CATALOGUE, SOURCES, available
from features.contract import CONTRACT, instants_of
from features.events import events_of
from features.feature import Aggregate, EventSource, Feature, Source, StateSource
from features.tables import Tables
from tests.features.companies import AS_OF, POOLS, Company, companies, other_future, rows_of

SOME = settings(
    max_examples=3,
    phases=[Phase.generate],  # a company comes of one seed: there is nothing to shrink
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SEEDS = st.integers(0, 2**32 - 1)


def everybody(as_ofs: Sequence[date]) -> pd.DataFrame:
    """Every account with every product at every as_of."""
    rows = product(POOLS["account_id"], POOLS["product"], as_ofs)
    frame = pd.DataFrame(rows, columns=["account_id", "product", "as_of"])
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).astype("datetime64[us]"))


def built(tables: Tables, features: Sequence[Feature], sources: Mapping[str, Source] = SOURCES) -> pd.DataFrame:
    """The features at the as_of and at one four weeks before."""
    return build(tables, everybody((AS_OF - timedelta(days=28), AS_OF)), features, sources)


def differing(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """The columns of two frames that are not the same to the bit."""
    assert list(one.columns) == list(other.columns)
    pairs = {name: (one[name].to_numpy(), other[name].to_numpy()) for name in one.columns[3:]}
    return [name for name, (a, b) in pairs.items() if not np.array_equal(a.view(np.int64), b.view(np.int64))]


def test_no_feature_changes_when_the_future_does() -> None:
    varied: set[str] = set()

    @given(companies(), SEEDS)
    @SOME
    def hold(company: Company, seed: int) -> None:
        tables = company.tables()
        features = available(tables)
        past = built(tables, features)
        again = built(other_future(company, seed).tables(shuffle=seed % 1000), features)
        assert differing(past, again) == []
        varied.update(name for name in past.columns[3:] if past[name].nunique(dropna=False) > 1)

    hold()
    # A feature that is the same for everybody in every company would never be caught.
    assert [feature.name for feature in CATALOGUE if feature.name not in varied] == []


def test_another_future_leaves_no_table_as_it_was() -> None:
    company = Company(rows_of(random.Random(3)), "UTC")
    other = other_future(company, 5)
    for table in CONTRACT:
        known = [row for row in company.rows[table] if (company.known_day(table, row) or date.min) < AS_OF]
        assert other.rows[table] != company.rows[table], table
        assert 0 < len(known) < len(company.rows[table]), table
        for column in instants_of(table, "late"):
            seen = [row[column] for row in known], [row[column] for row in other.rows[table][: len(known)]]
            assert seen[0] != seen[1], (table, column)


def _resolved_whenever(tables: Tables) -> ir.Table:
    """Leaks: counts a resolution on the day of the opening, before anybody can have seen it."""
    rows = events_of(tables, "tickets", "opened_at")
    return rows.filter(rows.resolved_at.notnull())


def _never_late(tables: Tables) -> ir.Table:
    """Leaks: uses an event from its own day on, although it was recorded later."""
    rows = events_of(tables, "consumption")
    return rows.mutate(known_day=rows.day)


def _in_the_end(tables: Tables, cohort: ir.Table) -> ir.Table:
    """Leaks: joins what is there today, whatever the as_of."""
    return cohort.join(events_of(tables, "subscriptions", "started_at"), "account_id")


LEAKY = (
    EventSource("tickets", _resolved_whenever, (), "tickets"),
    EventSource("consumption", _never_late, (), "consumption"),
    StateSource("terms", _in_the_end, (Aggregate("held", lambda rows: rows.count()),), "subscriptions"),
)
HONEST = EventSource("honest", lambda tables: events_of(tables, "interactions"), (), "interactions")


def test_a_source_that_sees_the_future_is_caught() -> None:
    sources: dict[str, Source] = {source.name: source for source in (*LEAKY, HONEST)}
    values = {
        name: source.state("held") if isinstance(source, StateSource) else source.total("days", None)
        for name, source in sources.items()
    }
    features = [Feature(name, value, "count", "", "trust", "service", "") for name, value in values.items()]
    company = Company(rows_of(random.Random(3)), "UTC")
    past = built(company.tables(), features, sources)
    assert differing(past, built(other_future(company, 5).tables(), features, sources)) == [
        "tickets",
        "consumption",
        "terms",
    ]

"""The past does not change when the future is edited: every feature, over every table of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeAlias

import ibis.expr.types as ir
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from features.building.builder import build
from features.contract import CONTRACT, columns_of, fact_of, instants_of
from features.events import events_of
from features.feature import Aggregate, EventSource, Feature, Source, StateSource
from features.library.catalogue import CATALOGUE, SOURCES, available
from features.tables import Tables
from tests.features.agreement import Question
from tests.features.companies import AS_OF, POOLS, Company
from tests.features.corner_companies import ACCOUNTS, ZONES, corner_companies, corner_company
from tests.features.futures import is_unknown, other_future

SOME = settings(
    max_examples=1,
    phases=[Phase.explicit],  # a company comes of one seed: there is nothing to shrink
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SEEDS = st.integers(0, 2**32 - 1)
EVERYBODY = Question(ACCOUNTS, POOLS["product"], (AS_OF - timedelta(days=28), AS_OF))
Doubles: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"


def built(tables: Tables, features: Sequence[Feature], sources: Mapping[str, Source] = SOURCES) -> dict[str, Doubles]:
    """Every feature's values for everybody, at the as_of and at one four weeks before."""
    values: dict[str, Doubles] = {}
    for about in ("account", "pair"):
        chosen = [feature for feature in features if feature.about == about]
        frame = build(tables, EVERYBODY.cohort(about), chosen, sources)
        values |= {feature.name: frame[feature.name].to_numpy() for feature in chosen}
    return values


def differing(one: Mapping[str, Doubles], other: Mapping[str, Doubles]) -> list[str]:
    """The features whose values are not the same to the bit."""
    assert list(one) == list(other)
    return [name for name in one if not np.array_equal(one[name].view(np.int64), other[name].view(np.int64))]


def test_no_feature_changes_when_the_future_does() -> None:
    varied: set[str] = set()

    # In one of these two each feature differs from account to account; the second is asked for those only that are
    # the same for everybody in the first.
    @example(corner_company(1), 1)
    @example(corner_company(3), 3)
    @given(corner_companies(), SEEDS)
    @SOME
    def hold(company: Company, seed: int) -> None:
        tables = company.tables()
        features = [feature for feature in available(tables) if feature.name not in varied]
        past = built(tables, features)
        again = built(other_future(company, seed).tables(shuffle=seed % 1000), features)
        assert differing(past, again) == []
        varied.update(name for name, values in past.items() if len(np.unique(values)) > 1)

    hold()
    # A feature that is the same for everybody in every company would never be caught.
    assert [feature.name for feature in CATALOGUE if feature.name not in varied] == []


def test_nor_does_any_in_a_further_company_or_as_many_as_are_asked_for(request: pytest.FixtureRequest) -> None:
    """`--companies 20`; each takes about twelve seconds. In other time zones, some lack columns."""
    for seed in range(10, 10 + (request.config.getoption("--companies") or 1)):
        company = corner_company(seed, ZONES[seed % len(ZONES)], lacks=0.1 * (seed % 2))
        tables = company.tables()
        past = built(tables, available(tables))
        assert differing(past, built(other_future(company, seed).tables(shuffle=seed), available(tables))) == [], (
            company
        )


def test_another_future_leaves_no_table_as_it_was() -> None:
    company = corner_company(3)
    others = [other_future(company, seed) for seed in range(6)]
    for table in CONTRACT:
        unknown = [row for row in company.rows[table] if is_unknown(company, table, row, AS_OF)]
        again = [[row for row in other.rows[table] if is_unknown(other, table, row, AS_OF)] for other in others]
        assert any(row in rows for rows in again for row in unknown), f"no row of {table} is left"
        assert any(row not in rows for rows in again for row in unknown), f"no row of {table} is deleted or altered"
        assert any(row not in unknown for rows in again for row in rows), f"no row of {table} is altered or new"


def test_another_future_alters_of_known_rows_what_is_filled_in_later_and_nothing_else() -> None:
    company = corner_company(3)
    other = other_future(company, 5)
    for table in CONTRACT:
        known, again = (
            [row for row in future.rows[table] if (future.known_day(table, row) or AS_OF) < AS_OF]
            for future in (company, other)
        )
        late = {column for column in columns_of(table) if fact_of(table, column, "late_with")}
        late |= set(instants_of(table, "late"))
        pairs = list(zip(known, again, strict=True))
        assert pairs, table
        for column in columns_of(table):
            assert any(row[column] != otherwise[column] for row, otherwise in pairs) == (column in late), (
                table,
                column,
            )


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


def _detached_at_once(tables: Tables, cohort: ir.Table) -> ir.Table:
    """Leaks: takes an accessory off on its own day, although its table arrives late."""
    rows = cohort.join(events_of(tables, "accessories", "attached_at"), "account_id")
    return rows.filter(rows.known_day < rows.as_of, tables.calendar.local_day(rows.detached_at) < rows.as_of)


LEAKY = (
    EventSource("tickets", _resolved_whenever, (), "tickets"),
    EventSource("consumption", _never_late, (), "consumption"),
    StateSource("terms", _in_the_end, (Aggregate("held", lambda rows: rows.count()),), "subscriptions"),
    StateSource("accessories", _detached_at_once, (Aggregate("held", lambda rows: rows.count()),), "accessories"),
)
HONEST = EventSource("honest", lambda tables: events_of(tables, "interactions"), (), "interactions")


def test_a_source_that_sees_the_future_is_caught() -> None:
    sources: dict[str, Source] = {source.name: source for source in (*LEAKY, HONEST)}
    values = {
        name: source.state("held") if isinstance(source, StateSource) else source.total("days", None)
        for name, source in sources.items()
    }
    features = [Feature(name, value, "count", "", "trust", "service", "") for name, value in values.items()]
    company = corner_company(3)
    past = built(company.tables(), features, sources)
    assert differing(past, built(other_future(company, 5).tables(), features, sources)) == [
        "tickets",
        "consumption",
        "terms",
        "accessories",
    ]

"""A second opinion: plain Python, row by row, says of every feature what the builder says.

Where the two differ, the test shows the smallest company found on which they do: ask first what the feature is said to
be (docs/features.md), then which of the two is wrong. To look further: `--companies 20`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings

from features.contract import CONTRACT, columns_of, event_of, instants_of, key_of
from features.feature import EventSource
from features.library.catalogue import CATALOGUE, SOURCES
from tests.features.agreement import Question, explained, opinions
from tests.features.companies import POOLS, Company
from tests.features.corner_companies import ACCOUNTS, AS_OFS, corner_companies, corner_company
from tests.features.futures import other_future
from tests.features.oracle.past import Past
from tests.features.oracle.registry import ORACLE

MORE = 3
"""Companies that the builder is held to at least; each has 37 accounts at three as_ofs and takes 20 to 30 seconds."""
TICK = timedelta(microseconds=1)
EVERYBODY = Question([*ACCOUNTS, "nobody"], [*POOLS["product"], "unheard of"], AS_OFS)


def test_every_feature_has_an_oracle() -> None:
    asked = {(leaf.source, leaf.name): feature.name for feature in CATALOGUE for leaf in feature.value.leaves()}
    assert {leaf: feature for leaf, feature in asked.items() if leaf not in ORACLE} == {}


def test_every_oracle_answers_for_something_that_a_source_offers() -> None:
    offered = {
        (source.name, name)
        for source in SOURCES.values()
        for name in (
            ("days", *source.entities, *(measure.name for measure in source.measures))
            if isinstance(source, EventSource)
            else (state.name for state in source.states)
        )
    }
    assert set(ORACLE) - offered == set()


def test_builder_and_oracle_agree_on_every_feature(request: pytest.FixtureRequest) -> None:
    many = max(MORE, request.config.getoption("--companies"))
    taken: dict[str, set[float]] = defaultdict(set)

    @given(corner_companies())
    @settings(max_examples=many, phases=[Phase.generate], database=None)
    def hold(company: Company) -> None:
        for both in opinions(company, EVERYBODY):
            assert both.agree, explained(company, both)
            taken[both.feature.name].add(both.built)

    hold()
    # What is always 0 or missing agrees with anything.
    told = {name for name, values in taken.items() if any(value and not math.isnan(value) for value in values)}
    assert [feature.name for feature in CATALOGUE if feature.name not in told] == []
    assert [name for name, values in taken.items() if len(values) < 2] == []


def test_where_they_differ_the_smallest_company_is_shown() -> None:
    company = corner_company(1)
    (feature,) = (feature for feature in CATALOGUE if feature.name == "calls_91d")
    wrong = {**ORACLE, ("interactions", "call"): ORACLE["interactions", "meeting"]}
    both = next(both for both in opinions(company, EVERYBODY, [feature], wrong) if not both.agree)
    told = explained(company, both, wrong).splitlines()
    assert told[0].startswith(f"calls_91d of {both.asked.account} at {both.as_of}: the oracle says ")
    assert sum(both.asked.account in line for line in told[1:]) == 1


@pytest.mark.parametrize("seed", range(3))
def test_the_oracle_sees_nothing_that_was_not_known(seed: int) -> None:
    company = corner_company(seed)
    for as_of in AS_OFS:
        futures = (company, other_future(company, seed, as_of))
        past, again = (Past(future.rows, future.timezone, as_of, future.delays) for future in futures)
        for table in CONTRACT:
            assert sorted(past.seen(table), key=str) == sorted(again.seen(table), key=str), (table, as_of)
            assert not event_of(table) or 0 < len(past.seen(table)) < len(company.rows[table]), (table, as_of)


def test_the_contract_accepts_the_companies() -> None:
    corner_company(5).tables(check=True)
    corner_company(6, "America/Santiago", lacks=0.2).tables(check=True)


def test_the_companies_have_everything_that_goes_wrong_easily() -> None:
    companies = [corner_company(seed) for seed in range(4)]
    past = Past({}, companies[0].timezone, AS_OFS[-1])
    for table in CONTRACT:
        rows = [row for company in companies for row in company.rows[table]]
        for column, declared in columns_of(table).items():
            assert any(row[column] is not None for row in rows), (table, column)
            optional = declared.nullable and column not in key_of(table)
            assert not optional or any(row[column] is None for row in rows), (table, column)
        for column in instants_of(table, "late"):
            filled = [past.day(row[column]) for row in rows if row[column] is not None]
            assert min(filled) < AS_OFS[-1] <= max(filled), (table, column)
        if event_of(table):
            dated = [(row[event_of(table)[0]], row["recorded_at"]) for row in rows if row[event_of(table)[0]]]
            instants = [instant for instant, _ in dated]
            assert len(set(instants)) < len(instants), f"no two rows of {table} at the same instant"
            assert any(past.day(i) != past.day(i - TICK) for i in instants), f"no day of {table} begins with an event"
            assert any(late and past.day(late) > past.day(i) for i, late in dated), f"nothing in {table} is known late"
            names = [row["event_id"] for row in rows if row["event_id"]]
            assert key_of(table) or len(set(names)) < len(names), f"nothing in {table} stands there twice"

"""Kept rollups: what is read from them is what all rows give, and only what changed is read anew."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.building.builder import build
from features.errors import ConfigError
from features.events import events_of
from features.families.adoption import assortment
from features.feature import EventSource, Feature, Measure
from features.library.catalogue import SOURCES
from features.reading.arrivals import Memory
from features.reading.opening import tables_from_frames
from features.rollups import ledger, recipe
from features.rollups.daily import added_up
from features.rollups.kept import folded, keep, rolled
from features.rollups.ledger import LEDGER, Ledger
from features.rollups.recipe import Rollup
from features.rollups.shelf import Shelf
from features.scratch import Bench
from features.tables import Tables
from features.use import uses
from tests.features.companies import Company
from tests.features.corner_companies import corner_company
from tests.features.deliveries import BY_FILE, Deliveries
from tests.text_tables import text_tables

MORE = 2
"""Companies of the property; each has five builds. Raise it to look further."""
RARELY = settings(
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
WITHOUT_IDS = frozenset(f"{table}.event_id" for table in BY_FILE)

USE = EventSource(
    "use",
    lambda tables: events_of(tables, "consumption"),
    (Measure("events", lambda _: ibis.literal(1)), Measure("quantity", lambda rows: rows.quantity, ("quantity",))),
    "consumption",
    entities=("user_id",),
    by_day=True,
)
JOINED = replace(assortment, fold=None, by_day=True)
"""A source whose rows are joined to the list of products, made of events."""
QUANTITY = Feature("quantity_28d", USE.total("quantity", 28), "count", "use", "consumption", "service", "")
ONE = pd.DataFrame({"account_id": ["a1"], "as_of": pd.to_datetime(["2024-03-01"])})
BEFORE = """
    account_id | occurred_at      | quantity | recorded_at
    a1         | 2024-02-01 12:00 | 1.25     |
    a1         | 2024-02-20 10:00 | 2.5      |
    a1         | 2024-02-20 11:00 | 4        |
"""


def company(consumption: str, **others: str) -> Tables:
    accounts = """
        account_id | signed_up_at
        a1         | 2024-01-01
    """
    return text_tables(accounts=accounts, consumption=consumption, end=date(2024, 4, 1), **others)


def value(tables: Tables, shelf: Shelf, source: EventSource = USE) -> float:
    return float(build(tables, ONE, [QUANTITY], {"use": source}, shelf)["quantity_28d"].item())


def anew(folder: Path, tables: Tables, source: EventSource = USE) -> tuple[float, tuple[int, int]]:
    shelf = Shelf(folder)
    found = value(tables, shelf, source)
    shelf.tidy()
    return found, shelf.anew["use"]


def definitions(folder: Path) -> list[str]:
    return sorted(place.name for place in (folder / "use").iterdir())


def content(rows: ir.Table) -> pa.Table:
    columns = sorted(rows.columns)
    return rows.select(columns).to_pyarrow().sort_by([(column, "ascending") for column in columns])


# One day more, later rows, corrections ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "quantity", "days"),
    [
        ("as it was", 6.5, 0),
        ("2024-02-21 10:00 | 8 |", 14.5, 1),  # a new day
        ("2024-02-20 23:00 | 8 |", 14.5, 1),  # one more row of a day that was read
        ("2024-01-15 10:00 | 8 | 2024-02-25", 6.5, 1),  # late, of a day long before
        ("2024-02-20 23:00 | 8 | 2024-03-02", 6.5, 1),  # known only later: the day is read, its row not visible
    ],
)
def test_only_the_days_of_new_rows_are_read(tmp_path: Path, change: str, quantity: float, days: int) -> None:
    assert anew(tmp_path, company(BEFORE)) == (6.5, (2, 2))
    row = "" if change == "as it was" else f"a1 | {change}"
    found, (few, _) = anew(tmp_path, company(f"{BEFORE.rstrip()}\n{row}"))
    assert (found, few) == (quantity, days)


@pytest.mark.parametrize(
    ("timezone", "stray", "days"),
    [
        ("UTC", "1970-01-01 10:00", (1, 4)),  # one day more, however far from the others
        ("UTC", "0099-01-01 10:00", (1, 4)),
        ("Europe/Berlin", "1985-06-30 22:30", (1, 4)),  # the 1st of July
        ("Europe/Berlin", "1880-01-01 10:00", (1, 1)),  # by the sun: no day began at a quarter of an hour of UTC
    ],
)
def test_a_stray_row_of_long_ago_does_not_end_the_refresh_day_by_day(
    tmp_path: Path, timezone: str, stray: str, days: tuple[int, int]
) -> None:
    def tables(*rows: str) -> Tables:
        use = "\n".join([BEFORE.rstrip(), *(f"a1 | {row} | 8 |" for row in rows)])
        accounts = "account_id | signed_up_at\na1 | 2024-01-01"
        return text_tables(accounts=accounts, consumption=use, end=date(2024, 3, 1), timezone=timezone)

    assert anew(tmp_path, tables(stray))[0] == 6.5
    assert anew(tmp_path, tables(stray, "2024-02-21 10:00")) == (14.5, days)


@pytest.mark.parametrize(
    ("old", "new", "quantity", "anew_of"),
    [
        ("| 4 ", "| 5 ", 7.5, (1, 2)),  # corrected
        ("a1         | 2024-02-20 11:00 | 4        |", "", 2.5, (1, 2)),  # deleted
        ("2024-02-20 11:00", "2024-02-01 11:00", 2.5, (2, 2)),  # of another day: both are read; the 1st lies outside
        ("a1         | 2024-02-01 12:00 | 1.25     |", "", 6.5, (0, 1)),  # all of a day deleted
    ],
)
def test_altered_and_deleted_rows_reopen_their_days(
    tmp_path: Path, old: str, new: str, quantity: float, anew_of: tuple[int, int]
) -> None:
    anew(tmp_path, company(BEFORE))
    assert anew(tmp_path, company(BEFORE.replace(old, new))) == (quantity, anew_of)
    assert anew(tmp_path, company(BEFORE)) == (6.5, (int(anew_of[0] or 1), 2))


def test_another_definition_is_read_as_a_whole_and_leaves_the_first_where_it_is(tmp_path: Path) -> None:
    anew(tmp_path, company(BEFORE))
    doubled = Measure("quantity", lambda rows: (rows.quantity * 2).cast("decimal(18, 6)"))
    assert anew(tmp_path, company(BEFORE), replace(USE, measures=(doubled,))) == (13.0, (2, 2))
    assert len(definitions(tmp_path)) == 2
    assert anew(tmp_path, company(BEFORE)) == (6.5, (0, 2))


def test_another_time_zone_is_another_definition_and_another_end_of_the_data_is_not(tmp_path: Path) -> None:
    tables = company(BEFORE)
    for timezone, end, days in (
        ("UTC", 1, 2),
        ("UTC", 30, 0),
        ("Europe/Berlin", 1, 2),
        ("Europe/Berlin", 30, 0),
    ):
        frames = {name: table.to_pandas() for name, table in tables.tables.items()}
        frames = {name: frame.drop(columns="known_at") for name, frame in frames.items()}
        cut = tables_from_frames(frames, timezone=timezone, end=date(2024, 11, end))
        assert anew(tmp_path, cut)[1][0] == days, (timezone, end)


def test_a_changed_list_of_products_rebuilds_what_is_joined_to_it_and_nothing_else(tmp_path: Path) -> None:
    use = "account_id | occurred_at | product\n a1 | 2024-02-01 | search\n a1 | 2024-02-02 | share"
    lists = [f"product | core | family\n search | {core} | one\n share | no | one" for core in ("yes", "no")]
    for products, expected in zip(lists, ((2, 2), (2, 0)), strict=True):
        tables, shelf = company(use, products=products), Shelf(tmp_path)
        with ExitStack() as until:
            for source in (JOINED, uses):
                keep(tables, Rollup(source), shelf, until)
        assert tuple(shelf.anew[name][0] for name in ("assortment", "uses")) == expected


def test_a_source_that_is_not_made_day_by_day_is_read_when_its_own_table_changes_and_only_then(tmp_path: Path) -> None:
    source = replace(USE, by_day=False)
    assert anew(tmp_path, company(BEFORE), source) == (6.5, (1, 1))
    other = company(BEFORE, tickets="ticket_id | account_id | opened_at\n t1 | a1 | 2024-02-02")
    assert anew(tmp_path, other, source) == (6.5, (0, 1))
    assert anew(tmp_path, company(BEFORE.replace("| 4 ", "| 5 ")), source) == (7.5, (1, 1))


def test_a_source_that_wrongly_says_it_is_made_day_by_day_is_refused(tmp_path: Path) -> None:
    def firsts(tables: Tables) -> ir.Table:
        rows = events_of(tables, "consumption")
        first = rows.group_by("account_id").aggregate(day=rows["day"].min())
        return first.mutate(known_day=first["day"], quantity=ibis.literal(1))

    for _ in range(2):
        with pytest.raises(ConfigError, match=r"use, made of consumption of 2024-02-20 by itself, differs in 1 row "):
            value(company(BEFORE), Shelf(tmp_path), replace(USE, rows=firsts))


@pytest.mark.parametrize(("look", "day"), [("lead", "2024-02-01"), ("lag", "2024-02-20")])
def test_a_day_that_is_made_of_days_beside_it_is_refused_whichever_way_it_looks(
    tmp_path: Path, look: str, day: str
) -> None:
    """Whether a use was followed by another, or followed one: a day's own events do not say."""

    def neighbours(tables: Tables) -> ir.Table:
        rows = events_of(tables, "consumption")
        over = ibis.window(group_by="account_id", order_by="occurred_at")
        return rows.mutate(quantity=getattr(rows["occurred_at"], look)().over(over).notnull())

    with pytest.raises(ConfigError, match=f"use, made of consumption of {day} by itself, differs in 1 row "):
        value(company(BEFORE), Shelf(tmp_path), replace(USE, rows=neighbours))


def test_tables_without_marks_are_told_apart_by_their_digest(tmp_path: Path) -> None:
    tables = company(BEFORE)
    for digest, expected in (("one", (1, 1)), ("one", (0, 1)), ("two", (1, 1))):
        unmarked = Tables(tables.connection, tables.tables, tables.calendar, digest)
        assert anew(tmp_path, unmarked)[1] == expected


def test_marks_say_nothing_of_a_table_that_was_edited_since(tmp_path: Path) -> None:
    tables = company(BEFORE)
    anew(tmp_path, tables)
    more = tables["consumption"].mutate(quantity=(tables["consumption"].quantity + 1).cast("decimal(18, 6)"))
    edited = replace(tables, tables={**tables.tables, "consumption": more}, digest="edited")
    assert anew(tmp_path, edited) == (8.5, (1, 1))


# The property ----------------------------------------------------------------------------------------------------


def sources() -> list[Rollup]:
    newcomers = SOURCES["newcomers"]
    assert isinstance(newcomers, EventSource)
    return [Rollup(USE), Rollup(USE, "user_id"), Rollup(JOINED), Rollup(newcomers), Rollup(uses)]


def agree(tables: Tables, rollups: Sequence[Rollup], shelf: Shelf) -> None:
    """What is kept is, to the bit, what all rows give; counted anew."""
    for rollup in rollups:
        with ExitStack() as until:
            kept = keep(replace(tables, bench=Bench(until, shelf)), rollup, shelf, until)
            found, expected = content(kept), content(rollup.rows(tables))
            assert found.cast(expected.schema).equals(expected), (
                rollup.name
            )  # a file has the Monday of a week as instant


@given(st.integers(0, 2**32 - 1), st.sampled_from(("UTC", "Europe/Berlin", "America/Santiago")))
@settings(RARELY, max_examples=MORE)
def test_whatever_arrives_in_whatever_order_the_rollups_are_those_of_a_full_build(seed: int, timezone: str) -> None:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(recipe, "AT_ONCE", 100)
        patch.setattr(ledger, "MOST", 3)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pick = random.Random(seed)
        coming = deliveries(corner_company(seed, timezone), folder, pick)
        memory, before = Memory(folder / "readings"), coming.days("consumption")
        coming.arrive("satisfaction", 20)
        for step in range(5):
            coming.arrive("consumption", pick.randrange(40, 300) if step == 0 else pick.randrange(60))
            for change in pick.sample(("correct", "move", "delete", "cut_anew", "touch"), pick.randrange(3)):
                getattr(coming, change)("consumption")
            tables, shelf = coming.tables(memory), Shelf(folder / "rollups")
            assert tables.digest == coming.tables().digest
            agree(tables, sources(), shelf)
            after = coming.days("consumption")
            touched = {day for day in after if after[day] != before.get(day)}
            assert shelf.anew["use"] == (len(touched), len(after)), step
            assert shelf.tidy()
            before = after


@pytest.mark.parametrize("without", [WITHOUT_IDS, frozenset[str]()], ids=["file by file", "read as a whole"])
def test_every_source_of_the_catalogue_is_kept_as_a_full_build_has_it(tmp_path: Path, without: frozenset[str]) -> None:
    coming = Deliveries(replace(corner_company(8), without=without), tmp_path, random.Random(8))
    rollups = [
        Rollup(source, entity)
        for source in (uses, JOINED, *SOURCES.values())
        if isinstance(source, EventSource) and source.fold is None
        for entity in (None, *source.entities)
    ]
    coming.arrive("consumption", 500)
    coming.arrive("satisfaction", 200)
    memory = Memory(tmp_path / "readings")
    agree(coming.tables(memory), rollups, Shelf(tmp_path / "rollups"))
    for table in BY_FILE:
        coming.arrive(table, 3)
        coming.correct(table)
        coming.delete(table)
    shelf = Shelf(tmp_path / "rollups")
    agree(coming.tables(memory), rollups, shelf)
    by_day = {name: few for name, (few, many) in shelf.anew.items() if many > 1}
    assert {name.partition(".")[0] for name in by_day} == {*("uses", "assortment", "satisfaction", "interactions")}
    assert max(by_day.values()) <= 5, "no more days than rows that changed"
    assert by_day["interactions"] == 0


FOLDED = {name: source for name, source in SOURCES.items() if isinstance(source, EventSource) and source.fold}


@pytest.mark.parametrize("name", FOLDED)
@pytest.mark.parametrize("seed", [8, 21])
def test_what_is_made_of_finer_days_is_what_the_events_give(name: str, seed: int) -> None:
    source, tables = FOLDED[name], corner_company(seed).tables()
    assert isinstance(source, EventSource)
    assert source.fold is not None
    days = added_up(folded(tables, source, source.fold), [*source.keys])
    expected = Rollup(source).rows(tables)
    assert content(days).cast(content(expected).schema).equals(content(expected))
    assert days.count().execute() > 20
    for entity in source.entities:
        seen = folded(tables, source, source.fold, entity)
        first = seen.group_by(*source.keys, "entity", "day").agg(known_day=seen.known_day.min())
        assert content(first).equals(content(Rollup(source, entity).rows(tables))), entity


def deliveries(drawn: Company, folder: Path, pick: random.Random) -> Deliveries:
    """With the tables that matter here alone, so that they are soon read."""
    rows = {table: drawn.rows[table] for table in ("accounts", "products", *BY_FILE)}
    return Deliveries(replace(drawn, rows=rows, without=drawn.without | WITHOUT_IDS), folder, pick)


def test_the_days_of_an_entity_are_the_same_whether_kept_held_or_only_said(tmp_path: Path) -> None:
    tables = company("""
        account_id | occurred_at      | user_id | recorded_at
        a1         | 2024-02-01 12:00 | u1      | 2024-02-09
        a1         | 2024-02-01 13:00 | u1      |
        a1         | 2024-02-20 11:00 | u2      | 2024-02-21
        a1         | 2024-02-20 12:00 |         |
    """)
    with ExitStack() as until:
        benches = (None, Bench(until), Bench(until, Shelf(tmp_path)))
        ways = [content(rolled(replace(tables, bench=bench), Rollup(USE, "user_id"))) for bench in benches]
    said = [(row["entity"], f"{row['day']:%m-%d}", f"{row['known_day']:%m-%d}") for row in ways[0].to_pylist()]
    assert sorted(said) == [("u1", "02-01", "02-01"), ("u2", "02-20", "02-21")]
    assert ways[1].equals(ways[0])
    assert ways[2].equals(ways[0])
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["use.user_id"]


# Parts and the ledger --------------------------------------------------------------------------------------------


def test_many_parts_become_few_and_the_largest_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST", 3)
    lines = [f"a1 | 2024-01-{day:02} 12:00 | 1 |" for day in range(2, 22)]
    header = "account_id | occurred_at | quantity | recorded_at"
    counts, firsts = [], set()
    for number in range(10, 21):
        anew(tmp_path, company("\n".join([header, *lines[:number]])))
        (definition,) = definitions(tmp_path)
        found = Ledger.read(tmp_path / "use" / definition)
        counts.append(len(found.parts))
        firsts.add(found.days["2024-01-02"].part)
    assert max(counts) == 3
    assert len(firsts) == 1, "the part of the first build is never written again"
    held = {path.name for path in (tmp_path / "use" / definition).iterdir()}
    assert held == {LEDGER, *found.parts}


def test_a_part_that_is_stale_by_half_is_written_anew(tmp_path: Path) -> None:
    header = "account_id | occurred_at | quantity | recorded_at"
    days = [f"a1 | 2024-01-{day:02} 12:00 | {{}} |" for day in range(2, 12)]
    anew(tmp_path, company("\n".join([header, *(day.format(1) for day in days)])))
    anew(tmp_path, company("\n".join([header, *(day.format(2 if n < 6 else 1) for n, day in enumerate(days))])))
    (definition,) = definitions(tmp_path)
    assert sorted(Ledger.read(tmp_path / "use" / definition).parts.values()) == [4, 6]


def test_a_part_that_is_gone_is_made_again(tmp_path: Path) -> None:
    anew(tmp_path, company(BEFORE))
    for part in (tmp_path / "use").glob("*/part-*"):
        part.unlink()
    assert anew(tmp_path, company(BEFORE)) == (6.5, (2, 2))


@pytest.mark.parametrize("damaged", ["", "{", '{"parts": {}}', '{"parts": {"x": 1}, "days": {"2024-02-01": 5}}'])
def test_a_ledger_that_cannot_be_read_is_no_ledger(tmp_path: Path, damaged: str) -> None:
    anew(tmp_path, company(BEFORE))
    (file,) = (tmp_path / "use").glob(f"*/{LEDGER}")
    file.write_text(damaged)
    assert anew(tmp_path, company(BEFORE)) == (6.5, (2, 2))


def test_a_company_without_any_event_has_an_empty_rollup(tmp_path: Path) -> None:
    tables = company("account_id | occurred_at | quantity | recorded_at")
    assert anew(tmp_path, tables) == (0.0, (0, 0))
    assert anew(tmp_path, tables) == (0.0, (0, 0))
    assert anew(tmp_path, company(BEFORE)) == (6.5, (2, 2))

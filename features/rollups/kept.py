"""Rollups kept from build to build: of a source, only the days that changed are read anew.

A rollup stands in the folder of its definition: another measure, time zone or list of products is another folder. In
it, parts hold days, and a ledger says which day stands in which part and what it was made of. A part is written aside
and renamed, the ledger after it: what a killed build had finished is not done again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir

from features.engines.sql import quoted
from features.errors import ConfigError
from features.feature import EventSource, Fold
from features.marked import Mark
from features.reading.marks import stretches
from features.rollups.daily import available_measures, first_days, keyed
from features.rollups.ledger import FIRSTS, LEDGER, Ledger, state_of
from features.rollups.recipe import Recipe, Rollup
from features.rollups.shelf import Shelf
from features.scratch import hold
from features.tables import Tables


def keep(tables: Tables, rollup: Rollup, shelf: Shelf | None, until: ExitStack) -> ir.Table:
    """The rollup computed once: on the shelf, or in the engine while `until` stands open.

    Only the engine that reads files in place keeps any.
    """
    if shelf is None or tables.connection.name != "duckdb":
        return hold(tables, rollup.rows(tables), until)
    if tables.bench is None:
        return _kept(tables, rollup, shelf, until)
    bench = tables.bench
    return bench.found(("rollup", *rollup.told), lambda: _kept(tables, rollup, shelf, bench.stack))


def _kept(tables: Tables, rollup: Rollup, shelf: Shelf, until: ExitStack) -> ir.Table:
    """The rollup on the shelf; what stands in no table is not kept."""
    recipe = Recipe(tables, rollup)
    if recipe.fleeting:
        return hold(tables, rollup.rows(tables), until)
    place, ledger = _up_to_date(recipe, shelf)
    return _view(tables, f"rollup_{rollup.name}_{recipe.definition}", _read(place, ledger, ledger.parts), until)


def rolled(tables: Tables, rollup: Rollup) -> ir.Table:
    """The rollup, from what is kept where anything is; one for all who ask for it while a build lasts."""
    bench, rollup = tables.bench, _as_asked(tables, rollup)
    if bench is None:
        return rollup.rows(tables)
    if bench.shelf is None or tables.connection.name != "duckdb":
        return bench.held(tables, f"rollup {rollup.name}", lambda: rollup.rows(tables))
    return keep(tables, rollup, bench.shelf, bench.stack)


def folded(tables: Tables, source: EventSource, fold: Fold, entity: str | None = None) -> ir.Table:
    """The days of a source made of those of a finer one.

    Any number of rows per (keys, day, known_day), or per (keys, `entity`, day) where one is named.
    """
    if entity in fold.of.entities:
        rows = keyed(source, rolled(tables, Rollup(fold.of, entity)))
    else:
        rows = keyed(source, fold.rows(tables, rolled(tables, Rollup(fold.of))))
        if entity is not None:
            rows = rows.filter(rows[entity].notnull()).mutate(entity=rows[entity])
    if entity is not None:
        return rows.select(*source.keys, "entity", "day", "known_day")
    measures = (measure.name for measure in available_measures(tables, source))
    return rows.select(*source.keys, "day", "known_day", *measures)


def first_seen(tables: Tables, source: EventSource, entity: str) -> ir.Table:
    """Since when each entity was seen, as that became known: `first_days` of (keys, entity).

    Of parts that did not change, theirs are kept: the first days of all are those of the parts' first days.
    """
    by = [*source.keys, "entity"]
    rollup, bench = _as_asked(tables, Rollup(source, entity)), tables.bench
    recipe = Recipe(tables, rollup)
    if bench is None or bench.shelf is None or tables.connection.name != "duckdb" or not recipe.by_day:
        return first_days(rollup.rows(tables), by)
    place, ledger = _up_to_date(recipe, bench.shelf)
    name, selects = f"firsts_{rollup.name}_{recipe.definition}", []
    for part in ledger.parts:
        file = place / FIRSTS.format(ledger.state(part))
        if not file.is_file():
            with ExitStack() as meanwhile:
                seen = _view(tables, f"{name}_{ledger.state(part)}", _read(place, ledger, [part]), meanwhile)
                _write(tables.connection, str(ibis.to_sql(first_days(seen, by).drop("before"))), file)
        selects.append(f"select * from read_parquet({quoted(str(file))})")
    return first_days(_view(tables, name, " union all by name ".join(selects), bench.stack), by)


def _as_asked(tables: Tables, rollup: Rollup) -> Rollup:
    """The rollup of as much of its source as this build asks for."""
    asked = tables.bench.sources.get(rollup.source.name) if tables.bench else None
    return replace(rollup, source=asked) if isinstance(asked, EventSource) else rollup


def _up_to_date(recipe: Recipe, shelf: Shelf) -> tuple[Path, Ledger]:
    """The folder of a rollup and its ledger, once everything stands in it that is wanted."""
    place = shelf.folder / recipe.rollup.name / recipe.definition
    ledger = Ledger.read(place)
    stale = ledger.stale(recipe.wanted)
    shelf.note(recipe.rollup.name, len(stale), len(recipe.wanted))
    gone = ledger.days.keys() - recipe.wanted.keys()
    if stale or gone or not ledger.parts:
        place.mkdir(parents=True, exist_ok=True)
        ledger = _brought_up_to_date(recipe, ledger.without([*stale, *gone]), stale, place)
    os.utime(place / LEDGER)  # asked for by this build
    return place, ledger


def _view(tables: Tables, name: str, query: str, until: ExitStack) -> ir.Table:
    """The query under a name, until `until` closes."""
    tables.connection.raw_sql(f'create or replace temp view "{name}" as {query}')
    until.callback(tables.connection.raw_sql, f'drop view if exists "{name}"')
    return tables.connection.table(name)


def _brought_up_to_date(recipe: Recipe, ledger: Ledger, stale: Sequence[str], place: Path) -> Ledger:
    """The days read anew, part by part, each in the ledger before the next is begun; then too many parts made fewer."""
    told = {"rollup": recipe.rollup.name, "made_of": recipe.rollup.source.table}
    connection = recipe.tables.connection
    for days in recipe.pieces(stale) if stale or not ledger.parts else ():
        marks = {day: recipe.wanted[day] for day in days}
        part = _part(marks)
        if not (place / part).is_file():
            _write(connection, recipe.query(days), place / part)
            _require_by_day(recipe, days, place / part)
        ledger = ledger.with_part(part, marks)
        ledger.write(place, **told)
    if merged := ledger.to_merge():
        marks = {day: mark for part in merged for day, mark in ledger.standing(part).items()}
        _write(connection, _read(place, ledger, merged), place / _part(marks))
        ledger = ledger.with_part(_part(marks), marks)
        ledger.write(place, **told)
    elif not stale:
        ledger.write(place, **told)  # only days that are gone
    return ledger


def _require_by_day(recipe: Recipe, days: Sequence[str], part: Path) -> None:
    """Tries the first and the last day of several by themselves, of sources that no test of ours has tried.

    The first differs where rows look ahead (`lead`), the last where they look back (`lag`).

    Raises:
        ConfigError: a source says that it is made day by day, and is not.
    """
    source = recipe.rollup.source
    if not recipe.by_day or len(days) < 2 or source.rows.__module__.startswith("features."):
        return
    for day in (days[0], days[-1]):
        if differ := _differing(recipe, day, part):
            part.unlink()
            raise ConfigError(
                f"A source with by_day = True makes a day's rows of that day's events alone; {source.name}, made of "
                f"{source.table} of {day} by itself, differs in {differ:,} row{'' if differ == 1 else 's'} from what "
                "that day has when all days are read. Take by_day out of the source."
            )


def _differing(recipe: Recipe, day: str, part: Path) -> int:
    """How many of a day's rows are others where it is read by itself than they are in a part of several days."""
    alone = recipe.query([day])
    among = f"select * from read_parquet({quoted(str(part))}) where day = date '{day}'"
    count = "select count(*) from (from ({}) except all from ({}))"
    both = [count.format(one, other) for one, other in ((alone, among), (among, alone))]
    return max(int(recipe.tables.connection.con.execute(query).fetchone()[0]) for query in both)


def _part(marks: Mapping[str, Mark]) -> str:
    """The name of the file in which those days stand."""
    return f"part-{state_of(marks)}.parquet"


def _write(connection: ibis.backends.BaseBackend, query: str, file: Path) -> None:
    """Writes the query's rows aside, and moves them into place once they are whole and on the disk."""
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    connection.raw_sql(f"copy ({query}) to {quoted(str(aside))} (format parquet)")
    with aside.open("rb") as written:
        os.fsync(written.fileno())
    aside.replace(file)


def _read(place: Path, ledger: Ledger, parts: Sequence[str] | Mapping[str, int]) -> str:
    """The query of those parts' rows that count."""
    selects = []
    for part in parts:
        select = f"select * from read_parquet({quoted(str(place / part))})"
        days = ledger.standing(part)
        if sum(mark.rows for mark in days.values()) < ledger.parts[part]:
            runs = stretches([date.fromisoformat(day) for day in days])
            select += " where " + " or ".join(f"day between date '{first}' and date '{last}'" for first, last in runs)
        selects.append(select)
    return " union all by name ".join(selects)

"""A table on its way into the contract: renamed and typed, with a mark on every value that could not be converted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from features.clauses import FLAG, NUMBER
from features.clauses import TEXT as TEXT_TYPE
from features.clock import delayed
from features.contract import columns_of, dated_by, dtype_of, event_of
from features.engines import engine_of
from features.errors import Fault
from features.reading.conversion import Conversion, convert
from features.reading.sources import Brought, unreadable
from features.suggestion import did_you_mean


@dataclass(frozen=True)
class Notice:
    """Something that is no fault and no reason for suspicion, but that its owner may want to know."""

    table: str
    message: str

    def __str__(self) -> str:
        return f"{self.table}: {self.message}"


@dataclass(frozen=True)
class Draft:
    """One table in the contract's columns and types, with everything that is needed to judge its rows."""

    name: str
    rows: ir.Table
    """The contract's columns, `known_at`, every brought column as `brought.<theirs>`, and a mark `<rule>.<column>` for
    each value that could not be converted. What a query does not use is never computed."""
    columns: tuple[str, ...]
    """The contract's columns (and declared attributes) that are there, without `known_at`."""
    theirs: dict[str, str]
    """ours -> theirs, for every column that is there."""
    marks: tuple[tuple[str, str], ...]
    """Each (rule, column) for which there is a mark."""
    brought: tuple[str, ...]
    attributes: frozenset[str] = frozenset()
    """Those that the company declares."""
    barred: frozenset[str] = frozenset()
    """Those of them that no feature may be made of."""
    in_place: bool = False
    """Whether each use reads the company's files again, rather than a copy."""
    delay: timedelta = timedelta(0)
    """How long after its event a row can be known, where it does not say when it was recorded."""

    @property
    def dated(self) -> bool:
        """Whether its rows have an event time."""
        return bool(event_of(self.name))

    @property
    def contract_rows(self) -> ir.Table:
        """Only what a company's table consists of."""
        return self.rows.select(*self.columns, *(["known_at"] if self.dated else []))

    def event(self) -> ir.Value:
        """The instant that dates a row."""
        return event_instant(self.name, self.rows)


@dataclass
class Drafting:
    """What came of one table: a draft, unless its structure is broken, and what was found on the way."""

    draft: Draft | None = None
    faults: list[Fault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def event_instant(name: str, table: ir.Table) -> ir.Value:
    """The instant that dates a row: its one event time, or the earliest or latest of several that it has."""
    present = [table[column] for column in event_of(name) if column in table.columns]
    if len(present) == 1:
        return present[0]
    return ibis.least(*present) if dated_by(name) == "earliest" else ibis.greatest(*present)


def draft_table(connection: BaseBackend, brought: Brought, timezone: str) -> Drafting:
    """Renames and types one table, and finds what is wrong with its structure.

    Typed files are read where they are, each time anew; whatever has to be parsed is parsed once, into a copy.
    """
    result, engine = Drafting(), engine_of(connection)
    try:
        _draft(brought, timezone, result)
        if result.draft is not None and not result.draft.in_place:
            copy = engine.keep(connection, "table", "drafted", brought.name, result.draft.rows)
            result.draft = replace(result.draft, rows=copy)
        if result.draft is not None and result.draft.dated:
            rows = result.draft.rows
            known = _known_at(result.draft, rows)
            result.draft = replace(result.draft, rows=rows.mutate(known_at=known))
    except engine.errors as error:
        result.draft = None
        result.faults.append(unreadable(engine, brought.name, brought.source, error))
    return result


def columns_there(brought: Brought) -> tuple[str, ...]:
    """The contract's columns (and declared attributes) that a table brings, whatever its rows hold."""
    return tuple(_renamed(brought, Drafting()))


def _draft(brought: Brought, timezone: str, result: Drafting) -> None:
    theirs = _renamed(brought, result)
    conversions: dict[str, Conversion] = {}
    for ours, name in theirs.items():
        conversion = _converted(brought, ours, name, timezone)
        if conversion is None:
            result.faults.append(_wrong_type(brought, ours, name))
        else:
            conversions[ours] = conversion
    if event_of(brought.name) and not set(event_of(brought.name)) & set(theirs) and not result.faults:
        result.faults.append(_undated(brought.name))
    if not result.faults:
        result.draft = _assemble(brought, theirs, conversions)


def _renamed(brought: Brought, result: Drafting) -> dict[str, str]:
    """Ours -> theirs for every column of the contract (and attribute) that is there, in the contract's order."""
    present, source, name = brought.rows.columns, brought.source, brought.name
    known = [*columns_of(name), *source.attributes]
    if source.attributes and name != "accounts":
        result.faults.append(
            Fault(
                name,
                "unknown_column",
                f"only accounts have attributes; declared here: {', '.join(source.attributes)}",
                f"Remove `attributes` from [data.tables.{name}].",
            )
        )
    for ours, wanted in source.columns.items():
        if ours not in known:
            result.faults.append(_not_ours(name, ours, known))
        elif wanted not in present:
            result.faults.append(_not_theirs(name, ours, wanted, present))
    theirs = {ours: source.columns.get(ours, ours) for ours in known if source.columns.get(ours, ours) in present}
    for attribute in source.attributes:
        if attribute not in theirs and attribute not in source.columns:
            result.faults.append(_not_theirs(name, attribute, attribute, present))
    for ours, column in columns_of(name).items():
        if column.required and ours not in theirs and ours not in source.columns:
            result.faults.append(_missing_column(name, ours, [c for c in present if c not in theirs.values()]))
    extra = [column for column in present if column not in theirs.values()]
    if extra:
        listed = ", ".join(extra[:10]) + (", ..." if len(extra) > 10 else "")
        use = "; `attributes` in [data.tables.accounts] makes features of them" if name == "accounts" else ""
        result.notices.append(
            Notice(name, f"{len(extra)} column(s) that the contract does not know are ignored: {listed}{use}")
        )
    return theirs


def _converted(brought: Brought, ours: str, theirs: str, timezone: str) -> Conversion | None:
    column = brought.rows[theirs]
    dtype = dtype_of(brought.name, ours) if ours in columns_of(brought.name) else _attribute_type(brought, ours, column)
    conversion = convert(column, dtype, timezone)
    if conversion is None and not brought.rows.aggregate(n=column.count()).to_pyarrow()["n"][0].as_py():
        # a file with nothing but nulls in a column has often lost the column's type
        return Conversion(ibis.null(dtype))
    return conversion


def _attribute_type(brought: Brought, ours: str, column: ir.Value) -> dt.DataType:
    """As the config says, else as the column is typed; text that nothing has typed is a number where all of it is."""
    told, source = brought.source.attributes[ours].type, column.type()
    if told is not None:
        return NUMBER if told == "number" else TEXT_TYPE
    if isinstance(source, dt.Boolean):
        return FLAG
    if isinstance(source, dt.String) and not brought.in_place:
        return NUMBER if _all_numbers(brought.rows, column.strip().nullif("")) else TEXT_TYPE
    return NUMBER if isinstance(source, dt.Integer | dt.Floating | dt.Decimal) else TEXT_TYPE


def _all_numbers(rows: ir.Table, text: ir.Value) -> bool:
    """Whether there is text, and all of it is numbers; what begins with a zero, as a postcode may, is none."""
    wrong = text.try_cast("float64").isnull() | text.re_search(r"^[+-]?0[0-9]")
    counted = rows.aggregate(known=text.count(), wrong=(text.notnull() & wrong).sum()).to_pyarrow().to_pylist()[0]
    return bool(counted["known"]) and not counted["wrong"]


def _assemble(brought: Brought, theirs: dict[str, str], conversions: dict[str, Conversion]) -> Draft:
    raw = brought.rows
    values = {ours: conversion.value for ours, conversion in conversions.items()}
    marks = {
        (rule, ours): predicate
        for ours, conversion in conversions.items()
        for rule, predicate in conversion.failures.items()
    }
    rows = raw.select(
        **values,
        **{f"{rule}.{ours}": predicate for (rule, ours), predicate in marks.items()},
        **{f"brought.{column}": raw[column] for column in raw.columns},
    )
    in_place = brought.in_place and not any(rule == "wrong_type" for rule, _ in marks)
    source = brought.source
    declared, barred = frozenset(source.attributes), source.barred
    columns, there = tuple(theirs), tuple(raw.columns)
    return Draft(brought.name, rows, columns, theirs, tuple(marks), there, declared, barred, in_place, source.delay)


def _known_at(draft: Draft, rows: ir.Table) -> ir.Value:
    event = event_instant(draft.name, rows)
    known = delayed(event, draft.delay)
    if "recorded_at" in rows.columns:
        known = ibis.coalesce(rows["recorded_at"], known)
    # a null event leaves the row undated, whatever was recorded
    return ibis.ifelse(event.isnull(), ibis.null(event.type()), ibis.greatest(known, event))


def _nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean X?)` where something is near, else nothing."""
    return did_you_mean(word, known, before=" (", after=")")


def _not_ours(table: str, ours: str, known: list[str]) -> Fault:
    return Fault(
        table,
        "unknown_column",
        f"`columns` is written ours = theirs, and {ours} is no column of the contract{_nearest(ours, known)}",
        f"Columns of {table}: {', '.join(known)}.",
        column=ours,
    )


def _not_theirs(table: str, ours: str, wanted: str, present: tuple[str, ...]) -> Fault:
    return Fault(
        table,
        "missing_column",
        f"the config reads it from {wanted}, which is not there{_nearest(wanted, present)}",
        f"Correct [data.tables.{table}]; columns there: {', '.join(present)}.",
        column=ours,
    )


def _missing_column(table: str, ours: str, free: list[str]) -> Fault:
    near = difflib.get_close_matches(ours, free, n=1, cutoff=0.5)
    example = near[0] if near else "their_name"
    return Fault(
        table,
        "missing_column",
        f"the contract requires it, and it is not there{_nearest(ours, free)}",
        f'Bring it, or say what it is called: [data.tables.{table}] columns = {{ {ours} = "{example}" }}. '
        f"Columns not used so far: {', '.join(free) or 'none'}.",
        column=ours,
    )


def _wrong_type(brought: Brought, ours: str, theirs: str) -> Fault:
    wanted = dtype_of(brought.name, ours) if ours in columns_of(brought.name) else "text"
    seen = brought.rows[theirs].type()
    return Fault(
        brought.name,
        "wrong_type",
        f"it is {describe(wanted)}; {theirs} is of type {seen}, which never means one",
        f"Convert it where it is made, or in a `query` of [data.tables.{brought.name}].",
        column=ours,
    )


def _undated(table: str) -> Fault:
    return Fault(
        table,
        "missing_column",
        f"its rows are dated by {' or '.join(event_of(table))}, and neither is there",
        "Bring at least one of them.",
    )


def describe(dtype: dt.DataType | str) -> str:
    """A type in words."""
    if isinstance(dtype, dt.Timestamp):
        return "an instant (a date, or a date and time such as 2024-01-31 13:45)"
    if isinstance(dtype, dt.Decimal):
        return f"a number below 10^{(dtype.precision or 18) - (dtype.scale or 0)}"
    if isinstance(dtype, dt.Int64):
        return "a whole number"
    return "true or false" if isinstance(dtype, dt.Boolean) else "text"

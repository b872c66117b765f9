"""Suspicions that one table alone arouses: silence, repetition, columns that say nothing, scores off their scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise

import ibis.expr.types as ir
from ibis.backends import BaseBackend

from features.contract import columns_of, dtype_of, fact_of, key_of
from features.engines import engine_of
from features.report.suspicion import Evidence, Suspicion

FEW_ROWS = 20
"""Of fewer rows nothing is said about what they have in common, or when they stop."""
QUIET_DAYS = 30
"""A table need not have events every day; after so many without one before the end it seems to have stopped."""
USUAL_QUIET = 3
"""... unless that is no more than so many times the longest pause that it had before."""
REPEATED_SHARE = 0.01
"""Rows equal in every column are suspicious from this share on: two like events on one day do happen."""


def _stopped_early(evidence: Evidence) -> Iterator[Suspicion]:
    for name, days in evidence.days.items():
        found = sorted(day for day in days.rows if day < evidence.calendar.end)
        if not found or name == "overrides" or evidence.rows[name] < FEW_ROWS:
            continue
        quiet = (evidence.calendar.end - found[-1]).days
        pauses = [(later - earlier).days for earlier, later in pairwise(found)]
        if quiet > max(QUIET_DAYS, USUAL_QUIET * max(pauses, default=0)):
            meaning = (
                "everybody has been a customer for about as long, and little can be learned from it"
                if name == "accounts"
                else "if the export stopped, silence will look like customers who went quiet"
            )
            message = f"nothing after {found[-1]}, {quiet} days before the data's end; {meaning}"
            covered = (evidence.calendar.end - evidence.calendar.start).days
            yield Suspicion(name, "stopped_early", message, quiet, max(covered, quiet), "days")


def _silent_months(evidence: Evidence) -> Iterator[Suspicion]:
    if "consumption" not in evidence.days:
        return
    calendar = evidence.calendar
    seen = {(day.year, day.month) for day in evidence.days["consumption"].rows}
    months = list(_whole_months(calendar.start, calendar.end))
    silent = [month for month in months if (month.year, month.month) not in seen]
    if silent:
        listed = ", ".join(f"{month:%Y-%m}" for month in silent[:6]) + (", ..." if len(silent) > 6 else "")
        message = f"months without a single row: {listed}; an outage of the export looks like customers who went quiet"
        yield Suspicion("consumption", "silent_month", message, len(silent), len(months), "months")


def _whole_months(start: date, end: date) -> Iterator[date]:
    """The first days of the calendar months that lie wholly within `[start, end)`."""
    month = start if start.day == 1 else _next_month(start)
    while _next_month(month) <= end:
        yield month
        month = _next_month(month)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _repeated_rows(evidence: Evidence) -> Iterator[Suspicion]:
    for name, draft in evidence.drafts.items():
        if not draft.dated or set(key_of(name)) & set(draft.columns):
            continue
        by = ("event_id",) if "event_id" in draft.columns else draft.columns
        surplus = _surplus(evidence.connection, draft.rows.select(*by))
        total = evidence.rows[name]
        if "event_id" in draft.columns and surplus:
            message = "rows that bear an `event_id` seen before; the one known first is kept"
            yield Suspicion(name, "repeated_event", message, surplus, total)
        elif surplus >= REPEATED_SHARE * total and surplus:
            message = (
                "rows equal to another in every column; if they are copies, bring an `event_id` and they are removed"
            )
            yield Suspicion(name, "repeated_row", message, surplus, total)


def _surplus(connection: BaseBackend, rows: ir.Table) -> int:
    """How many rows equal an earlier one; rows of nulls only do not count. By a hash of 64 bits, in one pass."""
    engine = engine_of(connection)
    if len(rows.columns) == 1:
        rows = rows.filter(rows[0].notnull())
    hashed = engine.row_hash(rows.columns)
    counted = f"count(*) - count(distinct {hashed})"
    (surplus,) = engine.row(connection, f"select {counted} from ({connection.compile(rows)}) as r")
    return int(surplus)


def _constant_columns(evidence: Evidence) -> Iterator[Suspicion]:
    for name, draft in evidence.drafts.items():
        total = evidence.rows[name]
        asked = [
            column
            for column in draft.columns
            if column in columns_of(name)
            and column not in ("account_id", "event_id", "recorded_at", *key_of(name))
            and fact_of(name, column, "instant") not in ("late", "planned")
        ]
        if total < FEW_ROWS or not asked:
            continue
        rows = draft.rows
        measured: dict[str, ir.Value] = {}
        for column in asked:
            # the least and greatest of a flag are those of its number
            value = rows[column].cast("int8") if dtype_of(name, column).is_boolean() else rows[column]
            measured |= {f"least.{column}": value.min().cast("string"), f"most.{column}": value.max().cast("string")}
            measured[f"filled.{column}"] = value.count()
        found = rows.aggregate(**measured).to_pyarrow().to_pylist()[0]
        constant = [
            column
            for column in asked
            if found[f"least.{column}"] == found[f"most.{column}"] and found[f"filled.{column}"] in (0, total)
        ]
        if constant:
            listed = ", ".join(f"{c} ({found[f'least.{c}'] or 'empty'})" for c in constant)
            message = f"columns that say the same in every row: {listed}; nothing can be learned from them"
            yield Suspicion(name, "constant_column", message, len(constant), len(draft.columns), "columns")


def _odd_scores(evidence: Evidence) -> Iterator[Suspicion]:
    draft = evidence.drafts.get("satisfaction")
    if draft is None:
        return
    from features.families.satisfaction import SCALES

    rows = draft.rows
    for instrument, (low, high) in SCALES.items():
        answers = rows.filter(rows["instrument"] == instrument)
        odd = evidence.count(answers, ~answers["score"].between(low, high))
        if odd:
            message = f"answers to {instrument} outside its usual scale, {low} to {high}; rescale them in a `query`"
            yield Suspicion("satisfaction", "odd_score", message, odd, evidence.count(answers))


ODDITIES: tuple[Callable[[Evidence], Iterator[Suspicion]], ...] = (
    _stopped_early,
    _silent_months,
    _repeated_rows,
    _constant_columns,
    _odd_scores,
)
"""Every rule of this file, in the order in which reports show them."""

"""What happened to accounts, week by week and day by day: for people to look at, never for a model to learn from.

Everything is as it was known at `as_of`: a row counts where its day and the day on which it was known lie before it,
and a column that is filled in later (`resolved_at`, `cancelled_at`) is an event of its own day. What no allowed feature
looks at is not read here either: a timeline is no way round `[features.purposes]`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features.contract import columns_of
from features.events import events_of, missed
from features.library.library import Place
from features.tables import Tables

WEEKS = 52
"""A timeline goes back so many weeks of seven days; week 0 is `[as_of - 7, as_of)`."""
MOMENTS = 60
"""The newest moments of an account that are kept, within those weeks."""


@dataclass(frozen=True)
class Kind:
    """One kind of moment: which instant of which table it is, and which columns say what it was."""

    name: str
    table: str
    instant: str
    what: str
    detail: str = ""
    number: str = ""
    unless: str = ""
    """The instant by which it was kept: it is a moment only where that did not come in time."""

    def readable(self, tables: Tables, places: Collection[Place]) -> bool:
        """Whether the company brings it and an allowed feature looks at it too."""
        columns = (self.instant, *((self.unless,) if self.unless else ()))
        return self.table in tables and all(readable(tables, self.table, column, places) for column in columns)


KINDS = (
    Kind("answer", "satisfaction", "occurred_at", what="instrument", number="score"),
    Kind("ticket_opened", "tickets", "opened_at", what="kind", detail="severity"),
    Kind("ticket_resolved", "tickets", "resolved_at", what="kind", detail="severity"),
    Kind("promise_missed", "tickets", "promised_by", what="kind", detail="severity", unless="resolved_at"),
    Kind("offer_made", "offers", "offered_at", what="kind", detail="target"),
    Kind("offer_answered", "offers", "responded_at", what="kind", detail="target", number="accepted"),
    Kind("contact", "interactions", "occurred_at", what="kind", detail="direction"),
    Kind("step_reached", "milestones", "reached_at", what="milestone"),
    Kind("step_missed", "milestones", "due_at", what="milestone", unless="reached_at"),
    Kind("terms_began", "subscriptions", "started_at", what="plan"),
    Kind("notice_given", "subscriptions", "cancelled_at", what="plan"),
    Kind("terms_ended", "subscriptions", "ended_at", what="plan"),
)
"""Every kind of moment; `number` is the score of an answer, and 1 or 0 for an offer taken or declined."""

WEEK_TYPES: Mapping[str, pa.DataType] = {"account_id": pa.string(), "week": pa.int16(), "uses": pa.int64()}
MOMENT_TYPES: Mapping[str, pa.DataType] = {
    "account_id": pa.string(),
    "day": pa.date32(),
    "kind": pa.string(),
    "what": pa.string(),
    "detail": pa.string(),
    "number": pa.float64(),
}
OVERRIDE_TYPES: Mapping[str, pa.DataType] = {
    "account_id": pa.string(),
    "outcome": pa.string(),
    "verdict": pa.string(),
    "made_by": pa.string(),
    "made_on": pa.date32(),
    "expires_on": pa.date32(),
    "note": pa.string(),
}


def timeline(
    tables: Tables, account_ids: Sequence[str], as_of: date, places: Collection[Place]
) -> dict[str, pd.DataFrame]:
    """`weeks`, `moments` and `overrides` of those accounts; `places` are the tables and columns that may be read."""
    return {
        "weeks": weeks(tables, account_ids, as_of, places),
        "moments": moments(tables, account_ids, as_of, places),
        "overrides": overrides(tables, account_ids, as_of),
    }


def lanes(tables: Tables, places: Collection[Place]) -> tuple[str, ...]:
    """What a company's timelines can tell: `uses`, and the kinds of moment that it brings and allows."""
    uses = "consumption" in tables and readable(tables, "consumption", "occurred_at", places)
    return (*(("uses",) if uses else ()), *(kind.name for kind in KINDS if kind.readable(tables, places)))


def weeks(tables: Tables, account_ids: Sequence[str], as_of: date, places: Collection[Place]) -> pd.DataFrame:
    """How often each account used anything in each of the last 52 weeks, as it was known at `as_of`.

    One row per (account_id, week) with any use, sorted: the columns of `WEEK_TYPES`; week 0 is the newest.
    """
    if "consumption" not in tables or not readable(tables, "consumption", "occurred_at", places):
        return _frame(pa.table(_empty(WEEK_TYPES)))
    use = events_of(tables, "consumption")
    use = _known(use, account_ids, as_of)
    week = ((ibis.literal(as_of).delta(use.day, unit="day") - 1) / 7).floor().cast("int16")
    counted = use.mutate(week=week).group_by("account_id", "week").agg(uses=lambda t: t.count())
    return _read(tables, counted.order_by("account_id", "week"), WEEK_TYPES)


def moments(tables: Tables, account_ids: Sequence[str], as_of: date, places: Collection[Place]) -> pd.DataFrame:
    """The newest 60 moments of each account in the last 52 weeks, as they were known at `as_of`.

    One row a moment, sorted by account and day: the columns of `MOMENT_TYPES`. An offer that was held back for
    comparison (`treated = false`) was never made, and is none.
    """
    found = [_moments(tables, kind, account_ids, as_of, places) for kind in KINDS if kind.readable(tables, places)]
    if not found:
        return _frame(pa.table(_empty(MOMENT_TYPES)))
    rows = ibis.union(*found) if len(found) > 1 else found[0]
    order = [rows.day.desc(), rows.kind, rows.what, rows.detail, rows.number]
    newest = rows.mutate(place=ibis.row_number().over(group_by="account_id", order_by=order))
    newest = newest.filter(newest.place < MOMENTS)
    by = ["account_id", "day", "kind", "what", "detail", "number"]
    return _read(tables, newest.order_by(by), MOMENT_TYPES)


def overrides(tables: Tables, account_ids: Sequence[str], as_of: date) -> pd.DataFrame:
    """What people have said against scores and still holds at `as_of`: the newest word an account and outcome.

    One row per (account_id, outcome), sorted: the columns of `OVERRIDE_TYPES`. It holds from the day after it was made
    until the day before `expires_on`.
    """
    if "overrides" not in tables:
        return _frame(pa.table(_empty(OVERRIDE_TYPES)))
    rows = _known(events_of(tables, "overrides", "made_at"), account_ids, as_of, weeks=None)
    rows = rows.mutate(
        made_on=rows.day,
        expires_on=tables.calendar.local_day(rows.expires_at),
        note=rows.note if "note" in rows.columns else ibis.null("string"),
    )
    rows = rows.filter(rows.expires_on > as_of)
    order = [rows.made_at.desc(), rows.expires_on.desc(), rows.made_by, rows.verdict, rows.note]
    rows = rows.mutate(place=ibis.row_number().over(group_by=["account_id", "outcome"], order_by=order))
    return _read(tables, rows.filter(rows.place == 0).order_by("account_id", "outcome"), OVERRIDE_TYPES)


def _moments(
    tables: Tables, kind: Kind, account_ids: Sequence[str], as_of: date, places: Collection[Place]
) -> ir.Table:
    """The moments of one kind, in the columns of `MOMENT_TYPES`."""
    rows = (
        missed(tables, kind.table, by=kind.instant, kept=kind.unless)
        if kind.unless
        else events_of(tables, kind.table, kind.instant)
    )
    if kind.table == "offers" and "treated" in rows.columns:
        rows = rows.filter(rows.treated.fill_null(True))
    rows = _known(rows, account_ids, as_of)

    def column(name: str, dtype: str) -> ir.Value:
        if name in rows.columns and readable(tables, kind.table, name, places):
            cast: ir.Value = rows[name].cast(dtype)
            return cast
        return ibis.null(dtype)

    return rows.select(
        "account_id",
        "day",
        kind=ibis.literal(kind.name),
        what=column(kind.what, "string"),
        detail=column(kind.detail, "string"),
        number=column(kind.number, "float64"),
    )


def readable(tables: Tables, table: str, column: str, places: Collection[Place]) -> bool:
    """Whether an allowed feature looks at the table and, where the contract does not require it, at the column."""
    if column not in tables[table].columns or not any(place[0] == table for place in places):
        return False
    return bool(columns_of(table)[column].required) or (table, column) in places


def _known(rows: ir.Table, account_ids: Sequence[str], as_of: date, weeks: int | None = WEEKS) -> ir.Table:
    """Those accounts' events of the last weeks (or of all time) that were known at `as_of`."""
    wanted = ibis.memtable(pa.table({"account_id": pa.array(list(account_ids), pa.string())}))
    rows = rows.filter([rows.day < as_of, rows.known_day < as_of])
    if weeks is not None:
        rows = rows.filter(rows.day >= as_of - timedelta(days=7 * weeks))
    return rows.semi_join(wanted, "account_id")


def _read(tables: Tables, rows: ir.Table, types: Mapping[str, pa.DataType]) -> pd.DataFrame:
    return _frame(tables.connection.to_pyarrow(rows.select(*types)).cast(pa.schema(list(types.items()))))


def _empty(types: Mapping[str, pa.DataType]) -> dict[str, pa.Array]:
    return {name: pa.array([], dtype) for name, dtype in types.items()}


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame

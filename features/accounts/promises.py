"""Promises to one account that are open: dates that were named and for which nothing is done yet.

As they were known at `as_of`, and for people to look at, as a timeline is (`features.accounts.timeline`): what no
allowed feature looks at is not read here either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features.absence import complete
from features.accounts.timeline import readable
from features.events import events_of, late_day
from features.library.library import Place
from features.tables import Tables

NEEDED: Mapping[str, tuple[str, ...]] = {
    "tickets": ("promised_by", "resolved_at"),
    "milestones": ("due_at", "reached_at"),
}
"""By table, the columns without which nothing can be said of its promises: the date, and when it was kept."""
PROMISE_TYPES: Mapping[str, pa.DataType] = {
    "table": pa.string(),
    "id": pa.string(),
    "what": pa.string(),
    "detail": pa.string(),
    "since": pa.date32(),
    "due": pa.date32(),
}


def open_promises(tables: Tables, account_id: str, as_of: date, places: Collection[Place]) -> pd.DataFrame:
    """The account's open promises as they were known at `as_of`: the one due first comes first.

    One row a promise, the columns of `PROMISE_TYPES`: a ticket that was opened before `as_of` with a date, and was not
    known to be resolved by then (`id`, its kind, its severity, the day on which it was opened); or a milestone that was
    not known to be reached (its name twice, its product, no `since`). One whose date lies at or after `as_of` counts
    where `recorded_at` says that it was known: a plan that nothing dates could have been made later. `places` are the
    tables and columns that may be read (`Library.places_of`).
    """
    parts = [
        part(tables, account_id, as_of, places)
        for table, part in (("tickets", _tickets), ("milestones", _milestones))
        if table in tellable(tables, places)
    ]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in PROMISE_TYPES})
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    rows = rows.order_by("due", "table", "id", "what", "detail", "since")
    found: pd.DataFrame = tables.connection.to_pyarrow(rows).cast(pa.schema(list(PROMISE_TYPES.items()))).to_pandas()
    return found


def tellable(tables: Tables, places: Collection[Place]) -> tuple[str, ...]:
    """The tables of whose promises something can be said: brought, and allowed, with the columns that it takes."""
    return tuple(
        table
        for table, columns in NEEDED.items()
        if table in tables and all(readable(tables, table, column, places) for column in columns)
    )


def _tickets(tables: Tables, account_id: str, as_of: date, places: Collection[Place]) -> ir.Table:
    """Those that were promised by a day and are not resolved."""
    rows = events_of(complete(tables, "tickets"), "tickets", "opened_at")
    rows = rows.filter(rows.account_id == account_id, rows.day < as_of, rows.known_day < as_of)
    rows = rows.filter(rows.promised_by.notnull(), _not_yet(tables, "tickets", rows, as_of))

    def word(column: str) -> ir.Value:
        return rows[column] if readable(tables, "tickets", column, places) else ibis.null("string")

    return rows.select(
        table=ibis.literal("tickets"),
        id=rows.ticket_id,
        what=word("kind"),
        detail=word("severity"),
        since=rows.day,
        due=tables.calendar.local_day(rows.promised_by),
    )


def _milestones(tables: Tables, account_id: str, as_of: date, places: Collection[Place]) -> ir.Table:
    """Those that were due and are not reached, and of those ahead the ones that were known."""
    rows = events_of(complete(tables, "milestones"), "milestones", "due_at")
    rows = rows.filter(rows.account_id == account_id, _not_yet(tables, "milestones", rows, as_of))
    planned = (tables.calendar.local_day(rows.recorded_at) < as_of).fill_null(False)
    rows = rows.filter(((rows.day < as_of) & (rows.known_day < as_of)) | ((rows.day >= as_of) & planned))
    return rows.select(
        table=ibis.literal("milestones"),
        id=rows.milestone,
        what=rows.milestone,
        detail=rows["product"] if readable(tables, "milestones", "product", places) else ibis.null("string"),
        since=ibis.null("date"),
        due=rows.day,
    )


def _not_yet(tables: Tables, table: str, rows: ir.Table, as_of: date) -> ir.Value:
    """Whether it was not known at the as_of that the promise was kept."""
    _, kept = NEEDED[table]
    return rows[kept].isnull() | (late_day(tables, table, rows, kept) >= as_of)

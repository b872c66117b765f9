"""Clauses: what a table and a column of the contract can say of themselves, as records of pandera.

What pandera has no word for stands in the metadata:

- of a table: `required`, `event` (the columns that date a row), `dated` (by the `earliest` or the `latest` of them),
  and `cost` (what is lost where the table is absent);
- of a column: `instant` (`event`, `late`: filled in later and visible only once its own instant has passed, `planned`:
  may lie beyond the data's end, `recorded`), `notice` (the column that announces a late one), `after` (the column
  that it may not precede), `late_with` (a value that is filled in together with a late instant), `cost`.

Money, quantities and values are DECIMAL(18, 6); satisfaction scores DECIMAL(9, 3); instants naive UTC, microseconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import ibis.expr.datatypes as dt

with warnings.catch_warnings():
    # pandera imports pyspark where there is one, which warns of pandas 3, whoever uses it or not
    warnings.simplefilter("ignore", FutureWarning)
    import pandera.ibis as pa

TEXT = dt.String()
NUMBER = dt.Decimal(18, 6)
SCORE = dt.Decimal(9, 3)
WHOLE = dt.Int64()
FLAG = dt.Boolean()
INSTANT = dt.Timestamp(scale=6)

Dated = Literal["earliest", "latest"]


def _column(dtype: dt.DataType, optional: bool, metadata: dict[str, Any], values: Sequence[str] = ()) -> pa.Column:
    """A column of the contract; an optional one may be absent, and may be null where it is there."""
    checks = [pa.Check.isin(list(values))] if values else None
    return pa.Column(dtype, checks, nullable=optional, required=not optional, metadata=metadata or None)


def text(optional: bool = True, **metadata: Any) -> pa.Column:
    """Any text."""
    return _column(TEXT, optional, metadata)


def choice(*values: str, optional: bool = True, **metadata: Any) -> pa.Column:
    """One of those values."""
    return _column(TEXT, optional, metadata, values)


def number(optional: bool = True, **metadata: Any) -> pa.Column:
    """Money, a quantity or a value."""
    return _column(NUMBER, optional, metadata)


def score() -> pa.Column:
    """Points of an answer."""
    return _column(SCORE, False, {})


def whole(optional: bool = True, **metadata: Any) -> pa.Column:
    """A whole number."""
    return _column(WHOLE, optional, metadata)


def flag(optional: bool = True, **metadata: Any) -> pa.Column:
    """Yes or no."""
    return _column(FLAG, optional, metadata)


def event(optional: bool = False, **metadata: Any) -> pa.Column:
    """An instant that dates the row."""
    return _column(INSTANT, optional, {"instant": "event", **metadata})


def late(after: str | None = None, notice: str | None = None, **metadata: Any) -> pa.Column:
    """An instant that is filled in once it has come; it may not precede `after`, and `notice` announces it."""
    return _column(INSTANT, True, {"instant": "late", "after": after, "notice": notice, **metadata})


def planned(optional: bool = True, **metadata: Any) -> pa.Column:
    """An instant that may lie beyond the data's end."""
    return _column(INSTANT, optional, {"instant": "planned", **metadata})


def table(
    name: str,
    columns: dict[str, pa.Column],
    key: Sequence[str] = (),
    event: Sequence[str] = (),
    cost: str = "",
    dated: Dated = "earliest",
    required: bool = False,
) -> pa.DataFrameSchema:
    """A table of the contract; one with an event time may also have `event_id` and `recorded_at`."""
    if event:
        recorded = _column(INSTANT, True, {"instant": "recorded"})
        columns = {**columns, "event_id": text(), "recorded_at": recorded}
    metadata = {"required": required, "event": tuple(event), "dated": dated, "cost": cost}
    return pa.DataFrameSchema(columns, name=name, unique=list(key) or None, strict="filter", metadata=metadata)


def metadata_of(declared: pa.DataFrameSchema | pa.Column) -> dict[str, Any]:
    """What a table or a column says beyond pandera's own words."""
    return dict(declared.metadata or {})

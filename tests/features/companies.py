"""Small companies made up at random, with every table and column of the contract.

A company is drawn from the contract itself (types, enumerations, which instant a column waits for), so that a column
which is added to the contract is in these tests too. Rows lie on both sides of `AS_OF`; some from before it are
recorded only after, and values that are filled in later are filled in on either side. Some tables arrive late.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import strategies as st

from features.contract import CONTRACT, columns_of, dated_by, dtype_of, event_of, fact_of, instants_of, values_of
from features.data_settings import DataSettings, TableSource
from features.reading.opening import tables_from_frames
from features.tables import Tables
from tests.features.instants import Instants

START, AS_OF, END = date(2024, 1, 1), date(2024, 8, 1), date(2024, 10, 1)
INSTANT_AHEAD = datetime(2024, 8, 3)

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

ROWS = {
    "accounts": 12,
    "plans": 6,
    "products": 6,
    "subscriptions": 40,
    "consumption": 500,
    "satisfaction": 150,
    "tickets": 150,
    "upgrade_paths": 24,
    "compatibility": 18,
}
"""How many rows a table has; 60 where nothing is said."""

POOLS: dict[str, tuple[str, ...]] = {
    "account_id": tuple(f"a{number}" for number in range(12)),
    "product": tuple(f"product{number}" for number in range(6)),
    "target": tuple(f"product{number}" for number in range(6)),
    "plan": tuple(f"plan{number}" for number in range(6)),
    "from_plan": tuple(f"plan{number}" for number in range(6)),
    "to_plan": tuple(f"plan{number}" for number in range(6)),
    "user_id": tuple(f"u{number}" for number in range(9)),
    "family": ("one", "two", "three"),
    "accessory": ("dock", "case", "key"),
    "severity": ("high", "low"),
    "new_capabilities": ("search", "search, sharing", ""),
    "verdict": ("stays", "leaves"),
}

UNIQUE = {"plans": "plan", "products": "product", "accounts": "account_id"}
"""Tables that list each value of a pool once."""

RELEASED = {"plan": ("plans", "released_at"), "product": ("products", "launched_at")}
"""Nothing is bought or used before it is there."""

DELAY_HOURS = (0.0, 0.75, 6.0, 30.0, 240.0, 240.0)
"""How late tables arrive."""

AHEAD = 5
"""The plan and the product of this number come only after `AS_OF`."""


@dataclass(frozen=True)
class Company:
    """Its rows, and the time zone in which its days are cut."""

    rows: Rows = field(repr=False)
    timezone: str
    without: frozenset[str] = frozenset()
    """Tables and columns (`table.column`) that it does not bring."""
    seed: int | None = None
    """What it was made up from."""
    delay_hours: Mapping[str, float] = field(default_factory=dict)
    """By table, how late it arrives; at once where nothing is said."""

    @property
    def brought(self) -> Rows:
        """Its rows without the tables and columns that it does not bring."""
        return {
            name: [{c: row.get(c) for c in columns_of(name) if f"{name}.{c}" not in self.without} for row in rows]
            for name, rows in self.rows.items()
            if name not in self.without and rows
        }

    @property
    def delays(self) -> Mapping[str, timedelta]:
        """The same as stretches of time."""
        return {table: timedelta(hours=hours) for table, hours in self.delay_hours.items()}

    def settings(self, engine: DataSettings = DataSettings()) -> DataSettings:  # noqa: B008 (frozen)
        """What its config says of its tables, for that engine."""
        sources = {table: TableSource(delay_hours=hours) for table, hours in self.delay_hours.items()}
        return engine.model_copy(update={"tables": sources})

    def tables(self, shuffle: int | None = None, check: bool = False) -> Tables:
        """Read as a company's own; `shuffle` puts the rows of each table into another order."""
        frames = {name: pd.DataFrame(rows, dtype="object") for name, rows in self.brought.items()}
        if shuffle is not None:
            frames = {name: frame.sample(frac=1, random_state=shuffle) for name, frame in frames.items()}
        return tables_from_frames(frames, timezone=self.timezone, end=END, check=check, data=self.settings())

    def day(self, instant: datetime) -> date:
        """The local day on which an instant falls."""
        return instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(self.timezone)).date()

    def late_day(self, table: str, row: Row, column: str) -> date:
        """From the end of which day it is known that an instant which is filled in later has come."""
        recorded = f"{table}.recorded_at" not in self.without and row.get("recorded_at") is not None
        delay = timedelta(0) if recorded else self.delays.get(table, timedelta(0))
        return max(self.day(row[column]), self.day(row[column] + delay))

    def known_day(self, table: str, row: Row) -> date | None:
        """From the end of which day a row may be used; None where nothing dates it."""
        row = {column: value for column, value in row.items() if f"{table}.{column}" not in self.without}
        dates = [row[c] for c in event_of(table) if row.get(c) is not None]
        if dates:
            event = (min if dated_by(table) == "earliest" else max)(dates)
            delayed = event + self.delays.get(table, timedelta(0))
            return max(self.day(event), self.day(max(event, row.get("recorded_at") or delayed)))
        planned = [row[c] for c in instants_of(table, "planned") if row.get(c) is not None]
        return self.day(planned[0]) if planned and not event_of(table) else None


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Companies of one seed: in one of a few time zones, most of them with everything, some without a few things."""
    seed = draw(st.integers(0, 2**32 - 1))
    timezone = draw(st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland"]))
    without = draw(
        st.one_of(
            st.just(frozenset[str]()),
            st.frozensets(st.sampled_from(["tickets", "offers", "plans", "products.core", "consumption.user_id"])),
        )
    )
    return Company(rows_of(random.Random(seed)), timezone, without, seed, delays_of(seed))


def delays_of(seed: int) -> dict[str, float]:
    """How late each table with an event time arrives in the company of a seed; one company in three is never late."""
    pick = random.Random(f"delays of {seed}")
    return {} if pick.random() < 1 / 3 else {name: pick.choice(DELAY_HOURS) for name in CONTRACT if event_of(name)}


def rows_of(
    pick: random.Random,
    first: date = START,
    last: date = END,
    instants: Instants | None = None,
    counts: Mapping[str, int] = ROWS,
) -> Rows:
    """A company's rows, whose instants lie in `[first, last)`; half of the columns that may be null sometimes are."""
    made: dict[str, list[Row]] = {}
    instants = instants or Instants(pick, first, last)
    for name in sorted(CONTRACT, key=lambda name: name not in ("plans", "products")):
        made[name] = [_row(name, number, pick, made, instants) for number in range(counts.get(name, 60))]
        key = CONTRACT[name].unique
        if key:
            made[name] = list({tuple(row[column] for column in key): row for row in made[name]}.values())
    return made


def _row(table: str, number: int, pick: random.Random, made: Rows, instants: Instants) -> Row:
    """One row of a table, its columns in the order in which they hang together."""
    instant = instants.draw
    row: Row = {}
    if table in UNIQUE:
        row[UNIQUE[table]] = POOLS[UNIQUE[table]][number]
        if number == AHEAD:
            row |= {released: instant(INSTANT_AHEAD) for listing, released in RELEASED.values() if listing == table}
    for column, declared in columns_of(table).items():
        kind = fact_of(table, column, "instant")
        if column in row:
            continue
        if declared.nullable and kind != "event" and pick.random() < (0.1 if table in UNIQUE else 0.25):
            row[column] = None
        elif kind == "event":
            row[column] = instant(row.get("signed_up_at")) if pick.random() < 0.8 or not declared.nullable else None
        elif kind == "late":
            row[column] = instant(row.get(fact_of(table, column, "after") or ""))
        elif kind == "planned":
            row[column] = instant(
                row.get(event_of(table)[0]) if event_of(table) else None, 120 if event_of(table) else None
            )
        elif kind == "recorded":
            row[column] = None
        elif fact_of(table, column, "late_with"):
            row[column] = None if row.get(fact_of(table, column, "late_with")) is None else pick.random() < 0.5
        else:
            row[column] = _value(table, column, number, pick)
    dates = [row[column] for column in event_of(table) if row.get(column) is not None]
    if dates and pick.random() < 0.3:
        row["recorded_at"] = instants.recorded(max(dates))
    for column, (listing, released) in RELEASED.items():
        if dates and row.get(column) is not None:
            there = [r[column] for r in made[listing] if r[released] is None or r[released] < min(dates)]
            row[column] = pick.choice(there) if there else None
    if table == "subscriptions" and row["plan"] is None:
        row["plan"] = "unlisted"
    return row


def _value(table: str, column: str, number: int, pick: random.Random) -> Any:
    """A value of a column's type."""
    dtype = dtype_of(table, column)
    if values_of(table, column):
        return pick.choice(values_of(table, column))
    if column in POOLS:
        return pick.choice(POOLS[column])
    if dtype.is_boolean():
        return pick.random() < 0.6
    if dtype.is_integer():
        return pick.randrange(1, 13)
    if dtype.is_decimal():
        return Decimal(pick.randrange(0, 100_000)) / (10_000 if column in ("score", "discount") else 100)
    return f"{table} {number} {pick.randrange(10**9)}" if column.endswith("_id") else pick.choice(("x", "y"))

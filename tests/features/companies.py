"""Small companies made up at random, with every table and column of the contract, and other futures for them.

A company is drawn from the contract itself (types, enumerations, which instant a column waits for), so that a column
which is added to the contract is in these tests too. Rows lie on both sides of `AS_OF`; some from before it are
recorded only after, and values that are filled in later are filled in on either side.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import strategies as st

from features.contract import CONTRACT, columns_of, dated_by, dtype_of, event_of, fact_of, instants_of, values_of
from features.reading import tables_from_frames
from features.tables import Tables

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

AHEAD = 5
"""The plan and the product of this number come only after `AS_OF`."""


@dataclass(frozen=True)
class Company:
    """Its rows, and the time zone in which its days are cut."""

    rows: Rows
    timezone: str
    without: frozenset[str] = frozenset()
    """Tables and columns (`table.column`) that it does not bring."""

    def tables(self, shuffle: int | None = None) -> Tables:
        """Read as a company's own; `shuffle` puts the rows of each table into another order."""
        frames = {}
        for name, rows in self.rows.items():
            if name in self.without or not rows:
                continue
            columns = [c for c in columns_of(name) if f"{name}.{c}" not in self.without]
            frame = pd.DataFrame(rows, columns=columns, dtype="object")
            frames[name] = frame if shuffle is None else frame.sample(frac=1, random_state=shuffle)
        return tables_from_frames(frames, timezone=self.timezone, end=END, check=False)

    def day(self, instant: datetime) -> date:
        """The local day on which an instant falls."""
        return instant.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(self.timezone)).date()

    def known_day(self, table: str, row: Row) -> date | None:
        """From the end of which day a row may be used; None where nothing dates it."""
        dates = [row[c] for c in event_of(table) if row.get(c) is not None]
        if dates:
            event = (min if dated_by(table) == "earliest" else max)(dates)
            return max(self.day(event), self.day(max(event, row.get("recorded_at") or event)))
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
    return Company(rows_of(random.Random(seed)), timezone, without)


def rows_of(pick: random.Random, first: date = START, last: date = END) -> Rows:
    """A company's rows, whose instants lie in `[first, last)`; half of the columns that may be null sometimes are."""
    made: dict[str, list[Row]] = {}
    for name in sorted(CONTRACT, key=lambda name: name not in ("plans", "products")):
        made[name] = [_row(name, number, pick, made, first, last) for number in range(ROWS.get(name, 60))]
        key = CONTRACT[name].unique
        if key:
            made[name] = list({tuple(row[column] for column in key): row for row in made[name]}.values())
    return made


def _row(table: str, number: int, pick: random.Random, made: Rows, first: date, last: date) -> Row:
    """One row of a table, its columns in the order in which they hang together."""

    def instant(after: datetime | None = None, days: int | None = None) -> datetime:
        begin = after or datetime(first.year, first.month, first.day)
        end = datetime(last.year, last.month, last.day) if days is None else begin + timedelta(days=days)
        return begin + timedelta(minutes=pick.randrange(max(int((end - begin).total_seconds() // 60), 1)))

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
        row["recorded_at"] = max(dates) + timedelta(minutes=pick.randrange(40 * 24 * 60))
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


def other_future(company: Company, seed: int, as_of: date = AS_OF) -> Company:
    """The same company with another future: every row of every table that is not known yet is deleted or altered,
    new ones are added, and every value that is filled in at or after `as_of` is filled in otherwise.
    """
    pick = random.Random(seed)
    others = rows_of(pick)
    rows: dict[str, list[Row]] = {}
    for table, there in company.rows.items():

        def unknown(row: Row, table: str = table) -> bool:
            known = company.known_day(table, row)
            return known is not None and known >= as_of

        kept = [_filled_otherwise(company, table, row, pick, as_of) for row in there if not unknown(row)]
        names = {tuple(row[column] for column in CONTRACT[table].unique or ()) for row in kept}
        # A row that was not known comes back altered, as long as it is still not known.
        altered = [{**row, **_altered(table, row, other)} for row, other in zip(there, others[table], strict=False)]
        for row in [row for row in (*altered, *others[table]) if unknown(row)]:
            key = tuple(row[column] for column in CONTRACT[table].unique or ())
            if (not key or key not in names) and pick.random() < 0.8:
                kept.append(row)
                names.add(key)
        rows[table] = kept
    return Company(rows, company.timezone, company.without)


def _altered(table: str, row: Row, other: Row) -> Row:
    """What of another row goes into one so that it stays consistent: all but its key and its instants."""
    instants = {column for column in columns_of(table) if fact_of(table, column, "instant") is not None}
    return {
        column: value for column, value in other.items() if column not in instants | set(CONTRACT[table].unique or ())
    }


def _filled_otherwise(company: Company, table: str, row: Row, pick: random.Random, as_of: date) -> Row:
    """A known row whose late values that nobody can have seen before `as_of` are others, or none."""

    def hidden(column: str) -> bool:
        return row.get(column) is None or company.day(row[column]) >= as_of

    changed: Row = {}
    for column in instants_of(table, "late"):
        notice = fact_of(table, column, "notice")
        if hidden(column) and (notice is None or hidden(notice)):
            after = datetime(as_of.year, as_of.month, as_of.day) + timedelta(hours=36)
            floor = max([after, *(row[c] for c in event_of(table) if row.get(c) is not None)])
            changed[column] = None if pick.random() < 0.4 else floor + timedelta(minutes=pick.randrange(60_000))
    for column in columns_of(table):
        late = fact_of(table, column, "late_with")
        if late in changed:
            changed[column] = None if changed[late] is None else pick.random() < 0.5
    return {**row, **changed}

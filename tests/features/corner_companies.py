"""Companies made up at random of what goes wrong most easily, to hold the features to a second opinion.

Instants lie at the ends of days and of windows, many of them at once; rows come late, twice (with one `event_id`) or
before the account did; there are several subscriptions at once, renewed, dearer, moved up and down; products are used
before their launch; what is filled in later is known a day too late; some accounts have nothing at all. Every company
is one that the contract accepts.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from features.contract import CONTRACT, columns_of, event_of, fact_of, instants_of, key_of
from tests.features.companies import AS_OF, END, POOLS, ROWS, Company, Row, delays_of, rows_of
from tests.features.instants import Corners
from tests.features.subscription_lines import subscription_lines

FIRST = date(2023, 6, 1)
AS_OFS = (date(2024, 4, 1), AS_OF - timedelta(days=28), AS_OF)
"""The day before the first has 23 hours in Berlin."""
ZONES = ("Europe/Berlin", "UTC", "America/Santiago", "Pacific/Auckland", "Asia/Kolkata")
"""In Santiago the clock is put forward at midnight, so that a day begins at one."""
ACCOUNTS = tuple(f"a{number}" for number in range(48))
"""So many, as fewer than ten of a kind are not compared with each other."""
QUIET = ACCOUNTS[-2:]
"""Accounts without anything."""
RARE = POOLS["product"][3]
"""The product of a few accounts."""
RUSH = tuple(datetime.combine(AS_OF - timedelta(days=days), time()) for days in (178, 125))
"""The weeks in which they take it on: before its last quarter of a year, as of either of the last two days."""
COUNTS = {
    **ROWS,
    "consumption": 800,
    **dict.fromkeys(("satisfaction", "tickets", "interactions", "accessories"), 250),
    "compatibility": 60,
    "offers": 150,
}

TIERS = (1, 1, 2, 2, 3, 4)

VALUES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("accounts", "segment"): (None, "x", "x", "x", "x", "x"),
    ("plans", "family"): ("one", "one", "one", "one", "two", None),
    ("plans", "list_price"): (None, Decimal(0), Decimal(20), Decimal("49.99"), Decimal(90)),
    ("plans", "seat_limit"): (None, 0, 5, 20),
    ("products", "min_tier"): (None, 1, 2, 3),
    ("consumption", "quantity"): (None, Decimal(0), Decimal("-1.5"), Decimal("0.000001"), Decimal("12.25")),
    ("satisfaction", "score"): tuple(
        map(Decimal, ("-1", "0", "0.5", "1", "2.375", "3", "5", "6", "6.5", "8.999", "9", "12"))
    ),
    ("tickets", "severity"): (None, " High", "P1", "low", "4"),
    ("interactions", "direction"): (None, "inbound", " IN ", "outbound"),
    ("upgrade_paths", "new_capabilities"): (None, "12", " 007 ", "search", "search, sharing;chat", "a, b,", " "),
}
"""Values that a column is drawn from, in place of those of `companies.py`."""


@st.composite
def corner_companies(draw: st.DrawFn) -> Company:
    """Companies of one seed; two in five lack some optional columns."""
    seed, timezone = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from(ZONES))
    return corner_company(seed, timezone, draw(st.sampled_from((0.0, 0.0, 0.0, 0.1, 0.2))))


def corner_company(seed: int, timezone: str = "Europe/Berlin", lacks: float = 0.0) -> Company:
    """One of them, that lacks each optional column with that probability."""
    pick = random.Random(seed)
    instants = Corners(pick, FIRST, END, AS_OFS, timezone)
    made = rows_of(pick, FIRST, END, instants, COUNTS)
    rows = {table: [_of_somebody(pick, table, row) for row in made[table]] for table in CONTRACT}
    for (table, column), values in VALUES.items():
        rows[table] = [{**row, column: pick.choice(values)} for row in rows[table]]
    rows["plans"] = [{**plan, "tier": tier} for plan, tier in zip(rows["plans"], pick.sample(TIERS, 6), strict=True)]
    rows["subscriptions"] = subscription_lines(pick, instants, ACCOUNTS[:-2], (*POOLS["plan"], "unlisted"))
    rows["consumption"] = [_used_by_few(_used_early(pick, row)) for row in rows["consumption"]]
    rows["accounts"] = [
        version
        for number, account in enumerate(ACCOUNTS)
        for version in _versions(pick, instants, rows["accounts"][number % len(rows["accounts"])], account)
    ]
    delays = delays_of(seed)
    for table, hours in delays.items():
        if hours and table != "subscriptions":  # whose ends lie there anyway
            rows[table] = [_heard_late(pick, instants, table, row, hours) for row in rows[table]]
    for table in CONTRACT:
        if event_of(table) and not key_of(table):
            rows[table] += [_repeated(pick, instants, table, row) for row in rows[table] if pick.random() < 0.1]
    without = _lacking(pick, lacks)
    if "subscriptions.cancelled_at" in without:
        rows["subscriptions"] = [_without_notice(instants, row) for row in rows["subscriptions"]]
    return Company(rows, timezone, without, seed, delays)


def _of_somebody(pick: random.Random, table: str, row: Row) -> Row:
    """A row of an account, given to any that is not quiet."""
    return {**row, "account_id": pick.choice(ACCOUNTS[:-2])} if event_of(table) and table != "accounts" else row


def _used_early(pick: random.Random, use: Row) -> Row:
    """Any product may be tried before it is launched."""
    return {**use, "product": pick.choice(POOLS["product"])} if pick.random() < 0.2 else use


def _used_by_few(use: Row) -> Row:
    """One product gets to a few accounts, all of them in the same weeks, and to none after that."""
    if use["account_id"] in ACCOUNTS[:4] and RUSH[0] <= use["occurred_at"] < RUSH[1]:
        return {**use, "product": RARE}
    return {**use, "product": POOLS["product"][0]} if use["product"] == RARE else use


def _versions(pick: random.Random, instants: Corners, like: Row, account: str) -> list[Row]:
    """An account and, of some, a later version of it, of which one in three corrects when it signed up."""
    signed_up = pick.choice((instants.draw(), instants.local(AS_OFS[0] - timedelta(days=pick.randrange(92, 250)))))
    recorded = instants.recorded(signed_up) if pick.random() < 0.2 else None
    first = {**like, "account_id": account, "signed_up_at": signed_up, "valid_from": None, "recorded_at": recorded}
    first |= {
        "event_id": pick.choice((None, f"accounts {pick.randrange(10**9)}")),
        "segment": pick.choice(VALUES["accounts", "segment"]),
    }
    if pick.random() < 0.7:
        return [first]
    later = {
        **first,
        "recorded_at": None,
        "event_id": None,
        "segment": "y",
        "valid_from": instants.draw(after=signed_up),
    }
    if pick.random() < 0.3:
        later["signed_up_at"] -= timedelta(days=pick.randrange(40))
    soon = {**later, "valid_from": later["valid_from"] + timedelta(minutes=5), "segment": pick.choice((None, "x"))}
    return [first, later, soon] if pick.random() < 0.3 else [first, later]


def _repeated(pick: random.Random, instants: Corners, table: str, row: Row) -> Row:
    """The same event once more: the same row, or one that says something else and was recorded later."""
    row["event_id"] = row["event_id"] or f"{table} {pick.randrange(10**9)}"
    dates = [row[column] for column in event_of(table) if row[column] is not None]
    if not dates or pick.random() < 0.3:
        return dict(row)
    known = max(max(dates), row["recorded_at"] or max(dates))
    changed = {"account_id": pick.choice(ACCOUNTS[:-2])} if pick.random() < 0.5 else {}
    return {**row, **changed, "recorded_at": known + timedelta(minutes=pick.randrange(1, 90 * 24 * 60))}


def _heard_late(pick: random.Random, instants: Corners, table: str, row: Row, hours: float) -> Row:
    """Of one row in four, what is filled in later comes before an as_of by less than its table's delay."""
    changed: Row = {}
    for column in instants_of(table, "late"):
        begins = instants.local(pick.choice(AS_OFS))
        instant = begins - timedelta(seconds=1 + pick.randrange(int(hours * 3600)))
        after = fact_of(table, column, "after")
        if row[column] is not None and pick.random() < 0.25 and (after is None or row[after] <= instant):
            changed[column] = instant
    return {**row, **changed}


def _without_notice(instants: Corners, term: Row) -> Row:
    """Terms of whose end nobody can tell beforehand."""
    ahead = term["ended_at"] is not None and term["ended_at"] >= instants.last
    return {**term, "ended_at": None} if ahead else term


def _lacking(pick: random.Random, share: float) -> frozenset[str]:
    """The columns that a company does not bring, drawn from the optional ones."""
    optional = [
        f"{table}.{column}"
        for table in CONTRACT
        for column, declared in columns_of(table).items()
        if not declared.required and column not in event_of(table)
    ]
    return frozenset(place for place in optional if pick.random() < share)

"""What a brief tells of open promises: days that were named, and for which nothing is done yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from serving.account import records
from serving.brief import Fact
from serving.days import day_text
from serving.names import short

OPEN = 4
"""Open promises that are told one by one."""
AWAITED = 180
"""Days past its date after which nobody waits for a milestone any more: it was given up, or overtaken. A ticket stays
open until it is resolved."""


def promise_facts(promises: pd.DataFrame, as_of: date) -> Iterator[Fact]:
    """How many are open, how many of them late, the first ones, and how many milestones nobody waits for any more.

    `promises` is of `features.accounts.promises.open_promises`: what is not done at `as_of`, the one due
    first comes first.
    """
    rows = [(row, date.fromisoformat(row["due"])) for row in records(promises)]
    lapsed = [row for row, due in rows if row["table"] == "milestones" and (as_of - due).days > AWAITED]
    awaited = [(row, due) for row, due in rows if row not in lapsed]
    late = sum(due < as_of for _, due in awaited)
    text = f"{len(awaited)}, of which {late} past the date" if awaited else "none"
    yield Fact("promises.count", "Open", text, len(awaited), "count", "tickets, milestones")
    yield Fact("promises.overdue", "Past the date", str(late), late, "count", "tickets, milestones")
    for place, (row, due) in enumerate(awaited[:OPEN], 1):
        yield _promise(f"promises.open.{place}", row, due, as_of)
    if lapsed:
        many = len(lapsed) > 1
        text = (
            f"{len(lapsed)} milestone{'s' if many else ''} more than {AWAITED} days past {'their' if many else 'its'} "
            f"date and never reached {'are' if many else 'is'} not counted"
        )
        yield Fact("promises.lapsed", "Long past", text, len(lapsed), "count", "milestones")


def _promise(key: str, row: Mapping[str, Any], due: date, as_of: date) -> Fact:
    ticket = row["table"] == "tickets"
    beside = ", ".join(short(row[name]).replace("_", " ") for name in ("what", "detail") if ticket and row[name])
    dated = f"{'promised by' if ticket else 'due'} {day_text(due)}, {_away((due - as_of).days)}"
    text = f"{beside}; {dated}" if beside else dated
    label = f"{'Ticket' if ticket else 'Milestone'} {short(row['id'])}"
    return Fact(key, label, text, due.isoformat(), "day", f"{row['table']} {row['id']}")


def _away(days: int) -> str:
    """`3 days ago`, `today`, `in 1 day`."""
    if days == 0:
        return "today"
    size = f"{abs(days):,} day{'' if abs(days) == 1 else 's'}"
    return f"{size} ago" if days < 0 else f"in {size}"

"""Subscriptions made up at random as accounts have them: several lines at once, each a run of terms."""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.features.instants import Corners

Row = dict[str, Any]


def subscription_lines(
    pick: random.Random, instants: Corners, accounts: Sequence[str], plans: Sequence[str]
) -> list[Row]:
    """The terms of all accounts: each has up to three lines, each of up to four terms one after the other."""
    rows = [
        row
        for account in accounts
        for _ in range(pick.choice((0, 1, 1, 1, 2, 2, 3)))
        for row in _line(pick, instants, account, plans)
    ]
    names = [{"subscription_id": f"s{n}", "event_id": pick.choice((None, f"e{n}"))} for n in range(len(rows))]
    return [{**row, **name} for row, name in zip(rows, names, strict=True)]


def _line(pick: random.Random, instants: Corners, account: str, plans: Sequence[str]) -> list[Row]:
    """Terms that follow each other, most of them at once: renewed or not, dearer or cheaper, on another plan or not."""
    rows: list[Row] = []
    start = min(instants.draw(), instants.draw())
    plan, price, seats = pick.choice(plans), Decimal(pick.randrange(0, 5)) * 10, pick.choice((None, 0, 1, 5, 7, 7))
    for _ in range(pick.randrange(1, 5)):
        row = _term(pick, instants, start)
        mrr = None if pick.random() < 0.15 else price * (seats or 1)
        rows.append({**row, "account_id": account, "plan": plan, "mrr": mrr, "seats": seats})
        if row["ended_at"] is None or row["ended_at"] >= instants.last:
            break
        start = min(_following(pick, instants, row["ended_at"]), instants.last)
        plan = pick.choice(plans) if pick.random() < 0.4 else plan
        price = price * pick.choice((1, 2, 2, 3, 4)) / 2
        seats = pick.choice((seats, seats, seats, None, 3, 10))
    return rows


def _term(pick: random.Random, instants: Corners, start: datetime) -> Row:
    """One term: its renewals, its end and the notice of it."""
    months = pick.choice((None, 0, 1, 1, 3, 12))
    renews = pick.choice((None, None, months_later(start, months or 1), start + timedelta(days=pick.randrange(1, 200))))
    ends = (
        None,
        None,
        instants.draw(after=start),
        max(instants.turning(), start),
        _renewal(pick, start, months, renews),
    )
    ended = pick.choice(ends)
    cancelled = None
    if pick.random() < 0.4:
        cancelled = instants.draw(after=start)
    elif ended is not None and ended >= instants.last:
        ended = None  # what nobody gave notice of has not ended after the data's end
    return {
        "started_at": start,
        "ended_at": ended,
        "cancelled_at": cancelled,
        "term_months": months,
        "renews_at": renews,
        "auto_renew": pick.choice((None, True, False)),
        "discount": pick.choice((None, Decimal(0), Decimal("0.1"), Decimal("0.25"))),
        "recorded_at": instants.recorded(start) if pick.random() < 0.25 else None,
    }


def _renewal(pick: random.Random, start: datetime, months: int | None, renews: datetime | None) -> datetime:
    """One of the renewals of a term."""
    first = renews or months_later(start, months or 1)
    return months_later(first, (months or 1) * pick.choice((0, 0, 1, 2)))


def _following(pick: random.Random, instants: Corners, end: datetime) -> datetime:
    """When the next term begins: most often as the one before ends."""
    return pick.choice((end, end, end, end + timedelta(minutes=1), end + timedelta(days=1), instants.draw(after=end)))


def months_later(instant: datetime, months: int) -> datetime:
    """The same day of a later month, or its last where it has no such day."""
    year, month = divmod(instant.year * 12 + instant.month - 1 + months, 12)
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))

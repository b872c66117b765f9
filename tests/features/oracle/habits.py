"""Habits and growth: an account beside its own past, its people, and what it took on before or after others."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from tests.features.oracle.algebra import Entries
from tests.features.oracle.past import Asked, Past
from tests.features.oracle.peers import latest_version
from tests.features.oracle.use import first_days, uses


def first_day(past: Past, account: str) -> date | None:
    """The day on which the account first used anything, as far as that is known."""
    return min((day for day, _ in uses(past, Asked(account))), default=None)


def days_there(past: Past, asked: Asked) -> int | None:
    """Days since its first use, a year at most."""
    since = first_day(past, asked.account)
    return None if since is None else min((past.as_of - since).days, 364)


def stretches(past: Past, asked: Asked) -> Fraction | None:
    """Of the year before the last 28 days, how many stretches of 28 it was there for; None under two."""
    days = days_there(past, asked)
    return None if days is None or days - 28 < 56 else Fraction(days - 28, 28)


def days_to_first_use(past: Past, asked: Asked) -> int | None:
    """Days from signing up to the first use; None where it signed up before any use, by anybody, that is known."""
    since, version = first_day(past, asked.account), latest_version(past, asked.account)
    begin = past.once(
        "begin", lambda: min((past.day(row["occurred_at"]) for row in past.seen("consumption")), default=None)
    )
    if since is None or version is None or past.day(version["signed_up_at"]) < begin:
        return None
    return max((since - past.day(version["signed_up_at"])).days, 0)


def weeks(past: Past, asked: Asked) -> Entries:
    """Each use, with the Monday of its week."""
    return [(day, day - timedelta(days=day.weekday())) for day, _ in uses(past, asked)]


def newcomers(past: Past, asked: Asked) -> Entries:
    """Each person of the account, on the day of that person's first use."""
    first: dict[str, date] = {}
    for day, use in uses(past, asked):
        if use["user_id"] is not None:
            first[use["user_id"]] = min(first.get(use["user_id"], day), day)
    return [(day, 1) for day in first.values()]


def _by_family(past: Past, asked: Asked) -> dict[str, dict[str, date]]:
    """By family, as far as it is listed by now, the first day of each of its products that the account used."""
    families = {row["product"]: row["family"] for row in past.seen("products")}
    found: dict[str, dict[str, date]] = {}
    for product, day in first_days(past, asked.account).items():
        if families.get(product) is not None:
            found.setdefault(families[product], {})[product] = day
    return found


def extensions(past: Past, asked: Asked) -> int | None:
    """How many products were taken on in the last 182 days after another of their family; None without any family."""
    families = _by_family(past, asked)
    later = [day for days in families.values() for day in days.values() if day > min(days.values())]
    return sum((past.as_of - day).days <= 182 for day in later) if families else None


def adjacent_uses(past: Past, asked: Asked) -> int | None:
    """How many families were taken on in the last 182 days, after the account's first day with any product."""
    families = _by_family(past, asked)
    began = min(first_days(past, asked.account).values(), default=None)
    first = [min(days.values()) for days in families.values()]
    return sum(day > began and (past.as_of - day).days <= 182 for day in first if began) if families else None


def _waits(past: Past) -> dict[str, dict[str, int]]:
    """By product, how many days each known account waited with it from the day on which both were there."""
    signed_up = {
        row["account_id"]: past.day(latest["signed_up_at"])
        for row in past.seen("accounts")
        if (latest := latest_version(past, row["account_id"])) is not None
    }
    first = {account: first_days(past, account) for account in signed_up}
    found: dict[str, dict[str, int]] = {}
    for product in {product for days in first.values() for product in days}:
        users = [account for account in first if product in first[account]]
        begin = min(first[account][product] for account in users)
        found[product] = {
            account: max((first[account][product] - max(signed_up[account], begin)).days, 0) for account in users
        }
    return found


def places(past: Past, asked: Asked) -> list[Fraction]:
    """Of each further product that it took on, and five accounts at least: its place among them, 0 first, 1 last."""
    first, waits = first_days(past, asked.account), past.once("waits", lambda: _waits(past))
    found = []
    for product, day in first.items():
        others = waits.get(product, {})
        if day > min(first.values()) and asked.account in others and len(others) >= 5:
            mine = others[asked.account]
            sooner, alike = (
                sum(wait < mine for wait in others.values()),
                sum(wait == mine for wait in others.values()),
            )
            found.append(round((sooner + Fraction(alike - 1, 2)) / (len(others) - 1), 6))
    return found


def mean_place(past: Past, asked: Asked) -> Fraction | None:
    """The mean of these places."""
    mine = places(past, asked)
    return sum(mine, Fraction(0)) / len(mine) if mine else None


def taken_early(past: Past, asked: Asked) -> int | None:
    """How many of them lie in the first quarter."""
    mine = places(past, asked)
    return sum(place <= Fraction(1, 4) for place in mine) if mine else None

"""Others: what accounts of the same segment and on the same plan did, and how products spread among all."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from tests.features.oracle.past import Asked, Past, Row
from tests.features.oracle.peers import active_accounts, segment_of
from tests.features.oracle.terms import in_force, known, noticed, terms
from tests.features.oracle.use import first_days

QUARTER = 91
FEWEST = 5
"""Others without whom a share of them says nothing."""


class Way(NamedTuple):
    """What became of an account that held something 91 days ago, and had not given notice for all of it."""

    plans: frozenset[str]
    """Those that it held then."""
    left: bool
    moved_up: bool


def _way(past: Past, account: str) -> Way | None:
    asked = Asked(account)
    then = [
        term
        for term in terms(past, asked)
        if past.ago(term["started_at"]) > QUARTER
        and (term["ended_at"] is None or past.ago(term["ended_at"]) <= QUARTER)
    ]
    if all(noticed(term) and _since_notice(past, term) > QUARTER for term in then):
        return None
    now = in_force(past, asked)
    tiers = {plan["plan"]: plan["tier"] for plan in past.seen("plans")}
    before, after = ([tiers[term["plan"]] for term in held if term["plan"] in tiers] for held in (then, now))
    moved_up = bool(before and after) and max(after) > max(before)
    return Way(frozenset(known(then, "plan")), all(noticed(term) for term in now), moved_up)


def _since_notice(past: Past, term: Row) -> int:
    """The days since word of a notice came."""
    return (past.as_of - past.heard_day("subscriptions", term, "cancelled_at")).days


def _ways(past: Past) -> dict[str, Way]:
    accounts = {term["account_id"] for term in past.seen("subscriptions")}
    return past.once("ways", lambda: {account: way for account in accounts if (way := _way(past, account)) is not None})


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole >= FEWEST else None


def _of_segment(past: Past, asked: Asked, accounts: Iterable[str]) -> list[str]:
    """Those of the accounts that are of the asked one's segment, without itself."""
    mine = segment_of(past, asked.account)
    return [
        account
        for account in accounts
        if mine is not None and account != asked.account and segment_of(past, account) == mine
    ]


def of_segment(past: Past, asked: Asked, what: str) -> Fraction | None:
    """The share of the others of its segment that left, or moved up."""
    others = _of_segment(past, asked, _ways(past))
    return _share(sum(getattr(_ways(past)[account], what) for account in others), len(others))


def of_plan(past: Past, asked: Asked, what: str) -> Fraction | None:
    """The same of the others that held one of its plans then; who held several counts with each."""
    mine = set(known(in_force(past, asked), "plan"))
    others = [
        way for account, way in _ways(past).items() for plan in way.plans if account != asked.account and plan in mine
    ]
    return _share(sum(getattr(way, what) for way in others), len(others))


def took_on(past: Past, asked: Asked) -> Fraction | None:
    """The share of the active others of its segment, of those that use products, that took on a further one lately."""
    others = [a for a in _of_segment(past, asked, active_accounts(past)) if first_days(past, a)]
    firsts = [first_days(past, account).values() for account in others]
    lately = [(past.as_of - max(days)).days <= QUARTER and max(days) > min(days) for days in firsts]
    return _share(sum(lately), len(others))


def segment_use(past: Past, asked: Asked, days: int | None = None) -> Fraction | None:
    """The share of the active others of its segment that used the product, or first did within so many days."""
    others = _of_segment(past, asked, active_accounts(past))
    ages = [_age(past, account, asked.product) for account in others]
    return _share(sum(age is not None and (days is None or age <= days) for age in ages), len(others))


def _age(past: Past, account: str, product: str) -> int | None:
    """Days since the account first used the product."""
    first = first_days(past, account).get(product)
    return None if first is None else (past.as_of - first).days


def _users(past: Past) -> dict[str, set[str]]:
    """By product, the accounts that used it."""

    def found() -> dict[str, set[str]]:
        users: dict[str, set[str]] = {}
        for use in past.seen("consumption"):
            if use["product"] is not None:
                users.setdefault(use["product"], set()).add(use["account_id"])
        return users

    return past.once("users", found)


def _together(past: Past, asked: Asked) -> list[Fraction]:
    """Of each other product that the account used, and five at least: the share of its users who used this one."""
    users = _users(past)
    return [
        round(Fraction(len(whose & users.get(asked.product, set())), len(whose)), 6)
        for product, whose in users.items()
        if asked.account in whose and product != asked.product and len(whose) >= FEWEST
    ]


def co_use_nearest(past: Past, asked: Asked) -> Fraction | None:
    """The greatest of these shares."""
    return max(_together(past, asked), default=None)


def co_use_mean(past: Past, asked: Asked) -> Fraction | None:
    """Their mean."""
    shares = _together(past, asked)
    return sum(shares, Fraction(0)) / len(shares) if shares else None


def co_use_whole(past: Past, asked: Asked) -> Fraction | None:
    """The share of everybody who used a product that used this one; None where there is nothing to compare it with."""
    everybody = set().union(*_users(past).values())
    mine = _users(past).get(asked.product, set())
    return round(Fraction(len(mine), len(everybody)), 6) if _together(past, asked) else None


class Curve(NamedTuple):
    """How far a product has spread among the active accounts."""

    share: Fraction
    gained: Fraction
    stage: str


def curve(past: Past, asked: Asked) -> Curve | None:
    """Where the product stands on its curve; None where nobody is active."""
    active = active_accounts(past)
    if not active:
        return None
    ages = [age for account in active if (age := _age(past, account, asked.product)) is not None]
    recent, before = sum(age <= 91 for age in ages), sum(91 < age <= 182 for age in ages)
    share = Fraction(len(ages), len(active))
    if share >= Fraction(1, 2) or (share >= Fraction(16, 100) and Fraction(recent, len(ages)) < Fraction(1, 10)):
        stage = "main_street"
    elif share >= Fraction(16, 100):
        stage = "tornado"
    else:
        stage = "early" if recent >= before else "chasm"
    return Curve(share, Fraction(recent, len(active)), stage)

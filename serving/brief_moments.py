"""The four moments of truth of a move to the next plan: what is known of each, and whether it may stop the move.

A score of 0 to 100 says how an account stands among the others; whether something is in the way is read off the facts
themselves, by the rules below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TOLD = 2
"""Features that are told of a moment that may stop the move, the first that are known; of any other one."""
NEAR = 0.8
"""A limit of which so much is used is near."""
WEEK = 40
"""Hours: a move that takes a working week or more is none that is done on the side."""
TWICE = 2
"""A next plan that costs so many times as much is another purchase."""
STOPS, OPEN, UNKNOWN, HIGHEST = "may stop it", "nothing against it", "not known", "no next plan"

Values = Mapping[str, float]
"""By feature, its value where it is known."""


@dataclass(frozen=True)
class Rule:
    """How one moment is read."""

    told: tuple[str, ...]
    """Features that tell of it, the most telling first."""
    stops: Callable[[Values], bool]
    """Whether something is in the way, of values of which at least one of `told` is known."""
    words: str


@dataclass(frozen=True)
class Stand:
    """One moment of one account."""

    name: str
    score: float | None
    stands: str
    """`may stop it`, `nothing against it`, `not known`, `no next plan`."""
    rule: str
    told: tuple[str, ...]
    """The features to tell of it."""


BRINGS: Mapping[str, float] = {
    "next_plan_products_near": 1,
    "new_capabilities": 1,
    "next_plan_products": 1,
    "seat_limit_use_28d": NEAR,
    "seats_of_limit": NEAR,
    "quantity_limit_peak_84d": NEAR,
}
"""From which value on each says that the next plan would bring this account something."""
RULES: Mapping[str, Rule] = {
    "advantage": Rule(
        ("tiers_above", *BRINGS),
        lambda v: not any(v[name] >= least for name, least in BRINGS.items() if name in v),
        "stops where the next plan opens no products, brings no capabilities and lifts no limit of which 80% is used",
    ),
    "ease": Rule(
        ("next_plan_hours", "next_tier_price", "migration_hours"),
        lambda v: v.get("next_plan_hours", v.get("migration_hours", 0)) >= WEEK or v.get("next_tier_price", 0) >= TWICE,
        "stops where the move takes 40 hours or more, or the next plan's list price is at least twice its own",
    ),
    "compatibility": Rule(
        ("accessories_breaking", "accessories_fitting_share"),
        lambda v: v["accessories_breaking"] > 0 if "accessories_breaking" in v else v["accessories_fitting_share"] < 1,
        "stops where something that is attached would not work on the next plan or, if that is not known, a higher one",
    ),
    "quick_start": Rule(
        ("milestones_overdue", "milestones_reached_share"),
        lambda v: v.get("milestones_overdue", 0) > 0,
        "stops where a milestone is past its date and not reached",
    ),
}
FEATURES = tuple(name for rule in RULES.values() for name in rule.told)
"""Every feature that moments are read from."""


def moments(row: Mapping[str, Any], values: Values) -> Iterator[Stand]:
    """The moments of one account of which anything is known; none where nothing is known of plans at all."""
    highest = values.get("tiers_above") == 0
    for name, rule in RULES.items():
        score = row.get(f"score_{name}")
        known = tuple(feature for feature in rule.told if feature in values)
        if score is None and not known:
            continue
        if highest:
            stands = HIGHEST
        elif not [feature for feature in known if feature != "tiers_above"]:
            stands = UNKNOWN
        else:
            stands = STOPS if rule.stops(values) else OPEN
        told = known if name != "advantage" or highest else _advantage(known, values)
        yield Stand(name, score, stands, f"rule: {rule.words}", told[: TOLD if stands == STOPS else 1])


def _advantage(known: tuple[str, ...], values: Values) -> tuple[str, ...]:
    """What the next plan brings comes before what it does not."""
    brings = [name for name in known if name in BRINGS and values[name] >= BRINGS[name]]
    others = [name for name in known if name in BRINGS and name not in brings]
    return (*brings, *others) or known

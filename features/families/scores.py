"""Scores of 0 to 100: how an account stands on each rung, in each layer and at each moment of truth.

Each part is ranked among all accounts active at the as_of and turned so that more is better; the score is the rank of
the mean of these ranks, times 100. So 70 has seven in ten accounts below it (half of the equal ones counted), whatever
the score is made of, and a score never falls when a part gets better. Parts that are not known are left out of the
mean; parts whose tables a company does not bring, or whose purpose it does not allow, are left out of the score.

Scores are made of other features, so a model learns nothing from them that it does not learn from their parts, and its
reasons would hide which part it was: models are not taught them, unless the config says so (`[features] teach_scores`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from features.families import (
    accessories,
    adoption,
    consumption,
    interactions,
    milestones,
    next_plan,
    offers,
    satisfaction,
    subscriptions,
    tickets,
    upgrades,
)
from features.feature import Feature, Layer, Moment, Part, Rank, Rung, Score

_FAMILIES = (
    accessories,
    adoption,
    consumption,
    interactions,
    milestones,
    next_plan,
    offers,
    satisfaction,
    subscriptions,
    tickets,
    upgrades,
)
_KNOWN = {feature.name: feature for family in _FAMILIES for feature in family.FEATURES}

RUNGS: Mapping[Rung, tuple[str, ...]] = MappingProxyType(
    {
        "consumption": ("+active_days_28d", "+events_28d", "+active_days_trend_28d", "+value_91d", "-days_since_use"),
        "satisfaction": ("+satisfaction_182d", "-low_answers_91d", "-complaints_91d", "-error_share_91d"),
        "adoption": ("+products_91d", "+users_28d", "+beyond_core_share_91d", "+products_added_91d", "+seat_use_28d"),
        "loyalty": ("+renewals", "-discount", "-notice_share", "+price_rises_accepted", "+referrals_182d"),
        "trust": ("+promises_kept_share_182d", "-promises_broken_91d", "-promises_overdue", "+advocacy_182d"),
    }
)
"""The parts of each rung's score: a feature, and whether more of it is better (+) or less (-)."""
LAYERS: Mapping[Layer, tuple[str, ...]] = MappingProxyType(
    {
        "base": ("-error_share_91d", "-incidents_91d", "-severe_tickets_91d", "+promises_kept_share_182d"),
        "efficiency": ("-tickets_per_active_day_91d", "-resolution_hours_182d", "-reopened_share_182d", "+ces_182d"),
        "joy": ("+nps_182d", "+stars_182d", "+thumbs_182d", "+promoters_182d", "+referrals_182d"),
    }
)
"""The same of each layer of what is expected."""
MOMENTS: Mapping[Moment, tuple[str, ...]] = MappingProxyType(
    {
        "advantage": ("+seat_limit_use_28d", "+quantity_limit_use_28d", "+new_capabilities", "+seat_use_28d"),
        "ease": ("-migration_hours", "-next_plan_hours"),
        "compatibility": ("+accessories_fitting_share",),
        "quick_start": ("+milestones_reached", "-milestones_overdue", "+milestones_in_time_share"),
    }
)
"""The same of each moment of truth of a move up."""

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "consumption": "how much, how often and how lately it is used",
        "satisfaction": "what its people say, and what went wrong",
        "adoption": "how far it reaches beyond the first product and the first people",
        "loyalty": "staying when there was a choice, and saying so",
        "trust": "promises kept and broken",
        "base": "whether it works and keeps what was promised",
        "efficiency": "how little effort it takes",
        "joy": "what delights",
        "advantage": "what a move up would bring",
        "ease": "how little a move up asks",
        "compatibility": "whether what it has would still work",
        "quick_start": "how well it got up and running",
    }
)


def _part(sign_and_name: str) -> Part:
    name = sign_and_name[1:]
    feature = _KNOWN[name]
    rank = Rank(feature.value, "everyone", zero=feature.missing == "zero")
    return Part(name, rank, higher_is_better=sign_and_name[0] == "+")


def _score(
    name: str, parts: tuple[str, ...], rung: Rung, layer: Layer | None = None, moment: Moment | None = None
) -> Feature:
    words = name.replace("_", " ")
    told = ", ".join(f"{part[1:]} ({'more' if part[0] == '+' else 'less'})" for part in parts)
    return Feature(
        name=f"score_{name}",
        value=Score(tuple(_part(part) for part in parts)),
        unit="points",
        idea="scores",
        rung=rung,
        layer=layer,
        moment=moment,
        purpose="service",
        missing="unknown",
        taught=False,
        phrase=f"Its score of {words} {{moved}} {{value}} of 100",
        missing_phrase=f"Nothing known that its score of {words} is made of",
        description=f"Of 100 accounts, how many stand lower: {MEANINGS[name]}. Better is: {told}",
    )


FEATURES = (
    *(_score(name, parts, name) for name, parts in RUNGS.items()),
    *(_score(name, parts, "satisfaction", layer=name) for name, parts in LAYERS.items()),
    *(_score(name, parts, "adoption", moment=name) for name, parts in MOMENTS.items()),
)
SOURCES = ()

"""The coefficients that all settings share: how states drift, what makes accounts act, and what offers do.

A setting has others where its customers differ; `docs/simulator.md` says where each comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["retention", "upgrade", "adoption"]


def _frozen(values: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType(dict(values))


@dataclass(frozen=True)
class Treatment:
    """Offers of one kind: how many, to whom, and what they do."""

    at_random: float
    """Share of the accounts that are drawn at random each time; half of them are held back as a control."""
    targeted: float
    """Share that the seller picks, more of those that the seller believes in."""
    bias: float
    """How strongly the seller follows that belief."""
    effect: float
    """On a persuadable account, in log-hazard while the offer is in force."""
    backfire: float
    """The same on one that had better been left asleep."""
    kinds_of_people: tuple[float, float, float, float] = (0.30, 0.30, 0.28, 0.12)
    """Shares of persuadables, sure things, lost causes and those better left asleep."""


TREATMENTS: Mapping[Kind, Treatment] = MappingProxyType(
    {
        "retention": Treatment(0.012, 0.030, 0.9, -1.0, 0.5),
        "upgrade": Treatment(0.012, 0.030, 0.8, 1.2, -0.6),
        "adoption": Treatment(0.015, 0.045, 0.7, 1.5, -0.5),
    }
)

DRIFT = _frozen(
    {
        "need_pull": 0.04,
        "need_noise": 0.045,
        "level_pull": 1 / 300,
        "reorganised": 0.0016,  # a day, and then need falls by 0.9 to 2.4
        "grows": 0.0011,  # a day, and then need rises by 0.4 to 0.9
        "budget_pull": 0.004,
        "budget_noise": 0.05,
        "budget_cut": 0.0007,  # a day, by 1.5
        "champion_leaves": 0.0010,
        "champion_comes": 0.0030,
        "interest_pull": 0.006,
        "interest_noise": 0.08,
        "value_pull": 0.02,
        "expectation_pull": 1 / 180,
        "mood_pull": 0.03,
        "mood_noise": 0.03,
        "trust_keeps": 0.992,
        "promise_kept": 0.06,
        "promise_broken": 0.45,
        "burden_keeps": 0.95,
        "price_keeps": 0.988,
        "habit_pull": 3 / 66,
        "fast": 1 / 18,
        "slow": 1 / 75,
        "aware_alone": 0.0012,
        "aware_from_others": 0.012,
        "aware_forgets": 0.002,
        "aware_offer": 0.5,
    }
)
"""How states move from day to day; see `docs/simulator.md` for each equation and where it comes from."""

CHURN = _frozen(
    {
        "always": -9.8,
        "falling_use": 2.0,  # log use of late below that of the months before
        "little_use": 0.8,  # log use below what the size would lead one to expect
        "low_value": 0.5,
        "dissatisfaction": 0.7,
        "mistrust": 0.9,
        "overdue": 0.9,  # a promise is broken today and not yet made good
        "tight_budget": 0.55,
        "no_champion": 0.7,
        "price_shock": 4.0,  # times the logarithm of the rise
        "near_renewal": 2.2,  # the last 60 days of a long term
        "short_term": 1.0,
    }
)
UPGRADE = _frozen(
    {
        "always": -4.2,
        "advantage_always": -3.1,
        "advantage_limits": 5.0,  # times how far use or seats are beyond 60 % of the limit
        "advantage_breadth": 0.35,
        "advantage_growth": 1.0,
        "advantage_capabilities": 0.25,  # times how many the next plan adds
        "ease_hours": 30.0,  # the hours of moving at which ease has fallen to a third
        "works_broken": 2.0,
        "quick_always": -1.2,
        "quick_started": 3.2,
        "satisfaction": 0.35,
        "budget": 0.6,
    }
)
ADOPTION = _frozen(
    {
        "always": -7.1,
        "alone": 0.02,  # Bass's p and q, relative to each other
        "from_others": 0.6,
        "adjacent_use": 0.7,
        "interest": 0.9,
        "value": 0.3,
        "started": 0.6,
        "champion": 0.5,
        "dropped": 0.0003,
    }
)
STAGES: Mapping[str, float] = _frozen({"early": -0.9, "chasm": -1.4, "tornado": 0.6, "main_street": 0.0})
"""What the stage of a product's market adds to the log-hazard of taking it on."""

"""Why accounts of the invented company leave, move up and take on more: the planted truth.

Each number multiplies a state of the account (see `examples/lives.py`) in the logarithm of a daily hazard. The three
outcomes share some causes and differ in most; a later yardstick compares what a model says with what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

CHURN: Mapping[str, float] = MappingProxyType(
    {
        "always": -9.2,
        "falling_use": 2.1,  # use of the last weeks below that of the months before
        "little_use": 0.9,  # use below what the seats would lead one to expect
        "overdue_tickets": 0.9,  # promises broken today, each (up to 3)
        "broken_trust": 1.1,  # promises broken before, not yet made good
        "satisfaction": -0.9,
        "budget": -0.5,
        "no_champion": 0.7,
        "near_renewal": 2.4,  # a year's contract in its last 60 days, against the rest of the year
        "monthly": 1.1,
        "retention_offer": -0.6,
    }
)
UPGRADE: Mapping[str, float] = MappingProxyType(
    {
        "always": -10.3,
        "limit_pressure": 3.2,  # seats or quantity against the plan's limit, from 60 % up
        "breadth": 0.42,  # each product in use
        "quick_start": 1.1,
        "rising_use": 1.0,
        "satisfaction": 0.3,
        "budget": 0.5,
        "breaking_accessory": -1.6,  # something attached would no longer work
        "migration_hours": -0.03,
        "upgrade_offer": 0.8,
    }
)
ADOPTION: Mapping[str, float] = MappingProxyType(
    {
        "always": -9.4,
        "pull": 1.0,  # how easily the product is taken on by anyone
        "adjacent_use": 0.9,  # other products of the same family in use
        "interest": 0.9,  # what users of the account would like to do
        "peers": 2.2,  # share of the segment that has it
        "quick_start": 0.6,
        "champion": 0.5,
        "value": 0.35,
        "adoption_offer": 1.3,
    }
)
CAUSES: Mapping[str, Mapping[str, float]] = MappingProxyType({"churn": CHURN, "upgrade": UPGRADE, "adoption": ADOPTION})


def hazard(causes: Mapping[str, float], states: Mapping[str, np.ndarray]) -> np.ndarray:
    """The daily probability of an event: one minus the exponential of minus the hazard; shape of the states.

    Raises:
        KeyError: a cause has no state, or a state no cause.
    """
    if set(causes) != set(states) | {"always"}:
        raise KeyError(
            f"Causes and states have the same names; they differ in {set(causes) ^ (set(states) | {'always'})}."
        )
    log_hazard = causes["always"] + sum(causes[name] * state for name, state in states.items())
    return 1.0 - np.exp(-np.exp(log_hazard))

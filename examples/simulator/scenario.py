"""What tells one simulated company from another: the parameters of the one engine, with defaults that all share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np

from examples.simulator.changes import World
from examples.simulator.coefficients import ADOPTION, CHURN, DRIFT, TREATMENTS, UPGRADE, Kind, Treatment
from examples.simulator.offering import Accessory, Plan, Product, Segment
from features.errors import InputError

NEVER = 10**6
"""A day that does not come."""


@dataclass(frozen=True)
class Faults:
    """How badly things are written down, as shares of the rows of use and answers."""

    duplicates: float = 0.002
    late: float = 0.01
    late_days: int = 3
    skewed: float = 0.01
    """Recorded by a clock that is wrong."""
    skew_minutes: int = 90


@dataclass(frozen=True)
class Scenario:
    """One company and the world it lives in."""

    name: str
    title: str
    currency: str
    segments: tuple[Segment, ...]
    plans: tuple[Plan, ...]
    products: tuple[Product, ...]
    accessories: tuple[Accessory, ...]
    milestones: Mapping[str, int]
    """A step of getting started and the days after signing up by which it is due."""
    owners: tuple[str, ...]
    names: Literal["business", "site", "address", "registration"]
    outcomes: str
    """The part of the config that says what churn, upgrade and adoption mean here; days in braces are this record's."""
    regions: tuple[str, ...] = ("north", "south", "west")
    industries: tuple[str, ...] = ()
    world: World = field(default_factory=World)
    faults: Faults = Faults()
    treatments: Mapping[Kind, Treatment] = field(default_factory=lambda: TREATMENTS)
    drift: Mapping[str, float] = field(default_factory=lambda: DRIFT)
    churn: Mapping[str, float] = field(default_factory=lambda: CHURN)
    upgrade: Mapping[str, float] = field(default_factory=lambda: UPGRADE)
    adoption: Mapping[str, float] = field(default_factory=lambda: ADOPTION)
    first_day: date = date(2024, 7, 2)
    contractual: bool = True
    """Whether leaving is a notice; where it is not, accounts just stop."""
    long_days: int = 365
    short_days: int = 30
    notice_days: int = 30
    silent: float = 0.15
    """Share of those who leave without a notice that is written down."""
    week: tuple[float, ...] = (1.15, 1.2, 1.2, 1.1, 1.0, 0.25, 0.2)
    """How much is done on each day of the week, Monday first."""
    year: tuple[float, ...] = (0.97, 1.0, 1.03, 1.0, 1.0, 0.98, 0.9, 0.82, 1.03, 1.06, 1.05, 0.9)
    """How much is done in each month, January first."""
    hours: tuple[int, int] = (7, 19)
    """Of the day, between which most things happen."""
    early: float = 0.58
    """Share of the accounts that were there before the first day."""
    exponent: float = 0.62
    """Of size in use: an account of twice the size does less than twice as much."""
    grace_days: int = 14
    gap_days: int = 14
    horizon_days: int = 56
    min_days: int = 3
    """Active days that make use of a product sustained."""

    def __post_init__(self) -> None:
        """Raises InputError where the shares of its segments do not add up to 1."""
        total = sum(segment.share for segment in self.segments)
        if abs(total - 1) > 1e-9:
            raise InputError(f"The shares of the segments add up to 1; those of {self.name} to {total}. Correct them.")

    def day(self, when: date) -> int:
        """The day of the simulation; days before the first are negative."""
        return (when - self.first_day).days

    def date(self, day: int) -> date:
        """The date of a day of the simulation."""
        return self.first_day + timedelta(days=day)

    @property
    def families(self) -> tuple[str, ...]:
        """The families of products, in the order in which they are first named."""
        return tuple(dict.fromkeys(product.family for product in self.products))

    @property
    def family_of(self) -> np.ndarray:
        """Of each product, the position of its family."""
        return np.array([self.families.index(product.family) for product in self.products])

    @property
    def core(self) -> np.ndarray:
        """Of each product, whether everybody uses it from the start."""
        return np.array([product.core for product in self.products])

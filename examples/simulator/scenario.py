"""What tells one simulated company from another: the parameters of the one engine, with defaults that all share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

import numpy as np

Stage = Literal["early", "chasm", "tornado", "main_street"]
Kind = Literal["retention", "upgrade", "adoption"]
NEVER = 10**6
"""A day that does not come."""


def _frozen(values: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType(dict(values))


@dataclass(frozen=True)
class Segment:
    """Accounts of one sort."""

    name: str
    share: float
    size: float
    """Typical seats (or machines, screens, drivers)."""
    long_term: float
    """Share that signs for the long term."""


@dataclass(frozen=True)
class Plan:
    """What is paid for; plans are listed from the lowest tier to the highest."""

    name: str
    price: float
    """A month and seat."""
    seat_limit: int | None
    quantity_limit: float | None
    """Of 28 days."""
    released: date
    hours: float = 0.0
    """It takes to move to the next plan up."""
    capabilities: int = 0
    """That the next plan up adds."""


@dataclass(frozen=True)
class Product:
    """What is consumed."""

    name: str
    family: str
    launched: date
    min_tier: int = 1
    stage: Stage = "main_street"
    core: bool = False
    pull: float = 0.0
    """How easily it is taken on, in log-hazard, beside the stage of its market."""
    weight: float = 0.036
    """Uses a day of an account of one seat with usual need."""
    price: float = 0.0
    """Of a unit, where use is charged."""


@dataclass(frozen=True)
class Accessory:
    """Something that accounts attach; from tier `breaks_from` on it does not work."""

    name: str
    share: float = 0.27
    breaks_from: int = 99


@dataclass(frozen=True)
class PriceRise:
    """From that day of the simulation every contract that renews pays more, and everybody has heard of it."""

    day: int
    by: float


@dataclass(frozen=True)
class BrokenAccessory:
    """A release after which an accessory no longer works on any plan from that tier on."""

    day: int
    accessory: str
    from_tier: int


@dataclass(frozen=True)
class MarketMove:
    """A product's market moves to another stage."""

    day: int
    product: str
    to: Stage


@dataclass(frozen=True)
class Silence:
    """The use of one region is not recorded for so many days."""

    day: int
    days: int
    region: str


@dataclass(frozen=True)
class Downturn:
    """Budgets tend to a lower level from that day on."""

    day: int
    by: float


@dataclass(frozen=True)
class World:
    """What changes for everybody, by day of the simulation."""

    price_rises: tuple[PriceRise, ...] = ()
    broken: tuple[BrokenAccessory, ...] = ()
    moves: tuple[MarketMove, ...] = ()
    silences: tuple[Silence, ...] = ()
    downturns: tuple[Downturn, ...] = ()
    incident_rate: float = 0.012
    """Of the vendor, a region and day."""


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
    world: World = World()
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
        total = sum(segment.share for segment in self.segments)
        if abs(total - 1) > 1e-9:
            raise ValueError(f"The shares of the segments add up to 1; those of {self.name} to {total}. Correct them.")

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

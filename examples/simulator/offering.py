"""What a simulated company offers, and to whom: segments, plans, products, accessories."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Stage = Literal["early", "chasm", "tornado", "main_street"]


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

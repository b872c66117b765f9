"""What changes for everybody in a simulated world, by day of the simulation."""

from __future__ import annotations

from dataclasses import dataclass

from examples.simulator.offering import Stage


@dataclass(frozen=True)
class PriceRise:
    """From that day of the simulation the list price is higher: new contracts pay it, others are told by letter.

    Where there is no contract, it is felt on the day.
    """

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

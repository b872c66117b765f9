"""Names that are plainly made up: of businesses, sites, addresses and registrations, and of no people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.scenario import Scenario

COLOURS = (
    *("Amber", "Azure", "Beige", "Bronze", "Cobalt", "Copper", "Coral", "Crimson", "Ebony", "Fawn", "Golden", "Jade"),
    *("Indigo", "Ivory", "Lilac", "Maroon", "Ochre", "Pearl", "Russet", "Silver", "Teal", "Umber", "Violet", "White"),
)
THINGS = (
    *("Anchor", "Basket", "Beacon", "Bridge", "Candle", "Chimney", "Compass", "Fiddle", "Fountain", "Garden", "Hammer"),
    *("Kettle", "Ladder", "Lantern", "Meadow", "Mirror", "Paddle", "Pebble", "Pillow", "Ribbon", "Saddle", "Shutter"),
    *("Spindle", "Teapot", "Thimble", "Trellis", "Tunnel", "Umbrella", "Wagon", "Willow"),
)
TRADES = (
    *("Bakery", "Books", "Carriers", "Clinics", "Fabrics", "Foods", "Gears", "Looms", "Mills", "Papers", "Tools"),
    *("Boats", "Bricks", "Cables", "Cycles", "Dairies", "Farms", "Floors", "Glass", "Labels", "Lamps", "Tiles", "Toys"),
)
SITES = ("works", "depot", "yard", "plant", "mill", "hall", "quarry")
STREETS = ("Street", "Lane", "Road", "Square", "Way")
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
GOLDEN_PART = 0.6180339887


def names(scenario: Scenario, accounts: int, chance: Chance) -> list[str]:
    """The name of each account, by number; none is found twice, and no further account changes them."""
    parts, write = _SORTS[scenario.names]
    sizes = [len(part) for part in parts]
    total = int(np.prod(sizes))
    order = _step(total) * np.arange(accounts) + int(chance.whole(0, total, "first name"))
    rounds, code = np.arange(accounts) // total, order % total
    positions = np.unravel_index(code, sizes)
    chosen = [np.array(list(part))[position].tolist() for part, position in zip(parts, positions, strict=True)]
    again = [f" {number + 1}" if number else "" for number in rounds.tolist()]
    return [write(*words) + suffix for *words, suffix in zip(*chosen, again, strict=True)]


def account_ids(number: np.ndarray) -> list[str]:
    """The id of each account, which does not depend on how many there are."""
    return [f"A{each + 1:06d}" for each in number.tolist()]


def _step(total: int) -> int:
    """A step that visits every number below `total` once, far from the one before."""
    step = int(total * GOLDEN_PART)
    while gcd(step, total) != 1:
        step += 1
    return step


def _business(colour: str, thing: str, trade: str) -> str:
    return f"{colour} {thing} {trade}"


def _site(colour: str, thing: str, site: str, number: int) -> str:
    return f"{colour} {thing} {site} {number}"


def _address(number: int, colour: str, thing: str, street: str) -> str:
    return f"{number} {colour} {thing} {street}"


def _registration(first: str, second: str, number: int, third: str, fourth: str) -> str:
    return f"{first}{second} {number} {third}{fourth}"


_SORTS: dict[str, tuple[tuple[Sequence[str] | range, ...], Callable[..., str]]] = {
    "business": ((COLOURS, THINGS, TRADES), _business),
    "site": ((COLOURS, THINGS, SITES, range(1, 100)), _site),
    "address": ((range(1, 121), COLOURS, THINGS, STREETS), _address),
    "registration": ((LETTERS, LETTERS, range(100, 1000), LETTERS, LETTERS), _registration),
}

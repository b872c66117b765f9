"""Who the invented company's accounts are on the day they sign up: nothing here changes afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

SEGMENTS = ("self-serve", "small", "mid-market", "large")
SHARES = (0.30, 0.36, 0.25, 0.09)
TYPICAL_SEATS = (4.0, 9.0, 32.0, 110.0)
ANNUAL_SHARES = (0.12, 0.35, 0.65, 0.90)
REGIONS = ("north", "south", "west")
INDUSTRIES = ("food", "freight", "health", "learning", "machines", "media", "retail", "travel")
TEAMS = ("team north", "team south", "team east", "team west", "team harbor", "team meadow")

COLOURS = (
    "Amber",
    "Azure",
    "Beige",
    "Bronze",
    "Cobalt",
    "Copper",
    "Coral",
    "Crimson",
    "Ebony",
    "Fawn",
    "Golden",
    "Jade",
)
THINGS = (
    *("Anchor", "Basket", "Beacon", "Bridge", "Candle", "Chimney", "Compass", "Fiddle", "Fountain", "Garden", "Hammer"),
    *("Kettle", "Ladder", "Lantern", "Meadow", "Mirror", "Paddle", "Pebble", "Pillow", "Ribbon", "Saddle", "Shutter"),
    *("Spindle", "Teapot", "Thimble", "Trellis", "Tunnel", "Umbrella", "Wagon", "Willow"),
)
TRADES = ("Bakery", "Books", "Carriers", "Clinics", "Fabrics", "Foods", "Gears", "Looms", "Mills", "Papers", "Tools")


@dataclass(frozen=True)
class Population:
    """The accounts, as arrays of one element an account; days count from the simulation's first."""

    frame: pd.DataFrame
    """account_id, name, owner, segment, region, industry, size."""
    signed_up: np.ndarray
    segment: np.ndarray
    region: np.ndarray
    team: np.ndarray
    seats: np.ndarray
    tier: np.ndarray
    """Position of the first plan: 0 is the lowest."""
    annual: np.ndarray
    discount: np.ndarray
    diligence: np.ndarray
    """How quickly and surely it gets started; standard normal."""
    temper: np.ndarray
    """How satisfied it is, all else equal; standard normal."""
    intensity: np.ndarray
    """How much it does with a seat; standard normal."""

    def __len__(self) -> int:
        return len(self.frame)


def gather(accounts: int, days: int, rng: np.random.Generator) -> Population:
    """Accounts of which somewhat more than half were there before the first day, the others joining over time."""
    segment = rng.choice(len(SEGMENTS), accounts, p=SHARES)
    early = rng.random(accounts) < 0.58
    signed_up = np.where(early, rng.integers(-900, 0, accounts), rng.integers(0, max(days - 14, 1), accounts))
    seats = np.maximum(1, np.round(np.array(TYPICAL_SEATS)[segment] * np.exp(0.5 * rng.standard_normal(accounts))))
    wanted = np.searchsorted([7, 28, 110], seats, side="right")
    tier = np.clip(wanted + rng.choice([-1, 0, 1], accounts, p=[0.22, 0.68, 0.10]), 0, 3)
    team, region = rng.integers(0, len(TEAMS), accounts), rng.integers(0, len(REGIONS), accounts)
    frame = pd.DataFrame(
        {
            "account_id": [f"A{number:05d}" for number in range(1, accounts + 1)],
            "name": _names(accounts, rng),
            "owner": np.array(TEAMS)[team],
            "segment": np.array(SEGMENTS)[segment],
            "region": np.array(REGIONS)[region],
            "industry": rng.choice(INDUSTRIES, accounts),
            "size": np.round(seats * rng.uniform(1.2, 6.0, accounts)).astype(int),
        }
    )
    return Population(
        frame=frame,
        signed_up=signed_up,
        segment=segment,
        region=region,
        team=team,
        seats=seats.astype(int),
        tier=tier,
        annual=rng.random(accounts) < np.array(ANNUAL_SHARES)[segment],
        discount=rng.choice([0.0, 0.0, 0.0, 0.05, 0.1, 0.2], accounts),
        diligence=rng.standard_normal(accounts),
        temper=rng.standard_normal(accounts),
        intensity=rng.standard_normal(accounts),
    )


def _names(accounts: int, rng: np.random.Generator) -> list[str]:
    """Names put together from the word lists, each used once; a number follows where there are not enough."""
    combinations = [f"{colour} {thing} {trade}" for colour in COLOURS for thing in THINGS for trade in TRADES]
    order = rng.permutation(len(combinations))
    return [
        combinations[order[i % len(order)]] + (f" {i // len(order) + 1}" if i >= len(order) else "")
        for i in range(accounts)
    ]

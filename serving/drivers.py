"""Drivers: what the reasons of all accounts come to in money, idea by idea, for the company and for its segments.

Of each account, the points of all ideas lead from the model's starting point to its chance. Times the money that the
outcome would move, and summed over accounts, they add up exactly to

    expected money  -  what it would be were every account at the starting point

and the rows of `drivers.parquet` of one outcome and segment, that of the starting point with them, to the expected
money itself. (The starting point is the chance of an account of which nothing is known; where an outcome is rare it
lies below the mean of all chances.) Money is in the company's currency, a year of it. A driver goes together with the
outcome; that it is its cause is nowhere said. See docs/decisions/0020-drivers-page.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serving.decision import CENTS, DecisionSettings

if TYPE_CHECKING:
    from serving.kept import Kept

START = "(the starting point)"
"""In place of an idea: what would be expected were every account where the model starts, nothing known of it."""
NONE, OTHERS = "(no segment)", "(small segments)"
FEWEST = 10
"""Accounts of a segment with fewer of which it is put together with others such."""
DRIVER_TYPES: Mapping[str, str] = {
    "outcome": "string",
    "segment": "string",
    "idea": "string",
    "money": "double",
    "raising": "double",
    "lowering": "double",
    "accounts": "int64",
    "moving": "double",
}


def no_drivers() -> pd.DataFrame:
    """The frame without a row: what the scores came from is not known."""
    kinds = {"string": "str", "double": "float64", "int64": "int64"}
    return pd.DataFrame({name: pd.Series(dtype=kinds[kind]) for name, kind in DRIVER_TYPES.items()})


def drivers(
    accounts: pd.DataFrame, kept: Mapping[str, Kept], settings: DecisionSettings, segmented: bool = True
) -> pd.DataFrame:
    """What every idea comes to in money.

    One row per (outcome, segment, idea), sorted: `segment` is missing in those of the whole company. `accounts` has one
    row an account_id: `segment`, `value_at_stake` and `<outcome>_probability`; an account without a value counts in
    none. `money` is what the idea adds to the expected money, `raising` the part of it of the accounts whose
    probability it raises, `lowering` that of the others, `accounts` how many there are, and `moving` the money that
    would move were all of them to have the outcome.
    """
    parts = [no_drivers()]
    for outcome, its in kept.items():
        if its.points is None:
            continue
        rows = valued(accounts, outcome, settings)
        made = its.points.set_index("account_id").reindex(rows["account_id"])
        parts.append(_of(outcome, None, rows, made, its.base))
        for segment, place in sorted(rows.groupby("part").indices.items()) if segmented else ():
            parts.append(_of(outcome, str(segment), rows.iloc[place], made.iloc[place], its.base))
    return pd.concat(parts, ignore_index=True).loc[:, list(DRIVER_TYPES)]


def valued(accounts: pd.DataFrame, outcome: str, settings: DecisionSettings) -> pd.DataFrame:
    """The accounts that were asked about and have a value: one row an account_id, in their order.

    `probability`, `moving` (the money that the outcome would move) and `part`, the segment that it is told under.
    """
    rows = accounts[accounts[f"{outcome}_probability"].notna() & accounts["value_at_stake"].notna()]
    return pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "probability": rows[f"{outcome}_probability"].astype("float64"),
            "moving": (rows["value_at_stake"] * settings.share(outcome)).round(CENTS),
            "part": parts_of(rows["segment"]),
        }
    ).reset_index(drop=True)


def parts_of(segment: pd.Series[str]) -> pd.Series[str]:
    """The segment of each row; those of fewer than ten accounts are put together, and so are those without one."""
    named = segment.astype("str").replace("", None).fillna(NONE)
    counts = named.map(named.value_counts())
    return named.where((counts >= FEWEST) | (named == NONE), OTHERS)


def _of(outcome: str, segment: str | None, rows: pd.DataFrame, made: pd.DataFrame, base: float) -> pd.DataFrame:
    """The rows of one outcome and segment."""
    moving = rows["moving"].to_numpy(dtype="float64")
    money = made.to_numpy(dtype="float64") / 100 * moving[:, None]
    average = base * moving.sum()
    return pd.DataFrame(
        {
            "outcome": outcome,
            "segment": segment,
            "idea": [*map(str, made.columns), START],
            "money": [*money.sum(axis=0), average],
            "raising": [*np.maximum(money, 0).sum(axis=0), average],
            "lowering": [*np.minimum(money, 0).sum(axis=0), 0.0],
            "accounts": len(rows),
            "moving": float(moving.sum()),
        }
    ).astype({"outcome": "str", "segment": "str", "idea": "str"})

"""What is usual: an account's own median over its earlier as_ofs, and that of the others that were scored with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Feature

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARLIER_AS_OFS = 2
"""So many earlier values make a usual one."""
OTHERS = 5
"""So many accounts make a median of the others."""


@dataclass(frozen=True)
class Usual:
    """What features usually are, one column a feature; missing where too little is known."""

    own: pd.DataFrame
    """Median over a key's own earlier as_ofs, one row a key."""
    others: pd.DataFrame
    """Median over the cohort at the as_of: one row, or one a product."""

    def of(self, rows: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The account's own usual value and the others' for the key and feature of each row, NaN where unknown."""
        return _looked_up(self.own, rows), _looked_up(self.others, rows)


def usual(history: pd.DataFrame, cohort: pd.DataFrame, features: Sequence[Feature], as_of: date) -> Usual:
    """Own and others' medians of the features for every row of `cohort`.

    `cohort` has one row per account_id, or per (account_id, product) where it has products; the others of a pair are
    those with the same product. `history` has the same keys and `as_of`; only earlier as_ofs count. Where a number of
    days follows the calendar and not the account (customer for 400 days, renewal in 20), no value of it is usual.
    """
    keys = ["account_id", "product"] if "product" in cohort.columns else ["account_id"]
    names = [feature.name for feature in features]
    earlier = history.loc[history["as_of"] < pd.Timestamp(as_of), [*keys, "as_of", *names]]
    earlier = earlier[earlier["account_id"].isin(cohort["account_id"])]
    past = earlier.groupby(keys)[names]
    own = past.median().where(past.count() >= EARLIER_AS_OFS)
    for name in [feature.name for feature in features if feature.unit == "days"]:
        own[name] = own[name].mask(_follows_calendar(earlier, keys, name))
    if "product" in keys:
        around = cohort.groupby("product")[names]
        return Usual(own, around.median().where(around.count() >= OTHERS))
    typical = cohort[names].median().where(cohort[names].count() >= OTHERS)
    return Usual(own, typical.to_frame().T)


def _follows_calendar(earlier: pd.DataFrame, keys: list[str], name: str) -> pd.Series[bool]:
    """Where at least half of a feature's steps were exactly the days between the as_ofs; one value a key.

    The step to the as_of at which we stand does not count: last used 31 days ago, usually 3, is worth telling.
    """
    rows = earlier.sort_values([*keys, "as_of"])
    steps = rows.groupby(keys)[["as_of", name]].diff()
    known = steps[name].notna()
    as_calendar = known & (steps[name].abs() == steps["as_of"].dt.days)
    total = pd.DataFrame({"as_calendar": as_calendar, "known": known}).groupby([rows[key] for key in keys]).sum()
    follows: pd.Series[bool] = (total["known"] > 0) & (2 * total["as_calendar"] >= total["known"])
    return follows


def _looked_up(medians: pd.DataFrame, rows: pd.DataFrame) -> NDArray[np.float64]:
    keys = [name for name in medians.index.names if name is not None]
    if not keys:
        found = np.zeros(len(rows), dtype=np.intp)
    else:
        wanted = pd.MultiIndex.from_frame(rows[keys]) if len(keys) > 1 else pd.Index(rows[keys[0]])
        found = np.asarray(medians.index.get_indexer(wanted))
    column = np.asarray(medians.columns.get_indexer(pd.Index(rows["feature"])))
    there = (found >= 0) & (column >= 0)
    result = np.full(len(rows), np.nan)
    result[there] = medians.to_numpy(dtype="float64")[found[there], column[there]]
    return result

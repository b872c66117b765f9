"""The guards of rows apart: training ends long enough before the test, and no row stands on both sides.

L1.4 (duplicates) and L3.1 (time) of Kapoor and Narayanan 2023 (doi:10.1016/j.patter.2023.100804).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.guards.finding import Finding
from models.sealed import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.clock import Horizon
    from models.dataset import Dataset

DAYS, TWINS = "days apart", "twins"
MOST_UNCOMMON = 10
"""Features beside their commonest value from which a row is taken for one of its own kind: accounts that do nothing
look alike, but two that agree to the bit in ten counts, sums and dates that are out of the ordinary are one account."""
LEAST_UNCOMMON = 3
"""... of a data set with few features, a quarter of which is asked for instead, and no fewer than this."""
MOST_BEARERS = 3
"""Accounts that may share the features of twins, as one under three ids; what more of them share is how many look."""
TWIN_SHARE = 0.001
"""Of the judged rows, up to which twins are let pass as chance."""


def days_apart(taught: Dataset, judged: Dataset, horizon: Horizon) -> tuple[Finding, ...]:
    """Whether the first judged as_of lies `horizon.total` days after the last taught one, and no key is on both sides.

    `figure` is the number of days between them (negative where they interleave), and of rows that stand on both sides.
    """
    found = []
    last, first = taught.as_ofs[-1], judged.as_ofs[0]
    apart = (first - last).days
    if apart < horizon.total:
        found.append(
            Finding(
                DAYS,
                "as_of",
                float(apart),
                f"A label that teaches is certain before the test begins: {horizon.total} days (gap, horizon and "
                "confirmation) lie between the last day of training and the first that is judged",
                f"here {apart}, from {last} to {first}",
                "Divide by time, and leave out the days between",
            )
        )
    both = int(rows_of(judged, taught.frame).sum())
    if both:
        found.append(
            Finding(
                DAYS,
                ", ".join(judged.keys),
                float(both),
                "No row both teaches and judges",
                f"{both:,} of {len(judged):,} judged rows stand in training, by their {', '.join(judged.keys)}",
                "Set a test apart",
            )
        )
    return tuple(found)


def twins(taught: Dataset, judged: Dataset) -> tuple[Finding, ...]:
    """Judged rows whose features are those of a taught row of another account, to the bit.

    Rows that are nearly everybody's (few features beside their commonest value, or shared by several accounts)
    are left aside. `figure` is the share of the judged rows.
    """
    features = [name for name in judged.features if name in taught.features]
    ordinary = taught.frame[features].mode(dropna=False).iloc[0].to_numpy(dtype=np.float64)
    needed = int(np.clip(len(features) // 4, LEAST_UNCOMMON, MOST_UNCOMMON))
    old, new = _prints(taught, features, ordinary, needed), _prints(judged, features, ordinary, needed)
    bearers = pd.concat([old, new]).groupby("print")["account_id"].nunique()
    few = old["print"].map(bearers) <= MOST_BEARERS
    pairs = new.merge(old[few], on="print", suffixes=("", "_taught"))
    pairs = pairs[pairs["account_id"] != pairs["account_id_taught"]]
    share = pairs["row"].nunique() / max(len(judged), 1)
    if share <= TWIN_SHARE:
        return ()
    shown = "; ".join(
        f"{ours} and {theirs}" for ours, theirs in pairs[["account_id", "account_id_taught"]].head(5).to_numpy()
    )
    return (
        Finding(
            TWINS,
            "rows of the test",
            share,
            "A judged row is new to the model",
            f"{share:.1%} of {len(judged):,} have the very features of a taught row of another account, such as "
            f"{shown}",
            "Look for accounts that the data holds under two ids",
        ),
    )


def _prints(dataset: Dataset, features: list[str], ordinary: NDArray[np.float64], needed: int) -> pd.DataFrame:
    """One row a row of the data set that is out of the ordinary: its account, its place and a hash of its features."""
    matrix = dataset.frame[features].to_numpy(dtype=np.float64)
    same = (matrix == ordinary) | (np.isnan(matrix) & np.isnan(ordinary))
    uncommon = (~same).sum(axis=1) >= needed
    hashed = pd.util.hash_pandas_object(dataset.frame[features], index=False).to_numpy()
    places = np.flatnonzero(uncommon)
    accounts = dataset.frame["account_id"].to_numpy()
    return pd.DataFrame({"account_id": accounts[places], "row": places, "print": hashed[places]})

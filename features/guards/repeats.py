"""The guard of second ids: accounts whose attributes are those of another account, one customer under two names.

Where such accounts lie on both sides of a split, the model is asked what it has been told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.guards.finding import Finding
from features.guards.telling import NONE
from features.guards.undated import undated_values

if TYPE_CHECKING:
    from features.tables import Tables

GUARD = "second ids"
SHARE = 0.01
"""Of all accounts, above which it is no chance. New customers with the smallest plan are alike: among 7,000 of a
telephone company 0.3 % agree in nineteen attributes."""
MOST_BEARERS = 3
"""Accounts that may be one; what more of them share is how many look."""
BITS = 2.0
"""Times the bits that tell all accounts apart, which the values of a row must bear by how rare each is: with a region
and a size alone, many agree. Twice, because the attributes of an account hang together."""


def second_ids(tables: Tables) -> tuple[Finding, ...]:
    """Whether many accounts agree in every undated attribute with at most two others. `figure` is their share."""
    values = undated_values(tables).set_index("account_id")
    if values.empty or values.columns.empty:
        return ()
    text = values.astype("str").where(values.notna(), NONE)
    rarity = sum(-np.log2(text[name].map(text[name].value_counts(normalize=True))) for name in text.columns)
    told_apart = rarity >= BITS * np.log2(len(text))
    prints = pd.util.hash_pandas_object(text, index=False)
    bearers = prints.map(prints.value_counts())
    repeated = told_apart & (bearers > 1) & (bearers <= MOST_BEARERS)
    share = float(repeated.mean())
    if share <= SHARE:
        return ()
    groups = prints[repeated].index.to_series().groupby(prints[repeated], sort=False)
    shown = "; ".join(" and ".join(ids) for ids in groups.agg(list).head(5))
    return (
        Finding(
            GUARD,
            "accounts",
            share,
            "A customer has one id",
            f"{int(repeated.sum()):,} of {len(text):,} accounts ({share:.1%}) agree with another in all "
            f"{len(text.columns)} attributes, such as {shown}",
            "Find out which are one customer and keep one of each; a split by account does not keep them apart",
        ),
    )

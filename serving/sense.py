"""Reasons that read against common sense: long without trouble, and therefore likelier to leave.

Who uses little meets little trouble and has little to report, so a long time since the last incident goes together
with leaving, and a model goes by it. Said plainly, "the last incident was 400 days ago" as what pushes an account to
leave misleads. Such a reason keeps its weight and says what it is a sign of; it is not among the first ones, and no
next step and no question follows from it (docs/pages.md). The same holds of any number that is better than usual and
than others have it, and yet pushes an account to leave: the model has seen it beside others, where a person sees it
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Combined, Feature, Recency, Score, Total, Value
from models.moves import better_of
from serving.pages.words import said

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUIET = "; a sign of little use, not of trouble"
LIVELY = "; a sign of use, for all the trouble"
GOOD, BAD = "; taken alone a good sign", "; taken alone a bad sign"
BEYOND = 0.05
"""A number is better or worse than another from a twentieth on, as `serving.wording` tells them apart."""


def against_sense(texts: pd.Series[str]) -> pd.Series[bool]:
    """Which reasons read against common sense, and say so."""
    return texts.str.contains("|".join((QUIET, LIVELY, GOOD, BAD)), regex=True)


def troubles(features: Sequence[Feature]) -> frozenset[str]:
    """The features that say how long ago trouble was: something of which, as the scores have it, less is better."""
    worse: set[tuple[str, str]] = set()
    for score in features:
        for part in score.value.parts if isinstance(score.value, Score) else ():
            counted = _counted(part.rank.value)
            if counted is not None and not part.higher_is_better:
                worse.add((counted.source, counted.name))
    return frozenset(
        feature.name
        for feature in features
        if isinstance(feature.value, Recency) and (feature.value.source, feature.value.name) in worse
    )


def asides(
    rows: pd.DataFrame,
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    features: Sequence[Feature],
    outcome: str,
) -> pd.Series[str]:
    """What is to be said behind the words of each reason; empty where it reads as it is meant.

    `rows` has the `feature`, `value` and `contribution` of each reason, `own` what is usual for the account, `others`
    what the others have. Of an outcome of which nobody has said whether it is wanted, nothing is to be said; nor of a
    number of which no score says what is better.
    """
    wanted = said(outcome)["wanted"]
    found = pd.Series("", index=rows.index, dtype="str")
    if wanted is None:
        return found
    unwelcome = (rows["contribution"] > 0) != wanted
    about = rows["feature"].isin(troubles(features))
    found = found.mask(about & unwelcome & (rows["value"].isna() | (rows["value"] >= others)), QUIET)
    found = found.mask(about & ~unwelcome & (rows["value"] < others), LIVELY)
    way = rows["feature"].map(better_of(features)).where(~about)
    better, worse = (_beyond(rows["value"], own, others, turn * way) for turn in (1.0, -1.0))
    return found.mask(unwelcome & better, GOOD).mask(~unwelcome & worse, BAD)


def _beyond(
    values: pd.Series[float], own: NDArray[np.float64], others: NDArray[np.float64], way: pd.Series[float]
) -> pd.Series[bool]:
    """Where a value lies on that side of all that is known of what is usual and of what others have."""
    beyond, known = [], []
    for reference in (own, others):
        there = ~np.isnan(reference)
        further = (way * (values - reference)).to_numpy(dtype="float64") > BEYOND * np.abs(reference)
        beyond.append(further | ~there)
        known.append(there)
    return pd.Series(beyond[0] & beyond[1] & (known[0] | known[1]), index=values.index)


def _counted(value: Value) -> Total | None:
    """What a part of a score counts; of a share, what is counted above the line."""
    value = value.left if isinstance(value, Combined) else value
    return value if isinstance(value, Total) else None

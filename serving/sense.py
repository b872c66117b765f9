"""Which reasons may be told first: those that say something, and read as they are meant.

A model goes by what goes together, and not every reason that it gives is worth telling alone. Three kinds keep their
weight, so that the reasons of a score add up, and are not among the first ones; no next step and no question follows
from them (docs/pages.md):

- What reads against common sense. Who uses little meets little trouble and has little to report, so a long time since
  the last incident goes together with leaving. Said plainly, "the last incident was 400 days ago" as what pushes an
  account to leave misleads: such a reason says what it is a sign of. The same holds of any number that is better than
  usual or than others have it, worse than neither, and yet pushes an account to leave: the model has seen it beside
  others, where a person sees it alone. A missing number is as good or as bad as what its absence means
  (`models.direction.absence_of`).
- What is as it always was and as it is with others.
- What is not known, where that means no more than that it is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Combined, Feature, Recency, Score, Total, Value
from models.direction import absence_of, better_of
from serving.pages.words import said

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUIET = "; a sign of little use, not of trouble"
LIVELY = "; a sign of use, for all the trouble"
GOOD, BAD = "; taken alone a good sign", "; taken alone a bad sign"
ASIDES = (QUIET, LIVELY, GOOD, BAD)
"""What is said behind a reason that reads against common sense."""
BEYOND = 0.05
"""A number is better or worse than another from a twentieth on, as `serving.wording` tells them apart."""


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


def remarks(
    rows: pd.DataFrame,
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    features: Sequence[Feature],
    outcome: str,
) -> pd.DataFrame:
    """What is to be said behind the words of each reason, whether it reads against sense, and is worth telling first.

    One row each of `rows`: `aside`, empty where it reads as it is meant; `against_sense`; `telling`. `rows` has the
    `feature`, `value` and `contribution` of each reason and `nothing_new`, whether its number is what it always is;
    `own` is what is usual for the account, `others` what the others have. Of an outcome of which nobody has said
    whether it is wanted, nothing reads against sense; nor does a number of which nobody says what is better.
    """
    absence = rows["feature"].map(absence_of(features))
    asides = _asides(rows, own, others, absence, features, outcome)
    against = asides != ""
    telling = ~against & ~rows["nothing_new"] & (rows["value"].notna() | absence.notna())
    return pd.DataFrame({"aside": asides, "against_sense": against, "telling": telling})


def _asides(
    rows: pd.DataFrame,
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    absence: pd.Series[float],
    features: Sequence[Feature],
    outcome: str,
) -> pd.Series[str]:
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
    better, worse = better & ~worse, worse & ~better
    absent = rows["value"].isna() & ~np.isnan(others)
    better, worse = better | (absent & (absence > 0)), worse | (absent & (absence < 0))
    return found.mask(unwelcome & better, GOOD).mask(~unwelcome & worse, BAD)


def _beyond(
    values: pd.Series[float], own: NDArray[np.float64], others: NDArray[np.float64], way: pd.Series[float]
) -> pd.Series[bool]:
    """Where a value lies on that side of what is usual or of what others have, as far as either is known."""
    beyond = [
        (way * (values - reference)).to_numpy(dtype="float64") > BEYOND * np.abs(reference)
        for reference in (own, others)
    ]
    return pd.Series(beyond[0] | beyond[1], index=values.index)


def _counted(value: Value) -> Total | None:
    """What a part of a score counts; of a share, what is counted above the line."""
    value = value.left if isinstance(value, Combined) else value
    return value if isinstance(value, Total) else None

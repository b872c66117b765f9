"""Why a score is what it is: contributions of the features, summed over those that tell the same story.

A contribution is a Shapley value of the trees (Lundberg et al., "From local explanations to global understanding with
explainable AI for trees", Nature Machine Intelligence 2, 2020), carried to the calibrated log-odds. A row's
contributions and the baseline add up to its log-odds; so do its ideas, since every feature has exactly one idea.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.errors import InputError
from features.feature import Feature
from models.contributions import Explainer, explainer_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.scorer import Scorer

WEAK = 0.1
"""Log-odds below which a contribution is no reason: it would move the odds by less than a tenth. Where the true causes
are known, what stays below is true little more often than an idea named at random (`docs/yardsticks.md`)."""
KEYS = ("offer_id", "account_id", "product", "as_of")
ROWS_AT_ONCE = 20_000
"""How many rows are explained at a time: 200 features of them are 32 MB of contributions."""


def ideas(
    scorer: Scorer,
    frame: pd.DataFrame,
    features: Sequence[Feature],
    rows_at_once: int = ROWS_AT_ONCE,
    told: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Contributions of every row of `frame`, summed by idea.

    One row per (row of `frame`, idea), in the order of `frame` and then of the ideas' names: the keys that `frame` has,
    `idea`, `contribution` (log-odds), and of the idea's leading feature `feature`, `rung` and `value`. The leading
    feature is the one that pulls the idea's way hardest; of equals, the first in `features`. `told` hears how many of
    how many rows are explained.

    Raises:
        InputError: the model uses a feature that `features` does not tell about.
    """
    known = told_by(scorer, features)
    explainer = explainer_of(scorer, frame.loc[:, list(scorer.features)])
    keys = [key for key in KEYS if key in frame.columns]
    parts = []
    for start in range(0, max(len(frame), 1), rows_at_once):
        parts.append(_summed(explainer, frame.iloc[start : start + rows_at_once], keys, known))
        if told is not None:
            told(min(start + rows_at_once, len(frame)), len(frame))
    return pd.concat(parts, ignore_index=True)


def baseline(scorer: Scorer) -> float:
    """The log-odds before any feature has spoken: the same for every row of a model."""
    nothing_known = pd.DataFrame({name: [np.nan] for name in scorer.features}, dtype="float64")
    return float(scorer.contributions(nothing_known)[0, -1])


def told_by(scorer: Scorer, features: Sequence[Feature]) -> dict[str, Feature]:
    """The model's features by name, in the order in which `features` tells about them."""
    told = {feature.name: feature for feature in features}
    untold = sorted(set(scorer.features) - set(told))
    if untold:
        raise InputError(
            "Every feature of a model is in the catalogue, which says how to put it into words; "
            f"the {scorer.outcome} model {scorer.digest} uses others: {', '.join(untold)}. "
            "Put them back into the catalogue, or train anew."
        )
    return {name: told[name] for name in told if name in set(scorer.features)}


def _summed(explainer: Explainer, rows: pd.DataFrame, keys: list[str], known: dict[str, Feature]) -> pd.DataFrame:
    """The long frame of some rows."""
    scorer = explainer.scorer
    column = {name: index for index, name in enumerate(scorer.features)}
    names = sorted({feature.idea for feature in known.values()})
    contributions = explainer.contributions(rows.loc[:, list(scorer.features)])
    values = rows.loc[:, list(scorer.features)].to_numpy(dtype="float64")
    shape = (len(rows), len(names))
    total, value = np.empty(shape), np.empty(shape)
    leading = np.empty(shape, dtype=object)
    rung = np.empty(shape, dtype=object)
    for place, idea in enumerate(names):
        members = [feature for feature in known.values() if feature.idea == idea]
        at = np.array([column[feature.name] for feature in members])
        total[:, place] = contributions[:, at].sum(axis=1)
        lead = leading_member(contributions[:, at], total[:, place])
        value[:, place] = np.take_along_axis(values[:, at], lead[:, None], axis=1)[:, 0]
        leading[:, place] = np.array([feature.name for feature in members], dtype=object)[lead]
        rung[:, place] = np.array([feature.rung for feature in members], dtype=object)[lead]
    return pd.DataFrame(
        {key: np.repeat(rows[key].to_numpy(), len(names)) for key in keys}
        | {
            "idea": pd.array(np.tile(np.array(names, dtype=object), len(rows)), dtype="str"),
            "rung": pd.array(rung.ravel(), dtype="str"),
            "feature": pd.array(leading.ravel(), dtype="str"),
            "contribution": total.ravel(),
            "value": value.ravel(),
        }
    ).astype({key: rows[key].dtype for key in keys})


def leading_member(contributions: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.intp]:
    """For each row the column that pulls hardest in the direction of the row's total."""
    same_way = np.sign(contributions) == np.sign(total)[:, None]
    return np.asarray(np.where(same_way, np.abs(contributions), -1.0).argmax(axis=1), dtype=np.intp)

"""Reasons: why each account has the score that it has, in words and numbers.

A reason is one idea of one score: the sum of its features' contributions, told by the feature that leads it. What is
usual for an account is the median of that feature over the account's own earlier as_ofs; where fewer than two of them
are known it is the median of the others that were scored with it, and the words say so. What is left out is told as
one row, so that the reasons of a score add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Feature
from models.movement import points
from serving.sense import remarks
from serving.wording import nothing_new, reason_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from serving.usual import Usual

KEPT = 10
"""Reasons kept a score, by absolute contribution; the first of either way are kept besides."""
EITHER_WAY = 3
"""Reasons of either way that are always kept: what pushes a score up, what holds it back."""
REST = "(all others)"
"""In place of an idea: what the ideas that are not kept one by one make together."""
COLUMNS = (
    "account_id",
    "outcome",
    "position",
    "idea",
    "rung",
    "feature",
    "contribution",
    "points",
    "value",
    "usual",
    "peers",
    "actionable",
    "against_sense",
    "telling",
    "text",
    "product",
    "as_of",
)


def reasons(
    told: pd.DataFrame,
    usually: Sequence[Usual],
    features: Sequence[Feature],
    outcome: str,
    base: float,
    currency: str = "",
    kept: int = KEPT,
) -> pd.DataFrame:
    """The reasons of one outcome's scores.

    One row per (account_id, idea), sorted by account_id and position. `told` comes from `models.explanation.ideas` for
    at most one product an account, `base` from `models.explanation.baseline`. Positions count from 1 by falling
    absolute contribution, equal ones by the idea's name. At least `kept` reasons a score are kept (all where there are
    fewer), and always the three that raise the probability most and the three that lower it most, so positions may
    have holes; the last row of a score, its idea `REST`, is the sum of those that are not kept, where there are any.
    `points` are the percentage points of a contribution: over the rows of a score they add up to its distance from the
    model's starting point (`models.movement.points`), and contributions to that in log-odds. `usual` is the account's
    own median, `peers` that of the others, either missing where too little is known; `actionable` says whether the
    company could act on it. `against_sense` and `telling` say whether it reads against common sense, and whether it may
    stand among the first (`serving.sense`); nobody is told to act on what reads against sense or is only not known.
    """
    ranked = _positioned(_in_points(told, base))
    stays = (ranked[["raising", "lowering"]] <= EITHER_WAY).any(axis=1) | (ranked["position"] <= kept)
    rest, ranked = _rest(ranked[~stays], ranked), ranked[stays].reset_index(drop=True)
    own, others = _references(ranked, usually)
    words = pd.DataFrame(_words(ranked, own, others, features, currency), columns=["text", "nothing_new"])
    ranked = ranked.assign(nothing_new=words["nothing_new"].astype("bool"))
    sense = remarks(ranked, own, others, features, outcome)
    worded = ranked.assign(
        usual=own,
        peers=others,
        actionable=ranked["feature"].isin([feature.name for feature in features if feature.actionable])
        & ~sense["against_sense"]
        & (sense["telling"] | ranked["nothing_new"]),
        against_sense=sense["against_sense"],
        telling=sense["telling"],
        text=_told_apart(ranked, words["text"].astype("str") + sense["aside"]),
    )
    found = pd.concat([worded, rest], ignore_index=True) if len(rest) else worded
    product = found["product"] if "product" in found.columns else pd.Series(None, index=found.index, dtype="str")
    found = found.assign(outcome=pd.Series(outcome, index=found.index, dtype="str"), product=product)
    return found.sort_values(["account_id", "position"], kind="stable", ignore_index=True).loc[:, list(COLUMNS)]


def points_by_idea(told: pd.DataFrame, base: float) -> pd.DataFrame:
    """Every idea's percentage points, not the largest alone: one row an account_id, sorted, one column an idea.

    `told` and `base` are those of `reasons`; a row adds up to the distance from the model's starting point, in points.
    """
    made = _in_points(told, base)
    table = made.pivot(index="account_id", columns="idea", values="points").sort_index().rename_axis(columns=None)
    return table.reset_index().astype({"account_id": "str"})


def _rest(left_out: pd.DataFrame, ranked: pd.DataFrame) -> pd.DataFrame:
    """What is left out of each score, added up: one row an account_id of which anything is, behind all its others."""
    if left_out.empty:
        return left_out
    keys = [name for name in ("account_id", "product", "as_of") if name in left_out.columns]
    sums = left_out.groupby(keys, sort=True, dropna=False)
    found = sums.agg(contribution=("contribution", "sum"), points=("points", "sum"), count=("idea", "size"))
    found = found.reset_index()
    last = ranked.groupby("account_id")["position"].max()
    texts = [f"All {count} other ideas together" if count > 1 else "The one other idea" for count in found["count"]]
    told = found.assign(
        idea=REST,
        feature="",
        rung=None,
        value=np.nan,
        usual=np.nan,
        peers=np.nan,
        actionable=False,
        against_sense=False,
        telling=False,
        text=texts,
        position=found["account_id"].map(last) + 1,
    )
    return told.astype(dict.fromkeys(("idea", "feature", "rung", "text"), "str")).drop(columns="count")


def _positioned(told: pd.DataFrame) -> pd.DataFrame:
    """Every idea with its position and its place among those that raise, or that lower, the probability."""
    ordered = (
        told.assign(size=told["contribution"].abs())
        .sort_values(["account_id", "size", "idea"], ascending=[True, False, True], kind="stable")
        .reset_index(drop=True)
    )
    beyond = len(ordered) + EITHER_WAY + 1
    ways = {"raising": ordered["contribution"] > 0, "lowering": ordered["contribution"] < 0}
    places = {way: its.groupby(ordered["account_id"]).cumsum().where(its, beyond) for way, its in ways.items()}
    return ordered.assign(position=ordered.groupby("account_id").cumcount() + 1, **places)


def _in_points(told: pd.DataFrame, base: float) -> pd.DataFrame:
    """The contributions with their percentage points, on the way from the base to each score."""
    score = base + told.groupby("account_id")["contribution"].transform("sum").to_numpy(dtype="float64")
    made = told["contribution"].to_numpy(dtype="float64")
    return told.assign(points=points(made, np.full(len(told), base), score))


def _references(rows: pd.DataFrame, usually: Sequence[Usual]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    own, others = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for reference in usually:
        its_own, its_others = reference.of(rows)
        own = np.where(np.isnan(own), its_own, own)
        others = np.where(np.isnan(others), its_others, others)
    return own, others


def _words(
    rows: pd.DataFrame,
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    features: Sequence[Feature],
    currency: str,
) -> list[tuple[str, bool]]:
    """The words of each row's number and of what it is held against, and whether it is what it always is."""
    told: Mapping[str, Feature] = {feature.name: feature for feature in features}

    @cache  # many accounts share small whole numbers
    def words(feature: str, value: float | None, its_own: float | None, its_others: float | None) -> tuple[str, bool]:
        if value is None:
            return reason_text(told[feature], np.nan, its_own, its_others, currency), False
        text = reason_text(told[feature], value, its_own, its_others, currency)
        return text, nothing_new(told[feature], value, its_own, its_others)

    numbers = (_known(rows["value"].to_numpy()), _known(own), _known(others))
    return [words(*found) for found in zip(rows["feature"], *numbers, strict=True)]


def _told_apart(rows: pd.DataFrame, texts: pd.Series[str]) -> pd.Series[str]:
    """The texts; one that an account has already had names its idea besides."""
    again = pd.DataFrame({"account_id": rows["account_id"], "text": texts}).duplicated()
    return texts.mask(again, texts + " [" + rows["idea"].str.replace("_", " ") + "]")


def _known(values: NDArray[np.float64]) -> list[float | None]:
    """The values, None where they are missing."""
    return [None if value != value else value for value in values.tolist()]

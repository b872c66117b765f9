"""Reasons: why each account has the score that it has, in words and numbers.

A reason is one idea of one score: the sum of its features' contributions, told by the feature that leads it. What is
usual for an account is the median of that feature over the account's own earlier as_ofs; where fewer than two of them
are known it is the median of the others that were scored with it, and the words say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Feature
from models.explanation import WEAK
from models.movement import points
from serving.wording import capitalised, reason_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = 10
"""Reasons kept a score, by absolute contribution; the first of either way are kept besides."""
SHOWN = 3
"""Reasons that the list shows, and so many of either way that are kept: what pushes a score up, what holds it back."""
NOTHING_STANDS_OUT = "Nothing that is known sets it apart from the average account"
"""In place of reasons where every contribution is weak."""
NOTHING_NEW = ("(as usual)", "(as others)")
"""How a reason ends whose number is what it always is (`serving.wording`): shown only for want of others."""
EARLIER_AS_OFS = 2
"""So many earlier values make a usual one."""
OTHERS = 5
"""So many accounts make a median of the others."""
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
    "text",
    "product",
    "as_of",
)


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
    have holes. `points` are the percentage points of a contribution: over all ideas of a score they add up to its
    distance from the model's starting point (`models.movement.points`). `usual` is the account's own median, `peers`
    that of the others, either missing where too little is known; `actionable` says whether the company could act on it.
    """
    ranked = _positioned(_in_points(told, base))
    first = (ranked["raising"] <= SHOWN) | (ranked["lowering"] <= SHOWN)
    ranked = ranked[(ranked["position"] <= kept) | first].reset_index(drop=True)
    own, others = _references(ranked, usually)
    texts = _texts(ranked, own, others, features, currency)
    product = ranked["product"] if "product" in ranked.columns else pd.Series(None, index=ranked.index, dtype="str")
    worded = ranked.assign(
        outcome=pd.Series(outcome, index=ranked.index, dtype="str"),
        usual=own,
        peers=others,
        actionable=ranked["feature"].isin([feature.name for feature in features if feature.actionable]),
        text=pd.Series(texts, index=ranked.index, dtype="str"),
        product=product,
    )
    return worded.loc[:, list(COLUMNS)]


def points_by_idea(told: pd.DataFrame, base: float) -> pd.DataFrame:
    """Every idea's percentage points, not the largest alone: one row an account_id, sorted, one column an idea.

    `told` and `base` are those of `reasons`; a row adds up to the distance from the model's starting point, in points.
    """
    made = _in_points(told, base)
    table = made.pivot(index="account_id", columns="idea", values="points").sort_index().rename_axis(columns=None)
    return table.reset_index().astype({"account_id": "str"})


def leading(reasons: pd.DataFrame) -> pd.DataFrame:
    """`idea` and `rung` of the reason that raises each probability most.

    One row per (account_id, outcome), which are the index, that has a reason that raises it and is not weak.
    """
    raising = reasons[reasons["contribution"] >= WEAK].sort_values(["account_id", "outcome", "position"], kind="stable")
    return raising.drop_duplicates(["account_id", "outcome"]).set_index(["account_id", "outcome"])[["idea", "rung"]]


def shown(reasons: pd.DataFrame, several_outcomes: bool) -> pd.DataFrame:
    """The three reasons of each account as the list shows them.

    One row an account_id (the index), columns `reason_1` to `reason_3`. `reasons` holds one outcome an account. Those
    that raise its probability come first, by contribution, and of them those that differ from what is usual; the rest
    say that they speak against it. What is weak (`models.explanation.WEAK`) is no reason: there may be fewer than
    three, and where there is none the first says so. Where the list holds several outcomes, each text names its own.
    """
    accounts = pd.Index(reasons["account_id"].unique(), name="account_id")
    reasons = reasons[reasons["contribution"].abs() >= WEAK]
    lowering = reasons["contribution"] < 0
    nothing_new = reasons["text"].str.endswith(NOTHING_NEW)
    ordered = reasons.assign(lowering=lowering, nothing_new=nothing_new).sort_values(
        ["account_id", "lowering", "nothing_new", "position"], kind="stable"
    )
    first = ordered.assign(place=ordered.groupby("account_id").cumcount() + 1)
    first = first[first["place"] <= SHOWN]
    columns = (first["text"], first["outcome"], first["product"], first["lowering"])
    words = [
        _with_outcome(text, outcome, product, raises=not against, named=several_outcomes)
        for text, outcome, product, against in zip(*columns, strict=True)
    ]
    table = first.assign(words=words).pivot(index="account_id", columns="place", values="words")
    table = table.reindex(index=accounts, columns=range(1, SHOWN + 1)).rename(columns=lambda place: f"reason_{place}")
    return table.fillna({"reason_1": NOTHING_STANDS_OUT}).rename_axis(columns=None)


def _with_outcome(text: str, outcome: str, product: str | None, *, raises: bool, named: bool) -> str:
    of = outcome if not isinstance(product, str) or product == "" else f"{outcome} of {product}"
    if not raises:
        return f"Against {of}: {text}"
    return f"{capitalised(of)}: {text}" if named else text


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


def _positioned(told: pd.DataFrame) -> pd.DataFrame:
    """Every idea with its position and its place among those that raise, or that lower, the probability."""
    ordered = (
        told.assign(size=told["contribution"].abs())
        .sort_values(["account_id", "size", "idea"], ascending=[True, False, True], kind="stable")
        .reset_index(drop=True)
    )
    beyond = len(ordered) + SHOWN + 1
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


def _texts(
    rows: pd.DataFrame,
    own: NDArray[np.float64],
    others: NDArray[np.float64],
    features: Sequence[Feature],
    currency: str,
) -> list[str]:
    """One text a row; a text that an account has already had for this outcome names its idea besides."""
    told: Mapping[str, Feature] = {feature.name: feature for feature in features}

    @cache  # many accounts share small whole numbers
    def words(feature: str, value: float | None, its_own: float | None, its_others: float | None) -> str:
        return reason_text(told[feature], np.nan if value is None else value, its_own, its_others, currency)

    seen: set[tuple[str, str]] = set()
    texts = []
    numbers = (_known(rows["value"].to_numpy()), _known(own), _known(others))
    for account, idea, *found in zip(rows["account_id"], rows["idea"], rows["feature"], *numbers, strict=True):
        text = words(*found)
        if (account, text) in seen:
            text = f"{text} [{idea.replace('_', ' ')}]"
        seen.add((account, text))
        texts.append(text)
    return texts


def _known(values: NDArray[np.float64]) -> list[float | None]:
    """The values, None where they are missing."""
    return [None if value != value else value for value in values.tolist()]

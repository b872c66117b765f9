"""The guards of the whole cohort: judged are all who would have been asked about, and they are like those who taught.

L3.3 of Kapoor and Narayanan 2023 (doi:10.1016/j.patter.2023.100804): a test that is easier, or of another kind, than
what the model will meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import chi2

from features.finding import Finding
from models.dataset import LABEL, Dataset

if TYPE_CHECKING:
    from numpy.typing import NDArray

Doubles: TypeAlias = "NDArray[np.float64]"

WHOLE, DRIFT = "whole cohort", "drift"
BEYOND_CHANCE = 4.0
"""Standard errors by which a declared sample may differ from its cohort in size or in its share of positives."""
SHIFTED = 0.25
"""Population stability index from which populations count as different in credit scoring (Siddiqi, "Credit Risk
Scorecards", 2006)."""
BEYOND_TIME = 3.0
"""Times the index between the earlier and the later half of the taught days: so much more than time explains."""
CERTAIN = 0.9999
"""Quantile of the index under no difference, over about a hundred columns."""
BINS = 10


def whole_cohort(judged: Dataset, cohort: pd.DataFrame, share: float = 1.0) -> tuple[Finding, ...]:
    """Whether the judged rows are exactly the cohort's at the judged as_of, or an even sample of the declared share.

    `cohort` has one row a member, with the data set's keys and `label`; members without a label are left aside.
    `figure` is the share of members that are missing (or of judged rows that are no members), for a declared sample
    the distance from evenness in standard errors.
    """
    keys = list(judged.keys)
    days = set(judged.frame["as_of"])
    asked = cohort[cohort["as_of"].isin(days) & cohort[LABEL].notna()]
    both = asked[[*keys, LABEL]].merge(judged.frame[keys], on=keys, how="outer", indicator="side")
    strange = float((both["side"] == "right_only").sum()) / len(judged)
    found = []
    if strange:
        found.append(_finding("rows that are no members", strange, f"{strange:.1%} of the judged rows are no members"))
    members = both[both["side"] != "right_only"]
    kept = (members["side"] == "both").to_numpy()
    if share >= 1:
        if not kept.all():
            lost = float((~kept).mean())
            rates = [f"{float(members.loc[mask, LABEL].mean()):.1%}" for mask in (kept, ~kept) if mask.any()]
            text = f"{lost:.1%} of {len(kept):,} members are not judged (positives: {' judged, '.join(rates)} left out)"
            found.append(_finding("members left out", lost, text))
        return tuple(found)
    uneven = _uneven(members[LABEL].to_numpy(dtype=np.float64), kept, share)
    if uneven > BEYOND_CHANCE:
        text = f"a sample of {share:.0%} was declared, and its size or positives lie {uneven:.1f} standard errors off"
        found.append(_finding("declared sample", uneven, text))
    return tuple(found)


def drift(taught: Dataset, judged: Dataset) -> tuple[Finding, ...]:
    """The features whose distribution differs between training and test by more than time explains.

    Measured by the population stability index over ten bins of equally many taught rows and one for missing values. A
    feature is named where the index is above `SHIFTED`, above `BEYOND_TIME` times that between the earlier and the
    later half of the taught days, and above what chance gives with so many accounts (chi-squared, Yurdakul 2018,
    "Statistical properties of population stability index"). `figure` is the index.
    """
    half = len(taught.as_ofs) // 2
    early, late = (taught.at(days) for days in (taught.as_ofs[:half], taught.as_ofs[half:]))
    found = []
    for name in judged.features:
        if name not in taught.features:
            continue
        index = stability(taught.frame[name], judged.frame[name])
        within = stability(early.frame[name], late.frame[name]) if half else 0.0
        if index > max(SHIFTED, BEYOND_TIME * within, _by_chance(taught, judged)):
            found.append(
                Finding(
                    DRIFT,
                    name,
                    index,
                    f"The test is like the training but for time; the stability index of {name} between them is "
                    f"{index:.2f}, between the earlier and later days of training {within:.2f} ({SHIFTED} counts as "
                    "another population). See whether rows are missing on one side, or how the column came about.",
                )
            )
    return tuple(found)


def stability(reference: pd.Series[float], other: pd.Series[float]) -> float:
    """The population stability index: the sum over bins of (q - p) ln(q / p), half a row added to each bin."""
    edges = np.unique(reference.dropna().quantile(np.linspace(0, 1, BINS + 1)[1:-1]).to_numpy())
    shares = []
    for column in (reference, other):
        place = np.where(column.isna(), len(edges) + 1, np.searchsorted(edges, column.to_numpy(), side="right"))
        counts = np.bincount(place, minlength=len(edges) + 2) + 0.5
        shares.append(counts / counts.sum())
    p, q = shares
    return float(((q - p) * np.log(q / p)).sum())


def _by_chance(taught: Dataset, judged: Dataset) -> float:
    """The index that no difference exceeds but once in ten thousand; accounts are counted, not rows."""
    sizes = [part.frame["account_id"].nunique() for part in (taught, judged)]
    return float(chi2.ppf(CERTAIN, BINS) * sum(1 / size for size in sizes))


def _uneven(labels: Doubles, kept: NDArray[np.bool_], share: float) -> float:
    """The larger of two distances in standard errors: of the sample's size, and of its number of positives."""
    sizes = [(kept.sum(), len(kept)), (labels[kept].sum(), labels.sum())]
    return float(max(abs(n - share * of) / np.sqrt(max(share * (1 - share) * of, 1e-9)) for n, of in sizes))


def _finding(place: str, figure: float, seen: str) -> Finding:
    return Finding(
        WHOLE,
        place,
        figure,
        f"Judged are all members of the cohort at each judged as_of; {seen}. Judge all who would be asked about.",
    )

"""The guards of the whole cohort: judged are all who would have been asked about, and both sides are like everybody.

L3.3 of Kapoor and Narayanan 2023 (doi:10.1016/j.patter.2023.100804): a test that is easier, or of another kind, than
what the model will meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import chi2

from features.guards.finding import Finding
from models.dataset import LABEL, Dataset
from models.sealed import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

Doubles: TypeAlias = "NDArray[np.float64]"

WHOLE, DRIFT = "whole cohort", "drift"
BEYOND_CHANCE = 4.0
"""Standard errors by which a declared sample may differ from its cohort in size or in its share of positives."""
SHIFTED = 0.25
"""Population stability index from which populations count as different in credit scoring (Siddiqi, "Credit Risk
Scorecards", 2006)."""
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


def drift(taught: Dataset, judged: Dataset, everybody: Dataset) -> tuple[Finding, ...]:
    """The features in which the rows of either side are not like everybody of the same days.

    Between training and test the world may change (a price rises, a release comes out), and that is no leak: so each
    side is compared with all rows of `everybody` at its own as_of, which holds time fixed, and with the features as
    they stand there. Measured by the population stability index over ten bins of equally many rows and one for missing
    values. A feature is named where the index is above `SHIFTED` and above what chance gives with so many accounts
    (chi-squared, Yurdakul 2018, "Statistical properties of population stability index"). `figure` is the index.
    """
    found: dict[str, Finding] = {}
    for side, part in (("judged", judged), ("taught", taught)):
        there = everybody.at(part.as_ofs)
        chosen = rows_of(there, part.frame)
        if chosen.all() or not chosen.any():
            continue
        bound = max(SHIFTED, _by_chance(there.frame["account_id"], there.frame.loc[chosen, "account_id"]))
        for name in there.features:
            index = stability(there.frame[name], there.frame.loc[chosen, name])
            if index > bound and name not in found:
                found[name] = _drifted(name, index, side)
    return tuple(found.values())


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


def _drifted(name: str, index: float, side: str) -> Finding:
    return Finding(
        DRIFT,
        name,
        index,
        f"The {side} rows are like everybody of their days",
        f"the stability index of {name} between the two is {index:.2f} ({SHIFTED} counts as another population)",
        "See which rows were left out, and why",
        (name,),
    )


def _by_chance(*accounts: pd.Series[str]) -> float:
    """The index that no difference exceeds but once in ten thousand; accounts are counted, not rows."""
    return float(chi2.ppf(CERTAIN, BINS) * sum(1 / names.nunique() for names in accounts))


def _uneven(labels: Doubles, kept: NDArray[np.bool_], share: float) -> float:
    """The larger of two distances in standard errors: of the sample's size, and of its number of positives."""
    sizes = [(kept.sum(), len(kept)), (labels[kept].sum(), labels.sum())]
    return float(max(abs(n - share * of) / np.sqrt(max(share * (1 - share) * of, 1e-9)) for n, of in sizes))


def _finding(place: str, figure: float, seen: str) -> Finding:
    return Finding(
        WHOLE,
        place,
        figure,
        "Judged are all members of the cohort at each judged as_of",
        seen,
        "Judge all who would be asked about",
    )

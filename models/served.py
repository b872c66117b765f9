"""The guards of what is served: what taught a model is there, and like it was, where it scores."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pandas as pd

from features.guards.finding import Finding
from models.cohorts import stability
from models.dataset import Dataset

SILENT, UNLIKE = "silent when scored", "unlike when scored"
FEWEST = 50
"""Rows on either side without which nothing is said."""
SPOKE, SPEAKS = 0.5, 0.02
"""Share of rows of which a feature told something on the last day with labels, and of the rows to be scored: what told
of half of all and now tells of one in fifty was filled in afterwards, or comes from a table that stopped."""
ELSEWHERE = 2.0
"""Stability index above which values lie elsewhere. Days are compared here, and the world may change between them: a
price rise in a simulated company moved its features by 1.2. Values in another unit leave nine of ten bins empty: 3.7
with fifty rows a side, 6.8 with a thousand."""
OWN = 2.0
"""... and how many times as far as it ever lay between two days with labels."""


def silent(labelled: Dataset, scored: Dataset) -> tuple[Finding, ...]:
    """The features that told something of accounts on the last day with labels, and tell nothing where they are scored.

    A feature tells something of a row where it is neither missing nor the value that most rows of the day have. A world
    that changes moves values; what empties a column is that it is filled in later, or that its table stopped. `figure`
    is the share of rows of which it still tells something.
    """
    last = labelled.at(labelled.as_ofs[-1:])
    if min(len(last), len(scored)) < FEWEST:
        return ()
    found = []
    for name in last.features:
        spoke, speaks = (_told_apart(rows.frame[name]) for rows in (last, scored))
        if spoke >= SPOKE and speaks <= SPEAKS:
            found.append(_silent(name, spoke, speaks, last.as_ofs[-1]))
    return tuple(found)


def unlike(labelled: Dataset, scored: Dataset) -> tuple[Finding, ...]:
    """The features whose values lie elsewhere where they are scored than they ever lay on days with labels.

    The population stability index between the last day with labels and the rows to be scored, above `ELSEWHERE` and
    above `OWN` times the largest between any two days with labels: what grows by itself, as a tenure does, is like its
    own past. Of another unit, another way of counting, or a source that was exchanged. `figure` is the index. Nothing
    is said with fewer than two days with labels, nor of what is `silent`.
    """
    last = labelled.at(labelled.as_ofs[-1:])
    if len(labelled.as_ofs) < 2 or min(len(last), len(scored)) < FEWEST:
        return ()
    told = {finding.place for finding in silent(labelled, scored)}
    found = []
    for name in last.features:
        index = stability(last.frame[name], scored.frame[name])
        if index <= ELSEWHERE or name in told:
            continue
        days = [values for _, values in labelled.frame.groupby("as_of")[name] if len(values) >= FEWEST]
        usual = max((stability(before, after) for before, after in combinations(days, 2)), default=0.0)
        if index > OWN * usual:
            found.append(_unlike(name, index, usual, last.as_ofs[-1]))
    return tuple(found)


def _told_apart(values: pd.Series[float]) -> float:
    """The share of rows whose value is neither missing nor the commonest."""
    counts = values.value_counts()
    return float(counts.iloc[1:].sum() / len(values)) if len(counts) else 0.0


def _silent(name: str, spoke: float, speaks: float, day: date) -> Finding:
    return Finding(
        SILENT,
        name,
        speaks,
        "What teaches a model is there when it scores",
        f"{name} told something of {spoke:.0%} of the rows of {day}, and of {speaks:.0%} of those to be scored",
        "Find out whether it is filled in afterwards, or whether its table ends before the others do",
        (name,),
    )


def _unlike(name: str, index: float, usual: float, day: date) -> Finding:
    return Finding(
        UNLIKE,
        name,
        index,
        "What a model scores is like what taught it",
        f"the stability index of {name} between {day} and the rows to be scored is {index:.2f} (above {ELSEWHERE:.0f} "
        f"values lie elsewhere); between two days with labels it was {usual:.2f} at most",
        "Find out whether its unit, its way of counting or its source changed; bring the old rows in line, or learn "
        "from the days since",
        (name,),
    )

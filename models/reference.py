"""Contributions against a reference: what each feature made of the difference between two rows of the same account.

The game is that of interventional Shapley values with one reference row (Lundberg et al., "From local explanations to
global understanding with explainable AI for trees", Nature Machine Intelligence 2, 2020, algorithm 3): a coalition of
features stands as it does now, the others as they did then. So a feature that is what it was makes exactly nothing,
which contributions of two rows taken apart one by one and subtracted do not give.

A leaf is reached by a coalition where each feature on its way lets it through, as it is now or as it was then. With
`n` features that only the present value lets through and `p` that only the past one does, it adds to each of the former
its value times (n-1)! p! / (n+p)!, and takes from each of the latter its value times n! (p-1)! / (n+p)!.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from models.forest import Leaf, goes_left, read
from models.scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Doubles = NDArray[np.float64]

DEEPEST = 64
"""Features on the way to a leaf for which weights are kept ready."""


def against(scorer: Scorer, now: pd.DataFrame, then: pd.DataFrame) -> Doubles:
    """What each feature made of the trees' difference between `now` and `then`, before calibration, in log-odds.

    One row a row of the frames (which have the same rows in the same order), one column a feature of the scorer; a row
    sums to `scorer.raw(now) - scorer.raw(then)`.

    Raises:
        ScorerError: a frame lacks a feature of the model, or a split is of a kind that is not known.
    """
    present, past = scorer.matrix(now), scorer.matrix(then)
    made = np.zeros(present.shape)
    rows = np.flatnonzero(((present != past) & ~(np.isnan(present) & np.isnan(past))).any(axis=1))
    present, past = present[rows], past[rows]
    told = np.zeros(present.shape)
    for tree in scorer.trees():
        known = read(tree)
        sides = [tuple(goes_left(split, rows[:, split.feature]) for rows in (present, past)) for split in known.splits]
        for leaf in known.leaves if known.splits else ():
            _add(leaf, sides, told)
    made[rows] = told
    return made


def _add(leaf: Leaf, sides: Sequence[tuple[Bools, ...]], made: Doubles) -> None:
    """Adds what one leaf gives to each feature on its way."""
    lets_now, lets_then = ({f: _through(way, sides, which) for f, way in leaf.way.items()} for which in (0, 1))
    reached = np.logical_and.reduce([lets_now[f] | lets_then[f] for f in leaf.way])
    only_now = {f: reached & lets_now[f] & ~lets_then[f] for f in leaf.way}
    only_then = {f: reached & lets_then[f] & ~lets_now[f] for f in leaf.way}
    news, pasts = (np.sum(list(only.values()), axis=0) for only in (only_now, only_then))
    concerned = np.flatnonzero(news + pasts)
    if not len(concerned):
        return
    news, pasts = news[concerned], pasts[concerned]
    gain, loss = _GAIN[news, pasts] * leaf.value, _GAIN[pasts, news] * leaf.value
    for f in leaf.way:
        made[concerned, f] += np.where(only_now[f][concerned], gain, 0.0) - np.where(only_then[f][concerned], loss, 0.0)


def _through(way: Sequence[tuple[int, bool]], sides: Sequence[tuple[Bools, ...]], which: int) -> Bools:
    """Whether one feature lets each row through to a leaf, by its value now (0) or then (1)."""
    lets: Bools = np.logical_and.reduce([sides[node][which] == left for node, left in way])
    return lets


def _weights() -> Doubles:
    """`[n, p]`: (n-1)! p! / (n+p)!, the share of each of `n` features beside `p` of the other side."""
    share = np.zeros((DEEPEST, DEEPEST))
    for n in range(1, DEEPEST):
        for p in range(DEEPEST):
            share[n, p] = factorial(n - 1) * factorial(p) / factorial(n + p)
    return share


_GAIN = _weights()

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

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np

from models.scorer import Scorer, ScorerError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Doubles = NDArray[np.float64]

DEEPEST = 64
"""Features on the way to a leaf for which weights are kept ready."""
SMALLEST = 1e-35
"""LightGBM's `kZeroThreshold`: what is no further from 0 counts as 0 where zeros count as missing."""


@dataclass(frozen=True)
class _Leaf:
    """One leaf: its value, and by feature the nodes on its way with the side on which it lies."""

    value: float
    way: dict[int, list[tuple[int, bool]]]


def against(scorer: Scorer, now: pd.DataFrame, then: pd.DataFrame) -> Doubles:
    """What each feature made of the trees' difference between `now` and `then`, before calibration, in log-odds.

    One row a row of the frames (which have the same rows in the same order), one column a feature of the scorer; a row
    sums to `scorer.raw(now) - scorer.raw(then)`.

    Raises:
        ScorerError: a frame lacks a feature of the model, or the model has a split that is not of numbers.
    """
    present, past = scorer.matrix(now), scorer.matrix(then)
    made = np.zeros(present.shape)
    rows = np.flatnonzero(((present != past) & ~(np.isnan(present) & np.isnan(past))).any(axis=1))
    present, past = present[rows], past[rows]
    told = np.zeros(present.shape)
    for tree in scorer.trees():
        nodes, leaves = _read(tree)
        if not nodes:
            continue
        sides = [(_left(node, present), _left(node, past)) for node in nodes]
        for leaf in leaves:
            _add(leaf, sides, told)
    made[rows] = told
    return made


def _add(leaf: _Leaf, sides: list[tuple[Bools, Bools]], made: Doubles) -> None:
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


def _through(way: list[tuple[int, bool]], sides: list[tuple[Bools, Bools]], which: int) -> Bools:
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


def _read(tree: dict[str, Any]) -> tuple[list[dict[str, Any]], list[_Leaf]]:
    """The nodes of a tree and its leaves."""
    nodes: list[dict[str, Any]] = []

    def walk(at: dict[str, Any], way: dict[int, list[tuple[int, bool]]]) -> Iterator[_Leaf]:
        if "split_index" not in at:
            yield _Leaf(float(at["leaf_value"]), way)
            return
        if at["decision_type"] != "<=":
            raise ScorerError(
                f"Differences are taken apart by splits of numbers; this model has one of {at['decision_type']!r}. "
                "Train it without categorical features."
            )
        number, feature = len(nodes), int(at["split_feature"])
        nodes.append(at)
        for child, left in ((at["left_child"], True), (at["right_child"], False)):
            yield from walk(child, {**way, feature: [*way.get(feature, []), (number, left)]})

    return nodes, list(walk(tree["tree_structure"], {}))


def _left(node: dict[str, Any], values: Doubles) -> Bools:
    """Whether each row goes to the left at a node, missing values as LightGBM sends them."""
    column = values[:, int(node["split_feature"])]
    missing, threshold = np.isnan(column), float(node["threshold"])
    if node["missing_type"] == "None":
        return np.asarray(np.where(missing, 0.0, column) <= threshold)
    if node["missing_type"] == "Zero":
        missing = missing | (np.abs(column) <= SMALLEST)
    return np.where(missing, bool(node["default_left"]), column <= threshold)

"""The trees of a model as records: where each split sends a row, and by which way each leaf is reached.

What LightGBM does with missing values, zeros and categories (`Tree::NumericalDecision`, `Tree::CategoricalDecision`) is
repeated here to the letter, and held against its own predictions by the tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.scorer import ScorerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Doubles = NDArray[np.float64]

SMALLEST = 1e-35
"""LightGBM's `kZeroThreshold`: what is no further from 0 counts as 0 where zeros count as missing."""


@dataclass(frozen=True)
class Split:
    """Where one node sends a row."""

    feature: int
    threshold: float
    """Rows up to and with it go to the left."""
    categories: frozenset[int] | None
    """In place of a threshold: these whole numbers go to the left."""
    missing: str
    """What counts as missing: `NaN`, `Zero` (both of them) or `None` (an unknown value counts as 0)."""
    missing_left: bool


@dataclass(frozen=True)
class Leaf:
    """What a tree says to a row that comes to it, and how it comes there."""

    value: float
    way: Mapping[int, tuple[tuple[int, bool], ...]]
    """By feature, the splits on the way with the side on which the leaf lies."""
    share: Mapping[int, float]
    """By feature, the share of the rows taught that its splits let through on the way."""


@dataclass(frozen=True)
class Tree:
    """Splits and leaves; a tree that never split has one leaf, which is reached by no way."""

    splits: tuple[Split, ...]
    leaves: tuple[Leaf, ...]

    @property
    def expected(self) -> float:
        """Its value for a row of which nothing is known: the mean of its leaves over the rows taught."""
        return float(sum(leaf.value * np.prod(list(leaf.share.values())) for leaf in self.leaves))


def read(told: Mapping[str, Any]) -> Tree:
    """One tree as `Scorer.trees` tells it.

    Raises:
        ScorerError: a split is of a kind that is not known here.
    """
    splits: list[Split] = []

    def walk(
        at: Mapping[str, Any], way: dict[int, tuple[tuple[int, bool], ...]], share: dict[int, float]
    ) -> Iterator[Leaf]:
        if "split_index" not in at:
            yield Leaf(float(at["leaf_value"]), way, share)
            return
        number, feature = len(splits), int(at["split_feature"])
        splits.append(_split(at))
        for child, left in ((at["left_child"], True), (at["right_child"], False)):
            passed = _rows(child) / _rows(at) if _rows(at) else np.nan
            yield from walk(
                child,
                {**way, feature: (*way.get(feature, ()), (number, left))},
                {**share, feature: share.get(feature, 1.0) * passed},
            )

    leaves = tuple(walk(told["tree_structure"], {}, {}))
    return Tree(tuple(splits), leaves)


def goes_left(split: Split, column: Doubles) -> Bools:
    """Whether each row goes to the left, by its values of the split's feature."""
    if split.categories is not None:
        known = ~np.isnan(column) & (column > -1)
        whole = np.trunc(np.where(known, column, -1.0))
        return np.asarray(np.isin(whole, np.array(sorted(split.categories), dtype="float64")))
    if split.missing == "NaN":  # a comparison with NaN is false
        return ~(column > split.threshold) if split.missing_left else np.asarray(column <= split.threshold)
    value = np.where(np.isnan(column), 0.0, column)
    if split.missing == "None":
        return np.asarray(value <= split.threshold)
    return np.where(np.abs(value) <= SMALLEST, split.missing_left, value <= split.threshold)


def _split(told: Mapping[str, Any]) -> Split:
    kind, threshold, categories = str(told["decision_type"]), told["threshold"], None
    if kind == "==":
        threshold, categories = np.nan, frozenset(int(part) for part in str(threshold).split("||"))
    elif kind != "<=":
        raise ScorerError(
            f"Trees are taken apart by splits of numbers (<=) and of categories (==); this model has one of {kind!r}. "
            "Train it without."
        )
    return Split(
        int(told["split_feature"]),
        float(threshold),
        categories,
        str(told["missing_type"]),
        bool(told["default_left"]),
    )


def _rows(node: Mapping[str, Any]) -> float:
    """How many of the rows taught came to a node."""
    return float(node["internal_count"] if "split_index" in node else node.get("leaf_count", 0))

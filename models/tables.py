"""Contributions by looking up: the same Shapley values as LightGBM's own, many times faster for small trees.

What a tree adds to a feature depends on a row only by the sides to which its splits send it: a tree of eight leaves has
seven splits, so 128 answers at most, which are worked out once and looked up for each row (the idea of Nadel and
Wettenstein, "From decision trees to Boolean logic: a fast and unified SHAP algorithm", 2025).

The game is that of the trees' own paths (Lundberg et al., "From local explanations to global understanding with
explainable AI for trees", Nature Machine Intelligence 2, 2020, algorithm 2): a feature outside the coalition lets a row
through to each side with the share of the rows taught that went there. A leaf's part in it is its value times one
factor a feature on its way, `o` (1 or 0: lets this row through) inside the coalition and `w` (the share) outside. By
the multilinear extension (Owen, "Multilinear extensions of games", 1972) a feature's Shapley value is

    value * integral over t in [0, 1] of (o - w) * product over the others of ((1 - t) w + t o)

and of two features half their interaction the same with both differences before the product of the rest. That is a
polynomial, so Gauss and Legendre's rule of half as many points as features gives the integral without an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.forest import Leaf, Split, Tree, goes_left, read
from models.scorer import Scorer, ScorerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]
    Codes = NDArray[np.intp]

SPLITS_READY = 10
"""Splits whose 1,024 outcomes are all looked up; of more, those that the rows at hand bring."""
FEATURES_READY = 12
"""On the way to a leaf: its 4,096 answers are worked out beforehand. Of more, those that the rows at hand bring."""
MOST_SPLITS = 62
"""On the way to one leaf: so many sides fit into a whole number."""
ROWS_AT_ONCE = 8_192
"""Rows whose values of one feature stay near the processor."""


NUMBERS_AT_ONCE = 100_000
"""Of answers that are worked out at a time."""


class Step(NamedTuple):
    """One feature on the way to one leaf."""

    feature: int
    share: float
    """Of the rows taught that it lets through."""
    splits: int
    """Bits of a code that it looks at."""
    sides: int
    """What they have to be."""


class Piece:
    """Leaves of one tree that lie beside each other, and the splits on their ways.

    A code has one bit a split, 1 where it sends the row to the left.
    """

    def __init__(self, tree: Tree, leaves: Sequence[Leaf], used: Sequence[int]) -> None:
        bit = {number: 1 << place for place, number in enumerate(used)}
        self.splits: list[Split] = [tree.splits[number] for number in used]
        self.features = sorted({split.feature for split in self.splits})
        self.values = [leaf.value for leaf in leaves]
        self.ways = [
            [
                Step(f, leaf.share[f], sum(bit[n] for n, _ in way), sum(bit[n] for n, left in way if left))
                for f, way in leaf.way.items()
            ]
            for leaf in leaves
        ]

    @property
    def all_codes(self) -> Codes:
        """Every code that there can be."""
        return np.arange(1 << len(self.splits))

    def codes(self, columns: Doubles) -> Codes:
        """For each row (one column of `columns`) the sides to which the splits send it."""
        small = np.dtype("uint8" if len(self.splits) <= 8 else "uint16" if len(self.splits) <= 16 else "int64")
        code = np.zeros(columns.shape[1], dtype=small)
        for place, split in enumerate(self.splits):
            code |= np.left_shift(goes_left(split, columns[split.feature]), place, dtype=small)
        return code.astype(np.intp)


def pieces(tree: Tree) -> Iterator[Piece]:
    """A tree in as few pieces as have at most `SPLITS_READY` splits each, or one leaf.

    Raises:
        ScorerError: more than `MOST_SPLITS` splits lie on the way to a leaf.
    """
    waiting = [tree.leaves] if tree.splits else []
    while waiting:
        leaves = waiting.pop()
        used = sorted({number for leaf in leaves for way in leaf.way.values() for number, _ in way})
        if len(used) > SPLITS_READY and len(leaves) > 1:
            half = len(leaves) // 2  # leaves stand from left to right: a half shares most of its splits
            waiting += [leaves[half:], leaves[:half]]
        else:
            if len(used) > MOST_SPLITS:
                raise ScorerError(
                    f"Answers are looked up by the sides of at most {MOST_SPLITS} splits; a leaf of this model lies "
                    f"behind {len(used)}. Its contributions are to be had from LightGBM, `Scorer.contributions`."
                )
            yield Piece(tree, leaves, used)


def answers(shares: Doubles, through: Doubles) -> Doubles:
    """What each feature adds, for a leaf of value 1.

    `shares` has one row a leaf and one column a feature on its way; `through` one row a feature and one column a case,
    1 where the feature lets it through. The answer: leaf by feature by case.
    """
    difference = through[None] - shares[:, :, None]
    added = np.zeros(difference.shape)
    for point, weight in points_and_weights(shares.shape[1]):
        factors = point * difference + shares[:, :, None]
        whole = np.full(difference[:, 0].shape, weight)
        for feature in range(shares.shape[1]):  # in this order, however many cases there are: the last digits stay
            whole = whole * factors[:, feature]
        with np.errstate(invalid="ignore"):  # no row taught went there: no number, which whoever asked sees
            added += difference * (whole[:, None] / factors)
    return added


class Tables:
    """A model's pieces with the answers that are worked out beforehand."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.pieces = [piece for tree in trees for piece in pieces(tree)]
        self.expected = sum(tree.expected for tree in trees)
        self._of_way = _ways_answered(self.pieces)
        self._ready = [
            self._shares(number, piece.all_codes) if len(piece.splits) <= SPLITS_READY else None
            for number, piece in enumerate(self.pieces)
        ]

    def contributions(self, matrix: Doubles) -> Doubles:
        """What each feature adds to the trees' sum: one row a row of `matrix`, one column a feature and the bias."""
        rows, features = matrix.shape
        added = np.zeros((features + 1, rows))
        for start in range(0, rows, ROWS_AT_ONCE):
            at = slice(start, start + ROWS_AT_ONCE)
            self._add(np.ascontiguousarray(matrix[at].T), added[:, at])
        added[-1] = self.expected
        return added.T

    def _add(self, columns: Doubles, added: Doubles) -> None:
        """Both have one row a feature and one column a row."""
        for number, (piece, ready) in enumerate(zip(self.pieces, self._ready, strict=True)):
            codes = piece.codes(columns)
            if ready is None:
                seen, codes = np.unique(codes, return_inverse=True)
                ready = self._shares(number, seen)
            for feature, its in zip(piece.features, ready, strict=True):
                added[feature] += its.take(codes)

    def _shares(self, number: int, codes: Codes) -> Doubles:
        """What a piece adds: one row a feature of it, one column a code."""
        piece = self.pieces[number]
        place = {feature: at for at, feature in enumerate(piece.features)}
        added = np.zeros((len(piece.features), len(codes)))
        for leaf, (way, value) in enumerate(zip(piece.ways, piece.values, strict=True)):
            passes = lets_through(way, codes)
            known = self._of_way.get((number, leaf))
            if known is None:
                shares = np.array([[step.share for step in way]])
                made = answers(shares, passes.astype("float64"))[0]
            else:
                made = known[:, (1 << np.arange(len(way))) @ passes]
            for step, its in zip(way, made, strict=True):
                added[place[step.feature]] += value * its
        return added


@lru_cache(maxsize=8)
def tables_of(scorer: Scorer) -> Tables:
    """The tables of a model, made once.

    Raises:
        ScorerError: the trees are of a kind that is not known here, or too deep.
    """
    return Tables([read(tree) for tree in scorer.trees()])


def _ways_answered(pieces: Sequence[Piece]) -> dict[tuple[int, int], Doubles]:
    """By piece and leaf the answers to every way in which its features can let a row through, all leaves at once."""
    ways = [
        (len(way), number, leaf, [step.share for step in way])
        for number, piece in enumerate(pieces)
        for leaf, way in enumerate(piece.ways)
        if len(way) <= FEATURES_READY
    ]
    found: dict[tuple[int, int], Doubles] = {}
    for features, alike in groupby(sorted(ways, key=lambda way: way[:3]), key=lambda way: way[0]):
        every = np.arange(1 << features)
        through = (every[None] >> np.arange(features)[:, None] & 1).astype("float64")
        together = list(alike)
        for start in range(0, len(together), at_once := max(NUMBERS_AT_ONCE // through.size, 1)):
            some = together[start : start + at_once]
            made = answers(np.array([shares for *_, shares in some]), through)
            found |= {(number, leaf): its for (_, number, leaf, _), its in zip(some, made, strict=True)}
    return found


def lets_through(way: Sequence[Step], codes: Codes) -> NDArray[np.bool_]:
    """One row a feature on the way, one column a code: whether it lets such a row through."""
    splits, sides = np.array([(step.splits, step.sides) for step in way]).T
    through: NDArray[np.bool_] = (codes[None] & splits[:, None]) == sides[:, None]
    return through


@cache
def points_and_weights(features: int) -> list[tuple[float, float]]:
    """Points and weights of Gauss and Legendre's rule on [0, 1], exact for a product of so many factors less one."""
    places, weights = np.polynomial.legendre.leggauss((features + 1) // 2)
    return [(float(0.5 + place / 2), float(weight / 2)) for place, weight in zip(places, weights, strict=True)]

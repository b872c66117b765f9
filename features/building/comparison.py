"""Values that compare an account with others: ranks, and what is made of them, over columns that the engine computed.

An engine sorts all rows once a rank, and takes longer over that than over all else; here it is one sort in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from features.building.peers import rank
from features.errors import ConfigError
from features.feature import Combined, Feature, Rank, Score, Value

Doubles: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"
Part: TypeAlias = tuple[Value, bool]
"""A value that compares nothing, and whether totals and counts of nothing are 0 in it."""


def parts_of(features: Sequence[Feature]) -> dict[Part, str]:
    """What the engine computes for features, each different part once, and what its column is called."""
    parts = (part for feature in features for part in _parts(feature.value, feature.missing == "zero"))
    return {part: f"part {number}" for number, part in enumerate(dict.fromkeys(parts))}


def compared(rows: pa.Table, features: Sequence[Feature], parts: Mapping[Part, str]) -> pd.DataFrame:
    """Every feature's values, of the rows that are `asked` about.

    `rows` has one row a member: the parts' columns and, where anything is compared, those of
    `features.building.peers.with_peers`. Returns one row a row asked about, in their order, one
    float64 column a feature.
    """
    asked = rows["asked"].to_numpy() if "asked" in rows.column_names else np.ones(rows.num_rows, dtype=bool)
    comparison = _Comparison(rows, parts)
    return pd.DataFrame({f.name: comparison.value(f.value, f.missing == "zero")[asked] for f in features}, copy=False)


def _parts(value: Value, zero: bool) -> Iterator[Part]:
    """The largest values in a value that compare nothing."""
    if not any(True for _ in value.ranks()):
        yield value, zero
    elif isinstance(value, Combined):
        yield from _parts(value.left, zero)
        yield from _parts(value.right, zero)
    else:
        for one in value.ranks():
            yield one.value, one.zero


class _Comparison:
    """The values of all rows; each rank is worked out once."""

    def __init__(self, rows: pa.Table, parts: Mapping[Part, str]) -> None:
        self.rows, self.parts = rows, parts
        self._ranks: dict[Rank, Doubles] = {}

    def value(self, value: Value, zero: bool) -> Doubles:
        """A value of every row; NaN where it is missing.

        Raises:
            ConfigError: it is made of something else than the algebra of `features/feature.py`.
        """
        if (value, zero) in self.parts:
            return self._column(self.parts[value, zero])
        if isinstance(value, Rank):
            return self._rank(value)
        if isinstance(value, Score):
            return self._score(value)
        if not isinstance(value, Combined):
            raise ConfigError(f"A feature's value is made of leaves, ranks, scores and + - /; this one has {value!r}.")
        left, right = self.value(value.left, zero), self.value(value.right, zero)
        if value.operator == "/":
            return left / np.where(right == 0.0, np.nan, right)
        return left + right if value.operator == "+" else left - right

    def _rank(self, one: Rank) -> Doubles:
        if one not in self._ranks:
            values = self._column(self.parts[one.value, one.zero])
            self._ranks[one] = rank(values, self.rows["peer"].to_numpy(), self.rows[one.among].to_numpy())
        return self._ranks[one]

    def _score(self, score: Score) -> Doubles:
        """The rank among everyone, times 100, of the mean of those parts that are known; of each more is better."""
        ranks = ((part, self._rank(part.rank)) for part in score.parts)
        points = [share if part.higher_is_better else 1.0 - share for part, share in ranks]
        known: Doubles = reduce(add, (np.where(np.isnan(one), 0.0, 1.0) for one in points))
        total: Doubles = reduce(add, (np.nan_to_num(one) for one in points))
        # A mean of ranks is none: most lie near the middle. To a billionth, so that equal means of different parts tie.
        means = np.round(total / np.where(known == 0.0, np.nan, known), 9)
        return 100.0 * rank(means, self.rows["peer"].to_numpy(), self.rows["everyone"].to_numpy())

    def _column(self, name: str) -> Doubles:
        column: Doubles = self.rows[name].to_numpy(zero_copy_only=False)
        return column

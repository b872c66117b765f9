"""Random numbers that depend on what they are for and on nothing else.

A number is a hash of the seed, its purpose and its keys (an account, a day, a product, ...): the finaliser of
SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), used as a
counter-based generator in the sense of Salmon et al. ("Parallel random numbers: as easy as 1, 2, 3", SC 2011). So it
does not matter in which order, in how large pieces or on which machine accounts are simulated, and the same account
meets the same chance in two worlds that differ in one thing alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Words = NDArray[np.uint64]
Key = int | NDArray[np.integer]

MASK = (1 << 64) - 1
GOLDEN, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
TO_UNIT = 2.0**-52


class Chance:
    """All chance of one world; `branch` gives another that shares nothing with it."""

    def __init__(self, seed: int) -> None:
        self._seed = _mix(seed & MASK)

    def branch(self, number: int) -> Chance:
        """Another chance, for another course that the same world might take."""
        return Chance(self._seed + GOLDEN * (number + 1))

    def uniform(self, purpose: str, *keys: Key) -> Doubles:
        """Numbers between 0 and 1, both excluded, of the shape that the keys give together."""
        bits = self._bits(purpose, keys)
        return np.asarray(((bits >> np.uint64(12)).astype(np.float64) + 0.5) * TO_UNIT)

    def shock(self, purpose: str, *keys: Key) -> Doubles:
        """Numbers of mean 0 and variance 1 between -3.5 and 3.5: the sum of four uniform ones (Irwin and Hall).

        Whole numbers until the last step, so that no two machines differ; sums of many shocks are normal.
        """
        bits = self._bits(purpose, keys)
        low = np.uint64(0xFFFF)
        total = (
            (bits & low) + ((bits >> np.uint64(16)) & low) + ((bits >> np.uint64(32)) & low) + (bits >> np.uint64(48))
        )
        return np.asarray((total.astype(np.float64) + 2.0 - 2.0 * 65536) * (np.sqrt(3.0) / 65536))

    def happens(self, probability: Doubles | float, purpose: str, *keys: Key) -> NDArray[np.bool_]:
        """Whether each of some things with these probabilities happens."""
        return np.asarray(self.uniform(purpose, *keys) < probability)

    def count(self, rate: Doubles, purpose: str, *keys: Key) -> NDArray[np.int64]:
        """Poisson numbers of these means (below 700), by inversion."""
        left = self.uniform(purpose, *keys).ravel()
        counts = np.zeros(left.shape, np.int64)
        means = np.ravel(rate)
        term = np.exp(-means)
        more = np.flatnonzero(left > term)
        left, term, means = left[more] - term[more], term[more], means[more]
        step = 0
        while len(more):
            step += 1
            counts[more] = step
            term = term * means / step
            beyond = (left > term) & (step < 4000)
            more, left, term, means = more[beyond], left[beyond] - term[beyond], term[beyond], means[beyond]
        return counts.reshape(np.shape(rate))

    def choose(self, shares: Sequence[float], purpose: str, *keys: Key) -> NDArray[np.intp]:
        """Positions drawn with these shares, which add up to 1."""
        edges = np.cumsum(np.asarray(shares, float))[:-1]
        return np.searchsorted(edges, self.uniform(purpose, *keys), side="right")

    def whole(self, low: int, high: int, purpose: str, *keys: Key) -> NDArray[np.int64]:
        """Whole numbers from `low` up to and without `high`, all equally likely."""
        return low + np.floor(self.uniform(purpose, *keys) * (high - low)).astype(np.int64)

    def words(self, purpose: str, *keys: Key) -> Words:
        """64 bits of chance each, for `further` and `sixteen`: cheaper where much is drawn for one row."""
        return self._bits(purpose, keys)

    def _bits(self, purpose: str, keys: Sequence[Key]) -> NDArray[np.uint64]:
        scalar = self._seed ^ _of(purpose)
        arrays = []
        for key in keys:
            if isinstance(key, np.ndarray):
                arrays.append(key)
            else:
                scalar = _mix((scalar + int(key) * GOLDEN) & MASK)
        bits = np.array(scalar, np.uint64)
        for array in arrays:
            bits = _mixed(bits + array.astype(np.uint64) * np.uint64(GOLDEN))
        return bits


def further(words: Words, number: int | NDArray[np.integer]) -> Words:
    """Other words, one of each: those of that number."""
    return _mixed(words + np.asarray(number).astype(np.uint64) * np.uint64(GOLDEN))


def sixteen(words: Words, position: int) -> NDArray[np.int64]:
    """A number below 65,536 out of each word, which has four of them (positions 0 to 3)."""
    return ((words >> np.uint64(16 * position)) & np.uint64(0xFFFF)).astype(np.int64)


@lru_cache(maxsize=1024)
def _of(purpose: str) -> int:
    return int.from_bytes(hashlib.blake2b(purpose.encode(), digest_size=8).digest(), "little")


def _mix(number: int) -> int:
    number &= MASK
    number = ((number ^ (number >> 30)) * FIRST) & MASK
    number = ((number ^ (number >> 27)) * SECOND) & MASK
    return number ^ (number >> 31)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = np.atleast_1d(bits)
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(FIRST)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(SECOND)
    bits ^= bits >> np.uint64(31)
    return bits

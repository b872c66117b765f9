"""Figures with intervals that resample accounts, and shares of two differences; every figure here is paired.

Two figures are paired where they come from the same rows, as many resamples and the same seed: draw number i of both
saw the same accounts. Differences and ratios are then taken draw by draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from models.evaluation import Interval, interval_of, resampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

Doubles: TypeAlias = "NDArray[np.float64]"

RESAMPLES = 1000


@dataclass(frozen=True)
class Figure:
    """A value and one draw of it a resample; NaN where it has none."""

    value: float
    draws: Doubles

    @property
    def interval(self) -> Interval:
        """With the middle 95 % of the draws."""
        return interval_of(self.value, self.draws)

    def __sub__(self, other: Figure) -> Figure:
        return Figure(self.value - other.value, self.draws - other.draws)

    def __truediv__(self, other: Figure) -> Figure:
        """NaN in each draw whose divisor is not above zero."""
        draws = np.divide(
            self.draws, other.draws, out=np.full(len(self.draws), np.nan), where=other.draws > 0, dtype=np.float64
        )
        return Figure(self.value / other.value if other.value > 0 else float("nan"), draws)


@dataclass(frozen=True)
class Share:
    """How much of a distance was covered: `gained / room`, both taken so that more is better."""

    gained: Interval
    """Ours minus the best baseline."""
    room: Interval
    """The limit minus the best baseline."""
    share: Interval | None
    """None where it is not told."""
    untold: str = ""
    """Why it is not told."""

    def as_json(self) -> dict[str, Any]:
        """Null for a share that is not told, and why."""
        told = self.share.as_json() if self.share else None
        why = {"untold": self.untold} if self.untold else {}
        return {"share": told, "gained": self.gained.as_json(), "room": self.room.as_json(), **why}


def share_of(ours: Figure, base: Figure, limit: Figure, name: str = "the limit") -> Share:
    """The share of the way from `base` to `limit` that `ours` has come; more is better in all three.

    It is told only where the whole interval of the room lies above zero: near zero a ratio says nothing, whatever its
    value. At most one draw in forty then has a room of zero or below, and it is left out.
    """
    gained, room = ours - base, limit - base
    if room.interval.low <= 0:
        seen = f"{room.value:.4f} [{room.interval.low:.4f}, {room.interval.high:.4f}]"
        return Share(
            gained.interval,
            room.interval,
            None,
            f"{name} is not clearly better than the best baseline, by {seen}; there is no room to take a share of",
        )
    return Share(gained.interval, room.interval, (gained / room).interval)


class Accounts:
    """The accounts of some rows, and the resamples of them."""

    def __init__(self, accounts: pd.Series[str], resamples: int = RESAMPLES, seed: int = 0) -> None:
        codes, names = pd.factorize(accounts, sort=True)
        self._codes = codes
        self._count = len(names)
        self._resamples = resamples
        self._seed = seed

    def sums(self, values: Doubles) -> tuple[Doubles, Doubles]:
        """The sum of each column over all rows, and over each resample's rows (one row a resample)."""
        columns = np.atleast_2d(values.T)
        per_account = np.column_stack([np.bincount(self._codes, c, minlength=self._count) for c in columns])
        drawn = [weights @ per_account for weights in resampled(self._count, self._resamples, self._seed)]
        return per_account.sum(axis=0), np.concatenate(drawn)

    def means(self, values: Doubles, counted: Doubles | None = None) -> list[Figure]:
        """The mean of each column of `values` over the rows that count, `counted` saying how much each does."""
        weight = np.ones(len(self._codes)) if counted is None else counted
        kept = np.where(weight[:, None] > 0, values, 0.0)
        total, drawn = self.sums(np.column_stack([kept * weight[:, None], weight]))
        with np.errstate(divide="ignore", invalid="ignore"):  # a draw without a row that counts has no mean
            point, draws = total[:-1] / total[-1], drawn[:, :-1] / drawn[:, -1:]
        return [Figure(float(point[i]), draws[:, i]) for i in range(values.shape[1])]

    def correlation(self, x: Doubles, y: Doubles) -> Figure:
        """Pearson's, over all rows."""
        x, y = x - x.mean(), y - y.mean()
        total, drawn = self.sums(np.column_stack([np.ones(len(x)), x, y, x * x, y * y, x * y]))
        draws = _pearson(np.vstack([total, drawn]))
        return Figure(float(draws[0]), draws[1:])

    def r_squared(self, true: Doubles, said: Doubles) -> Figure:
        """1 - mean squared error / variance, over all rows; NaN where `true` does not vary."""
        centred = true - true.mean()
        total, drawn = self.sums(np.column_stack([np.ones(len(true)), centred, centred**2, (true - said) ** 2]))
        draws = _r_squared(np.vstack([total, drawn]))
        return Figure(float(draws[0]), draws[1:])


def _r_squared(sums: Doubles) -> Doubles:
    """R squared from counts, sums, sums of squares and of squared errors, one row a draw."""
    n, x, xx, errors = sums.T
    spread = xx - x * x / n
    told: Doubles = 1 - np.divide(errors, spread, out=np.full(len(n), np.nan), where=spread > 1e-9 * xx[0])
    return told


def _pearson(sums: Doubles) -> Doubles:
    """Pearson's correlation from counts, sums, sums of squares and of products, one row a draw."""
    n, x, y, xx, yy, xy = sums.T
    spread = (xx - x * x / n) * (yy - y * y / n)
    shared = xy - x * y / n
    out = np.full(len(n), np.nan)
    found: Doubles = np.divide(shared, np.sqrt(np.maximum(spread, 0.0)), out=out, where=spread > 1e-18)
    return found


def as_numbers(interval: Interval) -> dict[str, float | None]:
    """An interval ready for JSON: null where there is no value."""
    return {key: number if np.isfinite(number) else None for key, number in interval.as_json().items()}

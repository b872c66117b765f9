"""Whether an offer's estimated effect is its true one, by tenths of the estimate; and what there is to win at all.

The true effect of an offer on a row is how far it moves the probability of the outcome that it is about. A retention
offer helps where it lowers the probability of churn: so its gain is the effect with its sign turned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from features.errors import InputError
from models.evaluation import Interval
from pipelines.yardsticks.figures import RESAMPLES, Accounts, Doubles, Figure, as_numbers
from pipelines.yardsticks.matching import KEYS, keyed

AGAINST = frozenset({"retention"})
"""Kinds of offer that are to lower the probability of their outcome; the others are to raise it."""
TENTHS, FIFTHS = 10, 5
PEOPLE = ("persuadable", "sure thing", "lost cause", "better left asleep")
"""Kinds of people, as `people` names them in the truth: how an account answers to being approached."""


@dataclass(frozen=True)
class Kind:
    """Rows of one kind of people."""

    share: Interval
    """Of the rows."""
    mean: Interval
    """Of their true gains; without a value where there is no such row."""

    def as_json(self) -> dict[str, Any]:
        """Both by name."""
        return {"share": as_numbers(self.share), "mean": as_numbers(self.mean)}


@dataclass(frozen=True)
class Spread:
    """How the true gains of one kind of offer differ between rows: what choosing whom to approach can win."""

    rows: int
    mean: Interval
    fifths: tuple[Interval, ...]
    """Mean gain in each fifth of the rows, the largest gains first."""
    kinds: dict[str, Kind]
    """The rows of each kind in `PEOPLE`, by its name."""

    def as_json(self) -> dict[str, Any]:
        """Everything by name."""
        return {
            "rows": self.rows,
            "mean": as_numbers(self.mean),
            "fifths": [as_numbers(one) for one in self.fifths],
            "kinds": {name: one.as_json() for name, one in self.kinds.items()},
        }


@dataclass(frozen=True)
class Uplift:
    """One kind of offer: estimated against true gain."""

    table: pd.DataFrame
    """One row a tenth, the highest estimates first: tenth, rows, estimate, truth, low, high (of the true mean)."""
    rank_correlation: Interval
    share_of_choice: Interval
    """What choosing a tenth by the estimate wins over choosing at random, as a share of what the truth would win."""

    def as_json(self) -> dict[str, Any]:
        """Everything by name."""
        return {
            "table": self.table.to_dict("records"),
            "rank_correlation": as_numbers(self.rank_correlation),
            "share_of_choice": as_numbers(self.share_of_choice),
        }


def spread(truth: pd.DataFrame, *, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Spread]:
    """By kind of offer, the spread of the true gains.

    `truth` has one row per (account_id, product, as_of, kind): `effect`, and `people`, what kind of people the account
    is. That is how the simulator made it and no matter of how large the effect came out, so it needs no threshold: who
    is persuadable and far from the outcome gains little, and is no lost cause for that.

    Raises:
        InputError: `people` holds something that is no kind.
    """
    unknown = sorted(set(truth["people"]) - set(PEOPLE))
    if unknown:
        raise InputError(
            f"People are of the kinds {', '.join(PEOPLE)}; the true effects have {', '.join(map(str, unknown))}. "
            "Write the truth again."
        )
    return _each(truth, lambda rows: _spread(rows, resamples, seed))


def effects(
    estimates: pd.DataFrame, truth: pd.DataFrame, *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Uplift]:
    """By kind of offer, the tenths of the estimates.

    `estimates` has one row per (account_id, product, as_of, kind): `estimate`, of the same sign as the true `effect`.

    Raises:
        InputError: estimates without a true effect.
    """
    on = [*KEYS, "kind"]
    both = keyed(estimates)[[*on, "estimate"]].merge(
        keyed(truth)[[*on, "effect"]], on=on, how="left", validate="one_to_one"
    )
    lost = int(both["effect"].isna().sum())
    if lost:
        raise InputError(
            f"Every estimated effect that is judged has a true one; {lost:,} of {len(both):,} have none. "
            "Write the truth of the days and accounts that were estimated."
        )
    return _each(both, lambda rows: _uplift(rows, resamples, seed))


def _each(rows: pd.DataFrame, measure: Callable[[pd.DataFrame], Any]) -> dict[str, Any]:
    return {str(kind): measure(part.reset_index(drop=True)) for kind, part in rows.groupby("kind", sort=True)}


def _gain(rows: pd.DataFrame, column: str) -> Doubles:
    sign = -1.0 if rows["kind"].iloc[0] in AGAINST else 1.0
    return sign * rows[column].to_numpy(dtype=np.float64)


def _spread(rows: pd.DataFrame, resamples: int, seed: int) -> Spread:
    accounts = Accounts(rows["account_id"], resamples, seed)
    gain = _gain(rows, "effect")
    members = [(rows["people"] == one).to_numpy().astype(np.float64) for one in PEOPLE]
    figures = accounts.means(np.column_stack([gain, *members]))
    kinds = {
        name: Kind(share.interval, accounts.means(gain[:, None], member)[0].interval)
        for name, share, member in zip(PEOPLE, figures[1:], members, strict=True)
    }
    return Spread(
        rows=len(rows),
        mean=figures[0].interval,
        fifths=tuple(one.interval for one in _by_part(accounts, gain, gain, FIFTHS)),
        kinds=kinds,
    )


def _uplift(rows: pd.DataFrame, resamples: int, seed: int) -> Uplift:
    accounts = Accounts(rows["account_id"], resamples, seed)
    estimate, gain = _gain(rows, "estimate"), _gain(rows, "effect")
    tenths = _by_part(accounts, gain, estimate, TENTHS)
    parts = _parts(estimate, TENTHS)
    table = pd.DataFrame(
        {
            "tenth": range(1, TENTHS + 1),
            "rows": [int((parts == part).sum()) for part in range(TENTHS)],
            "estimate": [one.value for one in _by_part(accounts, estimate, estimate, TENTHS)],
            "truth": [one.value for one in tenths],
            "low": [one.interval.low for one in tenths],
            "high": [one.interval.high for one in tenths],
        }
    )
    everyone = accounts.means(gain[:, None])[0]
    best = _by_part(accounts, gain, gain, TENTHS)[0]
    return Uplift(
        table=table,
        rank_correlation=accounts.correlation(rankdata(estimate), rankdata(gain)).interval,
        share_of_choice=((tenths[0] - everyone) / (best - everyone)).interval,
    )


def _by_part(accounts: Accounts, values: Doubles, order: Doubles, count: int) -> list[Figure]:
    """The mean of `values` in each of `count` equal parts of the rows by falling `order`; parts stand as first cut."""
    parts = _parts(order, count)
    return [accounts.means(values[:, None], (parts == part).astype(np.float64))[0] for part in range(count)]


def _parts(order: Doubles, count: int) -> Doubles:
    """Which part each row is in, the largest in part 0; of equal ones the earlier row first."""
    place = np.empty(len(order))
    place[np.argsort(-order, kind="stable")] = np.arange(len(order))
    return np.floor(place * count / len(order))

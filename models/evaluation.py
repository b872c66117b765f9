"""How good probabilities are on rows that nobody trained on, each figure with an interval that resamples accounts.

An account's rows belong together (the cluster bootstrap, Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x): a
resample draws as many accounts as there are, with replacement, and takes each with all its rows as often as it was
drawn. Intervals are the middle 95 % of the resamples. Two models that were judged on the same rows with the same seed
saw the same resamples, so that the interval of their difference is paired.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from features.errors import RefusedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Doubles: TypeAlias = "NDArray[np.float64]"
Indices: TypeAlias = "NDArray[np.intp]"

METRICS = ("auc", "average_precision", "log_loss", "brier", "ece", "lift_at_10pct")
TOP_SHARE = 0.1
BINS = 10
LEVEL = 0.95
SMALLEST = 1e-12
"""Probabilities are kept so far from 0 and 1 where a logarithm is taken."""
AT_ONCE = 16
"""Resamples that are reckoned together: 50,000 rows of them take 6 MB."""


@dataclass(frozen=True)
class Interval:
    """A figure and the 95 % interval around it."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """The three numbers by name."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Evaluation:
    """One model on one set of rows: how many, how many positives, and each metric with its interval."""

    n: int
    positives: int
    metrics: Mapping[str, Interval]

    @property
    def base_rate(self) -> float:
        """Share of positives among the rows."""
        return self.positives / self.n

    def as_json(self) -> dict[str, object]:
        """As `holdfast metrics --json` prints it."""
        return {
            "n": self.n,
            "positives": self.positives,
            **{name: interval.as_json() for name, interval in self.metrics.items()},
        }


@dataclass(frozen=True)
class Judgement:
    """An evaluation and the resamples behind its intervals, which a paired comparison needs."""

    evaluation: Evaluation
    draws: Mapping[str, Doubles]
    """By metric, one figure a resample; NaN where a resample held one class only."""


def judge(
    labels: Doubles, probabilities: Doubles, accounts: pd.Series[str], resamples: int = 1000, seed: int = 0
) -> Judgement:
    """Every metric of `METRICS` with its interval; one probability, label and account a row.

    - auc: area under the ROC curve; equal scores count half.
    - average_precision: sum over distinct scores of the gain in recall times precision there.
    - log_loss: mean negative log-likelihood, natural logarithm. brier: mean squared error.
    - ece: expected calibration error, the mean over rows of the distance between mean probability and share of
      positives in a row's bin (Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602), in ten bins of equally many rows as in
      Nixon et al. 2019 (arXiv:1904.01685). Equal scores share a bin. It never falls below 0 by luck, so that its
      interval leans upwards where there are few rows.
    - lift_at_10pct: how often the outcome is among the tenth of rows with the highest scores, over how often it is
      among all. Equal scores at the border count in part.

    Raises:
        RefusedError: no rows, one class only, or a probability that is missing or outside 0 to 1.
    """
    _check(labels, probabilities)
    codes, names = pd.factorize(accounts, sort=True)
    rows = _Rows.of(labels, probabilities, codes.astype(np.intp), len(names))
    point = {name: float(drawn[0]) for name, drawn in rows.metrics(np.ones((1, len(names)))).items()}
    parts = [rows.metrics(weights) for weights in resampled(len(names), resamples, seed)]
    draws = {name: np.concatenate([part[name] for part in parts]) for name in METRICS}
    metrics = {name: interval_of(point[name], draws[name]) for name in METRICS}
    return Judgement(Evaluation(len(labels), int(labels.sum()), metrics), draws)


def level(
    labels: Doubles, probabilities: Doubles, accounts: pd.Series[str], resamples: int = 1000, seed: int = 0
) -> Interval:
    """How many positives there were for each one that the probabilities add up to: 1 where they are right on the whole.

    What is said of a sum of later probabilities is no surer than this. One label, probability and account a row.
    """
    codes, names = pd.factorize(accounts, sort=True)
    seen, expected = (np.bincount(codes, column, minlength=len(names)) for column in (labels, probabilities))
    draws = [
        (weights @ seen) / np.maximum(weights @ expected, SMALLEST)
        for weights in resampled(len(names), resamples, seed)
    ]
    value = float(labels.sum() / max(float(probabilities.sum()), SMALLEST))
    return interval_of(value, np.concatenate(draws))


def compare(ours: Judgement, theirs: Judgement, metric: str = "auc") -> Interval:
    """How far ours lies above theirs, with a paired interval; both were judged on the same rows with the same seed.

    Raises:
        RefusedError: they were not judged on the same rows, or not with as many resamples.
    """
    a, b = ours.evaluation, theirs.evaluation
    if (a.n, a.positives) != (b.n, b.positives) or len(ours.draws[metric]) != len(theirs.draws[metric]):
        raise RefusedError(
            "Two models are compared on the same rows and resamples; "
            f"seen: {a.n} rows with {a.positives} positives and {b.n} with {b.positives}. Judge both anew."
        )
    value = a.metrics[metric].value - b.metrics[metric].value
    return interval_of(value, ours.draws[metric] - theirs.draws[metric])


@dataclass(frozen=True)
class _Rows:
    """Everything of the rows that does not depend on the resample, sorted and summed beforehand."""

    codes: Indices
    """Accounts in falling order of score."""
    positive_codes: Indices
    """The same of the positive rows alone."""
    ends: Indices
    """How many rows there are up to the end of each group of equal scores; groups without positives that follow each
    other are one, since no metric looks at what is between them."""
    positive_ends: Indices
    """How many positive rows there are up to there."""
    totals: Doubles
    """One row an account: how many rows, their summed log loss and squared error."""
    deviations: Doubles
    """One row an account, one column a bin: the sum of label minus probability."""

    @classmethod
    def of(cls, labels: Doubles, probabilities: Doubles, codes: Indices, accounts: int) -> _Rows:
        order = np.argsort(-probabilities, kind="stable")
        score, positive, sorted_codes = probabilities[order], labels[order] == 1, codes[order]
        ends = np.flatnonzero(np.append(score[1:] != score[:-1], True)) + 1
        positive_ends = np.cumsum(positive)[ends - 1]
        barren = np.diff(positive_ends, prepend=0) == 0
        kept = ~(barren & np.append(barren[1:], False))
        inside = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
        loss = -np.where(labels == 1, np.log(inside), np.log1p(-inside))
        sums = (np.ones(len(labels)), loss, (labels - probabilities) ** 2)
        totals = np.column_stack([np.bincount(codes, column, minlength=accounts) for column in sums]).astype(np.float64)
        edges = np.sort(probabilities)[[len(labels) * cut // BINS for cut in range(1, BINS)]]
        cell = codes * BINS + np.searchsorted(edges, probabilities, side="right")
        deviations = np.bincount(cell, labels - probabilities, minlength=accounts * BINS).astype(np.float64)
        return cls(
            codes=sorted_codes,
            positive_codes=sorted_codes[positive],
            ends=ends[kept],
            positive_ends=positive_ends[kept],
            totals=totals,
            deviations=deviations.reshape(accounts, BINS),
        )

    def metrics(self, weights: Doubles) -> dict[str, Doubles]:
        """Every metric, one figure a row of `weights`, which says how often each account (column) counts."""
        n, loss, squares = (weights @ self.totals).T
        found = self._ranking(weights)
        found["log_loss"], found["brier"] = loss / n, squares / n
        found["ece"] = np.abs(weights @ self.deviations).sum(axis=1) / n
        return found

    def _ranking(self, weights: Doubles) -> dict[str, Doubles]:
        every = _running(weights, self.codes, self.ends)
        positive = _running(weights, self.positive_codes, self.positive_ends)
        n, positives = every[:, -1], positive[:, -1]
        added, added_positive = np.diff(every, axis=1), np.diff(positive, axis=1)
        precision = np.divide(positive[:, 1:], every[:, 1:], out=np.zeros_like(added), where=every[:, 1:] > 0)
        with np.errstate(divide="ignore", invalid="ignore"):  # one class only: the figure is NaN, and left out later
            pairs = np.einsum("ij,ij->i", added - added_positive, positive[:, 1:] - added_positive / 2)
            auc = pairs / (positives * (n - positives))
            average = np.einsum("ij,ij->i", added_positive, precision) / positives
            lift = _captured(every, positive) / (TOP_SHARE * positives)
        return {"auc": auc, "average_precision": average, "lift_at_10pct": lift}


def _running(weights: Doubles, codes: Indices, ends: Indices) -> Doubles:
    """How much weight lies before the first group and up to the end of each, one row a resample."""
    running = np.zeros((len(weights), len(codes) + 1))
    np.cumsum(np.take(weights, codes, axis=1), axis=1, out=running[:, 1:])
    return np.take(running, np.append(0, ends), axis=1)


def _captured(every: Doubles, positive: Doubles) -> Doubles:
    """Positives among the top rows, one figure a resample; of the group at the border the share that still fits in."""
    top = TOP_SHARE * every[:, -1]
    border = np.argmax(every >= top[:, np.newaxis], axis=1)
    row = np.arange(len(border))
    before, inside = positive[row, border - 1], positive[row, border] - positive[row, border - 1]
    share = (top - every[row, border - 1]) / (every[row, border] - every[row, border - 1])
    captured: Doubles = before + share * inside
    return captured


def resampled(accounts: int, resamples: int, seed: int) -> Iterator[Doubles]:
    """How often each account (column) is drawn in each resample (row), some resamples at a time.

    The same number of accounts, of resamples and the same seed give the same draws: figures drawn so are paired.
    """
    random = np.random.default_rng(seed)
    for start in range(0, resamples, AT_ONCE):
        count = min(AT_ONCE, resamples - start)
        drawn = random.integers(0, accounts, size=(count, accounts)) + accounts * np.arange(count)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=count * accounts).reshape(count, accounts).astype(np.float64)


def interval_of(value: float, draws: Doubles) -> Interval:
    """The middle 95 % of the draws that are known, stretched to hold the value itself."""
    known = draws[np.isfinite(draws)]
    if len(known) == 0:
        return Interval(value, value, value)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, min(float(low), value), max(float(high), value))


def _check(labels: Doubles, probabilities: Doubles) -> None:
    positives = int((labels == 1).sum())
    if positives == 0 or int((labels == 0).sum()) == 0:
        raise RefusedError(
            f"A model is judged on rows of both classes; seen: {len(labels):,} rows, {positives:,} of them positive. "
            "Bring a longer history, or widen the outcome's horizon."
        )
    if len(labels) != len(probabilities) or not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise RefusedError(
            "Every row that is judged has a probability from 0 to 1; "
            f"seen: {len(labels):,} rows, probabilities from {probabilities.min()} to {probabilities.max()} for "
            f"{len(probabilities):,}. Correct the model."
        )

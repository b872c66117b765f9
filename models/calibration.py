"""Makes log-odds honest: a straight line through them, fitted on later rows than those that the trees were grown on.

A line on the log-odds (Platt 1999, with his targets that keep few rows from certainty) keeps the order of accounts and
keeps contributions additive, which steps or a spline would not. How sure the line is comes from how much it would move
had other accounts been there: the sandwich of Huber (1967) and White (1982) with accounts as clusters (Liang and Zeger
1986, doi:10.1093/biomet/73.1.13), since rows of one account are no separate evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from models.scorer import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

Doubles: TypeAlias = "NDArray[np.float64]"

MAX_STEPS = 100
TOLERANCE = 1e-13
FLATTEST = 1e-3
"""A slope below this would turn the order round, or make all accounts equal."""


@dataclass(frozen=True)
class Calibrator:
    """log-odds = slope * raw + intercept, with a slope above 0."""

    slope: float = 1.0
    intercept: float = 0.0
    note: str = ""
    """Why it is not the fitted line, where it is not."""
    orders: bool = True
    """Whether higher scores were likelier on the later rows; no line mends an order that does not hold."""
    variance: tuple[float, float, float] | None = None
    """Of the slope, of both together (their covariance), of the intercept; None where nothing was fitted."""


BEYOND_CHANCE = 3.0
"""Standard errors by which the predicted and the observed number of positives may differ before it is said."""
BEYOND_NOTICE = 1.2
"""And the ratio of the two from which it matters to a reader."""


def level_note(probabilities: Doubles, labels: Doubles) -> str:
    """What is to be said where the mean probability of the test is not the share of positives; empty where it is.

    Rows count as independent, which overstates how sure this is where accounts recur: a note, not a test.
    """
    expected, seen = float(probabilities.sum()), float(labels.sum())
    error = float(np.sqrt((probabilities * (1 - probabilities)).sum()))
    if abs(expected - seen) <= BEYOND_CHANCE * error or 1 / BEYOND_NOTICE <= expected / max(seen, 1) <= BEYOND_NOTICE:
        return ""
    way = "high" if expected > seen else "low"
    return (
        f"probabilities are too {way}: on the test {expected / len(labels):.1%} were predicted on average, "
        f"{seen / len(labels):.1%} came about"
    )


def fit_calibrator(
    raw: Doubles, labels: Doubles, accounts: Sequence[str] | pd.Series[str], minimum: int = 40
) -> Calibrator:
    """The line that makes the labels likeliest, or the log-odds as they are where there is too little to fit it on.

    `accounts` says whose row each is. With fewer than `minimum` rows of either class the log-odds are left as they are;
    where the likeliest slope is not above 0 (the trees tell nothing about later rows) only the level is fitted. `note`
    says so.
    """
    positives, negatives = int((labels == 1).sum()), int((labels == 0).sum())
    if min(positives, negatives) < minimum:
        return Calibrator(
            note=f"not calibrated: validation has {positives} positives and {negatives} negatives, "
            f"of each at least {minimum} are needed"
        )
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    spread, middle = float(raw.std()), float(raw.mean())
    if spread > FLATTEST:
        design = np.column_stack([(raw - middle) / spread, np.ones(len(raw))])
        steepness, level = _fit(design, np.zeros(len(raw)), targets)
        slope = steepness / spread
        if slope > FLATTEST:
            intercept = level - slope * middle
            chance = expit(slope * raw + intercept)
            return Calibrator(slope, intercept, variance=_variance(raw, chance, labels, accounts))
    (level,) = _fit(np.ones((len(raw), 1)), raw, targets)
    note = "only the level was calibrated: on validation, higher scores were not likelier"
    variance = _variance(np.zeros(len(raw)), expit(raw + level), labels, accounts)
    return Calibrator(1.0, level, note, orders=False, variance=variance)


def _variance(
    raw: Doubles, chance: Doubles, labels: Doubles, accounts: Sequence[str] | pd.Series[str]
) -> tuple[float, float, float]:
    """Of the slope, both and the intercept, from what each account leaves unexplained; 0 for what was not fitted."""
    design = np.column_stack([raw, np.ones(len(raw))])
    curvature = (design * (chance * (1 - chance))[:, np.newaxis]).T @ design
    clusters = pd.DataFrame(design * (labels - chance)[:, np.newaxis]).groupby(np.asarray(accounts)).sum().to_numpy()
    inverse = np.linalg.pinv(curvature)
    found = inverse @ (clusters.T @ clusters * (len(clusters) / max(len(clusters) - 1, 1))) @ inverse
    return float(found[0, 0]), float(found[0, 1]), float(found[1, 1])


def _fit(design: Doubles, offset: Doubles, targets: Doubles) -> tuple[float, ...]:
    """Weights of greatest likelihood of a logistic model, by Newton's method with halved steps where one is too far."""
    weights = np.zeros(design.shape[1])
    loss = _loss(design @ weights + offset, targets)
    for _ in range(MAX_STEPS):
        chance = expit(design @ weights + offset)
        curvature = (design * (chance * (1 - chance))[:, np.newaxis]).T @ design
        step = np.linalg.solve(curvature + 1e-12 * np.eye(len(weights)), design.T @ (targets - chance))
        for halving in range(MAX_STEPS):
            tried = weights + step * 0.5**halving
            tried_loss = _loss(design @ tried + offset, targets)
            if tried_loss <= loss:
                break
        done = loss - tried_loss < TOLERANCE
        if tried_loss <= loss:
            weights, loss = tried, tried_loss
        if done:
            break
    return tuple(float(weight) for weight in weights)


def _loss(log_odds: Doubles, targets: Doubles) -> float:
    return float(np.mean(np.logaddexp(0, log_odds) - targets * log_odds))

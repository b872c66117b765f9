"""How far probabilities lie from the true ones, without the noise that labels add to every other metric.

The truth is itself an average over simulated futures, with a standard error of its own. Where that error adds to a
squared distance in expectation, it is taken off again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import xlogy
from scipy.stats import rankdata

from models.evaluation import SMALLEST, Interval
from pipelines.yardsticks.figures import RESAMPLES, Accounts, Doubles, Figure, Share, as_numbers, share_of

MEASURES = ("mean_error", "absolute", "squared", "rank_correlation", "log_odds_correlation")
FARTHEST = 1e-4
"""Probabilities are kept so far from 0 and 1 for the correlation of log-odds, which single rows would else decide."""


@dataclass(frozen=True)
class Distance:
    """One column of probabilities beside the truth."""

    measures: Mapping[str, Interval]
    """By name, as in `MEASURES`; NaN where there is none, as for the correlation of a constant."""

    def as_json(self) -> dict[str, dict[str, float | None]]:
        """Each measure with its interval, null where it has no value."""
        return {name: as_numbers(interval) for name, interval in self.measures.items()}


def distances(
    named: Mapping[str, Doubles],
    true: Doubles,
    error: Doubles,
    owners: pd.Series[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Distance]:
    """For each column of probabilities how it lies to the truth, row by row.

    - mean_error: mean of ours minus the truth. absolute: mean distance, the truth's error included.
    - squared: mean squared distance less the mean squared `error` of the truth; by luck it may fall below zero.
    - rank_correlation: Spearman's; ranks are taken once, over all rows. log_odds_correlation: Pearson's of log-odds.
    """
    accounts = Accounts(owners, resamples, seed)
    ranks, odds = rankdata(true), _log_odds(true)
    found = {}
    for name, values in named.items():
        apart = values - true
        figures = accounts.means(np.column_stack([apart, np.abs(apart), apart**2 - error**2]))
        figures += [accounts.correlation(rankdata(values), ranks), accounts.correlation(_log_odds(values), odds)]
        found[name] = Distance({key: figure.interval for key, figure in zip(MEASURES, figures, strict=True)})
    return found


def expected_shares(
    named: Mapping[str, Doubles],
    true: Doubles,
    error: Doubles,
    owners: pd.Series[str],
    baselines: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    ours: str = "model",
    reachable: str = "reachable",
) -> dict[str, tuple[str, Share, Share | None]]:
    """The best baseline and the shares of the possible and the reachable, by log loss and Brier score in expectation.

    Where p is true and q is said, the label's expected log loss is -p ln q - (1 - p) ln(1 - q), and its expected
    squared error (p - q)^2 + p (1 - p): the noise of the labels drops out. Both are linear in p but for the oracle's
    own, where the error of p is put right to the second order: error^2 / (2 p (1 - p)), and error^2.
    """
    accounts = Accounts(owners, resamples, seed)
    inside = np.clip(true, SMALLEST, 1 - SMALLEST)
    entropy = -xlogy(true, inside) - xlogy(1 - true, 1 - inside)
    spread = true * (1 - true)
    slack = np.divide(error**2, 2 * spread, out=np.zeros_like(error), where=spread > 0)
    columns = {"oracle": (entropy + slack, spread + error**2)}
    for name, values in named.items():
        said = np.clip(values, SMALLEST, 1 - SMALLEST)
        loss = -xlogy(true, said) - xlogy(1 - true, 1 - said)
        columns[name] = (loss, true - 2 * true * values + values**2)
    found = {}
    for place, metric in enumerate(("expected_log_loss", "expected_brier")):
        figures = accounts.means(-np.column_stack([pair[place] for pair in columns.values()]))
        by_name = dict(zip(columns, figures, strict=True))
        best = max(baselines, key=lambda name: by_name[name].value)
        found[metric] = (best, *_both(by_name, ours, best, reachable))
    return found


def _both(figures: Mapping[str, Figure], ours: str, best: str, reachable: str) -> tuple[Share, Share | None]:
    possible = share_of(figures[ours], figures[best], figures["oracle"], "the oracle")
    if reachable not in figures:
        return possible, None
    return possible, share_of(figures[ours], figures[best], figures[reachable], "the reachable limit")


def _log_odds(values: Doubles) -> Doubles:
    inside = np.clip(values, FARTHEST, 1 - FARTHEST)
    return np.log(inside / (1 - inside))

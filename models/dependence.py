"""The guard of dependent rows: an account's rows are not so many independent witnesses.

L3.2 of Kapoor and Narayanan 2023 (doi:10.1016/j.patter.2023.100804). That an account recurs in training and test is
what scoring meets too (the same customers are asked about month after month); that one and the same outcome is seen
from both sides is not, nor is an interval that takes its rows for independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.guards.finding import Finding
from models.evaluation import Interval, judge

if TYPE_CHECKING:
    from features.clock import Horizon
    from models.dataset import Dataset
    from models.procedure import Doubles, Fitted

GUARD = "dependent rows"
RESAMPLES = 1000
NARROW = 0.9
"""Of the width that resampling accounts gives, below which a stated interval takes rows for independent; 1,000
resamples know the width to about 3 %."""
SHARED = 0.01
"""Of judged rows, above which horizons shared with training are no slip of a few rows."""


@dataclass(frozen=True)
class Dependence:
    """How much the rows of a test hang together."""

    rows: int
    accounts: int
    by_account: Interval
    """The AUC, accounts resampled."""
    by_row: Interval
    """The AUC, rows resampled: too narrow where accounts recur."""

    @property
    def recurs(self) -> bool:
        """Whether some account has several rows."""
        return self.accounts < self.rows


def dependence(judged: Dataset, probabilities: Doubles, resamples: int = RESAMPLES, seed: int = 7) -> Dependence:
    """The interval of the AUC with accounts and with rows resampled.

    Raises:
        RefusedError: the judged rows are of one class only.
    """
    accounts = judged.frame["account_id"]
    rows = pd.Series(np.arange(len(judged)).astype("str"))
    by_account, by_row = (
        judge(judged.labels, probabilities, units, resamples, seed).evaluation.metrics["auc"]
        for units in (accounts, rows)
    )
    return Dependence(len(judged), accounts.nunique(), by_account, by_row)


def dependent_rows(fitted: Fitted, horizon: Horizon) -> tuple[Finding, ...]:
    """Judged rows whose outcome a taught row of the same account (and product) sees too, and a stated interval that is
    too narrow for how the rows hang together.

    `figure` is the share of judged rows, or the stated width over that of accounts resampled.
    """
    found = []
    shared = shared_outcomes(fitted.taught, fitted.judged, horizon)
    if shared > SHARED:
        found.append(
            Finding(
                GUARD,
                "accounts on both sides",
                shared,
                "One outcome is seen from one side of the split only",
                f"{shared:.1%} of the judged rows have a taught row of the same account less than {horizon.total} days "
                "away, whose horizon overlaps theirs",
                "Divide by time with gap and horizon between, or by account and by time",
            )
        )
    seen = dependence(fitted.judged, fitted.probabilities)
    ratio = _width(fitted.stated) / max(_width(seen.by_account), 1e-12)
    if seen.recurs and ratio < NARROW:
        found.append(
            Finding(
                GUARD,
                "stated interval",
                ratio,
                f"Intervals resample accounts where accounts recur ({seen.rows:,} rows of {seen.accounts:,} accounts)",
                f"the stated one is {_told(fitted.stated)}, accounts resampled give {_told(seen.by_account)}, rows "
                f"{_told(seen.by_row)}",
                "Resample accounts",
            )
        )
    return tuple(found)


def shared_outcomes(taught: Dataset, judged: Dataset, horizon: Horizon) -> float:
    """The share of judged rows with a taught row of the same keys, as_of aside, less than `horizon.total` days away."""
    keys = [key for key in judged.keys if key != "as_of"]
    ours = judged.frame[[*keys, "as_of"]].assign(row=np.arange(len(judged)))
    pairs = ours.merge(taught.frame[[*keys, "as_of"]], on=keys, suffixes=("", "_taught"))
    away = (pairs["as_of"] - pairs["as_of_taught"]).abs().dt.days
    return float(pairs.loc[away < horizon.total, "row"].nunique() / max(len(judged), 1))


def _width(interval: Interval) -> float:
    return interval.high - interval.low


def _told(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}"

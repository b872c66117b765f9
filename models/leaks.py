"""All guards of models against leaks, run on one procedure and one data set.

    fitted, found = inspect(published(outcome, settings), dataset, cohort, outcome.horizon)

Which guard answers to which type of leak, and what none can see, stands in `docs/leaks.md`. The guards of features
and of attributes (`features/guards/`: `future.py`, `hindsight.py`, `names.py`, `running.py`, `repeats.py`) look at
tables, before there is a data set.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from features.guards.finding import Finding
from models.apart import days_apart, twins
from models.cohorts import drift, whole_cohort
from models.dependence import dependent_rows
from models.sealed import sealed
from models.telltale import telltale

if TYPE_CHECKING:
    from features.clock import Horizon
    from models.dataset import Dataset
    from models.procedure import Fitted, Procedure


def inspect(
    fit: Procedure, dataset: Dataset, cohort: pd.DataFrame, horizon: Horizon
) -> tuple[Fitted, tuple[Finding, ...]]:
    """What the procedure makes of the data set, and everything that the guards hold against it.

    `cohort` has one row a member of the outcome's cohort, with its keys and `label`.

    Raises:
        RefusedError: the procedure has too little to train or judge a model.
    """
    fitted = fit(dataset)
    found = (
        *sealed(lambda rows: fit(rows).digest, dataset, fitted.judged.frame, fitted.digest),
        *days_apart(fitted.taught, fitted.judged, horizon),
        *twins(fitted.taught, fitted.judged),
        *telltale(fitted.taught, fitted.judged, fitted.gain),
        *whole_cohort(fitted.judged, cohort, fitted.share),
        *drift(fitted.taught, fitted.judged, dataset),
        *dependent_rows(fitted, horizon),
    )
    return fitted, found


def halves(dataset: Dataset) -> tuple[Finding, ...]:
    """What can be said without a model and without time: the telltale features, in either half of the accounts.

    Accounts are divided by a hash of their ids, so that no account stands on both sides.
    """
    odd = pd.util.hash_pandas_object(dataset.frame["account_id"], index=False).to_numpy() % 2 == 1
    one, other = (replace(dataset, frame=dataset.frame[side].reset_index(drop=True)) for side in (odd, ~odd))
    return telltale(one, other, pd.Series(dtype="float64"))

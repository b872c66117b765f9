"""A procedure that makes and judges a model, as the guards against leaks see it: ours, or one of somebody else's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from models.dataset import Dataset
from models.evaluation import Interval, judge
from models.training import MODEL, train
from models.training_settings import TrainingSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.outcomes.outcome import Outcome

Doubles: TypeAlias = "NDArray[np.float64]"


@dataclass(frozen=True)
class Fitted:
    """What a procedure made of a data set, and on which rows it was judged."""

    digest: str
    """Of everything that was learned: trees, calibrator, chosen features, sizes, constants of a preparation."""
    taught: Dataset
    """The rows that anything was learned from."""
    judged: Dataset
    """The rows that it was judged on, with the features as the model saw them."""
    probabilities: Doubles
    """One a row of `judged`."""
    stated: Interval
    """The AUC as the procedure states it, with its interval."""
    gain: pd.Series[float]
    """By feature, how much its splits reduced the training loss."""
    share: float = 1.0
    """Of the cohort, which part is declared to be judged: an even sample where below 1."""

    def judged_anew(self, kept: NDArray[np.bool_], resamples: int = 1000, seed: int = 7) -> Fitted:
        """The same model judged on those of its judged rows only, with accounts resampled.

        Raises:
            RefusedError: they are of one class only.
        """
        rows = replace(self.judged, frame=self.judged.frame[kept].reset_index(drop=True))
        probabilities = self.probabilities[kept]
        judgement = judge(rows.labels, probabilities, rows.frame["account_id"], resamples, seed)
        return replace(self, judged=rows, probabilities=probabilities, stated=judgement.evaluation.metrics["auc"])


Procedure: TypeAlias = Callable[[Dataset], Fitted]


def digest_of(*learned: object) -> str:
    """Of everything that was learned, in the order given; each part is text or can be written as JSON."""
    return hashlib.sha256(json.dumps(learned, sort_keys=True).encode()).hexdigest()[:12]


def remembered(fit: Procedure) -> Procedure:
    """The same procedure, which is not run again on the very data set that it was given first."""
    first: list[tuple[Dataset, Fitted]] = []

    def again(dataset: Dataset) -> Fitted:
        if not first:
            first.append((dataset, fit(dataset)))
        known, fitted = first[0]
        return fitted if known is dataset else fit(dataset)

    return again


def published(outcome: Outcome, settings: TrainingSettings, share: float = 1.0) -> Procedure:
    """The procedure whose models are published, `models.training.train`; `share` of the accounts is in its data set."""

    def fit(dataset: Dataset) -> Fitted:
        trained = train(dataset, outcome, settings)
        scorer = trained.scorer
        return Fitted(
            digest=digest_of(scorer.digest, list(scorer.features), trained.trees, trained.leaves),
            taught=dataset.at(trained.split.refit),
            judged=trained.test,
            probabilities=trained.predictions[MODEL].to_numpy(dtype=np.float64),
            stated=trained.evaluation.metrics["auc"],
            gain=trained.importance,
            share=share,
        )

    return fit

"""How near our probabilities come to the best possible ones: beside the truth, the baselines and the reachable limit.

The oracle is the true probability judged on the same labels. It knows states that no table shows, so a second limit is
estimated: the reachable one, the same pipeline taught by a larger company and judged on the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.errors import InputError
from models.baselines import CHAMPION
from models.dataset import KEYS as ROW_KEYS
from models.dataset import LABEL
from models.evaluation import Evaluation, Judgement, judge
from models.training import MODEL
from pipelines.yardsticks.distance import Distance, distances, expected_shares
from pipelines.yardsticks.figures import RESAMPLES, Doubles, Figure, Share, share_of
from pipelines.yardsticks.matching import truth_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORACLE = "oracle"
REACHABLE = "reachable"
OURS = "model"
MOST_CONTRADICTED = 0.001
"""Of the rows: with more whose truth is certain of what did not come about, it is no truth."""
SHARED = {"auc": 1, "average_precision": 1, "log_loss": -1}
"""The metrics of which a share is taken, and whether more of each is better (1) or less (-1)."""


@dataclass(frozen=True)
class Shares:
    """One metric: the share of the way from the best baseline to each limit."""

    baseline: str
    """The best by this metric on the test rows themselves, which favours the baselines."""
    possible: Share
    reachable: Share | None
    """None where no larger company was asked for."""

    def as_json(self) -> dict[str, Any]:
        """The baseline's name and both shares."""
        reachable = self.reachable.as_json() if self.reachable else None
        return {"baseline": self.baseline, "possible": self.possible.as_json(), "reachable": reachable}


@dataclass(frozen=True)
class Accuracy:
    """One outcome of one company."""

    accounts: int
    judged: Mapping[str, Evaluation]
    """By name: `model`, `oracle`, `reachable` where there is one, and each baseline; all on the same rows."""
    shares: Mapping[str, Shares]
    """By metric: those of `SHARED` on the labels, `expected_log_loss` and `expected_brier` without labels."""
    distances: Mapping[str, Distance]
    """By name, without the oracle: how far the probabilities lie from the true ones."""
    truth_error: float
    """Root mean square of the truth's own Monte Carlo error."""
    contradicted: int = 0
    """Rows left out for everyone alike: their truth is certain of what their label denies."""

    def as_json(self) -> dict[str, Any]:
        """Everything by name."""
        return {
            "accounts": self.accounts,
            "judged": {name: evaluation.as_json() for name, evaluation in self.judged.items()},
            "shares": {name: shares.as_json() for name, shares in self.shares.items()},
            "distances": {name: distance.as_json() for name, distance in self.distances.items()},
            "truth_error": self.truth_error,
            "contradicted": self.contradicted,
        }


def accuracy(
    predictions: pd.DataFrame,
    truth: pd.DataFrame,
    outcome: str,
    *,
    reachable: Doubles | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Accuracy:
    """Judges the model, the oracle and the baselines on the same rows and the same resamples of accounts.

    `predictions` is `Trained.predictions`; `truth` has `probability` and its standard `error` per (account_id, product,
    as_of, outcome); `reachable` has one probability a row of `predictions`, in their order.

    Raises:
        InputError: rows without truth, no baseline, or a truth that is too often certain of what did not come about.
    """
    known = truth_of(predictions, truth, outcome, ("probability", "error"))
    kept = ~_contradicted(predictions[LABEL].to_numpy(), known["probability"].to_numpy(), outcome)
    predictions, known = predictions[kept], known[kept]
    true, error = (known[name].to_numpy(dtype=np.float64) for name in ("probability", "error"))
    labels = predictions[LABEL].to_numpy(dtype=np.float64)
    baselines = _baselines(predictions, outcome)
    named = {
        OURS: predictions[MODEL].to_numpy(dtype=np.float64),
        ORACLE: true,
        **({} if reachable is None else {REACHABLE: np.asarray(reachable, dtype=np.float64)[kept]}),
        **baselines,
    }
    owners = predictions["account_id"]
    judged = {name: judge(labels, values, owners, resamples, seed) for name, values in named.items()}
    shares = {metric: _shares(judged, list(baselines), metric, sign) for metric, sign in SHARED.items()}
    expected = expected_shares(
        {name: values for name, values in named.items() if name != ORACLE},
        true,
        error,
        owners,
        list(baselines),
        resamples=resamples,
        seed=seed,
    )
    shares |= {name: Shares(*found) for name, found in expected.items()}
    return Accuracy(
        accounts=owners.nunique(),
        judged={name: judgement.evaluation for name, judgement in judged.items()},
        shares=shares,
        distances=distances(
            {name: values for name, values in named.items() if name != ORACLE},
            true,
            error,
            owners,
            resamples=resamples,
            seed=seed,
        ),
        truth_error=float(np.sqrt(np.mean(error**2))),
        contradicted=int((~kept).sum()),
    )


def _baselines(predictions: pd.DataFrame, outcome: str) -> dict[str, Doubles]:
    """Every column that is neither a key, nor the label, nor ours; a last champion is a model, not a baseline."""
    apart = {*ROW_KEYS, LABEL, MODEL, CHAMPION}
    found = {
        str(name): predictions[name].to_numpy(dtype=np.float64) for name in predictions.columns if name not in apart
    }
    if not found:
        raise InputError(
            f"A share is taken from the best baseline on; the predictions of {outcome!r} hold none beside "
            f"{', '.join(map(str, predictions.columns))}. Give the predictions that training made."
        )
    return found


def _shares(judged: Mapping[str, Judgement], baselines: list[str], metric: str, sign: int) -> Shares:
    figures = {
        name: Figure(sign * judgement.evaluation.metrics[metric].value, sign * judgement.draws[metric])
        for name, judgement in judged.items()
    }
    best = max(baselines, key=lambda name: figures[name].value)
    ours, base = figures[OURS], figures[best]
    return Shares(
        baseline=best,
        possible=share_of(ours, base, figures[ORACLE], "the oracle"),
        reachable=share_of(ours, base, figures[REACHABLE], "the reachable limit") if REACHABLE in figures else None,
    )


def _contradicted(labels: Doubles, true: Doubles, outcome: str) -> NDArray[np.bool_]:
    """The rows whose truth is a certainty that the label denies.

    One of them would drown the oracle's log loss. Some come of a rare way to the outcome that no simulated future took,
    or of faults in the tables, which labels inherit and the truth does not know; many come of a truth that is none.
    """
    outside = int((~((true >= 0) & (true <= 1))).sum())
    if outside:
        raise InputError(
            f"A probability lies between 0 and 1; {outside:,} true ones of {outcome!r} do not. Correct the simulator."
        )
    broken: NDArray[np.bool_] = ((true == 0) & (labels == 1)) | ((true == 1) & (labels == 0))
    count = int(broken.sum())
    if count > MOST_CONTRADICTED * len(labels):
        raise InputError(
            f"What has a true probability of 0 never comes about, and what has 1 always; {count:,} of {len(labels):,} "
            f"labels of {outcome!r} say otherwise, more than one in {round(1 / MOST_CONTRADICTED):,}. Ask for more "
            "--futures, or correct the simulator."
        )
    return broken

"""Grows one outcome's model, calibrates it, judges it beside the baselines and decides whether it may speak.

step A   trees on `split.train`; their number, their size and the calibrator are chosen on `split.validation`
step B   as many of that size on `split.refit`, all days whose labels end before the test; step A's calibrator
judged   on `split.test`: exactly the model of step B, which is the one that is published
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from features.errors import InputError, RefusedError
from models.baselines import CHAMPION, baseline_probabilities, varied_features
from models.calibration import Calibrator, fit_calibrator, level_note
from models.dataset import LABEL, Dataset
from models.evaluation import Evaluation, Interval, compare, judge, level
from models.promotion import Decision, decide
from models.scorer import Scorer
from models.splits import TimeSplit
from models.training_settings import TrainingSettings
from models.trees import Grown, choose, grow

if TYPE_CHECKING:
    from features.outcomes.outcome import Outcome
    from models.evaluation import Doubles

MODEL = "probability"
"""The published model's column among the predictions; the others bear their baseline's name."""


@dataclass(frozen=True)
class Trained:
    """A model, how it did on days that it had not seen, and what follows from that."""

    scorer: Scorer
    split: TimeSplit
    trees: int
    leaves: int
    """Of each tree, at most."""
    evaluation: Evaluation
    baselines: dict[str, Evaluation]
    """By name, on the same rows; `last_champion` among them where there is one that can be judged."""
    comparisons: dict[str, Interval]
    """By baseline, our AUC minus its, with a paired interval."""
    decision: Decision
    test: Dataset
    """The rows that it was judged on."""
    predictions: pd.DataFrame
    """One row a row of `test`: its keys, `label`, `probability`, and one column a baseline."""
    importance: pd.Series[float]
    """By feature, how much its splits reduced the training loss; largest first."""
    notes: tuple[str, ...]
    """What a reader should know: a split cut short, a calibrator left out, a champion that could not be judged."""
    level: Interval | None = None
    """How many positives there were for each one that a list would have predicted, on the test."""


def train(
    dataset: Dataset,
    outcome: Outcome,
    settings: TrainingSettings,
    champion: Scorer | None = None,
    ideas: Mapping[str, str] | None = None,
) -> Trained:
    """Trains and judges one outcome's model; `ideas` gives each feature's idea, for the contract-only baseline.

    Raises:
        RefusedError: no rows, a history too short to judge in time, too few of either class on some side of the
            split, or no feature that differs between rows.
        InputError: the rows are another outcome's.
    """
    if dataset.outcome != outcome.name:
        raise InputError(
            f"A model is trained on its own outcome's rows; asked for {outcome.name!r}, the rows are of "
            f"{dataset.outcome!r}. Pass the data set of that outcome."
        )
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    dataset = dataset.sorted()
    split = _split(dataset, outcome, settings)
    with threadpool_limits(1, user_api="blas"):  # the last digits of a sum depend on how many threads add it up
        return _train(dataset, split, settings, champion, ideas or {})


def _train(
    dataset: Dataset, split: TimeSplit, settings: TrainingSettings, champion: Scorer | None, ideas: Mapping[str, str]
) -> Trained:
    validation, test = dataset.at(split.validation), dataset.at(split.test)
    grown, calibrator = _choose(dataset.at(split.train), validation, test, settings)
    scorer, baselines = _refit(dataset.at(split.refit), test, grown, calibrator, settings, ideas)
    champion_probabilities, champion_note = _champion(champion, test)
    probabilities = {MODEL: scorer.probability(test.matrix), **baselines, **champion_probabilities}
    accounts, labels = test.frame["account_id"], test.labels
    judged = {
        name: judge(labels, values, accounts, settings.resamples, settings.seed)
        for name, values in probabilities.items()
    }
    comparisons = {name: compare(judged[MODEL], other) for name, other in judged.items() if name != MODEL}
    evaluation = judged[MODEL].evaluation
    notes = (dataset.note, *split.notes, calibrator.note, level_note(probabilities[MODEL], labels), champion_note)
    return Trained(
        scorer=scorer,
        split=split,
        trees=grown.trees,
        leaves=grown.leaves,
        evaluation=evaluation,
        baselines={name: other.evaluation for name, other in judged.items() if name != MODEL},
        comparisons=comparisons,
        decision=decide(evaluation, comparisons, orders_validation=calibrator.orders),
        test=test,
        predictions=test.frame[[*dataset.keys, LABEL]].assign(**probabilities),
        importance=scorer.gain(),
        notes=tuple(text for text in notes if text),
        level=_level(test, probabilities[MODEL], settings),
    )


def _level(test: Dataset, chances: Doubles, settings: TrainingSettings) -> Interval:
    """The level of what a list would show: of products, each account's likeliest alone.

    The likeliest of several is more often too high than the others: chance had a hand in the choice.
    """
    rows = test.frame[[*test.keys, LABEL]].assign(**{MODEL: chances})
    if "product" in test.keys and "offer_id" not in test.keys:
        ordered = rows.sort_values(["account_id", "as_of", MODEL, "product"], ascending=[True, True, False, True])
        rows = ordered.drop_duplicates(["account_id", "as_of"])
    labels, said = (rows[name].to_numpy(dtype="float64") for name in (LABEL, MODEL))
    return level(labels, said, rows["account_id"], settings.resamples, settings.seed)


def _split(dataset: Dataset, outcome: Outcome, settings: TrainingSettings) -> TimeSplit:
    if len(dataset) == 0:
        raise RefusedError(
            f"A model needs rows whose outcome is known; for {outcome.name} there is none. "
            "Bring a longer history, or shorten the outcome's gap_days and horizon_days."
        )
    return settings.split(dataset.as_ofs, outcome.horizon)


def _choose(train: Dataset, validation: Dataset, test: Dataset, settings: TrainingSettings) -> tuple[Grown, Calibrator]:
    """Step A: what the model's size is chosen by, and how it is calibrated."""
    _check({"train": train, "validation": validation, "test": test}, settings)
    grown = choose(train, validation, settings)
    raw = _uncalibrated(train, grown.text).raw(validation.matrix)
    accounts = validation.frame["account_id"]
    return grown, fit_calibrator(raw, validation.labels, accounts, settings.minimum_calibration)


def _refit(
    rows: Dataset,
    test: Dataset,
    grown: Grown,
    calibrator: Calibrator,
    settings: TrainingSettings,
    ideas: Mapping[str, str],
) -> tuple[Scorer, dict[str, Doubles]]:
    """Step B, and the baselines' probabilities, which are fitted on the same rows beside it."""
    with ThreadPoolExecutor(1) as pool:  # LightGBM lets go of the interpreter while it grows
        baselines = pool.submit(baseline_probabilities, rows, test, ideas)
        text = grow(rows, grown.trees, grown.leaves, settings)
        line = (calibrator.slope, calibrator.intercept, calibrator.variance)
        return Scorer(rows.outcome, rows.features, text, float(rows.labels.mean()), *line), baselines.result()


def _uncalibrated(rows: Dataset, text: str) -> Scorer:
    return Scorer(rows.outcome, rows.features, text, float(rows.labels.mean()))


def _champion(champion: Scorer | None, test: Dataset) -> tuple[dict[str, Doubles], str]:
    """The champion's probabilities by its name among the baselines, or why they cannot be had."""
    if champion is None:
        return {}, ""
    missing = [name for name in champion.features if name not in test.frame]
    if missing:
        more = " and others" if len(missing) > 5 else ""
        return {}, (
            f"the last champion {champion.digest} could not be judged on today's features, which lack "
            f"{', '.join(missing[:5])}{more}"
        )
    return {CHAMPION: champion.probability(test.frame[list(champion.features)])}, ""


def _check(parts: Mapping[str, Dataset], settings: TrainingSettings) -> None:
    for name, part in parts.items():
        labels = part.labels
        positives = int(labels.sum())
        negatives = len(labels) - positives
        if positives < settings.minimum_positives or negatives < settings.minimum_negatives:
            raise RefusedError(
                f"Each of train, validation and test holds at least {settings.minimum_positives} rows with the outcome "
                f"and {settings.minimum_negatives} without; of {part.outcome} {name} holds {positives:,} with and "
                f"{negatives:,} without, at {', '.join(str(day) for day in part.as_ofs)}. Bring a longer "
                "history or more accounts, or widen the outcome's horizon_days."
            )
    train = parts["train"]
    if not varied_features(train):
        raise RefusedError(
            f"A model learns from features that differ between accounts; of the {len(train.features)} of "
            f"{train.outcome} none does. Bring tables that tell more: `holdfast check` says what each would add."
        )

"""From an empty folder to every yardstick: simulate, build, train, work out the truth, measure.

The one place beside the demo that imports `examples/`. It runs the pipeline's own steps on what the simulator wrote,
and reads the truth only after the models stand.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from features.errors import HoldfastError, RefusedError, TimeError
from pipelines.company import library_of
from pipelines.demo import require_own
from pipelines.progress import Progress
from pipelines.settings import CONFIG_NAME, Settings, load_settings
from pipelines.steps import build, snapshot_of
from pipelines.yardsticks.effects import spread
from pipelines.yardsticks.matching import keys_of
from pipelines.yardsticks.result import Measured, Plan, Result

if TYPE_CHECKING:
    from datetime import date

    from models.dataset import Dataset
    from models.training import Trained
    from pipelines.yardsticks.faithfulness import Faithfulness
    from pipelines.yardsticks.figures import Doubles
    from pipelines.yardsticks.hidden import Visible

FEWEST_RESAMPLES = 100
"""Of the larger company's own intervals, which nobody reads."""


@dataclass(frozen=True)
class Truth:
    """What the simulator wrote beside the data: see `examples/simulator/`."""

    probabilities: pd.DataFrame
    drivers: pd.DataFrame
    effects: pd.DataFrame
    states: pd.DataFrame

    @classmethod
    def read(cls, folder: Path) -> Truth:
        """The files in that folder."""
        return cls(*(pq.read_table(folder / f"{name}.parquet").to_pandas() for name in cls.__annotations__))


def require_setting(name: str) -> None:
    """Whether it can be simulated.

    Raises:
        InputError: there is no setting of that name; the nearest is named.
    """
    from examples.company import setting_of

    setting_of(name)


def walk(plan: Plan, progress: Progress) -> Result:
    """Everything that can be measured of one simulated company; keeps the result in its workspace.

    Raises:
        ConfigError: the folder holds something that the simulator did not write.
        RefusedError: no outcome could be trained.
    """
    settings = _company(plan.folder, plan.scenario, plan.accounts, plan.seed, progress)
    trained, refused = _trained(settings, progress)
    if not trained:
        reasons = "; ".join(f"{name}: {why}" for name, why in refused.items())
        raise RefusedError(
            f"Yardsticks are laid on models, and none could be trained ({reasons}). Ask for more with --accounts."
        )
    truth = _truth(plan, sorted({day for one in trained.values() for day in one.test.as_ofs}), progress)
    limits = _reachable(plan, {name: one.test for name, one in trained.items()}, progress)
    measured: dict[str, Measured] = {}
    failed: dict[str, str] = {}
    for name, one in trained.items():
        with progress.step(f"measure {name}") as step:
            try:
                measured[name] = _measured(name, one, truth, limits.get(name), settings)
                if plan.stability:
                    measured[name] = _followed(measured[name], name, one, plan.stability, settings, step.say)
            except HoldfastError as error:  # the others took long to come to: they are told before this one
                failed[name] = str(error)
    hidden = None
    try:
        hidden = _hidden(trained, truth.states, settings, progress)
    except HoldfastError as error:
        failed["hidden states"] = str(error)
    with progress.step("measure the offers"):
        spreads = spread(truth.effects, resamples=settings.training.resamples, seed=settings.training.seed)
    leaks = _leaks(settings, list(trained), progress) if plan.leaks else None
    result = Result(plan, measured, refused, failed, spreads, hidden, leaks)
    progress.note(f"kept as {result.keep(settings.workspace)}")
    return result


def _company(folder: Path, scenario: str, accounts: int, seed: int, progress: Progress) -> Settings:
    from examples.company import write_company

    require_own(folder, scenario, accounts, seed)
    with progress.step(f"simulate {scenario}, {accounts:,} accounts") as step:
        write_company(folder, scenario, accounts, seed=seed, say=lambda _, text: step.say(text))
    return load_settings(folder / CONFIG_NAME)


def _trained(settings: Settings, progress: Progress) -> tuple[dict[str, Trained], dict[str, str]]:
    """By outcome its model, or why there is none; the frames of the snapshot are let go with this function."""
    from models.dataset import training_rows
    from models.training import train

    snapshot = build(settings, None, frozenset(), progress)
    ideas = library_of(settings, snapshot.features).idea_of
    trained: dict[str, Trained] = {}
    refused: dict[str, str] = {}
    for name, outcome in snapshot.outcomes.items():
        with progress.step(f"train {name}") as step:
            try:
                trained[name] = train(training_rows(snapshot, name), outcome, settings.training, ideas=ideas)
                step.say(f"AUC {trained[name].evaluation.metrics['auc'].value:.3f}, {trained[name].trees} trees")
            except (RefusedError, TimeError) as error:
                refused[name] = str(error)
                step.say("refused")
    return trained, refused


def _truth(plan: Plan, days: list[date], progress: Progress) -> Truth:
    from examples.scenarios import SCENARIOS
    from examples.simulator.truth import write_truth

    with progress.step(f"work out the truth as of {', '.join(map(str, days))}") as step:
        write_truth(
            plan.folder,
            SCENARIOS[plan.scenario],
            plan.accounts,
            plan.seed,
            days,
            futures=plan.futures,
            drivers_of=plan.explained,
            say=step.say,
        )
        truth = Truth.read(plan.folder / "truth")
        step.say(f"{len(truth.probabilities):,} true probabilities, {len(truth.drivers):,} contributions of drivers")
    return truth


def _reachable(plan: Plan, tests: Mapping[str, Dataset], progress: Progress) -> dict[str, Doubles]:
    """What the same pipeline says of the same rows, taught by a larger company of the same kind and another seed."""
    if plan.reachable == 0:
        return {}
    gc.collect()
    folder = plan.folder / "larger"
    settings = _company(folder, plan.scenario, plan.reachable, plan.seed + 1, progress)
    training = settings.training.model_copy(update={"resamples": FEWEST_RESAMPLES})
    trained, refused = _trained(settings.model_copy(update={"training": training}), progress)
    for name, why in refused.items():
        progress.note(f"the larger company's {name} was refused: {why}")
    scorers = {name: one.scorer for name, one in trained.items()}
    del trained
    shutil.rmtree(folder)
    gc.collect()
    return {
        name: scorer.probability(tests[name].frame[list(scorer.features)])
        for name, scorer in scorers.items()
        if name in tests
    }


def _leaks(settings: Settings, outcomes: list[str], progress: Progress) -> pd.DataFrame:
    """Which guard catches which leak, planted into the first outcome that has a model: churn, where it has one."""
    from pipelines.yardsticks.leaks import CLEAN, planted

    outcome = "churn" if "churn" in outcomes else outcomes[0]
    with progress.step(f"plant leaks into {outcome}") as step:
        found = planted(settings, snapshot_of(settings, None), outcome, step.say)
        real = found[found["type"] != CLEAN]
        step.say(f"{int(real['caught'].sum())} of {len(real)} caught")
    return found


def _measured(name: str, trained: Trained, truth: Truth, limit: Doubles | None, settings: Settings) -> Measured:
    from pipelines.yardsticks.accuracy import accuracy

    resamples, seed = settings.training.resamples, settings.training.seed
    found = accuracy(trained.predictions, truth.probabilities, name, reachable=limit, resamples=resamples, seed=seed)
    notes = list(trained.notes)
    reasons = None
    try:
        reasons = _reasons(name, trained, truth, settings)
    except RefusedError as error:
        notes.append(f"reasons could not be judged: {error}")
    return Measured(trained.test.as_ofs, found, reasons, trained.decision.reason, tuple(notes))


def _followed(
    measured: Measured, name: str, trained: Trained, replicates: int, settings: Settings, say: Callable[[str], None]
) -> Measured:
    """The same, with how its reasons stand it to be taught anew."""
    from models.dataset import training_rows
    from pipelines.yardsticks.stability import stability

    rows = training_rows(snapshot_of(settings, None), name)
    features = library_of(settings, trained.scorer.features).features
    try:
        found = stability(trained, rows, settings.training, features, replicates, say)
    except RefusedError as error:
        return replace(measured, notes=(*measured.notes, f"stability could not be told: {error}"))
    return replace(measured, stability=found)


def _hidden(
    trained: Mapping[str, Trained], states: pd.DataFrame, settings: Settings, progress: Progress
) -> Visible | None:
    """How much of them the features tell on the test rows of churn, or of the first outcome about accounts."""
    from models.dataset import ACCOUNT_KEYS
    from pipelines.yardsticks.hidden import visible

    asked = [name for name, one in trained.items() if one.test.keys == ACCOUNT_KEYS]
    if not asked:
        progress.note("hidden states are told of accounts, and no outcome about accounts has a model")
        return None
    outcome = "churn" if "churn" in asked else asked[0]
    with progress.step(f"measure the hidden states on the test rows of {outcome}") as step:
        found = visible(trained[outcome].test, states, settings.training)
        step.say(f"{len(found.table)} states, {found.judged:,} accounts judged")
    return found


def _reasons(name: str, trained: Trained, truth: Truth, settings: Settings) -> Faithfulness:
    """Of the test rows whose true drivers were worked out."""
    from examples.simulator.drivers import IDEAS_OF
    from models.explanation import ideas
    from pipelines.yardsticks.faithfulness import faithfulness, top_rows

    drivers = truth.drivers[truth.drivers["outcome"] == name]
    explained = pd.MultiIndex.from_frame(keys_of(drivers).drop_duplicates())
    rows = trained.test.frame
    kept = pd.MultiIndex.from_frame(keys_of(rows)).isin(explained)
    if not kept.any():
        raise RefusedError("Reasons are judged on rows whose true drivers are known, and of the test's rows none is.")
    told = ideas(trained.scorer, rows[kept], library_of(settings, trained.scorer.features).features)
    plan, top = settings.training, top_rows(trained.predictions)
    return faithfulness(told, drivers, IDEAS_OF, top, resamples=plan.resamples, seed=plan.seed)

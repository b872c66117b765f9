"""How many rows a second are explained, and how many times that is of `shap.TreeExplainer` in the same run.

    python -m benchmarks.bench_explain [--rows 50000] [--times 1] [--config FOLDER]

Models of the sizes that are trained here are grown on a generated table (225 features, a tenth of the values missing),
of numbers and with categories; with --config also the standing champions of a company, on the rows that they score.
Each way explains the same rows, one way after the other, `--times` times, and its best counts. Ratios are of rows a
second and, since the machine may be shared and some ways have several threads, of rows a second of processor time.
`tables` is what the project uses where it agrees, its tables made anew each time; `woodelf` is there where it is
installed. Beside the seconds stands the greatest difference to LightGBM's own contributions, in log-odds.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from models.contributions import explainer_of
from models.scorer import Scorer
from models.tables import tables_of

FEATURES = 225
CATEGORIES = (0, 1, 2)
SIZES = ((4, 100), (8, 200), (16, 300))
"""Leaves and trees; the first as a company of 2,000 accounts has, the last the largest that are tried."""


def main(arguments: list[str]) -> None:
    """Grow, explain, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--config", type=Path, default=None)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    sys.stdout.write(f"{'model':<44} {'way':<24} {'rows/s':>10} {'x shap':>8} {'processor':>10} {'differs':>9}\n")
    for name, scorer, frame in (*generated(options.rows), *(champions(options.config) if options.config else ())):
        measure(name, scorer, frame, options.times)


def measure(name: str, scorer: Scorer, frame: pd.DataFrame, times: int) -> None:
    """Prints a line a way; how far it differs is told by a thousand of the rows."""
    few = frame.head(1_000)
    exact = scorer.contributions(few) / scorer.slope
    found = {}
    for way, work in ways(scorer, frame).items():
        seconds, processor, made = [], [], None
        try:
            for _ in range(times):
                start, began = time.perf_counter(), time.process_time()
                made = work()
                seconds.append(time.perf_counter() - start)
                processor.append(time.process_time() - began)
        except Exception as error:  # noqa: BLE001  a library that refuses a model is told of
            sys.stdout.write(f"{name:<44} {way:<24} refuses: {str(error).splitlines()[0][:60]}\n")
            continue
        features = len(scorer.features)
        differs = np.abs(np.asarray(made)[: len(few), :features] - exact[:, :features]).max()
        found[way] = (len(frame) / min(seconds), len(frame) / min(processor), float(differs))
    for way, (speed, worked, differs) in found.items():
        ratio, work = speed / found["shap.TreeExplainer"][0], worked / found["shap.TreeExplainer"][1]
        sys.stdout.write(f"{name:<44} {way:<24} {speed:>10,.0f} {ratio:>8.1f} {work:>10.1f} {differs:>9.0e}\n")
    sys.stdout.flush()


def ways(scorer: Scorer, frame: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """By name what explains the rows."""
    import shap

    booster = scorer._booster
    matrix = scorer.matrix(frame)

    def looked_up() -> object:
        tables_of.cache_clear()
        explainer = explainer_of(scorer, frame, fewest=1)
        if not explainer.by_tables:
            raise ValueError("tables do not agree with LightGBM")
        return explainer.contributions(frame) / scorer.slope

    found: dict[str, Callable[[], object]] = {
        "shap.TreeExplainer": lambda: shap.TreeExplainer(booster).shap_values(matrix),
        "pred_contrib, 1 thread": lambda: booster.predict(matrix, pred_contrib=True, num_threads=1),
        "tables": looked_up,
    }
    if importlib.util.find_spec("woodelf"):
        from woodelf import WoodelfExplainer

        its = pd.DataFrame(matrix, columns=[f"Column_{at}" for at in range(len(scorer.features))])
        found["woodelf"] = lambda: WoodelfExplainer(booster).shap_values(its)
    return found


def generated(rows: int) -> Iterator[tuple[str, Scorer, pd.DataFrame]]:
    """Name, model and rows to explain."""
    for leaves, trees in SIZES:
        for categories in ((), CATEGORIES):
            name = f"{trees} trees of {leaves} leaves, {'with categories' if categories else 'numbers'}"
            yield name, model(leaves, trees, categories), table(rows, 2)


def table(rows: int, seed: int) -> pd.DataFrame:
    """Counts, numbers and a few categories, a tenth of the values missing."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, FEATURES))
    values[:, :100] = rng.poisson(3, (rows, 100))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:, CATEGORIES] = rng.integers(0, 12, (rows, len(CATEGORIES)))
    return pd.DataFrame(values, columns=[f"feature_{n}" for n in range(FEATURES)])


def model(leaves: int, trees: int, categories: tuple[int, ...]) -> Scorer:
    """Trees with the settings that training uses, on 20,000 rows with a signal of some features and their products."""
    import lightgbm

    from models.training_settings import TrainingSettings
    from models.trees import tree_parameters

    frame = table(20_000, 1)
    known = np.nan_to_num(frame.to_numpy())
    pull = 0.3 * known[:, 5] + 0.5 * known[:, 120] * known[:, 130] - 0.4 * known[:, 9] + np.isin(known[:, 1], [2, 5, 7])
    label = (pull + np.random.default_rng(3).normal(size=len(frame)) > 1.5).astype(float)
    parameters = tree_parameters(TrainingSettings(), len(frame), leaves)
    data = lightgbm.Dataset(frame.to_numpy(), label, categorical_feature=list(categories), params=parameters)
    text = lightgbm.train(parameters, data, num_boost_round=trees).model_to_string()
    return Scorer("churn", tuple(frame.columns), text, float(label.mean()))


def champions(config: Path) -> Iterator[tuple[str, Scorer, pd.DataFrame]]:
    """Of a company that was walked through the path: each champion, on its test's and scoring days' rows."""
    from models.dataset import scoring_rows, training_rows
    from pipelines.settings import CONFIG_NAME, load_settings
    from pipelines.speakers import champions as standing
    from pipelines.steps import snapshot_of

    settings = load_settings(config if config.is_file() else config / CONFIG_NAME)
    snapshot = snapshot_of(settings, None)
    for name, champion in standing(settings, snapshot).items():
        scorer = champion.scorer
        parts = [make(snapshot, name, scorer.features).frame for make in (scoring_rows, training_rows)]
        frame = pd.concat(parts, ignore_index=True).loc[:, list(scorer.features)]
        leaves = max(tree["num_leaves"] for tree in scorer.trees())
        yield f"{settings.company.name} {name}, {len(scorer.trees())} of {leaves} leaves", scorer, frame.head(20_000)


if __name__ == "__main__":
    main(sys.argv[1:])

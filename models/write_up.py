"""What is written down of one model: numbers and files, for people who look at MLflow and for programs."""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from models.card import CARD, card_html
from models.driver_plots import bend_plot, interplay_plot
from models.plots import calibration_plot, gain_plot, png, shap_plot
from models.record import Retrain, Verdict

if TYPE_CHECKING:
    from models.training import Trained

SERVING_PACKAGES = ("lightgbm", "mlflow", "numpy", "pandas")
"""All that a logged model imports."""


def log_model(retrain: Retrain, trained: Trained) -> str:
    """Logs all that is known of a model, and the model, into MLflow's active run; returns MLflow's id of it."""
    import mlflow

    mlflow.set_tags(decision_tags(trained))
    mlflow.log_params({**retrain.parameters, **model_parameters(trained)})
    mlflow.log_metrics(metrics(Verdict.of(trained)))
    with TemporaryDirectory() as folder:
        write_artifacts(retrain, trained, Path(folder))
        mlflow.log_artifacts(folder)
    with TemporaryDirectory() as folder:
        return log_pyfunc(trained, Path(folder))


def log_pyfunc(trained: Trained, folder: Path) -> str:
    """Logs the model as code, text and JSON; returns its id. `folder` is for files on their way."""
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    scorer, here = trained.scorer, Path(__file__).parent
    scorer.save(folder)
    inputs = Schema([ColSpec("double", name) for name in scorer.features])
    info = mlflow.pyfunc.log_model(
        name=scorer.outcome,
        python_model=str(here / "pyfunc.py"),
        artifacts={path.stem: str(path) for path in sorted(folder.iterdir())},
        code_paths=[str(here / "scorer.py")],
        pip_requirements=requirements(),  # MLflow would take 12 s to guess them
        signature=ModelSignature(inputs, Schema([ColSpec("double")])),
        input_example=trained.test.matrix[list(scorer.features)].head(3),
        tags={"digest": scorer.digest},
    )
    return str(info.model_id)


def decision_tags(trained: Trained) -> dict[str, str]:
    """What was decided of a model and why, and which baselines it beats and which it only equals."""
    decision = trained.decision
    return {
        "digest": trained.scorer.digest,
        "decision": "promoted" if decision.promoted else "refused",
        "reason": decision.reason,
        "beats": ", ".join(decision.beats),
        "equals": ", ".join(decision.equals),
        "loses_to": ", ".join(decision.loses_to),
    }


def requirements() -> list[str]:
    """The versions that a logged model was made and checked with."""
    return [f"{package}=={version(package)}" for package in SERVING_PACKAGES]


def metrics(verdict: Verdict) -> dict[str, float]:
    """By name as MLflow shows them: `auc`, `auc_low`, `auc_high`; `<baseline>/auc`, `<baseline>/auc_difference`, ..."""
    intervals = dict(verdict.evaluation.metrics)
    for baseline, evaluation in verdict.baselines.items():
        intervals |= {f"{baseline}/{metric}": interval for metric, interval in evaluation.metrics.items()}
    intervals |= {f"{baseline}/auc_difference": interval for baseline, interval in verdict.comparisons.items()}
    numbers: dict[str, float] = {"n": verdict.evaluation.n, "positives": verdict.evaluation.positives}
    for name, interval in intervals.items():
        numbers |= {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
    return {name: float(number) for name, number in numbers.items() if math.isfinite(number)}


def model_parameters(trained: Trained) -> dict[str, str | int | float]:
    """What was found for this model rather than set: its size, its calibrator and the base rate it learned from."""
    scorer = trained.scorer
    return {
        "features": len(scorer.features),
        "trees": trained.trees,
        "leaves": trained.leaves,
        "base_rate": scorer.base_rate,
        "calibrator_slope": scorer.slope,
        "calibrator_intercept": scorer.intercept,
    }


def description(retrain: Retrain, trained: Trained) -> str:
    """The version's page in MLflow, as Markdown."""
    verdict = Verdict.of(trained)
    lines = [
        verdict.decision.reason,
        "",
        f"As of {retrain.as_of}, code {retrain.revision}, data {retrain.data_digest}, config {retrain.config_digest}. "
        f"Judged on {verdict.evaluation.n:,} rows with {verdict.evaluation.positives:,} positives.",
        *(f"Note: {note}." for note in verdict.notes),
        "",
        "| metric | value | 95 % interval |",
        "|---|---|---|",
    ]
    for name, interval in verdict.evaluation.metrics.items():
        lines.append(f"| {name} | {interval.value:.3f} | {interval.low:.3f} to {interval.high:.3f} |")
    return "\n".join(lines)


def write_artifacts(retrain: Retrain, trained: Trained, folder: Path) -> None:
    """Feature list, split and evaluation as JSON, pairs of ideas as CSV, the pictures and the card, into `folder`."""
    scorer, rows = trained.scorer, trained.test.matrix[list(trained.scorer.features)]
    texts = {
        "features.json": json.dumps(list(scorer.features), indent=2),
        "split.json": json.dumps(
            {part: [str(day) for day in days] for part, days in trained.split.days.items()}, indent=2
        ),
        "evaluation.json": json.dumps(json.loads(Verdict.of(trained).as_json()), indent=2),
    }
    for name, text in texts.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    probabilities = scorer.probability(rows)
    what = f"{scorer.outcome} as of {retrain.as_of}, model {scorer.digest}"
    figures = {
        "calibration.png": calibration_plot(trained.test.labels, probabilities, f"Calibration on the test: {what}"),
        "gain.png": gain_plot(trained.test.labels, probabilities, f"Gain on the test: {what}"),
        "shap.png": shap_plot(scorer, rows, f"What drives {what}"),
        "bends.png": bend_plot(scorer, rows, f"How its leading features bend {what}"),
    }
    if told := retrain.told.get(scorer.outcome):
        figures["interplay.png"] = interplay_plot(told.interplay, f"Which ideas work together: {what}")
        told.interplay.to_csv(folder / "interplay.csv", index=False, lineterminator="\n", float_format="%.6f")
    pictures = {name: png(figure) for name, figure in figures.items()}
    for name, picture in pictures.items():
        (folder / name).write_bytes(picture)
    (folder / CARD).write_text(card_html(retrain, trained, pictures), encoding="utf-8")

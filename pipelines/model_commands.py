"""The commands that tell of models: how good the champions are, and every one that was registered."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import RefusedError
from pipelines.environment import prepared
from pipelines.model_facts import read_interplay
from pipelines.printing import console, interplay_table, metrics_table, print_json, print_text, slices_table, titled
from pipelines.refusals import all_refusals
from pipelines.settings import Settings
from pipelines.slices import read_slices

if TYPE_CHECKING:
    from models.evaluation import Evaluation
    from models.registry import Version


def metrics(config: Path, as_json: bool) -> None:
    """Prints each champion's out-of-time metrics beside its baselines'."""
    from pipelines.speakers import registry_of

    settings = prepared(config)
    registry = registry_of(settings)
    standing = [found for name in settings.outcome_names if (found := registry.champion(name)) is not None]
    if not standing:
        raise RefusedError(
            "Metrics are shown of champions, and this company has none. "
            "Train with `holdfast run`; `holdfast models` says why models were refused."
        )
    if as_json:
        print_json({champion.outcome: _metrics_json(champion.version, settings) for champion in standing})
        return
    for champion in standing:
        version, decision = champion.version, champion.version.decision
        title = f"{version.outcome}: {version.evaluation.n:,} rows, {version.evaluation.positives:,} positives"
        rows = {f"model {version.digest}": version.evaluation, **version.baselines}
        console().print(metrics_table(version.outcome, rows, title))
        if parts := read_slices(settings, version.outcome, version.digest):
            console().print(slices_table(parts, f"{version.outcome}, part by part"))
        pairs = read_interplay(settings, version.outcome, version.digest)
        if pairs is not None and (table := interplay_table(pairs)) is not None:
            console().print(table)
        print_text(f"{decision.reason}\n" + "".join(f"Note: {note}\n" for note in version.verdict.notes))


def _metrics_json(version: Version, settings: Settings) -> dict[str, Any]:
    """Counts, each metric with its interval, the same for each baseline and, where the config asks for it, by part."""
    parts = read_slices(settings, version.outcome, version.digest)
    pairs = read_interplay(settings, version.outcome, version.digest)

    def judged(evaluation: Evaluation) -> dict[str, Any]:
        metrics = {key: asdict(interval) for key, interval in evaluation.metrics.items()}
        return {"n": evaluation.n, "positives": evaluation.positives, **metrics}

    return {
        **judged(version.evaluation),
        "model_version": version.digest,
        "as_of": version.as_of.isoformat(),
        "baselines": {name: judged(evaluation) for name, evaluation in version.baselines.items()},
        "beats": list(version.decision.beats),
        "equals": list(version.decision.equals),
        "reason": version.decision.reason,
        "notes": list(version.verdict.notes),
        **({"slices": [part.as_json() for part in parts]} if parts else {}),
        **({} if pairs is None else {"interplay": pairs.to_dict("records")}),
    }


def models(config: Path, as_json: bool) -> None:
    """Prints every model that was registered, the newest first."""
    from pipelines.speakers import registry_of

    settings = prepared(config)
    registry = registry_of(settings)
    versions = [version for name in settings.outcome_names for version in registry.versions(name)]
    if as_json:
        print_json([_version_json(version) for version in versions])
        return
    untrained = all_refusals(settings)
    if not versions and not untrained:
        print_text(f"No model was trained yet. Next: holdfast run --config {config}")
        return
    for version in versions:
        alias = f" [{', '.join(version.aliases)}]" if version.aliases else ""
        auc, its = version.evaluation.metrics["auc"].value, f"model {version.number} {version.digest}"
        print_text(f"{titled(version.outcome)}, {its} as of {version.as_of}{alias} AUC {auc:.3f}")
        print_text(f"    {version.decision.reason}")
    for day, refusals in untrained.items():
        for name, why in refusals.items():
            print_text(f"{titled(name)} as of {day}: not trained\n    {why}")
    print_text(f"Runs, plots and artifacts: mlflow ui --backend-store-uri {registry.address}")


def _version_json(version: Version) -> dict[str, Any]:
    return {
        "outcome": version.outcome,
        "version": version.number,
        "digest": version.digest,
        "as_of": version.as_of.isoformat(),
        "aliases": list(version.aliases),
        "auc": asdict(version.evaluation.metrics["auc"]),
        "decision": version.decision.as_json(),
        "tags": dict(version.tags),
    }

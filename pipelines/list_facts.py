"""What is told of a list besides its scores: what changed since the one before, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.company import library_of
from pipelines.revision import code_revision
from pipelines.settings import Settings
from pipelines.speakers import refused, registry_of

if TYPE_CHECKING:
    import pandas as pd

    from features.snapshot.snapshot import Snapshot
    from serving.manifest import Record
    from serving.published import Published
    from serving.scored import Scored, ScoredModel


def changed_since(settings: Settings, before: Published, its_scores: Path, scored: Scored) -> pd.DataFrame:
    """One row (account_id, outcome, part): what changed since the list before, whose scores lie in a folder.

    Of an outcome whose scores are not kept there, or come from another model than that list's, there are none.
    """
    from serving.changes import changes
    from serving.kept import kept
    from serving.sums import those_that_add_up

    known = kept(its_scores)
    versions = {name: model.version for name, model in before.manifest.record.models.items()}
    earlier = {name: its for name, its in known.items() if its.scorer.digest == versions.get(name)}
    names = [name for its in (*earlier.values(), *scored.kept.values()) for name in its.scorer.features]
    found = changes(earlier, scored.kept, library_of(settings, names).features, settings.company.currency)
    return those_that_add_up(found, before.accounts, scored.accounts)


def record_of(
    settings: Settings, snapshot: Snapshot, shown: Mapping[str, ScoredModel], before: Published | None
) -> Record:
    """What the list was made from; `shown` are the models behind its outcomes, with the base rate that bands use."""
    from serving.manifest import Model, Record

    registry = registry_of(settings)
    models = {}
    for name, model in shown.items():
        version = next(version for version in registry.versions(name) if version.digest == model.version)
        level = version.verdict.level
        intervals = {**version.evaluation.metrics, **({"level": level} if level else {})}
        models[name] = Model(
            version=model.version,
            base_rate=model.base_rate,
            trained_as_of=version.as_of,
            beats=version.decision.beats,
            equals=version.decision.equals,
            reason=version.decision.reason,
            metrics={key: asdict(interval) for key, interval in intervals.items()},
        )
    return Record(
        company=settings.company.name,
        currency=settings.company.currency,
        data_digest=snapshot.data_digest,
        config_digest=snapshot.config_digest,
        code_revision=code_revision(),
        models=models,
        refused={name: why for name, why in refused(settings, snapshot).items() if name not in models},
        previous=before.as_of if before else None,
        settings={
            **settings.decision.model_dump(mode="json"),
            "purposes": list(snapshot.purposes),
            "outcomes": {name: snapshot.outcomes[name].model_dump(mode="json") for name in sorted(models)},
        },
    )

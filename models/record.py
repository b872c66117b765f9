"""What one retrain is, ready to be written down: values and digests only, so that the registry need not ask anybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from models.evaluation import Evaluation, Interval
from models.promotion import Decision

if TYPE_CHECKING:
    import pandas as pd

    from features.feature import Feature
    from features.outcomes.outcome import Outcome
    from models.scorer import Scorer
    from models.slices import Slice
    from models.training import Trained


@dataclass(frozen=True)
class Verdict:
    """How a model did on its out-of-time test, beside the baselines, and what follows from it: kept with the model."""

    evaluation: Evaluation
    baselines: Mapping[str, Evaluation]
    """By name, on the same rows."""
    comparisons: Mapping[str, Interval]
    """By baseline, the model's AUC minus its."""
    decision: Decision
    notes: tuple[str, ...] = ()
    """What a reader should know of the training."""
    level: Interval | None = None
    """How many positives there were on the test for each one that a list would have predicted: see
    `models.evaluation.level`. None of a model that was judged before this was told."""

    @classmethod
    def of(cls, trained: Trained) -> Verdict:
        """Of a model that was just trained."""
        return cls(
            trained.evaluation, trained.baselines, trained.comparisons, trained.decision, trained.notes, trained.level
        )

    def as_json(self) -> str:
        """The same text for the same verdict."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """What `as_json` wrote."""
        content = json.loads(text)
        lists = {name: tuple(value) for name, value in content["decision"].items() if isinstance(value, list)}
        return cls(
            evaluation=_evaluation(content["evaluation"]),
            baselines={name: _evaluation(value) for name, value in content["baselines"].items()},
            comparisons={name: Interval(**value) for name, value in content["comparisons"].items()},
            decision=Decision(**{**content["decision"], **lists}),
            notes=tuple(content["notes"]),
            level=Interval(**content["level"]) if content.get("level") else None,
        )


@dataclass(frozen=True)
class Told:
    """What else a reader of one model's card is told; no part of what the model is."""

    outcome: Outcome
    """What it predicts, as it was set."""
    features: tuple[Feature, ...]
    """The records of the model's features."""
    interplay: pd.DataFrame
    """Which ideas work together, see `models.interplay`."""
    slices: tuple[Slice, ...] = ()
    """How it does on parts of its test."""


@dataclass(frozen=True)
class Retrain:
    """One training of all of a company's outcomes, at one as_of, from one state of data, config and code."""

    as_of: date
    results: Mapping[str, Trained]
    """By outcome."""
    data_digest: str
    config_digest: str
    snapshot_digest: str
    """Of the features and labels that were trained on."""
    revision: str
    """Of the code, as `git describe --always --dirty` tells it; "unknown" outside a checkout."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """Settings of the training, flat."""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """By outcome, why no model could be trained at all."""
    told: Mapping[str, Told] = field(default_factory=dict)
    """By outcome, what its card is written from besides."""

    @property
    def digest(self) -> str:
        """The same for the same models and refusals from the same data, config and code."""
        models = {outcome: trained.scorer.digest for outcome, trained in self.results.items()}
        content = [self.tags, models, dict(self.refusals)]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def tags(self) -> dict[str, str]:
        """Where it came from, as every run and version is tagged."""
        return {
            "as_of": self.as_of.isoformat(),
            "data_digest": self.data_digest,
            "config_digest": self.config_digest,
            "snapshot_digest": self.snapshot_digest,
            "revision": self.revision,
        }


@dataclass(frozen=True)
class Version:
    """One registered model, as it was recorded."""

    outcome: str
    number: int
    digest: str
    """Of the model's content: the version that lists show."""
    as_of: date
    aliases: tuple[str, ...]
    verdict: Verdict
    tags: Mapping[str, str]
    """Digests of data, config and features, and the code's revision."""

    @property
    def evaluation(self) -> Evaluation:
        """On its out-of-time test."""
        return self.verdict.evaluation

    @property
    def baselines(self) -> Mapping[str, Evaluation]:
        """Of the same test, by name."""
        return self.verdict.baselines

    @property
    def decision(self) -> Decision:
        """Whether it was promoted when it was recorded, and why."""
        return self.verdict.decision


@dataclass(frozen=True)
class Champion:
    """The model that scores."""

    version: Version
    scorer: Scorer

    @property
    def outcome(self) -> str:
        """What it predicts."""
        return self.version.outcome

    @property
    def digest(self) -> str:
        """The version that lists show."""
        return self.version.digest


def _evaluation(content: Mapping[str, Any]) -> Evaluation:
    metrics = {name: Interval(**value) for name, value in content["metrics"].items()}
    return Evaluation(n=content["n"], positives=content["positives"], metrics=metrics)

"""What the yardsticks said of one simulated company: as an object for programs, kept beside its workspace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.yardsticks.accuracy import Accuracy
from pipelines.yardsticks.effects import Spread
from pipelines.yardsticks.faithfulness import Faithfulness
from pipelines.yardsticks.hidden import Visible
from pipelines.yardsticks.stability import Stability

KEPT_AS = "yardsticks.json"
NOT_MODELLED = "Offers are not modelled yet: there are no estimated effects to compare, only the true ones."


@dataclass(frozen=True)
class Plan:
    """What is simulated and measured."""

    scenario: str
    accounts: int
    folder: Path
    """Where the company, its truth and its workspace go."""
    seed: int = 7
    reachable: int = 0
    """Accounts of the larger company by which the reachable limit is estimated; 0 leaves it out."""
    futures: int = 64
    """Simulated for each row's true probability."""
    explained: int = 1000
    """Accounts whose true drivers and effects are worked out."""
    leaks: bool = True
    """Whether leaks are planted."""
    stability: int = 0
    """Models that are taught anew to see whether reasons stay; 0 leaves it out."""


@dataclass(frozen=True)
class Measured:
    """One outcome."""

    as_ofs: tuple[date, ...]
    """Of the test."""
    accuracy: Accuracy
    faithfulness: Faithfulness | None
    """None where no reason could be judged; a note says why."""
    decision: str
    """Whether such a model would be published, and why."""
    notes: tuple[str, ...] = ()
    stability: Stability | None = None
    """Whether its reasons stay when it is taught anew; None where that was not asked for, or could not be told."""

    def as_json(self) -> dict[str, Any]:
        """Everything by name."""
        return {
            "as_ofs": [day.isoformat() for day in self.as_ofs],
            "accuracy": self.accuracy.as_json(),
            "faithfulness": self.faithfulness.as_json() if self.faithfulness else None,
            "decision": self.decision,
            "notes": list(self.notes),
            "stability": self.stability.as_json() if self.stability else None,
        }


@dataclass(frozen=True)
class Result:
    """One company, all yardsticks."""

    plan: Plan
    outcomes: Mapping[str, Measured]
    refused: Mapping[str, str]
    """By outcome that has no model, why."""
    failed: Mapping[str, str]
    """By outcome that has a model and could not be measured, why; so of the hidden states."""
    spread: Mapping[str, Spread]
    """By kind of offer, how its true gains differ."""
    hidden: Visible | None = None
    """How much of the hidden states the features tell; None where no model is about accounts, or it failed."""
    leaks: pd.DataFrame | None = None
    """One row a type of leak: see `pipelines.yardsticks.leaks.planted`."""

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            "scenario": self.plan.scenario,
            "accounts": self.plan.accounts,
            "seed": self.plan.seed,
            "reachable_accounts": self.plan.reachable,
            "futures": self.plan.futures,
            "outcomes": {name: measured.as_json() for name, measured in self.outcomes.items()},
            "refused": dict(self.refused),
            "failed": dict(self.failed),
            "hidden_states": self.hidden.as_json() if self.hidden else None,
            "effects": {
                "estimated": None,
                "note": NOT_MODELLED,
                "true": {kind: one.as_json() for kind, one in self.spread.items()},
            },
            "leaks": None if self.leaks is None else self.leaks.to_dict("records"),
        }

    def keep(self, workspace: Path) -> Path:
        """Writes it over the last one; returns the file."""
        workspace.mkdir(parents=True, exist_ok=True)
        file = workspace / KEPT_AS
        text = json.dumps(self.as_json(), indent=2, sort_keys=True, allow_nan=False)
        file.write_text(text + "\n", encoding="utf-8")
        return file

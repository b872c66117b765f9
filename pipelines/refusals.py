"""Why outcomes could not be trained: kept in the workspace, for want of a model to keep it with in the registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pipelines.settings import Settings


def write_refusals(settings: Settings, as_of: date, refusals: Mapping[str, str]) -> None:
    """Keeps the reasons of one training, by outcome."""
    file = _file(settings, as_of)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(refusals, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def read_refusals(settings: Settings, as_of: date) -> dict[str, str]:
    """The reasons of the training as of that day, by outcome; empty where there are none."""
    file = _file(settings, as_of)
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def all_refusals(settings: Settings) -> dict[str, dict[str, str]]:
    """By as_of, the outcomes that could not be trained and why, the newest first."""
    files = sorted((settings.workspace / "refusals").glob("*.json"), reverse=True)
    found = {file.stem: dict(json.loads(file.read_text(encoding="utf-8"))) for file in files}
    return {day: refusals for day, refusals in found.items() if refusals}


def _file(settings: Settings, as_of: date) -> Path:
    return settings.workspace / "refusals" / f"{as_of}.json"

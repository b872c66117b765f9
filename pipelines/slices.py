"""How well each model does by the parts that the config names: kept in the workspace, by the model's digest.

They are no part of a model's record: another choice of slices is no other model, and its record stands as it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.settings import Settings

if TYPE_CHECKING:
    from features.snapshot.snapshot import Snapshot
    from models.slices import Slice
    from models.training import Trained


def write_slices(settings: Settings, snapshot: Snapshot, trained: Trained) -> tuple[Slice, ...]:
    """Keeps the slices of a model that was just judged, and returns them; where the config names none, takes away
    what was kept.
    """
    from models.slices import by_slice

    file = _file(settings, trained.scorer.outcome, trained.scorer.digest)
    names = tuple(name for name in settings.declared.slices if name in snapshot.attributes.columns)
    if not names:
        file.unlink(missing_ok=True)
        return ()
    resamples, seed = settings.training.resamples, settings.training.seed
    found = by_slice(trained.predictions, snapshot.attributes, names, resamples, seed)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([part.as_json() for part in found], indent=2) + "\n", encoding="utf-8")
    return found


def read_slices(settings: Settings, outcome: str, digest: str) -> tuple[Slice, ...]:
    """The slices of a model by what the config names now; empty where it was not judged by that."""
    from models.slices import Slice

    file = _file(settings, outcome, digest)
    if not file.is_file():
        return ()
    parts = (Slice.from_json(content) for content in json.loads(file.read_text(encoding="utf-8")))
    return tuple(part for part in parts if part.attribute in settings.declared.slices)


def _file(settings: Settings, outcome: str, digest: str) -> Path:
    return settings.workspace / "slices" / f"{outcome}-{digest}.json"

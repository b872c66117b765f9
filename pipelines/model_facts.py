"""What is told of a model besides its record: its outcome, its features, its slices, which ideas work together.

The pairs of ideas are kept in the workspace, by the model's digest, for pages and commands to read.

    <workspace>/interplay/<outcome>-<digest>.csv     idea, other, strength (mean size, log-odds), rows
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.settings import Settings
from pipelines.slices import write_slices

if TYPE_CHECKING:
    import pandas as pd

    from features.library.library import Library
    from features.snapshot.snapshot import Snapshot
    from models.record import Told
    from models.training import Trained


def told_of(settings: Settings, snapshot: Snapshot, trained: Trained, library: Library) -> Told:
    """What the card of a model that was just judged is told; its slices and pairs are kept."""
    from models.interplay import interplay
    from models.record import Told

    scorer = trained.scorer
    found = interplay(scorer, trained.test.matrix[list(scorer.features)], library.features, seed=settings.training.seed)
    file = _file(settings, scorer.outcome, scorer.digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    found.to_csv(file, index=False, lineterminator="\n", float_format="%.6f")
    return Told(
        outcome=snapshot.outcomes[scorer.outcome],
        features=tuple(feature for feature in library.features if feature.name in set(scorer.features)),
        interplay=found,
        slices=write_slices(settings, snapshot, trained),
    )


def read_interplay(settings: Settings, outcome: str, digest: str) -> pd.DataFrame | None:
    """Which ideas of a model work together, as `models.interplay` tells it; None where it was not worked out."""
    import pandas as pd

    file = _file(settings, outcome, digest)
    return pd.read_csv(file).astype({"idea": "str", "other": "str"}) if file.is_file() else None


def _file(settings: Settings, outcome: str, digest: str) -> Path:
    return settings.workspace / "interplay" / f"{outcome}-{digest}.csv"

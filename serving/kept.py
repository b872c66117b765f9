"""What was scored at an as_of, kept beside the scores: the rows and the models, so that a later list can say what
changed even where the registry has been moved or emptied since.

    rows_<outcome>.parquet       account_id, product (where it is about products), the model's features
    points_<outcome>.parquet     account_id, and the percentage points that each idea made
    models/<outcome>/            the model: its trees, its calibration
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serving.files import read_parquet, write_parquet

if TYPE_CHECKING:
    from models.scorer import Scorer

MODELS = "models"


@dataclass(frozen=True)
class Kept:
    """What one outcome's scores came from."""

    scorer: Scorer
    rows: pd.DataFrame
    """One row an account_id: for outcomes of products also `product`, the likeliest one; and the model's features."""
    points: pd.DataFrame | None = None
    """One row an account_id, one column an idea, all of them: what it made of the score, in percentage points; together
    the distance from the model's starting point. Lists keep the largest only, and sums over accounts need every one."""
    base: float = math.nan
    """The model's starting point: the probability from which the points lead to each score."""


def keep(folder: Path, scored: Mapping[str, Kept]) -> None:
    """Write the rows and models into the folder of the scores; the same bytes for the same ones."""
    import pyarrow as pa

    shutil.rmtree(folder / MODELS, ignore_errors=True)
    for path in (*folder.glob("rows_*.parquet"), *folder.glob("points_*.parquet")):
        path.unlink()
    for outcome, kept in scored.items():
        kept.scorer.save(folder / MODELS / outcome)
        keys = [name for name in ("account_id", "product") if name in kept.rows.columns]
        fields = [(name, pa.string()) for name in keys] + [(name, pa.float64()) for name in kept.scorer.features]
        write_parquet(kept.rows, pa.schema(fields), folder / f"rows_{outcome}.parquet")
        if kept.points is not None:
            names = [str(name) for name in kept.points.columns if name != "account_id"]
            fields = [("account_id", pa.string()), *((name, pa.float64()) for name in names)]
            write_parquet(kept.points, pa.schema(fields), folder / f"points_{outcome}.parquet")


def kept(folder: Path) -> dict[str, Kept]:
    """What `keep` wrote, by outcome; of an outcome of which anything is missing there is nothing.

    Raises:
        ScorerError: a model's files were changed.
    """
    from models.explanation import baseline
    from models.scorer import Scorer, expit

    found = {}
    for path in sorted(folder.glob("rows_*.parquet")):
        outcome = path.stem.removeprefix("rows_")
        place = folder / MODELS / outcome
        if place.is_dir():
            scorer, points = Scorer.load(place), folder / f"points_{outcome}.parquet"
            made = read_parquet(points) if points.is_file() else None
            base = float(expit(np.array(baseline(scorer))))
            found[outcome] = Kept(scorer, read_parquet(path), made, base)
    return found

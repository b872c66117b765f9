"""The model card: what a model is for, what it was made from, how good it is, and what it must not be used for.

One page of HTML that MLflow shows beside the run, after Mitchell et al., "Model cards for model reporting" (2019,
doi:10.1145/3287560.3287596). It asks for nothing from outside, and whatever a company has named stands in it as text.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.plots import calibration_table
from models.record import Verdict

if TYPE_CHECKING:
    import jinja2
    import pandas as pd

    from models.dataset import Dataset
    from models.record import Retrain, Told
    from models.training import Trained

CARD = "model_card.html"
TEMPLATES = Path(__file__).parent / "templates"
UNITS = {"account": "an account", "pair": "an account and a product that it does not use yet", "offer": "an offer"}
PAIRS = 8
"""Pairs of ideas that the card names."""


def card_html(retrain: Retrain, trained: Trained, pictures: Mapping[str, bytes]) -> str:
    """The card of one model; `pictures` are PNGs by file name, those of which the card has a place stand in it.

    What needs `retrain.told` (the outcome's settings, the features' purposes, slices, pairs of ideas) is left out where
    nothing of it is told.
    """
    told = retrain.told.get(trained.scorer.outcome)
    probabilities = trained.predictions["probability"].to_numpy(dtype="float64")
    return (
        _environment()
        .get_template(f"{CARD}.j2")
        .render(
            outcome=trained.scorer.outcome,
            digest=trained.scorer.digest,
            retrain=retrain,
            verdict=Verdict.of(trained),
            scorer=trained.scorer,
            trees=trained.trees,
            leaves=trained.leaves,
            parts=[_part(name, days) for name, days in trained.split.days.items()],
            test=_counts(trained.test),
            calibration=_rows(calibration_table(trained.test.labels, probabilities)),
            settings=_settings(told),
            unit=UNITS[told.outcome.unit] if told else "a row",
            features=told.features if told else (),
            names=trained.scorer.features,
            purposes=sorted(Counter(feature.purpose for feature in told.features).items()) if told else [],
            slices=told.slices if told else (),
            pairs=_pairs(told) if told else [],
            pictures={name: base64.b64encode(content).decode() for name, content in pictures.items()},
        )
    )


def _part(name: str, days: Sequence[date]) -> dict[str, Any]:
    return {"name": name, "first": days[0], "last": days[-1], "count": len(days)}


def _counts(rows: Dataset) -> dict[str, int]:
    return {
        "rows": len(rows),
        "accounts": int(rows.frame["account_id"].nunique()),
        "positives": int(rows.labels.sum()),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _settings(told: Told | None) -> dict[str, Any]:
    """The outcome's settings that are not at rest: its kind, gap and horizon first."""
    if told is None:
        return {}
    its = told.outcome.model_dump(mode="json", exclude_none=True)
    first = ("kind", "gap_days", "horizon_days")
    return {name: its[name] for name in (*first, *sorted(set(its) - {*first, "name"}))}


def _pairs(told: Told) -> list[tuple[str, str, float]]:
    """The ideas that work together most."""
    pairs = told.interplay[told.interplay["idea"] != told.interplay["other"]].head(PAIRS)
    return list(zip(pairs["idea"], pairs["other"], pairs["strength"], strict=True))


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

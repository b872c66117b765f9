"""A published model: LightGBM's own text, a calibrator and the features it was trained on; nothing pickled.

This file imports nothing of the project: MLflow carries it along as the code of the models that it serves.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import lightgbm
    from numpy.typing import NDArray

MODEL_FILE = "model.txt"
SCORER_FILE = "scorer.json"
FORMAT = 2
"""Of `scorer.json`; a reader refuses any other."""
DIGEST_LENGTH = 12
SURE = 1.959963984540054
"""Standard errors on either side of what is estimated between which 95 % lie."""


class ScorerError(ValueError):
    """A scorer's files or the frame it is given are not what it was trained with."""


@dataclass(frozen=True)
class Scorer:
    """Turns rows of features into calibrated probabilities of one outcome, and says what each feature added."""

    outcome: str
    features: tuple[str, ...]
    """In the order in which the trees know them."""
    model: str
    """The trees, as LightGBM writes them."""
    base_rate: float
    """Share of positives among the rows that it was trained on."""
    slope: float = 1.0
    """Of the calibrator: log-odds = slope * raw + intercept. Above 0, so that the order of accounts stays."""
    intercept: float = 0.0
    variance: tuple[float, float, float] | None = None
    """Of the slope, of both together, of the intercept: how sure the calibrator is. None where nothing was fitted."""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and self.slope > 0 and np.isfinite(self.intercept)):
            raise ScorerError(
                "A calibrator has a finite slope above 0 and a finite intercept; "
                f"seen: slope {self.slope}, intercept {self.intercept}. Train again."
            )
        if not 0 < self.base_rate < 1:
            raise ScorerError(
                f"A model is trained on both classes; the base rate here is {self.base_rate}. Train on more data."
            )

    @cached_property
    def digest(self) -> str:
        """First twelve hexadecimal digits of the SHA-256 of everything that decides a score: the model's version."""
        content = hashlib.sha256(self.model.encode())
        content.update(json.dumps(self._settings(), sort_keys=True).encode())
        return content.hexdigest()[:DIGEST_LENGTH]

    def save(self, folder: Path) -> None:
        """Write `model.txt` and `scorer.json`, the same bytes for the same scorer."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL_FILE).write_bytes(self.model.encode())
        settings = {**self._settings(), "digest": self.digest}
        (folder / SCORER_FILE).write_bytes((json.dumps(settings, indent=2, sort_keys=True) + "\n").encode())

    @classmethod
    def load(cls, folder: Path) -> Scorer:
        """Read what `save` wrote.

        Raises:
            ScorerError: a file is missing or unreadable, or its content is not what its digest says.
        """
        try:
            settings = json.loads((folder / SCORER_FILE).read_bytes())
            model = (folder / MODEL_FILE).read_bytes().decode()
            if settings["format"] != FORMAT:
                raise ScorerError(
                    f"This code reads format {FORMAT} of {SCORER_FILE}; {folder} holds format {settings['format']}. "
                    "Train again with this version, or use the version that wrote it."
                )
            scorer = cls(
                outcome=settings["outcome"],
                features=tuple(settings["features"]),
                model=model,
                base_rate=settings["base_rate"],
                slope=settings["slope"],
                intercept=settings["intercept"],
                variance=None if settings["variance"] is None else tuple(settings["variance"]),
            )
        except (OSError, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ScorerError(
                f"A model's folder holds {MODEL_FILE} and {SCORER_FILE} as they were saved; in {folder} "
                f"{type(error).__name__} was met: {error}. Restore the folder or train again."
            ) from error
        if scorer.digest != settings.get("digest"):
            raise ScorerError(
                f"A model's content has the digest that was saved with it; in {folder} it is {scorer.digest} and "
                f"{settings.get('digest')} was saved. The files were changed: restore them or train again."
            )
        return scorer

    def raw(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """The trees' sum for each row, before calibration, in log-odds."""
        return self._predict(frame, raw_score=True).reshape(-1)

    def log_odds(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """The calibrated score of each row, in log-odds."""
        return self.slope * self.raw(frame) + self.intercept

    def probability(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """The calibrated probability of the outcome for each row."""
        return expit(self.log_odds(frame))

    def interval(self, frame: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Between which probabilities each row's lies with 95 %, as far as the calibrator's own uncertainty goes.

        Of accounts like it by the trees' score, not of what the trees did not learn. None where nothing was fitted.
        """
        if self.variance is None:
            return None
        raw = self.raw(frame)
        slope, both, intercept = self.variance
        error = SURE * np.sqrt(np.maximum(slope * raw**2 + 2 * both * raw + intercept, 0.0))
        middle = self.slope * raw + self.intercept
        return expit(middle - error), expit(middle + error)

    def contributions(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """What each feature adds to each row's calibrated log-odds.

        One row a row of the frame, one column a feature in the order of `features`, and the bias last; a row sums to
        its log-odds. SHAP values of the trees (Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9), times the slope.
        """
        added = self._predict(frame, pred_contrib=True).reshape(len(frame), len(self.features) + 1) * self.slope
        added[:, -1] += self.intercept
        return added

    def matrix(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """The frame's values as doubles, its columns in the order in which the trees know them.

        Raises:
            ScorerError: the frame lacks features or has others, has one twice, or holds something that is no number.
        """
        present = [str(column) for column in frame.columns]
        missing = [name for name in self.features if name not in set(present)]
        unexpected = [name for name in present if name not in set(self.features)]
        repeated = sorted(name for name, times in Counter(present).items() if times > 1)
        if missing or unexpected or repeated:
            raise ScorerError(
                f"The model of {self.outcome!r} takes exactly the {len(self.features)} features that it was trained "
                f"on; missing: {_listed(missing)}; unexpected: {_listed(unexpected)}; "
                f"given twice: {_listed(repeated)}. "
                "Build the features with the version that trained the model, or train again."
            )
        kinds = dict(zip(present, frame.dtypes, strict=True))  # taking each column out would cost more than a score
        text = [name for name in self.features if not pd.api.types.is_numeric_dtype(kinds[name])]
        if text:
            raise ScorerError(
                f"Every feature is a number; these are not: {_listed([f'{n} ({kinds[n]})' for n in text])}. "
                "Cast them to doubles."
            )
        return frame[list(self.features)].to_numpy(dtype=np.float64, na_value=np.nan)

    def gain(self) -> pd.Series[float]:
        """How much each feature's splits reduced the training loss, by feature, largest first."""
        gain = self._booster.feature_importance(importance_type="gain")
        return pd.Series(gain, index=list(self.features), name="gain").sort_values(ascending=False, kind="stable")

    def trees(self) -> list[dict[str, Any]]:
        """The trees as LightGBM tells them: nested nodes with their splits, one tree an entry."""
        told: list[dict[str, Any]] = self._booster.dump_model()["tree_info"]
        return told

    def _settings(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "outcome": self.outcome,
            "features": list(self.features),
            "base_rate": self.base_rate,
            "slope": self.slope,
            "intercept": self.intercept,
            "variance": None if self.variance is None else list(self.variance),
        }

    def _predict(self, frame: pd.DataFrame, **kind: bool) -> NDArray[np.float64]:
        matrix = self.matrix(frame)
        if len(matrix) == 0:
            return np.empty(0)
        return np.asarray(self._booster.predict(matrix, **kind), dtype=np.float64)

    @cached_property
    def _booster(self) -> lightgbm.Booster:
        import lightgbm

        booster = lightgbm.Booster(model_str=self.model)
        if booster.num_feature() != len(self.features):
            raise ScorerError(
                f"A model's trees and its list of features agree; the trees of {self.outcome!r} know "
                f"{booster.num_feature()} features and the list has {len(self.features)}. Restore the folder."
            )
        return booster


def expit(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds as probabilities, without overflow at either end."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1 / (1 + small), small / (1 + small))


def _listed(names: list[str], limit: int = 20) -> str:
    shown = ", ".join(names[:limit]) or "none"
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"

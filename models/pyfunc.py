"""The code that MLflow logs with every model and runs to load it: text and JSON in, calibrated probabilities out.

Not for import: MLflow runs this file, in this project when a model is logged and in any folder, without this project,
when it is loaded. It takes `Scorer` from the copy of `scorer.py` that was logged with the model, so that an old model
keeps scoring with the code that it was judged with.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext


def load_scorer_code(folder: Path) -> ModuleType:
    """The scorer's module: from `code/`, where MLflow puts it beside a logged model, else from beside this file.

    Its name holds a digest of its text: two models of different ages in one process each get their own code.
    """
    source = next(path for path in (folder / "code" / "scorer.py", folder / "scorer.py") if path.is_file())
    name = f"holdfast_scorer_{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, source)
    if spec is None or spec.loader is None:
        raise ImportError(f"The model's code must be a Python file; {source} is not. Log the model again.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up while it is being run
    spec.loader.exec_module(module)
    return module


class CalibratedModel(PythonModel):
    """Probability of one outcome, one double a row, in the order of the rows."""

    def load_context(self, context: PythonModelContext) -> None:
        """Reads `model.txt` and `scorer.json`; nothing is unpickled."""
        scorer = load_scorer_code(Path(__file__).parent).Scorer
        self.scorer = scorer.load(Path(context.artifacts["scorer"]).parent)

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002  # MLflow passes it
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """Calibrated probabilities.

        Raises:
            InputError: the frame's columns are not the model's features (MLflow itself already refuses missing ones
                and, with a warning, leaves out unexpected ones that come on top of all the expected).
        """
        return np.asarray(self.scorer.probability(model_input), dtype="float64")


mlflow.models.set_model(CalibratedModel())

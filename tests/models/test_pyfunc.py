"""The logged model where this project is not: the copy of its folder is all there is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.registry import Registry
from tests.small_models import JANUARY, result, retrain, rows, scorer

WITHOUT_PROJECT = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("features", "models", "serving", "pipelines"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
"""
"""As `sitecustomize.py`, run when Python starts: the project is installed where the tests run."""

IN_PROCESS = """
import json, sys
import mlflow, pandas
try:
    import models
    raise SystemExit("the project is in sight")
except ModuleNotFoundError:
    pass
frame = pandas.read_csv("rows.csv")
model = mlflow.pyfunc.load_model(sys.argv[1])
told = {"predicted": model.predict(frame).tolist(), "dtype": str(model.predict(frame).dtype)}
try:
    model.predict(frame.rename(columns={"nps_last": "nps_latest"}))
except Exception as error:
    told["renamed"] = str(error)
try:
    model.unwrap_python_model().predict(None, frame.assign(invented=1.0))
except Exception as error:
    told["unexpected"] = str(error)
signature = model.metadata.signature
told["inputs"] = {column.name: column.type.name for column in signature.inputs.inputs}
told["output"] = [column.type.name for column in signature.outputs.inputs]
told["example"] = model.predict(model.input_example).tolist()
told["old"] = mlflow.pyfunc.load_model(sys.argv[2]).predict(frame).tolist()
print(json.dumps(told))
"""


@pytest.fixture(scope="session")
def model_folder(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of one logged model alone, with rows to score beside it."""
    registry = Registry(shutil.copytree(fresh, tmp_path_factory.mktemp("logged") / "mlruns"), "acme")
    registry.record(retrain(JANUARY, result("churn")))
    (found,) = [path.parents[1] for path in registry.folder.rglob("scorer.json")]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "sitecustomize.py").write_text(WITHOUT_PROJECT)
    rows().to_csv(elsewhere / "rows.csv", index=False)
    return Path(shutil.copytree(found, elsewhere / "model"))


@pytest.fixture(scope="session")
def loaded(model_folder: Path) -> dict[str, Any]:
    """What another process says of the model that it loaded, and then of one whose code says 0 to everything."""
    old = Path(shutil.copytree(model_folder, model_folder.parent / "old"))
    code = old / "code" / "scorer.py"
    code.write_text(code.read_text().replace("return expit(self.log_odds(frame))", "return self.log_odds(frame) * 0"))
    printed = python_elsewhere("-c", IN_PROCESS, str(model_folder), str(old), cwd=model_folder.parent)
    return dict(json.loads(printed.splitlines()[-1]))


def python_elsewhere(*arguments: str, cwd: Path) -> str:
    """What Python prints that knows its installed packages and nothing of this project."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"PYTHONPATH": str(cwd), "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def expected() -> list[float]:
    return scorer("churn").probability(rows()).tolist()


def test_it_gives_calibrated_probabilities(loaded: dict[str, Any]) -> None:
    assert loaded["predicted"] == pytest.approx(expected(), rel=1e-12)
    assert loaded["dtype"] == "float64"
    raw = 1 / (1 + np.exp(-scorer("churn").raw(rows())))
    assert not np.allclose(expected(), raw)


def test_a_renamed_feature_raises_and_both_names_are_told(loaded: dict[str, Any]) -> None:
    assert "nps_last" in str(loaded["renamed"])
    assert "nps_latest" in str(loaded["renamed"])


def test_a_feature_on_top_raises_where_it_reaches_the_model(loaded: dict[str, Any]) -> None:
    assert "unexpected: invented" in str(loaded["unexpected"])


def test_the_signature_is_doubles_and_the_example_can_be_scored(loaded: dict[str, Any]) -> None:
    assert loaded["inputs"] == {"active_days_28d": "double", "open_tickets": "double", "nps_last": "double"}
    assert loaded["output"] == ["double"]
    assert loaded["example"] == pytest.approx(expected()[:3], rel=1e-12)


def test_mlflow_models_predict_says_the_same(model_folder: Path) -> None:
    printed = python_elsewhere(
        *("-m", "mlflow", "models", "predict", "--env-manager", "local", "--model-uri", str(model_folder)),
        *("--content-type", "csv", "--input-path", "rows.csv"),
        cwd=model_folder.parent,
    )
    assert json.loads(printed.splitlines()[-1])["predictions"] == pytest.approx(expected(), rel=1e-12)


def test_it_carries_its_code_and_states_what_it_needs(model_folder: Path) -> None:
    needed = [line.split("==")[0] for line in (model_folder / "requirements.txt").read_text().splitlines()]
    assert needed == ["lightgbm", "mlflow", "numpy", "pandas"]
    assert (model_folder / "code" / "scorer.py").is_file()
    assert (model_folder / "pyfunc.py").is_file()


def test_an_old_model_keeps_the_code_that_it_was_logged_with(loaded: dict[str, Any]) -> None:
    assert set(loaded["old"]) == {0.0}

"""What every test relies on: seeds that do not change, and where public data lies."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from pipelines.cli import COLLECTED_AFTER

# Threads of LightGBM that wait for each other sleep: awake they took two thirds of the processor time of scoring.
# For commands in processes of their own too, which inherit it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
gc.set_threshold(*COLLECTED_AFTER)

# the engine's first query of a session takes longer than Hypothesis allows one example
settings.register_profile(
    "holdfast", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("holdfast")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--companies 5`: how many companies features are held to (`make test-engines`, `make test-features`)."""
    parser.addoption("--companies", type=int, default=0, help="companies on which features are compared, beyond a few")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that walk the whole path come first, so that no process ends with one while the others wait."""
    items.sort(key=lambda item: "pipelines" not in item.path.parts)


REAL_DATA = Path(os.environ.get("HOLDFAST_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """The folder of a public data set; skips the test, with the reason, where it is absent."""

    def folder(name: str) -> Path:
        place = REAL_DATA / name
        if not place.is_dir():
            pytest.skip(f"no {name} in {REAL_DATA} (set HOLDFAST_REAL_DATA to the folder of the public data sets)")
        return place

    return folder

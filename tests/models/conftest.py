"""MLflow's tables take two seconds to create: they are created once and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.registry import Registry


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which MLflow has created its tables, which takes it two seconds."""
    folder = tmp_path_factory.mktemp("fresh")
    assert Registry(folder, "acme").versions("churn") == []
    return folder


@pytest.fixture
def registry(fresh: Path, tmp_path: Path) -> Registry:
    """A registry of its own for one test, empty."""
    shutil.copytree(fresh, tmp_path / "mlruns")
    return Registry(tmp_path / "mlruns", "acme")

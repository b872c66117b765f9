"""A company that allows fewer purposes than before: what is said and published, and what old models may still say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from features.library.catalogue import CATALOGUE
from tests.pipelines.conftest import here, holdfast

CHOICE = '\n[features.purposes]\nallowed = ["service", "growth", "pricing"]\n'
RETENTION = {feature.name for feature in CATALOGUE if feature.purpose == "retention"}


@pytest.fixture(scope="module")
def narrowed(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with its model, and without features for retention."""
    folder = tmp_path_factory.mktemp("narrowed") / "shop"
    shutil.copytree(shop, folder)
    config = folder / "holdfast.toml"
    config.write_text(config.read_text(encoding="utf-8") + CHOICE, encoding="utf-8")
    return folder


def test_check_says_how_many_features_are_off(narrowed: Path) -> None:
    done = here("check", "--config", narrowed)
    assert f"are off, because their purposes are not allowed (retention {len(RETENTION)}, scores of such" in done.out


def test_models_that_rest_on_them_fall_silent(narrowed: Path) -> None:
    built = holdfast("features", "--config", narrowed)
    scored = holdfast("score", "--config", narrowed)

    assert f"off, their purposes not allowed: retention {len(RETENTION)}" in built.err
    assert scored.code == 1, scored.err
    assert "rests on features that are not computed any more: active_days_7d" in scored.err


def test_a_run_trains_without_them_and_publishes_that(narrowed: Path) -> None:
    done = holdfast("run", "--config", narrowed, "--json")

    assert done.code == 0, done.err
    record = json.loads(done.out)["manifest"]["record"]
    assert record["settings"]["purposes"] == ["service", "growth", "pricing"]
    reasons = pd.read_parquet(narrowed / ".holdfast" / "published" / "latest" / "reasons.parquet")
    assert not set(reasons["feature"]) & RETENTION

"""Eight leaks planted into a small company: each is caught by the guard that is meant for it, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from examples.company import write_company
from features.errors import ConfigError
from features.purposes import FeatureSettings, PurposeSettings
from models.training_settings import TrainingSettings
from pipelines.settings import load_settings
from pipelines.yardsticks.leaks import CLEAN, COLUMNS, planted
from pipelines.yardsticks.plants import PLANTS

ACCOUNTS = 900
QUICK = TrainingSettings(num_leaves=(4,), learning_rate=0.1, resamples=1000)
FEW = FeatureSettings(purposes=PurposeSettings(allowed=("service",)))
"""A third of the catalogue: leaks are planted beside the features, and the guards look at each as well as at many."""

MEANT = {
    "L1.1": ("sealed test", "days apart", "dependent rows"),
    "L1.2": ("sealed test",),
    "L1.3": ("sealed test",),
    "L1.4": ("twins",),
    "L2": ("future", "hindsight"),
    "L3.1": ("future",),
    "L3.2": ("days apart", "dependent rows"),
    "L3.3": ("whole cohort",),
}
"""By type, the guards that must catch it, however small the company is."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, accounts=ACCOUNTS, seed=7)
    return folder / "holdfast.toml"


@pytest.fixture(scope="module")
def found(config: Path) -> pd.DataFrame:
    return planted(load_settings(config).model_copy(update={"training": QUICK, "features": FEW}))


def row(found: pd.DataFrame, kind: str) -> pd.Series[object]:
    return found[found["type"].str.startswith(kind)].iloc[0]


def test_there_is_a_row_a_type_and_one_for_the_clean_company(found: pd.DataFrame) -> None:
    assert list(found.columns) == list(COLUMNS)
    assert list(found["type"]) == [*(plant.type for plant in PLANTS), CLEAN]
    assert [plant.type.partition(" ")[0] for plant in PLANTS] == list(MEANT)


@pytest.mark.parametrize("kind", MEANT)
def test_the_guards_that_are_meant_for_it_catch_it(found: pd.DataFrame, kind: str) -> None:
    caught = row(found, kind)
    assert caught["caught"]
    assert [guard for guard in MEANT[kind] if f"{guard} (" not in str(caught["caught_by"])] == []


def test_the_clean_company_raises_no_alarm(found: pd.DataFrame) -> None:
    clean = row(found, CLEAN)
    assert (clean["caught_by"], clean["caught"]) == ("", False)


@pytest.mark.parametrize("kind", ["L1.1", "L2"])
def test_what_knows_the_answer_looks_far_too_good(found: pd.DataFrame, kind: str) -> None:
    assert float(str(row(found, kind)["inflation"])) > 0.05


def test_an_outcome_that_the_company_does_not_have_is_refused(config: Path) -> None:
    with pytest.raises(ConfigError, match="asked for 'loyalty'"):
        planted(load_settings(config), outcome="loyalty")

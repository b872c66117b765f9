"""A folder holds one simulated company, with the models, lists and truth that are about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.company import mark_of
from features.errors import ConfigError, InputError
from pipelines.demo import require_own


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of a company, as far as it says which one it is."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "holdfast.toml").write_text(f"{mark_of('cable', accounts=5, seed=3)}\n[company]\n", encoding="utf-8")
    return folder


def test_a_company_may_be_written_over_itself_or_into_an_empty_folder(folder: Path, tmp_path: Path) -> None:
    require_own(folder, "cable", accounts=5, seed=3)
    require_own(tmp_path, "software", accounts=5, seed=3)
    require_own(tmp_path / "new", "software", accounts=5, seed=3)


@pytest.mark.parametrize(("scenario", "accounts", "seed"), [("software", 5, 3), ("cable", 2000, 3), ("cable", 5, 4)])
def test_another_company_is_not_written_over_one(folder: Path, scenario: str, accounts: int, seed: int) -> None:
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}

    with pytest.raises(ConfigError, match=r"holds cable, 5 accounts, 548 days, seed 3") as refused:
        require_own(folder, scenario, accounts, seed)

    assert f"asked for is {scenario}, {accounts:,} accounts, 548 days, seed {seed}" in str(refused.value)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holdfast.toml").write_text("[company]\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="holds other files"):
        require_own(tmp_path, "cable", accounts=5, seed=3)


def test_a_setting_that_is_none_is_refused_before_any_folder_is_looked_at(folder: Path) -> None:
    with pytest.raises(InputError, match="hotel is none"):
        require_own(folder, "hotel", accounts=5, seed=3)

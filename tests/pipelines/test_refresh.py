"""What a company's workspace remembers from run to run, and how it is made to forget."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import RefusedError
from features.rollups.shelf import Shelf
from pipelines.company import forget, memory_of, open_company
from pipelines.settings import Settings, load_settings


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    """Two days of use, in two files."""
    (tmp_path / "data" / "consumption").mkdir(parents=True)
    for day in (1, 2):
        use = pa.table({"account_id": ["a1"], "occurred_at": [datetime(2024, 1, day)]})
        pq.write_table(use, tmp_path / "data" / "consumption" / f"{day}.parquet")
    accounts = pa.table({"account_id": ["a1"], "signed_up_at": [datetime(2024, 1, 1)]})
    pq.write_table(accounts, tmp_path / "data" / "accounts.parquet")
    (tmp_path / "holdfast.toml").write_text('[company]\nname = "shop"\n')
    return load_settings(tmp_path / "holdfast.toml")


def files_read(settings: Settings) -> str:
    memory = memory_of(settings)
    open_company(settings, memory=memory)
    return memory.in_words


def test_files_that_were_read_are_not_read_again_until_it_is_made_to_forget(shop: Settings) -> None:
    assert files_read(shop) == "consumption 2 of 2 files"
    assert files_read(shop) == "consumption 0 of 2 files"
    forget(shop)
    assert files_read(shop) == "consumption 2 of 2 files"


def test_nothing_is_forgotten_while_another_build_may_be_using_it(shop: Settings) -> None:
    files_read(shop)
    with Shelf(shop.workspace / "rollups").in_use(), pytest.raises(RefusedError):
        forget(shop)
    assert files_read(shop) == "consumption 0 of 2 files"

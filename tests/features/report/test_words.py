"""The words of a report: where its numbers are small, where days are those of a zone, and what could be used."""

from __future__ import annotations

from datetime import date

import pytest

from features.errors import DataError
from features.report.suspicion import Suspicion
from tests.text_tables import text_tables


@pytest.mark.parametrize(("count", "share"), [(0, "0%"), (925, "under 1%"), (1_984, "1%"), (198_357, "100%")])
def test_a_share_that_is_not_nothing_is_not_told_as_nothing(count: int, share: str) -> None:
    said = str(Suspicion("consumption", "late_rows", "they came late", count, 198_357))
    assert said == f"consumption: they came late ({count:,} of 198,357 rows, {share}) [late_rows]"


@pytest.mark.parametrize(
    ("timezone", "end"),
    [("UTC", "(2024-06-20);"), ("Europe/Berlin", "(2024-06-20 in Europe/Berlin; instants are shown in UTC);")],
)
def test_an_instant_after_the_end_is_told_beside_its_zone(timezone: str, end: str) -> None:
    with pytest.raises(DataError) as raised:
        text_tables(
            accounts="account_id | signed_up_at\na | 2024-01-01",
            consumption="account_id | occurred_at\na | 2024-01-02\na | 2024-06-21 10:00",
            timezone=timezone,
            end=date(2024, 6, 20),
        )
    assert f"nothing has happened after the data's end {end}" in str(raised.value)

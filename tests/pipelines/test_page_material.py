"""What pages are made from: where the value of each feature can be seen."""

from __future__ import annotations

import pytest

from features.contract import CONTRACT
from features.library.catalogue import LIBRARY
from pipelines.page_material import behind
from serving.pages.material import Behind


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ("active_days_28d", Behind("consumption", 28)),
        ("active_days_trend_28d", Behind("consumption", 56)),
        ("satisfaction_182d", Behind("satisfaction", 182)),
        ("tickets_open", Behind("tickets", 0)),
    ],
)
def test_a_reason_is_seen_in_the_table_that_its_feature_is_made_of(feature: str, expected: Behind) -> None:
    assert behind(LIBRARY)[feature] == expected


def test_every_feature_is_made_of_a_table_of_the_contract() -> None:
    found = behind(LIBRARY)
    assert set(found) == {feature.name for feature in LIBRARY.features}
    assert {source.table for source in found.values()} <= set(CONTRACT)

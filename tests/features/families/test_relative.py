"""Relative to peers: of three accounts the least stands above none (half of itself is a sixth), the most above two."""

from __future__ import annotations

from datetime import date

import pytest

from features.building import peers
from tests.feature_values import computed, parse_expected
from tests.features.families.three_accounts import AS_OF, COMPANY
from tests.text_tables import text_tables

EXPECTED = parse_expected("""
    feature                               | low    | middle | high
    active_days_28d_among_peers           | 0.1667 | 0.5    | 0.8333
    events_28d_among_peers                | 0.1667 | 0.5    | 0.8333
    active_days_trend_28d_among_peers     | 0.1667 | 0.5    | 0.8333
    days_since_use_among_peers            | 0.8333 | 0.5    | 0.1667
    value_91d_among_peers                 | 0.1667 | 0.5    | 0.8333
    users_28d_among_peers                 | 0.1667 | 0.5    | 0.8333
    products_91d_among_peers              | 0.1667 | 0.5    | 0.8333
    seat_use_28d_among_peers              | 0.1667 | 0.5    | 0.8333
    seat_price_among_peers                | 0.1667 | 0.5    | 0.8333
    satisfaction_182d_among_peers         | 0.1667 | 0.5    | 0.8333
    tickets_91d_among_peers               | 0.8333 | 0.5    | 0.1667
    resolution_hours_182d_among_peers     | 0.8333 | 0.5    | 0.1667
    promises_kept_share_182d_among_peers  | 0.1667 | 0.5    | 0.8333
    milestones_reached_among_peers        | 0.1667 | 0.5    | 0.8333
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "FEWEST", 3)
        return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-3, nan_ok=True)

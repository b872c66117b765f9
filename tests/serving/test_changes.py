"""What changed since the list before: parts that add up, told by the numbers then and now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.scorer import Scorer
from serving.changes import CHANGE_TYPES, changes
from serving.kept import Kept, keep, kept
from tests.serving.conftest import EARLIER, FEATURES, T


def rows_of(features: pd.DataFrame, scorer: Scorer, day: date) -> pd.DataFrame:
    rows = features[features["as_of"] == pd.Timestamp(day)]
    return rows[["account_id", *scorer.features]].reset_index(drop=True)


@pytest.fixture
def churn(scorers: dict[str, Scorer], account_features: pd.DataFrame) -> tuple[Kept, Kept]:
    scorer = scorers["churn"]
    return tuple(Kept(scorer, rows_of(account_features, scorer, day)) for day in (EARLIER[-1], T))  # type: ignore[return-value]


def difference(before: Kept, now: Kept) -> pd.Series[float]:
    """Percentage points by account."""
    one, other = (
        pd.Series(k.scorer.probability(k.rows[list(k.scorer.features)]), index=k.rows["account_id"])
        for k in (before, now)
    )
    return 100 * (other - one)


def test_the_parts_add_up_to_the_difference_of_the_probabilities(churn: tuple[Kept, Kept]) -> None:
    before, now = churn
    anew = replace(now, scorer=replace(now.scorer, slope=1.2, intercept=0.1))
    for later in (now, anew):
        told = changes({"churn": before}, {"churn": later}, FEATURES, "EUR")
        assert list(told.columns) == list(CHANGE_TYPES)
        sums = told.groupby("account_id")["points"].sum().reindex(now.rows["account_id"]).fillna(0.0)
        np.testing.assert_allclose(sums, difference(before, later), atol=1e-9)
        assert ("calibration" in set(told["part"])) == (later is anew)
        assert "model" not in set(told["part"])


def test_an_idea_is_told_by_its_number_then_and_now(churn: tuple[Kept, Kept]) -> None:
    before, now = (replace(k, rows=k.rows.head(1).assign(account_id="a")) for k in churn)
    then = before.rows.assign(active_days_28d=25.0, open_tickets=0.0, nps_last=np.nan)
    later = now.rows.assign(active_days_28d=2.0, open_tickets=0.0, nps_last=9.0)
    told = changes({"churn": replace(before, rows=then)}, {"churn": replace(now, rows=later)}, FEATURES)
    assert told["position"].tolist() == list(range(1, len(told) + 1))
    use = told.set_index("idea").loc["use"]
    assert use["text"] == "Active days fell to 2 in the last 28 (before: 25)"
    assert (use["part"], use["value_before"], use["value"]) == ("data", 25.0, 2.0)
    assert use["points"] > 10
    assert told.set_index("idea").loc["joy", "text"].endswith(": 9 (before: not known)")
    assert "promises" not in set(told["idea"])


def test_who_was_not_there_before_has_no_change(churn: tuple[Kept, Kept]) -> None:
    before, now = churn
    told = changes({"churn": replace(before, rows=before.rows.head(10))}, {"churn": now}, FEATURES)
    assert set(told["account_id"]) <= set(before.rows["account_id"].head(10))
    assert changes({}, {"churn": now}, FEATURES).empty


def test_another_likeliest_product_is_not_compared(
    scorers: dict[str, Scorer], cohorts: dict[str, pd.DataFrame]
) -> None:
    scorer, pairs = scorers["adoption"], cohorts["adoption"]
    chat, mail = (
        Kept(scorer, pairs.loc[pairs["product"] == product, ["account_id", "product", *scorer.features]])
        for product in ("chat", "mail")
    )
    assert changes({"adoption": chat}, {"adoption": mail}, FEATURES).empty
    moved = replace(chat, rows=chat.rows.assign(fit=1 - chat.rows["fit"]))
    told = changes({"adoption": chat}, {"adoption": moved}, FEATURES)
    assert set(told["product"]) == {"chat"}


def test_what_is_kept_is_read_as_it_was(tmp_path: Path, churn: tuple[Kept, Kept]) -> None:
    keep(tmp_path, {"churn": churn[0]})
    first = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    keep(tmp_path, {"churn": churn[0]})
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first
    again = kept(tmp_path)["churn"]
    assert again.scorer.digest == churn[0].scorer.digest
    pd.testing.assert_frame_equal(again.rows, churn[0].rows)
    assert kept(tmp_path / "nowhere") == {}

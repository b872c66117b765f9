"""A score is taken apart into ideas, and nothing is lost on the way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError
from features.feature import Feature, State
from models import contributions
from models.explanation import baseline, ideas
from models.scorer import Scorer

IDEAS = {
    "active_days_28d": "use",
    "events_28d": "use",
    "events_91d": "use",
    "products_28d": "breadth",
    "tickets_28d": "effort",
    "nps": "joy",
}
RUNGS = {"use": "consumption", "breadth": "adoption", "effort": "trust", "joy": "satisfaction"}


def catalogue(ideas_of: dict[str, str] = IDEAS) -> list[Feature]:
    return [
        Feature(
            name=name,
            value=State("source", name),
            unit="count",
            idea=idea,
            rung=RUNGS[idea],  # type: ignore[arg-type]
            purpose="service",
            phrase=f"{name} {{moved}} {{value}}",
        )
        for name, idea in ideas_of.items()
    ]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    values = pd.DataFrame(rng.normal(size=(900, len(IDEAS))), columns=list(IDEAS))
    values.loc[rng.random(900) < 0.3, "nps"] = np.nan
    keys = pd.DataFrame({"account_id": [f"a{i:04}" for i in range(900)]})
    return keys.assign(as_of=pd.Timestamp("2025-06-30").as_unit("us")).join(values)


@pytest.fixture(scope="module")
def scorer(frame: pd.DataFrame) -> Scorer:
    import lightgbm

    rng = np.random.default_rng(4)
    pull = frame["active_days_28d"] - 0.7 * frame["tickets_28d"] + 0.5 * frame["nps"].fillna(-1)
    label = (pull + rng.normal(size=len(frame)) < -0.5).astype(float)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 1, "deterministic": True}
    booster = lightgbm.train(settings, lightgbm.Dataset(frame[list(IDEAS)].to_numpy(), label), 40)
    return Scorer("churn", tuple(IDEAS), booster.model_to_string(), float(label.mean()), slope=0.83, intercept=-0.2)


def test_ideas_and_baseline_add_up_to_the_log_odds(scorer: Scorer, frame: pd.DataFrame) -> None:
    told = ideas(scorer, frame, catalogue())
    total = told.groupby("account_id")["contribution"].sum() + baseline(scorer)
    log_odds = scorer.log_odds(frame[list(IDEAS)])
    np.testing.assert_allclose(total.to_numpy(), log_odds, rtol=0, atol=1e-9)


def test_one_row_a_key_and_idea(scorer: Scorer, frame: pd.DataFrame) -> None:
    told = ideas(scorer, frame, catalogue())
    assert list(told.columns) == ["account_id", "as_of", "idea", "rung", "feature", "contribution", "value"]
    assert not told.duplicated(["account_id", "idea"]).any()
    assert len(told) == len(frame) * 4
    assert told["as_of"].dtype == frame["as_of"].dtype


def test_an_idea_is_led_by_the_feature_that_pulls_its_way_hardest(scorer: Scorer, frame: pd.DataFrame) -> None:
    told = ideas(scorer, frame, catalogue()).set_index(["account_id", "idea"])
    each = pd.DataFrame(scorer.contributions(frame[list(IDEAS)])[:, :-1], columns=list(IDEAS))
    for row in range(0, 900, 45):
        use = each.loc[row, ["active_days_28d", "events_28d", "events_91d"]].astype(float)
        of_its_sign = use[np.sign(use) == np.sign(use.sum())]
        lead = of_its_sign.abs().idxmax()
        found = told.loc[(f"a{row:04}", "use")]
        assert found["feature"] == lead
        assert found["value"] == frame.loc[row, lead]
        assert found["rung"] == "consumption"


def test_rows_at_once_do_not_matter(scorer: Scorer, frame: pd.DataFrame) -> None:
    whole = ideas(scorer, frame, catalogue())
    pd.testing.assert_frame_equal(whole, ideas(scorer, frame, catalogue(), rows_at_once=130))


def test_whichever_way_they_are_worked_out_only_last_digits_differ(
    scorer: Scorer, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_lightgbm = ideas(scorer, frame, catalogue())
    monkeypatch.setattr(contributions, "FEWEST", 1)
    looked_up = ideas(scorer, frame, catalogue())
    assert (looked_up["contribution"] != by_lightgbm["contribution"]).any()
    np.testing.assert_allclose(looked_up["contribution"], by_lightgbm["contribution"], rtol=0, atol=1e-12)
    same = [name for name in looked_up.columns if name != "contribution"]
    pd.testing.assert_frame_equal(looked_up[same], by_lightgbm[same], check_exact=True)
    in_chunks = ideas(scorer, frame, catalogue(), rows_at_once=130)
    pd.testing.assert_frame_equal(looked_up, in_chunks, check_exact=True)


def test_it_is_told_how_many_rows_are_explained(scorer: Scorer, frame: pd.DataFrame) -> None:
    seen: list[tuple[int, int]] = []
    ideas(scorer, frame, catalogue(), rows_at_once=400, told=lambda done, of: seen.append((done, of)))
    assert seen == [(400, 900), (800, 900), (900, 900)]


def test_no_rows_give_no_rows(scorer: Scorer, frame: pd.DataFrame) -> None:
    none = ideas(scorer, frame.iloc[:0], catalogue())
    assert none.empty
    assert list(none.columns) == ["account_id", "as_of", "idea", "rung", "feature", "contribution", "value"]


def test_a_feature_that_nobody_can_put_into_words_is_refused(scorer: Scorer, frame: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"uses others: nps\."):
        ideas(scorer, frame, [feature for feature in catalogue() if feature.name != "nps"])


def test_pairs_keep_their_product(scorer: Scorer, frame: pd.DataFrame) -> None:
    pairs = frame.head(3).assign(product=["chat", "mail", "chat"])
    told = ideas(scorer, pairs, catalogue())
    assert told["product"].tolist() == ["chat"] * 4 + ["mail"] * 4 + ["chat"] * 4

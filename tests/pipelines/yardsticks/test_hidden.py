"""How much of hidden states the features tell: states that are told, half told, not told at all, and constant."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError, RefusedError
from models.dataset import Dataset
from models.training_settings import TrainingSettings
from pipelines.yardsticks import hidden
from pipelines.yardsticks.hidden import Visible, visible
from tests.pipelines.yardsticks.worlds import DAYS

SETTINGS = TrainingSettings(resamples=200)


def company(accounts: int = 800) -> tuple[Dataset, pd.DataFrame]:
    """Two days an account; `use` and `tickets` are seen, `use` of one row in ten not."""
    random = np.random.default_rng(0)
    keys = pd.MultiIndex.from_product([[f"a{n:05}" for n in range(accounts)], DAYS], names=["account_id", "as_of"])
    frame = keys.to_frame(index=False)
    use, tickets, unseen, luck = random.normal(size=(4, len(frame)))
    states = frame.assign(
        habit=2000 + 300 * use,
        mood=np.tanh(tickets) - 0.5 * use,
        half=use + unseen,
        luck=luck,
        downturn=0.3,
    )
    seen = np.where(random.random(len(frame)) < 0.1, np.nan, use)
    rows = frame.assign(label=0.0, use=seen, tickets=tickets, nothing=np.nan)
    return Dataset("churn", ("account_id", "as_of"), rows, ("use", "tickets", "nothing")), states


@pytest.fixture(scope="module")
def found() -> Visible:
    return visible(*company(), SETTINGS)


def r_squared(found: Visible) -> dict[str, float]:
    return dict(zip(found.table["state"], found.table["r_squared"], strict=True))


def test_a_state_that_features_decide_is_told() -> None:
    test, states = company()
    whole = states["habit"].where(test.frame["use"].notna(), 2000.0)

    told = r_squared(visible(test, states.assign(habit=whole), SETTINGS))

    assert told["habit"] > 0.95


def test_what_is_missing_or_not_seen_takes_its_share(found: Visible) -> None:
    told = r_squared(found)

    assert told["habit"] == pytest.approx(0.9, abs=0.05), "one row in ten is not seen"
    assert told["half"] == pytest.approx(0.45, abs=0.08), "of the sum of two alike, one is seen"


def test_noise_is_not_told(found: Visible) -> None:
    noise = found.table.set_index("state").loc["luck"]

    assert -0.05 < noise["r_squared"] < 0.05
    assert noise["low"] <= noise["r_squared"] <= noise["high"]


def test_the_best_told_stands_first_and_what_is_constant_nowhere(found: Visible) -> None:
    assert list(found.table.columns) == ["state", "r_squared", "low", "high", "rows"]
    assert set(found.table["state"]) == {"habit", "mood", "half", "luck"}
    assert found.table["r_squared"].is_monotonic_decreasing
    assert found.constant == ("downturn",)


def test_no_account_stands_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number is its first feature, so that the regression can say whom it was given to learn from."""
    test, states = company()
    number = test.frame["account_id"].str[1:].astype(float)
    sides: list[set[float]] = []

    def seen(taught: np.ndarray, targets: np.ndarray, apart: np.ndarray, asked: np.ndarray, _: object) -> np.ndarray:
        sides.extend([set(taught[~apart, 0]), set(taught[apart, 0]), set(asked[:, 0])])
        return np.zeros((len(asked), targets.shape[1]))

    monkeypatch.setattr(hidden, "regressed", seen)
    found = visible(replace(test, frame=test.frame.assign(use=number)), states, SETTINGS)

    learned, apart, judged = sides
    assert not learned & apart
    assert not (learned | apart) & judged
    assert (len(learned | apart), len(judged)) == (found.taught, found.judged)
    assert found.taught + found.judged == 800
    assert found.taught == pytest.approx(400, abs=60)
    assert set(found.table["rows"]) == {2 * found.judged}


def test_the_same_rows_in_any_order_give_the_same_figures(found: Visible) -> None:
    test, states = company()
    shuffled = replace(test, frame=test.frame.sample(frac=1, random_state=3))

    again = visible(shuffled, states.sample(frac=1, random_state=4), SETTINGS)

    pd.testing.assert_frame_equal(again.table, found.table, check_exact=True)


def test_with_too_many_rows_whole_accounts_are_drawn_and_the_halves_stay_even(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden, "MOST_ROWS", 401)

    found = visible(*company(), SETTINGS)

    assert found.taught + found.judged == 200
    assert found.taught == pytest.approx(100, abs=30)


def test_rows_without_states_are_refused() -> None:
    test, states = company(100)

    with pytest.raises(InputError, match="3 of 200 have not"):
        visible(test, states.iloc[3:], SETTINGS)
    with pytest.raises(InputError, match="200 of 200 have not"):
        visible(test, states.assign(luck=np.inf), SETTINGS)


def test_too_little_to_tell_is_refused() -> None:
    test, states = company(30)
    with pytest.raises(RefusedError, match="20 at least on each; seen: "):
        visible(test, states, SETTINGS)

    test, states = company(100)
    with pytest.raises(RefusedError, match="of downturn none does"):
        visible(test, states[["account_id", "as_of", "downturn"]], SETTINGS)


def test_it_is_written_as_json(found: Visible) -> None:
    content = json.loads(json.dumps(found.as_json(), allow_nan=False))

    assert content["outcome"] == "churn"
    assert content["constant"] == ["downturn"]
    assert content["table"][0]["state"] == found.table["state"].iloc[0]
    assert set(content["table"][0]) == {"state", "r_squared", "low", "high", "rows"}

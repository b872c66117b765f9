"""A scorer gives the same probabilities after a round trip, sums to its log-odds and refuses foreign features."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.scorer import Scorer, ScorerError, expit

FEATURES = ("events_28d", "errors_28d", "recency_days")


def frame_of(rows: int = 300, seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(rows, len(FEATURES)))
    values[::7, 1] = np.nan
    return pd.DataFrame(values, columns=list(FEATURES))


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    import lightgbm

    frame = frame_of()
    label = (frame["events_28d"] + np.random.default_rng(1).normal(size=len(frame)) < -0.5).astype(float)
    data = lightgbm.Dataset(frame.to_numpy(), label=label, params={"feature_pre_filter": False, "verbosity": -1})
    booster = lightgbm.train(
        {"objective": "binary", "verbosity": -1, "num_leaves": 7, "num_threads": 1, "deterministic": True},
        data,
        num_boost_round=15,
    )
    return Scorer("churn", FEATURES, booster.model_to_string(), float(label.mean()), slope=0.8, intercept=-0.2)


def test_a_saved_scorer_gives_the_same_scores_and_the_same_bytes(scorer: Scorer, tmp_path: Path) -> None:
    scorer.save(tmp_path / "a")
    loaded = Scorer.load(tmp_path / "a")
    loaded.save(tmp_path / "b")

    assert loaded == scorer
    assert loaded.digest == scorer.digest
    assert len(scorer.digest) == 12
    np.testing.assert_array_equal(loaded.probability(frame_of()), scorer.probability(frame_of()))
    for name in ("model.txt", "scorer.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_contributions_sum_to_the_calibrated_log_odds(scorer: Scorer) -> None:
    added = scorer.contributions(frame_of())

    assert added.shape == (300, 4)
    np.testing.assert_allclose(added.sum(axis=1), scorer.log_odds(frame_of()), atol=1e-12)
    np.testing.assert_allclose(scorer.log_odds(frame_of()), 0.8 * scorer.raw(frame_of()) - 0.2, atol=0)
    np.testing.assert_allclose(scorer.probability(frame_of()), expit(scorer.log_odds(frame_of())), atol=0)


def test_columns_are_found_by_name_not_by_place(scorer: Scorer) -> None:
    swapped = frame_of()[["recency_days", "events_28d", "errors_28d"]]

    np.testing.assert_array_equal(scorer.probability(swapped), scorer.probability(frame_of()))


def test_whole_numbers_and_missing_ones_are_taken_as_doubles(scorer: Scorer) -> None:
    frame = pd.DataFrame(
        {"events_28d": [1, 2], "errors_28d": pd.array([None, 1], dtype="Int64"), "recency_days": [True, False]}
    )

    assert scorer.matrix(frame).tolist()[1] == [2.0, 1.0, 0.0]
    assert np.isnan(scorer.matrix(frame)[0, 1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="errors_28d"), "missing: errors_28d; unexpected: none"),
        (lambda f: f.assign(account_id=1.0), "missing: none; unexpected: account_id"),
        (lambda f: f.rename(columns={"events_28d": "events_7d"}), "missing: events_28d; unexpected: events_7d"),
        (lambda f: pd.concat([f, f[["events_28d"]]], axis=1), "given twice: events_28d"),
        (lambda f: f.assign(events_28d="many"), "these are not: events_28d"),
    ],
)
def test_foreign_features_are_refused_by_name(scorer: Scorer, change, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ScorerError, match=words):
        scorer.probability(change(frame_of()))


def test_no_rows_give_no_scores(scorer: Scorer) -> None:
    empty = frame_of().head(0)

    assert scorer.probability(empty).shape == (0,)
    assert scorer.contributions(empty).shape == (0, 4)


def test_a_probability_lies_between_what_the_calibrators_errors_allow(scorer: Scorer) -> None:
    frame = frame_of()
    assert scorer.interval(frame) is None
    raw = scorer.raw(frame)
    unsure = replace(scorer, variance=(0.04, 0.01, 0.09))
    low, high = unsure.interval(frame) or (np.nan, np.nan)
    error = 1.959963984540054 * np.sqrt(0.04 * raw**2 + 2 * 0.01 * raw + 0.09)

    np.testing.assert_allclose(np.log(low / (1 - low)), scorer.log_odds(frame) - error)
    np.testing.assert_allclose(np.log(high / (1 - high)), scorer.log_odds(frame) + error)
    assert unsure.digest != scorer.digest


def test_how_sure_it_is_is_saved_with_it(scorer: Scorer, tmp_path: Path) -> None:
    unsure = replace(scorer, variance=(0.04, 0.01, 0.09))
    unsure.save(tmp_path)
    assert Scorer.load(tmp_path) == unsure


@pytest.mark.parametrize("change", [{"slope": 0.0}, {"slope": -1.0}, {"intercept": np.nan}, {"base_rate": 0.0}])
def test_a_calibrator_that_turns_the_order_round_is_refused(scorer: Scorer, change: dict[str, float]) -> None:
    with pytest.raises(ScorerError):
        replace(scorer, **change)  # type: ignore[arg-type]


def test_the_digest_changes_with_whatever_decides_a_score(scorer: Scorer) -> None:
    others = [replace(scorer, slope=0.9), replace(scorer, intercept=0.0), replace(scorer, outcome="upgrade")]

    assert len({scorer.digest, *(other.digest for other in others)}) == 4


def test_changed_files_are_noticed(scorer: Scorer, tmp_path: Path) -> None:
    scorer.save(tmp_path)
    settings = json.loads((tmp_path / "scorer.json").read_text())
    (tmp_path / "scorer.json").write_text(json.dumps({**settings, "intercept": 1.0}))
    with pytest.raises(ScorerError, match="The files were changed"):
        Scorer.load(tmp_path)

    (tmp_path / "scorer.json").write_text("{")
    with pytest.raises(ScorerError, match="JSONDecodeError"):
        Scorer.load(tmp_path)

    (tmp_path / "model.txt").unlink()
    with pytest.raises(ScorerError):
        Scorer.load(tmp_path)


def test_extreme_log_odds_do_not_overflow() -> None:
    assert expit(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]

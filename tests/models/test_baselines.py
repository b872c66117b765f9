"""Baselines are fitted on the days before the test, and each looks at what its name says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.outcomes.sample import drawn_accounts
from models.baselines import baseline_probabilities, best_feature, varied_features
from models.dataset import Dataset
from tests.models.synthetic import IDEAS, synthetic_rows


@pytest.fixture(scope="module")
def parts() -> tuple[Dataset, Dataset]:
    rows = synthetic_rows()
    return rows.at(rows.as_ofs[:6]), rows.at(rows.as_ofs[6:])


def changed(rows: Dataset, **columns: object) -> Dataset:
    return Dataset(rows.outcome, rows.keys, rows.frame.assign(**columns), rows.features)


def test_each_gives_a_probability_a_row(parts: tuple[Dataset, Dataset]) -> None:
    found = baseline_probabilities(*parts, IDEAS)

    assert list(found) == ["prevalence", "best_single_feature", "logistic_regression", "contract_only"]
    for probabilities in found.values():
        assert probabilities.shape == (600,)
        assert ((probabilities > 0) & (probabilities < 1)).all()
    assert set(found["prevalence"]) == {parts[0].labels.mean()}


def test_contract_only_looks_at_the_contract_only(parts: tuple[Dataset, Dataset]) -> None:
    train, test = parts
    found = baseline_probabilities(train, test, IDEAS)
    without_use = changed(test, events_28d=0.0, recency=0.0, idle=0.0)

    np.testing.assert_array_equal(
        found["contract_only"], baseline_probabilities(train, without_use, IDEAS)["contract_only"]
    )
    assert "contract_only" not in baseline_probabilities(train, test, {})


def test_the_best_feature_is_chosen_on_training_rows_either_way_round(parts: tuple[Dataset, Dataset]) -> None:
    train, test = parts
    assert best_feature(train, list(train.features)) == "recency"
    assert best_feature(changed(train, idle=-train.labels), list(train.features)) == "idle"

    one = baseline_probabilities(train, test, IDEAS)["best_single_feature"]
    known = test.frame["recency"].notna().to_numpy()
    order = np.argsort(test.frame["recency"][known].to_numpy())
    assert (np.diff(one[known][order]) >= 0).all()
    assert len(set(one[~known])) == 1


def test_logistic_regression_is_that_of_scikit_learn_on_standardised_values() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rows = synthetic_rows()
    rows = changed(rows, recency=rows.frame["recency"].fillna(0).clip(upper=30), mrr=rows.frame["mrr"].clip(upper=100))
    train, test = rows.at(rows.as_ofs[:6]), rows.at(rows.as_ofs[6:])
    scaler = StandardScaler().fit(train.matrix)
    theirs = LogisticRegression(tol=1e-8).fit(scaler.transform(train.matrix), train.labels)

    np.testing.assert_allclose(
        baseline_probabilities(train, test, {})["logistic_regression"],
        theirs.predict_proba(scaler.transform(test.matrix))[:, 1],
        atol=2e-4,
    )


def test_a_value_that_is_missing_only_later_still_gets_a_probability(parts: tuple[Dataset, Dataset]) -> None:
    train, test = parts
    later = changed(test, events_28d=np.nan, mrr=1e12)

    for probabilities in baseline_probabilities(train, later, IDEAS).values():
        assert np.isfinite(probabilities).all()


def test_features_that_never_differ_are_left_out(parts: tuple[Dataset, Dataset]) -> None:
    flat = changed(parts[0], idle=np.nan, mrr=3.0)

    assert varied_features(flat) == ["events_28d", "recency"]
    half_known = pd.Series([1.0, np.nan] * (len(parts[0]) // 2))
    assert "idle" in varied_features(changed(parts[0], idle=half_known))


def test_many_rows_are_fitted_on_a_sample_of_whole_accounts(
    parts: tuple[Dataset, Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = parts
    monkeypatch.setattr("models.baselines.FIT_ROWS", 600)
    found = baseline_probabilities(train, test, IDEAS)

    kept = drawn_accounts(dict.fromkeys(train.frame["account_id"], 6), 600)
    assert len(kept) == 100
    fewer = replace(train, frame=train.frame[train.frame["account_id"].isin(kept)].reset_index(drop=True))
    np.testing.assert_array_equal(
        found["logistic_regression"], baseline_probabilities(fewer, test, IDEAS)["logistic_regression"]
    )
    assert set(found["prevalence"]) == {train.labels.mean()}

"""Each guard against leaks: what it catches, and that it is silent about the procedure whose models are published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from features.guards.finding import Finding
from models.apart import days_apart, twins
from models.cohorts import drift, stability, whole_cohort
from models.dataset import Dataset
from models.dependence import dependence, dependent_rows, shared_outcomes
from models.evaluation import Interval
from models.leaks import halves, inspect
from models.procedure import Fitted, digest_of, published
from models.sealed import sealed
from models.served import silent, unlike
from models.telltale import ordering, telltale
from models.training_settings import TrainingSettings
from tests.models.synthetic import CHURN, synthetic_rows

QUICK = TrainingSettings(num_leaves=(4,), learning_rate=0.1, resamples=200, minimum_calibration=20)
FEATURES = ("events_28d", "recency", "mrr", "idle")


@pytest.fixture(scope="module")
def rows() -> Dataset:
    return synthetic_rows(accounts=400, as_ofs=9)


@pytest.fixture(scope="module")
def fitted(rows: Dataset) -> Fitted:
    return published(CHURN, QUICK)(rows)


def with_frame(dataset: Dataset, frame: pd.DataFrame) -> Dataset:
    return replace(dataset, frame=frame.reset_index(drop=True))


def with_feature(dataset: Dataset, name: str, values: object) -> Dataset:
    return replace(dataset, frame=dataset.frame.assign(**{name: values}), features=(*dataset.features, name))


def places(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{finding.guard}: {finding.place}" for finding in findings]


def test_every_guard_is_silent_about_the_published_procedure(rows: Dataset) -> None:
    _, found = inspect(published(CHURN, QUICK), rows, rows.frame, CHURN.horizon)
    assert found == ()


# sealed test


def test_a_procedure_that_keeps_to_training_is_sealed(rows: Dataset, fitted: Fitted) -> None:
    def fit(dataset: Dataset) -> str:
        return digest_of(dataset.at(fitted.taught.as_ofs).digest)

    assert sealed(fit, rows, fitted.judged.frame) == ()


@pytest.mark.parametrize(
    ("learned", "what"),
    [
        (lambda frame: frame["mrr"].median(), "values"),
        (lambda frame: frame["label"].mean(), "labels"),
        (lambda frame: frame.groupby(frame["recency"] > 8)["label"].mean().tolist(), "labels and values"),
    ],
)
def test_whatever_is_learned_from_all_rows_is_caught(rows: Dataset, fitted: Fitted, learned: object, what: str) -> None:
    def fit(dataset: Dataset) -> str:
        return digest_of(learned(dataset.frame))  # type: ignore[operator]

    (finding,) = sealed(fit, rows, fitted.judged.frame)
    assert f"with the {what} of its {len(fitted.judged)} test rows edited" in finding.message
    assert finding.figure == len(fitted.judged)


# days apart, twins


def test_training_that_ends_too_late_is_caught(rows: Dataset) -> None:
    first, second, third = rows.as_ofs[:3]
    assert days_apart(rows.at([first]), rows.at([second]), CHURN.horizon) == ()
    (finding,) = days_apart(rows.at([first, second]), rows.at([third]), replace(CHURN.horizon, confirm=14))
    assert (finding.place, finding.figure) == ("as_of", 28.0)


def test_rows_that_teach_and_judge_are_caught(rows: Dataset) -> None:
    found = days_apart(rows, rows.at(rows.as_ofs[-1:]), CHURN.horizon)
    assert [(finding.place, finding.figure) for finding in found] == [("as_of", 0.0), ("account_id, as_of", 400.0)]


def test_accounts_under_two_ids_are_twins(fitted: Fitted) -> None:
    test = fitted.judged.frame
    copies = test[test.index < 60].assign(account_id=lambda frame: "again " + frame["account_id"])
    copies["as_of"] = pd.Timestamp(fitted.taught.as_ofs[-1])
    copies = copies.drop_duplicates(["account_id"])
    taught = with_frame(fitted.taught, pd.concat([fitted.taught.frame, copies]))
    (finding,) = twins(taught, fitted.judged)
    assert 0.9 * len(copies) / len(test) < finding.figure <= len(copies) / len(test)  # a few have ordinary features
    assert "a0000 and again a0000" in finding.message


def test_accounts_that_look_alike_because_they_do_nothing_are_no_twins(fitted: Fitted) -> None:
    quiet = {"events_28d": 0.0, "recency": np.nan, "idle": 0.0}
    still = fitted.taught.frame["account_id"].lt("a0200"), fitted.judged.frame["account_id"].lt("a0200")
    taught, judged = (
        with_frame(part, part.frame.assign(**{name: part.frame[name].mask(who, v) for name, v in quiet.items()}))
        for part, who in zip((fitted.taught, fitted.judged), still, strict=True)
    )
    assert twins(taught, judged) == ()


# telltale


def test_the_outcome_as_a_feature_is_caught(fitted: Fitted) -> None:
    random = np.random.default_rng(1)
    parts = [
        with_feature(part, "closed", np.where(random.random(len(part)) < 0.02, 1 - part.labels, part.labels))
        for part in (fitted.taught, fitted.judged)
    ]
    (finding,) = telltale(*parts, fitted.gain)
    assert finding.place == "closed"
    assert "is the AUC of its value alone" in finding.message


@pytest.mark.parametrize(
    ("emptied", "what"),
    [(0.7, "is the AUC of its being missing alone"), (0.2, "of the rows in which it is (or is not) missing")],
)
def test_a_field_that_is_emptied_when_the_outcome_comes_is_caught(fitted: Fitted, emptied: float, what: str) -> None:
    random = np.random.default_rng(1)
    parts = [
        with_feature(part, "contact", np.where((part.labels == 1) & (random.random(len(part)) < emptied), np.nan, 1.0))
        for part in (fitted.taught, fitted.judged)
    ]
    (finding,) = telltale(*parts, fitted.gain)
    assert finding.place == "contact"
    assert what in finding.message


def test_a_feature_with_nearly_all_the_gain_is_caught(fitted: Fitted) -> None:
    gain = pd.Series([90.0, 4.0, 3.0, 2.0, 1.0], index=["only", *FEATURES])
    (finding,) = telltale(fitted.taught, fitted.judged, gain)
    assert (finding.place, finding.figure) == ("only", 0.9)


def test_a_strong_honest_feature_passes(fitted: Fitted) -> None:
    values = fitted.judged.frame["recency"].fillna(10).to_numpy()
    assert ordering(values, fitted.judged.labels) > 0.6
    assert telltale(fitted.taught, fitted.judged, fitted.gain) == ()


# whole cohort, drift


def test_members_left_out_are_caught(rows: Dataset, fitted: Fitted) -> None:
    assert whole_cohort(fitted.judged, rows.frame) == ()
    kept = fitted.judged.frame[fitted.judged.frame["events_28d"] != 4]
    (finding,) = whole_cohort(with_frame(fitted.judged, kept), rows.frame)
    assert finding.place == "members left out"
    assert finding.figure == pytest.approx(1 - len(kept) / len(fitted.judged))


def test_rows_that_are_no_members_are_caught(rows: Dataset, fitted: Fitted) -> None:
    cohort = rows.frame[rows.frame["account_id"] != "a0007"]
    (finding,) = whole_cohort(fitted.judged, cohort)
    assert (finding.place, finding.figure) == ("rows that are no members", pytest.approx(1 / 400))


def test_a_declared_sample_has_to_be_even(rows: Dataset, fitted: Fitted) -> None:
    test = fitted.judged.frame
    even = test[np.random.default_rng(1).random(len(test)) < 0.5]
    assert whole_cohort(with_frame(fitted.judged, even), rows.frame, share=0.5) == ()
    leaning = test[(test["label"] == 1) | (np.random.default_rng(1).random(len(test)) < 0.3)]
    (finding,) = whole_cohort(with_frame(fitted.judged, leaning), rows.frame, share=len(leaning) / len(test))
    assert finding.place == "declared sample"


def test_a_side_that_is_not_like_everybody_drifts(rows: Dataset, fitted: Fitted) -> None:
    assert drift(fitted.taught, fitted.judged, rows) == ()
    few = fitted.judged.frame[fitted.judged.frame["mrr"] > 20]
    (finding,) = drift(fitted.taught, with_frame(fitted.judged, few), rows)
    assert (finding.guard, finding.place) == ("drift", "mrr")
    assert "The judged rows" in finding.message


def test_a_world_that_changes_is_no_drift(rows: Dataset, fitted: Fitted) -> None:
    late = rows.frame["as_of"] >= pd.Timestamp(fitted.judged.as_ofs[0])
    dearer = with_frame(rows, rows.frame.assign(mrr=rows.frame["mrr"].mask(late, rows.frame["mrr"] * 3)))
    half = dearer.frame["account_id"].str[-1].isin(list("13579"))
    taught, judged = (
        with_frame(dearer, dearer.frame[half & dearer.frame["as_of"].isin(part.frame["as_of"])])
        for part in (fitted.taught, fitted.judged)
    )
    assert drift(taught, judged, dearer) == ()


def test_what_taught_and_is_silent_when_scored_is_caught(rows: Dataset) -> None:
    labelled, scored = rows.at(rows.as_ofs[:-1]), rows.at(rows.as_ofs[-1:])
    assert silent(labelled, scored) == ()
    filled_in_later = with_frame(scored, scored.frame.assign(recency=np.nan))
    (finding,) = silent(labelled, filled_in_later)
    assert (finding.guard, finding.place, finding.figure) == ("silent when scored", "recency", 0.0)
    assert finding.features == ("recency",)
    stopped = with_frame(scored, scored.frame.assign(events_28d=rows.frame["events_28d"].mode().iloc[0]))
    assert places(silent(labelled, stopped)) == ["silent when scored: events_28d"]


def test_a_feature_that_changes_with_the_world_is_not_silent(rows: Dataset) -> None:
    labelled, scored = rows.at(rows.as_ofs[:-1]), rows.at(rows.as_ofs[-1:])
    assert silent(labelled, with_frame(scored, scored.frame.assign(mrr=scored.frame["mrr"] * 3))) == ()


@pytest.mark.parametrize(("name", "in_unit"), [("mrr", 100.0), ("recency", 24.0)])
def test_values_that_are_scored_in_another_unit_are_caught(rows: Dataset, name: str, in_unit: float) -> None:
    labelled, scored = rows.at(rows.as_ofs[:-1]), rows.at(rows.as_ofs[-1:])
    assert unlike(labelled, scored) == ()
    (finding,) = unlike(labelled, with_frame(scored, scored.frame.assign(**{name: scored.frame[name] * in_unit})))
    assert (finding.guard, finding.place, finding.features) == ("unlike when scored", name, (name,))
    assert finding.figure > 2
    assert "between two days with labels it was 0." in finding.seen


def test_a_world_that_changes_is_not_unlike(rows: Dataset) -> None:
    labelled, scored = rows.at(rows.as_ofs[:-1]), rows.at(rows.as_ofs[-1:])
    assert unlike(labelled, with_frame(scored, scored.frame.assign(mrr=scored.frame["mrr"] * 1.2))) == ()


def test_what_moved_as_far_before_is_not_unlike(rows: Dataset) -> None:
    """A number that counts the days since something that all have in common lies elsewhere on each day."""
    day = rows.frame["as_of"].rank(method="dense")
    grown = with_feature(rows, "age_of_the_product", 28.0 * day + rows.frame["recency"].rank(pct=True))
    labelled, scored = grown.at(grown.as_ofs[:-1]), grown.at(grown.as_ofs[-1:])
    assert unlike(labelled, scored) == ()
    assert places(unlike(labelled.at(labelled.as_ofs[-1:]), scored)) == []


def test_what_is_silent_is_not_named_again(rows: Dataset) -> None:
    labelled, scored = rows.at(rows.as_ofs[:-1]), rows.at(rows.as_ofs[-1:])
    emptied = with_frame(scored, scored.frame.assign(recency=np.nan))
    assert places(silent(labelled, emptied)) == ["silent when scored: recency"]
    assert unlike(labelled, emptied) == ()


def test_without_time_the_telltale_is_looked_for_in_either_half_of_the_accounts(rows: Dataset) -> None:
    one_day = rows.at(rows.as_ofs[:1])
    assert halves(one_day) == ()
    (finding,) = halves(with_feature(one_day, "closed", one_day.labels))
    assert (finding.guard, finding.place, finding.figure) == ("telltale", "closed", 1.0)


def test_the_stability_index_is_the_sum_over_bins() -> None:
    one = pd.Series([0.0] * 49 + [1.0] * 49)
    other = pd.Series([0.0] * 19 + [1.0] * 79)
    # half a row in each of five bins: below 0, from 0, from the median of 0.5, from 1, missing
    p, q = np.array([0.5, 49.5, 0.5, 49.5, 0.5]) / 100.5, np.array([0.5, 19.5, 0.5, 79.5, 0.5]) / 100.5
    assert stability(one, other) == pytest.approx(float(((q - p) * np.log(q / p)).sum()))


# dependent rows


def test_horizons_seen_from_both_sides_are_caught(rows: Dataset, fitted: Fitted) -> None:
    random = np.random.default_rng(2).random(len(rows)) < 0.5
    taught, judged = (with_frame(rows, rows.frame[part]) for part in (random, ~random))
    overlapping = replace(CHURN.horizon, days=56)
    assert shared_outcomes(fitted.taught, fitted.judged, CHURN.horizon) == 0
    assert shared_outcomes(taught, judged, overlapping) > 0.5
    shuffled = replace(fitted, taught=taught, judged=judged, probabilities=np.full(len(judged), 0.5))
    assert "dependent rows: accounts on both sides" in places(dependent_rows(shuffled, overlapping))


def test_an_interval_that_resamples_rows_is_caught_where_accounts_recur(fitted: Fitted) -> None:
    again = [fitted.judged.frame.assign(as_of=lambda frame, d=d: frame["as_of"] + timedelta(days=d)) for d in range(6)]
    judged = with_frame(fitted.judged, pd.concat(again))
    recurring = replace(fitted, judged=judged, probabilities=np.tile(fitted.probabilities, 6))
    seen = dependence(recurring.judged, recurring.probabilities)
    assert seen.recurs
    by_row = replace(recurring, stated=seen.by_row)
    by_account = replace(recurring, stated=seen.by_account)
    assert places(dependent_rows(by_row, CHURN.horizon)) == ["dependent rows: stated interval"]
    assert dependent_rows(by_account, CHURN.horizon) == ()


def test_judging_anew_states_what_it_sees(fitted: Fitted) -> None:
    kept = fitted.judged.frame["account_id"].lt("a0200").to_numpy()
    anew = fitted.judged_anew(kept, resamples=100)
    assert len(anew.judged) == len(anew.probabilities) == kept.sum()
    assert isinstance(anew.stated, Interval)
    assert anew.digest == fitted.digest
    assert anew.judged.as_ofs[0] > date(2024, 1, 1)

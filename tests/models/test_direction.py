"""Which way a number is better, and what it says that one is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from features.clock import Window
from features.feature import Distinct, Feature, Part, Rank, Recency, Score, State, Total, Value
from features.library.catalogue import LIBRARY
from models.direction import WAYS, absence_of, better_of


def total(name: str, days: int | None = 28, lag: int = 0) -> Total:
    return Total("use", name, Window(days, lag))


def people(days: int) -> Distinct:
    return Distinct("use", "people", Window(days))


def feature(name: str, value: Value, **more: Any) -> Feature:
    return Feature(name, value, "count", "use", "consumption", "service", "x", **more)


SCORES = (
    feature(
        "score",
        Score(
            (
                Part("days", Rank(total("days")), higher_is_better=True),
                Part("since", Rank(Recency("use", "days")), higher_is_better=False),
                Part("people", Rank(people(28)), higher_is_better=True),
                Part("errors", Rank(total("errors") / total("days")), higher_is_better=False),
            )
        ),
    ),
)


@pytest.mark.parametrize(
    ("value", "way"),
    [
        pytest.param(total("days", 91), 1, id="over any other window"),
        pytest.param(Rank(total("days", 7)), 1, id="for its rank"),
        pytest.param(total("errors", 91), -1, id="what a share counts"),
        pytest.param(total("days") / total("days", lag=28), 1, id="beside an earlier time"),
        pytest.param(
            total("days") / (total("days", 336, 28) / State("past", "stretches")), 1, id="beside its own mean"
        ),
        pytest.param(
            Recency("use", "days") / (State("past", "days") / total("days", 364)), -1, id="a pause beside those"
        ),
        pytest.param(total("errors", 91) - total("errors", 91, 91), -1, id="a change"),
        pytest.param(people(91) - people(28), -1, id="those who were lost"),
        pytest.param(people(28) / people(91), 1, id="those who were kept"),
        pytest.param(Recency("use", "errors"), 0, id="how long ago is another measure"),
        pytest.param(total("days") / total("errors"), 0, id="one thing beside another"),
        pytest.param(State("plan", "tier"), 0, id="of which nobody says so"),
    ],
)
def test_which_way_it_is_better_follows_from_scores_and_from_what_it_is_made_of(value: Value, way: int) -> None:
    assert better_of((*SCORES, feature("one", value))).get("one", 0) == way


def test_a_record_may_say_so_itself() -> None:
    found = better_of(
        (feature("open", State("tickets", "open"), better="less"), feature("tier", State("plan", "tier")))
    )
    assert found == {"open": -1.0}


def test_no_record_of_the_catalogue_contradicts_what_follows_from_the_scores() -> None:
    said = {feature.name: WAYS[feature.better] for feature in LIBRARY.features if feature.better is not None}
    follows = better_of([replace(feature, better=None) for feature in LIBRARY.features])
    assert said
    assert {name: follows[name] for name in said if name in follows} == {
        name: way for name, way in said.items() if name in follows
    }


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param(Recency("use", "days"), -1, id="never used"),
        pytest.param(Recency("use", "praise"), 0, id="never happened: no more than that"),
        pytest.param(people(28) / people(91), -1, id="nobody there"),
        pytest.param(total("errors", 91) / total("days", 91), -1, id="no use to fail"),
        pytest.param(total("hours") / total("errors"), 1, id="nothing failed"),
        pytest.param(total("days") / total("days", lag=28), None, id="nothing then, to compare with"),
        pytest.param(total("points") / total("answers"), None, id="nobody says whether answers are good"),
        pytest.param(State("plan", "price"), None, id="not known"),
        pytest.param(Rank(Recency("use", "days")), None, id="no peers, or nothing to rank"),
    ],
)
def test_what_a_missing_value_says(value: Value, says: int | None) -> None:
    assert absence_of((*SCORES, feature("one", value))).get("one") == says


def test_a_record_says_too_what_it_means_that_it_never_happened() -> None:
    assert absence_of((*SCORES, feature("met", Recency("contacts", "meeting"), better="less"))) == {"met": -1.0}


def test_what_may_not_be_known_says_nothing_by_its_absence() -> None:
    one = feature("one", people(28) / people(91), missing="unknown")
    assert absence_of((*SCORES, one)) == {}

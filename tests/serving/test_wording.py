"""What numbers and reasons look like to the person who reads the list."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.feature import Feature, State, Unit
from serving.pages.columns import chances
from serving.wording import chance, chance_of, number, reason_text, tenths


def feature(phrase: str, unit: Unit = "count", **more: Any) -> Feature:
    return Feature(
        name="active_days_28d",
        value=State("consumption", "days"),
        unit=unit,
        idea="use",
        rung="consumption",
        purpose="service",
        phrase=phrase,
        **more,
    )


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (3.0, "count", "3"),
        (10.5, "count", "10.5"),
        (1234567.0, "count", "1,234,567"),
        (-0.01, "count", "0"),
        (12.0, "days", "12 days"),
        (0.123, "share", "12%"),
        (0.05, "share", "5%"),
        (0.034, "share", "3.4%"),
        (0.004, "share", "0.4%"),
        (0.0001, "share", "under 0.1%"),
        (0.9999, "share", "over 99.9%"),
        (0.997, "share", "99.7%"),
        (1.0, "share", "100%"),
        (0.0, "share", "0%"),
        (-0.25, "share", "-25%"),
        (1250.4, "money", "EUR 1,250"),
        (12.5, "money", "EUR 12.50"),
        (12.0, "money", "EUR 12"),
        (-3.25, "money", "EUR -3.25"),
        (0.4234, "ratio", "0.42"),
        (1.5, "ratio", "1.5"),
        (2.0, "ratio", "2"),
        (0.0, "ratio", "0"),
        (17.26, "ratio", "17.3"),
        (1234.5, "quantity", "1,234"),
        (0.00000001, "quantity", "0"),
        (7.75, "hours", "7.8 hours"),
        (6.0, "months", "6 months"),
        (8.5, "points", "8.5"),
        (1.0, "flag", "yes"),
        (0.0, "flag", "no"),
    ],
)
def test_number(value: float, unit: Unit, text: str) -> None:
    assert number(value, unit, "EUR") == text


@settings(max_examples=100, deadline=None)
@given(
    value=st.floats(-1e12, 1e12),
    unit=st.sampled_from(["count", "days", "share", "ratio", "money", "points", "quantity", "flag", "hours", "months"]),
)
def test_every_number_has_short_words(value: float, unit: Unit) -> None:
    text = number(value, unit, "EUR")
    assert text
    assert "e+" not in text
    assert text != "-0"
    assert len(text) < 30


@pytest.mark.parametrize(
    ("value", "usual", "others", "text"),
    [
        (3, 11, 9, "Active days fell to 3 in the last 28 (usually 11)"),
        (14, 11, 9, "Active days rose to 14 in the last 28 (usually 11)"),
        (11, 11, 9, "Active days stayed at 11 in the last 28 (others: 9)"),
        (11, 11, 11, "Active days stayed at 11 in the last 28 (as usual)"),
        (11, 11, None, "Active days stayed at 11 in the last 28 (as usual)"),
        (3, None, 11, "Active days came to 3 in the last 28 (others: 11)"),
        (3, None, None, "Active days came to 3 in the last 28"),
        (11.5, 11, 9, "Active days stayed at 11.5 in the last 28 (others: 9)"),  # within 5 % nothing moved
        (10, None, 10.2, "Active days came to 10 in the last 28 (as others)"),
        (12, 9, 20, "Active days came to 12 in the last 28 (others: 20)"),  # up, and yet few
        (12, 20, 9, "Active days came to 12 in the last 28 (others: 9)"),  # down, and yet many
        (12, 20, 12, "Active days fell to 12 in the last 28 (usually 20)"),
        (0, 0, 0, "Active days stayed at 0 in the last 28 (as usual)"),
    ],
)
def test_what_moved_is_told_against_what_is_usual(
    value: float, usual: float | None, others: float | None, text: str
) -> None:
    assert reason_text(feature("Active days {moved} {value} in the last 28"), value, usual, others) == text


def test_one_is_singular() -> None:
    assert reason_text(feature("Last used {value} ago", "days"), 1, 21, None) == "Last used 1 day ago (usually 21 days)"
    assert reason_text(feature("{value} open tickets"), 1, None, None) == "1 open ticket"
    assert reason_text(feature("{value} ago", "days"), 34, 1, None) == "34 days ago (usually 1 day)"
    assert reason_text(feature("{value}", "days"), 21, None, None) == "21 days"
    assert reason_text(feature("{value}", "hours"), 0.1, None, None) == "0.1 hours"


def test_a_phrase_that_names_the_unit_itself_does_not_get_it_twice() -> None:
    assert reason_text(feature("Last used {value} days ago", "days"), 34, None, None) == "Last used 34 days ago"


def test_money_names_the_currency() -> None:
    spend = feature("Spend {moved} {value} in the last 91 days", "money")
    assert reason_text(spend, 120, 1250, None, "EUR") == "Spend fell to EUR 120 in the last 91 days (usually EUR 1,250)"


def test_what_is_missing_has_its_own_words() -> None:
    score = feature("Satisfaction {moved} {value}", "points", missing_phrase="No satisfaction answer so far")
    assert reason_text(score, math.nan, 8, 7) == "No satisfaction answer so far"
    assert reason_text(feature("x {value}"), math.nan, None, None) == "Nothing is known of active days 28d"


def test_a_day_ahead_is_held_against_nothing() -> None:
    renewal = feature("The next renewal is {value} away", "days")
    assert reason_text(renewal, 24, 178, 26) == "The next renewal is 24 days away"


@pytest.mark.parametrize(
    ("probability", "kept", "shown"),
    [
        (0.123499, 123, "12.3%"),
        (0.12345, 123, "12.3%"),  # 12.35 when it is rounded twice, and then 12.4
        (0.1235, 124, "12.4%"),
        (0.35, 350, "35.0%"),
        (0.0004, 0, "under 0.1%"),
        (0.9996, 1000, "over 99.9%"),
    ],
)
def test_a_chance_is_rounded_once_and_to_the_same_digits_in_words_and_on_the_page(
    probability: float, kept: int, shown: str
) -> None:
    assert tenths(probability) == kept
    assert chance(probability) == chance_of(kept) == shown
    assert chances(pd.Series([probability, float("nan")])) == [kept, None]

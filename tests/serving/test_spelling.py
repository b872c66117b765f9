"""Numbers and days in a text, in all their spellings."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.spelling import Amount, Day, written


def read(text: str) -> list[str]:
    """Each place with its readings: `12 % = 12%`, `Q3 = ?`."""
    return [
        f"{text[place.start : place.end]} = {' or '.join(map(_shown, place.readings)) or '?'}"
        for place in written(text)
    ]


def _shown(reading: Amount | Day) -> str:
    if isinstance(reading, Day):
        return "-".join("." if part is None else str(part) for part in (reading.year, reading.month, reading.day))
    return f"{reading.sign}{reading.value.normalize():f}{'%' if reading.percent else ''}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234 of 1.234, 1 234 or 1\u202f234", ["1,234 = 1234", "1.234 = 1234", "1 234 = 1234", "1\u202f234 = 1234"]),
        ("1'234'567.8 and 1.234.567,8", ["1'234'567.8 = 1234567.8", "1.234.567,8 = 1234567.8"]),
        ("12.5 %, 12,5% or 12.5 percent", ["12.5 % = 12.5%", "12,5% = 12.5%", "12.5 percent = 12.5%"]),
        ("9 percentage points", ["9 = 9"]),
        ("by -5 or +5 points, \u22125", ["-5 = -5", "+5 = +5", "\u22125 = -5"]),
        ("3-5 users, 12%\u201315%", ["3 = 3", "5 = 5", "12% = 12%", "15% = 15%"]),
        ("24-hour, T-123 (28)", ["24 = 24", "123 = 123", "28 = 28"]),
        (
            "25k, 1.2m, 25 thousand, 1.2 million",
            ["25k = 25000", "1.2m = 1200000", "25 thousand = 25000", "1.2 million = 1200000"],
        ),
        ("3x, 24h, 3rd", ["3x = 3", "24h = 24", "3rd = 3"]),
        ("0.276 is 0,276", ["0.276 = 0.276", "0,276 = 0.276"]),
    ],
)
def test_digits(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nineteen of twenty-one, Twenty two", ["nineteen = 19", "twenty-one = 21", "Twenty two = 22"]),
        (
            "one hundred and five; two thousand three hundred",
            ["one hundred and five = 105", "two thousand three hundred = 2300"],
        ),
        ("five percent, a dozen, two dozen", ["five percent = 5%", "dozen = 12", "two dozen = 24"]),
        ("the third renewal, twice, halved, doubled", ["third = 3", "twice = 2", "halved = 0.5", "doubled = 2"]),
        ("a third of them, three quarters, two-thirds", ["a third = ?", "three quarters = ?", "two-thirds = ?"]),
        ("hundreds of users; last quarter, a quarter, a fifth", ["hundreds = ?", "a quarter = ?", "a fifth = ?"]),
        (
            "tenfold, two-fold, the thirtieth, twenty-first, thirty first",
            ["tenfold = 10", "two-fold = 2", "thirtieth = ?", "twenty-first = ?", "thirty first = ?"],
        ),
        (
            "2 lakh, 3 trillion, 12 k, 5 Mio",
            ["2 lakh = 200000", "3 trillion = 3000000000000", "12 k = 12000", "5 Mio = 5000000"],
        ),
        ("no one, one another, someone, oneself, often", []),
        ("Second, ask them. Third, listen. First, wait.", []),
        ("one two three", ["one two three = ?"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31 2026/1/31 2026-01", ["2026-01-31 = 2026-1-31", "2026/1/31 = 2026-1-31", "2026-01 = 2026-1-."]),
        ("31.1.2026 1/2/2026", ["31.1.2026 = 2026-1-31", "1/2/2026 = 2026-2-1 or 2026-1-2"]),
        ("31 January 2026, 31st of Jan", ["31 January 2026 = 2026-1-31", "31st of Jan = .-1-31"]),
        ("31-Jan-2026", ["31-Jan-2026 = 2026-1-31"]),
        ("January 31st, 2026 and Jan. 31", ["January 31st, 2026 = 2026-1-31", "Jan. 31 = .-1-31"]),
        ("January 2026, in 2026", ["January 2026 = 2026-1-.", "2026 = 2026 or 2026-.-."]),
        ("it may stop in March", []),
    ],
)
def test_days(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Q3",
        "A000123",
        "v1.2",
        "24/7",
        "12:30",
        "0012",
        "1\u00bd",
        "10\u00b2",
        "\u0661\u0662",
        "\u2167",
        "\u4e09",
        "5\u2030",
        "1\u00b7234",
        "1.2.3",
    ],
)
def test_what_cannot_be_read_is_found_and_has_no_reading(text: str) -> None:
    (place,) = written(f"so {text} it is")
    assert f"so {text} it is"[place.start : place.end].strip("\u2030") in text
    assert place.readings == ()


@given(st.text(alphabet=st.one_of(st.sampled_from("0123456789.,'-/%: \n+akmx½²٣三"), st.characters())))
def test_no_character_for_a_number_is_overlooked(text: str) -> None:
    places = written(text)
    assert all(first.end <= second.start for first, second in pairwise(places))
    inside = {index for place in places for index in range(place.start, place.end)}
    assert {index for index, letter in enumerate(text) if letter.isnumeric()} <= inside


@given(
    st.dates(date(1000, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d %B %Y", "%B %d, %Y", "%d %b %Y"]),
)
def test_a_day_is_read_as_it_was_written(day: date, spelling: str) -> None:
    (place,) = written(f"On {day.strftime(spelling)} it was.")
    assert any(isinstance(reading, Day) and reading.matches(day) for reading in place.readings)

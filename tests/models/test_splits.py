"""As_of are divided in time so that no label that teaches reaches into the days that are judged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import Horizon
from features.errors import RefusedError, TimeError
from models.splits import split_in_time


def monthly(count: int, last: date = date(2024, 12, 30), step: int = 28) -> list[date]:
    return [last - timedelta(days=step * back) for back in reversed(range(count))]


def told(days: tuple[date, ...]) -> str:
    return " ".join(f"{day:%m-%d}" for day in days)


def test_a_year_and_a_half_with_a_quarter_ahead() -> None:
    split = split_in_time(monthly(18), Horizon(days=90))

    #  every 28 days from 09-11 of 2023 to 12-30 of 2024; labels need 90 days, so four steps lie between the parts
    assert told(split.test) == "12-02 12-30"
    assert told(split.validation) == "07-15 08-12"
    assert told(split.train) == "09-11 10-09 11-06 12-04 01-01 01-29 02-26 03-25"
    assert told(split.refit) == told(split.train) + " 04-22 05-20 06-17 07-15 08-12"
    assert split.notes == ()


def test_a_short_history_cuts_validation_first_and_says_so() -> None:
    split = split_in_time(monthly(11), Horizon(days=90))

    assert {part: len(days) for part, days in split.days.items()} == {
        "train": 2,
        "validation": 1,
        "refit": 6,
        "test": 2,
    }
    assert split.notes == ("The history is short: validation has 1 step in place of 2.",)


def test_the_shortest_history_has_one_of_each() -> None:
    split = split_in_time(monthly(9), Horizon(days=90))

    assert [len(days) for days in split.days.values()] == [1, 1, 5, 1]
    assert split.notes == (
        "The history is short: test has 1 step in place of 2.",
        "The history is short: validation has 1 step in place of 2.",
    )


def test_training_never_has_fewer_steps_than_validation() -> None:
    split = split_in_time(monthly(13), Horizon(days=90), validation_as_ofs=3)

    assert (len(split.train), len(split.validation)) == (3, 2)


def test_a_history_that_is_too_short_is_refused_with_what_there_is_and_what_is_missing() -> None:
    with pytest.raises(
        RefusedError, match=r"90 days apart.*at least 224 days.*8 as_of \(2024-06-17.*196 days.*28 days more"
    ):
        split_in_time(monthly(8), Horizon(days=90))
    with pytest.raises(RefusedError, match="no as_of at all"):
        split_in_time([], Horizon(days=90))


def test_the_test_may_begin_on_a_given_day() -> None:
    split = split_in_time(monthly(18), Horizon(days=28), test_from=date(2024, 10, 1))

    assert told(split.test) == "10-07 11-04 12-02 12-30"
    assert told(split.validation) == "08-12 09-09"
    assert split.notes == ()
    with pytest.raises(TimeError, match=r"2025-01-01.*2024-12-30"):
        split_in_time(monthly(18), Horizon(days=28), test_from=date(2025, 1, 1))


def test_offers_made_day_by_day_are_taken_by_the_step() -> None:
    days = [date(2024, 1, 1) + timedelta(days=day) for day in range(0, 300, 3)]
    split = split_in_time(days, Horizon(days=30), test_as_ofs=2, validation_as_ofs=1)

    assert (split.test[0], split.test[-1]) == (date(2024, 8, 31), date(2024, 10, 24))
    assert len(split.test) == 19
    assert len(split.validation) == 10


@given(
    days=st.lists(st.integers(0, 900), max_size=40),
    horizon=st.builds(Horizon, days=st.integers(1, 200), gap=st.integers(0, 60), confirm=st.integers(0, 30)),
    tests=st.integers(1, 4),
    validations=st.integers(1, 4),
    step=st.integers(1, 60),
    test_from=st.none() | st.integers(0, 900),
)
def test_no_label_that_teaches_reaches_into_a_judged_day(
    days: list[int], horizon: Horizon, tests: int, validations: int, step: int, test_from: int | None
) -> None:
    start = date(2022, 1, 1)
    as_ofs = [start + timedelta(days=day) for day in days]
    begins = None if test_from is None else start + timedelta(days=test_from)
    try:
        split = split_in_time(
            as_ofs, horizon, step_days=step, test_as_ofs=tests, validation_as_ofs=validations, test_from=begins
        )
    except (RefusedError, TimeError):
        return

    total = timedelta(days=horizon.total)
    assert split.train[-1] + total <= split.validation[0]
    assert split.refit[-1] + total <= split.test[0]
    assert {*split.train, *split.validation} <= set(split.refit)
    assert split.test[-1] == max(as_ofs)
    assert begins is None or split.test[0] >= begins
    for part in split.days.values():
        assert part
        assert list(part) == sorted(set(part))

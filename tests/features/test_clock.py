"""Days, windows, gaps and horizons: where each begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import Calendar, Horizon, Window
from features.errors import ConfigError, TimeError

YEAR = (date(2024, 1, 1), date(2025, 1, 1))


def hours(first: datetime, last: datetime) -> Iterator[datetime]:
    """Every hour, and the last microsecond before and the first after it."""
    at = first
    while at <= last:
        yield from (at - timedelta(microseconds=1), at, at + timedelta(microseconds=1))
        at += timedelta(minutes=30)


class TestLocalDay:
    @pytest.mark.parametrize(
        ("timezone", "switches"),
        [
            ("UTC", ["2024-03-31"]),
            ("Europe/Berlin", ["2024-03-31", "2024-10-27"]),
            ("America/New_York", ["2024-03-10", "2024-11-03"]),
            ("Australia/Lord_Howe", ["2024-04-07", "2024-10-06"]),  # half an hour
            ("America/Santiago", ["2024-04-07", "2024-09-08"]),  # at midnight: a day that begins at one o'clock
            ("Asia/Kathmandu", ["2024-06-01"]),  # a quarter of an hour off, no switch
            ("Pacific/Auckland", ["2024-04-07", "2024-09-29"]),
        ],
    )
    def test_is_the_time_zones_own_at_every_hour_around_a_switch(self, timezone: str, switches: list[str]) -> None:
        calendar = Calendar(*YEAR, timezone)
        instants = [
            instant
            for switch in switches
            for instant in hours(
                datetime.fromisoformat(switch) - timedelta(days=2), datetime.fromisoformat(switch) + timedelta(days=2)
            )
        ]
        assert _engine_days(calendar, instants) == [_zone_day(instant, timezone) for instant in instants]

    def test_follows_a_zone_that_left_out_a_day(self) -> None:
        """Samoa went from the 29th of December 2011 straight to the 31st."""
        calendar = Calendar(date(2011, 12, 1), date(2012, 1, 31), "Pacific/Apia")
        instants = list(hours(datetime(2011, 12, 29), datetime(2012, 1, 1)))
        days = _engine_days(calendar, instants)
        assert days == [_zone_day(instant, "Pacific/Apia") for instant in instants]
        assert date(2011, 12, 30) not in days

    def test_holds_for_planned_instants_outside_the_data(self) -> None:
        calendar = Calendar(*YEAR, "Europe/Berlin")
        planned = [datetime(2028, 3, 25, 23, 30), datetime(2028, 3, 26, 22, 30), datetime(2020, 10, 24, 22, 30)]
        assert _engine_days(calendar, planned) == [date(2028, 3, 26), date(2028, 3, 27), date(2020, 10, 25)]

    @pytest.mark.parametrize("timezone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"])
    def test_holds_in_each_of_the_datas_years_however_far_away(self, timezone: str) -> None:
        years = (1, 1912, 1945, 1946, 1977, 2012, 2061, 9999)
        calendar = Calendar(*YEAR, timezone, years)
        instants = [
            datetime(year, month, day, hour, minute)
            for year in years
            for month, day in ((1, 3), (3, 31), (4, 29), (7, 1), (10, 28), (12, 29))
            for hour in (0, 4, 10, 18, 22, 23)
            for minute in (0, 29, 30, 59)
            if year < 9999 or month < 2  # the last year of all is taken for winter throughout
        ]
        assert _engine_days(calendar, instants) == [_zone_day(instant, timezone) for instant in instants]

    def test_years_of_which_the_data_says_nothing_cost_a_query_nothing(self) -> None:
        """A stray instant of 1900 does not bring the switches of a century into it."""
        near, far = Calendar(*YEAR, "Europe/Berlin"), Calendar(*YEAR, "Europe/Berlin", (1900,))
        instant = ibis.table({"at": "timestamp"}, name="rows").at
        assert str(ibis.to_sql(near.local_day(instant))).count("WHEN") == 22
        assert str(ibis.to_sql(far.local_day(instant))).count("WHEN") == 22

    @pytest.mark.parametrize("timezone", ["UTC", "Europe/Berlin", "America/Santiago", "Pacific/Auckland"])
    def test_begins_at_its_instant(self, timezone: str) -> None:
        calendar = Calendar(*YEAR, timezone)
        days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
        begins = [calendar.instant(day) for day in days]
        assert _engine_days(calendar, begins) == days
        assert _engine_days(calendar, [at - timedelta(microseconds=1) for at in begins[1:]]) == days[:-1]


def _engine_days(calendar: Calendar, instants: list[datetime]) -> list[date]:
    frame = pd.DataFrame({"position": range(len(instants)), "instant": pd.Series(instants, dtype="datetime64[us]")})
    rows = ibis.memtable(frame, schema={"position": "int64", "instant": "timestamp(6)"})
    days = rows.select("position", day=calendar.local_day(rows.instant)).order_by("position")
    return list(ibis.duckdb.connect().to_pyarrow(days)["day"].to_pylist())


def _zone_day(instant: datetime, timezone: str) -> date:
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()


class TestCalendar:
    def test_refuses_a_zone_that_does_not_exist(self) -> None:
        with pytest.raises(ConfigError, match="'Mars/Olympus' is none"):
            Calendar(*YEAR, "Mars/Olympus").instant(date(2024, 1, 1))

    def test_refuses_data_of_no_day(self) -> None:
        with pytest.raises(TimeError, match="at least one whole day"):
            Calendar(date(2024, 1, 1), date(2024, 1, 1))

    def test_a_grid_steps_back_as_far_as_there_is_history(self) -> None:
        calendar = Calendar(*YEAR)
        grid = calendar.grid(date(2024, 4, 1), step_days=28, history_days=30)
        assert grid == (date(2024, 2, 5), date(2024, 3, 4), date(2024, 4, 1))
        assert calendar.grid(date(2024, 4, 1), 28, 35)[0] == date(2024, 2, 5)
        assert calendar.grid(date(2024, 4, 1), 28, 36)[0] == date(2024, 3, 4)

    def test_a_grid_has_where_we_stand_even_without_history(self) -> None:
        assert Calendar(*YEAR).grid(date(2024, 1, 10), 28, 91) == (date(2024, 1, 10),)

    @pytest.mark.parametrize("as_of", [date(2024, 1, 1), date(2025, 1, 2)])
    def test_a_grid_stands_within_the_data(self, as_of: date) -> None:
        with pytest.raises(TimeError, match=f"asked for {as_of}"):
            Calendar(*YEAR).grid(as_of, 28, 91)

    @pytest.mark.parametrize(("step", "history"), [(0, 91), (-28, 91), (28, -1)])
    def test_a_grid_goes_back_by_whole_steps(self, step: int, history: int) -> None:
        with pytest.raises(TimeError, match="at least one day and no negative history"):
            Calendar(*YEAR).grid(date(2024, 6, 1), step, history)


class TestHorizon:
    def test_opens_after_the_gap_and_closes_before_its_last_day_is_over(self) -> None:
        horizon = Horizon(days=10, gap=5, confirm=7)
        as_of = date(2024, 3, 1)
        assert horizon.opens(as_of) == date(2024, 3, 6)
        assert horizon.closes(as_of) == date(2024, 3, 16)
        assert horizon.matures(as_of) == date(2024, 3, 23)
        assert horizon.total == 22

    @given(st.integers(1, 400), st.integers(0, 60), st.integers(0, 60), st.dates(date(2000, 1, 1), date(2050, 1, 1)))
    def test_is_never_mature_before_it_closes(self, days: int, gap: int, confirm: int, as_of: date) -> None:
        horizon = Horizon(days, gap, confirm)
        assert as_of <= horizon.opens(as_of) < horizon.closes(as_of) <= horizon.matures(as_of)

    @pytest.mark.parametrize(("days", "gap", "confirm"), [(0, 0, 0), (1, -1, 0), (1, 0, -1)])
    def test_refuses_what_is_no_stretch_of_time(self, days: int, gap: int, confirm: int) -> None:
        with pytest.raises(TimeError, match=f"seen: horizon {days}, gap {gap}, confirmation {confirm}"):
            Horizon(days, gap, confirm)


class TestWindow:
    def test_reaches_back_by_its_days_and_its_lag(self) -> None:
        assert Window(28).reach == 28
        assert Window(28, lag=28).reach == 56
        assert Window(None).reach is None

    @pytest.mark.parametrize("window", [{"days": 0}, {"days": -1}, {"days": 28, "lag": -1}])
    def test_never_looks_ahead(self, window: dict[str, int]) -> None:
        with pytest.raises(TimeError):
            Window(**window)

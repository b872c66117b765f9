"""Rollups are exact: their windows are what counting row by row gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from features.building import bits
from features.building.bands import Bands
from features.building.builder import build
from features.clock import Calendar, Window
from features.events import events_of
from features.feature import EventSource, Feature, Key, Measure, Value
from features.tables import Tables
from tests.features.companies import AS_OF, POOLS, Company, Row, companies

MEASURES = (
    Measure("events", lambda _: ibis.literal(1)),
    Measure("errors", lambda rows: (rows.status == "error").fill_null(False), ("status",)),
    Measure("quantity", lambda rows: rows.quantity, ("quantity",)),
)


def use(name: str, *keys: Key) -> EventSource:
    return EventSource(
        name, lambda tables: events_of(tables, "consumption"), MEASURES, "consumption", entities=("user_id",), keys=keys
    )


ACCOUNT, PAIR, PRODUCT = use("account", "account_id"), use("pair", "account_id", "product"), use("product", "product")
SOURCES = {source.name: source for source in (ACCOUNT, PAIR, PRODUCT)}


def feature(name: str, value: Value, missing: str = "zero") -> Feature:
    return Feature(name, value, "count", "", "consumption", "service", "", missing=missing)  # type: ignore[arg-type]


def test_bands_make_up_their_windows() -> None:
    windows = [Window(7), Window(28), Window(28, 28), Window(None)]
    bands = Bands.of(windows)
    assert bands == Bands(edges=(7, 28, 56), open=True)
    assert [bands.inside(window) for window in windows] == [(0,), (0, 1), (2,), (0, 1, 2, 3)]
    assert Bands.of([Window(7, 7)]).inside(Window(7, 7)) == (1,)
    assert Bands.of([Window(None, 7)]).inside(Window(None, 7)) == (1,)


DAYS_BACK: tuple[tuple[int | None, int], ...] = ((1, 0), (7, 0), (28, 0), (28, 28), (45, 3), (None, 0), (None, 91))
AS_OFS = (AS_OF - timedelta(days=100), AS_OF - timedelta(days=28), AS_OF - timedelta(days=3), AS_OF)


def features_of(source: EventSource) -> list[Feature]:
    values: dict[str, Value] = {}
    for days, lag in DAYS_BACK:
        for measure in ("events", "errors", "quantity", "days"):
            values[f"{measure} {days} {lag}"] = source.total(measure, days, lag)
        if not lag:
            values[f"users {days} {lag}"] = source.distinct("user_id", days)
    for measure in ("events", "errors", "quantity"):
        values[f"last {measure}"] = source.recency(measure)
    return [feature(f"{source.name} {name}", value) for name, value in values.items()]


def by_hand(rows: list[Row], company: Company, as_of: date) -> dict[str, float]:
    """Every value of `features_of` for one key, row by row, as anybody would count it."""

    def visible(row: Row) -> bool:
        known = company.known_day("consumption", row)
        return known is not None and known < as_of

    def worth(measure: str) -> Callable[[Row], Decimal | int]:
        of: dict[str, Callable[[Row], Decimal | int]] = {
            "events": lambda _: 1,
            "errors": lambda row: int(row["status"] == "error"),
            "quantity": lambda row: row["quantity"] or 0,
        }
        return of[measure]

    ages = [((as_of - company.day(row["occurred_at"])).days, row) for row in rows if visible(row)]
    values: dict[str, float] = {}
    for days, lag in DAYS_BACK:
        inside = [(age, row) for age, row in ages if lag < age and (days is None or age <= lag + days)]
        for measure in ("events", "errors", "quantity"):
            values[f"{measure} {days} {lag}"] = float(sum(worth(measure)(row) for _, row in inside))
        values[f"days {days} {lag}"] = len({age for age, _ in inside})
        if not lag:
            values[f"users {days} {lag}"] = len({row["user_id"] for _, row in inside} - {None})
    for measure in ("events", "errors", "quantity"):
        values[f"last {measure}"] = min((age for age, row in ages if worth(measure)(row) > 0), default=np.nan)
    return values


@given(companies())
@settings(
    max_examples=5,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_windows_are_what_counting_row_by_row_gives(drawn: Company) -> None:
    company = Company({name: drawn.rows[name] for name in ("accounts", "consumption")}, drawn.timezone)
    keys = [
        (account, product, as_of)
        for account in POOLS["account_id"]
        for product in POOLS["product"][:3]
        for as_of in AS_OFS
    ]
    cohort = pd.DataFrame(keys, columns=["account_id", "product", "as_of"])
    cohort = cohort.assign(as_of=pd.to_datetime(cohort["as_of"]))
    features = [one for source in SOURCES.values() for one in features_of(source)]
    built = build(company.tables(shuffle=1), cohort, features, SOURCES)
    names = {"account": ("account_id",), "pair": ("account_id", "product"), "product": ("product",)}
    expected: dict[tuple[str, tuple[str, ...], date], dict[str, float]] = {}
    for row in built.to_dict("records"):
        as_of = row["as_of"].date()
        for source, columns in names.items():
            key = tuple(row[column] for column in columns)
            if (source, key, as_of) not in expected:
                mine = [r for r in company.rows["consumption"] if tuple(r[column] for column in columns) == key]
                expected[source, key, as_of] = by_hand(mine, company, as_of)
            counted = {f"{source} {name}": value for name, value in expected[source, key, as_of].items()}
            given_ = {name: row[name] for name in counted}
            np.testing.assert_allclose(
                list(given_.values()), list(counted.values()), rtol=1e-12, err_msg=str((key, as_of))
            )


def many(threads: int, timezone: str, seed: int) -> Tables:
    """200,000 events in an order of their own, in an engine of its own."""
    pick = np.random.default_rng(7)
    count = 200_000
    frame = pd.DataFrame(
        {
            "account_id": np.char.add("a", pick.integers(0, 300, count).astype(str)),
            "occurred_at": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(pick.integers(0, 200 * 86_400, count), unit="s"),
            "quantity": [Decimal(int(value)) / 1000 for value in pick.integers(0, 10**7, count)],
            "user_id": np.char.add("u", pick.integers(0, 20, count).astype(str)),
            "status": np.where(pick.random(count) < 0.1, "error", "ok"),
        }
    )
    late = pd.to_timedelta(pick.integers(0, 3 * 86_400, count) * (pick.random(count) < 0.1), unit="s")
    frame = frame.assign(known_at=frame["occurred_at"] + late).sample(frac=1, random_state=seed)
    connection = ibis.duckdb.connect(threads=threads)
    connection.raw_sql(f"set TimeZone = '{timezone}'")
    table = connection.create_table("consumption", ibis.memtable(frame))
    table = table.mutate(quantity=table.quantity.cast("decimal(18, 6)"))
    return Tables(
        connection, {"consumption": table}, Calendar(date(2024, 1, 1), date(2024, 7, 1), "Europe/Berlin"), "x"
    )


@pytest.mark.parametrize("rollups", [True, False])
def test_the_same_bits_for_any_threads_order_and_session_time_zone(tmp_path: Path, rollups: bool) -> None:
    keys = [(f"a{number}", as_of) for number in range(310) for as_of in (date(2024, 5, 1), date(2024, 6, 1))]
    cohort = pd.DataFrame(keys, columns=["account_id", "as_of"])
    features = features_of(ACCOUNT)
    share = ACCOUNT.total("quantity", 28) / ACCOUNT.total("quantity", 28, lag=28) - ACCOUNT.total("errors", 7)
    features.append(feature("share", share, missing="unknown"))
    folders = [tmp_path / "one", tmp_path / "two"] if rollups else [None, None]
    one = build(many(1, "UTC", 1), cohort, features, SOURCES, folders[0])
    two = build(many(2, "Asia/Tokyo", 2), cohort.sample(frac=1, random_state=1), features, SOURCES, folders[1])
    assert one["account_id"].tolist() == two["account_id"].tolist()
    bits = [frame.drop(columns=["account_id", "as_of"]).to_numpy().view(np.int64) for frame in (one, two)]
    assert np.array_equal(*bits)
    assert one["share"].notna().sum() > 500


def test_however_many_as_ofs_one_number_holds_the_counts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [date(2024, 4, 1) + timedelta(days=20 * number) for number in range(5)]
    cohort = pd.DataFrame([(f"a{number}", day) for number in range(0, 300, 9) for day in days])
    cohort.columns = pd.Index(["account_id", "as_of"])
    users = [feature(f"users {days}", ACCOUNT.distinct("user_id", days)) for days in (2, 28, None)]
    tables = many(2, "UTC", 1)
    whole = build(tables, cohort, users, SOURCES)
    monkeypatch.setattr(bits, "AT_ONCE", 2)
    pd.testing.assert_frame_equal(whole, build(tables, cohort, users, SOURCES))
    assert whole["users 2"].between(0, 20).all()
    assert whole["users 2"].nunique() > 5

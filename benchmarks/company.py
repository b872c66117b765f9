"""A company's tables as use really comes, as Parquet files: what the benchmarks of features are measured on.

Made by DuckDB alone from hashes, so that the same number of events gives the same rows each time. 600 events an account
over 18 months (546 days), a file of consumption each four weeks, in the order of time. The model is the simulator's
software company (`examples/simulator`), measured on 300 accounts of it; here on 300,000 events of 500 accounts:

                                              simulator   here
    events an account, product and day          1.43      1.40  (1.38 at 3 M): by so much GROUP BY account, product,
                                                                day shrinks them
    events an account and day with any          2.76      2.78
    events an account and day: 5 % have fewer   0.14      0.12
        half have fewer                         0.60      0.70
        5 % have more                           3.7       4.1
    products an account, of 11 and 12           4.7       4.9
    users an account, mean                     16.2      16.1
    Saturday and Sunday beside a weekday        0.22      0.20
    recorded on a later day                     1.0 %     1.0 %

A quarter of the accounts sign up within the 18 months, a tenth leave. There is no `event_id`, so that a new file can be
read by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.small_tables import SMALL

START, DAYS = date(2023, 1, 2), 546
END = START + timedelta(days=DAYS)
EVENTS_PER_ACCOUNT = 600
PAUSE = 15
"""Of a hundred days of an account, those without any use whatever its size."""

ACCOUNTS = """
    create or replace table account as
    with drawn as (
        select i, hash(i, 1) as h1, hash(i, 2) as h2, hash(i, 3) as h3, hash(i, 4) as h4 from range({accounts}) as t(i)
    ), sized as (
        select *,
            exp(
                1.11 * sqrt(-2 * ln((h1 % 1000000 + 1) / 1000001)) * cos(2 * pi() * (h2 % 1000000) / 1000000)
            ) as weight,
            case when h3 % 4 = 0 then (h3 // 4 % {days})::int else -(h3 // 4 % 900)::int end as first
        from drawn
    )
    select
        i,
        'A' || lpad(i::varchar, 7, '0') as account_id,
        weight,
        first,
        case when h4 % 10 = 0 then greatest(first + 30, (h4 // 10 % {days})::int) else 100000 end as last,
        (2 + floor(10.9 * pow(0.6 / (1 + pow(weight, -1.53)) + 0.4 * (h4 // 100 % 10000 / 10000), 2)))::int as products,
        1 + (weight * 7 * (0.5 + h3 // 10000 % 1000 / 1000))::int as users
    from sized
"""
EXPECTED = """
    select sum(weight * greatest(least(last, {days}) - greatest(first, 0), 0) / {days}) from account
"""
EVENTS = """
    with many as (
        select *, (weight * {rate} + hash(i, {chunk}, 5) % 1000000 / 1000000)::decimal(18, 6)::double as expected
        from account where last > {day} and first < {day} + {length}
    ), one as (
        select *, unnest(range(floor(expected)::bigint)) as event from many
    ), drawn as (
        select *, hash(i, {chunk}, event) as h1, hash(event, i, {chunk}, 6) as h2 from one
    ), placed as (
        select *, (h1 & 65535)::int * {slots} // 65536 as slot from drawn
    ), dated as (
        select *, {day} + slot // 27 * 7 + case when slot % 27 < 25 then slot % 27 // 5 else slot % 27 - 20 end as day
        from placed
    ), told as (
        select
            account_id,
            timestamp '{start}' + to_days(day::int)
                + to_milliseconds((25200000 + ((h1 >> 16 & 65535) + (h1 >> 32 & 65535)) * 329)::bigint) as occurred_at,
            case when products = 2 or (h1 >> 48 & 255) < 110 then (h1 >> 56) % 2
                else 2 + (h1 >> 48) * 7919 % (products - 2) end as product,
            1 + floor(users * pow((h2 & 65535) / 65536, 1.8))::int as person,
            1 + bit_count((h2 >> 16 & 127)::bigint) as quantity,
            h2
        from dated where day >= first and day < last and hash(i, day) % 100 >= {pause}
    )
    select
        account_id,
        occurred_at,
        occurred_at + to_seconds((
            (h2 >> 24 & 255) + case when (h2 >> 32 & 65535) < 650 then 50400 + (h2 >> 16 & 65535) * 2 else 0 end
        )::bigint) as recorded_at,
        'p' || lpad(product::varchar, 2, '0') as product,
        account_id || '-' || person as user_id,
        quantity::double as quantity,
        case when h2 >> 63 = 0 then quantity * 0.02 end as value,
        case when (h2 >> 48 & 127) < 2 then 'error' else 'ok' end as status
    from told
    order by occurred_at
"""


def accounts_of(events: int) -> int:
    """How many accounts have so many events."""
    return max(events // EVENTS_PER_ACCOUNT, 10)


def write(folder: Path, events: int) -> None:
    """Writes the tables, unless they stand there: `data/<table>.parquet`, `data/consumption/<first day>.parquet`."""
    data = folder / "data"
    if (data / f"{[*SMALL][-1]}.parquet").is_file():
        return
    (data / "consumption").mkdir(parents=True, exist_ok=True)
    with _accounts(events) as connection:
        for first, length in _chunks():
            _write(connection, _consumption(connection, events, first, length), _file(data, first))
        for seed, (name, query) in enumerate(SMALL.items(), 20):
            _write(connection, query.format(start=START, days=DAYS, seed=seed), data / f"{name}.parquet")


def write_day(folder: Path, events: int, number: int) -> Path:
    """Writes the consumption of one day, counted from the start, as a file of its own."""
    with _accounts(events) as connection:
        file = _file(folder / "data", number)
        _write(connection, _consumption(connection, events, number, 1), file)
    return file


def _accounts(events: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    connection.execute("set enable_progress_bar = false")
    connection.execute(ACCOUNTS.format(accounts=accounts_of(events), days=DAYS))
    return connection


def _consumption(connection: duckdb.DuckDBPyConnection, events: int, first: int, length: int) -> str:
    """The query of some days' events, of whole weeks or of one day; a weekday holds five times those of a Saturday."""
    (expected,) = connection.execute(EXPECTED.format(days=DAYS)).fetchone() or (1.0,)
    slots = 27 * length // 7 if length >= 7 else 1
    rate = events / expected / (1 - PAUSE / 100) * max(slots, 5) / (DAYS / 7 * 27)
    return EVENTS.format(rate=rate, chunk=first, day=first, length=length, slots=slots, pause=PAUSE, start=START)


def _chunks() -> Iterator[tuple[int, int]]:
    """The days in stretches of four weeks: first day and length."""
    for first in range(0, DAYS, 28):
        yield first, min(28, DAYS - first)


def _file(data: Path, number: int) -> Path:
    return data / "consumption" / f"{START + timedelta(days=number)}.parquet"


def _write(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    connection.execute(f"copy ({query}) to '{file}' (format parquet)")

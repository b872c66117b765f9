"""How long a full build of features takes beside DuckDB's bare GROUP BY account, product, day of the same events.

    python benchmarks/bench_features.py [--events 3000000] [--threads 2] [--memory 4GB] [--rollups FOLDER]

Prints the seconds of each, their ratio and the peak of memory. Both run in the same process, on the same table.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import ibis
import pandas as pd

from features.builder import build
from features.clock import Calendar
from features.events import events_of
from features.feature import EventSource, Feature, Measure, Value
from features.tables import Tables

START, DAYS, AS_OFS = date(2023, 1, 1), 546, 12
EVENTS_PER_ACCOUNT = 600

EVENTS = """
    create table consumption as
    select
        'a' || (hash(i) % {accounts})::varchar as account_id,
        occurred_at,
        case when hash(i + 4) % 20 = 0 then occurred_at + interval 30 hours else occurred_at end as known_at,
        'p' || (hash(i + 1) % 12)::varchar as product,
        'u' || (hash(i + 2) % 7)::varchar as user_id,
        ((hash(i + 3) % 1000000)::decimal(18, 6) / 1000)::decimal(18, 6) as quantity,
        case when hash(i + 5) % 50 = 0 then 'error' else 'ok' end as status
    from (
        select i, timestamp '{start}' + to_seconds((hash(i + 6) % ({days} * 86400))::bigint) as occurred_at
        from range({events}) as t(i)
    )
"""


def main(arguments: list[str]) -> None:
    """Generate, measure both, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--rollups", type=Path, default=None)
    options = parser.parse_args(arguments)

    tables = company(options.events, options.threads, options.memory)
    start = time.perf_counter()
    tables.connection.raw_sql(
        "create temp table bare as select account_id, product, occurred_at::date as day, count(*) as events, "
        "sum(quantity) as quantity from consumption group by all"
    )
    bare = time.perf_counter() - start
    rolled = tables.connection.raw_sql("select count(*) from bare").fetchone()[0]
    tables.connection.raw_sql("drop table bare")

    features, sources = catalogue()
    cohort = everyone(options.events // EVENTS_PER_ACCOUNT, tables.calendar)
    start = time.perf_counter()
    built = build(tables, cohort, features, sources, rollups=options.rollups, progress=_say(start))
    full = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    _print(f"{options.events:,} events, {len(cohort):,} cohort rows, {len(features)} features")
    _print(f"GROUP BY account, product, day   {bare:6.2f} s   {rolled:,} rows")
    _print(f"build                            {full:6.2f} s   {built.shape[0]:,} x {built.shape[1]}")
    _print(f"ratio                            {full / bare:6.2f}")
    _print(f"peak memory                      {peak:6.2f} GiB")


def company(events: int, threads: int, memory: str) -> Tables:
    """That many events of a company, 600 an account over 18 months, a twentieth of them known 30 hours late."""
    connection = ibis.duckdb.connect(threads=threads, memory_limit=memory)
    connection.raw_sql(
        EVENTS.format(accounts=events // EVENTS_PER_ACCOUNT, events=events, start=START.isoformat(), days=DAYS)
    )
    calendar = Calendar(START, START + timedelta(days=DAYS))
    return Tables(connection, {"consumption": connection.table("consumption")}, calendar, f"benchmark {events}")


def catalogue() -> tuple[list[Feature], dict[str, EventSource]]:
    """60 features of one source: totals, trends, recency and breadth."""
    measures = (
        Measure("events", lambda _: ibis.literal(1)),
        Measure("errors", lambda rows: rows.status == "error"),
        Measure("quantity", lambda rows: rows.quantity),
    )
    use = EventSource(
        "use", lambda tables: events_of(tables, "consumption"), measures, "consumption", entities=("user_id", "product")
    )
    values: list[Value] = []
    for days in (7, 14, 28, 56, 91, 182):
        for measure in ("events", "errors", "quantity", "days"):
            values.append(use.total(measure, days))
            values.append(use.total(measure, days) / use.total(measure, days, lag=days))
        values += [use.distinct("user_id", days)] if days > 7 else []
        values += [use.distinct("product", days)] if days > 14 else []
    values += [use.recency("events"), use.recency("errors"), use.total("days", None)]
    features = [
        Feature(f"f{number}", value, "count", "use", "consumption", "service", "")
        for number, value in enumerate(values)
    ]
    return features, {"use": use}


def everyone(accounts: int, calendar: Calendar) -> pd.DataFrame:
    """Each account at the last as_of and at every 28 days before it."""
    as_ofs = [calendar.end - timedelta(days=28 * number) for number in range(AS_OFS)]
    ids = [f"a{number}" for number in range(accounts)]
    keys = pd.MultiIndex.from_product([ids, pd.to_datetime(as_ofs)], names=["account_id", "as_of"])
    return keys.to_frame(index=False)


def _say(start: float):  # type: ignore[no-untyped-def]
    return lambda name: _print(f"  {name} done after {time.perf_counter() - start:.2f} s")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

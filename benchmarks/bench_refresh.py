"""What one new day costs beside a full build: reading and checking, daily rollups, and features at one as_of.

    python -m benchmarks.bench_refresh [--events 3000000] [--threads 2] [--memory 4GB] [--timezone UTC] [--no-features]
        [--folder FOLDER]

Consumption comes as a folder with one Parquet file a day, over 18 months. Prints the seconds of each step for the full
build, for a build with nothing new, for one with a new day, and for one with rows of thirty earlier days that came
late; and the share of the full build that each takes: of the time by the clock, and of the processors' time, which
other work on the machine leaves as it is. All in one process. A folder that is named is kept, so that the same events
can be measured again.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from features.building.builder import build
from features.data_settings import DataSettings
from features.feature import Distinct, EventSource, Feature
from features.library.catalogue import LIBRARY
from features.reading.arrivals import Memory
from features.reading.opening import open_tables
from features.rollups.kept import rolled
from features.rollups.recipe import Rollup
from features.rollups.shelf import Shelf
from features.scratch import Bench
from features.tables import Tables

START, DAYS = date(2023, 1, 1), 547
EVENTS_PER_ACCOUNT = 600
LATE_DAYS = 30

Seconds = tuple[float, float]
"""By the clock, and of the processors."""

EVENTS = """
    select
        'a' || (hash(i, {day}) % {accounts})::varchar as account_id,
        occurred_at,
        case when hash(i, {day}, 4) % 20 = 0 then occurred_at + interval 30 hours end as recorded_at,
        'p' || (hash(i, {day}, 1) % 12)::varchar as product,
        'u' || (hash(i, {day}, 2) % 7)::varchar as user_id,
        ((hash(i, {day}, 3) % 1000000)::decimal(18, 6) / 1000)::decimal(18, 6) as quantity,
        case when hash(i, {day}, 5) % 50 = 0 then 'error' else 'ok' end as status
    from (
        select i, timestamp '{start}' + interval {day} days + to_seconds((hash(i, {day}, 6) % 86400)::bigint)
            as occurred_at
        from range({events}) as t(i)
    )
"""
ACCOUNTS = """
    select 'a' || i::varchar as account_id, timestamp '2022-06-01' as signed_up_at, 's' || (i % 5)::varchar as segment
    from range({accounts}) as t(i)
"""
PRODUCTS = (
    "select 'p' || i::varchar as product, 'f' || (i % 3)::varchar as family, i < 4 as core from range(12) as t(i)"
)


@dataclass(frozen=True)
class Company:
    """A generated company and what Holdfast keeps of it."""

    folder: Path
    events: int
    settings: DataSettings
    timezone: str

    def begin(self) -> None:
        """The days up to the first build, and nothing kept of any."""
        self._write("accounts.parquet", ACCOUNTS.format(accounts=self.accounts))
        self._write("products.parquet", PRODUCTS)
        for number in range(DAYS):
            if not (self.folder / "data" / self._file(number)).is_file():
                self.day(number)
        for later in (self._file(DAYS), "consumption/late.parquet"):
            (self.folder / "data" / later).unlink(missing_ok=True)
        for kept in ("rollups", "readings"):
            shutil.rmtree(self.folder / kept, ignore_errors=True)

    def day(self, number: int) -> None:
        """Writes the file of one day."""
        self._write(self._file(number), self._events(number, self.events // DAYS))

    def late(self, before: int) -> None:
        """Writes a file with some rows of each of the last days."""
        days = range(before - LATE_DAYS, before)
        some = [f"({self._events(1000 + day, 20)})".replace(f"{1000 + day} days", f"{day} days") for day in days]
        self._write("consumption/late.parquet", " union all ".join(some))

    @property
    def accounts(self) -> int:
        """How many there are."""
        return max(self.events // EVENTS_PER_ACCOUNT, 1)

    def open(self, days: int) -> tuple[Tables, Memory]:
        """The tables as of so many days after the start."""
        memory = Memory(self.folder / "readings")
        settings = self.settings.model_copy(update={"end": START + timedelta(days=days)})
        return open_tables(settings, self.folder, timezone=self.timezone, memory=memory), memory

    def _events(self, day: int, events: int) -> str:
        return EVENTS.format(accounts=self.accounts, start=START, day=day, events=events)

    @staticmethod
    def _file(number: int) -> str:
        return f"consumption/{START + timedelta(days=number)}.parquet"

    def _write(self, name: str, query: str) -> None:
        file = self.folder / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(query).write_parquet(str(file))


def main(arguments: list[str]) -> None:
    """Generate, build in full, then with nothing new, a new day, and late rows; print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--timezone", default="UTC")
    parser.add_argument("--no-features", action="store_true")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    settings = DataSettings(memory_limit=options.memory, threads=options.threads)
    with tempfile.TemporaryDirectory() as folder:
        company = Company(options.folder or Path(folder), options.events, settings, options.timezone)
        company.begin()
        full = _measured("full build", company, DAYS, not options.no_features)
        _measured("nothing new", company, DAYS, not options.no_features, full)
        company.day(DAYS)
        _measured("one new day", company, DAYS + 1, not options.no_features, full)
        company.late(DAYS + 1)
        _measured(f"late rows of {LATE_DAYS} days", company, DAYS + 1, not options.no_features, full)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    _print(f"{options.events:,} events in {DAYS} files, {company.accounts:,} accounts; peak memory {peak:.2f} GiB")


def _measured(
    title: str, company: Company, days: int, with_features: bool, full: dict[str, Seconds] | None = None
) -> dict[str, Seconds]:
    """What each step took, printed beside what it takes in a full build."""
    seconds: dict[str, Seconds] = {}

    def timed(step: str, work: Callable[[], object]) -> None:
        start, before = time.perf_counter(), time.process_time()
        work()
        seconds[step] = (time.perf_counter() - start, time.process_time() - before)

    found: list[tuple[Tables, Memory]] = []
    shelf = Shelf(company.folder / "rollups")
    timed("read and check", lambda: found.append(company.open(days)))
    tables, memory = found[0]
    features = [feature for feature in LIBRARY.available(tables) if feature.about == "account"]
    timed("daily rollups", lambda: _rolled(tables, features, shelf))
    clock, processors = zip(*seconds.values(), strict=True)
    seconds["both"] = (sum(clock), sum(processors))
    if with_features:
        timed(
            "features", lambda: build(tables, _everyone(company, days), features, LIBRARY.sources_of(features), shelf)
        )
    shelf.tidy()
    _print(f"{title}: {memory.in_words}; {shelf.in_words}")
    for step, took in seconds.items():
        shares = "".join(f"{some / whole:9.1%}" for some, whole in zip(took, full[step], strict=True)) if full else ""
        _print(f"    {step:16} {took[0]:8.2f} s by the clock {took[1]:8.2f} s of processors {shares}")
    return seconds


def _rolled(tables: Tables, features: list[Feature], shelf: Shelf) -> None:
    """Every rollup that the features need, brought up to date."""
    leaves = [leaf for feature in features for leaf in feature.value.leaves()]
    wanted = {(leaf.source, leaf.name if isinstance(leaf, Distinct) else None) for leaf in leaves}
    sources = LIBRARY.sources_of(features)
    kept: set[Rollup] = set()
    for name, entity in wanted:
        source = sources[name]
        if isinstance(source, EventSource):
            fold = source.fold
            finer = source if fold is None else fold.of
            kept.add(Rollup(finer, entity if entity in finer.entities else None))
    with ExitStack() as until:
        tables = replace(tables, bench=Bench(until, shelf, sources))
        for rollup in sorted(kept, key=lambda each: each.name):
            rolled(tables, rollup)


def _everyone(company: Company, days: int) -> pd.DataFrame:
    """Each account at the data's end."""
    ids = [f"a{number}" for number in range(company.accounts)]
    return pd.DataFrame({"account_id": ids, "as_of": pd.Timestamp(START + timedelta(days=days))})


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

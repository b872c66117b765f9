"""One size measured: DuckDB's bare GROUP BY, the whole catalogue's build, and a new day; each in a process of its own.

    python -m benchmarks.full_build bare|build FOLDER EVENTS THREADS MEMORY

Prints one line of JSON. `build` does what `holdfast features` does: reads and checks all tables, marks them, writes
rollups, labels, features of every account with a contract at 12 as_of, pairs, facts and timelines; then one new day
comes, and everybody is asked about as of it.
"""

from __future__ import annotations

import gc
import json
import resource
import shutil
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from pyarrow import parquet

from benchmarks.company import DAYS, END, write_day
from benchmarks.phases import Phases, Seconds
from features.building.builder import build
from features.data_settings import DataSettings
from features.library.catalogue import CATALOGUE, LIBRARY
from features.outcomes.outcome import Outcome
from features.reading.arrivals import Memory
from features.reading.opening import open_tables
from features.rollups.shelf import Shelf
from features.snapshot.writing import write_snapshot
from features.tables import Tables
from pipelines.cli import COLLECTED_AFTER

OUTCOMES = {
    "churn": Outcome(name="churn", kind="subscription_end", gap_days=14, horizon_days=28),
    "adoption": Outcome(name="adoption", kind="product_adopted", gap_days=14, horizon_days=28),
}
LEARNED_AT = 11
"""Mature as_of every 28 days, beside the data's end."""
BARE = """
    create temp table bare as
    select account_id, product, occurred_at::date as day, count(*) as events, sum(quantity) as quantity
    from read_parquet('{files}') group by account_id, product, day
"""


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    gc.set_threshold(*COLLECTED_AFTER)  # as every command does
    what, folder, events, threads, memory = arguments
    given = (Path(folder), int(events), int(threads), memory)
    found = bare(given[0], *given[2:]) if what == "bare" else full(*given)
    sys.stdout.write(json.dumps(found) + "\n")


def bare(folder: Path, threads: int, memory: str) -> dict[str, Any]:
    """The faster of two: the first may have to fetch the files from the disk."""
    took, rows, seen = [], 0, 0
    for _ in range(2):
        spill = folder / "spill"
        with duckdb.connect(
            config={"threads": threads, "memory_limit": memory, "temp_directory": str(spill)}
        ) as engine:
            engine.execute("set preserve_insertion_order = false")
            engine.execute("set enable_progress_bar = false")
            start = Seconds.now()
            engine.execute(BARE.format(files=folder / "data" / "consumption" / "*.parquet"))
            took.append(Seconds.now().since(start))
            rows, seen = engine.execute("select count(*), sum(events)::bigint from bare").fetchone() or (0, 0)
        shutil.rmtree(spill, ignore_errors=True)
    return {"took": min(took, key=lambda seconds: seconds.processors), "rows": rows, "events": seen, "peak": peak()}


def full(folder: Path, events: int, threads: int, memory: str) -> dict[str, Any]:
    """A build from nothing, then one with a new day."""
    for kept in ("rollups", "readings", "features"):
        shutil.rmtree(folder / kept, ignore_errors=True)
    (folder / "data" / "consumption" / f"{END}.parquet").unlink(missing_ok=True)
    phases, start = Phases(), Seconds.now()
    with phases.watching():
        tables = _opened(folder, END, threads, memory, phases)
        as_ofs = [END - timedelta(days=56 + 28 * number) for number in range(LEARNED_AT)]
        made = write_snapshot(
            tables,
            OUTCOMES,
            END,
            folder / "features" / END.isoformat(),
            step_days=28,
            history_days=182,
            as_ofs=as_ofs,
            rollups=Shelf(folder / "rollups"),
            progress=phases.source_done,
        )
    took, highest = Seconds.now().since(start), peak()
    found = {
        "took": took,
        "phases": dict(phases.took),
        "peak": highest,
        "account_features": len(made.features),
        "pair_features": len(made.pair_features),
        "computed": len(LIBRARY.available(tables)),
        "of": len(CATALOGUE),
        "accounts": _rows(made.folder, "accounts"),
        "pairs": _rows(made.folder, "pairs"),
        "as_ofs": len({*as_ofs, END}),
        "rollups_bytes": sum(file.stat().st_size for file in (folder / "rollups").rglob("*.parquet")),
    }
    tables.connection.disconnect()
    return found | {"new_day": _new_day(folder, events, threads, memory)}


def _new_day(folder: Path, events: int, threads: int, memory: str) -> Mapping[str, Any]:
    """One more file came: it is read, rollups brought up to date, and every account's features made as of the day."""
    day = END + timedelta(days=1)
    write_day(folder, events, DAYS)
    phases, start = Phases(), Seconds.now()
    with phases.watching():
        tables = _opened(folder, day, threads, memory, phases)
        features = [feature for feature in LIBRARY.available(tables) if feature.about == "account"]
        with phases.of("cohort"):
            accounts = tables.connection.to_pyarrow(tables["accounts"].select("account_id")).to_pandas()
        cohort = accounts.assign(as_of=day)
        shelf, sources = Shelf(folder / "rollups"), LIBRARY.sources_of(features)
        build(tables, cohort, features, sources, shelf, phases.source_done)
    return {"took": Seconds.now().since(start), "phases": dict(phases.took), "accounts": len(cohort)}


def _rows(folder: Path, name: str) -> int:
    return int(parquet.read_metadata(folder / f"{name}.parquet").num_rows)


def _opened(folder: Path, end: date, threads: int, memory: str, phases: Phases) -> Tables:
    settings = DataSettings(memory_limit=memory, threads=threads, end=end)
    with phases.of("read and mark"):
        return open_tables(settings, folder, memory=Memory(folder / "readings"))


def peak() -> float:
    """The most memory that the process held so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main(sys.argv[1:])

"""20 features three ways, each in a process of its own: by Holdfast's builder, by plain pandas, by Featuretools.

    python -m benchmarks.subset ours|pandas FOLDER THREADS MEMORY OUT

Of every account at 12 as_of: over four windows the events, errors, quantity and different users, over three of them the
different products, and the days since the last event. All from the Parquet files to a frame, which goes to OUT; what is
timed leaves imports and writing out. To be the same question for all, a row is taken as known when it happened, and
days begin at midnight UTC. Featuretools: see `benchmarks/in_featuretools.py`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import ibis
import pandas as pd

from benchmarks.company import END, START
from features.building.builder import build
from features.clock import Calendar
from features.events import events_of
from features.feature import EventSource, Feature, Measure
from features.tables import Tables

WINDOWS = (7, 28, 91, 182)
AS_OFS = tuple(END - timedelta(days=28 * number) for number in reversed(range(12)))
KEYS = ["account_id", "as_of"]


def main(arguments: list[str]) -> None:
    """Measures one way and prints a line of JSON."""
    way, folder, threads, memory, out = arguments
    data = Path(folder) / "data"
    ids = pd.read_parquet(data / "accounts.parquet")["account_id"].tolist()
    cohort = pd.MultiIndex.from_product([ids, pd.to_datetime(AS_OFS)], names=KEYS).to_frame(index=False)
    start, before = time.perf_counter(), time.process_time()
    if way == "ours":
        frame = ours(data / "consumption", cohort, int(threads), memory)
    else:
        frame = by_pandas(data / "consumption", cohort)
    took = (time.perf_counter() - start, time.process_time() - before)
    frame.to_parquet(out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(json.dumps({"took": took, "peak": peak, "features": len(frame.columns) - 2}) + "\n")


def ours(files: Path, cohort: pd.DataFrame, threads: int, memory: str) -> pd.DataFrame:
    """One row a row of the cohort: the builder's way, nothing kept from earlier."""
    ibis.options.sql.fuse_selects = False
    connection = ibis.duckdb.connect(threads=threads, memory_limit=memory)
    connection.raw_sql("set preserve_insertion_order = false")
    connection.raw_sql(f"create view consumption as select * exclude recorded_at from '{files}/*.parquet'")
    tables = Tables(connection, {"consumption": connection.table("consumption")}, Calendar(START, END), "benchmark")
    use = EventSource(
        "use",
        lambda tables: events_of(tables, "consumption"),
        (
            Measure("events", lambda _: ibis.literal(1)),
            Measure("errors", lambda rows: rows.status == "error"),
            Measure("quantity", lambda rows: rows.quantity.cast("decimal(18, 6)")),
        ),
        "consumption",
        entities=("user_id", "product"),
    )
    values = {f"{name}_{days}": use.total(name, days) for days in WINDOWS for name in ("events", "errors", "quantity")}
    values |= {f"users_{days}": use.distinct("user_id", days) for days in WINDOWS}
    values |= {f"products_{days}": use.distinct("product", days) for days in WINDOWS[1:]}
    values["recency"] = use.recency("events")
    features = [Feature(name, value, "count", "use", None, "service", "") for name, value in values.items()]
    return build(tables, cohort, features, {"use": use})


def by_pandas(files: Path, cohort: pd.DataFrame) -> pd.DataFrame:
    """The same rows and columns: a group-by per cut-off and window."""
    columns = ["account_id", "occurred_at", "product", "user_id", "quantity", "status"]
    events = pd.read_parquet(files, columns=columns)
    events["error"] = (events["status"] == "error").astype("int64")
    parts = []
    for as_of in AS_OFS:
        until = pd.Timestamp(as_of)
        before = events[events["occurred_at"] < until]
        last = before.groupby("account_id")["occurred_at"].max().dt.normalize()
        found = {"recency": (until - last).dt.days.astype("float64")}
        for days in WINDOWS:
            rows = before[before["occurred_at"] >= until - pd.Timedelta(days=days)].groupby("account_id")
            found[f"events_{days}"] = rows.size()
            found[f"errors_{days}"] = rows["error"].sum()
            found[f"quantity_{days}"] = rows["quantity"].sum()
            found[f"users_{days}"] = rows["user_id"].nunique()
            if days != WINDOWS[0]:
                found[f"products_{days}"] = rows["product"].nunique()
        parts.append(pd.DataFrame(found).assign(as_of=until))
    made = pd.concat(parts).reset_index(names="account_id")
    frame = cohort.merge(made, on=KEYS, how="left", validate="one_to_one")
    counts = [name for name in frame.columns if name not in (*KEYS, "recency")]
    return frame.assign(**{name: frame[name].fillna(0.0).astype("float64") for name in counts})


def differing(one: Path, other: Path) -> int:
    """How many values of two results differ by more than a billionth, missing ones being equal."""
    left, right = (pd.read_parquet(file).sort_values(KEYS, ignore_index=True) for file in (one, other))
    if not left[["account_id"]].astype("object").equals(right[["account_id"]].astype("object")):
        return left.size
    wrong = 0
    for name in left.columns.difference(KEYS):
        a, b = left[name].astype("float64"), right[name].astype("float64")
        wrong += int((((a - b).abs() > 1e-9 * a.abs().clip(lower=1.0)) | (a.isna() != b.isna())).sum())
    return wrong


def as_of_days() -> list[str]:
    """The as_of, for a process that has none of this at hand."""
    return [date.isoformat(day) for day in AS_OFS]


if __name__ == "__main__":
    main(sys.argv[1:])

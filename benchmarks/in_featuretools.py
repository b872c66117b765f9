"""The 20 features of `benchmarks/subset.py` by Featuretools 1.31, with cut-off times.

    PYTHON benchmarks/in_featuretools.py FOLDER OUT WINDOWS AS_OFS        (lists with commas)

Runs in an environment of its own (`featuretools==1.31.0`, `pandas<3`, `setuptools<80`, pyarrow) and knows nothing of
the project. One call a window, as a training window is one of a whole call. A cut-off includes its own instant here,
so it is put a millisecond before the as_of, which is as fine as the events are.
"""

import json
import resource
import sys
import time
import warnings
from pathlib import Path

import featuretools as ft
import numpy as np
import pandas as pd
from featuretools.primitives import Count, NumUnique, Sum, TimeSinceLast

KEYS = ["account_id", "as_of"]


def main(arguments):
    """Measures and prints a line of JSON."""
    warnings.simplefilter("ignore")
    folder, out, windows, as_ofs = arguments
    data = Path(folder) / "data"
    accounts = pd.read_parquet(data / "accounts.parquet")[["account_id"]]
    start, before = time.perf_counter(), time.process_time()
    frame = made(data, accounts, [int(days) for days in windows.split(",")], pd.to_datetime(as_ofs.split(",")))
    took = (time.perf_counter() - start, time.process_time() - before)
    frame.to_parquet(out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(json.dumps({"took": took, "peak": peak, "features": len(frame.columns) - 2}) + "\n")


def made(data, accounts, windows, as_ofs):
    """One row per (account_id, as_of), the columns of `benchmarks/subset.py`."""
    columns = ["account_id", "occurred_at", "product", "user_id", "quantity", "status"]
    events = pd.read_parquet(data / "consumption", columns=columns)
    events["error"] = (events.pop("status") == "error").astype("int64")
    events["event"] = np.arange(len(events))
    entities = ft.EntitySet("company")
    entities.add_dataframe(dataframe_name="accounts", dataframe=accounts, index="account_id")
    entities.add_dataframe(
        dataframe_name="events",
        dataframe=events,
        index="event",
        time_index="occurred_at",
        logical_types={"product": "Categorical", "user_id": "Categorical", "error": "Integer", "quantity": "Double"},
    )
    entities.add_relationship("accounts", "account_id", "events", "account_id")
    cutoffs = pd.MultiIndex.from_product([accounts["account_id"], as_ofs], names=["account_id", "time"])
    cutoffs = cutoffs.to_frame(index=False)
    cutoffs["time"] -= pd.Timedelta(milliseconds=1)
    parts = []
    for days in windows:
        named = {
            f"events_{days}": _of(entities, "event", Count),
            f"errors_{days}": _of(entities, "error", Sum),
            f"quantity_{days}": _of(entities, "quantity", Sum),
            f"users_{days}": _of(entities, "user_id", NumUnique),
        }
        if days != windows[0]:
            named[f"products_{days}"] = _of(entities, "product", NumUnique)
        parts.append(_matrix(entities, cutoffs, named, f"{days} days").fillna(0.0))
    last = _matrix(entities, cutoffs, {"recency": _of(entities, "occurred_at", TimeSinceLast)}, None)
    # to whole days: from the beginning of the last one's day to the as_of
    at = pd.Series(cutoffs["time"].to_numpy() + np.timedelta64(1, "ms"), index=last.index)
    since = pd.to_timedelta(last["recency"].round(3) + 0.001, unit="s")
    parts.append(last.assign(recency=(at - (at - since).dt.normalize()).dt.days.astype("float64")))
    frame = pd.concat(parts, axis=1).reset_index()
    frame = frame.rename(columns={"time": "as_of"})
    return frame.assign(as_of=frame["as_of"] + pd.Timedelta(milliseconds=1))


def _of(entities, column, primitive):
    return ft.Feature(entities["events"].ww[column], parent_dataframe_name="accounts", primitive=primitive)


def _matrix(entities, cutoffs, named, window):
    matrix = ft.calculate_feature_matrix(
        list(named.values()),
        entities,
        cutoff_time=cutoffs,
        cutoff_time_in_index=True,
        training_window=window,
        n_jobs=1,
    )
    matrix.columns = list(named)
    return matrix.astype("float64")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The truth about a simulated company, written beside its data where no feature can read it.

    truth/probabilities.parquet   one row an account (and product), as_of and outcome: `probability`, its `error`
    truth/drivers.parquet         of some accounts, one row a driver besides: `contribution` in log-odds, its `error`
    truth/effects.parquet         of the same, one row a kind of offer: `without` it, `with` it, `effect`, its `error`
    truth/states.parquet          one row an account and as_of: every hidden state that is one number an account

The past is lived again with the same chance, so nothing of this is needed to write the data, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from examples.simulator.drivers import Course
from examples.simulator.futures import Prospect
from examples.simulator.lives import Company
from examples.simulator.scenario import Scenario
from examples.simulator.teller import DONORS, Teller
from features.errors import InputError


def write_truth(
    folder: Path,
    scenario: Scenario,
    accounts: int,
    seed: int,
    as_ofs: Sequence[date],
    *,
    days: int = 548,
    futures: int = 32,
    drivers_of: int = 1000,
    driver_futures: int = 64,
    threads: int = 2,
    say: Callable[[str], None] | None = None,
) -> None:
    """Writes `folder/truth/*.parquet` about those as_ofs; `accounts`, `seed` and `days` are those of the data.

    Raises:
        InputError: an as_of is not after the scenario's first day, there are too few futures to tell an error from,
            nobody is to be explained, or the futures of a driver cannot be shared out among donors.
    """
    say = say or (lambda _: None)
    wanted = sorted(scenario.day(as_of) for as_of in set(as_ofs))
    if not wanted or wanted[0] < 1:
        raise InputError(
            f"Truth is told of days after {scenario.first_day}, the scenario's first; asked for "
            f"{min(as_ofs, default='none')}. Ask for later days."
        )
    if futures < 2 or drivers_of < 1:
        raise InputError(
            f"Truth takes at least 2 futures, which have a spread, and drivers of at least 1 account; asked for "
            f"{futures} and {drivers_of}. Ask for more."
        )
    if driver_futures < 2 * DONORS or driver_futures % DONORS:
        raise InputError(
            f"The futures of a driver are shared out among {DONORS} donors, at least two each; {driver_futures} cannot "
            f"be. Ask for a multiple of {DONORS}."
        )
    frames: dict[str, list[pd.DataFrame]] = {"probabilities": [], "drivers": [], "effects": [], "states": []}
    say("live the past again")
    for prospect, course in _stand(scenario, accounts, days, seed, wanted):
        teller = Teller(prospect, course, threads)
        say(f"{futures} futures of {len(course.population):,} accounts as of {scenario.date(prospect.day)}")
        frames["probabilities"] += teller.probabilities(futures)
        frames["states"].append(teller.states())
        sample = teller.sample(drivers_of)
        say(f"true drivers of {len(sample.population):,} of them")
        frames["drivers"] += teller.drivers(sample, driver_futures)
        frames["effects"] += teller.effects(sample, driver_futures)
    for name, parts in frames.items():
        _write(folder / "truth" / f"{name}.parquet", pd.concat(parts, ignore_index=True))


def _stand(
    scenario: Scenario, accounts: int, days: int, seed: int, wanted: Sequence[int]
) -> list[tuple[Prospect, Course]]:
    """The accounts as they stand when each wanted day begins, and how everything spread from then on."""
    company = Company.found(scenario, accounts, days, seed, log=False)
    ahead = scenario.gap_days + scenario.horizon_days
    courses = {}
    for today in company.live(wanted[-1] + ahead):
        if today.day + 1 in wanted:
            there = np.flatnonzero(company.state.signed_on <= today.day)
            courses[today.day + 1] = Course(company.state, company.population).take(there)
    spreads = company.spreads
    return [
        (Prospect(scenario, seed, day, tuple(spreads[day : day + ahead])), course) for day, course in courses.items()
    ]


def _write(file: Path, frame: pd.DataFrame) -> None:
    """Keys as text and instants, all else as doubles or text; the same frame, the same bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    types = {"account_id": pa.string(), "product": pa.string(), "as_of": pa.timestamp("us")}
    types |= dict.fromkeys(("outcome", "driver", "kind", "people"), pa.string())
    schema = pa.schema([(name, types.get(name, pa.float64())) for name in frame.columns])
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, file, compression="zstd")

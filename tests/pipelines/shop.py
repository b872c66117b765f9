"""A shop whose customers leave by the channel that they came through: accounts and their use, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

FIRST, LATER, END = date(2024, 12, 2), date(2024, 12, 30), date(2024, 12, 30)
CONFIG = """\
[company]
name = "shop"

[data]
end = 2024-12-30

[data.tables.accounts]
attributes = { channel = "growth", employees = "service", age = "service" }

[features]
slices = ["age", "region"]

[outcomes.churn]
kind = "inactivity"
gap_days = 0
horizon_days = 28
active_days = 28

[training]
learning_rate = 0.1
resamples = 100
"""
LEAVING = {"web": 0.02, "shop": 0.05, "agent": 0.3}
"""The chance to stop buying, each month, by the channel that an account came through."""


def write_shop(folder: Path) -> None:
    """Six hundred accounts that buy every week until they stop, in a year."""
    random = np.random.default_rng(5)
    count = 600
    channel = random.choice(list(LEAVING), count, p=[0.4, 0.3, 0.3])
    joined = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, count), unit="D")
    months = np.array([random.geometric(LEAVING[each]) for each in channel])
    accounts = pd.DataFrame(
        {
            "account_id": [f"a{number:03d}" for number in range(count)],
            "signed_up_at": joined,
            "region": random.choice(["north", "south"], count),
            "channel": channel,
            "employees": random.integers(1, 500, count),
            "age": random.integers(18, 80, count),
        }
    )
    week = pd.to_timedelta(7 * np.arange(60), unit="D")
    use = accounts.merge(pd.DataFrame({"week": week}), how="cross")
    use = use.assign(occurred_at=use["signed_up_at"] + use["week"] + pd.Timedelta(hours=12))
    stays = use["week"] < pd.to_timedelta(28 * np.repeat(months, len(week)), unit="D")
    use = use.loc[stays & (use["occurred_at"] < pd.Timestamp(END)), ["account_id", "occurred_at"]]
    (folder / "data").mkdir(parents=True)
    accounts.to_csv(folder / "data" / "accounts.csv", index=False)
    use.to_csv(folder / "data" / "consumption.csv", index=False)

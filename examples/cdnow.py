"""CDNOW: 69,659 orders of 23,544 buyers of an early music shop; who will not order in the next three months?

    python -m examples.cdnow SOURCE TARGET

There is no contract to end, so churn is `inactivity`. Every buyer's first order lies in the first quarter, so nobody
is new later, and most never return: asking about all who bought within a year asks, at each as_of of the protocol,
about every buyer so far (18 % of whom order again). Asked only about those who bought within the last quarter the
question is a harder one, and its AUC about 0.67. The published figure of 0.765 is that of the whole cohort.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from examples.folder import PublicSet, command, write_folder

CDNOW = PublicSet(
    name="CDNOW",
    files=("CDNOW_master.txt",),
    origin="the CDNOW data set of Fader and Hardie, as CDNOW_master.txt",
)
EDITION_YEARS = 24
"""Copies with dates of 1997-98 are moved by so many years, to where the protocol's dates lie."""

CONFIG = """\
# CDNOW: orders of a music shop. Written by examples/cdnow.py.

[company]
name = "cdnow"
currency = "USD"
timezone = "UTC"

[data]
path = "data"
end = 2022-07-01

[outcomes.churn]
kind = "inactivity"                   # no order in the horizon
gap_days = 0
horizon_days = 92                     # three months
active_days = 365                     # asked of all who bought within a year: until the end of 2021, of every buyer

[training]
# Judged on 2021-10-01 alone; nothing is learned from orders after it. The last as_ofs before 2021-07-01 have no label
# that is certain when those of validation are asked about, and are used once the number of trees is known.
as_ofs = [
    2021-02-01, 2021-02-15, 2021-03-01, 2021-03-15, 2021-03-31,
    2021-05-01, 2021-06-01, 2021-07-01, 2021-10-01,
]
test_from = 2021-10-01
validation_as_ofs = 1
history_days = 28
"""


def prepare(source: Path, target: Path) -> None:
    """Writes `accounts` and `consumption` (one row an order: quantity in units, value in dollars) and the config.

    Two orders of one buyer on one day are two orders.

    Raises:
        InputError: `source` lacks the file.
    """
    orders = read_orders(CDNOW.locate(source)["CDNOW_master.txt"])
    accounts = orders.groupby("account_id", as_index=False).agg(signed_up_at=("occurred_at", "min"))
    write_folder(target, {"accounts": accounts, "consumption": orders}, CONFIG)


def read_orders(path: Path) -> pd.DataFrame:
    """One row an order: account_id, occurred_at (its day), quantity, value; in order of buyer and day."""
    orders = pd.read_csv(
        path,
        sep=r"\s+",
        header=None,
        names=["account_id", "day", "quantity", "value"],
        dtype={"account_id": "str", "day": "str"},
    )
    day = pd.to_datetime(orders.pop("day"), format="%Y%m%d").astype("datetime64[us]")
    if day.max().year < 2000:
        day = day + pd.DateOffset(years=EDITION_YEARS)
    orders.insert(1, "occurred_at", day)
    return orders.sort_values(["account_id", "occurred_at"], kind="stable", ignore_index=True)


if __name__ == "__main__":
    sys.exit(command("cdnow", prepare, sys.argv[1:]))

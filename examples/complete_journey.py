"""Complete Journey: a year of groceries of 2,500 households; who will take up a campaign's coupons?

    python -m examples.complete_journey SOURCE TARGET

A campaign sent to a household is an offer, and taken up with the first coupon redeemed in it. What is known when: the
offer on the day on which its campaign starts; its answer on the day of the redemption; households who redeem nothing
have given no answer. Transactions are read as they come, also from a sample (the counts are then rates). Demographics
stay out: they are a survey of unknown date. Households were members before the year begins, and nothing says since
when; all sign up on one day before the first campaign, so that tenure tells nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from examples.folder import PublicSet, command, write_folder

COMPLETE_JOURNEY = PublicSet(
    name="Complete Journey",
    files=(
        "campaign_descriptions.csv",
        "campaigns.csv",
        "coupon_redemptions.csv",
        "products.csv",
        "transactions_sample.csv",
    ),
    origin=(
        "dunnhumby's The Complete Journey as the R package completejourney tidies it, one CSV file a table "
        "(transactions_sample or all transactions under that name)"
    ),
)
TIMEZONE = "America/New_York"
"""Transactions are stamped in UTC and the shops open in the morning only if they stand there."""
MEMBERS_SINCE = "2016-11-01"

CONFIG = """\
# Complete Journey: groceries, and campaigns with coupons. Written by examples/complete_journey.py.

[company]
name = "complete_journey"
currency = "USD"
timezone = "America/New_York"

[data]
path = "data"
end = 2018-01-01

[outcomes.adoption]
kind = "offer_accepted"               # a coupon of the campaign is redeemed
gap_days = 0                          # the offer is the approach itself
horizon_days = 49                     # most campaigns last a month, the large ones seven weeks: 98 % of redemptions

[training]
# Judged on campaigns that start from September on and whose 49 days end within the data; learned from campaigns whose
# 49 days end before.
test_from = 2017-09-01
history_days = 28
"""


def prepare(source: Path, target: Path) -> None:
    """Writes `accounts`, `consumption` (a row a line of a receipt), `products` (departments), `offers` and the config.

    Raises:
        InputError: `source` lacks a file.
    """
    paths = COMPLETE_JOURNEY.locate(source)
    text = {"household_id": "str", "campaign_id": "str", "product_id": "str"}
    brought = {name.removesuffix(".csv"): pd.read_csv(path, dtype=text) for name, path in paths.items()}
    consumption = consumed(brought)
    tables = {
        "accounts": members(brought),
        "consumption": consumption,
        "products": pd.DataFrame({"product": sorted(consumption["product"].dropna().unique())}),
        "offers": offered(brought),
    }
    write_folder(target, tables, CONFIG)


def members(brought: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a household that any table names."""
    tables = ("transactions_sample", "campaigns", "coupon_redemptions")
    ids = pd.concat([brought[name]["household_id"] for name in tables]).drop_duplicates()
    ids = ids.sort_values(key=lambda text: text.astype(int), ignore_index=True)
    return pd.DataFrame({"account_id": ids}).assign(
        signed_up_at=local_midnight(pd.Series(MEMBERS_SINCE, index=ids.index))
    )


def consumed(brought: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a line of a receipt: its department, units (gallons and such for fuel) and dollars; in order of time."""
    lines = brought["transactions_sample"]
    departments = brought["products"][["product_id", "department"]]
    lines = lines.merge(departments, on="product_id", how="left", validate="many_to_one")
    frame = pd.DataFrame(
        {
            "account_id": lines["household_id"],
            "occurred_at": pd.to_datetime(lines["transaction_timestamp"]).astype("datetime64[us]"),
            "product": lines["department"],
            "quantity": lines["quantity"],
            "value": lines["sales_value"],
        }
    )
    return frame.sort_values(["occurred_at", "account_id"], kind="stable", ignore_index=True)


def offered(brought: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a household and campaign: offered when it starts, accepted with the first redemption."""
    campaigns = brought["campaign_descriptions"][["campaign_id", "campaign_type", "start_date"]]
    redeemed = brought["coupon_redemptions"].groupby(["campaign_id", "household_id"], as_index=False)
    first = redeemed["redemption_date"].min()
    sent = brought["campaigns"].merge(campaigns, on="campaign_id", how="left", validate="many_to_one")
    sent = sent.merge(first, on=["campaign_id", "household_id"], how="left", validate="one_to_one")
    frame = pd.DataFrame(
        {
            "offer_id": sent["campaign_id"] + "-" + sent["household_id"],
            "account_id": sent["household_id"],
            "offered_at": local_midnight(sent["start_date"]),
            "kind": "adoption",
            "target": sent["campaign_type"],
            "assigned": "targeted",
            "responded_at": local_midnight(sent["redemption_date"]),
            "accepted": sent["redemption_date"].notna().astype("boolean").where(sent["redemption_date"].notna()),
        }
    )
    return frame.sort_values(["offered_at", "offer_id"], ignore_index=True)


def local_midnight(day: pd.Series) -> pd.Series:
    """The instant at which each local day begins, as naive UTC; missing stays missing."""
    return (
        pd.to_datetime(day).dt.tz_localize(TIMEZONE).dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]")
    )


if __name__ == "__main__":
    sys.exit(command("complete_journey", prepare, sys.argv[1:]))

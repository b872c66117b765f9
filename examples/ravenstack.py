"""RavenStack: a made-up software company with 500 accounts, subscriptions, use and tickets, and nothing to be learned.

    python -m examples.ravenstack SOURCE TARGET

Its tables have the shapes of a software company's and its numbers are drawn without regard to each other: three
quarters of the use lies before the subscription that it belongs to, half of the tickets before their account signed up,
and next to no account ever ends its last subscription (it holds ten, nine of them open). It is carried over as it is.
The right end is a data report full of warnings and a refusal to promote a model.

There is no upgrade outcome: nine in ten subscriptions begin beside others that go on, plans of all tiers side by side,
so that nobody moves from one plan to another. (`tier_up` would find an AUC of 0.6 to 0.7 there by counting: who holds
a low tier and often buys will some day also hold a higher one.)

What stays out: every `*_flag` column and the plan and seats of the accounts table (values as of the export, without the
day since which they hold), and `churn_events` (it contradicts the subscriptions). `usage_id` is found twice for 21
pairs of different uses, so it identifies nothing and is not the contract's `event_id`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from examples.folder import PublicSet, command, write_folder

RAVENSTACK = PublicSet(
    name="RavenStack",
    files=(
        "ravenstack_accounts.csv",
        "ravenstack_subscriptions.csv",
        "ravenstack_feature_usage.csv",
        "ravenstack_support_tickets.csv",
    ),
    origin="the synthetic SaaS data set RavenStack (SaaS Subscription and Churn Analytics), as published on Kaggle",
)
TIERS = {"Basic": 1, "Pro": 2, "Enterprise": 3}

CONFIG = """\
# RavenStack: a made-up software company. Written by examples/ravenstack.py.

[company]
name = "ravenstack"
currency = "USD"
timezone = "UTC"

[data]
path = "data"
end = 2025-01-01

[outcomes.churn]
kind = "subscription_end"
gap_days = 14
horizon_days = 60
"""


def prepare(source: Path, target: Path) -> None:
    """Writes `accounts, subscriptions, plans, consumption, tickets, satisfaction` and the config.

    Raises:
        InputError: `source` lacks a file.
    """
    paths = RAVENSTACK.locate(source)
    accounts, subscriptions, usage, tickets = (pd.read_csv(paths[name]) for name in RAVENSTACK.files)
    tables = {
        "accounts": known_accounts(accounts),
        "subscriptions": terms(subscriptions),
        "plans": pd.DataFrame({"plan": list(TIERS), "tier": list(TIERS.values())}),
        "consumption": used(usage, subscriptions),
        "tickets": asked(tickets),
        "satisfaction": answered(tickets),
    }
    write_folder(target, tables, CONFIG)


def known_accounts(accounts: pd.DataFrame) -> pd.DataFrame:
    """One row an account; industry and region have no date since which they hold."""
    return pd.DataFrame(
        {
            "account_id": accounts["account_id"],
            "signed_up_at": instant(accounts["signup_date"]),
            "name": accounts["account_name"],
            "region": accounts["country"],
            "industry": accounts["industry"],
        }
    )


def terms(subscriptions: pd.DataFrame) -> pd.DataFrame:
    """One row a subscription, trials among them (they bring nothing a month)."""
    return pd.DataFrame(
        {
            "subscription_id": subscriptions["subscription_id"],
            "account_id": subscriptions["account_id"],
            "plan": subscriptions["plan_tier"],
            "started_at": instant(subscriptions["start_date"]),
            "ended_at": instant(subscriptions["end_date"]),
            "mrr": subscriptions["mrr_amount"].astype(float),
            "seats": subscriptions["seats"],
            "term_months": np.where(subscriptions["billing_frequency"] == "annual", 12, 1),
        }
    )


def used(usage: pd.DataFrame, subscriptions: pd.DataFrame) -> pd.DataFrame:
    """One row a use of a feature, of the account that its subscription belongs to."""
    owner = subscriptions[["subscription_id", "account_id"]]
    rows = usage.merge(owner, on="subscription_id", how="left", validate="many_to_one")
    return pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "occurred_at": instant(rows["usage_date"]),
            "product": rows["feature_name"],
            "quantity": rows["usage_count"].astype(float),
            "status": np.where(rows["error_count"] > 0, "error", "ok"),
        }
    )


def asked(tickets: pd.DataFrame) -> pd.DataFrame:
    """One row a ticket."""
    return pd.DataFrame(
        {
            "ticket_id": tickets["ticket_id"],
            "account_id": tickets["account_id"],
            "opened_at": instant(tickets["submitted_at"]),
            "severity": tickets["priority"],
            "resolved_at": instant(tickets["closed_at"]),
        }
    )


def answered(tickets: pd.DataFrame) -> pd.DataFrame:
    """One row a ticket whose closing was rated, at the instant at which it closed."""
    rated = tickets[tickets["satisfaction_score"].notna()].reset_index(drop=True)
    return pd.DataFrame(
        {
            "account_id": rated["account_id"],
            "occurred_at": instant(rated["closed_at"]),
            "instrument": "csat",
            "score": rated["satisfaction_score"],
        }
    )


def instant(text: pd.Series) -> pd.Series:
    """Days, or days with an hour, as naive UTC; missing stays missing."""
    return pd.to_datetime(text, format="mixed").astype("datetime64[us]")


if __name__ == "__main__":
    sys.exit(command("ravenstack", prepare, sys.argv[1:]))

"""What stands in the table of accounts and nothing dates: the present value of an attribute, on all old rows too."""

from __future__ import annotations

import ibis
import pandas as pd

from features.tables import Tables

NEVER = frozenset({"known_at", "event_id", "recorded_at", "account_id", "signed_up_at", "valid_from"})
"""No undated attributes."""


def undated_attributes(tables: Tables) -> tuple[str, ...]:
    """The columns of accounts whose present value stands on all old rows: without `valid_from` every one, with it those
    that never differ between the versions of an account, so that nothing shows that they were ever kept up to date.
    """
    accounts = tables["accounts"]
    names = [name for name in accounts.columns if name not in NEVER]
    if "valid_from" not in accounts.columns or not names:
        return tuple(names)
    kept = accounts.group_by("account_id").aggregate(**{name: accounts[name].nunique() for name in names})
    most = tables.connection.to_pyarrow(kept.aggregate(**{name: kept[name].max() for name in names})).to_pylist()[0]
    return tuple(name for name in names if (most[name] or 0) <= 1)


def undated_values(tables: Tables) -> pd.DataFrame:
    """The present values: one row an account, sorted, `account_id` and each undated attribute; numbers are doubles."""
    accounts, names = tables["accounts"], undated_attributes(tables)
    columns = {name: accounts[name] for name in names}
    for name, column in columns.items():
        if column.type().is_numeric():
            columns[name] = column.cast("float64")
    frame: pd.DataFrame = tables.connection.to_pyarrow(accounts.select("account_id", **columns)).to_pandas()
    # no version differs in these, but one may lack what another has
    return frame.groupby("account_id", sort=True).first().reset_index()


def years_there(tables: Tables) -> pd.Series[float]:
    """By account, sorted, the years from its signing up to the end of its last subscription, or to the data's end."""
    accounts = tables["accounts"]
    end = ibis.literal(tables.calendar.instant(tables.calendar.end)).cast("timestamp")
    rows = accounts.group_by("account_id").aggregate(signed=accounts["signed_up_at"].min()).mutate(gone=end)
    if tables.has("subscriptions", "ended_at"):
        terms = tables["subscriptions"]
        last = ibis.ifelse(terms["ended_at"].isnull().any(), end, ibis.least(terms["ended_at"].max(), end))
        ended = terms.group_by("account_id").aggregate(ended=last)
        joined = rows.left_join(ended, "account_id")
        rows = joined.select("account_id", "signed", gone=ibis.coalesce(joined["ended"], end))
    frame = tables.connection.to_pyarrow(rows).to_pandas().sort_values("account_id").set_index("account_id")
    years: pd.Series[float] = (frame["gone"] - frame["signed"]).dt.total_seconds() / (365.25 * 24 * 3600)
    return years

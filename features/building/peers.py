"""Peers: the accounts that one is compared with at an as_of, chosen by what was known then.

Who is compared depends on no label and on no cohort: otherwise somebody's departure after the as_of would move the
ranks of all others before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TypeAlias

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from features.clock import ACTIVE_DAYS, Horizon
from features.cohort import account_versions, active_accounts
from features.days import day_table
from features.tables import Tables

Doubles: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"
Whole: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.int64]]"
Flags: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.bool_]]"

MOST = 20_000
"""Peers an as_of; of more, those whose ids have the smallest hashes. A share of so many is exact to a third of a
hundredth (its standard error)."""
FEWEST = 10
"""Peers with a value, without which a rank among them says nothing and is missing."""
TENURES = (91, 364)
"""Days since signing up at which an account's peers change: a newcomer is compared with newcomers."""
GROUPS = ("everyone", "peers")
"""The columns that number the groups within which values are ranked."""
COLUMNS = ("asked", "peer", *GROUPS)
"""What `with_peers` adds to the keys."""


def with_peers(tables: Tables, keys: pd.DataFrame) -> pd.DataFrame:
    """The rows of a cohort of accounts and those of everybody whom they are compared with.

    One row per (account_id, as_of), sorted by `as_of` first: those keys; `asked`, whether it is a row of `keys`;
    `peer`, 1 where others are compared with it; and the numbers of the groups within which it is compared, `everyone`
    and `peers`.
    """
    days = day_table([day.date() for day in pd.DatetimeIndex(keys["as_of"].unique())], Horizon(1), ACTIVE_DAYS)
    active = _drawn(_frame(tables, active_accounts(tables, days)))
    rows = keys.merge(active, on=["account_id", "as_of"], how="outer", indicator="side", validate="one_to_one")
    rows = rows.merge(_sorts(tables, days), on=["account_id", "as_of"], how="left", validate="one_to_one")
    rows = rows.sort_values(["as_of", "account_id"], ignore_index=True)
    return rows[["account_id", "as_of"]].assign(
        asked=rows["side"] != "right_only",
        peer=(rows["side"] != "left_only").astype("int64"),
        everyone=rows.groupby("as_of").ngroup(),
        peers=rows.groupby(["as_of", "segment", "tenure"], dropna=False).ngroup(),
    )


def rank(values: Doubles, peer: Whole, group: Whole) -> Doubles:
    """The rank of each row's value in its group; `peer` is 1 where others are compared with the row.

    The share of the group's peers with a lower value, half of the equal ones counted: between 0 and 1; the middle where
    all are equal. NaN where the value is, and where fewer than `FEWEST` peers have one.
    """
    ranks = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.lexsort((values[known], group[known]))]
    if not order.size:
        return ranks
    changed = group[order][1:] != group[order][:-1]
    groups = _Runs(changed, peer[order])
    equals = _Runs(changed | (values[order][1:] != values[order][:-1]), peer[order])
    count = groups.total
    share = (equals.up_to - (groups.up_to - count) - equals.total / 2.0) / np.maximum(count, 1)
    ranks[order] = np.where(count >= FEWEST, share, np.nan)
    return ranks


class _Runs:
    """Neighbouring rows that belong together, and how many peers there are among them."""

    def __init__(self, changed: Flags, peer: Whole) -> None:
        starts = np.concatenate([[0], np.flatnonzero(changed) + 1])
        ends = np.concatenate([starts[1:], [len(peer)]])
        counted = np.concatenate([[0], np.cumsum(peer)])
        rows = np.repeat(np.arange(len(starts)), ends - starts)
        self.up_to: Whole = counted[ends][rows]
        """By row: the peers up to the end of its run, from the first row of all."""
        self.total: Whole = (counted[ends] - counted[starts])[rows]
        """By row: the peers in its run."""


def _sorts(tables: Tables, days: ir.Table) -> pd.DataFrame:
    """Segment and tenure of every known account: one row per (account_id, as_of)."""
    versions = account_versions(tables, days)
    age = versions["as_of"].delta(versions["signed_up_day"], unit="day")
    tenure = ibis.cases(*((age < edge, number) for number, edge in enumerate(TENURES)), else_=len(TENURES))
    segment = versions["segment"] if tables.has("accounts", "segment") else ibis.null("string")
    return _frame(tables, versions.select("account_id", "as_of", segment=segment, tenure=tenure))


def _drawn(active: pd.DataFrame) -> pd.DataFrame:
    """At most `MOST` rows an as_of, the same accounts wherever they are active."""
    if active.groupby("as_of").size().max() <= MOST:
        return active
    order = _hashes(active["account_id"].unique())
    place = active["account_id"].map(order).groupby(active["as_of"]).rank(method="first")
    drawn: pd.DataFrame = active[place <= MOST]
    return drawn


def _hashes(account_ids: Iterable[str]) -> dict[str, int]:
    """By account, its place in an order that has nothing to do with anything."""
    ordered = sorted(account_ids, key=lambda name: hashlib.sha256(name.encode()).digest())
    return {account_id: place for place, account_id in enumerate(ordered)}


def _frame(tables: Tables, rows: ir.Table) -> pd.DataFrame:
    frame: pd.DataFrame = tables.connection.to_pyarrow(rows).to_pandas()
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).astype("datetime64[us]"))

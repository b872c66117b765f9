"""The guard that edits the future: whatever stands at an as_of may not change with what was not known then.

    future_leaks(tables, as_of, features, sources)     # () where every feature keeps to the past

The property is that of `Leakage type L3.1` of Kapoor and Narayanan (2023, doi:10.1016/j.patter.2023.100804), held by
trying: another future (`features/guards/edits.py`), the same features, compared to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from features.building.builder import build
from features.clock import Horizon
from features.cohort import known_accounts, products_on_offer
from features.days import day_table
from features.errors import TimeError
from features.feature import Feature, Source
from features.guards.edits import ROWS, Future, Part
from features.guards.finding import Finding
from features.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

Doubles: TypeAlias = "NDArray[np.float64]"

GUARD = "future"
SAMPLE = 300
"""Accounts whose features are compared. A leak that touches one account in a hundred is missed by 300 of them once in
twenty times; 1,000 would take little longer, since the queries read all events either way."""
PRODUCTS = 5
"""Products that each of them is paired with."""
LISTED = 8


@dataclass(frozen=True)
class _Trial:
    """The features of a sample of accounts, as they are and in other futures."""

    future: Future
    cohorts: Mapping[str, pd.DataFrame]
    """By what features are about (`account`, `pair`), the rows that they are computed for."""
    features: tuple[Feature, ...]
    sources: Mapping[str, Source]
    values: Mapping[str, Doubles]
    """As they are, by feature; one value a row of what it is about."""

    def changed(self, parts: Sequence[Part], names: Sequence[str]) -> dict[str, float]:
        """Those of the features whose values change with the parts, each with the share of rows in which they do."""
        features = [feature for feature in self.features if feature.name in set(names)]
        if not parts or not features:
            return {}
        with ExitStack() as until:
            values = _values(self.future.otherwise(parts, until), self.cohorts, features, self.sources)
        shares = {name: _share(self.values[name], values[name]) for name in values}
        return {name: share for name, share in shares.items() if share > 0}


def future_leaks(
    tables: Tables,
    as_of: date,
    features: Sequence[Feature],
    sources: Mapping[str, Source],
    *,
    accounts: int = SAMPLE,
    progress: Callable[[str], None] | None = None,
) -> tuple[Finding, ...]:
    """The tables and columns through which features of `as_of` see what was not known then; none where they do not.

    Rebuilds the features of up to so many accounts that were known, with everything later edited: first all of it at
    once, then, where that changes any, table by table and column by column. Attributes of accounts without
    `valid_from` count as not known, unless they are declared. `figure` is the share of rows in
    which the feature that changes most does.

    Raises:
        TimeError: nothing lies after the as_of that could be edited, or the as_of lies outside the data.
    """
    cohorts = _cohorts(tables, as_of, accounts)
    chosen = tuple(feature for feature in features if not cohorts[feature.about].empty)
    with ExitStack() as until:
        future = Future(tables, as_of, until)
        _require_some(future)
        trial = _Trial(future, cohorts, chosen, sources, _values(tables, cohorts, chosen, sources))
        return tuple(_located(trial, progress or (lambda _: None)))


def _located(trial: _Trial, say: Callable[[str], None]) -> list[Finding]:
    """All at once; where that changes anything, table by table; and of a table that does, part by part."""
    parts = {table: trial.future.parts(table) for table in trial.future.tables}
    say("another future")
    moved = trial.changed([part for table in parts.values() for part in table], list(trial.values))
    found: list[Finding] = []
    for table in parts if moved else ():
        say(table)
        of_table = trial.changed(parts[table], list(moved))
        of_columns = {column: trial.changed([(table, column)], list(of_table)) for _, column in parts[table]}
        named = {column: names for column, names in of_columns.items() if names}
        if of_table:
            found += [_finding(trial.future, table, *one) for one in (named or {ROWS: of_table}).items()]
    if moved and not found:
        found.append(_finding(trial.future, "several tables together", ROWS, moved))
    return found


def _require_some(future: Future) -> None:
    calendar = future.tables.calendar
    inside = calendar.start < future.as_of < calendar.end
    if not inside or not any(future.unknown_rows(table) or future.unknown_values(table) for table in future.tables):
        raise TimeError(
            f"The future is edited where there is some: the data runs from {calendar.start} to {calendar.end}, and no "
            f"table has a row or a value that was not known at {future.as_of} yet. Choose an earlier as_of."
        )


def _cohorts(tables: Tables, as_of: date, count: int) -> dict[str, pd.DataFrame]:
    """A sample of the accounts known at the as_of, evenly over their ids, alone and with products."""
    days = day_table([as_of], Horizon(1), 1)
    known = tables.connection.to_pyarrow(known_accounts(tables, days).select("account_id").distinct())
    names = sorted(known.column("account_id").to_pylist())
    chosen = [names[place] for place in np.linspace(0, len(names) - 1, min(count, len(names))).astype(int)]
    accounts = pd.DataFrame({"account_id": chosen}, dtype="str").assign(as_of=pd.Timestamp(as_of))
    offered = "products" in tables or tables.has("consumption", "product")
    products: list[str] = []
    if offered:
        listed = tables.connection.to_pyarrow(products_on_offer(tables, days).select("product"))
        products = sorted(listed.column("product").to_pylist())[:PRODUCTS]
    pairs = accounts.merge(pd.DataFrame({"product": products}, dtype="str"), how="cross")
    return {"account": accounts, "pair": pairs}


def _values(
    tables: Tables, cohorts: Mapping[str, pd.DataFrame], features: Sequence[Feature], sources: Mapping[str, Source]
) -> dict[str, Doubles]:
    """Every feature's values for the cohort that it is about, by its name."""
    values: dict[str, Doubles] = {}
    for about, cohort in cohorts.items():
        chosen = [feature for feature in features if feature.about == about]
        if chosen:
            frame = build(tables, cohort, chosen, sources)
            values |= {feature.name: frame[feature.name].to_numpy(dtype=np.float64) for feature in chosen}
    return values


def _share(one: Doubles, other: Doubles) -> float:
    """The share of rows in which two columns differ by a bit."""
    return float((one.view(np.int64) != other.view(np.int64)).mean())


def _finding(future: Future, table: str, column: str, moved: Mapping[str, float]) -> Finding:
    place = f"{table}.{column}" if column else table
    names = sorted(moved, key=lambda name: -moved[name])
    listed = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
    if column in future.undated(table):
        what = "which nothing dates: its present value stands on all old rows"
        remedy = "Bring its versions with valid_from, or declare it static if it truly never changes"
    else:
        what = "only where it was not known yet"
        remedy = "Let the source see rows with day < as_of and known_day < as_of, late columns with late_day < as_of"
    share = max(moved.values())
    return Finding(
        GUARD,
        place,
        share,
        f"A feature of {future.as_of} rests on what was known before it",
        f"edited {place}, {what}, and {listed} changed, in up to {share:.1%} of rows",
        remedy,
        tuple(names),
    )

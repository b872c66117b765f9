"""The guard against hindsight: attributes of accounts that nothing dates and that tell what has already become of them.

A status, a team, a reason or a model's score that is written when a customer leaves stands on all of that customer's
old rows too, unless versions (`valid_from`) say since when. Such a column "predicts" the past.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from features.guards.finding import Finding
from features.guards.telling import ALONE, PURE, Telling, telling, too_few
from features.guards.undated import undated_values

if TYPE_CHECKING:
    from features.tables import Tables

GUARD = "hindsight"
TELLS = 0.8
"""Area under the ROC curve from which an attribute tells too much. What describes an account from the start (segment,
region, size) orders accounts by their risk, which rarely gives 0.7; 0.8 by one column that never changes is knowledge
of the outcome, or deserves a look. Of an attribute that is declared static its owner says that it was known at the
time, and it may be what the account did (spent, used, asked): such ones reach 0.85, and `ALONE` is the bound."""


def hindsight(tables: Tables, labels: pd.DataFrame) -> tuple[Finding, ...]:
    """The undated attributes of accounts whose present value, or its being missing, tells past labels, all or the last.

    `labels` has one row a member of a cohort: `account_id`, `as_of` and `label`, which may be missing. Of attributes
    that are declared the bound is higher. `figure` is the area under the ROC curve or, where that stays below the
    bound, the share of the rarer class at the values that mark it. With too few rows of either class nothing is said.
    """
    values, known = undated_values(tables), labels[labels["label"].notna()]
    of_all, of_latest = tellings(values, known), tellings(values, _latest(known))
    found = []
    for name, told in of_all.items():
        bound = ALONE if name in tables.static else TELLS
        if told.auc >= bound or told.decides:
            found.append(_finding(name, told, bound, name in tables.static))
        elif of_latest[name].auc >= ALONE or of_latest[name].decides:
            found.append(_finding(name, of_latest[name], ALONE, name in tables.static))
    return tuple(found)


def _latest(known: pd.DataFrame) -> pd.DataFrame:
    """The rows of the latest as_of, and of as many before it as it takes to have enough of either class; else all.

    What is written when an account leaves stands on all of its old rows, at most of which it had long to stay: the
    nearer the as_of to the day of the export, the plainer such a column tells.
    """
    for day in sorted(known["as_of"].unique(), reverse=True):
        rows: pd.DataFrame = known[known["as_of"] >= day]
        if not too_few(rows["label"].to_numpy(dtype="float64")):
            return rows
    return known


def tellings(values: pd.DataFrame, labels: pd.DataFrame) -> dict[str, Telling]:
    """How much each undated attribute tells of the labels, by its name; empty where there are too few of a class.

    `values` has one row an account: `account_id` and the attributes that are asked about.
    """
    known = labels.loc[labels["label"].notna(), ["account_id", "label"]]
    joined = known.merge(values, on="account_id", how="left", validate="many_to_one")
    target = joined["label"].to_numpy(dtype="float64")
    if too_few(target):
        return {}
    columns = [name for name in values.columns if name != "account_id"]
    return {name: telling(joined[name], target, joined["account_id"]) for name in columns}


def _finding(column: str, told: Telling, bound: float, static: bool) -> Finding:
    by_area = told.auc >= bound
    seen = (
        f"its present value alone tells past outcomes with an AUC of {told.auc:.3f} ({bound} or more is too much)"
        if by_area
        else f"{told.caught:.0%} of the rarer class bear values at which {told.pure:.0%} of all belong to it "
        f"({PURE:.0%} or more is too much; the AUC is {told.auc:.3f})"
    )
    return Finding(
        GUARD,
        f"accounts.{column}",
        told.auc if by_area else told.pure,
        "What describes an account was known before what became of it",
        f"accounts.{column} {'is declared static' if static else 'has no versions'}, and {seen}",
        "Bring its versions with valid_from, or leave it out",
    )

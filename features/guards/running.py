"""The guard of running totals: attributes that grow for as long as an account is there, and so are not static.

What was paid, used or answered so far stands in the table of accounts as of the export. On the row of an earlier as_of
it holds what was still to come, the more of it the longer the account stayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from features.guards.finding import Finding
from features.guards.telling import FEWEST
from features.guards.undated import undated_values, years_there

if TYPE_CHECKING:
    from features.tables import Tables

GUARD = "running total"
KNOWS_AGE = 0.8
"""Spearman's rank correlation with the time that accounts have been there. A total paid reaches 0.9 although accounts
pay ten times more or less a month; what describes accounts (a person's age, a monthly price) stays below 0.8."""


def running_totals(tables: Tables) -> tuple[Finding, ...]:
    """The undated attributes that are the larger the longer accounts have been there, up to their end or the data's.

    `figure` is the rank correlation, over accounts. Only rising ones count: a running number of customers falls.
    """
    values = undated_values(tables).set_index("account_id")
    years = years_there(tables).reindex(values.index)
    found = []
    for name in values.columns:
        column, known = values[name], values[name].notna()
        varied = min(column.nunique(), years[known].nunique()) >= FEWEST
        if not pd.api.types.is_float_dtype(column.dtype) or not varied:
            continue
        agreement = float(column[known].rank().corr(years[known].rank()))
        if agreement >= KNOWS_AGE:
            found.append(_finding(str(name), agreement, int(known.sum())))
    return tuple(found)


def _finding(column: str, agreement: float, accounts: int) -> Finding:
    return Finding(
        GUARD,
        f"accounts.{column}",
        agreement,
        "What never changes does not know how long its account has been there",
        f"accounts.{column} is the larger the longer an account stayed (rank correlation {agreement:.2f} over "
        f"{accounts:,} accounts; {KNOWS_AGE} or more is a total that runs on), so it holds what came after an as_of",
        "Leave it out, or bring what it adds up, dated, as consumption",
    )

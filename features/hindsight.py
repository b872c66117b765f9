"""The guard against hindsight: attributes of accounts that nothing dates and that tell what has already become of them.

A status, a team or a flag that is written when a customer leaves stands on all of that customer's old rows too, unless
versions (`valid_from`) say since when. Such a column "predicts" the past.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.edits import undated_attributes
from features.finding import Finding
from features.tables import Tables

GUARD = "hindsight"
TELLS = 0.8
"""Area under the ROC curve from which an attribute tells too much. What describes an account from the start (segment,
region, size) orders accounts by their risk, which rarely gives 0.7; 0.8 by one column that never changes is knowledge
of the outcome, or deserves a look."""
FOLDS = 5
FEWEST = 20
"""Rows of the rarer class without which nothing is said."""


def hindsight(tables: Tables, labels: pd.DataFrame, static: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """The undated attributes of accounts whose present value tells past labels; `static` ones are judged as well.

    `labels` has one row a member of a cohort: `account_id`, `as_of` and `label`, which may be missing. A value's risk
    is the share of positives among the other accounts that bear it. `figure` is the area under the ROC curve.
    """
    columns = undated_attributes(tables)
    accounts = tables.connection.to_pyarrow(tables["accounts"].select("account_id", *columns)).to_pandas()
    accounts = accounts.drop_duplicates("account_id")  # no version differs in these
    known = labels.loc[labels["label"].notna(), ["account_id", "label"]]
    joined = known.merge(accounts, on="account_id", how="left", validate="many_to_one")
    target = joined["label"].to_numpy(dtype=np.float64)
    if min(target.sum(), len(target) - target.sum()) < FEWEST:
        return ()
    told = {name: _tells(joined[name], target, joined["account_id"]) for name in columns}
    return tuple(_finding(name, figure, name in static) for name, figure in told.items() if figure >= TELLS)


def _tells(values: pd.Series[str], target: np.ndarray[tuple[int], np.dtype[np.float64]], accounts: pd.Series) -> float:
    """How well a column orders rows by label, each row by the accounts of the other folds that bear its value."""
    fold = pd.factorize(accounts, sort=True)[0] % FOLDS
    frame = pd.DataFrame({"value": values.astype("str").fillna("(none)"), "fold": fold, "label": target})
    whole = frame.groupby("value")["label"].agg(["sum", "count"])
    own = frame.groupby(["value", "fold"])["label"].agg(["sum", "count"])
    seen = frame.join(whole, on="value").join(own.add_suffix("_own"), on=["value", "fold"])
    base = float(target.mean())
    risk = (seen["sum"] - seen["sum_own"] + base) / (seen["count"] - seen["count_own"] + 1)
    positives = float(target.sum())
    above = float(risk.rank().to_numpy()[target == 1].sum()) - positives * (positives + 1) / 2
    return above / (positives * (len(target) - positives))


def _finding(column: str, figure: float, static: bool) -> Finding:
    told = "is declared static" if static else "has no versions"
    return Finding(
        GUARD,
        f"accounts.{column}",
        figure,
        f"What describes an account was known before what became of it; accounts.{column} {told}, and its present "
        f"value alone tells past outcomes with an AUC of {figure:.3f} ({TELLS} or more is more than a description "
        "gives). Bring its versions with valid_from, or leave it out.",
    )

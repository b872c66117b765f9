"""The truth of the rows that were judged: every one of them has it, or the measure is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.errors import InputError

KEYS = ("account_id", "product", "as_of")


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows with a `product`, empty where the outcome is about accounts."""
    if "product" in frame.columns:
        return frame.assign(product=frame["product"].fillna("").astype("str"))
    return frame.assign(product=pd.Series("", index=frame.index, dtype="str"))


def keys_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The keys alone, in the order of `KEYS`."""
    return keyed(frame[[key for key in KEYS if key in frame.columns]])[list(KEYS)]


def truth_of(rows: pd.DataFrame, truth: pd.DataFrame, outcome: str, columns: Sequence[str]) -> pd.DataFrame:
    """Those columns of the outcome's truth for each row of `rows`, in their order and with their index.

    `truth` has one row per (account_id, product, as_of, outcome).

    Raises:
        InputError: rows without truth, or truth given twice.
    """
    known = keyed(truth[truth["outcome"] == outcome])[[*KEYS, *columns]]
    twice = int(known.duplicated(list(KEYS)).sum())
    if twice:
        raise InputError(
            f"The truth has one row an account, product, as_of and outcome; of {outcome!r} {twice:,} are there again. "
            "Write the truth anew."
        )
    found = keys_of(rows).merge(known, on=list(KEYS), how="left", validate="many_to_one")
    lost = found[list(columns)].isna().any(axis=1)
    if lost.any():
        first = found[lost].iloc[0]
        raise InputError(
            f"Every row that is judged has its truth; {int(lost.sum()):,} of {len(found):,} rows of {outcome!r} have "
            f"none, such as account {first['account_id']} as of {first['as_of']:%Y-%m-%d}. Write the truth of the "
            "test's days and of every account and product in the cohort."
        )
    return found[list(columns)].set_index(rows.index)

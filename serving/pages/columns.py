"""Columns of a frame as JSON has them compactly: whole numbers, and words that repeat by their place in a list."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from serving.wording import tenths


def words(column: pd.Series[Any]) -> dict[str, Any]:
    """Texts that repeat: `words`, each once in the order of the alphabet, and `at`, each row's place in them.

    A missing or empty text is at -1.
    """
    texts = column.astype("str").replace("", None)
    codes, found = pd.factorize(texts, sort=True)
    return {"words": [str(word) for word in found], "at": codes.tolist()}


def texts(column: pd.Series[Any]) -> list[str | None]:
    """Texts that are nearly all different; None where one is missing."""
    return [None if pd.isna(text) else str(text) for text in column]


def whole(column: pd.Series[Any], times: float = 1) -> list[int | None]:
    """Numbers times a factor, rounded to whole ones; None where one is missing or not finite."""
    numbers = column.to_numpy(dtype="float64") * times
    there = np.isfinite(numbers)
    rounded = np.where(there, np.rint(np.where(there, numbers, 0)), 0).astype("int64").tolist()
    return [number if known else None for number, known in zip(rounded, there.tolist(), strict=True)]


def chances(column: pd.Series[Any]) -> list[int | None]:
    """Probabilities in tenths of a percent, as people see them: rounded once (`serving.wording`), never on the page."""
    return [None if pd.isna(chance) else tenths(chance) for chance in column]


def rows_of(frame: pd.DataFrame, ids: pd.Index[Any], key: Hashable = "account_id") -> tuple[pd.DataFrame, list[int]]:
    """The rows of those accounts, in the accounts' order, and where each account's rows begin.

    Account n has the rows from `starts[n]` up to `starts[n + 1]`, in the order that they had before.
    """
    place = ids.get_indexer(pd.Index(frame[key]))
    kept = frame[place >= 0].assign(_place=place[place >= 0]).sort_values("_place", kind="stable", ignore_index=True)
    starts = np.searchsorted(kept["_place"].to_numpy(), np.arange(len(ids) + 1))
    return kept.drop(columns="_place"), starts.tolist()

"""The reasons that people see first: three an account on the list, and the one that leads to its next step."""

from __future__ import annotations

import pandas as pd

from models.explanation import WEAK
from serving.pages.words import against, does
from serving.reasons import REST

SHOWN = 3
"""Reasons that the list shows."""
NOTHING_STANDS_OUT = "Nothing that is known sets it apart from the others"
"""In place of reasons where every contribution is weak."""


def strong(reasons: pd.DataFrame) -> pd.DataFrame:
    """The reasons that are told one by one: neither weak (`models.explanation.WEAK`) nor the sum of the others."""
    return reasons[(reasons["contribution"].abs() >= WEAK) & (reasons["idea"] != REST)]


def plain(reasons: pd.DataFrame) -> pd.DataFrame:
    """Those of them that say something and read as they are meant (`serving.sense`)."""
    told = strong(reasons)
    return told[_telling(told)]


def telling_first(reasons: pd.DataFrame) -> pd.DataFrame:
    """The reasons, those first that are worth telling first, each kind in the order that it had."""
    return reasons.assign(last=~_telling(reasons)).sort_values("last", kind="stable").drop(columns="last")


def _telling(reasons: pd.DataFrame) -> pd.Series[bool]:
    """Which are worth telling first; all, of a list that was published without saying so."""
    return reasons["telling"].astype("boolean").fillna(value=True).astype("bool")


def leading(reasons: pd.DataFrame) -> pd.DataFrame:
    """`idea` and `rung` of the reason that raises each probability most, of those that are worth telling.

    One row per (account_id, outcome), which are the index, that has a reason that raises it and is worth telling.
    """
    told = plain(reasons)
    raising = told[told["contribution"] > 0].sort_values(["account_id", "outcome", "position"], kind="stable")
    return raising.drop_duplicates(["account_id", "outcome"]).set_index(["account_id", "outcome"])[["idea", "rung"]]


def shown(reasons: pd.DataFrame, several_outcomes: bool) -> pd.DataFrame:
    """The three reasons of each account as the list shows them.

    One row an account (the index), columns `reason_1` to `reason_3`. `reasons` holds one outcome an account. Those
    that raise its probability come first, by contribution; the rest say that they speak against it. What is weak is no
    reason, and what is as it always was, is not known, or reads against common sense is not shown here
    (`serving.sense`): there may be fewer than three, and where there is none the first says so. Where the list holds
    several outcomes, each text names its own.
    """
    accounts = pd.Index(reasons["account_id"].unique(), name="account_id")
    reasons = plain(reasons)
    lowering = reasons["contribution"] < 0
    ordered = reasons.assign(lowering=lowering).sort_values(["account_id", "lowering", "position"], kind="stable")
    first = ordered.assign(place=ordered.groupby("account_id").cumcount() + 1)
    first = first[first["place"] <= SHOWN]
    columns = (first["text"], first["outcome"], first["product"], first["lowering"])
    words = [
        _with_outcome(text, outcome, product, raises=not lowers, named=several_outcomes)
        for text, outcome, product, lowers in zip(*columns, strict=True)
    ]
    table = first.assign(words=words).pivot(index="account_id", columns="place", values="words")
    table = table.reindex(index=accounts, columns=range(1, SHOWN + 1)).rename(columns=lambda place: f"reason_{place}")
    return table.fillna({"reason_1": NOTHING_STANDS_OUT}).rename_axis(columns=None)


def _with_outcome(text: str, outcome: str, product: str | None, *, raises: bool, named: bool) -> str:
    product = product if isinstance(product, str) else ""
    if not raises:
        return f"Against {against(outcome, product)}: {text}"
    return f"{does(outcome, product)}: {text}" if named else text

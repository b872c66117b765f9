"""How good the predictions were last time: what a list said, beside what came about since.

An account counts that the list gave a probability of the outcome and whose label is certain now. One whose outcome came
before the first day that counts (in the gap) has none, nor has one that the label's rule does not know any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serving.decision import BANDS, band, odds_ratio
from serving.money import Amount, amount

if TYPE_CHECKING:
    from serving.decision import DecisionSettings

TOP = 0.1
"""The share of accounts with the highest probabilities that the grade looks at."""
LIFT = 2.0
"""The outcome is at least so many times as frequent among them as among all, or they were no help."""
FEWEST = 10
"""Outcomes, predicted or seen, without which there is no grade."""
GOOD, MIXED, POOR, TOO_FEW = "Good", "Mixed", "Poor", "Too few to say"
RULE = (
    f"Good: as many came about as were predicted, within the 95% range of chance, and among the {TOP:.0%} of accounts "
    f"with the highest chances they were at least {LIFT:g} times as frequent as among all. Mixed: one of the two. "
    f"Poor: neither. With fewer than {FEWEST} predicted and fewer than {FEWEST} come about there is no grade."
)


@dataclass(frozen=True)
class Part:
    """Some of the accounts: a band, or the top."""

    name: str
    accounts: int
    predicted: Amount
    """How many outcomes, with the range in which chance alone would leave them."""
    realised: int
    lift: float
    """How many times as frequent as among all; NaN where there was none at all."""


@dataclass(frozen=True)
class LastTime:
    """What one list said of an outcome, and what came of it."""

    outcome: str
    as_of: date
    whole: Part
    bands: tuple[Part, ...]
    top: Part
    left_out: int
    """Accounts of the list that have no certain label."""
    money: Amount
    """Predicted, a year's worth, of the accounts with a value."""
    money_realised: float

    @property
    def level_held(self) -> bool:
        """Whether as many came about as were predicted, within chance."""
        return self.whole.predicted.low <= self.whole.realised <= self.whole.predicted.high

    @property
    def order_held(self) -> bool:
        """Whether those with the highest probabilities had it clearly more often."""
        return self.top.lift >= LIFT

    @property
    def grade(self) -> str:
        """A plain word, by `RULE`."""
        if max(self.whole.predicted.value, self.whole.realised) < FEWEST:
            return TOO_FEW
        return {2: GOOD, 1: MIXED, 0: POOR}[self.level_held + self.order_held]


def last_time(
    accounts: pd.DataFrame, labels: pd.DataFrame, outcome: str, as_of: date, settings: DecisionSettings
) -> LastTime | None:
    """What the list of that as_of said, beside the labels; None where no account of it has one.

    `accounts` is the list, one row an account_id; `labels` has one row per account_id, or (account_id, product) for an
    outcome of products, of which the list's likeliest counts: `label` 1 or 0. `settings` are those of that list.
    """
    column, product = f"{outcome}_probability", f"{outcome}_product"
    asked = accounts[accounts[column].notna()]
    keys = ["account_id"]
    if "product" in labels.columns:
        asked, keys = asked.assign(product=asked[product]), ["account_id", "product"]
    rows = asked.merge(labels[[*keys, "label"]], on=keys, how="inner", validate="1:1")
    rows = rows[rows["label"].notna()].sort_values([column, "account_id"], ascending=[False, True], kind="stable")
    if rows.empty:
        return None
    share = float(rows["label"].mean())
    words = band(odds_ratio(rows[column], float(asked[column].mean())), settings)
    parts = [(name, rows[words == name]) for name in BANDS]
    moving = rows["value_at_stake"].fillna(0.0).to_numpy(dtype="float64") * settings.share(outcome)
    chance, label = rows[column].to_numpy(dtype="float64"), rows["label"].to_numpy(dtype="float64")
    return LastTime(
        outcome=outcome,
        as_of=as_of,
        whole=_part("all", rows, column, share),
        bands=tuple(_part(name, its, column, share) for name, its in parts if len(its)),
        top=_part("top", rows.head(int(np.ceil(TOP * len(rows)))), column, share),
        left_out=len(asked) - len(rows),
        money=amount(chance, moving),
        money_realised=float((label * moving).sum()),
    )


def _part(name: str, rows: pd.DataFrame, column: str, share: float) -> Part:
    realised = int(rows["label"].sum())
    return Part(
        name=name,
        accounts=len(rows),
        predicted=amount(rows[column].to_numpy(dtype="float64"), np.ones(len(rows))),
        realised=realised,
        lift=realised / len(rows) / share if share else float("nan"),
    )

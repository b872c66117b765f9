"""Whom to turn to first, and with what: money at stake, rank, band, stage, play and change.

What the numbers mean, and which of them are assumptions, stands in docs/decisions/0007-money.md.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.families.life_cycle import RENEWAL, SHORTEST_TERM, STARTING
from serving.frame_types import STAGE
from serving.notice import NOTICE
from serving.wording import tenths

USUAL = "usual"
BANDS = ("high", "elevated", USUAL)
"""By how a chance compares; an account that has given notice has a band of its own (`serving.notice`)."""
CENTS = 2
"""Decimals of money; what is ranked is what is shown."""
EQUAL = 12
"""Decimals beyond which two weights are equal: 0.2 times 0.1 is no more than 0.02."""


class DecisionSettings(BaseModel):
    """The settings of `[decision]`: assumptions about money and time, to be replaced by what a company knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    churn_share: float = Field(1.0, ge=0)
    """Share of an account's value that moves when it leaves: all of it."""
    upgrade_share: float = Field(0.25, ge=0)
    """Share by which its value grows when it upgrades: an assumption, plans are often priced a quarter apart."""
    adoption_share: float = Field(0.1, ge=0)
    """Share by which its value grows when it takes on a further product: an assumption."""
    other_share: float = Field(0.1, ge=0)
    """The same for an outcome that the company has added: an assumption."""
    high_ratio: float = Field(3.0, gt=1)
    """Band `high` begins where the odds are so many times those of the average account on the list."""
    elevated_ratio: float = Field(1.5, gt=1)
    """Band `elevated` begins here."""

    @model_validator(mode="after")
    def _bands_in_order(self) -> DecisionSettings:
        if self.elevated_ratio > self.high_ratio:
            raise ValueError(
                f"band elevated begins at or below high; elevated_ratio is {self.elevated_ratio} and high_ratio "
                f"{self.high_ratio}. Lower the first."
            )
        return self

    def share(self, outcome: str) -> float:
        """The share of an account's value that the outcome moves."""
        shares = {"churn": self.churn_share, "upgrade": self.upgrade_share, "adoption": self.adoption_share}
        return shares.get(outcome, self.other_share)


def value_at_stake(facts: pd.DataFrame) -> pd.Series[float]:
    """A year of what the account pays, in the company's currency, one value a row of `facts`; missing where unknown.

    Twelve times `recurring_revenue` (a month) where there is any, else four times `consumed_value_91d` where that is
    above 0.
    """
    recurring = 12 * facts["recurring_revenue"].astype("float64")
    consumed = 4 * facts["consumed_value_91d"].astype("float64")
    value = recurring.where(recurring > 0, consumed.where(consumed > 0))
    return value.round(CENTS).rename("value_at_stake")


def choose(probabilities: pd.DataFrame, ratios: pd.DataFrame, settings: DecisionSettings) -> pd.DataFrame:
    """The outcome that each account is to be turned to for: the one with the largest probability times share of value.

    Only outcomes that stand out are weighed, those beyond the band `usual`, where an account has any: a call on no more
    than the average chance is a false alarm, however large the account. `probabilities` has one row an account and one
    column an outcome, missing where it was not asked about; `ratios` (see `odds_ratio`) has the same shape. Returns
    `outcome`, `probability`, `ratio` and `weight` (probability times share), one row an account; of equals the first
    column.
    """
    weights = (probabilities * [settings.share(outcome) for outcome in probabilities.columns]).round(EQUAL)
    out = (ratios >= settings.elevated_ratio).to_numpy()
    weighed = np.nan_to_num(weights.to_numpy(dtype="float64"), nan=-1.0)
    best = np.where(out | ~out.any(axis=1, keepdims=True), weighed, -2.0).argmax(axis=1)
    rows = np.arange(len(probabilities))
    return pd.DataFrame(
        {
            "outcome": pd.array(np.array(probabilities.columns, dtype=object)[best], dtype="str"),
            "probability": probabilities.to_numpy(dtype="float64")[rows, best],
            "ratio": ratios.to_numpy(dtype="float64")[rows, best],
            "weight": weights.to_numpy(dtype="float64")[rows, best],
        },
        index=probabilities.index,
    )


def expected_value(value_at_stake: pd.Series[float], weight: pd.Series[float]) -> pd.Series[float]:
    """The money that the chosen outcome moves on average: value at stake times probability times share."""
    return (value_at_stake * weight).round(CENTS).rename("expected_value")


def rank(accounts: pd.DataFrame) -> pd.DataFrame:
    """The accounts in the order in which to turn to them, with `rank` 1, 2, ...

    Those that have given notice come after all that stand out, and those in the band `usual` after them. Within a group
    by falling `expected_value`, accounts without one last; equal ones by falling `probability` of the chosen outcome,
    and by rising `account_id`. Without any value each group is thus in the order of the probabilities. Those that have
    given notice, of which nothing is expected, go by falling `value_at_stake`.
    """
    noticed = accounts["band"] == NOTICE
    weight = accounts["expected_value"].mask(noticed, accounts["value_at_stake"]) if noticed.any() else None
    ordered = accounts.assign(
        group=noticed + 2 * (accounts["band"] == USUAL),
        weight=accounts["expected_value"] if weight is None else weight,
    ).sort_values(
        ["group", "weight", "probability", "account_id"],
        ascending=[True, False, False, True],
        na_position="last",
        kind="stable",
        ignore_index=True,
    )
    return ordered.drop(columns=["group", "weight"]).assign(rank=np.arange(1, len(ordered) + 1, dtype="int64"))


def odds_ratio(probability: pd.Series[float], average: float) -> pd.Series[float]:
    """How many times the odds of the average account those of each probability are; missing where it is."""
    return (probability / (1 - probability)) / (average / (1 - average))


def band(ratio: pd.Series[float], settings: DecisionSettings) -> pd.Series[str]:
    """`high`, `elevated` or `usual`, by how the odds of the outcome compare with those of the list's average account.

    For rare outcomes this is the ratio of the probabilities; odds are used so that a common outcome (an average of
    60 %) has a high band too.
    """
    words = np.select([ratio >= settings.high_ratio, ratio >= settings.elevated_ratio], BANDS[:2], BANDS[2])
    return pd.Series(words, index=ratio.index, dtype="str", name="band")


def stage(facts: pd.DataFrame) -> pd.Series[str]:
    """Where the account stands in the customer life cycle: what its features tell (`features/families/life_cycle.py`).

    Where they are not computed, as their purposes are not allowed, facts say the same as far as they can; the first
    that holds. `shopping`: it signed up lately and pays and uses nothing yet; `disposing`: its renewal is near, it has
    given notice, or it is no longer active; `buying`: it is getting started; `using`: all others.
    """
    tenure = facts["tenure_days"].astype("float64")
    renewal = facts["days_to_renewal"].astype("float64")
    active = facts["active"].astype("boolean").fillna(value=False).astype(bool)
    noticed = facts["under_notice"].astype("boolean").fillna(value=False).astype(bool)
    young = tenure < STARTING
    nothing_paid = facts["plan"].isna() & facts["recurring_revenue"].isna() & facts["consumed_value_91d"].isna()
    near = renewal.between(0, RENEWAL) & ~(facts["term_months"].astype("float64") < SHORTEST_TERM)
    words = np.select(
        [nothing_paid & ~active & (young | tenure.isna()), near | noticed | ~active, young],
        ["shopping", "disposing", "buying"],
        "using",
    )
    worked_out = pd.Series(words, index=facts.index, dtype="str", name=STAGE)
    return facts[STAGE].fillna(worked_out) if STAGE in facts.columns else worked_out


def listed_chances(accounts: pd.DataFrame, rows: pd.DataFrame) -> pd.Series[float]:
    """The probability that a list's accounts show of each row's `account_id` and `outcome`; missing where none is."""
    found = pd.Series(np.nan, index=rows.index)
    by_account = accounts.set_index("account_id")
    for outcome in rows["outcome"].unique():
        column = f"{outcome}_probability"
        if column in by_account.columns:
            mine = rows["outcome"] == outcome
            found = found.mask(mine, rows["account_id"].map(by_account[column]))
    return found


def change(now: pd.DataFrame, before: pd.DataFrame | None) -> pd.Series[str]:
    """How the chosen outcome's probability moved since the previous list: `new`, `up 12 points`, `as before`.

    `now` has `account_id`, `outcome` and `probability`; `before` is the previous list, or None where there was none.
    An account, or an outcome, that the previous list did not have is `new`. Points are whole, of the difference
    between the chances that both lists show, which have tenths (`serving.wording.tenths`).
    """
    earlier = pd.Series(np.nan, index=now.index) if before is None else listed_chances(before, now)
    shown = [[math.nan if pd.isna(its) else tenths(its) for its in both] for both in (now["probability"], earlier)]
    points = (pd.Series(shown[0], dtype="float64") - pd.Series(shown[1], dtype="float64")) / 10
    return pd.Series([_moved(value) for value in points], index=now.index, dtype="str", name="change")


def _moved(points: float) -> str:
    if np.isnan(points):
        return "new"
    size = math.floor(abs(points) + 0.5)
    if size == 0:
        return "as before"
    size_text = f"{size} point{'' if size == 1 else 's'}"
    return f"up {size_text}" if points > 0 else f"down {size_text}"

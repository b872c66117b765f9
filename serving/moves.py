"""What would bring a score down to the usual: moves that similar accounts made, in words, for those worth a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Feature
from models.moves import moves
from models.scorer import expit
from serving.decision import DecisionSettings, odds_ratio
from serving.wording import change_text

if TYPE_CHECKING:
    from serving.scoring import Scored

UNWANTED = ("churn",)
"""Outcomes that a company wants to be rarer; of one that it has added nobody but the company knows."""
WORKED = 300
"""Accounts of which moves are told, those of the highest probability: more are not worked in a week."""
MOVE_TYPES: Mapping[str, str] = {
    "account_id": "string",
    "outcome": "string",
    "step": "int64",
    "idea": "string",
    "feature": "string",
    "value": "double",
    "to": "double",
    "similar": "int64",
    "probability": "double",
    "bound": "double",
    "enough": "bool",
    "text": "string",
}


def moves_of(
    scored: Scored,
    history: pd.DataFrame,
    features: Sequence[Feature],
    settings: DecisionSettings,
    currency: str = "",
) -> pd.DataFrame:
    """The moves of the accounts that stand out in an outcome that is not wanted.

    One row per (account_id, outcome, step), the columns of `MOVE_TYPES`: `probability` after this step and those before
    it, `bound` the probability at which the band `usual` begins, `enough` whether it is reached; see `models.moves`.
    `history` has the features of accounts at all as_ofs.
    """
    told = {feature.name: feature for feature in features}
    found = [no_moves()]
    for outcome in (name for name in scored.kept if name in UNWANTED and "product" not in scored.kept[name].rows):
        kept = scored.kept[outcome]
        chances = (
            scored.accounts[["account_id", f"{outcome}_probability"]].dropna().set_axis(["account_id", "p"], axis=1)
        )
        average = float(chances["p"].mean())
        out = chances[odds_ratio(chances["p"], average) >= settings.elevated_ratio]
        out = out.sort_values(["p", "account_id"], ascending=[False, True]).head(WORKED)
        rows = kept.rows[kept.rows["account_id"].isin(out["account_id"])]
        odds = settings.elevated_ratio * average / (1 - average)
        its = moves(kept.scorer, rows, history, features, float(np.log(odds)))
        words = [
            change_text(told[feature], value, to, currency, ahead=True)
            for feature, value, to in zip(its["feature"], its["value"], its["to"], strict=True)
        ]
        its = its.assign(
            outcome=outcome,
            probability=expit(its["log_odds"].to_numpy(dtype="float64")),
            bound=odds / (1 + odds),
            text=pd.Series(words, index=its.index, dtype="str"),
        )
        found.append(its.loc[:, list(MOVE_TYPES)])
    return pd.concat(found, ignore_index=True).sort_values(["account_id", "outcome", "step"], ignore_index=True)


def no_moves() -> pd.DataFrame:
    """The frame without a row."""
    kinds = {"string": "str", "double": "float64", "int64": "int64", "bool": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=kinds[kind]) for name, kind in MOVE_TYPES.items()})

"""What would bring a score down to the usual, or up to where it stands out: moves that similar accounts made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Feature
from models.moves import moves
from models.scorer import expit
from serving.decision import DecisionSettings, odds_ratio
from serving.pages.words import said
from serving.wording import chance, change_text

if TYPE_CHECKING:
    from serving.scoring import Scored

WORKED = 300
"""Accounts of which moves are told where an outcome is not wanted, those of the highest probability: more are not
worked in a week."""
IN_REACH = 50
"""The same where it is wanted: those nearest below where one stands out."""
FEW, MANY = 10, 50
"""Of a hundred similar accounts: up to how many are few, and from how many on they are many."""
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
    """The moves of the accounts that stand out in an outcome that is not wanted, and of those that nearly do in one
    that is.

    One row per (account_id, outcome, step), the columns of `MOVE_TYPES`: `probability` after this step and those before
    it, `bound` the probability at which the band `usual` ends, `enough` whether it is passed; see `models.moves`.
    `history` has the features of accounts at all as_ofs. Of outcomes about products the likeliest is looked at, and
    what is known of it stays as it is. Of an outcome that a company has added nobody but the company knows whether it
    is wanted, and nothing is told.
    """
    told = {feature.name: feature for feature in features}
    found = [no_moves()]
    for outcome, kept in scored.kept.items():
        wanted = said(outcome)["wanted"]
        if wanted is None:
            continue
        chances = scored.accounts.set_index("account_id")[f"{outcome}_probability"].dropna()
        odds = settings.elevated_ratio * float(chances.mean()) / (1 - float(chances.mean()))
        rows = kept.rows[kept.rows["account_id"].isin(_whose(chances, settings, wanted=wanted))]
        past = history.reindex(columns=list(dict.fromkeys(["account_id", "as_of", *kept.scorer.features])))
        its = moves(kept.scorer, rows, past, features, float(np.log(odds)), wanted=wanted)
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


def _whose(chances: pd.Series[float], settings: DecisionSettings, *, wanted: bool) -> pd.Index[str]:
    """The accounts of which moves are told, of one outcome's chances by account."""
    out = odds_ratio(chances, float(chances.mean())) >= settings.elevated_ratio
    told = chances[~out if wanted else out].sort_index().sort_values(ascending=False, kind="stable")
    return told.head(IN_REACH if wanted else WORKED).index


def how_many(similar: int) -> str:
    """How many of the hundred similar accounts did so: `few similar accounts did so (5 of 100)`."""
    words = "few" if similar <= FEW else "some" if similar < MANY else "many"
    return f"{words} similar accounts did so ({similar} of 100)"


def caveat(moves: pd.DataFrame, outcome: str) -> str:
    """What the moves of one score lead to, and that it is no promise."""
    bound, enough = chance(float(moves["bound"].iloc[0])), bool(moves["enough"].iloc[-1])
    under = "over" if said(outcome)["wanted"] else "under"
    target = f"{under} {bound}, where {'it stands out' if under == 'over' else 'the usual begins'}"
    leads = f"What would bring it {target}" if enough else f"What would help most, and not bring it {target}"
    return f"{leads}, in the model's view; no promise that doing it has that effect"


def no_moves() -> pd.DataFrame:
    """The frame without a row."""
    kinds = {"string": "str", "double": "float64", "int64": "int64", "bool": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=kinds[kind]) for name, kind in MOVE_TYPES.items()})

"""What would bring a score down to the usual, or up to where it stands out: moves that similar accounts made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Feature
from models.moves import moves
from models.scorer import expit
from serving.decision import DecisionSettings, odds_ratio
from serving.frame_types import MOVE_TYPES, no_moves
from serving.notice import lowered
from serving.pages.words import said
from serving.wording import chance, change_text

if TYPE_CHECKING:
    from serving.scored import Scored

WORKED = 300
"""Accounts of which moves are told where an outcome is not wanted, those of the highest probability: more are not
worked in a week."""
IN_REACH = 50
"""The same where it is wanted: those nearest below where one stands out."""
FEW, MANY = 10, 50
"""Of a hundred similar accounts: up to how many are few, and from how many on they are many."""
NAMED = 3
"""Features that the words of a step name, the one that leads among them."""


def moves_of(
    scored: Scored,
    history: pd.DataFrame,
    features: Sequence[Feature],
    settings: DecisionSettings,
    currency: str = "",
) -> pd.DataFrame:
    """The moves of the accounts that stand out in an outcome that is not wanted, and of those that nearly do in one
    that is.

    One row per (account_id, outcome, step, part), the columns of `MOVE_TYPES`: a step moves one idea, and each of its
    features that moves is a part, the one that leads first; `text` says of the first part the whole step, up to
    `NAMED` of its features, and of any other that feature alone; `probability` after this step and those before
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
        its = its.assign(text=_whole_steps(its))
        found.append(its.loc[:, list(MOVE_TYPES)])
    return pd.concat(found, ignore_index=True).sort_values(["account_id", "outcome", "step", "part"], ignore_index=True)


def _whole_steps(moved: pd.DataFrame) -> list[str]:
    """The words of each row: of the one that leads a step those of the others that move with it behind its own."""
    words = moved["text"].tolist()
    for places in moved.groupby(["account_id", "step"], sort=False).indices.values():
        first, others = places[0], places[1:]
        named = [lowered(words[place]) for place in others[: NAMED - 1]]
        if not named:
            continue
        more = len(others) - len(named)
        if more:
            named.append(f"{more} more number{'' if more == 1 else 's'} of {moved['idea'].iloc[first]}")
        words[first] += f", and with it {'; '.join(named)}"
    return words


def leads(moves: pd.DataFrame) -> pd.DataFrame:
    """One row a step: the part that leads it, whose words tell all of it."""
    return moves[moves["part"] == 1] if "part" in moves.columns else moves


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

"""The sums that published files keep, and what a move may be: rules that a list passes before anybody can see it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serving.decision import listed_chances
from serving.pages.words import said

if TYPE_CHECKING:
    from serving.lists import Lists

NEAR = 1e-6
"""Log-odds, or percentage points, within which sums agree: far beyond rounding, far below anything that is shown."""
LEAST = 1e-12
"""A probability nearer to 0 or to 1 is taken for one that is as near."""
KEYS = ["account_id", "outcome"]


def reasons_that_do_not_add_up(lists: Lists, outcomes: Collection[str]) -> Iterator[str]:
    """The reasons of every score lead from one and the same starting point of its model to it."""
    sums = lists.reasons.groupby(KEYS)[["contribution", "points"]].sum()
    for outcome in outcomes:
        column = f"{outcome}_probability"
        if column not in lists.accounts.columns or outcome not in sums.index.get_level_values("outcome"):
            continue
        made = sums.xs(outcome, level="outcome")
        chance = lists.accounts.set_index("account_id")[column].reindex(made.index).dropna()
        made = made.loc[chance.index]
        starts = {
            "contribution": _log_odds(chance) - made["contribution"],
            "points": 100 * chance - made["points"],
        }
        for name, start in starts.items():
            off = (start - start.median()).abs() > NEAR
            if off.any():
                yield (
                    f"reasons.{name}: of {int(off.sum()):,} scores of {outcome} they do not lead from the model's "
                    f"starting point to the score, such as those of {off[off].index[0]}"
                )


def changes_that_do_not_add_up(lists: Lists, before: pd.DataFrame | None) -> Iterator[str]:
    """The parts of a score's difference add up to it; `before` are the accounts of the list before."""
    if lists.changes.empty:
        return
    if before is None:
        yield f"changes: {len(lists.changes):,} rows, and no list before"
        return
    off = ~_adds_up(lists.changes, before, lists.accounts)
    if off.any():
        yield (
            f"changes: of {int(off.sum()):,} scores the parts do not add up to the difference between the lists, such "
            f"as those of {off[off].index[0][0]}"
        )


def those_that_add_up(changes: pd.DataFrame, before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The changes without those of scores that they do not lead to: what was kept behind the list before is not what
    was published then.
    """
    if changes.empty:
        return changes
    holds = _adds_up(changes, before, now)
    return changes[holds.reindex(pd.MultiIndex.from_frame(changes[KEYS])).to_numpy(dtype=bool)].reset_index(drop=True)


def moves_that_are_none(lists: Lists, actionable: Collection[str] | None) -> Iterator[str]:
    """Moves are steps 1, 2, ... towards their bound, of which the last says whether it is reached; and nobody is told
    to move what nobody can act on (`actionable`; not looked at where it is None).
    """
    moves = lists.moves
    if moves.empty:
        return
    if (moves["part"] != moves.groupby([*KEYS, "step"]).cumcount() + 1).any():
        yield "moves: parts of a step are not 1, 2, ... in the order of the rows"
    strangers = sorted(set(moves["feature"]) - set(actionable)) if actionable is not None else []
    if strangers:
        yield f"moves: {', '.join(strangers)} can be acted on by nobody"
    moves = moves[moves["part"] == 1].reset_index(drop=True)
    by_score = moves.groupby(KEYS)
    if (moves["step"] != by_score.cumcount() + 1).any():
        yield "moves: steps are not 1, 2, ... in the order of the rows"
    way = moves["outcome"].map(lambda outcome: 1.0 if said(outcome)["wanted"] else -1.0)
    first = listed_chances(lists.accounts, moves)
    begins = by_score["probability"].shift().fillna(first)
    away = (way * (moves["probability"] - begins) <= 0) | begins.isna()
    if away.any():
        yield f"moves: {int(away.sum()):,} steps lead away from their bound, such as one of {_one(moves, away)}"
    wrong = (way * (moves["probability"] - moves["bound"]) > 0) != moves["enough"]
    if wrong.any():
        yield f"moves: {int(wrong.sum()):,} say wrongly whether the bound is reached, one of {_one(moves, wrong)}"
    few = ~moves["similar"].between(1, 100)
    if few.any():
        yield f"moves: {int(few.sum()):,} were done by none of a hundred similar accounts, or by more"


def _adds_up(changes: pd.DataFrame, before: pd.DataFrame, now: pd.DataFrame) -> pd.Series[bool]:
    """Whether the parts of each score (the index: account and outcome) lead from its chance then to that of now."""
    sums = changes.groupby(KEYS)[["points", "log_odds"]].sum()
    rows = sums.reset_index()
    then, later = (pd.Series(listed_chances(frame, rows).to_numpy(), index=sums.index) for frame in (before, now))
    in_points = (sums["points"] - 100 * (later - then)).abs() <= NEAR
    return in_points & ((sums["log_odds"] - (_log_odds(later) - _log_odds(then))).abs() <= NEAR)


def _log_odds(chance: pd.Series[float]) -> pd.Series[float]:
    inside = chance.clip(LEAST, 1 - LEAST)
    return pd.Series(np.log(inside / (1 - inside)), index=chance.index)


def _one(moves: pd.DataFrame, which: pd.Series[bool]) -> str:
    return str(moves.loc[which, "account_id"].iloc[0])

"""What would change a score: the smallest moves, among those that similar accounts made, that bring it past a bound.

Holdfast tries nothing out that nobody did. For each idea that a company can act on, the accounts that stood where this
one stands (in the ranks of the idea's features) are looked up in the past, with where they stood at the next as_of;
one of these next places, all of the idea's features together, is what this account's could become. No place counts in
which something is worse than here (`better_of`), and none that differs in what is known. Of the places from which the
score falls under the bound, or rises over it where the outcome is wanted, the nearest counts, provided that enough of
the similar accounts got as far; where no idea does it alone, the one that helps most is moved first and the search goes
on from there.

It is the model's view of a row that is otherwise the same, and no promise: what goes together in the past need not
follow from what somebody does (docs/decisions/0019-moves.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from features.feature import Feature, Rank, Recency
from models.direction import better_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.scorer import Scorer

    Doubles = NDArray[np.float64]

SIMILAR = 100
"""Earlier rows beside which an account is held, idea by idea."""
ENOUGH = 5
"""Of these, so many must have got as far: what one in a hundred did is no advice."""
MOST = 3
"""Ideas that are moved, at most."""
REMEMBERED = 20_000
"""Steps from one as_of to the next that are remembered an idea, the latest ones."""
COLUMNS = ("account_id", "step", "part", "idea", "feature", "value", "to", "similar", "log_odds", "enough")
LITTLE = 0.01
"""A feature that moves by less in rank does not move."""


@dataclass(frozen=True)
class _Idea:
    """What accounts did with the features of one idea between two as_ofs."""

    name: str
    at: NDArray[np.intp]
    """The columns of the scorer's features that belong to it."""
    begin: Doubles
    """One row a step, one column a feature: the rank of where it began, 0 to 1, -1 where it was missing."""
    end: Doubles
    """The same rows: the values where it ended."""
    sorted_values: tuple[Doubles, ...]
    """By feature, all values in order, by which ranks are found."""
    better: Doubles
    """By feature: 1 where more is better, -1 where less is, 0 where nobody says."""
    telling: NDArray[np.float64]
    """By feature, how much it says to people: 2 an amount of the account's own, 1 a time since something, or a number
    beside it, 0 where it stands among its peers."""

    def ranks(self, values: Doubles) -> Doubles:
        """The ranks of rows of the idea's values."""
        columns = [_ranks(known, values[:, place]) for place, known in enumerate(self.sorted_values)]
        return np.column_stack(columns)


def moves(
    scorer: Scorer,
    rows: pd.DataFrame,
    history: pd.DataFrame,
    features: Sequence[Feature],
    bound: float,
    *,
    wanted: bool = False,
) -> pd.DataFrame:
    """The moves that bring the log-odds of each of `rows` under `bound`, or as near to it as similar accounts came.

    Where the outcome is `wanted`, over it. `rows` has one row an account_id on the other side of the bound with the
    scorer's features; `history` has `account_id`, `as_of` and the same features at several as_ofs, all of them before
    or at that of the rows. Only features of accounts that are `actionable` are moved, and all of an idea's at once.

    One row per (account_id, step, part), sorted: `step` from 1; the `idea` moved and all its features that move, `part`
    1 the one that leads: an amount before the time since something, and of several the one that moves most in rank.
    Of each `feature` its `value` and where it goes `to`; `similar`, how many of a hundred similar accounts got as far;
    `log_odds` after this step and those before; `enough`, whether that is past the bound. An account that nothing helps
    has none.
    """
    ideas = _ideas(scorer, history, features)
    aim = _Aim(scorer, bound, -1.0 if wanted else 1.0)
    found = []
    for account, values in zip(rows["account_id"], scorer.matrix(rows.loc[:, list(scorer.features)]), strict=True):
        found += [(account, *step) for step in _steps(aim, values, ideas)]
    return pd.DataFrame(found, columns=list(COLUMNS)).astype({"account_id": "str", "idea": "str", "feature": "str"})


@dataclass(frozen=True)
class _Aim:
    """Where to: log-odds turned so that less is always better, and the bound turned with them."""

    scorer: Scorer
    at: float
    way: float
    """1 where the score is to fall, -1 where it is to rise."""

    @property
    def bound(self) -> float:
        """Under it the aim is reached."""
        return self.way * self.at

    def turned(self, rows: Doubles) -> Doubles:
        """The log-odds of rows, turned."""
        return self.way * self.scorer.log_odds(pd.DataFrame(rows, columns=list(self.scorer.features)))


def _steps(
    aim: _Aim, values: Doubles, ideas: Mapping[str, _Idea]
) -> list[tuple[int, int, str, str, float, float, int, float, bool]]:
    """The steps of one account, each with all that moves in it."""
    steps = []
    bound = aim.bound
    here, left = values.copy(), {name: _near(idea, values) for name, idea in ideas.items()}
    now = np.inf
    for number in range(1, MOST + 1):
        tried = _tried(aim, here, ideas, left)
        found = [(name, *one) for name, (near, after) in tried.items() if (one := _nearest(near, after, bound))]
        best = min(found, key=lambda move: (move[2], move[0]), default=None)
        if best is None:
            found = [(name, *one) for name, (near, after) in tried.items() if (one := _enough(near, after))]
            best = _furthest(found, min(now, float(aim.turned(here[None, :])[0])))
        if best is None:
            break
        name, to, _, now, similar = best
        idea = ideas[name]
        del left[name]
        reached = (similar, aim.way * now, now < bound)
        for part, place in enumerate(_moved(idea, here[idea.at], to), 1):
            feature, value = aim.scorer.features[idea.at[place]], float(here[idea.at[place]])
            steps.append((number, part, name, feature, value, float(to[place]), *reached))
        here[idea.at] = to
        if now < bound or not left:
            break
    return steps


@dataclass(frozen=True)
class _Near:
    """Where the similar accounts ended, one row each, and how far that is from here, in mean rank."""

    ends: Doubles
    sizes: Doubles


def _near(idea: _Idea, here: Doubles) -> _Near:
    rank = idea.ranks(here[None, idea.at])
    apart = np.abs(idea.begin - rank).mean(axis=1)
    bound = np.partition(apart, SIMILAR - 1)[SIMILAR - 1]
    close = np.flatnonzero(apart <= bound)
    near = close[np.argsort(apart[close], kind="stable")][:SIMILAR]
    ends = idea.end[near]
    ends = ends[(np.isnan(ends) == np.isnan(here[idea.at])).all(axis=1)]
    moved = idea.ranks(ends) - rank
    there = (moved * idea.better >= 0).all(axis=1)
    return _Near(ends[there], np.abs(moved[there]).mean(axis=1))


def _tried(
    aim: _Aim, here: Doubles, ideas: Mapping[str, _Idea], left: Mapping[str, _Near]
) -> dict[str, tuple[_Near, Doubles]]:
    """By idea, the turned log-odds if this account stood where the similar ones ended; all in one prediction."""
    left = {name: near for name, near in left.items() if len(near.ends)}
    if not left:
        return {}
    blocks = []
    for name, near in left.items():
        rows = np.repeat(here[None, :], len(near.ends), axis=0)
        rows[:, ideas[name].at] = near.ends
        blocks.append(rows)
    after = np.split(aim.turned(np.concatenate(blocks)), np.cumsum([len(b) for b in blocks])[:-1])
    return {name: (near, its) for (name, near), its in zip(left.items(), after, strict=True)}


_Move: TypeAlias = "tuple[Doubles, float, float, int]"
"""Where to, how far in mean rank, the log-odds there, how many of the similar accounts got as far."""


def _nearest(near: _Near, after: Doubles, bound: float) -> _Move | None:
    """The nearest place under the bound, where enough of the similar accounts came under it."""
    under = np.flatnonzero(after < bound)
    if len(under) < ENOUGH:
        return None
    at = under[np.argsort(near.sizes[under], kind="stable")[0]]
    return near.ends[at], float(near.sizes[at]), float(after[at]), len(under)


def _enough(near: _Near, after: Doubles) -> _Move | None:
    """The place that as many as are enough got to, or further down."""
    if len(after) < ENOUGH:
        return None
    at = np.argsort(after, kind="stable")[ENOUGH - 1]
    return near.ends[at], float(near.sizes[at]), float(after[at]), ENOUGH


def _furthest(
    found: list[tuple[str, Doubles, float, float, int]], now: float
) -> tuple[str, Doubles, float, float, int] | None:
    """The move that brings the score down most, if any does."""
    best = min(found, key=lambda move: (move[3], move[0]), default=None)
    return best if best is not None and best[3] < now - 1e-9 else None


def _moved(idea: _Idea, here: Doubles, to: Doubles) -> list[int]:
    """The features that move, those first that say most to people, and of these the one that moves most in rank."""
    moved = np.abs(idea.ranks(to[None, :]) - idea.ranks(here[None, :]))[0]
    order = np.lexsort((-moved, -idea.telling))
    found = [int(place) for place in order if moved[place] >= LITTLE]
    return found or [int(moved.argmax())]


def _telling(feature: Feature) -> float:
    """How much a feature says to people who are to move it."""
    if isinstance(feature.value, Rank):
        return 0.0
    return 1.0 if any(isinstance(leaf, Recency) for leaf in feature.value.leaves()) else 2.0


def _ideas(scorer: Scorer, history: pd.DataFrame, features: Sequence[Feature]) -> dict[str, _Idea]:
    """By name the ideas that can be acted on, with what accounts did."""
    column = {name: place for place, name in enumerate(scorer.features)}
    better = better_of(features)
    told = {feature.name: _telling(feature) for feature in features}
    members: dict[str, list[int]] = {}
    for feature in features:
        if feature.actionable and feature.about == "account" and feature.name in column:
            members.setdefault(feature.idea, []).append(column[feature.name])
    ordered = history.sort_values(["account_id", "as_of"], kind="stable", ignore_index=True)
    values = scorer.matrix(ordered.loc[:, list(scorer.features)])
    same = ordered["account_id"].to_numpy()[1:] == ordered["account_id"].to_numpy()[:-1]
    steps = np.flatnonzero(same)
    latest = ordered["as_of"].to_numpy()[steps + 1]
    steps = steps[np.argsort(latest, kind="stable")][-REMEMBERED:]
    found = {}
    for name, places in sorted(members.items()):
        at = np.array(sorted(places), dtype=np.intp)
        begin, end = values[np.ix_(steps, at)], values[np.ix_(steps + 1, at)]
        moved = ((begin != end) & ~(np.isnan(begin) & np.isnan(end))).any(axis=1)
        if moved.sum() < SIMILAR:
            continue
        known = tuple(np.sort(each[~np.isnan(each)]) for each in values[:, at].T)
        ways = np.array([better.get(scorer.features[place], 0.0) for place in at])
        telling = np.array([told[scorer.features[place]] for place in at])
        idea = _Idea(name, at, np.empty(0), end[moved], known, ways, telling)
        found[name] = replace(idea, begin=idea.ranks(begin[moved]))
    return found


def _ranks(known: Doubles, values: Doubles) -> Doubles:
    """The share of known values below, half of the equal ones counted; -1 where it is missing."""
    low, high = (np.searchsorted(known, values, side=side) for side in ("left", "right"))
    return np.where(np.isnan(values), -1.0, (low + high) / (2 * max(len(known), 1)))

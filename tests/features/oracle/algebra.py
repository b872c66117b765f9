"""What a feature's value is, worked out from what was known: the same small algebra, done by counting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from features.feature import DAYS, Among, Combined, Distinct, Leaf, Rank, Recency, Score, State, Total, Value
from tests.features.oracle.past import Asked, Past
from tests.features.oracle.peers import FEWEST, peers

Entries = list[tuple[date, Any]]
"""One entry an event: its day, and what it is worth to a measure (or whom it names, of an entity)."""
Answer = Callable[[Past, Asked], Any]
"""Of an event source: the `Entries` of a measure or an entity. Of a state: its value, None where there is none."""
Answers = Mapping[tuple[str, str], Answer]
"""By source and measure, entity or state."""
Number = Fraction | None
"""None where it is missing."""


def value_of(value: Value, past: Past, asked: Asked, zero: bool, answers: Answers) -> Number:
    """The value; with `zero` a total or a count of nothing is 0, otherwise it is missing."""
    if isinstance(value, Combined):
        left = value_of(value.left, past, asked, zero, answers)
        right = value_of(value.right, past, asked, zero, answers)
        return _combined(value.operator, left, right)
    if isinstance(value, Rank):
        return _rank(value, past, asked, answers)
    if isinstance(value, Score):
        return _score(value, past, asked, answers)
    if not isinstance(value, Leaf):
        raise TypeError(f"The oracle has no answer to a value such as {value!r}.")
    answer = answers[value.source, value.name]
    if isinstance(value, State):
        state = answer(past, asked)
        return None if state is None else Fraction(state)
    return _counted(value, past, answer(past, asked), zero)


def _counted(leaf: Leaf, past: Past, entries: Entries, zero: bool) -> Number:
    """What the events of a window add up to, or how long ago the last was that was worth anything."""
    ages = [((past.as_of - day).days, worth) for day, worth in entries if day < past.as_of and worth is not None]
    if isinstance(leaf, Recency):
        return min((Fraction(age) for age, worth in ages if worth > 0), default=None)
    if not isinstance(leaf, Total | Distinct):
        raise TypeError(f"The oracle has no answer to a leaf such as {leaf!r}.")
    days, lag = leaf.window.days, leaf.window.lag
    inside = [(age, worth) for age, worth in ages if lag < age and (days is None or age <= lag + days)]
    if not inside:
        return Fraction(0) if zero else None
    if isinstance(leaf, Distinct):
        return Fraction(len({whom for _, whom in inside}))
    if leaf.name == DAYS:
        return Fraction(len({age for age, _ in inside}))
    return sum((Fraction(worth) for _, worth in inside), Fraction(0))


def _combined(operator: str, left: Number, right: Number) -> Number:
    """Whatever is made of something missing is missing, and so is a share of nothing."""
    if left is None or right is None:
        return None
    if operator == "/":
        return None if right == 0 else left / right
    return left + right if operator == "+" else left - right


def _rank(rank: Rank, past: Past, asked: Asked, answers: Answers) -> Number:
    """The share of its peers that have less, half of those that have as much counted."""

    def ranked(account: str) -> Number:
        question = (rank.value, rank.zero, account)
        return past.once(question, lambda: value_of(rank.value, past, Asked(account), rank.zero, answers))

    return _place(past, asked, rank.among, ranked)


def _place(past: Past, asked: Asked, among: Among, worth: Callable[[str], Number]) -> Number:
    """The share of its peers that are worth less, half of those that are worth as much counted."""
    own = worth(asked.account)
    others = [value for account in peers(past, asked, among) if (value := worth(account)) is not None]
    if own is None or len(others) < FEWEST:
        return None
    lower, equal = sum(value < own for value in others), sum(value == own for value in others)
    return (lower + Fraction(equal, 2)) / len(others)


def _score(score: Score, past: Past, asked: Asked, answers: Answers) -> Number:
    """Of 100: the rank among everyone of the mean of the ranks that are known, each turned so that more is better."""

    def mean(account: str) -> Number:
        ranks = [(part, _rank(part.rank, past, Asked(account), answers)) for part in score.parts]
        known = [rank if part.higher_is_better else 1 - rank for part, rank in ranks if rank is not None]
        return sum(known, Fraction(0)) / len(known) if known else None

    place = _place(past, asked, "everyone", lambda account: past.once((score, account), lambda: mean(account)))
    return None if place is None else 100 * place

"""How probable each outcome truly is: many futures of the same accounts, lived by the same rules as their past.

On every day of every future the odds of the day are added up, not what is then drawn: the sum of the daily hazards of
those who may still have the event has the expectation of the event itself (the compensator of a counting process,
Andersen and Gill 1982, doi:10.1214/aos/1176345976) and varies far less. Nobody is made to leave: what comes after
counts with the probability of still being there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.day import live
from examples.simulator.drift import use_rates
from examples.simulator.drivers import Course
from examples.simulator.scenario import NEVER, Scenario
from examples.simulator.spread import Spread
from examples.simulator.state import State
from examples.simulator.threads import side_by_side
from examples.simulator.world import World

ROWS_AT_ONCE = 24_000
"""Futures that are lived together."""
APART = 10**9
"""Between the numbers of an account in two of its futures, which are as unlike as two accounts."""
SURE = 50.0
"""A rate of use at which a day without use does not happen."""


@dataclass(frozen=True)
class Outlook:
    """True probabilities of the accounts of a course, each with its standard error."""

    churn: np.ndarray
    churn_error: np.ndarray
    upgrade: np.ndarray
    upgrade_error: np.ndarray
    adoption: np.ndarray
    """(accounts, products)."""
    adoption_error: np.ndarray

    def of(self, outcome: str) -> tuple[np.ndarray, np.ndarray]:
        """The probabilities of one outcome and their errors."""
        return getattr(self, outcome), getattr(self, f"{outcome}_error")


@dataclass(frozen=True)
class Prospect:
    """From when on futures are lived, and how everything will have spread by then among all others."""

    scenario: Scenario
    seed: int
    day: int
    spreads: tuple[Spread, ...]
    """From that day on, one a day, over gap and horizon."""

    @property
    def length(self) -> int:
        """Days to be lived."""
        return self.scenario.gap_days + self.scenario.horizon_days


def outlook(prospect: Prospect, course: Course, futures: int, threads: int = 1) -> Outlook:
    """The true probabilities of every account of the course, over so many futures each.

    The same accounts meet the same futures whatever else is asked, so that two courses that differ in one state differ
    by what that state does.
    """
    state = course.state
    undecided = np.flatnonzero(state.alive(prospect.day) & ~state.leaving(prospect.day))
    pieces = _pieces(course.take(undecided), max(ROWS_AT_ONCE // futures, 1))
    parts = side_by_side(partial(_lived, prospect, futures), pieces, threads)
    told = _decided(prospect, course)
    for values, lived in zip(told, zip(*parts, strict=True), strict=False):
        values[undecided] = np.concatenate(lived)
    return Outlook(*told)


def _decided(prospect: Prospect, course: Course) -> tuple[np.ndarray, ...]:
    """In the order of `Outlook`: who has left or will has nothing before it but the end of the contract, if any."""
    scenario, ends_on = prospect.scenario, course.state.ends_on
    opens = prospect.day + scenario.gap_days
    ends = (opens <= ends_on) & (ends_on < opens + scenario.horizon_days)
    gone = ends if scenario.contractual else ends_on < NEVER
    nothing = np.zeros(len(ends_on)), np.zeros(len(ends_on))
    no_pair = np.zeros(course.state.uses.shape), np.zeros(course.state.uses.shape)
    return gone.astype(float), np.zeros(len(gone)), *nothing, *no_pair


def _pieces(course: Course, accounts: int) -> Iterator[Course]:
    for start in range(0, len(course.population), accounts):
        yield course.take(np.arange(start, min(start + accounts, len(course.population))))


def _lived(prospect: Prospect, futures: int, course: Course) -> tuple[np.ndarray, ...]:
    """Probabilities and errors of a few accounts: churn, upgrade, adoption, in the order of `Outlook`."""
    scenario, accounts = prospect.scenario, len(course.population)
    row = np.repeat(np.arange(accounts), futures)
    state, population = course.state.take(row), course.population.take(row)
    number = population.number + APART * (1 + np.tile(np.arange(futures), accounts))
    population = replace(population, number=number)
    chance = Chance(prospect.seed).branch(prospect.day)
    world = World(scenario, Chance(prospect.seed))
    tally = _Tally.begin(prospect, state.uses.shape)
    for spread, day in zip(prospect.spreads, range(prospect.day, prospect.day + prospect.length), strict=True):
        today = world.today(day)
        tier = state.tier.copy()
        odds = live(state, population, today, world, spread, scenario, chance, anybody_leaves=False)
        rate = np.zeros(len(state)) if scenario.contractual else _rate(state, day, today.rhythm, scenario)
        tally.add(day, odds.leave, odds.ends_on, odds.move_up, odds.take_on, rate)
        tally.moved |= state.tier > tier
    parts = []
    for inside, before in tally.sums():
        shape = (accounts, futures, *inside.shape[1:])
        parts += list(_share(inside.reshape(shape), before.reshape(shape)))
    return tuple(parts)


def _rate(state: State, day: int, rhythm: float, scenario: Scenario) -> np.ndarray:
    """Uses that are to be expected of each account; the first days of a product are days of use in any case."""
    first_days = state.uses & (state.adopted_on <= day) & (day < state.adopted_on + scenario.min_days)
    return np.where(first_days.any(axis=1), SURE, use_rates(state, day, rhythm, scenario).sum(axis=1))


def _share(inside: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean over futures of what happens in the horizon, of those to whom it did not happen in the gap; its error.

    In one future the sum of hazards may exceed 1; only its mean over futures is a probability. The error is that of a
    ratio of two means, to first order (Cochran, "Sampling Techniques", 1977).
    """
    spared = np.maximum(1.0 - before.mean(axis=1), 1e-9)
    probability = np.clip(inside.mean(axis=1) / spared, 0.0, 1.0)
    residual = inside - probability[:, None] * (1.0 - before)
    return probability, residual.std(axis=1, ddof=1) / np.sqrt(inside.shape[1]) / spared


@dataclass
class _Tally:
    """What has been added up so far; one row a future of an account."""

    opens: int
    closes: int
    min_days: int
    contractual: bool
    here: np.ndarray
    """The probability of not having left."""
    quiet: np.ndarray
    """The probability of not having left nor used anything since the horizon opened."""
    left: np.ndarray
    left_early: np.ndarray
    up: np.ndarray
    up_early: np.ndarray
    on: np.ndarray
    on_early: np.ndarray
    moved: np.ndarray

    @classmethod
    def begin(cls, prospect: Prospect, pairs: tuple[int, int]) -> _Tally:
        scenario, rows = prospect.scenario, pairs[0]
        opens = prospect.day + scenario.gap_days
        return cls(
            opens=opens,
            closes=opens + scenario.horizon_days,
            min_days=scenario.min_days,
            contractual=scenario.contractual,
            here=np.ones(rows),
            quiet=np.ones(rows),
            left=np.zeros(rows),
            left_early=np.zeros(rows),
            up=np.zeros(rows),
            up_early=np.zeros(rows),
            on=np.zeros(pairs),
            on_early=np.zeros(pairs),
            moved=np.zeros(rows, bool),
        )

    def add(
        self,
        day: int,
        leave: np.ndarray,
        ends_on: np.ndarray,
        move_up: np.ndarray,
        take_on: np.ndarray,
        rate: np.ndarray,
    ) -> None:
        """One day more."""
        inside = day >= self.opens
        moves = self.here * (1.0 - leave) * move_up * ~self.moved
        self.up += moves * inside
        self.up_early += moves * (not inside)
        starts = self.here[:, None] * take_on
        counted = day + self.min_days
        self.on += starts * (self.opens <= counted < self.closes)
        self.on_early += starts * (counted < self.opens)
        if self.contractual:
            leaves = self.here * leave
            self.left += leaves * ((self.opens <= ends_on) & (ends_on < self.closes))
            self.left_early += leaves * (ends_on < self.opens)
        else:
            self.quiet *= np.exp(-rate) if inside else 1.0
            self.left += self.quiet * leave
            self.quiet *= 1.0 - leave
        self.here *= 1.0 - leave

    def sums(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """Of churn, upgrade and adoption: what adds up in the horizon, and what does in the gap."""
        left = self.left + (0.0 if self.contractual else self.quiet)
        return (left, self.left_early), (self.up, self.up_early), (self.on, self.on_early)

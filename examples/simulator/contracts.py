"""What each account has signed: terms, renewals, notices, moves; changed in place and written to the log."""

from __future__ import annotations

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.log import Log
from examples.simulator.population import Population
from examples.simulator.scenario import NEVER, Scenario
from examples.simulator.state import State
from examples.simulator.world import World

LETTER = 60
"""Days before the end of a term at which the next one's price is told."""
TERMS = ("account", "tier", "seats", "signed", "opened", "ended", "notice", "long_term", "price_level")
"""Columns of the log's table `terms`: one row a period of constant terms."""


def days_to_renewal(state: State, day: int, scenario: Scenario) -> np.ndarray:
    """Days to the next renewal, at least 1."""
    term = np.where(state.long_term, scenario.long_days, scenario.short_days)
    return np.asarray(term - (day - state.signed_on) % term)


def end_if_left(state: State, day: int, scenario: Scenario) -> np.ndarray:
    """The day on which the contract would end if its account made up its mind today.

    With its term, or for good cause after the notice period where the term runs for longer; a day or two before the end
    is too late, and a further short term or notice period follows. Where there is no contract, it is tomorrow.
    """
    if not scenario.contractual:
        return np.full(len(state), day + 1)
    left = days_to_renewal(state, day, scenario)
    once_more = left + np.where(state.long_term, scenario.notice_days, scenario.short_days)
    left = np.where(left < 3, once_more, np.minimum(left, np.where(state.long_term, scenario.notice_days, left)))
    return np.asarray(day + left)


def leave(state: State, who: np.ndarray, day: int, scenario: Scenario) -> None:
    """Some make up their mind."""
    state.ends_on[:] = np.where(who, end_if_left(state, day, scenario), state.ends_on)
    state.notice_on[:] = np.where(who, day, state.notice_on)


def renew(state: State, population: Population, day: int, price: float, scenario: Scenario, log: Log | None) -> None:
    """Contracts that begin today cost what they cost today; those that begin anew, what the letter had said.

    The letter comes `LETTER` days before a term ends (or with the term before, where that is shorter): it is then that
    a rise is felt, while there is time to leave.
    """
    for price_of in (state.price_level, state.price_next):
        price_of[:] = np.where(state.signed_on == day, price, price_of)
    if not scenario.contractual:
        return
    term = np.where(state.long_term, scenario.long_days, scenario.short_days)
    there = (state.signed_on < day) & state.alive(day) & ~state.leaving(day)
    left = days_to_renewal(state, day, scenario)
    dearer = there & (left == term) & (state.price_level != state.price_next)
    _close(state, population, dearer, day, log)
    state.price_level[:] = np.where(dearer, state.price_next, state.price_level)
    state.opened_on[:] = np.where(dearer, day, state.opened_on)
    told = there & (left == np.minimum(LETTER, term - 1)) & (np.abs(state.price_level - price) > 1e-9)
    state.price_shock[:] += np.where(told, np.log(price / state.price_level), 0.0)
    state.price_next[:] = np.where(told, price, state.price_next)


def move(state: State, population: Population, who: np.ndarray, steps: int, day: int, log: Log | None) -> None:
    """Some change to a plan so many tiers up (or down) from that day on."""
    _close(state, population, who, day, log)
    state.opened_on[:] = np.where(who, day, state.opened_on)
    state.tier[:] = np.where(who, state.tier + steps, state.tier)


def move_down(state: State, population: Population, who: np.ndarray, day: int, world: World, log: Log | None) -> None:
    """Some change to the plan below, and lose the products that it does not have."""
    move(state, population, who, -1, day, log)
    state.uses[:] &= ~who[:, None] | (world.min_tier <= state.tier[:, None])


def room_below(state: State, scenario: Scenario) -> np.ndarray:
    """Whether there is a plan below whose limit the seats do not exceed."""
    limit = seat_limits(scenario)[np.maximum(state.tier - 1, 0)]
    return np.asarray((state.tier > 0) & (state.seats <= limit))


def seat_limits(scenario: Scenario) -> np.ndarray:
    """Of each plan; infinite where it has none."""
    return np.array([plan.seat_limit or np.inf for plan in scenario.plans])


def resize(
    state: State, population: Population, who: np.ndarray, day: int, scenario: Scenario, chance: Chance, log: Log | None
) -> None:
    """Some change the number of seats, mostly upwards and never beyond the plan's limit."""
    factor = np.array([0.8, 1.15, 1.3])[chance.choose([0.25, 0.45, 0.3], "seats", day, population.number)]
    seats = np.clip(np.ceil(state.seats * factor), 1, seat_limits(scenario)[state.tier])
    changed = who & (seats != state.seats) & (state.seats > 1)
    _close(state, population, changed, day, log)
    state.opened_on[:] = np.where(changed, day, state.opened_on)
    state.seats[:] = np.where(changed, seats, state.seats)


def close_all(state: State, population: Population, log: Log) -> None:
    """Writes down the terms that are in force when the simulation ends, and when they end."""
    _close(state, population, state.opened_on < state.ends_on, state.ends_on, log)


def _close(state: State, population: Population, who: np.ndarray, until: np.ndarray | int, log: Log | None) -> None:
    """Writes down the terms in force, which hold until that day; terms that never held are left out."""
    if log is None:
        return
    until = np.broadcast_to(until, len(state))
    at = np.flatnonzero(who & (state.opened_on < until))
    leaves = until[at] == state.ends_on[at]
    log.add(
        "terms",
        account=population.number[at],
        tier=state.tier[at],
        seats=state.seats[at].astype(int),
        signed=state.signed_on[at],
        opened=state.opened_on[at],
        ended=until[at],
        notice=np.where(leaves & ~population.silent[at], state.notice_on[at], NEVER),
        long_term=state.long_term[at],
        price_level=state.price_level[at],
    )

"""One day of the accounts: states move, people ask for help, offers are made, some leave, move up or take on more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.simulator import contracts, hazards
from examples.simulator.chance import Chance
from examples.simulator.drift import drift
from examples.simulator.helpdesk import ask
from examples.simulator.log import Log
from examples.simulator.outreach import approach
from examples.simulator.population import Population
from examples.simulator.scenario import Scenario
from examples.simulator.spread import Spread
from examples.simulator.state import State
from examples.simulator.world import Today, World


@dataclass(frozen=True)
class Odds:
    """What could happen on a day, before it is drawn: daily probabilities, 0 where it cannot."""

    leave: np.ndarray
    ends_on: np.ndarray
    """The day on which the contract ends for who decides today to leave."""
    move_up: np.ndarray
    take_on: np.ndarray
    """(accounts, products)."""


def live(
    state: State,
    population: Population,
    today: Today,
    world: World,
    spread: Spread,
    scenario: Scenario,
    chance: Chance,
    log: Log | None = None,
    *,
    lively: bool = True,
    anybody_leaves: bool = True,
) -> Odds:
    """Lives one day, in place; `spread` is how it stood when the day began.

    Before the tables begin states only find their level: nobody is `lively` yet. Where the odds of many courses of the
    same world are added up, nobody is made to leave, since the odds of leaving say it more exactly.
    """
    contracts.renew(state, population, today.day, world.price(today.day), scenario, log)
    drift(state, population, today, spread, scenario, chance)
    ask(state, population, today, scenario, chance, log)
    if not lively:
        nobody = np.zeros(len(state))
        return Odds(nobody, np.zeros(len(state), int), nobody, np.zeros(state.uses.shape))
    approach(state, population, today, scenario, chance, log)
    odds = chances(state, population, today, world, spread, scenario)
    _draw(state, population, today.day, odds, world, scenario, chance, log, anybody_leaves)
    return odds


def chances(
    state: State, population: Population, today: Today, world: World, spread: Spread, scenario: Scenario
) -> Odds:
    """The odds of the day as the states stand."""
    day = today.day
    settled = state.alive(day) & ~state.leaving(day) & (day - state.signed_on > hazards.SETTLED)
    settled_pairs = (state.alive(day) & (day - state.signed_on > hazards.SETTLED // 2))[:, None]
    return Odds(
        leave=np.where(settled, hazards.leaving(state, population, today, scenario), 0.0),
        ends_on=contracts.end_if_left(state, day, scenario),
        move_up=np.where(settled, hazards.moving_up(state, population, today, world, scenario), 0.0),
        take_on=np.where(settled_pairs, hazards.taking_on(state, population, today, world, spread, scenario), 0.0),
    )


def _draw(
    state: State,
    population: Population,
    day: int,
    odds: Odds,
    world: World,
    scenario: Scenario,
    chance: Chance,
    log: Log | None,
    anybody_leaves: bool,
) -> None:
    """What does happen."""
    who = population.number
    settled = odds.leave > 0
    if anybody_leaves:
        contracts.leave(state, chance.happens(odds.leave, "leaves", day, who), day, scenario)
    staying = settled & ~state.leaving(day)
    ups = staying & chance.happens(odds.move_up, "moves up", day, who)
    contracts.move(state, population, ups, 1, day, log)
    if scenario.contractual:
        luck = chance.uniform("changes", day, who)
        fewer = 0.0002 * np.exp(-state.budget)
        downs = staying & ~ups & contracts.room_below(state, scenario) & (luck < fewer)
        contracts.move_down(state, population, downs, day, world, log)
        grows = 0.0012 * np.exp(0.8 * np.clip(state.fast - state.slow, -1, 1) + 0.4 * state.budget)
        resized = staying & ~ups & ~downs & (luck > 1 - grows)
        contracts.resize(state, population, resized, day, scenario, chance, log)
    pairs = (day, who[:, None], np.arange(state.uses.shape[1])[None, :])
    luck = chance.uniform("takes on", *pairs)
    takes = luck < odds.take_on
    drops = state.uses & ~scenario.core & (state.adopted_on < day - 14) & (luck > 1 - scenario.adoption["dropped"])
    state.uses[:] = (state.uses | takes) & ~drops
    state.adopted_on[:] = np.where(takes, day + 1, state.adopted_on)

"""How accounts are approached: offers, some drawn at random with a control group, most picked by a seller's belief.

The seller is plausible and wrong: it sells moves up to those who use much, further products to those who use much and
have a champion, and tries to keep those who use little. It sees use and satisfaction, and not who can be persuaded.
"""

from __future__ import annotations

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.coefficients import Kind, Treatment
from examples.simulator.log import Log
from examples.simulator.population import KINDS, PEOPLE, Population
from examples.simulator.scenario import Scenario
from examples.simulator.state import State
from examples.simulator.world import Today

EVERY_DAYS = 14
LASTS_DAYS = 30
OFFERS = ("account", "day", "kind", "target", "channel", "targeted", "treated", "responded", "accepted")
"""Columns of the log's table `offers`: `target` is the position of a plan or product, -1 for none."""


def approach(
    state: State, population: Population, today: Today, scenario: Scenario, chance: Chance, log: Log | None
) -> None:
    """Every two weeks, offers of each kind."""
    if today.day % EVERY_DAYS:
        return
    can = state.alive(today.day) & ~state.leaving(today.day) & (today.day - state.signed_on > EVERY_DAYS)
    for position, kind in enumerate(KINDS):
        able = can & (state.tier < len(scenario.plans) - 1) if kind == "upgrade" else can
        luck = chance.uniform("offered", today.day, position, population.number)
        at_random = able & (luck < scenario.treatments[kind].at_random)
        targeted = able & (luck > 1 - _picked(kind, scenario.treatments[kind], state))
        at = np.flatnonzero(at_random | targeted)
        if len(at):
            _offer(kind, at, targeted[at], state, population, today, scenario, chance, log)


def _picked(kind: Kind, treatment: Treatment, state: State) -> np.ndarray:
    """The probability that the seller picks each account."""
    belief = {
        "retention": -state.fast - 0.3 * state.satisfaction,
        "upgrade": state.fast,
        "adoption": state.fast + 0.5 * state.champion,
    }[kind]
    keen = np.exp(treatment.bias * np.clip(belief, -2.0, 2.0))
    return np.asarray(np.minimum(treatment.targeted * keen, 0.5))


def _offer(
    kind: Kind,
    at: np.ndarray,
    targeted: np.ndarray,
    state: State,
    population: Population,
    today: Today,
    scenario: Scenario,
    chance: Chance,
    log: Log | None,
) -> None:
    day, position, who = today.day, KINDS.index(kind), population.number[at]
    target = _target(kind, at, targeted, state, population, today, scenario, chance)
    some = target > -2
    at, targeted, target, who = at[some], targeted[some], target[some], who[some]
    treated = targeted | chance.happens(0.5, "treated", day, position, who)
    force(state, population, kind, at[treated], target[treated], day, scenario)
    if log is None:
        return
    wish = _wish(kind, at, target, state, scenario)
    answers = treated & chance.happens(1 / (1 + np.exp(0.9 - 0.5 * state.champion[at])), "answers", day, position, who)
    accepted = answers & chance.happens(1 / (1 + np.exp(1.4 - 1.1 * wish)), "accepts", day, position, who)
    log.add(
        "offers",
        account=who,
        day=day,
        kind=position,
        target=target,
        channel=chance.happens(0.25, "by call", day, position, who).astype(int),
        targeted=targeted,
        treated=treated,
        responded=np.where(answers, day + chance.whole(0, 14, "answers after", day, position, who), 10**6),
        accepted=accepted,
    )


def force(
    state: State,
    population: Population,
    kind: Kind,
    at: np.ndarray,
    target: np.ndarray,
    day: int,
    scenario: Scenario,
) -> None:
    """Puts an offer into force for those accounts, for `LASTS_DAYS`; whoever listens also hears of what it is about.

    Only the persuadable listen: sure things have made up their mind before, lost causes and those better left asleep
    do not read on.
    """
    until = day + LASTS_DAYS - 1
    listens = population.people[at, KINDS.index(kind)] == PEOPLE.index("persuadable")
    heard = scenario.drift["aware_offer"] * listens
    if kind == "retention":
        state.retention_until[at] = until
    elif kind == "upgrade":
        state.upgrade_until[at] = until
        state.aware_next[at] += heard * (1 - state.aware_next[at])
    else:
        state.adoption_until[at, target] = until
        state.aware[at, target] += heard * (1 - state.aware[at, target])


def _target(
    kind: Kind,
    at: np.ndarray,
    targeted: np.ndarray,
    state: State,
    population: Population,
    today: Today,
    scenario: Scenario,
    chance: Chance,
) -> np.ndarray:
    """The plan or product that is offered; -1 where it is neither, -2 where there is nothing to offer."""
    if kind == "retention":
        return np.full(len(at), -1)
    if kind == "upgrade":
        return np.asarray(np.minimum(state.tier[at] + 1, len(scenario.plans) - 1))
    products = np.arange(len(scenario.products))
    luck = chance.uniform("which product", today.day, population.number[at][:, None], products[None, :])
    liking = -np.log(-np.log(luck)) + 0.6 * targeted[:, None] * state.interest[at][:, scenario.family_of]
    liking = np.where(can_take_on(state.take(at), today, scenario), liking, -np.inf)
    return np.where(np.isfinite(liking.max(axis=1)), liking.argmax(axis=1), -2)


def can_take_on(state: State, today: Today, scenario: Scenario) -> np.ndarray:
    """(accounts, products): on offer, in the account's plan, and not yet used."""
    min_tier = np.array([product.min_tier - 1 for product in scenario.products])
    return np.asarray(~state.uses & today.on_offer & (state.tier[:, None] >= min_tier))


def _wish(kind: Kind, at: np.ndarray, target: np.ndarray, state: State, scenario: Scenario) -> np.ndarray:
    if kind == "upgrade":
        return np.asarray(state.budget[at])
    if kind == "retention":
        return np.asarray(state.satisfaction[at])
    return np.asarray(state.interest[at, scenario.family_of[target]])

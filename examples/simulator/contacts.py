"""Who speaks with whom: meetings come of champions, advocacy of content accounts, community of interest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.simulator.chance import Chance, sixteen
from examples.simulator.drift import most
from examples.simulator.instants import within
from examples.simulator.population import Population
from examples.simulator.scenario import Scenario
from examples.simulator.state import State

CONTACTS = ("meeting", "call", "email", "review", "referral", "advocacy", "community")
INBOUND = np.array([False, False, False, False, True, True, True])
"""Which of them always come from the account."""


@dataclass(frozen=True)
class Contacts:
    """Rows of one day, by account."""

    account: np.ndarray
    kind: np.ndarray
    inward: np.ndarray
    occurred: np.ndarray


def contacts_on(day: int, state: State, population: Population, scenario: Scenario, chance: Chance) -> Contacts:
    """At most one contact an account and day."""
    who = population.number
    luck = chance.uniform("contact", day, who)
    # rates add up to less than this for everybody, so that few of them need be computed
    near = np.flatnonzero((luck < 0.2) & state.alive(day))
    likely = np.cumsum(_rates(state, near, scenario), axis=1)
    luck = luck[near]
    met = luck < likely[:, -1]
    at, kind = near[met], (luck[met, None] >= likely[met]).sum(axis=1)
    words = chance.words("contact at", day, who[at])
    inward = INBOUND[kind] | (sixteen(words, 1) < 0.35 * 65_536)
    return Contacts(who[at], kind, inward, within(day, sixteen(words, 0), scenario))


def _rates(state: State, at: np.ndarray, scenario: Scenario) -> np.ndarray:
    """(accounts, kinds): a day. Private customers are not met and not reviewed with."""
    champion, warm = state.champion[at], 1.2 * state.satisfaction[at] + 0.5 * state.trust[at]
    praise = np.exp(np.clip(warm, -3.0, 3.0))
    large = np.clip((state.seats[at] / 9.0) ** 0.35, 0.6, 3.0)
    formal = 1.0 if scenario.names in ("business", "site") else 0.0
    rates = {
        "meeting": formal * 0.0018 * large * (0.25 + champion),
        "call": 0.0022 * large,
        "email": 0.004 + 0.004 * champion,
        "review": formal * 0.0012 * large * (0.4 + champion),
        "referral": 0.0004 * praise,
        "advocacy": 0.0003 * praise,
        "community": 0.0016 * np.exp(np.clip(0.9 * most(state.interest[at]) - 0.6, -3.0, 3.0)),
    }
    return np.stack([rates[kind] for kind in CONTACTS], axis=1)

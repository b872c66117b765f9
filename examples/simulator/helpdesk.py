"""What accounts ask for help with, and whether the promised day is kept: what is kept builds trust."""

from __future__ import annotations

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.drift import log_use, most
from examples.simulator.log import Log
from examples.simulator.population import Population
from examples.simulator.scenario import NEVER, Scenario
from examples.simulator.state import State
from examples.simulator.world import Today

SEVERITIES = ("low", "normal", "high", "urgent")
PROMISED_DAYS = np.array([6, 4, 2, 1])
KINDS = ("incident", "how_to", "billing", "complaint", "request")
TICKETS = ("account", "day", "kind", "severity", "promised", "resolved", "late", "reopened")
"""Columns of the log's table `tickets`; `promised` and `resolved` are days, the latter with a fraction."""


def rates(state: State, population: Population, today: Today, scenario: Scenario) -> np.ndarray:
    """(accounts, kinds): how likely a request of each kind is today."""
    uses = np.exp(log_use(state, today.day)) * state.seats**scenario.exponent * 0.15
    new = np.clip(1.0 - (today.day - state.signed_on) / 60.0, 0.0, 1.0)
    unhappy = np.clip(-state.satisfaction, 0.0, 2.0)
    incident = today.incident[population.region]
    return np.stack(
        [
            0.0016 * np.minimum(uses, 12) + 0.002 + 0.05 * incident,
            0.004 + 0.03 * new,
            np.full(len(state), 0.0015) + 0.05 * np.minimum(state.price_shock, 0.2),
            0.0015 + 0.006 * unhappy,
            0.002 * np.exp(0.5 * most(state.interest)),
        ],
        axis=1,
    )


def ask(
    state: State, population: Population, today: Today, scenario: Scenario, chance: Chance, log: Log | None
) -> None:
    """Today's requests, each with a promise and what becomes of it; an account has one broken promise at a time."""
    day, who = today.day, population.number
    likely = np.cumsum(rates(state, population, today, scenario), axis=1)
    luck = chance.uniform("request", day, who)
    at = np.flatnonzero((luck < likely[:, -1]) & state.alive(day))
    if not len(at):
        return
    kind = (luck[at, None] >= likely[at]).sum(axis=1)
    severity = chance.choose([0.3, 0.45, 0.18, 0.07], "severity", day, who[at])
    days = PROMISED_DAYS[severity]
    pace = np.exp(-0.75 + population.slowness[at] + 0.75 * chance.shock("pace of help", day, who[at]))
    pace = np.where(chance.happens(0.03, "forgotten", day, who[at]), pace + 60.0 / days, pace)
    late = (pace > 1.0) & ((state.late_until[at] < day) | (state.late_from[at] == NEVER))
    pace = np.where(late, np.maximum(pace, 1.0 + 1.0 / days), np.minimum(pace, 1.0))
    state.late_from[at] = np.where(late, day + days + 1, state.late_from[at])
    state.late_until[at] = np.where(late, day + np.ceil(days * pace).astype(int), state.late_until[at])
    state.trust[at] += np.where(late, 0.0, scenario.drift["promise_kept"])
    if log is not None:
        log.add(
            "tickets",
            account=who[at],
            day=day,
            kind=kind,
            severity=severity,
            promised=day + days,
            resolved=day + np.maximum(days * pace, 0.05),
            late=late,
            reopened=chance.happens(np.where(late, 0.15, 0.06), "reopened", day, who[at]),
        )

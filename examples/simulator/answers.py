"""What customers say they feel: a question every quarter, one after a request for help, a thumb now and then."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from examples.simulator.chance import Chance, further, sixteen
from examples.simulator.faults import again, write_down
from examples.simulator.instants import midnight
from examples.simulator.log import Log
from examples.simulator.population import Population
from examples.simulator.scenario import Scenario
from examples.simulator.state import State

INSTRUMENTS = ("nps", "csat", "ces", "thumbs", "stars")
NPS, CSAT, CES, THUMBS, STARS = range(5)
EVERY_DAYS = 90
"""Between two invitations to say whether one would recommend the company."""
IN_PASSING = 0.004
"""A day, of those who leave a thumb or stars unasked."""


@dataclass(frozen=True)
class Answers:
    """Rows of one day, by account."""

    account: np.ndarray
    instrument: np.ndarray
    score: np.ndarray
    occurred: np.ndarray
    recorded: np.ndarray
    repeat: np.ndarray
    """Whether it is the row before it once more."""


class Survey:
    """Asks; the tickets of a log are asked about when they are closed."""

    def __init__(self, scenario: Scenario, chance: Chance, end: int) -> None:
        self._scenario, self._chance, self._end = scenario, chance, end
        self._read = 0
        self._closing: dict[int, list[dict[str, np.ndarray]]] = defaultdict(list)

    def answers_on(self, day: int, state: State, population: Population, log: Log) -> Answers:
        """What all accounts say on one day, as their states are in the evening."""
        alive = state.alive(day)
        parts = [
            self._recommends(day, state, population, alive),
            *self._after_help(day, state, population, alive, log),
            *self._in_passing(day, state, population, alive),
        ]
        at, instrument, score = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.lexsort((instrument, at))
        at, instrument, score = at[order], instrument[order], score[order]
        # two tickets of an account closed on one day are two answers of one kind
        fresh = np.ones(len(at), bool)
        fresh[1:] = (at[1:] != at[:-1]) | (instrument[1:] != instrument[:-1])
        at, instrument, score = at[fresh], instrument[fresh], score[fresh]
        words = self._chance.words("answer", day, population.number[at], instrument)
        written = write_down(day, sixteen(words, 0), further(words, 1), self._scenario, self._end)
        keep, recorded = again(written.times, written.recorded, int(midnight(self._end, self._scenario)))
        repeat = np.concatenate([[False], keep[1:] == keep[:-1]]) if len(keep) else np.zeros(0, bool)
        account = population.number[at[keep]]
        return Answers(account, instrument[keep], score[keep], written.occurred[keep], recorded, repeat)

    def _recommends(self, day: int, state: State, population: Population, alive: np.ndarray) -> tuple[np.ndarray, ...]:
        """The net promoter question; who is content, or has somebody who stands for the product, answers more often."""
        who = population.number
        turn = self._chance.whole(0, EVERY_DAYS, "turn to be asked", who)
        at = np.flatnonzero(alive & ((day + turn) % EVERY_DAYS == 0))
        willing = _logistic(-1.1 + 0.5 * state.satisfaction[at] + 0.9 * state.champion[at])
        at = at[self._chance.happens(willing, "recommends", day, who[at])]
        score = 7.3 + 2.2 * state.satisfaction[at] + 1.1 * self._chance.shock("nps", day, who[at])
        return at, np.full(len(at), NPS), np.clip(np.round(score), 0, 10)

    def _after_help(
        self, day: int, state: State, population: Population, alive: np.ndarray, log: Log
    ) -> list[tuple[np.ndarray, ...]]:
        """After a request was dealt with: how content one is with that, and half of the time how much effort it was."""
        self._read_tickets(log)
        closed = self._closing.pop(day, [])
        account = np.concatenate([part["account"] for part in closed] or [np.zeros(0, int)])
        late = np.concatenate([part["late"] for part in closed] or [np.zeros(0, bool)])
        at = np.searchsorted(population.number, account)
        willing = _logistic(-0.8 + 0.4 * state.satisfaction[at] + 0.5 * state.champion[at])
        says = alive[at] & self._chance.happens(willing, "says", day, account)
        at, account, late = at[says], account[says], late[says]
        satisfaction = state.satisfaction[at]
        csat = 3.7 + 0.9 * (satisfaction - 0.7 * late + 0.6 * self._chance.shock("csat", day, account))
        ces = 4.8 + 0.8 * satisfaction - 1.2 * late + self._chance.shock("ces", day, account)
        half = self._chance.happens(0.5, "effort too", day, account)
        return [
            (at, np.full(len(at), CSAT), np.clip(np.round(csat), 1, 5)),
            (at[half], np.full(half.sum(), CES), np.clip(np.round(ces[half]), 1, 7)),
        ]

    def _in_passing(
        self, day: int, state: State, population: Population, alive: np.ndarray
    ) -> list[tuple[np.ndarray, ...]]:
        """A thumb, or stars, in the product itself."""
        luck = self._chance.uniform("in passing", day, population.number)
        at = np.flatnonzero(alive & (luck < IN_PASSING))
        starry = luck[at] > 0.7 * IN_PASSING
        thumbs, stars = at[~starry], at[starry]
        likes = _logistic(0.8 + 1.2 * state.satisfaction[thumbs])
        up = self._chance.happens(likes, "thumb", day, population.number[thumbs])
        given = 3.6 + 0.9 * state.satisfaction[stars] + 0.7 * self._chance.shock("stars", day, population.number[stars])
        return [
            (thumbs, np.full(len(thumbs), THUMBS), up.astype(float)),
            (stars, np.full(len(stars), STARS), np.clip(np.round(given), 1, 5)),
        ]

    def _read_tickets(self, log: Log) -> None:
        new = log.since("tickets", self._read)
        self._read += len(new)
        for part in new:
            closes = np.ceil(part["resolved"]).astype(int)
            for day in np.unique(closes):
                on = closes == day
                self._closing[int(day)].append({name: part[name][on] for name in ("account", "late")})


def _logistic(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-values)))

"""What will come of the accounts as they stand on one day, by the simulator's own hazards: the tables of the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial

import numpy as np
import pandas as pd

from examples.simulator.chance import Chance
from examples.simulator.coefficients import Kind
from examples.simulator.drivers import DRIVERS, Course, Term, donors
from examples.simulator.futures import APART, Outlook, Prospect, outlook
from examples.simulator.names import account_ids
from examples.simulator.outreach import can_take_on, force
from examples.simulator.population import KINDS, PEOPLE
from examples.simulator.world import World

OUTCOME_OF: Mapping[Kind, str] = {"retention": "churn", "upgrade": "upgrade", "adoption": "adoption"}
SMALLEST = 1e-4
"""Probabilities are kept so far from 0 and 1 where their log-odds are taken: so many futures tell no smaller ones."""
DONORS = 16
"""Accounts of the cohort that lend each account the states of a driver."""


class Teller:
    """Tells the truth as of one day."""

    def __init__(self, prospect: Prospect, course: Course, threads: int) -> None:
        self.prospect, self.course, self.threads = prospect, course, threads
        self.scenario = prospect.scenario
        self.names = np.array([product.name for product in self.scenario.products], dtype=object)
        self.as_of = pd.Timestamp(self.scenario.date(prospect.day)).as_unit("us")
        self._today = World(prospect.scenario, Chance(prospect.seed)).today(prospect.day)
        self.on_offer = np.array([self.scenario.day(p.launched) < prospect.day for p in self.scenario.products])
        self.beyond_core = self.on_offer & ~self.scenario.core

    def probabilities(self, futures: int) -> list[pd.DataFrame]:
        """Of every account: churn, upgrade, and adoption of each product on offer.

        Who uses a product already (the core always) does not take it on: 0, also where the tables have missed that use.
        """
        found = outlook(self.prospect, self.course, futures, self.threads)
        asked = np.broadcast_to(self.on_offer, self.course.state.uses.shape)
        parts = []
        for outcome in DRIVERS:
            probability, error = found.of(outcome)
            if outcome == "adoption":
                probability, error = (np.where(self.course.state.uses, 0.0, part) for part in (probability, error))
            parts.append(self._keyed(outcome, self.course, asked, probability=probability, error=error))
        return parts

    def states(self) -> pd.DataFrame:
        """Of every account, the states that are one number each."""
        state = self.course.state
        numbers = {f.name: getattr(state, f.name) for f in fields(state) if getattr(state, f.name).ndim == 1}
        kept = {name: values for name, values in numbers.items() if values.dtype == np.float64}
        frame = pd.DataFrame({"account_id": account_ids(self.course.population.number), "as_of": self.as_of})
        return frame.assign(**{name: values.round(6) for name, values in kept.items()})

    def sample(self, accounts: int) -> Course:
        """Customers whose mind is not made up, the first of them in an order that has nothing to do with anything."""
        state, day = self.course.state, self.prospect.day
        open_minded = np.flatnonzero(state.alive(day) & ~state.leaving(day))
        order = np.argsort((self.course.population.number[open_minded] * 0x9E3779B1) % 2**32, kind="stable")
        rows = np.sort(open_minded[order[:accounts]])
        return self.course.take(rows)

    def drivers(self, sample: Course, futures: int) -> list[pd.DataFrame]:
        """By outcome and driver, the log-odds as they are, less their mean with the states of others.

        Each difference is of the same few futures, so that what these few overstate they overstate on both sides.
        """
        cohort = self.course.take(np.flatnonzero(self.course.state.alive(self.prospect.day)))
        unused = ~sample.state.uses & self.beyond_core
        own = self._shared_out(sample, None, futures)
        lent: dict[str, Outlook] = {}
        parts = []
        for outcome, drivers in DRIVERS.items():
            for name, driver in drivers.items():
                if driver.term is not None:
                    values = self._term(outcome, driver.term, sample, cohort)
                    error = np.zeros(values.shape)
                elif driver.lend is not None:
                    if name not in lent:
                        whom = self._donors(sample, cohort, same_plan=driver.same_plan)
                        lent[name] = self._shared_out(
                            sample, partial(driver.lend, donors=whom, today=self._today), futures
                        )
                    moved = _log_odds(own.of(outcome)[0]) - _log_odds(lent[name].of(outcome)[0])
                    moved = moved.reshape(len(sample.population), DONORS, *moved.shape[1:])
                    values, error = moved.mean(axis=1), moved.std(axis=1, ddof=1) / np.sqrt(DONORS)
                parts.append(self._keyed(outcome, sample, unused, contribution=values, error=error).assign(driver=name))
        return parts

    def _donors(self, sample: Course, cohort: Course, *, same_plan: bool) -> Course:
        """Those who lend to each account, `DONORS` of them one after another."""
        chance = Chance(self.prospect.seed).branch(self.prospect.day)
        return cohort.take(donors(sample, cohort, DONORS, chance, same_plan=same_plan))

    def _shared_out(self, sample: Course, lend: Callable[[Course], None] | None, futures: int) -> Outlook:
        """(accounts x donors): the outlook with the states that each donor lends, all futures shared out among them."""
        edited = sample.take(np.repeat(np.arange(len(sample.population)), DONORS))
        if lend is not None:
            lend(edited)
        share = futures // DONORS
        turn = np.tile(np.arange(DONORS), len(sample.population)) * share
        population = replace(edited.population, number=edited.population.number + APART * turn)
        return outlook(self.prospect, Course(edited.state, population), share, self.threads)

    def _term(self, outcome: str, term: Term, sample: Course, cohort: Course) -> np.ndarray:
        """A part of the log-hazard, less its mean over all that are asked about."""
        told = self._today, self.prospect.spreads[0], self.scenario
        of_all = term(cohort, *told)
        if outcome == "adoption":
            return np.asarray(term(sample, *told) - of_all[~cohort.state.uses & self.beyond_core].mean())
        return np.asarray(term(sample, *told) - of_all.mean())

    def effects(self, sample: Course, futures: int) -> list[pd.DataFrame]:
        """By kind of offer, what it would do for whom it can be made to as the day begins.

        The error is that of two sets of futures that had nothing in common; these are the same ones, so it is less.
        """
        now = outlook(self.prospect, sample, futures, self.threads)
        parts = []
        for kind, outcome in OUTCOME_OF.items():
            at, target = self._offered(sample, kind)
            offered = sample.take(at)
            everyone = np.arange(len(at))
            force(offered.state, offered.population, kind, everyone, target, self.prospect.day, self.scenario)
            after = outlook(self.prospect, offered, futures, self.threads)
            people = np.array(PEOPLE, dtype=object)[offered.population.people[:, KINDS.index(kind)]]
            before, before_error, then, then_error = *(part[at] for part in now.of(outcome)), *after.of(outcome)
            product = np.full(len(at), "", dtype=object)
            if outcome == "adoption":
                told = (before, before_error, then, then_error)
                before, before_error, then, then_error = (part[everyone, target] for part in told)
                product = self.names[target]
            frame = self._frame(offered, product)
            frame["kind"], frame["people"] = kind, people
            frame["without"], frame["with"], frame["effect"] = before, then, then - before
            frame["error"] = np.hypot(before_error, then_error)
            parts.append(frame)
        return parts

    def _offered(self, sample: Course, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
        """Accounts (positions) to which there is something to offer, and what: of products the one they like best."""
        if kind == "retention":
            return np.arange(len(sample.population)), np.full(len(sample.population), -1)
        if kind == "upgrade":
            at = np.flatnonzero(sample.state.tier < len(self.scenario.plans) - 1)
            return at, sample.state.tier[at] + 1
        liking = sample.state.interest[:, self.scenario.family_of]
        possible = can_take_on(sample.state, self._today, self.scenario)
        at = np.flatnonzero(possible.any(axis=1))
        return at, np.where(possible, liking, -np.inf)[at].argmax(axis=1)

    def _keyed(self, outcome: str, course: Course, pairs: np.ndarray, **values: np.ndarray) -> pd.DataFrame:
        """One row an account, or of adoption one a pair of account and product that is asked about."""
        if outcome != "adoption":
            frame = self._frame(course, np.full(len(course.population), "", dtype=object))
            return frame.assign(outcome=outcome, **{name: part.round(8) for name, part in values.items()})
        account, product = np.nonzero(pairs)
        frame = self._frame(course, self.names[product], account)
        return frame.assign(outcome=outcome, **{name: part[account, product].round(8) for name, part in values.items()})

    def _frame(self, course: Course, product: np.ndarray, rows: np.ndarray | None = None) -> pd.DataFrame:
        ids = np.array(account_ids(course.population.number), dtype=object)
        return pd.DataFrame({"account_id": ids if rows is None else ids[rows], "product": product, "as_of": self.as_of})


def _log_odds(probability: np.ndarray) -> np.ndarray:
    inside = np.clip(probability, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(inside) - np.log1p(-inside))

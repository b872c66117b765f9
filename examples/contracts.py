"""What each account of the invented company has signed, day by day, and the subscriptions that come of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from examples import market
from examples.accounts import Population

NEVER = 10**6
YEAR, MONTH = 365, 30


@dataclass
class Contracts:
    """The terms in force; arrays of one element an account, days counting from the simulation's first."""

    annual: np.ndarray
    tier: np.ndarray
    seats: np.ndarray
    discount: np.ndarray
    auto_renew: np.ndarray
    signed_on: np.ndarray
    """The first day; terms are counted from here."""
    opened_on: np.ndarray
    """Since when the terms in force are what they are."""
    ends_on: np.ndarray
    notice_on: np.ndarray
    silent: np.ndarray
    """Leaves without having given notice."""
    returns_on: np.ndarray
    closed: list[dict[str, np.ndarray]] = field(default_factory=list)

    @classmethod
    def sign(cls, population: Population, rng: np.random.Generator) -> Contracts:
        """Every account's first contract, from the day it signed up."""
        n = len(population)
        never = np.full(n, NEVER)
        return cls(
            annual=population.annual.copy(),
            tier=population.tier.copy(),
            seats=population.seats.astype(float),
            discount=population.discount.copy(),
            auto_renew=rng.random(n) < 0.8,
            signed_on=population.signed_up.copy(),
            opened_on=population.signed_up.copy(),
            ends_on=never.copy(),
            notice_on=never.copy(),
            silent=rng.random(n) < 0.15,
            returns_on=never.copy(),
        )

    def alive(self, day: int) -> np.ndarray:
        """Whether a contract is in force on that day; those who come back begin anew."""
        back = self.returns_on == day
        if back.any():
            self._close(back, self.ends_on)
            self.signed_on[back] = self.opened_on[back] = day
            self.ends_on[back] = self.notice_on[back] = self.returns_on[back] = NEVER
        return (self.signed_on <= day) & (day < self.ends_on)

    def leaving(self, day: int) -> np.ndarray:
        """Whether notice has been given, or the mind is made up."""
        return self.notice_on <= day

    def age(self, day: int) -> np.ndarray:
        """Days since the contract was signed."""
        return day - self.signed_on

    def term(self) -> np.ndarray:
        """Days of a term, about."""
        return np.where(self.annual, YEAR, MONTH)

    def days_to_renewal(self, day: int) -> np.ndarray:
        """Days to the next renewal, at least 1."""
        term = self.term()
        left: np.ndarray = term - (day - self.signed_on) % term
        return left

    def leave(self, who: np.ndarray, day: int, rng: np.random.Generator) -> None:
        """Gives notice: the contract ends with its term, or after 30 days where the term still runs for long."""
        left = self.days_to_renewal(day)
        left = np.where(left > 60, MONTH, np.where(left < 3, left + self.term().clip(max=MONTH), left))
        self.notice_on = np.where(who, day, self.notice_on)
        self.ends_on = np.where(who, day + left, self.ends_on)
        back = who & (rng.random(len(who)) < 0.03)
        self.returns_on = np.where(back, self.ends_on + rng.integers(2, 12, len(who)), self.returns_on)

    def move(self, who: np.ndarray, steps: int, day: int) -> None:
        """Changes the plan from that day on."""
        self._change(who, day)
        self.tier = np.where(who, self.tier + steps, self.tier)

    def resize(self, who: np.ndarray, day: int, limit: np.ndarray, rng: np.random.Generator) -> None:
        """Changes the number of seats from that day on, mostly upwards and never beyond the plan's limit."""
        factor = rng.choice([0.8, 1.15, 1.3], len(who), p=[0.25, 0.45, 0.3])
        seats = np.clip(np.ceil(self.seats * factor), 1, limit[self.tier])
        changed = who & (seats != self.seats)
        self._change(changed, day)
        self.seats = np.where(changed, seats, self.seats)

    def frame(self) -> pd.DataFrame:
        """Every period of constant terms: account, tier, seats, opened, ended, notice, annual, discount."""
        self._close(np.ones(len(self.tier), bool), self.ends_on)
        periods = {name: np.concatenate([part[name] for part in self.closed]) for name in self.closed[0]}
        return pd.DataFrame(periods).sort_values(["account", "opened"], kind="stable", ignore_index=True)

    def _change(self, who: np.ndarray, day: int) -> None:
        self._close(who, np.full(len(who), day))
        self.opened_on = np.where(who, day, self.opened_on)

    def _close(self, who: np.ndarray, ended: np.ndarray) -> None:
        """Writes down the terms in force, which hold until `ended`."""
        at = np.flatnonzero(who & (self.opened_on < ended))
        if not len(at):
            return
        told = (ended[at] == self.ends_on[at]) & ~self.silent[at]
        self.closed.append(
            {
                "account": at,
                "tier": self.tier[at],
                "seats": self.seats[at].astype(int),
                "signed": self.signed_on[at],
                "opened": self.opened_on[at],
                "ended": ended[at],
                "notice": np.where(told, self.notice_on[at], NEVER),
                "annual": self.annual[at],
                "discount": self.discount[at],
                "auto_renew": self.auto_renew[at],
            }
        )


def monthly_revenue(tier: np.ndarray, seats: np.ndarray, discount: np.ndarray) -> np.ndarray:
    """What a contract brings a month."""
    price = market.PLANS["list_price"].to_numpy(dtype=float)[tier]
    return np.asarray(np.round(price * seats * (1.0 - discount), 2))

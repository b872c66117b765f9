"""How the invented company approaches its accounts: offers, some at random with a control group, most targeted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from examples import market

if TYPE_CHECKING:
    from examples.contracts import Contracts
    from examples.states import State

EVERY_DAYS = 14
LASTS_DAYS = 30
KINDS = ("upgrade", "adoption", "retention")


class Outreach:
    """Offers so far, and until when each account is under the influence of one."""

    def __init__(self, accounts: int) -> None:
        self._until = {kind: np.full(accounts, -1) for kind in ("upgrade", "retention")}
        self._adoption_until = np.full((accounts, len(market.PRODUCTS)), -1)
        self._made: list[pd.DataFrame] = []

    def in_force(self, kind: str, day: int) -> np.ndarray:
        """1 where an offer of that kind still works."""
        return (self._until[kind] >= day).astype(float)

    def adoption_in_force(self, day: int) -> np.ndarray:
        """1 where an offer of that product still works; (accounts, products)."""
        return (self._adoption_until >= day).astype(float)

    def approach(
        self, day: int, alive: np.ndarray, state: State, contracts: Contracts, rng: np.random.Generator
    ) -> None:
        """Every two weeks: offers to some 6 % of the accounts of each kind, a third of them assigned at random."""
        if day % EVERY_DAYS:
            return
        wish = {
            "upgrade": np.log(state.habit_fast + 0.1),
            "adoption": np.log(state.habit_fast + 0.1) + 0.5 * state.champion,
            "retention": -np.log(state.habit_fast + 0.1) - 0.3 * state.satisfaction,
        }
        for kind in KINDS:
            eligible = alive & ((contracts.tier < len(market.PLANS) - 1) | (kind != "upgrade"))
            at_random = eligible & (rng.random(len(alive)) < 0.02)
            score = wish[kind] + rng.gumbel(size=len(alive))
            threshold = np.quantile(score[eligible], 0.96) if eligible.any() else np.inf
            targeted = eligible & ~at_random & (score > threshold)
            self._make(kind, np.flatnonzero(at_random), False, day, state, contracts, rng)
            self._make(kind, np.flatnonzero(targeted), True, day, state, contracts, rng)

    def frame(self) -> pd.DataFrame:
        """Every offer: account, day, kind, target, channel, cost, targeted, treated, responded (day), accepted."""
        return pd.concat(self._made, ignore_index=True)

    def _make(
        self,
        kind: str,
        account: np.ndarray,
        targeted: bool,
        day: int,
        state: State,
        contracts: Contracts,
        rng: np.random.Generator,
    ) -> None:
        count = len(account)
        treated = np.full(count, True) if targeted else rng.random(count) < 0.5
        wish = np.zeros(count)
        if kind == "adoption":
            liking = state.interest[account][:, market.FAMILY_OF] * (0.6 if targeted else 0.0)
            liking = liking + rng.gumbel(size=(count, len(market.CORE)))
            liking[state.uses[account] | (day < market.LAUNCHED_ON)[None, :]] = -np.inf
            product = liking.argmax(axis=1)
            possible = np.isfinite(liking.max(axis=1))
            account, treated, product, wish = account[possible], treated[possible], product[possible], wish[possible]
            count = len(account)
            self._adoption_until[account[treated], product[treated]] = day + LASTS_DAYS
            wish = state.interest[account, market.FAMILY_OF[product]]
            target = market.PRODUCTS["product"].to_numpy()[product]
        elif kind == "upgrade":
            self._until[kind][account[treated]] = day + LASTS_DAYS
            target = market.PLANS["plan"].to_numpy()[np.minimum(contracts.tier[account] + 1, len(market.PLANS) - 1)]
            wish = state.budget[account]
        else:
            self._until[kind][account[treated]] = day + LASTS_DAYS
            target = np.full(count, None, dtype=object)
            wish = state.satisfaction[account]
        answers = treated & (rng.random(count) < 1 / (1 + np.exp(0.9 - 0.5 * state.champion[account])))
        accepts = answers & (rng.random(count) < 1 / (1 + np.exp(1.4 - 1.1 * wish)))
        by_call = rng.random(count) < 0.25
        self._made.append(
            pd.DataFrame(
                {
                    "account": account,
                    "day": day,
                    "kind": kind,
                    "target": pd.Series(target, dtype="str"),
                    "channel": np.where(by_call, "call", "email"),
                    "cost": np.where(by_call, 25.0, 0.5),
                    "targeted": targeted,
                    "treated": treated,
                    "responded": np.where(answers, day + rng.integers(0, 14, count), 10**6),
                    "accepted": accepts,
                }
            )
        )

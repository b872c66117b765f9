"""What accounts of the invented company ask for help with, and whether the promised day is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from examples.accounts import TEAMS, Population

if TYPE_CHECKING:
    from examples.states import State

SEVERITIES = ("low", "normal", "high", "urgent")
PROMISED_DAYS = np.array([6, 4, 2, 1])
KINDS = ("incident", "how_to", "billing", "complaint", "request")


class Helpdesk:
    """Tickets so far, and for every day how many are overdue and how many promises are kept or broken."""

    def __init__(self, population: Population, days: int, rng: np.random.Generator) -> None:
        n = len(population)
        self.days = days
        self.temper = 0.6 * population.temper
        self.slowness = 0.45 * rng.standard_normal(len(TEAMS))[population.team] + 0.5 * rng.standard_normal(n)
        """How late the account's requests tend to be dealt with; log scale."""
        self._overdue = np.zeros((days + 1, n), np.int32)
        self._kept = np.zeros((days + 1, n), np.int32)
        self._broken = np.zeros((days + 1, n), np.int32)
        self._running = np.zeros(n, np.int32)
        self._asked: list[dict[str, np.ndarray]] = []

    @property
    def overdue(self) -> np.ndarray:
        """Tickets whose promised day has passed and that are not resolved, as of the last call of `promises`."""
        return self._running

    def promises(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        """How many promises are kept and how many are broken today; moves the overdue count to today."""
        self._running = self._running + self._overdue[day]
        return self._kept[day], self._broken[day]

    def arise(
        self,
        day: int,
        alive: np.ndarray,
        visits: np.ndarray,
        state: State,
        population: Population,
        rng: np.random.Generator,
    ) -> None:
        """Draws today's tickets and, with them, when each will be resolved."""
        new = np.clip(1.0 - (day - population.signed_up) / 60.0, 0.0, 1.0)
        unhappy = np.clip(-state.satisfaction, 0.0, 2.0)
        rates = np.stack(
            [
                0.0016 * np.minimum(visits, 12) + 0.002,
                0.004 + 0.03 * new,
                np.full(len(alive), 0.0015),
                0.0015 + 0.006 * unhappy,
                0.002 * np.exp(0.5 * state.interest.max(axis=1)),
            ],
            axis=1,
        )
        account, kind = np.nonzero((rng.random(rates.shape) < rates) & alive[:, None])
        count = len(account)
        severity = rng.choice(len(SEVERITIES), count, p=[0.3, 0.45, 0.18, 0.07])
        promised = day + PROMISED_DAYS[severity]
        pace = np.exp(-0.75 + self.slowness[account] + 0.75 * rng.standard_normal(count))
        resolved = day + np.maximum(PROMISED_DAYS[severity] * pace, 0.05)
        resolved = np.where(rng.random(count) < 0.03, resolved + 60, resolved)
        late = np.ceil(resolved) > promised + 0.0
        self._note(account[~late], np.ceil(resolved[~late]).astype(int), self._kept)
        self._note(account[late], promised[late] + 1, self._broken)
        self._note(account[late], promised[late] + 1, self._overdue)
        self._note(
            account[late], np.maximum(np.ceil(resolved[late]).astype(int), promised[late] + 2), self._overdue, -1
        )
        self._asked.append(
            {
                "account": account,
                "kind": np.array(KINDS)[kind],
                "severity": np.array(SEVERITIES)[severity],
                "day": np.full(count, day),
                "promised": promised,
                "resolved": resolved,
                "late": late,
                "reopened": rng.random(count) < np.where(late, 0.15, 0.06),
            }
        )

    def frame(self) -> pd.DataFrame:
        """Every ticket: account, kind, severity, day, promised and resolved (days), late, reopened."""
        return pd.DataFrame({name: np.concatenate([part[name] for part in self._asked]) for name in self._asked[0]})

    def _note(self, account: np.ndarray, day: np.ndarray, where: np.ndarray, step: int = 1) -> None:
        inside = day <= self.days
        np.add.at(where, (day[inside], account[inside]), step)

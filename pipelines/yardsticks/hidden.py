"""How much of each hidden state the features tell, of which the oracle knows all.

A state that the features do not tell is out of reach of every model on them, however much it drives an outcome: that
is a part of why the share of the possible is what it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.errors import InputError, RefusedError
from features.outcomes.sample import drawn_accounts
from models.dataset import ACCOUNT_KEYS
from models.regression import regressed
from pipelines.yardsticks.figures import Accounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.dataset import Dataset
    from models.training_settings import TrainingSettings
    from pipelines.yardsticks.figures import Doubles

MOST_ROWS = 25_000
"""Test rows, of both halves together: with more the figures hardly move, and the regressions take longer."""
PARTS = 8
"""Accounts fall into so many even parts; half of these are taught, the others judged."""
FEWEST = 20
"""Accounts on either half without which nothing is said."""


@dataclass(frozen=True)
class Visible:
    """How well the features of one outcome's test rows tell the hidden states of their accounts."""

    outcome: str
    """Whose test rows these are."""
    taught: int
    """Accounts that the regressions learned from."""
    judged: int
    """The other accounts, on which they were judged."""
    table: pd.DataFrame
    """One row a state, the best told first: state, r_squared, low, high (of the 95 % interval), rows (judged)."""
    constant: tuple[str, ...]
    """States that are the same for everybody on one of the halves, and so are left out."""

    def as_json(self) -> dict[str, Any]:
        """The table as rows, and all else by name."""
        return {
            "outcome": self.outcome,
            "taught": self.taught,
            "judged": self.judged,
            "table": self.table.to_dict("records"),
            "constant": list(self.constant),
        }


def visible(test: Dataset, states: pd.DataFrame, settings: TrainingSettings) -> Visible:
    """R squared of each state, told by regressions on half of the accounts and judged on the other half.

    `test` has one row per (account_id, as_of), and so has `states`, with one number a state. R squared is 1 - mean
    squared error / variance, both over the judged rows: 1 where a state is told exactly, 0 where no better than by its
    mean. Intervals resample the judged accounts. Which half an account is on depends on its id alone.

    Raises:
        InputError: rows without states, or a state that is missing or infinite.
        RefusedError: too few accounts on a half, or no state that varies.
    """
    rows = _drawn(test)
    known = _states_of(rows, states)
    part = _parts(rows["account_id"])
    judged = part >= PARTS // 2
    halves = _halves(rows["account_id"], judged)
    varied = [str(name) for name in known.columns if _varies(known[name], judged)]
    if not varied:
        raise RefusedError(
            f"A state can be told where it varies; of {', '.join(map(str, known.columns)) or 'no states'} none does. "
            "Ask for more with --accounts."
        )
    matrix, true = (frame.to_numpy(dtype=np.float64) for frame in (rows[list(test.features)], known[varied]))
    apart = part[~judged] == part[~judged].min()
    said = regressed(matrix[~judged], true[~judged], apart, matrix[judged], settings)
    accounts = Accounts(rows["account_id"][judged], settings.resamples, settings.seed)
    return Visible(
        outcome=test.outcome,
        taught=halves[0],
        judged=halves[1],
        table=_table(varied, true[judged], said, accounts),
        constant=tuple(str(name) for name in known.columns if name not in varied),
    )


def _drawn(test: Dataset) -> pd.DataFrame:
    """The test's rows in the order of their keys; where there are more than `MOST_ROWS`, those of fewer accounts."""
    counts = test.frame["account_id"].value_counts()
    kept = drawn_accounts({str(name): int(rows) for name, rows in counts.items()}, MOST_ROWS)
    rows = test.frame[test.frame["account_id"].isin(kept)]
    return rows.sort_values(list(ACCOUNT_KEYS), kind="stable", ignore_index=True)


def _states_of(rows: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """One row of states a row of `rows`, in their order."""
    on = list(ACCOUNT_KEYS)
    found = rows[on].merge(states, on=on, how="left", validate="one_to_one").drop(columns=on)
    lost = int((~np.isfinite(found.to_numpy(dtype=np.float64))).any(axis=1).sum())
    if lost:
        raise InputError(
            f"Every row that is judged has all its states, finite numbers; {lost:,} of {len(rows):,} have not. "
            "Write the truth of the test's days and of every account in the cohort."
        )
    return found


def _parts(accounts: pd.Series[str]) -> NDArray[np.intp]:
    """The part of each row, from 0 to `PARTS` - 1: the last byte of a hash of the account's id, modulo `PARTS`.

    The first bytes decide who is drawn where there are too many rows (`features.outcomes.sample`), the last have no
    part in it.
    """
    codes, names = pd.factorize(accounts)
    drawn = [hashlib.sha256(str(name).encode()).digest()[-1] % PARTS for name in names]
    return np.array(drawn, dtype=np.intp)[codes]


def _halves(accounts: pd.Series[str], judged: NDArray[np.bool_]) -> tuple[int, int]:
    """How many accounts are taught, and how many judged."""
    counts = accounts[~judged].nunique(), accounts[judged].nunique()
    if min(counts) < FEWEST:
        raise RefusedError(
            f"How much the features tell is learned from half of the accounts and judged on the other, {FEWEST} at "
            f"least on each; seen: {counts[0]} and {counts[1]}. Ask for more with --accounts."
        )
    return counts


def _varies(values: pd.Series[float], judged: NDArray[np.bool_]) -> bool:
    """Whether it differs between rows on either half."""
    return values[judged].nunique() > 1 and values[~judged].nunique() > 1


def _table(names: list[str], true: Doubles, said: Doubles, accounts: Accounts) -> pd.DataFrame:
    """One row a state, the best told first; of equals by name."""
    told = [accounts.r_squared(true[:, n], said[:, n]).interval for n in range(len(names))]
    table = pd.DataFrame(
        {
            "state": names,
            "r_squared": [one.value for one in told],
            "low": [one.low for one in told],
            "high": [one.high for one in told],
            "rows": len(true),
        }
    )
    return table.sort_values(["r_squared", "state"], ascending=[False, True], ignore_index=True)

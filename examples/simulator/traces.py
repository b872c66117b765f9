"""What systems write down while accounts live, day by day: the tables of use, answers and contacts."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from examples.simulator.answers import INSTRUMENTS, Survey
from examples.simulator.contacts import CONTACTS, contacts_on
from examples.simulator.lives import Company
from examples.simulator.log import Log
from examples.simulator.names import account_ids
from examples.simulator.threads import side_by_side
from examples.simulator.use import Uses, uses_on
from examples.simulator.world import Today
from examples.simulator.writer import Rows, Sheet

USERS = 100_000
"""More than any account has."""
SMALL, MIDDLE, LARGE, YES = (np.dtype(name) for name in ("int8", "int32", "int64", "bool"))
EVENT = {"event": LARGE, "occurred": LARGE, "recorded": LARGE, "account": MIDDLE}
USE = {**EVENT, "product": SMALL, "user": MIDDLE, "quantity": np.dtype("int16"), "failed": YES}
ANSWER = {**EVENT, "instrument": SMALL, "score": SMALL}
CONTACT = {"account": MIDDLE, "occurred": LARGE, "kind": SMALL, "inward": YES}


class Traces:
    """The files of one company's traces; rows are in the order of days, and of accounts within a day."""

    def __init__(self, folder: Path, company: Company, log: Log, end: int) -> None:
        self._company, self._log, self._end = company, log, end
        scenario = company.scenario
        self._ids = pa.array(account_ids(company.population.number))
        self._products = pa.array([product.name for product in scenario.products])
        self._prices = np.array([product.price for product in scenario.products])
        self._survey = Survey(scenario, company.chance, end)
        self._events = {"use": 0, "answers": 0}
        with ExitStack() as files:
            when = ("event_id", "occurred_at", "recorded_at")
            use, answers = folder / "consumption.parquet", folder / "satisfaction.parquet"
            self._use = files.enter_context(Sheet(use, USE, self._consumption, when))
            self._answers = files.enter_context(Sheet(answers, ANSWER, self._satisfaction, when))
            self._contacts = files.enter_context(
                Sheet(folder / "interactions.parquet", CONTACT, self._interactions, when)
            )
            self._files = files.pop_all()

    def __enter__(self) -> Traces:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)

    @property
    def uses(self) -> int:
        """Rows of use so far."""
        return self._use.rows

    def write(self, today: Today, pieces: Iterable[slice]) -> None:
        """Writes down one day that was lived."""
        company = self._company
        scenario, population, chance = company.scenario, company.population, company.chance
        for uses in side_by_side(partial(self._uses_on, today), pieces):
            self._use.add({**vars(uses), "event": self._number("use", uses.repeat)})
        answers = self._survey.answers_on(today.day, company.state, population, self._log)
        self._answers.add({**vars(answers), "event": self._number("answers", answers.repeat)})
        self._contacts.add(vars(contacts_on(today.day, company.state, population, scenario, chance)))

    def _uses_on(self, today: Today, piece: slice) -> Uses:
        company = self._company
        state, population = company.state.take(piece), company.population.take(piece)
        return uses_on(today, state, population, company.scenario, company.chance, self._end)

    def _number(self, what: str, repeat: np.ndarray) -> np.ndarray:
        """The numbers of rows, the same for a row and its repeat, going on from those before."""
        numbers = self._events[what] + np.cumsum(~repeat)
        self._events[what] += int((~repeat).sum())
        return numbers

    def _consumption(self, rows: Rows) -> pa.Table:
        users, user = np.unique(rows["account"].astype(np.int64) * USERS + rows["user"], return_inverse=True)
        account = self._ids.take(pa.array(users // USERS))
        number = pa.array(users % USERS + 1).cast(pa.string())
        columns = {
            "event_id": _event_ids("E", rows["event"]),
            "account_id": _coded(rows["account"], self._ids),
            "occurred_at": _instants(rows["occurred"]),
            "recorded_at": _instants(rows["recorded"]),
            "product": _coded(rows["product"], self._products),
            "user_id": _coded(user, pc.binary_join_element_wise(account, number, "-")),
            "quantity": pa.array(rows["quantity"].astype(float)),
        }
        if self._prices.any():
            price = self._prices[rows["product"]]
            columns["value"] = pa.array(np.round(price * rows["quantity"], 4), mask=price == 0)
        columns["status"] = _coded(rows["failed"].astype(np.int8), pa.array(["ok", "error"]))
        return pa.table(columns)

    def _satisfaction(self, rows: Rows) -> pa.Table:
        return pa.table(
            {
                "event_id": _event_ids("Q", rows["event"]),
                "account_id": _coded(rows["account"], self._ids),
                "occurred_at": _instants(rows["occurred"]),
                "recorded_at": _instants(rows["recorded"]),
                "instrument": _coded(rows["instrument"], pa.array(INSTRUMENTS)),
                "score": pa.array(rows["score"].astype(float)),
            }
        )

    def _interactions(self, rows: Rows) -> pa.Table:
        return pa.table(
            {
                "account_id": _coded(rows["account"], self._ids),
                "occurred_at": _instants(rows["occurred"]),
                "kind": _coded(rows["kind"], pa.array(CONTACTS)),
                "direction": _coded(rows["inward"].astype(np.int8), pa.array(["out", "in"])),
            }
        )


def _coded(positions: np.ndarray, names: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(positions.astype(np.int32)), names)


def _event_ids(letter: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(letter, pa.array(numbers).cast(pa.string()), "")


def _instants(microseconds: np.ndarray) -> pa.Array:
    return pa.array(microseconds).cast(pa.timestamp("us"))

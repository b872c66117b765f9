"""Which of the contract's tables and columns a company brings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


class Brings(Protocol):
    """Whatever can say which tables and columns there are: opened tables, or columns alone."""

    def __contains__(self, name: object) -> bool: ...

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is that table with all of those columns; `plans.tier` is one of another table."""
        ...


DESCRIBING = ("segment", "region", "industry", "size")
"""Columns of accounts that describe one."""


def usable(accounts: Collection[str], static: Collection[str], barred: Collection[str]) -> Iterator[str]:
    """Those columns of accounts by which one may go at an as_of.

    What describes an account and has neither versions (`valid_from`) nor been declared an attribute may have been
    written down yesterday, and is for people to read alone. So is what is `barred`: an attribute that is off.
    """
    for column in accounts:
        dated = column not in DESCRIBING or "valid_from" in accounts or column in static
        if dated and column not in barred:
            yield column


@dataclass(frozen=True)
class Columns:
    """The columns of each table that features may be made of, by their names in the contract."""

    by_table: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls, there: Mapping[str, Iterable[str]], static: Collection[str] = (), barred: Collection[str] = ()
    ) -> Columns:
        """Those of the columns there that features may be made of; see `usable` for those of accounts."""
        by_table = {name: tuple(columns) for name, columns in there.items()}
        if "accounts" in by_table:
            by_table["accounts"] = tuple(usable(by_table["accounts"], static, barred))
        return cls(by_table)

    def __contains__(self, name: object) -> bool:
        return name in self.by_table

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_table)

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is that table with all of those columns; `plans.tier` is one of another table."""
        places = [column.split(".") if "." in column else (table, column) for column in columns]
        return table in self.by_table and all(
            other in self.by_table and column in self.by_table[other] for other, column in places
        )

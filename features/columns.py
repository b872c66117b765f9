"""Which of the contract's tables and columns a company brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


class Brings(Protocol):
    """Whatever can say which tables and columns there are: opened tables, or columns alone."""

    def __contains__(self, name: object) -> bool: ...

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is that table with all of those columns; `plans.tier` is one of another table."""
        ...


@dataclass(frozen=True)
class Columns:
    """The columns of each table, by their names in the contract."""

    by_table: Mapping[str, tuple[str, ...]]

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

"""What a table was when it was read: a mark of the whole, and one of each of its days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import ibis.expr.types as ir


class Mark(NamedTuple):
    """Some rows of a table, in three numbers."""

    rows: int
    digest: int
    """The sum of the rows' hashes."""
    known_at: datetime | None
    """The latest of the rows; None where the table has no such column, or no row has it."""

    def __add__(self, other: object) -> Mark:
        """The mark of both together."""
        if not isinstance(other, Mark):
            return NotImplemented
        known = [instant for instant in (self.known_at, other.known_at) if instant is not None]
        return Mark(self.rows + other.rows, self.digest + other.digest, max(known, default=None))


NOTHING = Mark(0, 0, None)


@dataclass(frozen=True)
class Marked:
    """A table of the company as it was read, with its marks."""

    rows: ir.Table
    """The table itself: of any other, even one made of it, the marks say nothing."""
    digest: str
    """Of its columns and all of its rows."""
    days: Mapping[date, Mark] | None = None
    """By the local day of the event; None where its rows have none, or more than one."""
    within: Callable[[Sequence[date]], ir.Table] | None = None
    """Its rows of some days, with no look at more of the company's files than hold any of them."""

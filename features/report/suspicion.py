"""What breaks no rule and yet makes data suspicious: each with how many rows of how many, and what it may mean.

The contract allows all of it, so nothing is refused; but a model learned from data in which half of all events precede
the customer's signing up is worth nothing, and its owner should hear so before anyone else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir
from ibis.backends import BaseBackend

from features.clock import Calendar
from features.reading.draft import Draft
from features.reading.span import EventDays


@dataclass(frozen=True)
class Suspicion:
    """One thing that makes data suspicious."""

    table: str
    rule: str
    message: str
    count: int
    """How many rows show it (or columns, days, months: see `unit`)."""
    of: int
    """Of how many."""
    unit: Literal["rows", "columns", "days", "months"] = "rows"

    @property
    def share(self) -> float:
        """Of all of them, 0 to 1."""
        return self.count / self.of if self.of else 0.0

    def __str__(self) -> str:
        share = "under 1%" if 0 < self.share < 0.01 else f"{self.share:.0%}"
        return f"{self.table}: {self.message} ({self.count:,} of {self.of:,} {self.unit}, {share}) [{self.rule}]"


@dataclass(frozen=True)
class Evidence:
    """What the suspicions are found in."""

    connection: BaseBackend
    drafts: Mapping[str, Draft]
    days: Mapping[str, EventDays]
    calendar: Calendar
    rows: Mapping[str, int]
    """Rows by table."""

    def count(self, rows: ir.Table, *predicates: ir.BooleanValue) -> int:
        """How many rows fulfil all of them."""
        kept = rows.filter(*predicates) if predicates else rows
        return int(kept.count().to_pyarrow().as_py())

"""An outcome asked of a company's tables at some as_ofs: what every kind of outcome answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from features.outcomes.outcome import Outcome
from features.tables import Tables


@dataclass(frozen=True)
class Question:
    """One outcome asked of one company at some days, by someone who stands at the last of them."""

    tables: Tables
    outcome: Outcome
    days: ir.Table
    """As `features.days.day_table` makes it."""
    standing: date
    """What is not known before this day does not exist for a label either."""

    def known(self, rows: ir.Table) -> ir.Table:
        """Those of the events (`day`, `known_day`) that are known where we stand."""
        standing = ibis.literal(self.standing)
        return rows.filter(rows.day < standing, rows.known_day < standing)

"""An outcome asked of a company's tables at some as_ofs: what every kind of outcome answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from features.cohort import end_known_day, subscription_periods
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

    @property
    def ends_come_late(self) -> bool:
        """Whether subscriptions end before that is known."""
        return "subscriptions" in self.tables.delays

    def periods(self) -> ir.Table:
        """The subscriptions that are known where we stand; an end that is not known there yet has not come.

        Where ends come late, with `end_known_day`, the day on which each is known.
        """
        periods = self.known(subscription_periods(self.tables))
        if not self.ends_come_late:
            return periods
        known = end_known_day(self.tables, periods)
        ended = ibis.ifelse(known < ibis.literal(self.standing), periods.ended_day, ibis.null("date"))
        return periods.mutate(ended_day=ended, end_known_day=known)

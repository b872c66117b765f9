"""Days of use: on which day an account used what, and from when that was known. Cohorts, labels and families read it.

All but one of its tables are made of the rollup of `uses`, one row an account, product and day, so that no build reads
the events of consumption for them again.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.clock import ACTIVE_DAYS
from features.days import days_before
from features.events import events_of
from features.feature import EventSource, Measure
from features.flags import flag
from features.rollups.daily import first_days
from features.rollups.kept import rolled
from features.rollups.recipe import Rollup
from features.scratch import shared
from features.tables import Tables

USED = (
    Measure("events", lambda _: ibis.literal(1)),
    Measure("errors", lambda t: flag(t.status == "error"), ("status",)),
)

uses = EventSource(
    "uses",
    lambda tables: events_of(tables, "consumption"),
    (
        *USED,
        Measure("value", lambda t: t.value, ("value",)),
        Measure("quantity", lambda t: t.quantity, ("quantity",)),
    ),
    table="consumption",
    entities=("user_id",),
    apart=("product",),
    by_day=True,
)
"""Use by account, product (missing where a use names none) and day: what all that is told of use is made of."""


def of_those(which: ir.Value, days: ir.Table) -> ir.Value:
    """The events of those days of use; 0 of the others."""
    return ibis.ifelse(which, days["events"], 0)


def days_used(tables: Tables) -> ir.Table:
    """One row (account_id, day) on which it used anything: `known_day`, from when that was known."""
    known = rolled(tables, Rollup(uses))
    return known.group_by("account_id", "day").aggregate(known_day=known["known_day"].min())


def days_used_of_products(tables: Tables, pairs: ir.Table) -> ir.Table:
    """One row (account_id, product, day) of use by one of the pairs: `known_day`, from when that was known."""
    known = _known_of_products(tables).semi_join(pairs, ["account_id", "product"])
    return known.group_by("account_id", "product", "day").aggregate(known_day=known["known_day"].min())


def used_lately(tables: Tables, days: ir.Table) -> ir.Table:
    """One row (account_id, as_of) of an account known to have used anything in the `ACTIVE_DAYS` before."""

    def used() -> ir.Table:
        use = rolled(tables, Rollup(uses))
        seen = use.join(days_before(days, ACTIVE_DAYS), "day")
        return seen.filter(seen["known_day"] < seen["as_of"]).select("account_id", "as_of").distinct()

    return shared(tables, "used lately", used, days)


def consuming_accounts(tables: Tables, days: ir.Table) -> ir.Table:
    """One row per (account_id, as_of) of an account seen consuming in `[active_from, as_of)`.

    Of the events themselves: cohorts are asked for outside of builds, too, where no rollup is kept, and one would be
    made only to be folded at once.
    """
    use = events_of(tables, "consumption")
    use = use.group_by("account_id", "day").agg(known_day=use.known_day.min())
    seen = use.inner_join(days, [use.day >= days.active_from, use.day < days.as_of, use.known_day < days.as_of])
    return seen.select("account_id", "as_of").distinct()


def first_known(tables: Tables) -> ir.Table:
    """One row an account that used anything: `since`, the day on which that was first known, which never changes."""

    def found() -> ir.Table:
        known = rolled(tables, Rollup(uses))
        return known.group_by("account_id").aggregate(since=known["known_day"].min())

    return shared(tables, "first known", found)


def first_days_used(tables: Tables) -> ir.Table:
    """One row (account_id, known_day): `day`, the first use of anything as it was known from `known_day` on.

    More than one row an account only where an earlier use became known later (`features.rollups.daily.first_days`).
    """
    return shared(tables, "first days", lambda: first_days(days_used(tables), ["account_id"]).drop("before"))


def first_uses(tables: Tables) -> ir.Table:
    """One row (account_id, product, known_day): `day`, the first use as it was known from `known_day` on.

    More than one row an account and product only where an earlier use became known later.
    """
    by = ["account_id", "product"]
    return shared(tables, "first uses", lambda: first_days(_known_of_products(tables), by).drop("before"))


def _known_of_products(tables: Tables) -> ir.Table:
    """One row (account_id, product, day, known_day) of a named product used."""
    known = rolled(tables, Rollup(uses))
    return known.filter(known["product"].notnull()).select("account_id", "product", "day", "known_day")

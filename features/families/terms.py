"""The terms on which an account stands at each as_of, as they were known then: the rows behind the subscriptions."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.cohort import subscription_periods
from features.families.absence import complete
from features.tables import Tables

BEFORE_DAYS = 182
"""How far back the terms lie with which today's are compared."""


def terms_known(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, subscription that had started and was known): its terms as they were known then.

    `age` counts the days since it started. `ended_day` is missing unless the end, or the notice of it, lay before
    `as_of`; `noticed` says that a notice did. `in_force` holds up to and including the day of an end, as in the cohort;
    `in_force_before` looks from 182 days earlier.
    """
    rows = cohort.join(subscription_periods(complete(tables, "subscriptions")), "account_id")
    rows = rows.filter((rows["day"] < rows["as_of"]) & (rows["known_day"] < rows["as_of"]))
    noticed = (rows["noticed_day"] < rows["as_of"]).fill_null(False)
    visible = noticed | (rows["ended_day"] < rows["as_of"]).fill_null(False)
    rows = rows.mutate(
        noticed=noticed,
        ended_day=ibis.ifelse(visible, rows["ended_day"], ibis.null("date")),
        age=rows["as_of"].delta(rows["day"], unit="day"),
    )
    ago = rows["as_of"].delta(rows["ended_day"], unit="day")
    return rows.mutate(
        in_force=rows["ended_day"].isnull() | (ago <= 0),
        in_force_before=(rows["age"] > BEFORE_DAYS) & (ago.isnull() | (ago <= BEFORE_DAYS)),
    )


def terms_renewed(tables: Tables, cohort: ir.Table) -> ir.Table:
    """The terms as known, with how they were renewed and at what price.

    Adds `next_renewal`, the first renewal on or after `as_of` or, of what has ended, on or after the end; `renewals`,
    how many there were before; and `dearer`, whether the price rose where these terms began.
    """
    return _with_continuations(_with_renewals(tables, terms_known(tables, cohort)))


def _with_renewals(tables: Tables, rows: ir.Table) -> ir.Table:
    """Adds `next_renewal` and `renewals`, counted from the first renewal in steps of the term."""
    rows = rows.mutate(first=tables.calendar.local_day(rows["renews_at"]), term=rows["term_months"].nullif(0))
    # Without a date of its own the first renewal follows one term after the start.
    start = ibis.coalesce(rows["first"], _later(rows["day"], rows["term"]))
    until = ibis.least(rows["as_of"], ibis.coalesce(rows["ended_day"], rows["as_of"]))
    months = (until.year() - start.year()) * 12 + until.month() - start.month()
    rows = rows.mutate(start=start, until=until, passed=ibis.greatest((months / rows["term"]).floor().cast("int64"), 0))
    reached = _later(rows["start"], rows["passed"] * rows["term"]) >= rows["until"]
    begun = rows["start"] < rows["until"]
    rows = rows.mutate(passed=ibis.ifelse(begun, ibis.ifelse(reached, rows["passed"], rows["passed"] + 1), 0))
    following = ibis.ifelse(rows["passed"] == 0, rows["start"], _later(rows["start"], rows["passed"] * rows["term"]))
    rows = rows.mutate(next_renewal=following, renewals=rows["passed"].fill_null(0))
    return rows.drop("first", "term", "start", "until", "passed")


def _with_continuations(rows: ir.Table) -> ir.Table:
    """Adds what a row is beside the one before it: a renewal on its date counts, and a higher price for a seat shows.

    `renewals` gains 1 where the account's row before ended on its renewal day and this one began there; `dearer` says
    that the row before of the same plan had a lower price (for a seat, where there are seats).
    """
    rows = rows.mutate(unit_price=_unit_price(rows))
    order = ["day", "known_day", "plan", "unit_price"]
    before = ibis.window(group_by=["account_id", "as_of"], order_by=order)
    same = ibis.window(group_by=["account_id", "as_of", "plan"], order_by=order)
    renewed = (rows["ended_day"].lag().over(before) == rows["day"]) & (
        rows["next_renewal"].lag().over(before) == rows["day"]
    )
    dearer = rows["unit_price"] > rows["unit_price"].lag().over(same)
    return rows.mutate(
        renewals=rows["renewals"] + renewed.fill_null(False).cast("int64"), dearer=dearer.fill_null(False)
    )


def _unit_price(rows: ir.Table) -> ir.Value:
    """Recurring revenue a seat, or as a whole where seats are not counted."""
    seats = rows["seats"].nullif(0).fill_null(1)
    return (rows["mrr"].cast("float64") / seats).cast("decimal(18, 6)")


def _later(day: ir.Value, months: ir.Value) -> ir.Value:
    """The same day so many months later (the last of the month where it has no such day)."""
    return (day + months.cast("int32").as_interval("M")).cast("date")

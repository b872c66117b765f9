"""The terms on which an account stands at each as_of, as they were known then: the rows behind the subscriptions."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.cohort import end_known_day, subscription_periods
from features.scratch import shared
from features.tables import Tables

BEFORE_DAYS = 182
"""How far back the terms lie with which today's are compared."""


def terms_known(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, subscription that had started and was known): its terms as they were known then.

    `age` counts the days since it started. `ended_day` is missing unless the end, or the notice of it, was known before
    `as_of`; `noticed` says that a notice was. `in_force` holds up to and including the day of an end, as in the cohort;
    `in_force_before` looks from 182 days earlier.
    """
    return shared(tables, "terms", lambda: _terms_known(tables, cohort), cohort)


def _terms_known(tables: Tables, cohort: ir.Table) -> ir.Table:
    rows = cohort.join(subscription_periods(complete(tables, "subscriptions")), "account_id")
    rows = rows.filter((rows["day"] < rows["as_of"]) & (rows["known_day"] < rows["as_of"]))
    noticed = (rows["noticed_day"] < rows["as_of"]).fill_null(False)
    visible = noticed | (end_known_day(tables, rows) < rows["as_of"]).fill_null(False)
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

    def renewed() -> ir.Table:
        return _with_continuations(_with_renewals(tables, terms_known(tables, cohort)))

    return shared(tables, "terms renewed", renewed, cohort)


def _with_renewals(tables: Tables, rows: ir.Table) -> ir.Table:
    """Adds `next_renewal` and `renewals`, counted from the first renewal (or from the start) in steps of the term."""
    rows = rows.mutate(said=tables.calendar.local_day(rows["renews_at"]), term=rows["term_months"].nullif(0))
    until = ibis.least(rows["as_of"], ibis.coalesce(rows["ended_day"], rows["as_of"]))
    # Without a date of its own the first renewal follows one term after the start, which is no renewal itself.
    rows = rows.mutate(until=until, anchor=ibis.coalesce(rows["said"], rows["day"]), start=rows["said"].isnull())
    months = (rows["until"].year() - rows["anchor"].year()) * 12 + rows["until"].month() - rows["anchor"].month()
    whole = ibis.greatest((months / rows["term"]).floor().cast("int64"), 0)
    reached = _later(rows["anchor"], whole * rows["term"]) >= rows["until"]
    dates = ibis.ifelse(rows["anchor"] < rows["until"], ibis.ifelse(reached, whole, whole + 1), 0)
    rows = rows.mutate(dates=dates, none=rows["start"].cast("int64"))
    step = ibis.greatest(rows["dates"], rows["none"])
    following = ibis.ifelse(step == 0, rows["anchor"], _later(rows["anchor"], step * rows["term"]))
    rows = rows.mutate(next_renewal=following, renewals=step - rows["none"])
    return rows.drop("said", "term", "until", "anchor", "start", "dates", "none")


def _with_continuations(rows: ir.Table) -> ir.Table:
    """Adds how a row goes on from those that had ended: as a renewal on its date, at a higher price.

    `renewals` gains 1 where some row of the account ended on its renewal day and this one began there; `dearer` says
    that, of the rows of the same plan that had ended by then, the last had a lower price (for a seat, where there are
    seats), `rise` by which share. Only a row that lasted a day can be gone on from, and whatever runs beside it plays
    no part. `first_price` is what the plan cost first: where several rows of it began then, the highest.
    """
    rows = rows.mutate(unit_price=_unit_price(rows))
    of_plan = ibis.window(group_by=["account_id", "as_of", "plan"])
    rows = rows.mutate(first_day=rows["day"].min().over(of_plan))
    at_first = ibis.ifelse(rows["day"] == rows["first_day"], rows["unit_price"], ibis.null("decimal(18, 6)"))
    rows = rows.mutate(first_price=at_first.max().over(of_plan)).drop("first_day")
    ended = rows.filter(rows["ended_day"] > rows["day"])
    renewed = ended.filter(ended["next_renewal"] == ended["ended_day"])
    renewed = renewed.select("account_id", "as_of", day="ended_day").distinct().mutate(renewed=1)
    joined = rows.left_join(renewed, ["account_id", "as_of", "day"]).select(*rows.columns, "renewed")
    joined = joined.left_join(_prices_before(rows, ended), ["account_id", "as_of", "plan", "day"])
    dearer = (joined["unit_price"] > joined["price_before"]).fill_null(False)
    rise = joined["unit_price"].cast("float64") / joined["price_before"].cast("float64").nullif(0.0) - 1.0
    return joined.mutate(
        renewals=joined["renewals"] + joined["renewed"].fill_null(0),
        dearer=dearer,
        rise=ibis.ifelse(dearer, rise, ibis.null("float64")),
    ).select(*rows.columns, "dearer", "rise")


def _prices_before(rows: ir.Table, ended: ir.Table) -> ir.Table:
    """One row (account_id, as_of, plan, day on which a row of it began, one having ended by then): `price_before`.

    That of the row that ended last; where several did, the highest.
    """
    priced = ended.filter(ended["unit_price"].notnull()).group_by("account_id", "as_of", "plan", until="ended_day")
    last = priced.aggregate(price=lambda t: t.unit_price.max())
    starts = rows.select("account_id", "as_of", "plan", "day").distinct()
    pairs = starts.join(last, ["account_id", "as_of", "plan", starts["day"] >= last["until"]])
    return pairs.group_by("account_id", "as_of", "plan", "day").aggregate(price_before=pairs.price.argmax(pairs.until))


def _unit_price(rows: ir.Table) -> ir.Value:
    """Recurring revenue a seat, or as a whole where seats are not counted."""
    seats = rows["seats"].nullif(0).fill_null(1)
    return (rows["mrr"].cast("float64") / seats).cast("decimal(18, 6)")


def _later(day: ir.Value, months: ir.Value) -> ir.Value:
    """The same day so many months later (the last of the month where it has no such day)."""
    return (day + months.cast("int32").as_interval("M")).cast("date")

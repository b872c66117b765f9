"""Who is there at an as_of, by what could be known before it: accounts, subscriptions in force, recent use, products.

Every function takes a table of days (`day_table`) and answers for all of them in one expression. A row of the contract
takes part at an as_of only where its day and the day from which it was known both lie before it.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.events import events_of, late_day
from features.scratch import shared
from features.tables import Tables
from features.use import consuming_accounts


def account_versions(tables: Tables, days: ir.Table) -> ir.Table:
    """The version of each account that was the latest known before each as_of; of several of one day, the last.

    One row per (account_id, as_of) of an account that signed up before it: its columns and `signed_up_day`.
    """
    versions = events_of(tables, "accounts", "signed_up_at").rename(signed_up_day="day")
    since = "valid_from" if "valid_from" in versions.columns else "signed_up_at"
    versions = versions.mutate(version_day=tables.calendar.local_day(versions[since]))
    seen = versions.inner_join(
        days.select("as_of"),
        [
            versions.signed_up_day < days.as_of,
            versions.known_day < days.as_of,
            versions.version_day.isnull() | (versions.version_day < days.as_of),
        ],
    )
    rest = [seen[column] for column in versions.columns if column != since]  # whatever the order of the rows
    newest = ibis.window(group_by=["account_id", "as_of"], order_by=[seen[since].desc(nulls_first=False), *rest])
    # a name with a space, for an attribute of an account may be called anything else
    seen = seen.mutate(**{"versions after": ibis.row_number().over(newest)})
    return seen.filter(seen["versions after"] == 0).drop("versions after", "version_day", "known_day")


def known_then(tables: Tables, days: ir.Table) -> ir.Table:
    """One row (account_id, as_of) of a known account: `signed_up_day` and, where it is brought, `segment`."""

    def known() -> ir.Table:
        versions = account_versions(tables, days)
        told = [name for name in ("signed_up_day", "segment") if name in versions.columns]
        return versions.select("account_id", "as_of", *told)

    return shared(tables, "known accounts", known, days)


def known_accounts(tables: Tables, days: ir.Table) -> ir.Table:
    """One row per (account_id, as_of) of an account that signed up, and was known, before the as_of."""
    return account_versions(tables, days).select("account_id", "as_of")


def subscription_periods(tables: Tables) -> ir.Table:
    """Every subscription as days: `day` it started on, `known_day`, `ended_day` and `noticed_day` (null while open).

    One row a subscription, with all columns of the contract. It is in force on the days `[day, ended_day)`. A notice
    is of the day on which it was known; for an end, that is what `end_known_day` says.
    """
    periods = events_of(tables, "subscriptions", "started_at")
    noticed = "cancelled_at" in periods.columns
    return periods.mutate(
        ended_day=_day_or_null(tables, periods, "ended_at"),
        noticed_day=late_day(tables, "subscriptions", periods, "cancelled_at") if noticed else ibis.null("date"),
    )


def end_known_day(tables: Tables, periods: ir.Table) -> ir.DateValue:
    """The day on which it is known that a subscription has ended: `ended_day`, unless its table arrives late."""
    if "subscriptions" not in tables.delays or "ended_at" not in periods.columns:
        return periods["ended_day"]
    return late_day(tables, "subscriptions", periods, "ended_at")


def subscriptions_in_force(tables: Tables, days: ir.Table) -> ir.Table:
    """The subscriptions that started before an as_of, were known, and were not known to have ended before it.

    One row per (subscription, as_of): its columns, `as_of`, and `under_notice`, whether a cancellation was known. An
    end or a notice that lies on or after the as_of is not looked at.
    """
    periods = subscription_periods(tables)
    ended = end_known_day(tables, periods)
    seen = periods.inner_join(
        days.select("as_of"),
        [
            periods.day < days.as_of,
            periods.known_day < days.as_of,
            ended.isnull() | (ended >= days.as_of),
        ],
    )
    return seen.mutate(under_notice=(seen.noticed_day < seen.as_of).fill_null(False))


def active_accounts(tables: Tables, days: ir.Table) -> ir.Table:
    """One row per (account_id, as_of) of a known account with a subscription in force or, where a company brings no
    subscriptions, with consumption in `[active_from, as_of)`.
    """
    if "subscriptions" in tables:
        active = subscriptions_in_force(tables, days).select("account_id", "as_of").distinct()
    else:
        active = consuming_accounts(tables, days)
    return of_known_accounts(tables, days, active)


def of_known_accounts(tables: Tables, days: ir.Table, rows: ir.Table) -> ir.Table:
    """Those rows whose (account_id, as_of) is a known account."""
    return rows.semi_join(known_accounts(tables, days), ["account_id", "as_of"])


def products_on_offer(tables: Tables, days: ir.Table) -> ir.Table:
    """One row per (product, as_of) of a product launched before it; without a table of products, of one seen in use."""
    if "products" in tables:
        return listed(tables, "products", "launched_at", days).select("product", "as_of").distinct()
    use = events_of(tables, "consumption")
    use = use.filter(use["product"].notnull()).group_by("product").agg(first=lambda t: t.known_day.min())
    return use.inner_join(days, [use["first"] < days.as_of]).select("product", "as_of")


def listed(tables: Tables, table: str, instant: str, days: ir.Table) -> ir.Table:
    """The rows of a list (plans, products) that were in it before each as_of; without an instant, always.

    One row per (row of the list, as_of).
    """
    rows = tables[table]
    rows = rows.mutate(since=_day_or_null(tables, rows, instant), known_since=_day_or_null(tables, rows, "known_at"))
    return rows.inner_join(
        days.select("as_of"),
        [
            rows.since.isnull() | (rows.since < days.as_of),
            rows.known_since.isnull() | (rows.known_since < days.as_of),
        ],
    )


def _day_or_null(tables: Tables, rows: ir.Table, instant: str) -> ir.DateValue:
    """The local day of an optional column; null where the company does not bring it."""
    if instant in rows.columns:
        return tables.calendar.local_day(rows[instant])
    return ibis.null("date")

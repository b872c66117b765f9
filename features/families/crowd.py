"""The crowd: what all accounts did by an as_of, as it was known then; families that look at others begin here.

Every function takes `days`, one row an as_of, and answers for all of them in one expression.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.clock import ACTIVE_DAYS
from features.cohort import active_accounts as of_cohort
from features.cohort import known_then
from features.scratch import shared
from features.tables import Tables
from features.use import first_uses

FEWEST = 5
"""Others without whom a share of them says nothing."""


def active(tables: Tables, days: ir.Table) -> ir.Table:
    """One row (account_id, as_of) of an account with a subscription in force or, without any such table, recent use."""

    def there() -> ir.Table:
        since = (days["as_of"] - ibis.interval(days=ACTIVE_DAYS)).cast("date")
        return of_cohort(tables, days.mutate(active_from=since))

    return shared(tables, "active", there, days)


def segments(tables: Tables, days: ir.Table) -> ir.Table:
    """One row (account_id, as_of) of a known account that has a segment: `segment`, of its version then."""
    versions = known_then(tables, days)
    return versions.filter(versions["segment"].notnull()).select("account_id", "as_of", "segment")


def firsts(tables: Tables, days: ir.Table) -> ir.Table:
    """One row (account_id, product, as_of) of a use known by then: `first_day`, and `age`, the days since it."""
    return shared(tables, "firsts", lambda: _firsts(tables, days), days)


def _firsts(tables: Tables, days: ir.Table) -> ir.Table:
    uses = first_uses(tables)
    known = ibis.window(group_by=["account_id", "product"], order_by="known_day")
    uses = uses.mutate(until=uses["known_day"].lead().over(known))
    # A first use that became known later takes the place of the one known before, from its own knowledge on.
    seen = uses.inner_join(
        days.select("as_of"),
        [uses["known_day"] < days["as_of"], uses["until"].isnull() | (uses["until"] >= days["as_of"])],
    )
    seen = seen.select("account_id", "product", "as_of", first_day="day")
    return seen.mutate(age=seen["as_of"].delta(seen["first_day"], unit="day"))


def share_of(part: ir.Value, whole: ir.Value) -> ir.Value:
    """A share of others, missing where they are too few."""
    return ibis.ifelse(whole >= FEWEST, part.cast("float64") / whole.cast("float64"), ibis.null("float64"))

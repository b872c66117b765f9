"""What a list says of an account beside its scores: who it is, who looks after it, and what is at stake."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.clock import ACTIVE_DAYS, Horizon
from features.cohort import account_versions, active_accounts, subscriptions_in_force
from features.days import day_table
from features.events import events_of
from features.tables import Tables

VALUE_DAYS = 91
"""Consumed value is summed over so many days before as_of; its column's name says as many."""

FACTS = (
    "account_id",
    "name",
    "owner",
    "segment",
    "plan",
    "recurring_revenue",
    "consumed_value_91d",
    "tenure_days",
    "days_to_renewal",
    "active",
    "under_notice",
    "days_to_end",
)


def account_facts(tables: Tables, account_ids: Sequence[str], as_of: date) -> pd.DataFrame:
    """What is known at `as_of` of each of those accounts that had signed up before it.

    One row an account, sorted: the columns of `FACTS`. `recurring_revenue` is a month's, of the subscriptions in force;
    `plan` the one with the highest tier of these (then the largest revenue, the latest start, the name); days to
    renewal count to the nearest one of those not under notice; those to the end to the last one, where all of them are
    `under_notice`. Missing where there is none.
    """
    days = day_table([as_of], Horizon(VALUE_DAYS), ACTIVE_DAYS)
    accounts = _frame(tables, _identities(tables, days), "account_id")
    active = _frame(tables, active_accounts(tables, days).select("account_id"), "account_id").assign(active=True)
    facts = accounts[accounts["account_id"].isin(list(account_ids))]
    for part in (active, _subscribed(tables, days, as_of), _consumed(tables, days)):
        facts = facts.merge(part, on="account_id", how="left", validate="one_to_one")
    signed_up = pd.to_datetime(facts["signed_up_day"])
    facts = facts.assign(
        active=facts["active"].notna(),
        under_notice=facts["under_notice"].eq(True),
        tenure_days=(pd.Timestamp(as_of) - signed_up).dt.days.astype("int64"),
        **{
            name: facts[name].astype("float64")
            for name in ("recurring_revenue", "consumed_value_91d", "days_to_renewal", "days_to_end")
        },
    )
    return facts[list(FACTS)].sort_values("account_id", ignore_index=True)


def _frame(tables: Tables, rows: ir.Table, *order: str) -> pd.DataFrame:
    frame: pd.DataFrame = tables.connection.to_pyarrow(rows.order_by(list(order))).to_pandas()
    return frame


def _identities(tables: Tables, days: ir.Table) -> ir.Table:
    versions = account_versions(tables, days)
    texts = {
        name: versions[name] if name in versions.columns else ibis.null("string")
        for name in ("name", "owner", "segment")
    }
    return versions.select("account_id", "signed_up_day", **texts)


def _consumed(tables: Tables, days: ir.Table) -> pd.DataFrame:
    """One row an account: the value consumed in `[as_of - 91, as_of)`."""
    if not tables.has("consumption", "value"):
        return pd.DataFrame({"account_id": pd.Series(dtype="str"), "consumed_value_91d": pd.Series(dtype="float64")})
    use = events_of(tables, "consumption")
    use = use.inner_join(days, [use.day >= days.before_from, use.day < days.as_of, use.known_day < days.as_of])
    total = use.group_by("account_id").agg(consumed_value_91d=use["value"].sum().cast("float64"))
    return _frame(tables, total, "account_id")


def _subscribed(tables: Tables, days: ir.Table, as_of: date) -> pd.DataFrame:
    """One row an account with a subscription in force: plan, recurring revenue, days to renewal, notice."""
    if "subscriptions" not in tables:
        names = ("account_id", "plan", "recurring_revenue", "days_to_renewal", "under_notice", "days_to_end")
        return pd.DataFrame({name: pd.Series(dtype="str" if name in names[:2] else "float64") for name in names})
    held = _terms(tables, subscriptions_in_force(tables, days))
    revenue = held.group_by("account_id").agg(
        recurring_revenue=held.mrr.sum().cast("float64"),
        under_notice=held.under_notice.all(),
        days_to_end=ibis.ifelse(  # the end of what is not under notice is not looked at
            (held.under_notice & held.ended_day.notnull()).all(),
            held.ended_day.max().delta(held.as_of.max(), unit="day"),
            ibis.null("int64"),
        ),
    )
    order = [held.tier.desc(), held.mrr.desc(), held.day.desc(), held.plan]
    plan = held.mutate(position=ibis.row_number().over(group_by="account_id", order_by=order))
    plan = plan.filter(plan.position == 0).select("account_id", "plan")
    renewing = held.filter(~held.under_notice).select("account_id", "day", "renews_day", "term_months").distinct()
    frame = _frame(tables, revenue.inner_join(plan, "account_id"), "account_id")
    renewal = _days_to_renewal(tables, renewing, as_of)
    return frame.merge(renewal, on="account_id", how="left", validate="one_to_one")


def _terms(tables: Tables, held: ir.Table) -> ir.Table:
    """The subscriptions in force with every column that facts are made of, null where the company does not bring it."""
    renews = tables.calendar.local_day(held.renews_at) if "renews_at" in held.columns else ibis.null("date")
    mrr = held.mrr if "mrr" in held.columns else ibis.null("decimal(18, 6)")
    term = held.term_months if "term_months" in held.columns else ibis.null("int64")
    kept = ("account_id", "plan", "day", "as_of", "under_notice", "ended_day")
    held = held.select(*kept, mrr=mrr, renews_day=renews, term_months=term)
    if not tables.has("plans", "tier"):
        return held.mutate(tier=ibis.null("int64"))
    return held.left_join(tables["plans"].select("plan", "tier"), "plan").drop("plan_right")


def _days_to_renewal(tables: Tables, renewing: ir.Table, as_of: date) -> pd.DataFrame:
    """One row an account: days to the nearest renewal of its subscriptions; none where no renewal can be told."""
    nearest: dict[str, int] = {}
    for row in tables.connection.to_pyarrow(renewing).to_pylist():
        first = row["renews_day"] or row["day"]
        following = next_renewal(first, row["term_months"], as_of)
        if following is not None:
            left = (following - as_of).days
            nearest[row["account_id"]] = min(left, nearest.get(row["account_id"], left))
    return pd.DataFrame({"account_id": pd.Series(nearest.keys(), dtype="str"), "days_to_renewal": nearest.values()})


def next_renewal(first: date, term_months: int | None, as_of: date) -> date | None:
    """The renewal on or after `as_of`: `first`, or one that follows it every `term_months`.

    Where a company does not say when the first one is, `first` is the start itself. None where `first` has passed and
    no term says when the next one comes.
    """
    if first >= as_of:
        return first
    if not term_months or term_months < 0:
        return None
    passed = (as_of.year - first.year) * 12 + as_of.month - first.month
    terms = passed // term_months
    following = months_after(first, terms * term_months)
    return following if following >= as_of else months_after(first, (terms + 1) * term_months)


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

"""Who may move up and the days on which they do: to a higher tier, or to spending more."""

from __future__ import annotations

from decimal import Decimal

import ibis
import ibis.expr.types as ir

from features.cohort import listed, of_known_accounts, subscriptions_in_force
from features.events import events_of
from features.outcomes.question import Question
from features.tables import Tables


def _plans(tables: Tables, days: ir.Table) -> ir.Table:
    """The plans released before an as_of: one row per (plan, as_of), `tier`, `family` ("" where none is named)."""
    plans = listed(tables, "plans", "released_at", days)
    family = plans["family"].fill_null("") if "family" in plans.columns else ibis.literal("")
    return plans.filter(plans.tier.notnull()).select("plan", "as_of", "tier", family=family)


def below_the_top(question: Question) -> ir.Table:
    """Accounts in force whose highest tier in a plan family lies below the highest that was on offer."""
    tables, days = question.tables, question.days
    plans = _plans(tables, days)
    top = plans.group_by("family", "as_of").agg(top=plans.tier.max())
    held = subscriptions_in_force(tables, days).select("account_id", "plan", "as_of")
    held = held.inner_join(plans, ["plan", "as_of"])
    highest = held.group_by("account_id", "family", "as_of").agg(tier=held.tier.max())
    below = highest.inner_join(top, ["family", "as_of"])
    below = below.filter(below.tier < below.top).select("account_id", "as_of").distinct()
    return of_known_accounts(tables, days, below)


def steps_up(question: Question, _: ir.Table) -> ir.Table:
    """The days on which a subscription started on a higher tier than any of the same family in force just before.

    Just before: started on an earlier day, and not ended before the day before. (One that ends at the last second of a
    month is followed by one that starts at the first second of the next.)
    """
    plans = _plans(question.tables, question.days.filter(question.days.as_of == ibis.literal(question.standing)))
    periods = question.periods().inner_join(plans.drop("as_of"), "plan")
    starts = periods.select("account_id", "family", "tier", "day").distinct()
    before = periods.select("account_id", "family", "day", "ended_day", held="tier").view()
    pairs = starts.inner_join(
        before,
        [
            starts.account_id == before.account_id,
            starts.family == before.family,
            before.day < starts.day,
            before.ended_day.isnull() | (starts.day.delta(before.ended_day, unit="day") <= 1),
        ],
    )
    steps = pairs.group_by("account_id", "family", "tier", "day").agg(held=pairs.held.max())
    return steps.filter(steps.tier > steps.held).select("account_id", "day")


def spenders(question: Question) -> ir.Table:
    """Accounts with recurring revenue in force or, without it, with value consumed over one horizon's length before."""
    tables, days = question.tables, question.days
    if has_revenue(tables):
        spent = subscriptions_in_force(tables, days)
        spending = spent.group_by("account_id", "as_of").agg(amount=spent.mrr.sum())
    else:
        long_enough = days.filter(days.before_from >= ibis.literal(tables.calendar.start))
        value = events_of(tables, "consumption")
        spent = value.inner_join(
            long_enough,
            [value.day >= long_enough.before_from, value.day < long_enough.as_of, value.known_day < long_enough.as_of],
        )
        spending = spent.group_by("account_id", "as_of").agg(amount=spent["value"].sum())
    spending = spending.filter(spending.amount > 0).select("account_id", "as_of")
    return of_known_accounts(tables, days, spending)


def rises(question: Question, asked: ir.Table) -> ir.Table:
    """The days on which spending stands at least `min_increase` above what it was when the as_of began.

    Where there is `subscriptions.mrr`: recurring revenue on a day is the sum of `mrr` of what is in force when that day
    ends; it is compared with that in force when the as_of begins. Where there is none: the value consumed over
    the whole of `[as_of + gap, as_of + gap + horizon)` is compared with that over as many days before the as_of; if it
    rose, the day is the last one with consumption, so that such a rise never falls into the gap.
    """
    return _revenue_rises(question, asked) if has_revenue(question.tables) else _value_rises(question, asked)


def has_revenue(tables: Tables) -> bool:
    """Whether revenue is what spending is measured by; else it is the value consumed."""
    return tables.has("subscriptions", "mrr")


def _threshold(question: Question) -> ir.Value:
    """`1 + min_increase` as a decimal: a rise by exactly that share counts, whatever a double makes of it."""
    return ibis.literal(1 + Decimal(f"{question.outcome.min_increase:.6f}"), type="decimal(9, 6)")


def _revenue_rises(question: Question, asked: ir.Table) -> ir.Table:
    periods = question.periods()
    ended = periods.filter(periods.ended_day < ibis.literal(question.standing))
    changes = ibis.union(
        periods.select("account_id", "day", change=periods.mrr.fill_null(0)),
        ended.select("account_id", day="ended_day", change=-ended.mrr.fill_null(0)),
    )
    changes = changes.group_by("account_id", "day").agg(change=changes.change.sum())
    run = ibis.cumulative_window(group_by="account_id", order_by="day")
    levels = changes.mutate(level=changes.change.sum().over(run)).select("account_id", "day", "level")
    compared = asked.inner_join(changes, "account_id")
    base = compared.group_by("account_id", "as_of").agg(
        base=compared.change.sum(where=compared.day < compared.as_of),
    )
    later = base.inner_join(levels, "account_id")
    reached = later.filter(later.day >= later.as_of, later.level >= later.base * _threshold(question))
    return reached.select("account_id", "as_of", "day")


def _value_rises(question: Question, asked: ir.Table) -> ir.Table:
    spent = question.known(events_of(question.tables, "consumption"))
    spent = spent.group_by("account_id", "day").agg(amount=spent["value"].sum())
    spans = asked.inner_join(question.days, "as_of").inner_join(spent, "account_id")
    earlier = (spans.day >= spans.before_from) & (spans.day < spans.as_of)
    within = (spans.day >= spans.opens) & (spans.day < spans.closes)
    totals = spans.group_by("account_id", "as_of").agg(
        before=spans.amount.sum(where=earlier),
        after=spans.amount.sum(where=within),
        day=spans.day.max(where=within),
    )
    rose = totals.filter(totals.after >= totals.before * _threshold(question))
    return rose.select("account_id", "as_of", "day")

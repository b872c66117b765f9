"""Who may leave and the days on which they do: all subscriptions ended, or no use any more."""

from __future__ import annotations

import ibis.expr.types as ir

from features.cohort import of_known_accounts, subscriptions_in_force
from features.outcomes.question import Question
from features.use import consuming_accounts, days_used


def holders(question: Question) -> ir.Table:
    """Accounts with a subscription in force that is not under known notice: of the others the outcome is known."""
    held = subscriptions_in_force(question.tables, question.days)
    held = held.filter(~held.under_notice).select("account_id", "as_of").distinct()
    return of_known_accounts(question.tables, question.days, held)


def ends(question: Question, _: ir.Table) -> ir.Table:
    """The days on which an account's last subscription ended and none had started `grace_days` later.

    A subscription undoes an end where it starts on one of the days up to and including `grace_days` after it (or before
    it) and outlasts it. Where ends come late, each has the `known_day` of its subscription.
    """
    periods = question.periods()
    known = {"known_day": "end_known_day"} if question.ends_come_late else {}
    ends = periods.filter(periods.ended_day.notnull()).select("account_id", day="ended_day", **known)
    others = periods.select("account_id", "day", "ended_day").view()
    undone = ends.inner_join(
        others,
        [
            ends.account_id == others.account_id,
            others.day.delta(ends.day, unit="day") <= question.outcome.grace_days,
            others.ended_day.isnull() | (others.ended_day > ends.day),
        ],
    )
    # Two steps, for DuckDB compares every pair of rows in an anti-join that has more than equalities.
    return ends.anti_join(undone.select("account_id", "day").distinct(), ["account_id", "day"])


def consumers(question: Question) -> ir.Table:
    """Known accounts that consumed something in `[as_of - active_days, as_of)`."""
    seen = consuming_accounts(question.tables, question.days)
    return of_known_accounts(question.tables, question.days, seen)


def uses(question: Question, _: ir.Table) -> ir.Table:
    """The days on which an account consumed anything."""
    return question.known(days_used(question.tables)).select("account_id", "day")

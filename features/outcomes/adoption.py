"""Who may take on more and the days on which they do: a product used, or an offer accepted."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.cohort import active_accounts, of_known_accounts, products_on_offer
from features.events import events_of, late_day
from features.outcomes.outcome import Outcome
from features.outcomes.question import Question
from features.tables import Tables
from features.use import days_used_of_products, first_uses

OFFER_MEMORY_DAYS = 365
"""A target is still on offer so many days after it was last offered to anyone."""


def new_pairs(question: Question) -> ir.Table:
    """Every active account with every product on offer that it had not been seen to use."""
    tables, days = question.tables, question.days
    pairs = active_accounts(tables, days).inner_join(products_on_offer(tables, days), "as_of")
    use = first_uses(tables)
    used = use.group_by("account_id", "product").agg(first=use.known_day.min())
    # A left join and a filter, for DuckDB compares every pair of rows in an anti-join that has more than equalities.
    pairs = pairs.left_join(used, ["account_id", "product"])
    unused = pairs["first"].isnull() | (pairs["first"] >= pairs.as_of)
    return pairs.filter(unused).select("account_id", "product", "as_of")


def adoptions(question: Question, asked: ir.Table) -> ir.Table:
    """The `min_days`-th day of use of each product that is asked about."""
    pairs = asked.select("account_id", "product").distinct()
    use = question.known(days_used_of_products(question.tables, pairs))
    in_order = ibis.window(group_by=["account_id", "product"], order_by="day")
    use = use.mutate(position=ibis.row_number().over(in_order))
    return use.filter(use.position == question.outcome.min_days - 1).select("account_id", "product", "day")


def offers_made(tables: Tables, outcome: Outcome) -> ir.Table:
    """The offers that an outcome is about: of its `offer_kind`, and not held back for comparison (`treated = false`).

    One row an offer: `offer_id, account_id, product` (the target, "" where there is none), `day`, `known_day`,
    `accepted`, `response_day` (null where the company does not say when); where answers come late, `response_known`.
    """
    offers = events_of(tables, "offers", "offered_at")
    if outcome.offer_kind is not None:
        offers = offers.filter(offers.kind == outcome.offer_kind)
    if "treated" in offers.columns:
        offers = offers.filter(offers.treated.fill_null(True))
    target = offers.target.fill_null("") if "target" in offers.columns else ibis.literal("")
    answered = "responded_at" in offers.columns
    response = tables.calendar.local_day(offers.responded_at) if answered else ibis.null("date")
    known = {"response_known": late_day(tables, "offers", offers, "responded_at")} if _late(tables) else {}
    return offers.select(
        "offer_id", "account_id", "day", "known_day", "accepted", product=target, response_day=response, **known
    )


def _late(tables: Tables) -> bool:
    """Whether an answer to an offer is known later than it comes."""
    return "offers" in tables.delays and "responded_at" in tables["offers"].columns


def offers(question: Question) -> ir.Table:
    """The offers of each as_of's own day; where we stand, each active account with each target of the last year."""
    tables, days = question.tables, question.days
    standing = ibis.literal(question.standing)
    offers = question.known(offers_made(tables, question.outcome))
    made = offers.inner_join(days.filter(days.as_of < standing), [offers.day == days.as_of])
    made = of_known_accounts(tables, days, made.select("offer_id", "account_id", "product", "as_of"))
    targets = offers.filter(standing.delta(offers.day, unit="day") <= OFFER_MEMORY_DAYS).select("product").distinct()
    active = active_accounts(tables, days)
    possible = active.filter(active.as_of == standing).cross_join(targets)
    return made.union(possible.select("account_id", "product", "as_of", offer_id=ibis.literal("")).select(made.columns))


def acceptances(question: Question, _: ir.Table) -> ir.Table:
    """The day of the accepting answer; where nobody says when it came, the day of the offer."""
    offers = question.known(offers_made(question.tables, question.outcome))
    taken = offers.filter(offers.accepted)
    known = {"known_day": ibis.coalesce(taken.response_known, taken.known_day)} if _late(question.tables) else {}
    day = ibis.coalesce(taken.response_day, taken.day)
    return taken.select("offer_id", "account_id", "product", day=day, **known)

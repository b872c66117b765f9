"""The customer life cycle: shopping, buying, using, disposing. Each account is in one stage at each moment.

The first that holds, from what was known at the as_of:

1. `shopping`: it signed up lately and has neither paid nor used anything.
2. `disposing`: all that is in force is under notice, or a renewal is near (of a contract that is not by the month), or
   it is no newcomer and has used nothing for a quarter of a year.
3. `buying`: it is in its first 90 days, or in its first half-year with a milestone overdue.
4. `shopping`: an offer of an upgrade or a further product is open, or it began to try a further product lately.
5. `using`: all others.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.absence import complete
from features.clock import ACTIVE_DAYS
from features.cohort import known_then
from features.days import days_of
from features.events import events_of, late_day
from features.families.adoption import taken_on
from features.families.terms import terms_renewed
from features.feature import Aggregate, Feature, StateSource
from features.flags import flag
from features.tables import Tables
from features.use import first_known, used_lately

STARTING = 90
"""Days in which an account is new."""
SLOW_START = 182
"""Days in which an account that is behind with getting started still counts as getting started."""
RENEWAL = 60
"""Days before a renewal in which an account decides anew."""
SHORTEST_TERM = 5
"""Months of a term below which renewals come all the time and decide nothing: a term of four is twice those days."""
LATELY = 28
"""Days in which an offer without an answer is open, and in which a product taken on is being tried."""

PAYING = ("paid", "noticed", "renews")
"""What subscriptions tell."""

Facts = dict[str, ir.Table]
"""One row (account_id, as_of) for which a fact holds, by the fact's name."""


def _stages(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of) of a known account: its `stage`."""
    days = days_of(tables, cohort)
    known = known_then(tables, days).select("account_id", "as_of", "signed_up_day")
    rows = cohort.join(known, ["account_id", "as_of"])
    rows = rows.mutate(tenure=rows["as_of"].delta(rows["signed_up_day"], unit="day"))
    facts = _using(tables, cohort, days) | _starting(tables, cohort) | _offered(tables, cohort)
    marks = ibis.union(*(holds.select("account_id", "as_of", fact=ibis.literal(fact)) for fact, holds in facts.items()))
    marked = marks.group_by("account_id", "as_of").aggregate(**{fact: (marks["fact"] == fact).any() for fact in facts})
    for told in (marked, _paying(tables, cohort)):
        rows = rows.left_join(told, ["account_id", "as_of"]).drop("account_id_right", "as_of_right")
    rows = rows.mutate(**{fact: rows[fact].fill_null(False) for fact in (*facts, *PAYING)})
    return rows.select("account_id", "as_of", stage=_first_that_holds(rows))


def _first_that_holds(rows: ir.Table) -> ir.Value:
    new = rows["tenure"] < STARTING
    silent = (rows["tenure"] >= ACTIVE_DAYS) & ~rows["active"]
    return ibis.cases(
        (new & ~rows["paid"] & ~rows["used"], "shopping"),
        (rows["noticed"] | rows["renews"] | silent, "disposing"),
        (new | ((rows["tenure"] < SLOW_START) & rows["behind"]), "buying"),
        (rows["offered"] | rows["tries"], "shopping"),
        else_="using",
    )


def _paying(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of) with any subscription so far: `paid`, and whether it is `noticed` or `renews`.

    `noticed`: all that is in force is under notice. `renews`: a renewal is near.
    """
    if "subscriptions" not in tables:
        return cohort.limit(0).mutate(**dict.fromkeys(PAYING, ibis.literal(False)))
    terms = terms_renewed(tables, cohort)
    ahead = terms["next_renewal"].delta(terms["as_of"], unit="day")
    stays = terms["in_force"] & ~terms["noticed"]
    by_the_month = (terms["term_months"].nullif(0) < SHORTEST_TERM).fill_null(False)
    near = (ahead >= 0) & (ahead <= RENEWAL) & ~by_the_month
    return terms.group_by("account_id", "as_of").aggregate(
        paid=terms.count() > 0,
        noticed=terms["in_force"].any() & ~stays.any(),
        renews=(stays & near.fill_null(False)).any(),
    )


def _using(tables: Tables, cohort: ir.Table, days: ir.Table) -> Facts:
    """`used`: it ever did; `active`: lately, or nobody would know; `tries`: it began with a further product lately."""
    if "consumption" not in tables:
        return {"used": cohort.limit(0), "active": cohort, "tries": cohort.limit(0)}
    active = used_lately(tables, days)
    used = cohort.join(first_known(tables), "account_id")
    tries = cohort.limit(0)
    if tables.has("consumption", "product"):
        products = taken_on(tables, cohort)
        ago = products["as_of"].delta(products["first_day"], unit="day")
        tries = products.filter((ago <= LATELY) & (products["first_day"] > products["began"]))
    return {"used": used.filter(used["since"] < used["as_of"]), "active": active, "tries": tries}


def _starting(tables: Tables, cohort: ir.Table) -> Facts:
    """`behind`: a milestone has fallen due and is not reached."""
    if not tables.has("milestones", "due_at"):
        return {"behind": cohort.limit(0)}
    due = events_of(complete(tables, "milestones"), "milestones", "due_at")
    rows = cohort.join(due.mutate(reached_day=late_day(tables, "milestones", due, "reached_at")), "account_id")
    open_still = ~(rows["reached_day"] < rows["as_of"]).fill_null(False)
    return {"behind": rows.filter((rows["known_day"] < rows["as_of"]) & open_still)}


def _offered(tables: Tables, cohort: ir.Table) -> Facts:
    """`offered`: an upgrade or a further product was offered lately, and no answer is known."""
    if "offers" not in tables:
        return {"offered": cohort.limit(0)}
    offers = events_of(complete(tables, "offers"), "offers", "offered_at")
    offers = offers.filter(offers["kind"].isin(("upgrade", "adoption")))
    rows = cohort.join(offers.mutate(answer_day=late_day(tables, "offers", offers, "responded_at")), "account_id")
    rows = rows.filter((rows["known_day"] < rows["as_of"]) & (rows["as_of"].delta(rows["day"], unit="day") <= LATELY))
    return {"offered": rows.filter(~(rows["answer_day"] < rows["as_of"]).fill_null(False))}


def _is(stage: str) -> Aggregate:
    return Aggregate(stage, lambda t: flag(t.stage == stage).max())


STAGES = ("shopping", "buying", "using", "disposing")

life_cycle = StateSource(
    "life_cycle",
    _stages,
    tuple(_is(stage) for stage in STAGES),
    table="accounts",
    besides=(
        *("subscriptions.cancelled_at", "subscriptions.renews_at", "subscriptions.term_months"),
        *("consumption.product", "milestones.due_at", "milestones.reached_at", "offers.kind", "offers.responded_at"),
    ),
)

_ROWS: tuple[tuple[str, str, str], ...] = (
    ("shopping", "It is looking at something further (an open offer, a product just tried, or nothing bought yet)",
     "it looks at what it might take: an offer of an upgrade or a further product is open, it began to try a further "
     "product in the last 28 days, or it is new and has neither paid nor used anything"),
    ("buying", "It is getting started", "it is in its first 90 days, or in its first 182 with a milestone overdue"),
    ("using", "It is in the middle of using what it has", "none of the other stages holds"),
    ("disposing", "It decides anew (notice given, renewal near, or unused for a quarter)",
     "all that is in force is under notice, a renewal is at most 60 days away (unless the term is below five months), "
     "or it signed up at least 91 days ago and has used nothing in 91 days"),
)  # fmt: skip
"""Stage, in words, what it means."""

FEATURES = tuple(
    Feature(
        name=f"stage_{stage}",
        value=life_cycle.state(stage),
        unit="flag",
        idea="stage",
        rung="loyalty" if stage == "disposing" else "adoption",
        purpose="retention" if stage == "disposing" else "service",
        missing="unknown",
        phrase=f"{words}: {{value}}",
        missing_phrase=f"Not known since when it is a customer, hence not whether it is {stage}",
        description=f"Whether the account is in the life cycle's stage `{stage}`: {meaning}",
    )
    for stage, words, meaning in _ROWS
)
SOURCES = (life_cycle,)

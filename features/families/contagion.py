"""Contagion: what accounts like this one did lately, those of its segment and those on its plan, itself left aside.

What others did counts as it was known at the as_of: an end, or the notice of it, only once it had come.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.clock import QUARTER
from features.days import days_of
from features.families.crowd import active, firsts, segments, share_of
from features.families.terms import terms_known
from features.families.upgrades import plans_released
from features.feature import Aggregate, Feature, Purpose, Rung, StateSource
from features.flags import flag
from features.scratch import shared
from features.tables import Tables


def _ways(tables: Tables, days: ir.Table) -> ir.Table:
    """One row (account_id, as_of, subscription known) of everybody: its plan and tier; whether it is in force and under
    notice, and whether it was 91 days ago: `held_then`, `noticed_then`.
    """
    return shared(tables, "ways", lambda: _everybody(tables, days), days)


def _everybody(tables: Tables, days: ir.Table) -> ir.Table:
    everybody = tables["subscriptions"].select("account_id").distinct().cross_join(days)
    rows = terms_known(tables, everybody)
    ended = rows["as_of"].delta(rows["ended_day"], unit="day")
    since_notice = rows["as_of"].delta(rows["noticed_day"], unit="day")
    rows = rows.mutate(
        held_then=(rows["age"] > QUARTER) & (ended.isnull() | (ended <= QUARTER)),
        noticed_then=rows["noticed"] & (since_notice > QUARTER).fill_null(False),
    )
    rows = rows.select("account_id", "as_of", "plan", "in_force", "noticed", "held_then", "noticed_then")
    if "plans" not in tables:
        return rows.mutate(tier=ibis.null("int64"))
    tiers = plans_released(tables, days).select("plan", "as_of", "tier")
    return rows.left_join(tiers, ["plan", "as_of"]).drop("plan_right", "as_of_right")


def _went(ways: ir.Table) -> ir.Table:
    """One row (account_id, as_of) of an account that held something 91 days ago: whether it `left`, or `moved_up`.

    It left if nothing is in force any more, or notice was given for all that is. Who had given notice for everything
    by then had left before: it is none of them.
    """
    went = ways.group_by("account_id", "as_of").aggregate(
        there=(ways["held_then"] & ~ways["noticed_then"]).any(),
        stays=(ways["in_force"] & ~ways["noticed"]).any(),
        tier_then=ways["tier"].max(where=ways["held_then"]),
        tier=ways["tier"].max(where=ways["in_force"]),
    )
    went = went.filter(went["there"])
    return went.select(
        "account_id", "as_of", left=flag(~went["stays"]), moved_up=flag(went["tier"] > went["tier_then"])
    )


def _others(own: ir.Table, counted: ir.Table, group: str, *flags: str) -> ir.Table:
    """One row of `own` (account_id, as_of, group) with `others`, how many others are counted, and their flags' sums."""
    sums = {name: counted[name].sum() for name in flags}
    totals = counted.group_by(group, "as_of").aggregate(others=counted.count(), **sums)
    itself = counted.select("account_id", "as_of", group, itself=ibis.literal(1), **{f"own_{f}": f for f in flags})
    rows = own.join(totals, [group, "as_of"]).left_join(itself, ["account_id", "as_of", group])
    without = {name: rows[name] - rows[f"own_{name}"].fill_null(0) for name in flags}
    return rows.select("account_id", "as_of", others=rows["others"] - rows["itself"].fill_null(0), **without)


def _of_segment(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of): the others of its segment that held something 91 days ago, and what they did."""
    days = days_of(tables, cohort)
    groups = segments(tables, days)
    counted = groups.join(_went(_ways(tables, days)), ["account_id", "as_of"])
    return _others(cohort.join(groups, ["account_id", "as_of"]), counted, "segment", "left", "moved_up")


def _of_plan(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, plan that it holds): the others that held it 91 days ago, and what they did."""
    ways = _ways(tables, days_of(tables, cohort))
    then = ways.filter(ways["held_then"]).select("account_id", "as_of", "plan").distinct()
    counted = then.join(_went(ways), ["account_id", "as_of"])
    now = ways.filter(ways["in_force"]).select("account_id", "as_of", "plan").distinct()
    own = cohort.join(now, ["account_id", "as_of"])
    return _others(own, counted, "plan", "left", "moved_up")


def _taking_on(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of): the active others of its segment, and how many took on a further product lately."""
    days = days_of(tables, cohort)
    uses = firsts(tables, days)
    latest = uses.group_by("account_id", "as_of").aggregate(began=uses["age"].max(), latest=uses["age"].min())
    groups = segments(tables, days)
    counted = groups.semi_join(active(tables, days), ["account_id", "as_of"]).join(latest, ["account_id", "as_of"])
    recent = (counted["latest"] <= QUARTER) & (counted["latest"] < counted["began"])
    counted = counted.mutate(took_on=flag(recent))
    return _others(cohort.join(groups, ["account_id", "as_of"]), counted, "segment", "took_on")


def _share(name: str, columns: tuple[str, ...] = ()) -> Aggregate:
    return Aggregate(name, lambda t: share_of(t[name].sum(), t.others.sum()), columns)


segment_ways = StateSource(
    "segment_ways",
    _of_segment,
    (_share("left"), _share("moved_up", ("plans.tier",))),
    table="subscriptions",
    columns=("accounts.segment",),
)

plan_ways = StateSource(
    "plan_ways", _of_plan, (_share("left"), _share("moved_up", ("plans.tier",))), table="subscriptions"
)

segment_adoptions = StateSource(
    "segment_adoptions", _taking_on, (_share("took_on"),), table="consumption", columns=("product", "accounts.segment")
)

_SHARES: tuple[tuple[str, StateSource, str, Rung, Purpose, str, str], ...] = (
    ("segment_left", segment_ways, "left", "loyalty", "retention", "the others of its segment", "left or gave notice"),
    ("segment_moved_up", segment_ways, "moved_up", "adoption", "growth", "the others of its segment",
     "moved to a higher tier"),
    ("plan_left", plan_ways, "left", "loyalty", "retention", "the others on its plan", "left or gave notice"),
    ("plan_moved_up", plan_ways, "moved_up", "adoption", "growth", "the others on its plan", "moved to a higher tier"),
    ("segment_took_on", segment_adoptions, "took_on", "adoption", "growth", "the others of its segment",
     "took on a further product"),
)  # fmt: skip
"""Name, source, state, rung, purpose, who, what they did."""

FEATURES = tuple(
    Feature(
        name=f"{name}_{QUARTER}d",
        value=source.state(state),
        unit="share",
        idea="contagion",
        rung=rung,
        purpose=purpose,
        missing="unknown",
        phrase=f"Of {who}, {{value}} {did} in the last {QUARTER} days",
        missing_phrase=f"Too few are known of {who} to say how many {did}",
        description=f"Share of {who} that {did} in the last {QUARTER} days, as it was known then"
        + ("" if source is segment_adoptions else "; those that had given notice for everything before are left out"),
    )
    for name, source, state, rung, purpose, who, did in _SHARES
)
SOURCES = (segment_ways, plan_ways, segment_adoptions)

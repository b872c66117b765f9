"""The contract: every table that a company may bring, declared once.

Types, enumerations, keys and nullability stand here and nowhere else; readers convert to them, the rules of
`features/reading/faults.py` are generated from them. What each word of a declaration means: `features/clauses.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from features.clauses import (
    Dated,
    choice,
    event,
    flag,
    late,
    metadata_of,
    number,
    planned,
    score,
    table,
    text,
    whole,
)

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import pandera.ibis as pa

_DECLARED = (
    table(
        "accounts",
        {
            "account_id": text(optional=False),
            "signed_up_at": event(),
            "name": text(cost="lists show ids instead of names"),
            "owner": text(cost="lists cannot say who should call"),
            "segment": text(cost="no trend by segment"),
            "region": text(),
            "industry": text(),
            "size": text(),
            "valid_from": event(optional=True),
        },
        key=("account_id", "valid_from"),
        event=("signed_up_at", "valid_from"),
        dated="latest",
        required=True,
        cost="Nobody can be scored.",
    ),
    table(
        "subscriptions",
        {
            "subscription_id": text(),
            "account_id": text(optional=False),
            "plan": text(optional=False),
            "started_at": event(),
            "ended_at": late(
                after="started_at", notice="cancelled_at", cost="no churn by subscription end can be learned"
            ),
            "cancelled_at": late(cost="scheduled ends are not seen before they happen"),
            "mrr": number(cost="no recurring revenue, hence no value at stake and no upgrade by spending"),
            "seats": whole(cost="no use per seat"),
            "term_months": whole(cost="no renewal date after the first"),
            # the first renewal after `started_at`, later ones follow every `term_months`; the next one, overwritten
            # as time goes by, would tell the past that the contract lived on
            "renews_at": planned(cost="no days to renewal"),
            "auto_renew": flag(cost="nothing about automatic renewal"),
            "discount": number(cost="loyalty cannot tell a renewal at full price from one at a discount"),
        },
        key=("subscription_id",),
        event=("started_at",),
        cost="No churn by subscription end, no upgrade by plan, no recurring revenue and no renewal dates.",
    ),
    table(
        "plans",
        {
            "plan": text(optional=False),
            "tier": whole(optional=False),
            "family": text(),
            "list_price": number(),
            "released_at": planned(),
            "seat_limit": whole(cost="no limits hit on seats"),
            "quantity_limit": number(cost="no limits hit on use"),
        },
        key=("plan",),
        cost="No upgrade by plan: nothing says which plan ranks above which.",
    ),
    table(
        "consumption",
        {
            "account_id": text(optional=False),
            "occurred_at": event(),
            "product": text(cost="no adoption by product and no breadth of products"),
            "user_id": text(cost="no breadth of users"),
            "quantity": number(cost="use is counted in events only"),
            "value": number(cost="no consumed value"),
            "status": choice("ok", "error", cost="no error rate"),
        },
        event=("occurred_at",),
        cost="No use: nothing of how much, how often, how lately or with what success accounts consume.",
    ),
    table(
        "products",
        {
            "product": text(optional=False),
            "family": text(),
            "core": flag(cost="adoption cannot tell the core from what lies beyond it"),
            "launched_at": planned(),
            "min_tier": whole(),
            "market": choice("early", "chasm", "tornado", "main_street"),
        },
        key=("product",),
        cost="No families and no core of products: adoption sees product names only.",
    ),
    table(
        "satisfaction",
        {
            "account_id": text(optional=False),
            "occurred_at": event(),
            "instrument": choice("nps", "csat", "ces", "stars", "thumbs", optional=False),
            "score": score(),
            "user_id": text(),
        },
        event=("occurred_at",),
        cost="No satisfaction: nothing of what customers say they feel.",
    ),
    table(
        "tickets",
        {
            "ticket_id": text(optional=False),
            "account_id": text(optional=False),
            "opened_at": event(),
            "kind": choice(
                "incident", "how_to", "billing", "complaint", "request", cost="incidents are not told apart"
            ),
            "severity": text(),
            "promised_by": planned(cost="no promises kept or broken"),
            "resolved_at": late(after="opened_at", cost="no time to resolution"),
            "reopened": flag(late_with="resolved_at", cost="no reopened tickets"),
        },
        key=("ticket_id",),
        event=("opened_at",),
        cost="No tickets: nothing of incidents, effort, or promises kept.",
    ),
    table(
        "interactions",
        {
            "account_id": text(optional=False),
            "occurred_at": event(),
            "kind": choice("meeting", "call", "email", "review", "referral", "advocacy", "community", optional=False),
            "direction": text(),
        },
        event=("occurred_at",),
        cost="No interactions: nothing of meetings, calls, referrals or advocacy.",
    ),
    table(
        "milestones",
        {
            "account_id": text(optional=False),
            "milestone": text(optional=False),
            "due_at": planned(cost="no milestones reached late"),
            "reached_at": late(cost="no milestones reached"),
            "product": text(),
        },
        event=("due_at", "reached_at"),
        cost="No milestones: nothing of how fast accounts get started.",
    ),
    table(
        "accessories",
        {
            "account_id": text(optional=False),
            "accessory": text(optional=False),
            "attached_at": event(),
            "detached_at": late(after="attached_at"),
        },
        event=("attached_at",),
        cost="No accessories: nothing of what an upgrade would have to keep working.",
    ),
    table(
        "upgrade_paths",
        {
            "from_plan": text(optional=False),
            "to_plan": text(optional=False),
            "available_at": planned(),
            "new_capabilities": text(),
            "migration_hours": number(),
        },
        key=("from_plan", "to_plan"),
        cost="No upgrade paths: nothing of what a move would bring or take.",
    ),
    table(
        "compatibility",
        {
            "accessory": text(optional=False),
            "plan": text(optional=False),
            "works": flag(optional=False),
            "since": planned(),
        },
        key=("accessory", "plan"),
        cost="No compatibility: nothing of whether what is attached works on a higher plan.",
    ),
    table(
        "offers",
        {
            "offer_id": text(optional=False),
            "account_id": text(optional=False),
            "offered_at": event(),
            "kind": choice("upgrade", "adoption", "retention", optional=False),
            "target": text(),
            "channel": text(),
            "cost": number(),
            "assigned": choice("random", "targeted"),
            "treated": flag(),
            "responded_at": late(after="offered_at"),
            "accepted": flag(late_with="responded_at", cost="no adoption by accepted offer"),
        },
        key=("offer_id",),
        event=("offered_at",),
        cost="No offers: no adoption by accepted offer and nothing of what approaches achieved.",
    ),
    table(
        "overrides",
        {
            "account_id": text(optional=False),
            "outcome": text(optional=False),
            "made_at": event(),
            "expires_at": planned(optional=False, after="made_at"),
            "made_by": text(optional=False),
            "verdict": text(optional=False),
            "note": text(),
        },
        event=("made_at",),
        cost="No overrides: nobody's word stands against a score.",
    ),
)

CONTRACT: Mapping[str, pa.DataFrameSchema] = MappingProxyType({str(table.name): table for table in _DECLARED})
"""Every table by its name, in the order in which reports show them."""

USE_OR_TERMS = ("consumption", "subscriptions")
"""At least one of these is required."""


def columns_of(table: str) -> dict[str, pa.Column]:
    """The table's columns by name."""
    return dict(CONTRACT[table].columns)


def key_of(table: str) -> tuple[str, ...]:
    """The columns that together are found once; those that the company does not bring drop out."""
    return tuple(CONTRACT[table].unique or ())


def event_of(table: str) -> tuple[str, ...]:
    """The columns that date a row, empty for a table that only describes."""
    return tuple(metadata_of(CONTRACT[table])["event"])


def dated_by(table: str) -> Dated:
    """Whether the earliest or the latest of its event columns dates a row."""
    dated: Dated = metadata_of(CONTRACT[table])["dated"]
    return dated


def is_required(table: str) -> bool:
    """Whether no company can do without it."""
    return bool(metadata_of(CONTRACT[table])["required"])


def cost_of(table: str, column: str | None = None) -> str:
    """What is lost where the table (or the optional column) is absent, in words; empty where nothing is."""
    declared = CONTRACT[table] if column is None else columns_of(table)[column]
    return str(metadata_of(declared).get("cost", ""))


def fact_of(table: str, column: str, fact: str) -> Any:
    """A fact of a column's metadata (`instant`, `notice`, `after`, `late_with`); None where it has none."""
    return metadata_of(columns_of(table)[column]).get(fact)


def instants_of(table: str, kind: str) -> tuple[str, ...]:
    """The table's columns whose `instant` is of that kind."""
    return tuple(name for name in columns_of(table) if fact_of(table, name, "instant") == kind)


def dtype_of(table: str, column: str) -> dt.DataType:
    """The column's type."""
    dtype: dt.DataType = columns_of(table)[column].dtype.type
    return dtype


def values_of(table: str, column: str) -> tuple[str, ...]:
    """The values of an enumeration; empty where any value will do."""
    for check in columns_of(table)[column].checks:
        if check.name == "isin":
            return tuple(check.statistics["allowed_values"])
    return ()

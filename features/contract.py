"""The contract: every table that a company may bring, declared once with pandera.

Types, enumerations, keys and nullability stand here and nowhere else; readers convert to them, the rules of
`features/faults.py` are generated from them. What pandera has no word for stands in the metadata:

- of a table: `required`, `event` (the columns that date a row), `dated` (by the `earliest` or the `latest` of them),
  and `cost` (what is lost where the table is absent);
- of a column: `instant` (`event`, `late`: filled in later and visible only once its own instant has passed, `planned`:
  may lie beyond the data's end, `recorded`), `notice` (the column that announces a late one), `after` (the column
  that it may not precede), `late_with` (a value that is filled in together with a late instant), `cost`.

Money, quantities and values are DECIMAL(18, 6); satisfaction scores DECIMAL(9, 3); instants naive UTC, microseconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import ibis.expr.datatypes as dt

with warnings.catch_warnings():
    # pandera imports pyspark where there is one, which warns of pandas 3, whoever uses it or not
    warnings.simplefilter("ignore", FutureWarning)
    import pandera.ibis as pa

TEXT = dt.String()
NUMBER = dt.Decimal(18, 6)
SCORE = dt.Decimal(9, 3)
WHOLE = dt.Int64()
FLAG = dt.Boolean()
INSTANT = dt.Timestamp(scale=6)

Dated = Literal["earliest", "latest"]


def _column(dtype: dt.DataType, optional: bool, metadata: dict[str, Any], values: Sequence[str] = ()) -> pa.Column:
    """A column of the contract; an optional one may be absent, and may be null where it is there."""
    checks = [pa.Check.isin(list(values))] if values else None
    return pa.Column(dtype, checks, nullable=optional, required=not optional, metadata=metadata or None)


def _text(optional: bool = True, **metadata: Any) -> pa.Column:
    return _column(TEXT, optional, metadata)


def _choice(*values: str, optional: bool = True, **metadata: Any) -> pa.Column:
    return _column(TEXT, optional, metadata, values)


def _number(optional: bool = True, **metadata: Any) -> pa.Column:
    return _column(NUMBER, optional, metadata)


def _whole(optional: bool = True, **metadata: Any) -> pa.Column:
    return _column(WHOLE, optional, metadata)


def _flag(optional: bool = True, **metadata: Any) -> pa.Column:
    return _column(FLAG, optional, metadata)


def _event(optional: bool = False, **metadata: Any) -> pa.Column:
    return _column(INSTANT, optional, {"instant": "event", **metadata})


def _late(after: str | None = None, notice: str | None = None, **metadata: Any) -> pa.Column:
    return _column(INSTANT, True, {"instant": "late", "after": after, "notice": notice, **metadata})


def _planned(optional: bool = True, **metadata: Any) -> pa.Column:
    return _column(INSTANT, optional, {"instant": "planned", **metadata})


def _table(
    name: str,
    columns: dict[str, pa.Column],
    key: Sequence[str] = (),
    event: Sequence[str] = (),
    cost: str = "",
    dated: Dated = "earliest",
    required: bool = False,
) -> pa.DataFrameSchema:
    """A table of the contract; one with an event time may also have `event_id` and `recorded_at`."""
    if event:
        recorded = _column(INSTANT, True, {"instant": "recorded"})
        columns = {**columns, "event_id": _text(), "recorded_at": recorded}
    metadata = {"required": required, "event": tuple(event), "dated": dated, "cost": cost}
    return pa.DataFrameSchema(columns, name=name, unique=list(key) or None, strict="filter", metadata=metadata)


_DECLARED = (
    _table(
        "accounts",
        {
            "account_id": _text(optional=False),
            "signed_up_at": _event(),
            "name": _text(cost="lists show ids instead of names"),
            "owner": _text(cost="lists cannot say who should call"),
            "segment": _text(cost="no trend by segment"),
            "region": _text(),
            "industry": _text(),
            "size": _text(),
            "valid_from": _event(optional=True),
        },
        key=("account_id", "valid_from"),
        event=("signed_up_at", "valid_from"),
        dated="latest",
        required=True,
        cost="Nobody can be scored.",
    ),
    _table(
        "subscriptions",
        {
            "subscription_id": _text(),
            "account_id": _text(optional=False),
            "plan": _text(optional=False),
            "started_at": _event(),
            "ended_at": _late(
                after="started_at", notice="cancelled_at", cost="no churn by subscription end can be learned"
            ),
            "cancelled_at": _late(cost="scheduled ends are not seen before they happen"),
            "mrr": _number(cost="no recurring revenue, hence no value at stake and no upgrade by spending"),
            "seats": _whole(cost="no use per seat"),
            "term_months": _whole(cost="no renewal date after the first"),
            "renews_at": _planned(cost="no days to renewal"),
            "auto_renew": _flag(cost="nothing about automatic renewal"),
            "discount": _number(cost="loyalty cannot tell a renewal at full price from one at a discount"),
        },
        key=("subscription_id",),
        event=("started_at",),
        cost="No churn by subscription end, no upgrade by plan, no recurring revenue and no renewal dates.",
    ),
    _table(
        "plans",
        {
            "plan": _text(optional=False),
            "tier": _whole(optional=False),
            "family": _text(),
            "list_price": _number(),
            "released_at": _planned(),
            "seat_limit": _whole(cost="no limits hit on seats"),
            "quantity_limit": _number(cost="no limits hit on use"),
        },
        key=("plan",),
        cost="No upgrade by plan: nothing says which plan ranks above which.",
    ),
    _table(
        "consumption",
        {
            "account_id": _text(optional=False),
            "occurred_at": _event(),
            "product": _text(cost="no adoption by product and no breadth of products"),
            "user_id": _text(cost="no breadth of users"),
            "quantity": _number(cost="use is counted in events only"),
            "value": _number(cost="no consumed value"),
            "status": _choice("ok", "error", cost="no error rate"),
        },
        event=("occurred_at",),
        cost="No use: nothing of how much, how often, how lately or with what success accounts consume.",
    ),
    _table(
        "products",
        {
            "product": _text(optional=False),
            "family": _text(),
            "core": _flag(cost="adoption cannot tell the core from what lies beyond it"),
            "launched_at": _planned(),
            "min_tier": _whole(),
            "market": _choice("early", "chasm", "tornado", "main_street"),
        },
        key=("product",),
        cost="No families and no core of products: adoption sees product names only.",
    ),
    _table(
        "satisfaction",
        {
            "account_id": _text(optional=False),
            "occurred_at": _event(),
            "instrument": _choice("nps", "csat", "ces", "stars", "thumbs", optional=False),
            "score": _column(SCORE, False, {}),
            "user_id": _text(),
        },
        event=("occurred_at",),
        cost="No satisfaction: nothing of what customers say they feel.",
    ),
    _table(
        "tickets",
        {
            "ticket_id": _text(optional=False),
            "account_id": _text(optional=False),
            "opened_at": _event(),
            "kind": _choice(
                "incident", "how_to", "billing", "complaint", "request", cost="incidents are not told apart"
            ),
            "severity": _text(),
            "promised_by": _planned(cost="no promises kept or broken"),
            "resolved_at": _late(after="opened_at", cost="no time to resolution"),
            "reopened": _flag(late_with="resolved_at", cost="no reopened tickets"),
        },
        key=("ticket_id",),
        event=("opened_at",),
        cost="No tickets: nothing of incidents, effort, or promises kept.",
    ),
    _table(
        "interactions",
        {
            "account_id": _text(optional=False),
            "occurred_at": _event(),
            "kind": _choice("meeting", "call", "email", "review", "referral", "advocacy", "community", optional=False),
            "direction": _text(),
        },
        event=("occurred_at",),
        cost="No interactions: nothing of meetings, calls, referrals or advocacy.",
    ),
    _table(
        "milestones",
        {
            "account_id": _text(optional=False),
            "milestone": _text(optional=False),
            "due_at": _planned(cost="no milestones reached late"),
            "reached_at": _late(cost="no milestones reached"),
            "product": _text(),
        },
        event=("due_at", "reached_at"),
        cost="No milestones: nothing of how fast accounts get started.",
    ),
    _table(
        "accessories",
        {
            "account_id": _text(optional=False),
            "accessory": _text(optional=False),
            "attached_at": _event(),
            "detached_at": _late(after="attached_at"),
        },
        event=("attached_at",),
        cost="No accessories: nothing of what an upgrade would have to keep working.",
    ),
    _table(
        "upgrade_paths",
        {
            "from_plan": _text(optional=False),
            "to_plan": _text(optional=False),
            "available_at": _planned(),
            "new_capabilities": _text(),
            "migration_hours": _number(),
        },
        key=("from_plan", "to_plan"),
        cost="No upgrade paths: nothing of what a move would bring or take.",
    ),
    _table(
        "compatibility",
        {
            "accessory": _text(optional=False),
            "plan": _text(optional=False),
            "works": _flag(optional=False),
            "since": _planned(),
        },
        key=("accessory", "plan"),
        cost="No compatibility: nothing of whether what is attached works on a higher plan.",
    ),
    _table(
        "offers",
        {
            "offer_id": _text(optional=False),
            "account_id": _text(optional=False),
            "offered_at": _event(),
            "kind": _choice("upgrade", "adoption", "retention", optional=False),
            "target": _text(),
            "channel": _text(),
            "cost": _number(),
            "assigned": _choice("random", "targeted"),
            "treated": _flag(),
            "responded_at": _late(after="offered_at"),
            "accepted": _flag(late_with="responded_at", cost="no adoption by accepted offer"),
        },
        key=("offer_id",),
        event=("offered_at",),
        cost="No offers: no adoption by accepted offer and nothing of what approaches achieved.",
    ),
    _table(
        "overrides",
        {
            "account_id": _text(optional=False),
            "outcome": _text(optional=False),
            "made_at": _event(),
            "expires_at": _planned(optional=False, after="made_at"),
            "made_by": _text(optional=False),
            "verdict": _text(optional=False),
            "note": _text(),
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
    return tuple(_metadata(CONTRACT[table])["event"])


def dated_by(table: str) -> Dated:
    """Whether the earliest or the latest of its event columns dates a row."""
    dated: Dated = _metadata(CONTRACT[table])["dated"]
    return dated


def is_required(table: str) -> bool:
    """Whether no company can do without it."""
    return bool(_metadata(CONTRACT[table])["required"])


def cost_of(table: str, column: str | None = None) -> str:
    """What is lost where the table (or the optional column) is absent, in words; empty where nothing is."""
    declared = CONTRACT[table] if column is None else columns_of(table)[column]
    return str(_metadata(declared).get("cost", ""))


def fact_of(table: str, column: str, fact: str) -> Any:
    """A fact of a column's metadata (`instant`, `notice`, `after`, `late_with`); None where it has none."""
    return _metadata(columns_of(table)[column]).get(fact)


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


def _metadata(declared: pa.DataFrameSchema | pa.Column) -> dict[str, Any]:
    return dict(declared.metadata or {})

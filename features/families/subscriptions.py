"""Subscriptions: price, seats, contract and how long and under what terms an account has stayed."""

from __future__ import annotations

import ibis.expr.types as ir

from features.events import events_of
from features.families.consumption import consumption
from features.families.terms import BEFORE_DAYS, terms_renewed
from features.feature import DAYS, Aggregate, Feature, Purpose, Rung, StateSource, Unit, Value
from features.tables import Tables


def _now(column: str, how: str) -> Aggregate:
    """The sum or the greatest of a column over what is in force."""
    return Aggregate(column, lambda t: getattr(t[column], how)(where=t.in_force), (column,))


def _before(column: str) -> Aggregate:
    """The sum of a column over what was in force 182 days earlier."""
    return Aggregate(f"{column}_before", lambda t: t[column].sum(where=t.in_force_before), (column,))


def _days(rows: ir.Table, column: str) -> ir.Value:
    return rows["as_of"].delta(rows[column], unit="day")


def _beside_first_price(rows: ir.Table) -> ir.Value:
    """What is paid for a seat beside the first price on the same plan, of what is in force where that is most."""
    beside = rows["unit_price"].cast("float64") / rows["first_price"].cast("float64").nullif(0.0)
    return beside.max(where=rows["in_force"])


YEAR = 364
"""Days in which a price rise is fresh."""

subscriptions = StateSource(
    "subscriptions",
    terms_renewed,
    (
        _now("mrr", "sum"),
        _before("mrr"),
        _now("seats", "sum"),
        _before("seats"),
        _now("term_months", "max"),
        Aggregate("discount", lambda t: t.discount.fill_null(0).max(where=t.in_force), ("discount",)),
        Aggregate("in_force", lambda t: t.in_force.sum()),
        Aggregate("under_notice", lambda t: (t.in_force & t.noticed).sum(), ("cancelled_at",)),
        Aggregate("auto_renew", lambda t: t.auto_renew.fill_null(False).sum(where=t.in_force), ("auto_renew",)),
        Aggregate(
            "days_to_renewal",
            lambda t: -_days(t, "next_renewal").max(where=t.in_force & ~t.noticed),
            ("renews_at",),
        ),
        Aggregate("days_on_terms", lambda t: t.age.min(where=t.in_force)),
        Aggregate("days_subscribed", lambda t: t.age.max()),
        Aggregate("renewals", lambda t: t.renewals.sum(), ("term_months",)),
        Aggregate(
            "renewals_at_full_price",
            lambda t: (t.discount.fill_null(0) == 0).ifelse(t.renewals, 0).sum(),
            ("term_months", "discount"),
        ),
        Aggregate("price_rises", lambda t: t.dearer.sum(), ("mrr", "ended_at")),
        Aggregate("days_since_rise", lambda t: t.age.min(where=t.dearer), ("mrr", "ended_at")),
        Aggregate("steepest_rise", lambda t: t.rise.max(where=t.age <= YEAR), ("mrr", "ended_at")),
        Aggregate("beside_first", _beside_first_price, ("mrr",)),
        Aggregate("discount_before", lambda t: t.discount.fill_null(0).max(where=t.in_force_before), ("discount",)),
    ),
    table="subscriptions",
)


def _signed_up(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of, version of the account that was known): the earliest signing up counts."""
    rows = cohort.join(events_of(tables, "accounts", "signed_up_at"), "account_id")
    return rows.filter(rows["known_day"] < rows["as_of"])


accounts = StateSource(
    "accounts", _signed_up, (Aggregate("days_signed_up", lambda t: _days(t, "day").max()),), table="accounts"
)

_NONE = "No subscription in force"

_STATES: tuple[tuple[str, str, Unit, str, Rung, Purpose, bool, str, str, str], ...] = (
    ("recurring_revenue", "mrr", "money", "price", "consumption", "pricing", False,
     "Recurring revenue {moved} {value} a month", _NONE, "Recurring revenue a month of what is in force"),
    ("seats", "seats", "count", "seats", "consumption", "growth", False,
     "Seats paid for {moved} {value}", "No seats in force", "Seats of what is in force"),
    ("discount", "discount", "share", "price", "loyalty", "pricing", True,
     "The discount {moved} {value}", _NONE, "Greatest discount of what is in force"),
    ("price_rises_accepted", "price_rises", "count", "loyalty", "loyalty", "pricing", False,
     "Price rises it has stayed through: {value}", "No subscription so far",
     "Times that a plan went on at a higher price"),
    ("term_months", "term_months", "months", "contract", "loyalty", "retention", False,
     "The contract runs for {value} at a time", "No term known", "Longest term of what is in force"),
    ("days_to_renewal", "days_to_renewal", "days", "contract", "loyalty", "retention", False,
     "The next renewal is {value} away", "No renewal ahead",
     "Days to the next renewal of what is in force and not cancelled"),
    ("days_on_terms", "days_on_terms", "days", "contract", "loyalty", "retention", False,
     "The latest terms began {value} ago", _NONE, "Days since the latest terms in force began"),
    ("days_subscribed", "days_subscribed", "days", "tenure", "loyalty", "retention", False,
     "The first subscription began {value} ago", "No subscription so far", "Days since the first subscription began"),
    ("renewals", "renewals", "count", "loyalty", "loyalty", "retention", False,
     "Renewals so far: {value}", "No subscription to renew so far", "Renewal dates passed with the contract going on"),
    ("renewals_at_full_price", "renewals_at_full_price", "count", "loyalty", "loyalty", "retention", False,
     "Renewals without a discount so far: {value}", "No subscription to renew so far",
     "Renewal dates passed without a discount"),
)  # fmt: skip
"""Name, state, unit, idea, rung, purpose, actionable, phrase, phrase where missing, description."""

_STANDING = tuple(
    Feature(
        name=name,
        value=subscriptions.state(state),
        unit=unit,
        idea=idea,
        rung=rung,
        purpose=purpose,
        actionable=actionable,
        missing="unknown",
        phrase=phrase,
        missing_phrase=missing_phrase,
        description=description,
    )
    for name, state, unit, idea, rung, purpose, actionable, phrase, missing_phrase, description in _STATES
)

_SHARES = tuple(
    Feature(
        name=name,
        value=subscriptions.state(part) / subscriptions.state("in_force"),
        unit="share",
        idea="contract",
        rung="loyalty",
        purpose="retention",
        missing="unknown",
        phrase=phrase,
        missing_phrase=_NONE,
        description=description,
    )
    for name, part, phrase, description in (
        ("notice_share", "under_notice", "Notice has been given for {value} of its subscriptions",
         "Share of the subscriptions in force for which notice was given"),
        ("auto_renew_share", "auto_renew", "Subscriptions that renew by themselves {moved} {value} of all",
         "Share of the subscriptions in force that renew by themselves"),
    )
)  # fmt: skip

_COMPARED: tuple[tuple[str, Value, str, Purpose, str, str, str], ...] = (
    ("revenue_change", subscriptions.state("mrr") / subscriptions.state("mrr_before"), "price", "pricing",
     "Recurring revenue is", "the revenue", "Recurring revenue as a share of that 182 days ago"),
    ("seats_change", subscriptions.state("seats") / subscriptions.state("seats_before"), "seats", "growth",
     "The number of seats is", "the seats", "Seats as a share of those 182 days ago"),
    ("seat_price_change",
     (subscriptions.state("mrr") / subscriptions.state("seats"))
     / (subscriptions.state("mrr_before") / subscriptions.state("seats_before")), "price", "pricing",
     "The price of a seat is", "the price", "Price of a seat as a share of that 182 days ago"),
)  # fmt: skip
"""Name, value, idea, purpose, phrase's beginning, what is compared, description."""

_CHANGES = tuple(
    Feature(
        name=f"{name}_{BEFORE_DAYS}d",
        value=value,
        unit="share",
        idea=idea,
        rung="loyalty",
        purpose=purpose,
        missing="unknown",
        phrase=f"{what} {{value}} of that {BEFORE_DAYS} days ago",
        missing_phrase=f"Nothing in force {BEFORE_DAYS} days ago to compare {of} with",
        description=description,
    )
    for name, value, idea, purpose, what, of, description in _COMPARED
)

_COMBINED = (
    Feature(
        name="seat_price",
        value=subscriptions.state("mrr") / subscriptions.state("seats"),
        unit="money",
        idea="price",
        rung="consumption",
        purpose="pricing",
        missing="unknown",
        phrase="The price of a seat {moved} {value} a month",
        missing_phrase="No price of a seat known",
        description="Recurring revenue a month for each seat in force",
    ),
    Feature(
        name="price_per_active_day_28d",
        value=subscriptions.state("mrr") / consumption.total(DAYS, 28),
        unit="money",
        idea="value",
        rung="consumption",
        purpose="pricing",
        phrase="What it pays for each active day {moved} {value} over the last 28 days",
        missing_phrase="No active day in the last 28, or no price known",
        description="Recurring revenue a month for each of the last 28 days with use",
    ),
    Feature(
        name="seat_use_28d",
        value=consumption.distinct("user_id", 28) / subscriptions.state("seats"),
        unit="share",
        idea="seats",
        rung="adoption",
        moment="advantage",
        purpose="growth",
        actionable=True,
        phrase="Seats in use {moved} {value} of those paid for over the last 28 days",
        missing_phrase="No seats in force to compare use with",
        description="Users of the last 28 days for each seat in force",
    ),
    Feature(
        name="tenure_days",
        value=accounts.state("days_signed_up"),
        unit="days",
        idea="tenure",
        rung="loyalty",
        purpose="retention",
        missing="unknown",
        phrase="Customer for {value}",
        missing_phrase="Not known since when it is a customer",
        description="Days since signing up",
    ),
)

FEATURES = (*_STANDING, *_SHARES, *_CHANGES, *_COMBINED)
SOURCES = (subscriptions, accounts)

"""Relative to peers: the same numbers beside those of accounts of the same segment and about the same tenure.

What is much use for a young small account is little for an old large one. Compared are the accounts that were active at
the as_of (`features/building/peers.py`), with what was known of them then.
"""

from __future__ import annotations

from features.families import adoption, consumption, milestones, satisfaction, subscriptions, tickets
from features.feature import Feature, Rank

_KNOWN = {
    feature.name: feature
    for family in (adoption, consumption, milestones, satisfaction, subscriptions, tickets)
    for feature in family.FEATURES
}


def rank_of(name: str, among: str = "peers") -> Rank:
    """Where a feature of another family ranks."""
    feature = _KNOWN[name]
    return Rank(feature.value, "peers" if among == "peers" else "everyone", zero=feature.missing == "zero")


_RANKED: tuple[tuple[str, str, str], ...] = (
    ("active_days_28d", "Active days in the last 28", "Days with any use in the last 28"),
    ("events_28d", "Uses in the last 28 days", "Events of use in the last 28 days"),
    ("active_days_trend_28d", "The trend of active days over 28 days", "The trend of active days over 28 days"),
    ("days_since_use", "The time since the last use", "Days since the last use"),
    ("value_91d", "The value of use in the last 91 days", "Value of use in the last 91 days"),
    ("users_28d", "Users in the last 28 days", "Users in the last 28 days"),
    ("products_91d", "Products used in the last 91 days", "Products used in the last 91 days"),
    ("seat_use_28d", "Seats in use", "Share of the paid seats in use over the last 28 days"),
    ("seat_price", "The price of a seat", "Recurring revenue a month for each seat"),
    ("satisfaction_182d", "Satisfaction in the last 182 days", "Mean of all answers of the last 182 days"),
    ("tickets_91d", "Tickets opened in the last 91 days", "Requests for help in the last 91 days"),
    ("resolution_hours_182d", "The time to resolve a ticket", "Mean hours to resolve a ticket over the last 182 days"),
    ("promises_kept_share_182d", "The share of promised dates kept", "Share of promised dates kept over 182 days"),
    ("milestones_reached", "Steps of getting started taken", "Steps of getting started reached so far"),
)
"""Name, what it is in a reason, what it is in the catalogue."""


def _beside_peers(name: str, what: str, description: str) -> Feature:
    feature = _KNOWN[name]
    return Feature(
        name=f"{name}_among_peers",
        value=rank_of(name),
        unit="share",
        idea=feature.idea,
        rung=feature.rung,
        layer=feature.layer,
        moment=feature.moment,
        purpose=feature.purpose,
        actionable=feature.actionable,
        missing=feature.missing,
        phrase=f"{what}: {{value}} of its peers have less",
        missing_phrase=f"{what}: nothing to compare with its peers, or too few of them",
        description=f"{description}: the share of its peers (same segment, about the same tenure) that have less",
    )


FEATURES = tuple(_beside_peers(*row) for row in _RANKED)
SOURCES = ()

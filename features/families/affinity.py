"""Affinity: how near a product is to what an account and others like it use, and what came of trying it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.clock import QUARTER
from features.days import days_of
from features.families.crowd import FEWEST, active, firsts, segments, share_of
from features.families.products import allowed, product_offers, product_use
from features.feature import Aggregate, Feature, Moment, Rung, StateSource, Unit, Value
from features.flags import flag
from features.tables import Tables
from features.use import first_uses


def _uses(tables: Tables) -> ir.Table:
    """One row (account_id, product) that was ever used: `since`, the day on which that was first known."""
    uses = first_uses(tables)
    return uses.group_by("account_id", "product").aggregate(since=uses["known_day"].min())


def _together(uses: ir.Table, days: ir.Table) -> ir.Table:
    """One row (product, other product, as_of): `both`, how many accounts were known to have used both by then."""
    others = uses.select("account_id", other="product", other_since="since")
    pairs = uses.join(others, "account_id")
    pairs = pairs.filter(pairs["product"] != pairs["other"])
    pairs = pairs.mutate(since=ibis.greatest(pairs["since"], pairs["other_since"]))
    # Counted by day first: each pair of an account is looked at once, not once an as_of.
    daily = pairs.group_by("product", "other", "since").aggregate(accounts=pairs.count())
    seen = daily.join(days, daily["since"] < days["as_of"])
    return seen.group_by("product", "other", "as_of").aggregate(both=seen["accounts"].sum())


def _users(uses: ir.Table, days: ir.Table, *by: str) -> ir.Table:
    """One row (product, as_of), or an as_of alone: `users`, how many accounts were known to have used it."""
    first = uses if by else uses.group_by("account_id").aggregate(since=uses["since"].min())
    daily = first.group_by(*by, "since").aggregate(accounts=first.count())
    seen = daily.join(days, daily["since"] < days["as_of"])
    return seen.group_by(*by, "as_of").aggregate(users=seen["accounts"].sum())


def _co_use(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, product, as_of, other product that the account has used and enough others have, too).

    `share` is that of the other's users who have used the product; `whole` that of everybody who has.
    """
    uses, days = _uses(tables), days_of(tables, cohort)
    other = _users(uses, days, "product").rename(other="product", other_users="users")
    everybody = _users(uses, days).rename(everybody="users")
    rows = cohort.join(uses.rename(other="product"), "account_id")
    rows = rows.filter((rows["since"] < rows["as_of"]) & (rows["product"] != rows["other"])).drop("since")
    rows = rows.join(other, ["other", "as_of"]).join(everybody, "as_of")
    rows = rows.filter(rows["other_users"] >= FEWEST)
    rows = rows.left_join(_together(uses, days), ["product", "other", "as_of"])
    rows = rows.drop("product_right", "other_right", "as_of_right")
    rows = rows.left_join(_users(uses, days, "product"), ["product", "as_of"]).drop("product_right", "as_of_right")
    share = rows["both"].fill_null(0).cast("float64") / rows["other_users"].cast("float64")
    whole = rows["users"].fill_null(0).cast("float64") / rows["everybody"].cast("float64")
    return rows.mutate(share=share.cast("decimal(18, 6)"), whole=whole.cast("decimal(18, 6)"))


def _of_segment(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, product, as_of) of an account with a segment: how many active others of it there are.

    `users` of those have used the product, `recent` of them for the first time in the last 91 days.
    """
    days = days_of(tables, cohort)
    groups = segments(tables, days)
    there = groups.semi_join(active(tables, days), ["account_id", "as_of"])
    accounts = there.group_by("segment", "as_of").aggregate(accounts=there.count())
    uses = firsts(tables, days).join(there, ["account_id", "as_of"])
    counted = uses.group_by("product", "segment", "as_of").aggregate(
        users=uses.count(), recent=uses.count(where=uses["age"] <= QUARTER)
    )
    own = uses.select("account_id", "product", "as_of", used=ibis.literal(1), own_recent=flag(uses["age"] <= QUARTER))
    present = there.select("account_id", "as_of", present=ibis.literal(1))
    rows = cohort.join(groups, ["account_id", "as_of"]).join(accounts, ["segment", "as_of"])
    rows = rows.left_join(present, ["account_id", "as_of"]).drop("account_id_right", "as_of_right")
    rows = rows.left_join(counted, ["product", "segment", "as_of"]).drop(
        "product_right", "segment_right", "as_of_right"
    )
    rows = rows.left_join(own, ["account_id", "product", "as_of"])
    return rows.select(
        "account_id",
        "product",
        "as_of",
        others=rows["accounts"] - rows["present"].fill_null(0),
        users=rows["users"].fill_null(0) - rows["used"].fill_null(0),
        recent=rows["recent"].fill_null(0) - rows["own_recent"].fill_null(0),
    )


co_use = StateSource(
    "co_use",
    _co_use,
    (
        Aggregate("nearest", lambda t: t.share.max()),
        Aggregate("mean", lambda t: t.share.mean()),
        Aggregate("whole", lambda t: t.whole.max()),
    ),
    table="consumption",
    columns=("product",),
    keys=("account_id", "product"),
)

segment_use = StateSource(
    "segment_use",
    _of_segment,
    (
        Aggregate("users", lambda t: share_of(t.users.sum(), t.others.sum())),
        Aggregate("recent", lambda t: share_of(t.recent.sum(), t.others.sum())),
    ),
    table="consumption",
    columns=("product", "accounts.segment"),
    keys=("account_id", "product"),
)

_NOBODY = "Too few are known of the others of its segment to say who uses the product"

_ROWS: tuple[tuple[str, Value, Unit, str, Rung, Moment | None, str, str, str], ...] = (
    ("co_use_share", co_use.state("nearest"), "share", "product fit", "adoption", "advantage",
     "Of those who use what it uses, up to {value} have used the product, too",
     "It uses nothing that enough others use, to tell what goes with the product",
     "Of the accounts that used a product which this account used, the share that used this product, too; of the "
     "product that goes with it most often"),
    ("co_use_lift", co_use.state("mean") / co_use.state("whole"), "ratio", "product fit", "adoption", "advantage",
     "Those who use what it uses have used the product {value} times as often as all",
     "Nobody has used the product, or too few use what it uses",
     "The mean of these shares over the products that the account used, beside the share of all accounts"),
    ("segment_reach", segment_use.state("users"), "share", "product spread", "adoption", None,
     "Of the others of its segment {value} have used the product", _NOBODY,
     "Share of the active others of its segment that have used the product: penetration among peers"),
    ("segment_reach_gained_91d", segment_use.state("recent"), "share", "product spread", "adoption", None,
     "Of the others of its segment {value} took the product on in the last 91 days", _NOBODY,
     "Share of the active others of its segment that used the product for the first time in the last 91 days"),
    ("tiers_short", allowed.state("short"), "count", "product fit", "adoption", "ease",
     "Tiers that its plan lacks for the product: {value}", "No plan in force to compare with what the product asks for",
     "How many tiers the plan in force lies below what the product asks for; 0 where it is high enough"),
    ("product_users_91d", product_use.distinct("user_id", 91), "count", "product tried", "adoption", None,
     "People of the account who tried the product {moved} {value} in the last 91 days", "",
     "How many of the account's people used the product in the last 91 days"),
    ("product_tries_failed_91d", product_use.total("errors", 91) / product_use.total("events", 91), "share",
     "product tried", "satisfaction", "quick_start",
     "Of its tries of the product {value} failed in the last 91 days", "Did not try the product in the last 91 days",
     "Share of the account's own uses of the product in the last 91 days that ended in an error"),
    ("product_offers_declined", product_offers.total("declined", None), "count", "offers", "adoption", None,
     "Earlier offers of it that this account declined {moved} {value}", "",
     "Offers of the product that the account declined so far"),
    ("days_since_product_answer", product_offers.recency("answered"), "days", "offers", "adoption", None,
     "It last answered an offer of it {value} ago", "It has not answered any offer of it so far",
     "Days since the account last answered an offer of the product"),
)  # fmt: skip
"""Name, value, unit, idea, rung, moment, phrase, phrase where missing, description."""

FEATURES = tuple(
    Feature(
        name=name,
        value=value,
        unit=unit,
        idea=idea,
        rung=rung,
        moment=moment,
        purpose="growth",
        about="pair",
        missing="zero" if missing_phrase == "" or name == "product_tries_failed_91d" else "unknown",
        phrase=phrase,
        missing_phrase=missing_phrase,
        description=description,
    )
    for name, value, unit, idea, rung, moment, phrase, missing_phrase, description in _ROWS
)
SOURCES = (co_use, segment_use)

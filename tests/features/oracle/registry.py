"""Which function answers for which leaf: one line for each measure, entity and state that a feature is made of."""

from __future__ import annotations

from collections.abc import Mapping

from features.feature import Feature
from tests.features.oracle import (
    habits,
    life_cycle,
    limits,
    markets,
    others,
    plans,
    progress,
    service,
    terms,
    use,
)
from tests.features.oracle.algebra import Answer, Number, value_of
from tests.features.oracle.past import Asked, Past
from tests.features.oracle.use import happened, one

CONSUMPTION: Mapping[tuple[str, str], Answer] = {
    ("consumption", "days"): happened(use.uses, one),
    ("consumption", "events"): happened(use.uses, one),
    ("consumption", "errors"): happened(use.uses, lambda row: row["status"] == "error"),
    ("consumption", "of_products"): happened(use.uses, lambda row: row["product"] is not None),
    ("consumption", "value"): happened(use.uses, lambda row: row["value"]),
    ("consumption", "quantity"): happened(use.uses, lambda row: row["quantity"]),
    ("consumption", "user_id"): happened(use.uses, lambda row: row["user_id"]),
    ("consumption", "product"): happened(use.uses, lambda row: row["product"]),
    ("assortment", "beyond_core"): happened(use.listed_uses, lambda row: row["core"] is False),
    ("assortment", "family"): happened(use.listed_uses, lambda row: row["family"]),
    ("adoptions", "added_91d"): use.products_added,
    ("adoptions", "days_since_added"): use.days_since_added,
    ("product_use", "days"): happened(use.product_uses, one),
    ("family_use", "days"): happened(use.family_uses, one),
    ("family_use", "events"): happened(use.family_uses, one),
    ("market", "events"): happened(markets.market_uses, one),
    ("market", "errors"): happened(markets.market_uses, lambda row: row["status"] == "error"),
    ("market", "account_id"): happened(markets.market_uses, lambda row: row["account_id"]),
    ("active_accounts", "accounts"): markets.active_accounts,
    ("adopters", "recent"): markets.adopters,
    ("adopters", "before"): markets.adopters_before,
    ("launched", "age"): markets.days_since_launch,
}


def _answers_of(instrument: str) -> dict[tuple[str, str], Answer]:
    return {
        ("satisfaction", f"{instrument}_points"): happened(
            service.answers, lambda row: service.points_of(instrument, row)
        ),
        ("satisfaction", f"{instrument}_answers"): happened(
            service.answers, lambda row: row["instrument"] == instrument
        ),
    }


def _ticket(what: str) -> Answer:
    return happened(service.ticket_events, lambda row: row["what"] == what)


def _ticket_of(kind: str) -> Answer:
    return happened(service.ticket_events, lambda row: row["what"] == "opened" and row["kind"] == kind)


def _contact(kind: str) -> Answer:
    return happened(service.contacts, lambda row: row["kind"] == kind)


SERVICE: Mapping[tuple[str, str], Answer] = {
    ("satisfaction", "days"): happened(service.answers, one),
    ("satisfaction", "answers"): happened(service.answers, one),
    ("satisfaction", "points"): happened(service.answers, service.points),
    ("satisfaction", "low"): happened(service.answers, lambda row: service.points(row) < 50),
    ("satisfaction", "promoters"): happened(
        service.answers, lambda row: row["instrument"] == "nps" and row["score"] >= 9
    ),
    ("satisfaction", "detractors"): happened(
        service.answers, lambda row: row["instrument"] == "nps" and row["score"] <= 6
    ),
    **{place: answer for name in service.WORST_AND_BEST for place, answer in _answers_of(name).items()},
    ("tickets", "opened"): _ticket("opened"),
    ("tickets", "resolved"): _ticket("resolved"),
    ("tickets", "broken"): _ticket("broken"),
    **{("tickets", kind): _ticket_of(kind) for kind in ("incident", "how_to", "billing", "complaint", "request")},
    ("tickets", "severe"): happened(
        service.ticket_events, lambda row: row["what"] == "opened" and service.is_severe(row)
    ),
    ("tickets", "hours"): happened(service.ticket_events, service.hours),
    ("tickets", "reopened"): happened(
        service.ticket_events, lambda row: row["what"] == "resolved" and row["reopened"] is True
    ),
    ("tickets", "kept"): happened(service.ticket_events, lambda row: row["what"] == "resolved" and service.kept(row)),
    ("tickets", "made_good"): happened(
        service.ticket_events,
        lambda row: row["what"] == "resolved" and row["promised_by"] is not None and not service.kept(row),
    ),
    ("interactions", "days"): happened(service.contacts, one),
    ("interactions", "contacts"): happened(service.contacts, one),
    **{
        ("interactions", kind): _contact(kind)
        for kind in ("meeting", "call", "email", "review", "referral", "advocacy", "community")
    },
    ("interactions", "inbound"): happened(service.contacts, service.is_inbound),
}


def _step(what: str) -> Answer:
    return happened(progress.milestone_events, lambda row: row["what"] == what)


PROGRESS: Mapping[tuple[str, str], Answer] = {
    ("milestones", "reached"): _step("reached"),
    ("milestones", "missed"): _step("missed"),
    ("milestones", "in_time"): happened(
        progress.milestone_events, lambda row: row["what"] == "reached" and progress.in_time(row)
    ),
    ("milestones", "caught_up"): happened(
        progress.milestone_events, lambda row: row["what"] == "reached" and progress.caught_up(row)
    ),
    ("onboarding", "days_to_first"): progress.days_to_first,
    ("onboarding", "in_first_28_days"): progress.early_milestones,
    ("accessories", "attached"): happened(progress.attachments, lambda row: row["what"] == "attached"),
    ("accessories", "detached"): happened(progress.attachments, lambda row: row["what"] == "detached"),
    ("offers", "made"): happened(progress.offers, lambda row: row["what"] == "made"),
    **{
        ("offers", f"made_{kind}"): happened(
            progress.offers, lambda row, kind=kind: row["what"] == "made" and row["kind"] == kind
        )
        for kind in ("upgrade", "adoption", "retention")
    },
    ("offers", "accepted"): happened(progress.offers, lambda row: progress.answered(row, True)),
    ("offers", "declined"): happened(progress.offers, lambda row: progress.answered(row, False)),
    ("product_offers", "made"): happened(progress.product_offers, lambda row: row["what"] == "made"),
    ("product_offers", "accepted"): happened(progress.product_offers, lambda row: progress.answered(row, True)),
    ("target_offers", "made"): happened(progress.target_offers, lambda row: row["what"] == "made"),
    ("target_offers", "accepted"): happened(progress.target_offers, lambda row: progress.answered(row, True)),
}

TERMS: Mapping[tuple[str, str], Answer] = {
    ("subscriptions", "mrr"): lambda past, asked: terms.total(terms.in_force(past, asked), "mrr"),
    ("subscriptions", "mrr_before"): lambda past, asked: terms.total(terms.before(past, asked), "mrr"),
    ("subscriptions", "seats"): lambda past, asked: terms.total(terms.in_force(past, asked), "seats"),
    ("subscriptions", "seats_before"): lambda past, asked: terms.total(terms.before(past, asked), "seats"),
    ("subscriptions", "term_months"): lambda past, asked: max(
        terms.known(terms.in_force(past, asked), "term_months"), default=None
    ),
    ("subscriptions", "discount"): terms.discount,
    ("subscriptions", "in_force"): lambda past, asked: terms.counted(past, asked, terms.in_force(past, asked)),
    ("subscriptions", "under_notice"): lambda past, asked: terms.counted(
        past, asked, filter(terms.noticed, terms.in_force(past, asked))
    ),
    ("subscriptions", "auto_renew"): terms.auto_renew,
    ("subscriptions", "days_to_renewal"): terms.days_to_renewal,
    ("subscriptions", "days_on_terms"): lambda past, asked: min(
        (past.ago(term["started_at"]) for term in terms.in_force(past, asked)), default=None
    ),
    ("subscriptions", "days_subscribed"): lambda past, asked: max(
        (past.ago(term["started_at"]) for term in terms.terms(past, asked)), default=None
    ),
    ("subscriptions", "renewals"): terms.renewals,
    ("subscriptions", "renewals_at_full_price"): terms.renewals_at_full_price,
    ("subscriptions", "price_rises"): terms.price_rises,
    ("accounts", "days_signed_up"): lambda past, asked: max(
        (past.ago(version["signed_up_at"]) for version in past.seen("accounts", account_id=asked.account)), default=None
    ),
    ("plans", "tier"): plans.tier,
    ("plans", "tier_before"): plans.tier_before,
    ("plans", "seat_limit"): lambda past, asked: terms.total(plans.held(past, asked), "seat_limit"),
    ("plans", "user_limit"): lambda past, asked: plans.limit_of_all(past, asked, "seat_limit"),
    ("plans", "quantity_limit"): lambda past, asked: plans.limit_of_all(past, asked, "quantity_limit"),
    ("plans_above", "tiers"): plans.tiers_above,
    ("plans_above", "next_price"): plans.next_price,
    ("upgrade_paths", "capabilities"): plans.most_capabilities,
    ("upgrade_paths", "hours"): lambda past, asked: min(
        terms.known(plans.paths(past, asked), "migration_hours"), default=None
    ),
    ("fitting", "known"): lambda past, asked: len(plans.fits(past, asked)) or None,
    ("fitting", "fits"): lambda past, asked: sum(plans.fits(past, asked)) if plans.fits(past, asked) else None,
    ("allowed", "allowed"): plans.is_allowed,
}

HABITS: Mapping[tuple[str, str], Answer] = {
    ("past", "days"): habits.days_there,
    ("past", "stretches"): habits.stretches,
    ("past", "to_first_use"): habits.days_to_first_use,
    ("consumption", "week"): habits.weeks,
    ("newcomers", "people"): habits.newcomers,
    ("reach", "extensions"): habits.extensions,
    ("reach", "adjacent"): habits.adjacent_uses,
    ("places", "mean"): habits.mean_place,
    ("places", "early"): habits.taken_early,
    ("satisfaction", "thumbs_up"): happened(
        service.answers, lambda row: row["instrument"] == "thumbs" and service.points(row) >= 90
    ),
    ("satisfaction", "delighted"): happened(service.answers, lambda row: service.points(row) >= 90),
    ("tickets", "quick"): happened(
        service.ticket_events, lambda row: row["what"] == "resolved" and service.hours(row) <= 24
    ),
    ("waiting", "oldest"): service.oldest_open,
    ("interactions", "praise"): happened(service.contacts, lambda row: row["kind"] in ("referral", "advocacy")),
    **{
        ("life_cycle", stage): lambda past, asked, stage=stage: (
            None if (found := life_cycle.stage(past, asked)) is None else found == stage
        )
        for stage in ("shopping", "buying", "using", "disposing")
    },
}

ROOM: Mapping[tuple[str, str], Answer] = {
    ("subscriptions", "days_since_rise"): terms.days_since_rise,
    ("subscriptions", "steepest_rise"): terms.steepest_rise,
    ("subscriptions", "beside_first"): terms.beside_first,
    ("subscriptions", "discount_before"): terms.discount_before,
    ("plans", "limited_seats"): limits.limited_seats,
    ("plans", "days_to_seat_limit"): limits.days_to_seat_limit,
    ("quantities", "peak"): limits.quantity_peak,
    ("quantities", "days_left"): limits.days_to_quantity_limit,
    ("moves", "up"): limits.moves_up,
    ("moves", "down"): limits.moves_down,
    ("moves", "days_on_tier"): limits.days_on_tier,
    ("openings", "opened"): limits.opened,
    ("openings", "opened_near"): limits.opened_near,
    ("openings", "unused"): limits.unused,
    ("upgrade_paths", "next_hours"): limits.next_hours,
    ("plans_above", "next_age"): limits.next_age,
    ("fitting", "breaking"): limits.breaking,
    ("fitting", "broken"): limits.broken,
    ("allowed", "short"): limits.tiers_short,
}


def _stage(name: str) -> Answer:
    return lambda past, asked: None if (found := others.curve(past, asked)) is None else found.stage == name


OTHERS: Mapping[tuple[str, str], Answer] = {
    **{
        (source, what): lambda past, asked, share=share, what=what: share(past, asked, what)
        for source, share in (("segment_ways", others.of_segment), ("plan_ways", others.of_plan))
        for what in ("left", "moved_up")
    },
    ("segment_adoptions", "took_on"): others.took_on,
    ("segment_use", "users"): others.segment_use,
    ("segment_use", "recent"): lambda past, asked: others.segment_use(past, asked, others.QUARTER),
    ("co_use", "nearest"): others.co_use_nearest,
    ("co_use", "mean"): others.co_use_mean,
    ("co_use", "whole"): others.co_use_whole,
    ("product_use", "user_id"): happened(use.product_uses, lambda row: row["user_id"]),
    ("product_use", "events"): happened(use.product_uses, one),
    ("product_use", "errors"): happened(use.product_uses, lambda row: row["status"] == "error"),
    ("product_offers", "declined"): happened(progress.product_offers, lambda row: progress.answered(row, False)),
    ("product_offers", "answered"): happened(progress.product_offers, lambda row: row["what"] == "answered"),
    ("curves", "share"): lambda past, asked: getattr(others.curve(past, asked), "share", None),
    ("curves", "gained"): lambda past, asked: getattr(others.curve(past, asked), "gained", None),
    **{("curves", name): _stage(name) for name in ("early", "chasm", "tornado", "main_street")},
}

ORACLE: Mapping[tuple[str, str], Answer] = {
    **CONSUMPTION,
    **SERVICE,
    **PROGRESS,
    **TERMS,
    **HABITS,
    **ROOM,
    **OTHERS,
}
"""By source and by measure, entity or state."""


def expected(feature: Feature, past: Past, asked: Asked) -> Number:
    """What a feature is worth, in an exact number; None where it is missing."""
    return value_of(feature.value, past, asked, feature.missing == "zero", ORACLE)

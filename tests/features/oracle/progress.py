"""Progress: getting started, what is attached, and what was offered."""

from __future__ import annotations

from tests.features.oracle.past import Asked, Past, Row
from tests.features.oracle.use import Happening, dated


def _named(**happenings: list[Happening]) -> list[Happening]:
    """Events of several kinds, each named by `what`."""
    return [(day, {**row, "what": what}) for what, events in happenings.items() for day, row in events]


def milestone_events(past: Past, asked: Asked) -> list[Happening]:
    """What happened to the account's milestones: reached, and missed on the day on which one was due."""
    milestones = past.seen("milestones", account_id=asked.account)
    late = [step for step in milestones if past.heard("milestones", step, "due_at") and not in_time(step)]
    return _named(reached=dated(past, milestones, "reached_at"), missed=dated(past, late, "due_at"))


def in_time(step: Row) -> bool:
    """Whether a milestone was reached by the instant at which it was due."""
    due, reached = step["due_at"], step["reached_at"]
    return due is not None and reached is not None and reached <= due


def caught_up(step: Row) -> bool:
    """Whether it was reached, but after it was due."""
    return step["due_at"] is not None and step["reached_at"] is not None and not in_time(step)


def days_to_milestones(past: Past, asked: Asked) -> list[int]:
    """For each milestone that was reached, the days from the account's (first) signing up to it."""
    signed_up = [past.day(version["signed_up_at"]) for version in past.seen("accounts", account_id=asked.account)]
    reached = dated(past, past.seen("milestones", account_id=asked.account), "reached_at")
    return [(day - min(signed_up)).days for day, _ in reached] if signed_up else []


def days_to_first(past: Past, asked: Asked) -> int | None:
    """Days from signing up to the first milestone."""
    return min(days_to_milestones(past, asked), default=None)


def early_milestones(past: Past, asked: Asked) -> int | None:
    """How many milestones were reached before 28 days had passed; None where none was reached at all."""
    days = days_to_milestones(past, asked)
    return sum(day < 28 for day in days) if days else None


def attachments(past: Past, asked: Asked) -> list[Happening]:
    """What happened to the account's accessories: attached, detached."""
    accessories = past.seen("accessories", account_id=asked.account)
    return _named(attached=dated(past, accessories, "attached_at"), detached=dated(past, accessories, "detached_at"))


def _offer_events(past: Past, offers: list[Row]) -> list[Happening]:
    """What happened to offers: made, answered."""
    return _named(made=dated(past, offers, "offered_at"), answered=dated(past, offers, "responded_at"))


def offers(past: Past, asked: Asked) -> list[Happening]:
    """Offers to the account."""
    return _offer_events(past, past.seen("offers", account_id=asked.account))


def product_offers(past: Past, asked: Asked) -> list[Happening]:
    """Offers of the product to the account."""
    return _offer_events(past, past.seen("offers", account_id=asked.account, target=asked.product))


def target_offers(past: Past, asked: Asked) -> list[Happening]:
    """Offers of the product to anybody."""
    return _offer_events(past, past.seen("offers", target=asked.product))


def answered(event: Row, accepted: bool) -> bool:
    """Whether an event of an offer is its acceptance (or its refusal)."""
    return event["what"] == "answered" and event["accepted"] is accepted

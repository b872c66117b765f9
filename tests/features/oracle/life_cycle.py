"""The life cycle: the one stage that each account is in, asked rule by rule."""

from __future__ import annotations

from tests.features.oracle.past import Asked, Past
from tests.features.oracle.peers import latest_version
from tests.features.oracle.terms import in_force, next_renewal, noticed, terms
from tests.features.oracle.use import further_products, uses


def stage(past: Past, asked: Asked) -> str | None:
    """The first rule that holds; None of an account that is not known."""
    version = latest_version(past, asked.account)
    if version is None:
        return None
    tenure = past.ago(version["signed_up_at"])
    if tenure < 90 and not terms(past, asked) and not uses(past, asked):
        return "shopping"
    if _gives_up(past, asked) or _renews(past, asked) or (tenure >= 91 and _silent(past, asked)):
        return "disposing"
    if tenure < 90 or (tenure < 182 and _behind(past, asked)):
        return "buying"
    return "shopping" if _offered(past, asked) or _tries(past, asked) else "using"


def _gives_up(past: Past, asked: Asked) -> bool:
    """Whether notice was given of all that is in force."""
    held = in_force(past, asked)
    return bool(held) and all(noticed(term) for term in held)


def _renews(past: Past, asked: Asked) -> bool:
    """Whether a contract, not known to be shorter than five months, comes to its renewal within 60 days."""
    days = [
        (renewal - past.as_of).days
        for term in in_force(past, asked)
        if not noticed(term) and (term["term_months"] or 5) >= 5 and (renewal := next_renewal(past, term)) is not None
    ]
    return any(0 <= ahead <= 60 for ahead in days)


def _silent(past: Past, asked: Asked) -> bool:
    """Whether it used nothing in 91 days, where use is told at all."""
    lately = any((past.as_of - day).days <= 91 for day, _ in uses(past, asked))
    return "consumption" in past.rows and not lately


def _behind(past: Past, asked: Asked) -> bool:
    """Whether a milestone fell due and is not reached."""
    steps = past.seen("milestones", account_id=asked.account)
    return any(past.gone(step["due_at"]) and step["reached_at"] is None for step in steps)


def _offered(past: Past, asked: Asked) -> bool:
    """Whether something further was offered in the last 28 days and not answered."""
    return any(
        offer["kind"] in ("upgrade", "adoption")
        and past.ago(offer["offered_at"]) <= 28
        and offer["responded_at"] is None
        for offer in past.seen("offers", account_id=asked.account)
    )


def _tries(past: Past, asked: Asked) -> bool:
    """Whether a further product was taken on in the last 28 days."""
    return any(age <= 28 for age in further_products(past, asked) or [])

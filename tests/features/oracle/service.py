"""Service: what customers say, ask for and are promised."""

from __future__ import annotations

from fractions import Fraction

from features.families.interactions import INBOUND
from features.families.tickets import SEVERE
from tests.features.oracle.past import Asked, Past, Row
from tests.features.oracle.use import Happening, dated

WORST_AND_BEST = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "stars": (1, 5), "thumbs": (0, 1)}


def answers(past: Past, asked: Asked) -> list[Happening]:
    """Each answer of the account."""
    return dated(past, past.seen("satisfaction", account_id=asked.account))


def points(answer: Row) -> Fraction:
    """An answer from 0 (worst) to 100 (best), to a thousandth; beyond the scale it counts as the scale's end."""
    worst, best = WORST_AND_BEST[answer["instrument"]]
    share = (Fraction(answer["score"]) - worst) / (best - worst)
    return round(100 * min(max(share, Fraction(0)), Fraction(1)), 3)


def points_of(instrument: str, answer: Row) -> Fraction:
    """The points of an answer to that instrument, 0 of any other."""
    return points(answer) if answer["instrument"] == instrument else Fraction(0)


def contacts(past: Past, asked: Asked) -> list[Happening]:
    """Each contact with the account."""
    return dated(past, past.seen("interactions", account_id=asked.account))


def is_inbound(contact: Row) -> bool:
    """Whether the customer began it, in one of the words for that."""
    return (contact["direction"] or "").strip().lower() in INBOUND


def ticket_events(past: Past, asked: Asked) -> list[Happening]:
    """What happened to the account's tickets, named by `what`: opened, resolved, and a promise broken on its day.

    That it was broken is known once word of its having been kept would have come.
    """
    tickets = past.seen("tickets", account_id=asked.account)
    late = [ticket for ticket in tickets if past.heard("tickets", ticket, "promised_by") and not kept(ticket)]
    happenings = {
        "opened": dated(past, tickets, "opened_at"),
        "resolved": dated(past, tickets, "resolved_at"),
        "broken": dated(past, late, "promised_by"),
    }
    return [(day, {**ticket, "what": what}) for what, events in happenings.items() for day, ticket in events]


def oldest_open(past: Past, asked: Asked) -> int | None:
    """Days since the oldest ticket was opened that is not resolved."""
    tickets = past.seen("tickets", account_id=asked.account)
    return max((past.ago(ticket["opened_at"]) for ticket in tickets if ticket["resolved_at"] is None), default=None)


def kept(ticket: Row) -> bool:
    """Whether it was resolved by the promised instant."""
    promised, resolved = ticket["promised_by"], ticket["resolved_at"]
    return promised is not None and resolved is not None and resolved <= promised


def is_severe(ticket: Row) -> bool:
    """Whether its severity is one of the words for a high one."""
    return (ticket["severity"] or "").strip().lower() in SEVERE


def hours(event: Row) -> Fraction:
    """From opening to resolution, counted in whole seconds and rounded to a millionth of an hour."""
    if event["what"] != "resolved":
        return Fraction(0)
    resolved, opened = (event[name].replace(microsecond=0) for name in ("resolved_at", "opened_at"))
    return round(Fraction(int((resolved - opened).total_seconds()), 3600), 6)

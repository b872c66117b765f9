"""Plays: the next step for an account, by the outcome it is on the list for and the ladder's rung that leads to it.

Each company has its own; this table is the one place to change them.
"""

from __future__ import annotations

from collections.abc import Mapping

PLAYS: Mapping[tuple[str, str], str] = {
    ("churn", "consumption"): "Call: ask what changed in daily use, agree on one goal for the next month",
    ("churn", "satisfaction"): "Call whoever is unhappy: hear it out, fix one thing, report back",
    ("churn", "adoption"): "Show one team how a part they do not use yet does today's work with less effort",
    ("churn", "loyalty"): "Open the renewal talk now: their own results of the past year, then the terms",
    ("churn", "trust"): "Settle what is open: a name and a date for each promise, and keep them",
    ("upgrade", "consumption"): "Show which limits they reach today and what the next plan lifts",
    ("upgrade", "satisfaction"): "Ask a satisfied contact what they would do with the next plan, then show just that",
    ("upgrade", "adoption"): "Show how the next plan serves the parts they have taken on",
    ("upgrade", "loyalty"): "Bring the next plan into the renewal talk, with the move prepared for them",
    ("upgrade", "trust"): "Settle what is open first, then offer the next plan with a planned, supported move",
    ("adoption", "consumption"): "Offer a guided first week with {product}, on work they already do",
    ("adoption", "satisfaction"): "Ask a satisfied user to try {product} and to say what it would have to do",
    ("adoption", "adoption"): "Show {product} beside what they use: one case, with their own data",
    ("adoption", "loyalty"): "Put {product} into the next review with them, with one case from a customer like them",
    ("adoption", "trust"): "Settle what is open first, then offer a trial of {product}",
}
BY_IDEA: Mapping[tuple[str, str], str] = {
    ("churn", "reliability"): "Call with someone technical: explain the errors, say what is fixed and by when",
    ("churn", "people"): "Find out who stopped using it and who took over; offer the new people a start",
    ("churn", "getting started"): "Sit down with them for the next milestone: a date, and someone at their side",
    ("churn", "price"): "Hold what they pay against what they use; right-size before they ask",
    ("churn", "seats"): "Hold what they pay against what they use; right-size before they ask",
    ("churn", "support load"): "Ask what keeps costing them effort, and take the most frequent cause away",
    ("churn", "resolution"): "Go through their open tickets today: a name and a date for each",
    ("upgrade", "people"): "Show what the next plan does for a team of their new size",
    ("upgrade", "limits"): "Tell them before the limit does: what they use, when it is reached, what lifts it",
    ("upgrade", "ease of moving up"): "Offer to make the move for them, with a date and a way back",
    ("upgrade", "accessories"): "Show that what they have attached keeps working on the next plan",
    ("adoption", "product tried"): "Ask how the first tries of {product} went, and help with the next one",
}
"""Where an idea asks for something else than its rung."""
WHERE_NOTHING_LEADS: Mapping[str, str] = {
    "churn": "Ask in the next regular contact how things are going",
    "upgrade": "Mention the next plan in the next regular contact",
    "adoption": "Mention {product} in the next regular contact",
}
AS_USUAL = "Nothing unusual: keep to the regular rhythm"
"""Where no outcome is beyond the band `usual`: a call on no more than the average chance is a false alarm."""
OF_OTHERS = "Look at the reasons and decide on a next step"
"""For an outcome that a company has added, until it adds its plays."""


def play(outcome: str, idea: str | None, rung: str | None, product: str | None) -> str:
    """The next step for an outcome: by the idea that leads, else by its rung, else by the outcome alone."""
    step = (
        BY_IDEA.get((outcome, idea or ""))
        or PLAYS.get((outcome, rung or ""))
        or WHERE_NOTHING_LEADS.get(outcome)
        or OF_OTHERS
    )
    return step.replace("{product}", product or "a further product")

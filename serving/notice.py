"""Notice given: whoever has given it for all that is in force is decided, and nothing is predicted of it any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from serving.days import day_text
from serving.pages.words import said

NOTICE = "notice"
"""The band of an account that has given notice: no chance of it is told."""
GIVEN = "Notice given"
PLAY = "agree on how it ends, and ask what would bring it back"
"""The next step of such an account, behind the notice."""
ONE: Mapping[str, str] = {
    "subscription_end": "no contract of it is in force that could end",
    "inactivity": "it has not been used of late, so there is no use that could end",
    "tier_up": "no plan higher than its own is on offer",
    "spend_up": "it has not spent anything yet that could rise",
    "product_adopted": "it has used every product that is on offer",
    "offer_accepted": "nothing has been offered to anybody in the last year",
}
"""By kind of outcome, why an account was not asked about."""
MANY: Mapping[str, str] = {
    "subscription_end": "No contract of theirs is in force that could end",
    "inactivity": "They have not been used of late",
    "tier_up": "No plan higher than their own is on offer",
    "spend_up": "They have not spent anything yet that could rise",
    "product_adopted": "They have used every product that is on offer",
    "offer_accepted": "Nothing has been offered to anybody in the last year",
}
"""The same of many."""


def notices(facts: pd.DataFrame, as_of: date) -> pd.Series[str]:
    """`Notice given, ends 14 Feb 2026` for each row whose account has given notice, missing for all others.

    `facts` has `under_notice` and `days_to_end`; where no end is known, none is told.
    """
    days = facts["days_to_end"]
    ends = ["" if pd.isna(left) else f", ends {day_text(as_of + timedelta(days=int(left)))}" for left in days]
    words = pd.Series([f"{GIVEN}{end}" for end in ends], index=facts.index, dtype="str")
    return words.where(facts["under_notice"].astype("bool"))


def decided(outcome: str) -> bool:
    """Whether notice decides an outcome: leaving, moving up and taking on more, not what a company has added."""
    return said(outcome)["wanted"] is not None


def not_asked(outcome: str, kind: str | None, notice: str = "") -> str:
    """Why an account has no chance of that outcome, in a sentence; `kind` is the outcome's, where it is known."""
    if notice and decided(outcome):
        return f"Decided: {lowered(notice)}." if said(outcome)["wanted"] is False else f"Not asked: {lowered(notice)}."
    return f"Not asked: {ONE.get(kind or '', 'it is none of those whom this outcome is about')}."


def not_asked_of_many(kind: str | None) -> str:
    """Why some accounts have no chance of an outcome, beside those that have given notice."""
    return f"{MANY.get(kind or '', 'They are none of those whom this outcome is about')}, or they have given notice"


def lowered(text: str) -> str:
    """The text with a small letter at its beginning."""
    return text[:1].lower() + text[1:]


def kinds(settings: Mapping[str, object]) -> dict[str, str]:
    """By outcome, its kind, from the settings that a list keeps; nothing of a list that did not keep them."""
    outcomes = settings.get("outcomes", {})
    told = outcomes if isinstance(outcomes, Mapping) else {}
    return {name: str(its["kind"]) for name, its in told.items() if isinstance(its, Mapping) and "kind" in its}

"""Accounts for briefs: one whose every number can be followed by hand, and one with as much as a page can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from features.accounts.promises import PROMISE_TYPES
from features.library.catalogue import LIBRARY
from serving.account import AccountReport, Change, Score
from serving.brief import Brief
from serving.brief_facts import facts_of, unknown_of
from serving.brief_known import Held, Known
from serving.questions import questions
from tests.page_company import NAMES

T = date(2026, 1, 1)
BEFORE = date(2025, 12, 4)
ROW = {
    "account_id": "a1",
    "name": "Amber Mill",
    "owner": "kim",
    "segment": "small",
    "value_at_stake": 5494.0,
    "expected_value": 1099.0,
    "rank": 3,
    "band": "elevated",
    "stage": "using",
    "play": "Call: ask what changed in daily use",
    "score_consumption": 61.6,
    "score_adoption": 38.0,
    "score_trust": 24.0,
    "score_compatibility": 54.2,
}
ASKED = (date(2026, 1, 15), date(2026, 3, 11))


def reasons(*rows: tuple[str, float, float, str]) -> pd.DataFrame:
    """One row a reason: its idea, contribution in log-odds, points and words."""
    frame = pd.DataFrame(rows, columns=["idea", "contribution", "points", "text"])
    return frame.assign(feature="of_" + frame["idea"].str.replace(" ", "_"), against_sense=False, telling=True)


def promises(*rows: tuple[str, str, str, str | None, date | None, date]) -> pd.DataFrame:
    """One row an open promise, as `features.accounts.promises` tells it."""
    return pd.DataFrame(rows, columns=list(PROMISE_TYPES))


def held(**values: tuple[float, float | None, float | None]) -> Mapping[str, Held]:
    """Features of the catalogue with their value, what is usual, and what the others have."""
    told = {feature.name: feature for feature in LIBRARY.features}
    return {name: Held(told[name], *numbers) for name, numbers in values.items()}


def churn() -> Score:
    told = reasons(
        ("people", 0.9, 4.5, "Of the users of the last 91 days, 33% were active in the last 28 (usually 78%)"),
        ("use", 0.4, 2.0, "Active days fell to 3 in the last 28 (usually 11)"),
        ("promises", -0.3, -1.2, "Promised dates missed stayed at 0 in the last 91 days (others: 1)"),
        ("plan", 0.05, 0.2, "Its plan is of tier 2"),
    )
    return Score(
        outcome="churn",
        probability=0.2,
        product=None,
        average=0.06,
        version="v1",
        reasons=told,
        probability_before=0.12,
        version_before="v1",
        changes=(Change("data", "use", 8.0, 0.6, "Active days fell to 3 in the last 28 (before: 9)"),),
    )


def known() -> Known:
    """An account of a company without upgrades: 20% to leave, one ticket past its date, ten users of thirteen left."""
    report = AccountReport(
        account_id="a1",
        as_of=T,
        row=ROW,
        listed=194,
        currency="EUR",
        scores=(churn(),),
        products=pd.DataFrame(columns=["outcome", "product", "probability", "position"]),
        before=BEFORE,
        rank_before=9,
    )
    return Known(
        report=report,
        company="acme",
        averages={"churn": 0.059},
        asked={"churn": ASKED},
        facts={"plan": "team", "tenure_days": 400, "days_to_renewal": 29.0},
        features=held(
            users_28d=(3.0, 13.0, 4.5),
            new_users_28d=(0.0, 0.0, 0.0),
            accessories_breaking=(1.0, None, None),
            tiers_above=(1.0, None, None),
            promises_broken_91d=(1.0, 0.0, 0.0),
        ),
        promises=promises(("tickets", "T7", "how_to", "high", date(2025, 12, 1), date(2025, 12, 20))),
        refused=("upgrade",),
    )


def brief_of(material: Known) -> Brief:
    """The brief of that material."""
    facts = facts_of(material)
    return Brief(material.company, material.report.as_of, facts, questions(facts), unknown_of(material, facts))


def fullest() -> Known:
    """An account of which everything is known that a brief tells, in long words and names that would do harm."""
    long = "Of the users of the last 91 days with at least two different products, 33% were active (others: over 99.9%)"
    told = reasons(*((f"idea {n}", sign * (1.0 - n / 10), sign * 9.0, long) for n in range(4) for sign in (1, -1)))
    steps = {"step": [1, 2], "text": [long] * 2, "probability": [0.1, 0.05], "feature": ["x", "y"]}
    moves = pd.DataFrame({**steps, "similar": [5, 40], "bound": 0.087, "enough": [False, True]})
    changes = tuple(Change("data", "use", 8.0, 0.6, long) for _ in range(3))
    first = replace(churn(), reasons=told, changes=changes, moves=moves)
    others = (
        replace(first, outcome=name, product=name and NAMES[7], moves=moves.head(0)) for name in ("upgrade", "adoption")
    )
    names = {
        "name": NAMES[4] * 3,
        "owner": NAMES[5] * 9,
        "segment": NAMES[0],
        "account_id": "a" * 40,
        "play": "Show them " + NAMES[7] * 3,
    }
    scores = {f"score_{name}": 33.3 for name in ("satisfaction", "loyalty", "advantage", "ease", "quick_start")}
    products = pd.DataFrame({"outcome": ["adoption"], "product": [NAMES[7]], "probability": [0.1], "position": [1]})
    report = replace(known().report, scores=(first, *others), row={**ROW, **scores, **names}, products=products)
    late = [("tickets", NAMES[place], "how_to", NAMES[7], T, date(2025, 12, 2)) for place in (0, 2, 3, 5, 6)]
    features = held(
        **dict.fromkeys(("users_28d", "new_users_28d", "users_lost_91d", "seat_use_28d"), (0.3, 5.0, 7.0)),
        **dict.fromkeys(("extensions_182d", "unused_products", "adjacent_uses_182d"), (0.0, 5.0, 7.0)),
        **dict.fromkeys(("next_plan_products_near", "new_capabilities"), (0.0, None, None)),
        **dict.fromkeys(("next_plan_hours", "next_tier_price", "tiers_above"), (50.0, None, None)),
        **dict.fromkeys(("accessories_breaking", "accessories_fitting_share"), (0.4, None, None)),
        **dict.fromkeys(("milestones_overdue", "milestones_reached_share"), (2.0, None, None)),
        **dict.fromkeys(("promises_broken_91d", "promises_kept_share_182d"), (0.5, 1.0, 2.0)),
    )
    override = {"outcome": "churn", "verdict": NAMES[1], "made_by": NAMES[0], "made_on": BEFORE, "expires_on": T}
    asked = dict.fromkeys(("churn", "upgrade", "adoption"), ASKED)
    return replace(
        known(),
        report=report,
        company="<Acme> & sons",
        averages=dict.fromkeys(asked, 0.1),
        asked=asked,
        features=features,
        overrides=pd.DataFrame([override]),
        promises=promises(*late),
        refused=("renewal_by_phone",),
    )

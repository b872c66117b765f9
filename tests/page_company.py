"""A company of a few accounts for pages, with names that would do harm where text is taken for markup."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from serving.decision import DecisionSettings
from serving.lists import Lists
from serving.manifest import Model, Record
from serving.pages.material import Behind, Happened, Material
from serving.plays import AS_USUAL

T = date(2025, 6, 30)
NAMES = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u202eشركة الاختبار\u202c",
    "🐙 Emoji 👩‍🚀 GmbH",
    "long " * 60,
    "</script><img src=x onerror=alert(2)>",
    "<!-- comment --> & \u2028 line",
    "<b onmouseover=alert(3)>bold</b>",
    'O\'Neil "Quote" & Sons',
    "Café Zoë",
)
BEHIND = {
    "active_days_28d": Behind("consumption", 28),
    "nps_last": Behind("satisfaction", 0),
    "tenure": Behind("accounts", 0),
}
LANES = ("uses", "answer", "ticket_opened", "ticket_resolved", "offer_made", "offer_answered", "contact")


def text(*values: object) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def material() -> Material:
    """Ten accounts, a0 to a9 by rank; a9 has nothing but a chance."""
    count = len(NAMES)
    number = np.arange(count)
    ids = text(*(f"a{n}" for n in number))
    accounts = pd.DataFrame(
        {
            "account_id": ids,
            "name": text(*NAMES[:8], None, NAMES[9]),
            "owner": text(*(["kim", "<i>lee</i>"] * 5)),
            "segment": text(*(["small", "large"] * 5)),
            "as_of": pd.Timestamp(T),
            "notice": text(*[None] * count),
            "ends_on": pd.Series([pd.NaT] * count, dtype="datetime64[us]"),
            "churn_probability": np.linspace(0.6, 0.01, count),
            "adoption_probability": np.where(number < 8, 0.2, np.nan),
            "adoption_product": text(*["<u>chat</u>"] * 8, None, None),
            "value_at_stake": np.where(number < 9, 1000.0 * (count - number), np.nan),
            "expected_value": np.where(number < 9, 100.0 * (count - number), np.nan),
            "rank": number + 1,
            "band": text("high", "high", *["elevated"] * 3, *["usual"] * 5),
            "stage": text(*["using"] * count),
            "play": text("Call <now>", *["Call: ask what changed"] * 4, *[AS_USUAL] * 5),
            "score_consumption": np.linspace(5, 95, count),
            "score_trust": np.where(number % 2 == 0, np.nan, 50.0),
            "reason_1": text(*[f"Leaves: Active days fell to {n} <of> 28" for n in number]),
            "reason_2": text(*[None] * count),
            "reason_3": text(*[None] * count),
            "change": text("up 3 points", *["new"] * 9),
            "model_versions": text(*["churn abc; adoption def"] * count),
        }
    )
    lists = Lists(T, accounts, _products(ids[:8]), _reasons(ids))
    return Material(
        lists=lists,
        record=record(),
        facts=pd.DataFrame(
            {
                "account_id": ids,
                "plan": text(*["pro <b>"] * count),
                "tenure_days": number * 100,
                "days_to_renewal": 30.0,
            }
        ),
        happened=happened(),
        asked={"churn": (date(2025, 7, 14), date(2025, 10, 11)), "adoption": (date(2025, 7, 14), date(2025, 10, 11))},
        behind=BEHIND,
    )


def record() -> Record:
    judged = {"auc": {"value": 0.75, "low": 0.7, "high": 0.8}}
    models = {
        name: Model(version=version, base_rate=0.1, beats=("prevalence",), metrics=judged)
        for name, version in (("churn", "abc"), ("adoption", "def"))
    }
    return Record(
        company="<Acme> & sons",
        currency="EUR",
        data_digest="d",
        config_digest="c",
        code_revision="r",
        models=models,
        refused={"upgrade": "Refused: only 3 <positives>"},
        settings=DecisionSettings().model_dump(mode="json"),
    )


def _products(ids: pd.Series) -> pd.DataFrame:
    keys = pd.DataFrame({"account_id": ids}).merge(pd.DataFrame({"product": ["<u>chat</u>", "mail"]}), how="cross")
    position = keys.groupby("account_id").cumcount() + 1
    return keys.assign(outcome="adoption", position=position, probability=0.3 / position, as_of=pd.Timestamp(T))


def _reasons(ids: pd.Series) -> pd.DataFrame:
    """Of every account but the last, three of churn (one protects, one is weak); of the first also one of adoption."""
    told = [
        ("churn", 1, "use", "active_days_28d", 0.8, "Active days fell to 2 <b>in</b> the last 28 (usually 9)"),
        ("churn", 2, "joy", "nps_last", -0.5, "Last answer to the recommendation question: 9"),
        ("churn", 3, "tenure", "tenure", 0.02, "Customer for 100 days"),
        ("adoption", 1, "use", "active_days_28d", -0.3, "Active days fell to 2"),
    ]
    rows = [(key, *line) for key in ids[:-1] for line in (told if key == "a0" else told[:3])]
    columns = ["account_id", "outcome", "position", "idea", "feature", "contribution", "text"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.assign(actionable=frame["feature"] == "active_days_28d", against_sense=False, telling=True)
    return frame.assign(rung="consumption", value=2.0, usual=9.0, product=None, as_of=pd.Timestamp(T))


def happened() -> Happened:
    weeks = pd.DataFrame({"account_id": ["a0", "a0", "a1"], "week": [0, 51, 3], "uses": [7, 2, 40]})
    moments = pd.DataFrame(
        [
            ("a0", date(2025, 6, 1), "answer", "nps", None, 3.0),
            ("a0", date(2025, 6, 2), "ticket_opened", "incident", "<high>", np.nan),
            ("a0", date(2025, 6, 5), "ticket_resolved", "incident", "<high>", np.nan),
            ("a0", date(2025, 6, 9), "offer_made", "upgrade", "max", np.nan),
            ("a0", date(2025, 6, 12), "offer_answered", "upgrade", "max", 0.0),
            ("a1", date(2025, 6, 12), "contact", "call", None, np.nan),
        ],
        columns=["account_id", "day", "kind", "what", "detail", "number"],
    )
    overrides = pd.DataFrame(
        [("a0", "churn", "too high", "kim", date(2025, 6, 1), date(2025, 9, 1), "<spoke> to them")],
        columns=["account_id", "outcome", "verdict", "made_by", "made_on", "expires_on", "note"],
    )
    return Happened(weeks, moments, overrides, LANES, T)


def nothing_happened() -> Happened:
    found = happened()
    return Happened(found.weeks.head(0), found.moments.head(0), found.overrides.head(0), (), None)

"""The company of `tests/page_company.py` as the drivers page needs it, with names that would do harm as markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from serving.decision import DecisionSettings
from serving.drivers import START, drivers
from serving.effects import Effect
from serving.kept import Kept
from serving.last_time import LastTime, last_time
from serving.pages.material import Outlook, Past, Product
from tests.page_company import T, material, text

HARM = "<script>alert(1)</script>"
SETTINGS = DecisionSettings()
BASE = 0.1
THEN = date(2025, 3, 3)
PAIR = ["idea", "other", "strength"]
IDEAS = {"use": "How much it is <used>", "people": "How many people use it", HARM: HARM + " & more"}


@cache
def outlook(accounts: int = 40) -> Outlook:
    """Two outcomes, three earlier lists, segments of which two are small, and one product a stage."""
    made = material()
    listed = many(accounts)
    lists = replace(made.lists, accounts=listed, drivers=drivers(listed, kept(listed), SETTINGS))
    return Outlook(
        lists=lists,
        record=made.record,
        decision=SETTINGS,
        ideas=IDEAS,
        asked=made.asked,
        past=[past(lists.drivers, date(2025, month, 2), month / 6) for month in (3, 4, 5)],
        last={"churn": judged()},
        closing={"adoption": (T, date(2025, 10, 12))},
        effects=[
            Effect("retention", "churn", 100, 10, 100, 30, -20.0, -30.4, -8.8),
            Effect("<upgrade>", "upgrade", 30, 1, 27, 2, -4.1, -18.0, 10.0),
        ],
        products=[Product("<u>chat</u>", "early", 0.05), Product("mail", "main_street", 0.8)],
        interplay={"churn": pd.DataFrame([("use", "people", 0.05), ("use", "use", 0.4)], columns=PAIR)},
        missing_tables=("tickets", "milestones"),
        off={"pricing": 12},
        learned_until={"churn": date(2025, 2, 1), "adoption": date(2025, 2, 1)},
        data_end=T,
    )


def many(count: int) -> pd.DataFrame:
    """The list: accounts in four segments, two of them of fewer than ten accounts."""
    number = np.arange(count)
    first = material().lists.accounts
    names = np.array([HARM, "small <b>", "tiny", "=cmd|' /C calc'!A0"], dtype=object)
    rows = first.iloc[number % len(first)].reset_index(drop=True)
    return rows.assign(
        account_id=text(*(f"b{n:02}" for n in number)),
        segment=text(*names[np.where(number < 16, 0, np.where(number < 30, 1, np.where(number < 36, 2, 3)))]),
        churn_probability=np.linspace(0.6, 0.01, count),
        adoption_probability=np.where(number % 5 == 0, np.nan, 0.2),
        value_at_stake=np.where(number == 1, np.nan, 1000.0 + 100 * number),
        stage=text(*np.array(["using", "buying", "disposing"], dtype=object)[number % 3]),
        rank=number + 1,
    )


def kept(accounts: pd.DataFrame) -> dict[str, Kept]:
    """What every idea made: half of the way to the score each, but for the one that would do harm."""
    found = {}
    for outcome in ("churn", "adoption"):
        rows = accounts[accounts[f"{outcome}_probability"].notna()]
        way = 100 * (rows[f"{outcome}_probability"] - BASE)
        ideas = {"use": way * 0.75, "people": way * 0.5, HARM: way * -0.25}
        points = pd.DataFrame({"account_id": rows["account_id"], **ideas}).reset_index(drop=True)
        found[outcome] = Kept(None, pd.DataFrame(), points, BASE)  # type: ignore[arg-type]
    return found


def past(now: pd.DataFrame, as_of: date, times: float) -> Past:
    """An earlier list whose drivers were so many times as large, of another model."""
    rows = now.assign(money=np.where(now["idea"] == START, now["money"], now["money"] * times))
    return Past(as_of, rows, {"churn": "abc" if as_of.month == 5 else "old", "adoption": "def"})


def judged() -> LastTime:
    """A hundred accounts: 15 predicted, 15 came about, six of the ten likeliest."""
    chances = [0.6] * 10 + [0.1] * 90
    ids = text(*(f"a{n:03}" for n in range(100)))
    accounts = pd.DataFrame({"account_id": ids, "churn_probability": chances, "value_at_stake": 100.0})
    came = set(range(6)) | set(range(20, 29))
    labels = pd.DataFrame({"account_id": ids, "label": [float(n in came) for n in range(100)]})
    found = last_time(accounts, labels, "churn", THEN, SETTINGS)
    if found is None:
        raise AssertionError
    return found


def bare() -> Outlook:
    """The first list of a company of which nothing else is known."""
    made = outlook()
    first = replace(made.lists, drivers=made.lists.drivers[made.lists.drivers["segment"].isna()])
    return replace(
        made, lists=first, past=(), last={}, effects=(), products=(), segmented=False, missing_tables=(), off={}
    )

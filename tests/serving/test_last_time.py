"""Predicted against realised: what is counted, and when the grade is good."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from serving.decision import DecisionSettings
from serving.last_time import GOOD, MIXED, POOR, TOO_FEW, LastTime, last_time

THEN = date(2025, 3, 3)
SETTINGS = DecisionSettings()


def listed(chances: list[float], value: float = 100.0) -> pd.DataFrame:
    ids = pd.Series([f"a{place:03}" for place in range(len(chances))], dtype="str")
    return pd.DataFrame({"account_id": ids, "churn_probability": chances, "value_at_stake": value})


def came(accounts: pd.DataFrame, happened: set[int], missing: set[int] = frozenset()) -> pd.DataFrame:  # type: ignore[assignment]
    labels = pd.DataFrame({"account_id": accounts["account_id"], "label": 0.0})
    labels.loc[sorted(happened), "label"] = 1.0
    return labels.drop(index=sorted(missing))


def judged(chances: list[float], happened: set[int], missing: set[int] = frozenset()) -> LastTime:  # type: ignore[assignment]
    accounts = listed(chances)
    found = last_time(accounts, came(accounts, happened, missing), "churn", THEN, SETTINGS)
    assert found is not None
    return found


#  100 accounts: ten with 60 %, ninety with 10 %: 15 predicted, and ten of the highest tenth
CHANCES = [0.6] * 10 + [0.1] * 90


def test_what_was_predicted_stands_beside_what_came() -> None:
    found = judged(CHANCES, {0, 1, 2, 3, 4, 5, 20, 21, 22, 23, 24, 25, 26, 27, 28})
    assert (found.whole.accounts, found.whole.realised, found.left_out) == (100, 15, 0)
    assert found.whole.predicted.value == pytest.approx(15)
    assert (found.whole.predicted.low, found.whole.predicted.high) == (
        pytest.approx(9, abs=1),
        pytest.approx(22, abs=1),
    )
    bands = {part.name: (part.accounts, part.realised) for part in found.bands}
    assert bands == {"high": (10, 6), "usual": (90, 9)}
    assert (found.top.accounts, found.top.realised, found.top.lift) == (10, 6, pytest.approx(4.0))
    assert (found.money.value, found.money_realised) == (pytest.approx(1500), 1500)


@pytest.mark.parametrize(
    ("happened", "grade"),
    [
        (set(range(6)) | set(range(20, 29)), GOOD),
        (set(range(1)) | set(range(20, 34)), MIXED),  # as many as predicted, but not those
        (set(range(10)) | set(range(20, 40)), MIXED),  # those, but twice as many
        (set(range(1)) | set(range(20, 60)), POOR),
    ],
)
def test_the_grade_follows_its_rule(happened: set[int], grade: str) -> None:
    assert judged(CHANCES, happened).grade == grade


def test_with_too_few_there_is_no_grade() -> None:
    assert judged([0.05] * 100, {0, 1, 2}).grade == TOO_FEW
    assert judged([0.05] * 100, set(range(12))).grade == MIXED  # more than twice as many as predicted


def test_an_account_without_a_certain_label_is_left_out() -> None:
    found = judged(CHANCES, {0, 1}, missing={5, 50})
    assert (found.whole.accounts, found.left_out) == (98, 2)
    assert found.whole.predicted.value == pytest.approx(15 - 0.7)


def test_of_an_outcome_of_products_the_likeliest_counts() -> None:
    accounts = listed([0.6, 0.2]).rename(columns={"churn_probability": "adoption_probability"})
    accounts = accounts.assign(adoption_product=pd.Series(["chat", "mail"], dtype="str"))
    labels = pd.DataFrame(
        {"account_id": ["a000", "a000", "a001"], "product": ["chat", "mail", "chat"], "label": [1.0, 0.0, 1.0]}
    )
    found = last_time(accounts, labels, "adoption", THEN, SETTINGS)
    assert found is not None
    assert (found.whole.accounts, found.whole.realised, found.left_out) == (1, 1, 1)
    assert found.money_realised == pytest.approx(10.0)  # a tenth of what it pays


def test_accounts_that_were_not_asked_are_no_part_of_it() -> None:
    accounts = listed([0.6, np.nan])
    found = last_time(accounts, came(accounts, {1}), "churn", THEN, SETTINGS)
    assert found is not None
    assert (found.whole.accounts, found.whole.realised) == (1, 0)
    assert np.isnan(found.top.lift)


def test_without_any_label_there_is_nothing_to_say() -> None:
    accounts = listed([0.6])
    assert last_time(accounts, came(accounts, set()).head(0), "churn", THEN, SETTINGS) is None

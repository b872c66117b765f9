"""Two lists in a row: the second tells what changed since the first, and its sums lead from the one to the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import RefusedError
from models.scorer import Scorer
from serving.account import explain
from serving.account_text import as_text
from serving.changes import changes
from serving.decision import DecisionSettings
from serving.lists import Lists, make_lists
from serving.manifest import Model, Record
from serving.moved import moved
from serving.pages.accounts import page_data
from serving.pages.material import Material
from serving.published import Published, published
from serving.publishing import publish
from serving.scored import Scored
from serving.scoring import scored
from serving.sums import those_that_add_up
from tests.page_company import nothing_happened
from tests.serving.conftest import EARLIER, FEATURES

THEN = EARLIER[-1]
SETTINGS = DecisionSettings()


def record(of: Scored, before: date | None = None) -> Record:
    models = {name: Model(version=model.version, base_rate=model.base_rate) for name, model in of.models.items()}
    asked = {"outcomes": {"churn": {"gap_days": 14, "horizon_days": 56}}}
    facts = {"data_digest": "d", "config_digest": "c", "code_revision": "v1"}
    return Record(company="acme", currency="EUR", models=models, previous=before, settings=asked, **facts)


@pytest.fixture(scope="module")
def earlier(
    scorers: dict[str, Scorer], facts: pd.DataFrame, account_features: pd.DataFrame, pair_features: pd.DataFrame
) -> Scored:
    """The same company four weeks before, without the accounts a58 and a59, by the same models."""
    then = account_features[account_features["as_of"] == pd.Timestamp(THEN)].query("account_id < 'a58'")
    pairs = pair_features[pair_features["as_of"] == pd.Timestamp(THEN)].query("account_id < 'a50'")
    cohorts = {"churn": then, "adoption": pairs.merge(then, on=["account_id", "as_of"])}
    return scored(THEN, scorers, cohorts, facts, account_features, pair_features, FEATURES, "EUR")


@pytest.fixture(scope="module")
def lists(earlier: Scored, company: Scored) -> tuple[Lists, Lists]:
    first = make_lists(earlier, None, SETTINGS)
    parts = changes(earlier.kept, company.kept, FEATURES, "EUR")
    return first, make_lists(company, first.accounts, SETTINGS, parts)


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, earlier: Scored, company: Scored, lists: tuple[Lists, Lists]
) -> tuple[Published, Published]:
    workspace = tmp_path_factory.mktemp("two")
    publish(workspace, lists[0], record(earlier))
    publish(workspace, lists[1], record(company, THEN))
    return published(workspace, THEN), published(workspace)


def test_the_first_has_nothing_to_compare_with_and_the_second_does(both: tuple[Published, Published]) -> None:
    first, second = both
    assert set(first.accounts["change"]) == {"new"}
    told = second.accounts.set_index("account_id")["change"]
    assert told[["a58", "a59"]].tolist() == ["new", "new"]
    assert (told.drop(["a58", "a59"]) != "new").sum() > 40
    assert told.str.contains(r"^(?:up|down) \d+ points?: .*\(before: ").sum() > 20


def test_every_difference_is_the_sum_of_its_parts(both: tuple[Published, Published]) -> None:
    first, second = (one.accounts.set_index("account_id")["churn_probability"] for one in both)
    made = both[1].changes.query("outcome == 'churn'").groupby("account_id")["points"].sum()
    np.testing.assert_allclose(made, 100 * (second - first).reindex(made.index), atol=1e-9)
    assert len(made) > 50


def test_an_account_says_what_changed_and_between_which_days_its_chance_lies(both: tuple[Published, Published]) -> None:
    text = as_text(explain("a10", both[1], both[0]))
    assert "Since the list of 2025-06-02: rank " in text
    assert "(the same model)" in text
    assert "(before: " in text.partition("Since the list")[2]
    assert "between 14 Jul and 7 Sep 2025" in text
    assert "the model's starting point (nothing known of it)" in text


def test_the_page_has_both_and_where_the_money_went(
    both: tuple[Published, Published], lists: tuple[Lists, Lists], facts: pd.DataFrame
) -> None:
    before, now = both
    made = page_data(Material(lists[1], now.manifest.record, facts, nothing_happened(), before=before))[1][0]
    place = now.accounts["account_id"].tolist().index("a10")
    parts = [line[3] for line in made[place]["changes"] if line[0] == 0]
    difference = (
        now.accounts["churn_probability"][place]
        - before.accounts.set_index("account_id").loc["a10", "churn_probability"]
    )
    assert sum(parts) == pytest.approx(100 * difference, abs=0.05 * len(parts)), "each is shown in tenths"
    money = moved(now.accounts, before.accounts, now.changes, "churn", SETTINGS, SETTINGS).set_index("part")["money"]
    sums = [(one.accounts["churn_probability"] * one.accounts["value_at_stake"]).sum() for one in (now, before)]
    assert money.sum() == pytest.approx(sums[0] - sums[1])
    assert abs(money["data"]) > 0


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        (lambda x: x.assign(points=x["points"] + 0.01), "the parts do not add up to the difference between the lists"),
        (lambda x: x.assign(log_odds=0.0), "the parts do not add up to the difference between the lists"),
        (lambda x: x[x["position"] > 1], "the parts do not add up to the difference between the lists"),
    ],
)
def test_changes_that_do_not_lead_from_list_to_list_are_not_published(
    fault: object, finding: str, tmp_path: Path, lists: tuple[Lists, Lists], earlier: Scored, company: Scored
) -> None:
    publish(tmp_path, lists[0], record(earlier))
    wrong = replace(lists[1], changes=fault(lists[1].changes))  # type: ignore[operator]
    with pytest.raises(RefusedError, match=finding):
        publish(tmp_path, wrong, record(company, THEN))
    with pytest.raises(RefusedError, match="rows, and no list before"):
        publish(tmp_path, lists[1], record(company))


def test_what_was_kept_of_another_list_than_the_published_one_tells_nothing(lists: tuple[Lists, Lists]) -> None:
    before, now = lists
    other = before.accounts.assign(churn_probability=before.accounts["churn_probability"] * 0.9)
    told = those_that_add_up(now.changes, other, now.accounts)
    assert set(told["outcome"]) <= {"adoption"}
    pd.testing.assert_frame_equal(those_that_add_up(now.changes, before.accounts, now.accounts), now.changes)

"""What `holdfast explain` tells of one account."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from features.errors import InputError
from serving.account import explain, features_behind, find_account
from serving.account_text import as_json, as_text
from serving.changes import changes, no_changes
from serving.decision import DecisionSettings
from serving.kept import Kept
from serving.lists import Lists, make_lists
from serving.manifest import Model, Record
from serving.published import Published, published
from serving.publishing import publish
from serving.scored import Scored
from tests.serving.conftest import FEATURES, T

BEFORE = date(2025, 6, 2)


@pytest.fixture(scope="module")
def record(company: Scored) -> Record:
    models = {name: Model(version=m.version, base_rate=m.base_rate) for name, m in company.models.items()}
    return Record(company="acme", currency="EUR", data_digest="d", config_digest="c", code_revision="v1", models=models)


@pytest.fixture(scope="module")
def lists(company: Scored, account_features: pd.DataFrame) -> Lists:
    """The list, with what changed since each account's row of four weeks ago."""
    churn = company.kept["churn"]
    then = account_features[account_features["as_of"] == pd.Timestamp(BEFORE)]
    changed = changes({"churn": Kept(churn.scorer, then)}, {"churn": churn}, FEATURES)
    return make_lists(company, None, DecisionSettings(), changed)


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory, lists: Lists, record: Record) -> Published:
    workspace = tmp_path_factory.mktemp("current")
    publish(workspace, replace(lists, changes=no_changes()), record)
    found = published(workspace)
    found.__dict__["changes"] = lists.changes  # as if it had been published after the one before
    return found


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, lists: Lists, record: Record) -> Published:
    """The list four weeks ago: churn a tenth lower, another model, and no account a11."""
    workspace = tmp_path_factory.mktemp("before")
    frames = {
        name: getattr(lists, name).assign(as_of=pd.Timestamp(BEFORE)) for name in ("accounts", "products", "reasons")
    }
    frames = {name: frame[frame["account_id"] != "a11"] for name, frame in frames.items()}
    accounts = frames["accounts"].assign(rank=range(1, 60))
    older = record.models["churn"].model_copy(update={"version": "0" * 12})
    changed = record.model_copy(update={"models": {**record.models, "churn": older}})
    publish(workspace, Lists(BEFORE, accounts, frames["products"], frames["reasons"]), changed)
    found = published(workspace)
    found.__dict__["accounts"] = accounts.assign(churn_probability=accounts["churn_probability"] * 0.9)
    return found


def test_scores_with_their_reasons(current: Published, company: Scored) -> None:
    report = explain("a10", current, None)
    assert [score.outcome for score in report.scores] == ["churn", "adoption"]
    churn = report.scores[0]
    assert churn.probability == company.accounts.set_index("account_id").loc["a10", "churn_probability"]
    assert churn.reasons["position"].tolist() == [1, 2, 3]
    assert churn.start is not None
    assert churn.start + churn.reasons["points"].sum() / 100 == pytest.approx(churn.probability)
    assert churn.asked is None, "the record of this list does not say what days it asked about"
    assert report.scores[1].product in ("chat", "mail")
    assert report.products["product"].sort_values().tolist() == ["chat", "mail"]
    assert set(features_behind(report)) <= {"active_days_28d", "open_tickets", "nps_last", "fit"}


def test_an_outcome_that_was_not_asked_about_is_left_out(current: Published) -> None:
    assert [score.outcome for score in explain("a05", current, None).scores] == ["adoption"]
    assert [score.outcome for score in explain("a55", current, None).scores] == ["churn"]


def test_what_changed(current: Published, before: Published) -> None:
    report = explain("a10", current, before)
    churn, adoption = report.scores
    assert churn.probability_before == pytest.approx(churn.probability * 0.9)
    told = current.changes.query("account_id == 'a10'")
    assert [change.text for change in churn.changes] == told["text"].tolist()
    assert {change.part for change in churn.changes} == {"data"}
    assert [change.points for change in churn.changes] == told["points"].tolist()
    assert (churn.same_model, adoption.same_model) == (False, True)
    assert adoption.changes == ()
    new = explain("a11", current, before)
    assert (new.before, new.rank_before) == (BEFORE, None)
    assert new.scores[0].probability_before is None


def test_an_account_is_found_by_its_id_or_its_name(current: Published) -> None:
    assert find_account("a10", current) == "a10"
    assert find_account("account 10", current) == "a10"
    with pytest.raises(InputError, match=r"which has 60; 'a100' is none of them; near to it: .*a10"):
        find_account("a100", current)
    twice = replace(current)
    twice.__dict__["accounts"] = current.accounts.assign(name="Same")
    with pytest.raises(InputError, match="60 accounts have the name 'Same': "):
        find_account("Same", twice)


def test_the_text(current: Published, before: Published) -> None:
    rows = pd.DataFrame(
        {
            "occurred_at": [pd.Timestamp("2025-06-20 10:30")] * 7,
            "value": [Decimal("1.500000")] * 7,
            "note": ["line\none \x1b[31m" + "x" * 60] * 7,
        }
    )
    nothing = rows.iloc[:0]
    text = as_text(explain("a10", current, before, {"active_days_28d": rows, "open_tickets": nothing}))
    lines = text.splitlines()
    assert lines[0] == "a10 · Account 10 · small · looked after by kim"
    assert lines[1].startswith("As of 2025-06-30: rank ")
    assert lines[2].startswith("Next step: ")
    assert any(line.startswith("Leaves: ") and "on the list of 2 Jun 2025 " in line for line in lines)
    assert any(line.startswith(("Takes on mail: ", "Takes on chat: ")) for line in lines)
    assert "(another model, so not only the account changed)" in text
    assert "  What pushes it to leave:" in lines
    assert "  What keeps it:" in lines
    use = next(line for line in lines if "Active days" in line and "(before: " in line)
    assert use.split()[1] == "points"
    assert "Behind active_days_28d (the first 5 of 7 shown):" in lines
    assert "Behind open_tickets: no rows" in lines
    assert "\x1b" not in text
    assert as_text(explain("a11", current, before)).count("It was not on the list of 2025-06-02.") == 1
    assert "No earlier list to compare with." in as_text(explain("a11", current, None))


def test_the_json(current: Published, before: Published) -> None:
    rows = pd.DataFrame({"occurred_at": [pd.Timestamp("2025-06-20 10:30")], "value": [Decimal("1.5")], "note": [None]})
    content = as_json(explain("a10", current, before, {"active_days_28d": rows}))
    back = json.loads(json.dumps(content, allow_nan=False))
    assert back["as_of"] == T.isoformat()
    assert back["account"]["value_at_stake"] is None
    assert back["scores"][0]["before"]["changes"][0]["part"] == "data"
    assert back["evidence"]["active_days_28d"] == [{"occurred_at": "2025-06-20T10:30:00", "value": "1.5", "note": None}]


def test_the_workspace_does_not_matter(tmp_path: Path, lists: Lists, record: Record, current: Published) -> None:
    publish(tmp_path, replace(lists, changes=no_changes()), record)
    assert as_text(explain("a10", published(tmp_path), None)) == as_text(explain("a10", current, None))

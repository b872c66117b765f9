"""What the accounts page holds of a list, and that it is the same every time."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from serving.pages.accounts import BLOCK, accounts_html, page_data
from tests.page_company import NAMES, T, material, nothing_happened


@pytest.fixture(scope="module")
def opening() -> dict[str, Any]:
    return page_data(material())[0]


@pytest.fixture(scope="module")
def first() -> dict[str, Any]:
    """What is told of the account of rank 1."""
    return page_data(material())[1][0][0]


def test_the_list_is_in_columns_and_words_stand_once(opening: dict[str, Any]) -> None:
    columns = opening["list"]
    assert columns["account_id"] == [f"a{n}" for n in range(10)]
    assert columns["name"][8] is None
    assert columns["owner"] == {"words": ["<i>lee</i>", "kim"], "at": [1, 0] * 5}
    assert columns["band"] == {"words": ["high", "elevated", "usual", "notice"], "at": [0, 0, 1, 1, 1, 2, 2, 2, 2, 2]}
    assert columns["churn_probability"][0] == 600
    assert columns["adoption_probability"][8:] == [None, None]
    assert columns["adoption_product"]["at"][8:] == [-1, -1]
    assert columns["value_at_stake"][0] == 10_000
    assert columns["value_at_stake"][9] is None


def test_it_says_what_the_chances_are_about_and_what_is_behind_them(opening: dict[str, Any]) -> None:
    churn, adoption = opening["outcomes"]
    assert (churn["name"], churn["title"], churn["asked"]) == ("churn", "Leaves", ["2025-07-14", "2025-10-11"])
    assert (churn["version"], churn["auc"], churn["beats"]) == (
        "abc",
        [0.75, 0.7, 0.8],
        ["the same chance for everybody"],
    )
    assert churn["average"] == 305
    assert adoption["average"] == 200
    assert opening["refused"] == [{"title": "Moves up", "doing": "moving up", "why": "Refused: only 3 <positives>"}]
    assert (opening["as_of"], opening["data_end"], opening["before"]) == (T.isoformat(), T.isoformat(), None)


def test_intervals_are_there_where_the_list_has_them(opening: dict[str, Any]) -> None:
    assert "churn_low" not in opening["list"]
    made = material()
    accounts = made.lists.accounts.assign(churn_low=0.1, churn_high=0.9)
    columns = page_data(replace(made, lists=replace(made.lists, accounts=accounts)))[0]["list"]
    assert (columns["churn_low"][0], columns["churn_high"][0]) == (100, 900)


def test_reasons_go_both_ways_say_where_they_are_seen_and_leave_out_what_is_weak(first: dict[str, Any]) -> None:
    assert first["reasons"] == [
        [0, 0.8, "Active days fell to 2 <b>in</b> the last 28 (usually 9)", "consumption", 28, 1, None],
        [1, -0.3, "Active days fell to 2", "consumption", 28, 1, None],
        [0, -0.5, "Last answer to the recommendation question: 9", "satisfaction", 0, 0, None],
    ]
    assert first["rest"] == [None, None], "a list that does not tell reasons in points has none to add up"


def test_points_are_shown_where_reasons_have_them() -> None:
    made = material()
    reasons = made.lists.reasons.assign(points=4.25)
    opening, blocks = page_data(replace(made, lists=replace(made.lists, reasons=reasons)))
    assert blocks[0][0]["reasons"][0][-1] == 4.2
    #  of three reasons of leaving, 4.25 points each, two are shown; the median account with reasons has 33.78 %
    assert blocks[0][0]["rest"] == [4.2, 0.0]
    assert opening["outcomes"][0]["start"] == 210, "in tenths of a percent: 33.778 - 12.75"


def test_what_happened_stands_by_days_before_the_as_of(first: dict[str, Any]) -> None:
    assert [first["weeks"][week] for week in (0, 1, 51)] == [7, 0, 2]
    assert first["moments"] == [
        [18, "offer_answered", "upgrade", "max", 0.0],
        [21, "offer_made", "upgrade", "max", None],
        [25, "ticket_resolved", "incident", "<high>", None],
        [28, "ticket_opened", "incident", "<high>", None],
        [29, "answer", "nps", None, 3.0],
    ]
    assert first["overrides"] == [["churn", "too high", "kim", "2025-06-01", "2025-09-01", "<spoke> to them"]]


def test_an_account_of_which_nothing_is_known_has_a_record_too() -> None:
    last = page_data(replace(material(), happened=nothing_happened()))[1][0][9]
    assert last["reasons"] == last["moments"] == last["overrides"] == last["products"] == []
    assert sum(last["weeks"]) == 0
    assert last["scores"] == [95, *[None] * 3, 50, *[None] * 7]
    assert last["before"] is None
    assert last["changes"] == last["moves"] == []


def test_what_changed_and_what_would_change_it() -> None:
    changed = {"part": "data", "text": "Active days fell to 2 (before: 9)", "points": 8.5}
    moved = {"text": "Active days came to 9 (now: 2)", "probability": 0.3, "similar": 14, "bound": 0.35, "enough": True}
    changes, moves = (pd.DataFrame([{"account_id": "a0", "outcome": "churn", **told}]) for told in (changed, moved))
    lists = replace(material().lists, changes=changes, moves=moves)
    first, second = page_data(replace(material(), lists=lists))[1][0][:2]
    assert first["changes"] == [[0, "data", "Active days fell to 2 (before: 9)", 8.5]]
    assert first["moves"] == [[0, "Active days came to 9 (now: 2)", 300, "some similar accounts did so (14 of 100)"]]
    assert [text.partition(",")[0] for _, text in first["leads"]] == ["What would bring it under 35.0%"]
    assert second["changes"] == second["moves"] == second["leads"] == []


def test_above_the_top_the_page_holds_the_first_by_rank_and_says_so() -> None:
    opening, blocks = page_data(material(), top=3)
    assert (opening["accounts"], opening["shown"]) == (10, 3)
    assert opening["list"]["rank"] == [1, 2, 3]
    assert len(blocks[0]) == 3


def test_the_page_is_the_same_text_every_time_and_holds_its_blocks_packed() -> None:
    html = accounts_html(material())
    assert html == accounts_html(material())
    held = re.findall(r'<script type="text/plain" id="block-\d+">([^<]*)</script>', html)
    assert len(held) == -(-len(NAMES) // BLOCK)
    assert json.loads(gzip.decompress(base64.b64decode(held[0]))) == page_data(material())[1][0]

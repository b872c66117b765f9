"""The list of features: what each is made of and, for a company, whether it is computed, or why it is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from features.columns import Columns
from features.data_settings import DataSettings, TableSource
from features.library.catalogue import CATALOGUE, FAMILIES, LIBRARY
from features.library.listing import Entry, as_json, entries, in_numbers, page
from features.purposes import PURPOSES, PurposeSettings
from features.reading.opening import columns_brought
from features.report.computed import Computed

USE = Columns({"accounts": ("account_id", "signed_up_at"), "consumption": ("account_id", "occurred_at", "status")})


def named(listed: tuple[Entry, ...]) -> dict[str, Entry]:
    return {entry.name: entry for entry in listed}


def test_every_feature_is_listed_once_with_its_family() -> None:
    listed = entries(LIBRARY)
    assert [entry.name for entry in listed] == [feature.name for feature in CATALOGUE]
    assert {entry.family for entry in listed} == set(FAMILIES)
    assert in_numbers(listed) == f"{len(CATALOGUE)} features ({len(CATALOGUE) - 12} to learn from, 12 scores)."


def test_an_entry_says_what_a_feature_is_made_of() -> None:
    listed = named(entries(LIBRARY))
    assert listed["error_share_28d"] == Entry(
        name="error_share_28d",
        family="consumption",
        about="account",
        description="Share of uses that ended in an error, in the last 28 days",
        purpose="service",
        unit="share",
        window="28 days",
        sources=("consumption.status",),
        missing="No use in the last 28 days, hence no error rate",
        rung="satisfaction",
        facet="base",
        idea="reliability",
        actionable=True,
    )
    assert listed["active_days_28d"].missing == "0"
    assert listed["families_91d"].sources == ("consumption.product", "products.family", "products.product")
    assert listed["active_days_28d_among_peers"].sources == ("consumption", "accounts.segment")
    assert listed["seat_use_28d"].facet == "advantage"
    assert listed["recurring_revenue"].window == "at as_of"


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("active_days_28d", "28 days"),
        ("active_days_trend_28d", "28 days, and those before"),
        ("products_added_91d", "91 days"),  # a state that looks back by itself
        ("revenue_change_182d", "182 days"),
        ("milestones_reached", "so far"),
        ("tenure_days", "at as_of"),
    ],
)
def test_an_entry_says_how_far_a_feature_looks_back(name: str, window: str) -> None:
    assert named(entries(LIBRARY))[name].window == window


def test_a_window_in_a_name_is_the_one_that_is_told() -> None:
    """Whoever asks what is kept, and for how long, reads it off the list."""
    days = {entry.name: entry.window for entry in entries(LIBRARY) if re.search(r"_\d+d$", entry.name)}
    assert [name for name, window in days.items() if name.rpartition("_")[2][:-1] not in window] == []


def test_of_a_company_each_is_computed_or_says_why_not() -> None:
    library = LIBRARY.allowing(PurposeSettings(allowed=("service", "retention")))
    listed = named(entries(library, USE))

    def said(name: str) -> tuple[bool | None, str]:
        return listed[name].on, listed[name].why

    assert said("active_days_28d") == (True, "")
    assert said("users_28d") == (False, "purpose growth is not allowed")
    assert said("tickets_28d") == (False, "no tickets")
    assert said("users_kept_91d") == (False, "no consumption.user_id")
    on = [entry.name for entry in listed.values() if entry.on]
    assert on == [feature.name for feature in library.available(USE)]
    scores = sum(name.startswith("score_") for name in on)
    told = f"{len(on)} of {len(CATALOGUE)} features are computed ({len(on) - scores} to learn from, {scores} scores)."
    assert in_numbers(tuple(listed.values())) == told
    told = f"{len(on)} features are computed ({len(on) - scores} to learn from, {scores} scores); "
    assert str(Computed.of(library, USE)).startswith(told)


def test_the_columns_of_a_company_are_found_without_a_look_at_its_rows(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("customer,joined,plan\n,no date at all,\n", encoding="utf-8")
    renamed = {"account_id": "customer", "signed_up_at": "joined"}
    data = DataSettings(path=".", tables={"accounts": TableSource(file="users.csv", columns=renamed)})
    assert columns_brought(data, tmp_path) == Columns({"accounts": ("account_id", "signed_up_at")})


def test_for_programs_it_is_plain_values() -> None:
    library = LIBRARY.allowing(PurposeSettings(allowed=("service",)))
    told = json.loads(json.dumps(as_json(library, entries(library, USE))))
    assert [purpose["name"] for purpose in told["purposes"] if purpose["allowed"]] == ["service"]
    assert {purpose["name"] for purpose in told["purposes"]} == set(PURPOSES)
    assert told["features"][0]["sources"] == ["consumption"]
    assert {entry["on"] for entry in told["features"]} == {True, False}


@pytest.mark.parametrize("part", ["| name | what it is | purpose | unit | window | from | missing |", "## Purposes"])
def test_the_page_has_the_same_columns(part: str) -> None:
    assert part in page(LIBRARY)


def test_nothing_breaks_a_table_of_the_page() -> None:
    tables = [line for line in page(LIBRARY).splitlines() if line.startswith("| `")]
    assert len(tables) == len(CATALOGUE)
    assert {line.count("|") for line in tables} == {12}

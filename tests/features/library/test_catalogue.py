"""The catalogue: every feature is well formed, tested, told in plain words, and left out where columns are absent."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from string import Formatter
from typing import get_args

import pandas as pd
import pytest

from features.building.builder import build
from features.building.needs import needs_of
from features.feature import Distinct, Feature, Layer, Moment, Purpose, Rank, Rung, Score, StateSource, Total
from features.library.catalogue import CATALOGUE, FAMILIES, SOURCES, available, may_be_missing, unavailable
from features.library.ideas import IDEAS
from serving.wording import reason_text
from tests.text_tables import text_tables

SPECIFICATIONS = sorted((Path(__file__).parents[1] / "families").glob("test_*.py"))

ACCOUNTS = """
    account_id | signed_up_at
    a          | 2024-01-01
"""
USE = """
    account_id | occurred_at
    a          | 2024-06-30
"""
TERMS = """
    account_id | plan | started_at
    a          | pro  | 2024-02-01
"""


def specified() -> Mapping[str, str]:
    """The file that has an expected value of a feature, by the feature's name."""
    found: dict[str, str] = {}
    for path in SPECIFICATIONS:
        spec = importlib.util.spec_from_file_location(f"specification_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= dict.fromkeys(module.EXPECTED, path.name)
    return found


def test_every_feature_has_an_expected_value_in_a_test() -> None:
    names = {feature.name for feature in CATALOGUE}
    assert names - set(specified()) == set()


def test_names_are_unique() -> None:
    names = [feature.name for feature in CATALOGUE]
    assert sorted(set(names)) == sorted(names)


def test_sources_are_named_once() -> None:
    assert all(name == source.name for name, source in SOURCES.items())
    used = {leaf.source for feature in CATALOGUE for leaf in feature.value.leaves()}
    assert used == set(SOURCES)


def test_there_are_enough_features_and_every_facet_has_one() -> None:
    assert len(CATALOGUE) >= 155
    assert {feature.rung for feature in CATALOGUE} == set(get_args(Rung))
    assert {feature.layer for feature in CATALOGUE} - {None} == set(get_args(Layer))
    assert {feature.moment for feature in CATALOGUE} - {None} == set(get_args(Moment))
    assert {feature.purpose for feature in CATALOGUE} == set(get_args(Purpose))
    assert {feature.idea for feature in CATALOGUE} == set(IDEAS)


def test_the_order_is_that_of_the_families() -> None:
    assert tuple(feature for family in FAMILIES.values() for feature in family) == CATALOGUE
    assert next(iter(FAMILIES)) == "consumption"


def ending(feature: Feature) -> str:
    """How the name ends that tells the widest window; nothing where there is none, or one without a beginning.

    What is made of other features bears their names, not their windows.
    """
    if isinstance(feature.value, Rank | Score):
        return ""
    days = [leaf.window.days for leaf in feature.value.leaves() if isinstance(leaf, Total | Distinct)]
    finite = [day for day in days if day is not None]
    return f"_{max(finite)}d" if finite and len(finite) == len(days) else ""


def test_a_name_ends_with_its_window() -> None:
    assert [feature.name for feature in CATALOGUE if not feature.name.endswith(ending(feature))] == []


def test_words_say_how_far_a_feature_looks_back() -> None:
    windows = {feature: named[1] for feature in CATALOGUE if (named := re.search(r"_(\d+)d$", feature.name))}
    assert [f.phrase for f, days in windows.items() if not re.search(rf"\b{days}\b", f.phrase)] == []
    assert [f.description for f, days in windows.items() if not re.search(rf"\b{days}\b", f.description)] == []


def test_keys_are_those_of_what_a_feature_is_about() -> None:
    for feature in CATALOGUE:
        keys = {key for leaf in feature.value.leaves() for key in SOURCES[leaf.source].keys}
        assert ("product" in keys) == (feature.about == "pair"), feature.name


def test_there_are_words_for_what_is_missing_exactly_where_it_can_be() -> None:
    assert [f.name for f in CATALOGUE if bool(f.missing_phrase) != may_be_missing(f.value)] == []
    assert [f.name for f in CATALOGUE if "{" in f.missing_phrase or f.missing_phrase.endswith(".")] == []


def test_a_phrase_has_one_value_and_a_move_only_right_before_it() -> None:
    for feature in CATALOGUE:
        fields = [field for _, field, _, _ in Formatter().parse(feature.phrase) if field]
        assert fields == ["value"] or (fields == ["moved", "value"] and "{moved} {value}" in feature.phrase), feature
        assert feature.phrase[0].isupper(), feature.phrase
        assert not feature.phrase.endswith("."), feature.phrase
        assert feature.description, feature.name


@pytest.mark.parametrize("value", [0.0, 1.0, 3.0, 0.25, 1234.5])
@pytest.mark.parametrize("usual", [None, 11.0])
def test_a_reason_reads_whole(value: float, usual: float | None) -> None:
    texts = [reason_text(feature, value, usual, 2.0, "EUR") for feature in CATALOGUE]
    assert [text for text in texts if re.search(r"[{}]|\s\s|\b(\w+) \1\b|\bnan\b", text)] == []


def test_reasons_as_they_are_read() -> None:
    named = {feature.name: feature for feature in CATALOGUE}

    def told(name: str, value: float, usual: float | None = None) -> str:
        return reason_text(named[name], value, usual, None, "EUR")

    assert told("active_days_28d", 3, 11) == "Active days fell to 3 in the last 28 (usually 11)"
    assert told("days_since_use", 34, 2) == "Last used 34 days ago (usually 2 days)"
    assert (
        told("events_trend_28d", 0.4, 1)
        == "Use in the last 28 days was 40% of that in the 28 days before (usually 100%)"
    )
    assert told("resolution_hours_182d", 30, 6) == (
        "The time to resolve a ticket rose to 30 hours over the last 182 days (usually 6 hours)"
    )
    assert told("seat_use_28d", 0.5, 0.9) == (
        "Seats in use fell to 50% of those paid for over the last 28 days (usually 90%)"
    )
    assert told("plan_allows_product", 0) == "Its plan is high enough for the product: no"
    assert told("term_months", 12) == "The contract runs for 12 months at a time"
    assert told("nps_182d", float("nan")) == "No answer to NPS in the last 182 days"


@pytest.mark.parametrize(
    "brought",
    [
        {"consumption": USE},
        {"subscriptions": TERMS},
        {
            "consumption": USE,
            "subscriptions": TERMS,
            "plans": "plan | tier\npro | 1",
            "products": "product\nmail",
            "satisfaction": "account_id | occurred_at | instrument | score\na | 2024-06-01 | nps | 9",
            "tickets": "ticket_id | account_id | opened_at\nt | a | 2024-06-01",
            "interactions": "account_id | occurred_at | kind\na | 2024-06-01 | call",
            "milestones": "account_id | milestone | reached_at\na | login | 2024-06-01",
            "accessories": "account_id | accessory | attached_at\na | printer | 2024-06-01",
            "upgrade_paths": "from_plan | to_plan\npro | pro",
            "compatibility": "accessory | plan | works\nprinter | pro | true",
            "offers": "offer_id | account_id | offered_at | kind\no | a | 2024-06-01 | upgrade",
        },
    ],
    ids=["use alone", "terms alone", "no optional column"],
)
def test_what_is_available_can_be_built(brought: dict[str, str]) -> None:
    tables = text_tables(end=date(2024, 7, 1), accounts=ACCOUNTS, **brought)
    features = available(tables)
    cohort = pd.DataFrame({"account_id": ["a"], "product": ["mail"], "as_of": [pd.Timestamp("2024-07-01")]})
    frame = build(tables, cohort, features, SOURCES)
    assert list(frame.columns[3:]) == [feature.name for feature in features]
    left_out = {feature.name for lost in unavailable(tables).values() for feature in lost}
    assert left_out | {feature.name for feature in features} == {feature.name for feature in CATALOGUE}
    assert left_out.isdisjoint(feature.name for feature in features)


def test_an_absent_table_or_column_is_named_with_what_it_costs() -> None:
    tables = text_tables(end=date(2024, 7, 1), accounts=ACCOUNTS, consumption=USE, subscriptions=TERMS)
    costs = {place: {feature.name for feature in lost} for place, lost in unavailable(tables).items()}
    assert costs["consumption.user_id"] >= {"users_28d", "users_kept_91d", "seat_use_28d", "users_28d_among_peers"}
    assert "active_days_28d" not in costs["consumption.user_id"]
    assert not any("score_consumption" in lost for lost in costs.values()), "it is made of its other parts"
    assert "score_joy" in costs["satisfaction"], "nothing is left that it could be made of"
    assert "seat_use_28d" in costs["subscriptions.seats"]
    assert "tickets_28d" in costs["tickets"]
    assert "tickets.kind" not in costs
    assert "families_91d" in costs["products"]
    assert list(costs) == sorted(costs)


def test_every_leaf_is_one_that_its_source_offers() -> None:
    offered = {
        name: {state.name for state in source.states}
        if isinstance(source, StateSource)
        else {"days", *source.entities, *(measure.name for measure in source.measures)}
        for name, source in SOURCES.items()
    }
    for feature in CATALOGUE:
        for leaf in feature.value.leaves():
            assert leaf.name in offered[leaf.source], feature.name


def test_one_query_a_source_serves_all_features() -> None:
    tables = text_tables(end=date(2024, 7, 1), accounts=ACCOUNTS, consumption=USE, subscriptions=TERMS)
    needs = needs_of(tables, available(tables), SOURCES, ("account_id", "product"))
    names = [need.source.name for need in needs]
    assert names == ["accounts", "consumption", "life_cycle", "past", "plan_ways", "subscriptions"]


def test_what_is_marked_can_be_acted_on_in_the_coming_weeks() -> None:
    """Nothing that was signed, is over, passes by itself or follows from something else."""
    marked = {feature.name: feature for feature in CATALOGUE if feature.actionable}

    assert not {"contract", "limits", "room to move up", "value", "loyalty", "tenure", "contagion", "plan"} & {
        feature.idea for feature in marked.values()
    }
    over = (
        "active_days_364d",
        "active_days_182d",
        "offers_declined_182d",
        "extensions_182d",
        "milestones_in_time_share",
        "milestones_reached_share",
        "milestones_reached",
    )
    assert not set(over) & set(marked)
    assert {name for name in marked if name.startswith("days_since_")} == {
        "days_since_contact",
        "days_since_meeting",
        "days_since_offer",
        "days_since_product_offer",
        "days_since_use",
        "days_since_use_among_peers",
    }
    assert {"events_28d", "tickets_open", "promises_overdue", "users_28d", "meetings_91d", "discount"} <= set(marked)

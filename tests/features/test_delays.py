"""A table with `delay_hours` is known that much later: its rows, and what is filled into them later."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache

import pandas as pd
import pytest

from features.accounts.evidence import evidence
from features.accounts.facts import account_facts
from features.accounts.promises import open_promises
from features.accounts.timeline import moments
from features.clock import Horizon
from features.cohort import subscriptions_in_force
from features.days import day_table
from features.library.catalogue import CATALOGUE, LIBRARY, SOURCES
from features.outcomes.labels import labelled_cohort
from features.outcomes.outcome import Outcome
from features.rollups.recipe import Recipe, Rollup
from features.tables import Tables
from tests.feature_values import computed, parse_expected
from tests.text_tables import text_tables

FIRST, NEXT = date(2024, 3, 1), date(2024, 3, 2)
"""Everything below happens on the evening before the first, and with six hours' delay is known on its night."""
COMPANY = {
    "accounts": """
        account_id | signed_up_at
        ends       | 2023-01-01
        notices    | 2023-01-01
    """,
    "subscriptions": """
        account_id | plan | started_at | cancelled_at     | ended_at         | mrr
        ends       | p    | 2023-01-01 |                  | 2024-02-29 20:00 | 100
        notices    | p    | 2023-01-01 | 2024-02-29 20:00 | 2024-03-20       | 100
    """,
    "tickets": """
        ticket_id | account_id | opened_at  | promised_by      | resolved_at      | reopened
        late      | ends       | 2024-02-20 | 2024-02-29 19:00 | 2024-02-29 20:00 | true
        in time   | notices    | 2024-02-20 | 2024-02-29 20:00 | 2024-02-29 19:00 | false
    """,
    "milestones": """
        account_id | milestone | due_at     | reached_at
        ends       | first use | 2024-02-01 | 2024-02-29 20:00
    """,
    "accessories": """
        account_id | accessory | attached_at | detached_at
        ends       | dock      | 2024-01-01  | 2024-02-29 20:00
    """,
    "offers": """
        offer_id | account_id | offered_at | kind    | responded_at     | accepted
        o1       | ends       | 2024-02-20 | upgrade | 2024-02-29 20:00 | true
    """,
}
LATE = ("subscriptions", "tickets", "milestones", "accessories", "offers")
UNKNOWN = parse_expected("""
    feature                    | ends | notices
    recurring_revenue          | 100  | 100
    notice_share               | 0    | 0
    tickets_open               | 1    | 1
    oldest_open_ticket_days    | 10   | 10
    resolution_hours_182d      |      |
    reopened_share_182d        |      |
    promises_broken_91d        | 0    | 0
    promises_kept_share_182d   |      |
    days_since_promise_broken  |      |
    milestones_reached         | 0    | 0
    milestones_overdue         | 1    | 0
    accessories_attached       | 1    | 0
    accessories_detached_182d  | 0    | 0
    offers_accepted_182d       | 0    | 0
    stage_shopping             | 1    | 0
    stage_disposing            | 0    | 0
""")
KNOWN = parse_expected("""
    feature                    | ends | notices
    recurring_revenue          |      | 100
    notice_share               |      | 1
    tickets_open               | 0    | 0
    oldest_open_ticket_days    |      |
    resolution_hours_182d      | 236  | 235
    reopened_share_182d        | 1    | 0
    promises_broken_91d        | 1    | 0
    promises_kept_share_182d   | 0    | 1
    milestones_reached         | 1    | 0
    milestones_overdue         | 0    | 0
    accessories_attached       | 0    | 0
    accessories_detached_182d  | 1    | 0
    offers_accepted_182d       | 1    | 0
    stage_shopping             | 0    | 0
    stage_disposing            | 0    | 1
""")


@lru_cache
def company(hours: float) -> Tables:
    return text_tables(end=date(2024, 4, 1), delay_hours=dict.fromkeys(LATE, hours), **COMPANY)


@pytest.mark.parametrize("feature", UNKNOWN)
def test_what_comes_late_is_not_seen_by_a_feature_before_it_has_come(feature: str) -> None:
    expected = {feature: UNKNOWN[feature]}
    assert computed(company(6), expected, FIRST) == {feature: pytest.approx(UNKNOWN[feature], nan_ok=True)}


@pytest.mark.parametrize("feature", KNOWN)
@pytest.mark.parametrize(("hours", "as_of"), [(6, NEXT), (0, FIRST)], ids=["a day later", "without a delay"])
def test_and_is_seen_from_the_day_after(feature: str, hours: float, as_of: date) -> None:
    expected = {feature: KNOWN[feature]}
    assert computed(company(hours), expected, as_of) == {feature: pytest.approx(KNOWN[feature], nan_ok=True)}


def test_an_end_that_was_announced_is_known_on_its_day() -> None:
    subscriptions = """
        account_id | plan | started_at | cancelled_at | ended_at         | mrr
        ends       | p    | 2023-01-01 | 2024-02-01   | 2024-02-29 20:00 | 100
    """
    tables = text_tables(
        end=date(2024, 4, 1), delay_hours={"subscriptions": 6}, **{**COMPANY, "subscriptions": subscriptions}
    )
    expected = {"recurring_revenue": {"ends": math.nan}}
    assert computed(tables, expected, FIRST) == {"recurring_revenue": pytest.approx({"ends": math.nan}, nan_ok=True)}


def test_a_row_that_says_when_it_was_recorded_is_not_put_off() -> None:
    tickets = """
        ticket_id | account_id | opened_at  | resolved_at      | recorded_at
        told      | ends       | 2024-02-20 | 2024-02-29 20:00 | 2024-02-20
        untold    | notices    | 2024-02-20 | 2024-02-29 20:00 |
    """
    tables = text_tables(end=date(2024, 4, 1), delay_hours={"tickets": 6}, **{**COMPANY, "tickets": tickets})
    expected = parse_expected("""
        feature      | ends | notices
        tickets_open | 0    | 1
    """)
    assert computed(tables, expected, FIRST) == expected


# Cohorts and labels ----------------------------------------------------------------------------------------------


def asked(kind: str, **settings: object) -> Outcome:
    """With a gap of 5 days and a horizon of 10, an outcome of 1 March counts on [6 March, 16 March)."""
    return Outcome.model_validate({"name": "churn", "kind": kind, "gap_days": 5, "horizon_days": 10, **settings})


def labels(tables: Tables, outcome: Outcome, standing: date, as_of: date = FIRST) -> dict[str, float]:
    frame = labelled_cohort(tables, outcome, [as_of], standing)
    frame = frame[frame["as_of"] == pd.Timestamp(as_of)]
    return dict(zip(frame["account_id"], frame["label"], strict=True))


def subscribers(subscriptions: str) -> Tables:
    ids = sorted({line.split("|")[0].strip() for line in subscriptions.strip().splitlines()[1:]})
    accounts = "account_id | signed_up_at\n" + "\n".join(f"{name} | 2023-01-01" for name in ids)
    delay = {"subscriptions": 6}
    return text_tables(end=date(2024, 7, 1), delay_hours=delay, accounts=accounts, subscriptions=subscriptions)


ENDS = """
    account_id | plan | started_at | cancelled_at     | ended_at
    known      | p    | 2023-01-01 |                  | 2024-02-29 17:00
    unknown    | p    | 2023-01-01 |                  | 2024-02-29 20:00
    announced  | p    | 2023-01-01 | 2024-02-01       | 2024-02-29 20:00
    noticed    | p    | 2023-01-01 | 2024-02-29 20:00 | 2024-03-10
    back soon  | p    | 2023-01-01 |                  | 2024-02-29 20:00
    back soon  | p    | 2024-03-04 |                  |
    years ago  | p    | 2022-01-01 |                  | 2022-12-31
    years ago  | p    | 2023-12-01 |                  |
"""


def test_whoever_is_not_known_to_have_left_is_asked_about() -> None:
    held = subscriptions_in_force(subscribers(ENDS), day_table([FIRST, NEXT], Horizon(90), 91)).to_pandas()
    days = [set(held.loc[held["as_of"] == pd.Timestamp(day), "account_id"]) for day in (FIRST, NEXT)]
    assert days == [{"unknown", "noticed", "back soon", "years ago"}, {"noticed", "years ago"}]


def test_an_end_before_the_as_of_that_was_not_known_then_leaves_the_cohort_like_one_in_the_gap() -> None:
    found = labels(subscribers(ENDS), asked("subscription_end"), standing=date(2024, 7, 1))
    assert found == {"noticed": 1, "back soon": 0, "years ago": 0}


def test_but_where_we_stand_nobody_knows_it() -> None:
    outcome, tables = asked("subscription_end"), subscribers(ENDS)
    assert set(labels(tables, outcome, standing=FIRST)) == {"unknown", "noticed", "back soon", "years ago"}


def test_an_end_counts_for_a_label_once_it_is_known_where_we_stand() -> None:
    tables = subscribers("""
        account_id | plan | started_at | ended_at
        known      | p    | 2023-01-01 | 2024-03-15 17:00
        unknown    | p    | 2023-01-01 | 2024-03-15 20:00
        one of two | p    | 2023-01-01 | 2024-03-15 17:00
        one of two | p    | 2023-01-01 | 2024-03-15 20:00
    """)
    outcome = asked("subscription_end", grace_days=0)
    assert labels(tables, outcome, standing=date(2024, 3, 16)) == {"known": 1, "unknown": 0, "one of two": 0}
    assert labels(tables, outcome, standing=date(2024, 3, 17)) == {"known": 1, "unknown": 1, "one of two": 1}


def test_spending_falls_once_an_end_is_known_where_we_stand() -> None:
    tables = subscribers("""
        account_id | plan | started_at       | ended_at         | mrr
        a          | p    | 2023-01-01       | 2024-03-15 20:00 | 50
        a          | p    | 2023-01-01       |                  | 50
        a          | p    | 2024-03-15 10:00 |                  | 60
    """)
    assert labels(tables, asked("spend_up"), standing=date(2024, 3, 16)) == {"a": 1}  # from 100 to 160
    assert labels(tables, asked("spend_up", min_increase=0.2), standing=date(2024, 3, 17)) == {"a": 0}  # to 110


def test_an_answer_counts_once_it_is_known_where_we_stand() -> None:
    offers = """
        offer_id | account_id | offered_at       | kind    | responded_at     | accepted
        o1       | ends       | 2024-03-01 10:00 | upgrade | 2024-03-05 17:00 | true
        o2       | notices    | 2024-03-01 10:00 | upgrade | 2024-03-05 20:00 | true
    """
    tables = text_tables(end=date(2024, 7, 1), delay_hours={"offers": 6}, **{**COMPANY, "offers": offers})
    outcome = asked("offer_accepted", gap_days=0, horizon_days=5)
    assert labels(tables, outcome, standing=date(2024, 3, 6)) == {"ends": 1, "notices": 0}
    assert labels(tables, outcome, standing=date(2024, 3, 7)) == {"ends": 1, "notices": 1}


# What people are shown -------------------------------------------------------------------------------------------


def told(as_of: date) -> list[str]:
    places = LIBRARY.places_of(LIBRARY.on)
    frame = moments(company(6), ["ends", "notices"], as_of, places)
    return [f"{row.account_id} {row.kind}" for row in frame[frame["day"] == date(2024, 2, 29)].itertuples()]


def test_a_moment_is_told_once_it_is_known() -> None:
    assert told(FIRST) == []
    assert told(NEXT) == [
        "ends offer_answered",
        "ends promise_missed",
        "ends step_reached",
        "ends terms_ended",
        "ends ticket_resolved",
        "notices notice_given",
        "notices ticket_resolved",
    ]


def test_a_promise_is_open_until_it_is_known_to_be_kept() -> None:
    places = LIBRARY.places_of(LIBRARY.on)
    still = [open_promises(company(6), "ends", day, places)["id"].tolist() for day in (FIRST, NEXT)]
    assert still == [["first use", "late"], []]


def test_the_facts_of_a_list_know_an_end_and_a_notice_as_late_as_its_features() -> None:
    facts = [account_facts(company(6), ["ends", "notices"], day).set_index("account_id") for day in (FIRST, NEXT)]
    assert [frame["active"].tolist() for frame in facts] == [[True, True], [False, True]]
    assert [frame["under_notice"].tolist() for frame in facts] == [[False, False], [False, True]]


def test_the_rows_behind_a_number_leave_blank_what_was_not_known() -> None:
    (opened,) = (feature for feature in CATALOGUE if feature.name == "tickets_28d")
    resolved = [evidence(company(6), opened, "ends", day)["resolved_at"].tolist() for day in (FIRST, NEXT)]
    assert resolved == [[pd.NaT], [pd.Timestamp("2024-02-29 20:00")]]


# What is kept ----------------------------------------------------------------------------------------------------


def test_another_delay_is_another_rollup() -> None:
    rollup = Rollup(SOURCES["tickets"])  # type: ignore[arg-type]
    assert len({Recipe(company(hours), rollup).definition for hours in (0, 6, 7)}) == 3

"""The timeline: weeks of use, moments, and people's words against scores, as they were known at the as_of."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd
import pytest

from features.accounts.timeline import KINDS, MOMENTS, lanes, moments, overrides, weeks
from features.library.catalogue import LIBRARY
from features.library.library import Library, Place
from features.purposes import PurposeSettings
from features.tables import Tables
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)
END = date(2024, 8, 1)
COMPANY = {
    "accounts": """
        account_id | signed_up_at
        a          | 2023-01-01
        b          | 2023-01-01
        other      | 2023-01-01
    """,
    # 24 June is the first day of week 0, 23 June the last of week 1; week 51 begins on 3 July 2023
    "consumption": """
        account_id | occurred_at      | recorded_at
        a          | 2024-06-30 23:59 |
        a          | 2024-06-24 00:00 |
        a          | 2024-06-23 12:00 |
        a          | 2024-06-22 12:00 | 2024-07-02
        a          | 2024-07-01 00:00 |
        a          | 2023-07-03 00:00 |
        a          | 2023-07-02 23:00 |
        b          | 2024-01-01 00:00 |
        other      | 2024-06-30 00:00 |
    """,
    "satisfaction": """
        account_id | occurred_at | instrument | score | recorded_at
        a          | 2024-06-01  | nps        | 3     |
        a          | 2024-06-02  | csat       | 4.5   | 2024-07-01
    """,
    "tickets": """
        ticket_id | account_id | opened_at  | kind     | severity | promised_by | resolved_at
        t1        | a          | 2024-05-01 | incident | high     | 2024-05-04  | 2024-05-03
        t2        | a          | 2024-06-20 | how_to   |          | 2024-06-27  | 2024-07-01
    """,
    "interactions": """
        account_id | occurred_at | kind    | direction
        a          | 2024-06-10  | meeting | ours
    """,
    "milestones": """
        account_id | milestone | due_at     | reached_at
        a          | first use | 2024-03-01 | 2024-03-05
        a          | ten users | 2024-06-01 | 2024-07-04
    """,
    "subscriptions": """
        account_id | plan  | started_at | ended_at   | cancelled_at
        a          | basic | 2023-01-01 | 2024-02-01 | 2024-01-15
        a          | pro   | 2024-02-01 | 2024-07-20 | 2024-06-25
    """,
    "offers": """
        offer_id | account_id | offered_at | kind     | target | treated | responded_at | accepted
        o1       | a          | 2024-04-01 | upgrade  | max    | true    | 2024-04-03   | true
        o2       | a          | 2024-05-05 | adoption | chat   | false   |              |
        o3       | a          | 2024-06-28 | adoption | chat   |         | 2024-07-02   | false
    """,
    "overrides": """
        account_id | outcome | made_at    | expires_at | made_by | verdict  | note
        a          | churn   | 2024-05-01 | 2024-09-01 | kim     | too high | spoke to them
        a          | churn   | 2024-06-01 | 2024-09-01 | lee     | agreed   |
        a          | churn   | 2024-07-01 | 2024-09-01 | kim     | too low  |
        a          | upgrade | 2024-05-01 | 2024-07-01 | kim     | too low  |
        b          | churn   | 2024-05-01 | 2024-07-02 | kim     | too low  |
        other      | churn   | 2024-05-01 | 2024-09-01 | kim     | too low  |
    """,
}


@lru_cache
def company() -> Tables:
    return text_tables(end=END, **COMPANY)


def places(library: Library = LIBRARY) -> frozenset[Place]:
    return library.places_of(library.on)


def lines(frame: pd.DataFrame) -> list[str]:
    return [" ".join("-" if pd.isna(cell) else str(cell) for cell in row) for row in frame.itertuples(index=False)]


def test_weeks_count_back_from_the_as_of_and_hold_what_was_known() -> None:
    assert lines(weeks(company(), ["a", "b"], AS_OF, places())) == ["a 0 2", "a 1 1", "a 51 1", "b 25 1"]


def test_moments_are_those_that_had_happened_and_were_known() -> None:
    assert lines(moments(company(), ["a", "b"], AS_OF, places())) == [
        "a 2024-01-15 notice_given basic - -",
        "a 2024-02-01 terms_began pro - -",
        "a 2024-02-01 terms_ended basic - -",
        "a 2024-03-01 step_missed first use - -",
        "a 2024-03-05 step_reached first use - -",
        "a 2024-04-01 offer_made upgrade max -",
        "a 2024-04-03 offer_answered upgrade max 1.0",
        "a 2024-05-01 ticket_opened incident high -",
        "a 2024-05-03 ticket_resolved incident high -",
        "a 2024-06-01 answer nps - 3.0",
        "a 2024-06-01 step_missed ten users - -",
        "a 2024-06-10 contact meeting ours -",
        "a 2024-06-20 ticket_opened how_to - -",
        "a 2024-06-25 notice_given pro - -",
        "a 2024-06-27 promise_missed how_to - -",
        "a 2024-06-28 offer_made adoption chat -",
    ]


def test_the_newest_word_that_holds_stands_against_a_score() -> None:
    assert lines(overrides(company(), ["a", "b"], AS_OF)) == [
        "a churn agreed lee 2024-06-01 2024-09-01 -",
        "b churn too low kim 2024-05-01 2024-07-02 -",
    ]


def test_every_kind_is_there_where_every_purpose_is_allowed() -> None:
    assert lanes(company(), places()) == ("uses", *(kind.name for kind in KINDS))


def test_what_no_allowed_feature_looks_at_is_not_read() -> None:
    only_pricing = places(LIBRARY.allowing(PurposeSettings(allowed=("pricing",))))

    found = moments(company(), ["a"], AS_OF, only_pricing)

    assert not {"tickets", "satisfaction", "offers"} & {place[0] for place in only_pricing}
    assert set(found["kind"]) <= {"terms_began", "terms_ended", "notice_given"}
    assert moments(company(), ["a"], AS_OF, set()).empty
    assert weeks(company(), ["a"], AS_OF, set()).empty
    assert lanes(company(), set()) == ()


def test_an_account_keeps_its_newest_moments() -> None:
    calls = "\n".join(f"a | {day} | call" for day in pd.date_range("2024-01-01", periods=MOMENTS + 5).strftime("%F"))
    tables = text_tables(
        end=AS_OF,
        accounts=COMPANY["accounts"],
        consumption="account_id | occurred_at\na | 2024-06-01",
        interactions=f"account_id | occurred_at | kind\n{calls}",
    )

    found = moments(tables, ["a"], AS_OF, places())

    assert len(found) == MOMENTS
    assert found["day"].min() == date(2024, 1, 6)


def test_without_the_tables_the_frames_are_empty_and_have_their_columns() -> None:
    tables = text_tables(
        end=AS_OF, accounts=COMPANY["accounts"], subscriptions="account_id|plan|started_at\na|p|2022-01-01"
    )

    assert list(weeks(tables, ["a"], AS_OF, places()).columns) == ["account_id", "week", "uses"]
    assert moments(tables, ["a"], AS_OF, places()).empty
    assert overrides(tables, ["a"], AS_OF).empty


@pytest.mark.parametrize("edit", ["deleted", "altered"])
def test_the_future_changes_nothing(edit: str) -> None:
    later = {
        "satisfaction": ("4.5 ", "1   "),
        "tickets": ("2024-07-01", "2024-07-09"),
        "milestones": ("2024-07-04", "2024-07-08"),
        "offers": ("2024-07-02   | false", "2024-07-03   | true "),
        "subscriptions": ("2024-07-20", "2024-07-31"),
    }
    edited = {name: COMPANY[name].replace(*change) for name, change in later.items()}
    if edit == "deleted":
        edited = {
            "consumption": "\n".join(line for line in COMPANY["consumption"].splitlines() if "2024-07-0" not in line)
        }
    tables = text_tables(end=END, **{**COMPANY, **edited})

    for ask in (weeks, moments):
        assert lines(ask(tables, ["a", "b"], AS_OF, places())) == lines(ask(company(), ["a", "b"], AS_OF, places()))

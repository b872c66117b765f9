"""Open promises: dates that were named and for which nothing was done, as far as it was known at the as_of."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from features.accounts.promises import open_promises, tellable
from features.library.catalogue import LIBRARY
from features.library.library import Library, Place
from features.purposes import PurposeSettings
from features.tables import Tables
from tests.text_tables import text_tables

AS_OF = date(2024, 7, 1)
END = date(2024, 8, 1)
ACCOUNTS = """
    account_id | signed_up_at
    a          | 2023-01-01
    other      | 2023-01-01
"""
TICKETS = """
    ticket_id | account_id | opened_at  | kind      | severity | promised_by | resolved_at | recorded_at
    overdue   | a          | 2024-06-01 | incident  | high     | 2024-06-05  |             |
    later     | a          | 2024-06-20 | how_to    |          | 2024-06-21  | 2024-07-01  |
    ahead     | a          | 2024-06-30 | complaint | low      | 2024-07-09  |             |
    kept      | a          | 2024-06-02 | incident  | high     | 2024-06-05  | 2024-06-30  |
    undated   | a          | 2024-06-02 | incident  | high     |             |             |
    unknown   | a          | 2024-06-02 | incident  | high     | 2024-06-05  |             | 2024-07-01
    future    | a          | 2024-07-01 | incident  | high     | 2024-07-05  |             |
    theirs    | other      | 2024-06-01 | incident  | high     | 2024-06-05  |             |
"""
MILESTONES = """
    account_id | milestone    | due_at     | reached_at | recorded_at
    a          | missed       | 2024-05-01 |            |
    a          | reached late | 2024-06-02 | 2024-07-02 |
    a          | reached      | 2024-06-03 | 2024-06-30 |
    a          | planned      | 2024-07-15 |            | 2024-06-01
    a          | nobody knew  | 2024-07-16 |            |
    a          | told later   | 2024-07-17 |            | 2024-07-01
    other      | missed       | 2024-05-01 |            |
"""


@lru_cache
def company(**tables: str) -> Tables:
    return text_tables(end=END, accounts=ACCOUNTS, consumption=USE, **tables)


USE = """
    account_id | occurred_at
    a          | 2024-06-30
"""


def places(library: Library = LIBRARY) -> frozenset[Place]:
    return library.places_of(library.on)


def told(frame: pd.DataFrame) -> list[str]:
    rows = frame.astype("object").where(frame.notna(), None).itertuples()
    return [f"{row.table} {row.id}: {row.what}, {row.detail}, {row.since} to {row.due}" for row in rows]


def test_what_was_promised_and_is_not_kept_in_the_order_of_its_dates() -> None:
    found = open_promises(company(tickets=TICKETS, milestones=MILESTONES), "a", AS_OF, places())

    assert told(found) == [
        "milestones missed: missed, None, None to 2024-05-01",
        "milestones reached late: reached late, None, None to 2024-06-02",
        "tickets overdue: incident, high, 2024-06-01 to 2024-06-05",
        "tickets later: how_to, None, 2024-06-20 to 2024-06-21",
        "tickets ahead: complaint, low, 2024-06-30 to 2024-07-09",
        "milestones planned: planned, None, None to 2024-07-15",
    ]


def test_what_comes_later_changes_nothing() -> None:
    edited = TICKETS.replace("| 2024-07-01  |", "|             |").replace("    future    ", "    another   ")
    reached = MILESTONES.replace("2024-07-02", "2024-07-20").replace("2024-07-16", "2024-07-25")

    first = open_promises(company(tickets=TICKETS, milestones=MILESTONES), "a", AS_OF, places())
    second = open_promises(company(tickets=edited, milestones=reached), "a", AS_OF, places())

    pd.testing.assert_frame_equal(first, second)


def test_without_the_tables_or_what_dates_them_nothing_is_told() -> None:
    undated = """
        ticket_id | account_id | opened_at  | resolved_at
        t1        | a          | 2024-06-01 |
    """
    assert tellable(company(), places()) == ()
    assert tellable(company(tickets=undated), places()) == ()
    assert tellable(company(tickets=TICKETS), places()) == ("tickets",)
    assert open_promises(company(), "a", AS_OF, places()).empty


def test_nothing_is_read_whose_purpose_is_not_allowed() -> None:
    library = LIBRARY.allowing(PurposeSettings(allowed=("growth",)))
    tables = company(tickets=TICKETS, milestones=MILESTONES)

    assert tellable(tables, places(library)) == ()
    assert open_promises(tables, "a", AS_OF, places(library)).empty

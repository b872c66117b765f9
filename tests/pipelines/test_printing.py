"""What the command line prints for people."""

from __future__ import annotations

from datetime import date

import pandas as pd

from pipelines.printing import days_asked, interplay_table, titled, top_rows

SPRING, LATER = (date(2025, 12, 15), date(2026, 3, 11)), (date(2026, 1, 15), date(2026, 3, 11))


def test_a_list_says_what_days_its_chances_are_about() -> None:
    told = days_asked({"churn": LATER, "upgrade": LATER, "adoption": SPRING})
    assert told == (
        "Chances: leaves, moves up between 15 Jan and 11 Mar 2026; takes on more between 15 Dec 2025 and 11 Mar 2026"
    )
    assert days_asked({}) == ""


def test_an_outcome_bears_both_its_names_where_they_differ() -> None:
    assert [titled(name) for name in ("churn", "upgrade", "renewal")] == [
        "Leaves (churn)",
        "Moves up (upgrade)",
        "Renewal",
    ]


def test_a_row_of_an_account_that_has_given_notice_says_so_and_expects_nothing() -> None:
    row = {"account_id": "a1", "rank": 9, "band": "notice", "notice": "Notice given, ends 14 Feb 2026"}
    values = {"churn_probability": None, "value_at_stake": 900.0, "expected_value": float("nan")}
    assert top_rows(pd.DataFrame([{**row, **values}]), "EUR").splitlines() == [
        "  9. a1",
        "     Notice given, ends 14 Feb 2026",
    ]


def test_a_row_speaks_as_the_pages_do() -> None:
    row = {"account_id": "a1", "name": "Amber Mill", "rank": 1, "band": "high", "reason_1": "Leaves: No use"}
    chances = {"churn_probability": 0.35, "upgrade_probability": None, "adoption_probability": 0.024}
    text = top_rows(pd.DataFrame([{**row, **chances, "adoption_product": "calendar"}]), "EUR")
    assert text.splitlines() == [
        "  1. a1 · Amber Mill",
        "     leaves 35.0% · takes on calendar 2.4% · band high",
        "       - Leaves: No use",
    ]


def test_the_pairs_that_make_most_together_are_told_and_no_idea_with_itself() -> None:
    rows = [("use", "use", 0.4), ("contract", "people", 0.05), ("people", "use", 0.02)]
    table = interplay_table(pd.DataFrame(rows, columns=["idea", "other", "strength"]))
    assert table is not None
    assert [list(column.cells) for column in table.columns] == [
        ["contract and people", "people and use"],
        ["0.05", "0.02"],
    ]
    assert interplay_table(pd.DataFrame(rows[:1], columns=["idea", "other", "strength"])) is None

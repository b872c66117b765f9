"""Which names of attributes are taken for what people are protected by."""

from __future__ import annotations

import pytest

from features.protected import PROTECTED, ground_of


@pytest.mark.parametrize(
    ("name", "ground"),
    [
        ("age", "age"),
        ("AGE", "age"),
        ("customer_age", "age"),
        ("ageGroup", "age"),
        ("date_of_birth", "age"),
        ("birth-date", "age"),
        ("DOB", "age"),
        ("SeniorCitizen", "age"),
        ("gender", "sex and gender"),
        ("Sex", "sex and gender"),
        ("sexual_orientation", "sexual orientation"),
        ("ethnicity", "ethnic origin"),
        ("nationality", "national origin"),
        ("country of origin", "national origin"),
        ("religion", "religion or belief"),
        ("has_disability", "disability and health"),
        ("health_status", "disability and health"),
        ("maritalStatus", "family"),
        ("civil_status", "family"),
        ("political_party", "opinion and membership"),
        ("trade-union", "opinion and membership"),
    ],
)
def test_usual_spellings_are_known(name: str, ground: str) -> None:
    assert ground_of(name) == ground


@pytest.mark.parametrize(
    "name",
    ["industry", "usage", "page", "storage_plan", "wage", "language", "sextant", "health_score", "party_size", "agent",
     "message", "employees", "branches", "region", "channel", "traceability", "embraces", "color", "migration_date"],
)  # fmt: skip
def test_other_names_are_not(name: str) -> None:
    assert ground_of(name) is None


def test_a_column_is_known_by_what_it_is_called_where_it_comes_from() -> None:
    assert ground_of("a1", "cust_gender") == "sex and gender"


def test_words_are_written_as_names_are_matched() -> None:
    spellings = [spelling for group in PROTECTED.values() for spelling in group]
    assert [spelling for spelling in spellings if spelling != spelling.lower().strip() or "_" in spelling] == []
    assert len(set(spellings)) == len(spellings)

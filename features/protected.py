"""Attributes of people that the law protects from being decided by, known by the names that they usually bear.

The grounds are those of article 21 of the Charter of Fundamental Rights of the European Union, article 9 of the General
Data Protection Regulation and the United States' Equal Credit Opportunity Act (15 U.S.C. 1691). A name is matched word
by word, so that `customer_age`, `ageGroup` and `AGE` are age, and `usage` and `page` are not. Better one too many, for
a line of the config allows it, than one too few: `contract_age` is taken for an age as well. Names in other languages
than English are not recognised, nor is what stands in for such an attribute (a first name, a postcode, a title).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

PROTECTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "age": (
            "age", "ages", "aged", "birth", "birthdate", "birthday", "birthyear", "dob", "yob", "born",
            "senior citizen", "seniorcitizen",
        ),
        "sex and gender": ("sex", "gender", "pronoun", "pronouns", "transgender", "male", "female"),
        "sexual orientation": ("sexual", "sexuality", "lgbt", "lgbtq"),
        "ethnic origin": ("race", "racial", "ethnicity", "ethnic", "skin", "caste", "indigenous"),
        "national origin": (
            "nationality", "national origin", "country of origin", "citizenship", "citizen", "birthplace", "refugee",
            "immigration", "immigrant", "migrant", "migration background", "native language", "mother tongue",
        ),
        "religion or belief": ("religion", "religious", "belief", "beliefs", "faith", "denomination"),
        "disability and health": (
            "disability", "disabled", "handicap", "impairment", "medical", "health condition", "health status",
            "illness", "disease", "diagnosis", "pregnant", "pregnancy", "genetic", "genetics",
        ),
        "family": (
            "marital", "married", "civil status", "divorced", "widowed", "maternity", "paternity", "parental",
            "parenthood", "family status", "children", "dependants", "dependents",
        ),
        "opinion and membership": ("political", "politics", "trade union", "union member", "veteran"),
        "social origin": ("social origin", "social class", "public assistance", "welfare"),
    }
)  # fmt: skip
"""Ground -> words, or several in a row, by which an attribute's name is known."""


def ground_of(*names: str) -> str | None:
    """The ground on which an attribute with any of those names is protected; None where it is on none."""
    for name in names:
        words = _words(name)
        for ground, spellings in PROTECTED.items():
            if any(f" {spelling} " in f" {words} " for spelling in spellings):
                return ground
    return None


def _words(name: str) -> str:
    """`ageGroup`, `AGE-GROUP` and `age_group` are `age group`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.findall(r"[a-z]+", apart.lower()))

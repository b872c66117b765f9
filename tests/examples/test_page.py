"""The page about the simulator says what the code computes, and leaves nothing out."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from examples.simulator.coefficients import ADOPTION, CHURN, DRIFT, UPGRADE
from examples.simulator.equations import equations
from examples.simulator.page import BLOCK, PAGE, filled
from examples.simulator.state import State
from features.errors import InputError
from features.ideas import IDEAS

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_has_not_drifted_from_the_code() -> None:
    assert filled(TEXT) == TEXT, "write it again with `python -m examples.simulator.page`"


def test_every_coefficient_stands_in_an_equation_or_is_spoken_of() -> None:
    told = "".join(part for part in re.split(r"(?s)<!-- table: .*?<!-- end -->", TEXT))
    names = {*DRIFT, *CHURN, *UPGRADE, *ADOPTION}

    assert sorted(name for name in names if not re.search(rf"(\bk\.|`k\.|`|^){name}\b", told, re.MULTILINE)) == []


def test_every_state_is_in_the_table_of_what_is_seen() -> None:
    seen = TEXT.split("## What is seen")[1].split("\n\n")[2]

    assert [field.name for field in fields(State) if f"`{field.name}`" not in seen] == []


def test_the_ideas_in_which_states_are_seen_are_ideas_of_the_features() -> None:
    rows = TEXT.split("## What is seen")[1].split("\n\n")[2].splitlines()[2:]
    ideas = {idea for row in rows for idea in re.findall(r"`([^`]+)`", row.split(" | ")[-1])}

    assert ideas
    assert ideas - set(IDEAS) == set()


def test_every_work_of_the_literature_is_cited_and_every_citation_is_listed() -> None:
    body, listed = TEXT.split("## Literature")
    works = [(row.split(",")[0].removeprefix("| "), re.findall(r"\((\d{4})\)", row)) for row in listed.splitlines()[4:]]
    cited = set(re.findall(r"([A-Z][\w-]+)(?: et al\.)? \(?(\d{4})", body))

    assert [name for name, years in works if not any(f"{name}" in body and year in body for year in years)] == []
    assert [one for one in cited if one[0] not in listed or one[1] not in listed] == []


def test_a_mark_that_asks_for_what_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match=r"drift\.nothing"):
        equations("drift.nothing")
    with pytest.raises(InputError, match="there is no nothing"):
        equations("drift.log_use: nothing")
    with pytest.raises(InputError, match="the table nothing"):
        filled("<!-- table: nothing -->\n<!-- end -->")


def test_an_equation_is_what_one_would_write_on_paper() -> None:
    assert equations("hazards.probability") == "probability = -expm1(-exp(log_hazard))"
    assert equations("drift.value_aim: unfit") == "unfit = minimum(broken_here, 1)"


def test_every_mark_is_closed() -> None:
    assert len(BLOCK.findall(TEXT)) == TEXT.count("<!-- equations: ") + TEXT.count("<!-- table: ")

"""The page about the simulator says what the code computes, and leaves nothing out."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from examples.simulator.coefficients import ADOPTION, CHURN, DRIFT, UPGRADE
from examples.simulator.drivers import IDEAS_OF
from examples.simulator.equations import equations
from examples.simulator.page import BLOCK, PAGE, filled
from examples.simulator.state import State
from features.errors import InputError

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


def test_every_driver_is_in_the_table_with_each_idea_that_it_is_credited_with() -> None:
    table = TEXT.split("<!-- table: drivers -->")[1].split("<!-- end -->")[0]
    found: dict[str, list[str]] = {}
    for row in table.splitlines()[3:]:
        driver, _, _, idea, why = (cell.strip() for cell in row[1:-1].split("|"))
        found.setdefault(driver or list(found)[-1], []).append(idea.strip("`"))
        assert len(why) > 10, row

    assert {name: tuple(ideas) for name, ideas in found.items()} == dict(IDEAS_OF)


def test_what_the_code_names_in_capitals_has_a_figure_on_the_page() -> None:
    told = "\n".join(re.findall(r"(?s)```text\n(.*?)```", TEXT))
    names = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", told)) - {"NEVER"}

    assert names
    assert [name for name in sorted(names) if not re.search(rf"\| `{name}` \| [\d.]+ \|", TEXT)] == []


def test_no_equation_reads_as_code() -> None:
    told = "\n".join(re.findall(r"(?s)```text\n(.*?)```", TEXT))

    assert [
        sign for sign in ("==", "'", " is ", " if ", "**", "np.", "sum(weights", "[thumbs]", "//") if sign in told
    ] == []


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

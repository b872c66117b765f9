"""What a language model says of a brief: no number outside the facts stands."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.brief import Brief, Fact
from serving.commentary import LINES, LONGEST, commentary

T = date(2026, 1, 1)
FACTS = (
    Fact("who.name", "Name", "Studio 54", "Studio 54", "text", "scored_accounts.name"),
    Fact("who.account_id", "Account", "A000204", "A000204", "text", "scored_accounts.account_id"),
    Fact("who.value", "Pays", "EUR 24,585 a year", 24585.0, "money", "scored_accounts.value_at_stake"),
    Fact("who.renewal", "Renews", "30 Jan 2026, in 29 days", "2026-01-30", "day", "facts.days_to_renewal"),
    Fact("health.churn", "Leaves", "28%", 0.27634, "share", "scored_accounts.churn_probability"),
    Fact("health.churn.keeps.1", "-4.5 points", "Seats in use fell to 13", -4.5, "points", "reasons.seats"),
    Fact("promises.open.1", "Ticket T-77", "promised by 20 Dec 2025, 12 days ago", "2025-12-20", "day", "tickets T-77"),
)
BRIEF = Brief("acme", T, FACTS)
TWELVE = Brief("acme", T, (Fact("growth.users", "Users", "12", 12.0, "count", "features.users_28d"),))


def shown(answer: str, brief: Brief = BRIEF) -> str:
    return "\n".join(commentary(answer, "hook", brief).as_text)


@pytest.mark.parametrize(
    "answer",
    [
        "They pay 24,585, 24.585, 24 585 or EUR24585 a year; about 24,600, 25,000, 25k or 25 thousand.".replace(
            "EUR24585", "24585"
        ),
        "The chance is 27.6 %, 27,6%, 28 percent or 0.276; twenty-eight percent.",
        "It renews on 2026-01-30, 30.1.2026, 1/30/2026, January 30th or 30 January 2026; in January 2026, in 2026.",
        "As of 1 Jan 2026; promised in December 2025, on the 20th of December.",
        "Thirteen seats; a dozen days ago, 12 days ago.",
        "That made -4.5 points, 4.5 points less.",
        "Studio 54 (A000204) waits for Ticket T-77, T-77.",
        "No one asked. Second, call them.",
    ],
)
def test_a_number_of_the_facts_stands_in_any_spelling(answer: str) -> None:
    assert shown(answer) == answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("They pay 24,500 or 20,000.", "They pay ~~24,500~~ or ~~20,000~~."),  # not how 24,585 is rounded; too far
        ("A chance of 27%, 30% or 28.", "A chance of ~~27%~~, ~~30%~~ or ~~28~~."),  # cut off, too far, no percentage
        ("Up by +4.5 points, 4.5%.", "Up by ~~+4.5~~ points, ~~4.5%~~."),  # the other sign, another unit
        ("It renews on 31 January 2026, in 2027.", "It renews on ~~31 January 2026~~, in ~~2027~~."),
        ("54 users, 204 of them, 77 tickets", "~~54~~ users, ~~204~~ of them, ~~77~~ tickets"),  # of names and ids
        ("in 29 365 ways", "in ~~29 365~~ ways"),  # which a reader takes for one number
        ("Twenty users, a third of all, hundreds", "~~Twenty~~ users, ~~a third~~ of all, ~~hundreds~~"),
        ("In Q3, at 12:30, 24/7", "In ~~Q3~~, at ~~12:30~~, ~~24/7~~"),
        ("Fell by 16, from 29 to 13", "Fell by ~~16~~, from 29 to 13"),  # sums of facts are no facts
        ("1\u200b3 and 1\u20de3, \u202e92", "13 and 13, ~~92~~"),  # marks that hide how it reads are gone
        ("\u0661\u0662 or \uff11\uff12", "~~\u0661\u0662~~ or ~~\uff11\uff12~~"),
        ("~~13~~ and ~~99~~", "~13~ and ~~~99~~~"),
    ],
)
def test_any_other_number_is_struck_out(answer: str, expected: str) -> None:
    assert shown(answer) == expected


def test_numbers_that_only_count_lines_become_dashes() -> None:
    assert shown("Ask:\n1. Who left?\n2) Why?\n13. That was one of the facts.\n99. No.") == (
        "Ask:\n- Who left?\n- Why?\n13. That was ~~one~~ of the facts.\n~~99~~. No."
    )


def test_the_note_says_what_was_struck_and_what_nobody_checked() -> None:
    assert commentary("13 or 14, 15", "hook", BRIEF).note == (
        "2 numbers, not among the facts, struck out. The other numbers are among the facts. "
        "What it says of them nobody has checked."
    )
    assert commentary("All well.", "hook", BRIEF).note == (
        "Its numbers are among the facts. What it says of them nobody has checked."
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "it answered nothing"),
        (" \n\u200b\x00\n", "it answered nothing"),
        ("x" * (LONGEST + 1), f"its answer is too long (901 characters on 1 lines; at most 900 on {LINES})"),
        ("x\n" * 11, f"its answer is too long (21 characters on 11 lines; at most 900 on {LINES})"),
    ],
)
def test_what_cannot_be_shown_is_said(answer: str, why: str) -> None:
    said = commentary(answer, "hook", BRIEF)
    assert (said.lines, said.note) == ((), f"There is no commentary: {why}.")


LETTERS = st.one_of(
    st.sampled_from("0011122223456789.,'-/%: \n+=½²٣三\u00a0\u200b\u0338"), st.characters(codec="utf-8")
)


@given(st.text(alphabet=LETTERS, max_size=60))
def test_of_the_one_fact_12_no_other_number_is_left(answer: str) -> None:
    left = [
        "".join(piece.text if not piece.struck else "#" for piece in line)
        for line in commentary(answer, "h", TWELVE).lines
    ]
    for found in re.findall(r"[\d.,]*\d", "\n".join(left)):
        assert re.fullmatch(r"[.,]*12([.,](0{1,2}|0{4,}))?", found), (found, left)
    assert not any(letter.isnumeric() and not letter.isascii() for letter in "".join(left))


SPELLINGS = ("{:,}", "{:,.1f}", "{:d}", "{:d}%", "{:,d} %", "{:d}k", "+{:d}", "-{:d}", "{:d} percent")


@given(
    st.integers(3000, 10**7),
    st.sampled_from(SPELLINGS),
    st.sampled_from([",", ".", " ", "\u00a0", "'"]),
    st.text("abc .,(", max_size=5),
)
def test_a_number_far_from_every_fact_is_struck_out_in_any_spelling(
    number: int, spelling: str, parts: str, around: str
) -> None:
    text = spelling.format(number).replace(",", parts)
    answer = f"so {around} {text} {around[::-1]}"
    if abs(Decimal(number) - 24585) * 20 > 24585 and abs(Decimal(1000 * number) - 24585) * 20 > 24585:
        left = "".join(
            piece.text for line in commentary(answer, "h", BRIEF).lines for piece in line if not piece.struck
        )
        assert not any(letter.isdigit() for letter in left)


WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)


@given(
    st.sampled_from([*WORDS.split(), "eighteen", "nineteen", "twenty"]),
    st.sampled_from(["{}", "{} percent", "{}-fold", "({})"]),
)
def test_of_the_one_fact_12_no_other_word_for_a_number_is_left(word: str, around: str) -> None:
    said = commentary(f"There are {around.format(word.title())} of them", "h", TWELVE)
    struck = [piece.text for line in said.lines for piece in line if piece.struck]
    assert bool(struck) == (word != "twelve" or "percent" in around)


@given(
    st.dates(date(1990, 1, 1), date(2040, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d %b %Y"]),
)
def test_a_day_stands_only_where_it_is_one_of_the_facts(day: date, spelling: str) -> None:
    said = commentary(f"On {day.strftime(spelling)} it was.", "h", BRIEF)
    assert bool([piece for line in said.lines for piece in line if piece.struck]) == (
        day not in (T, date(2026, 1, 30), date(2025, 12, 20))
    )

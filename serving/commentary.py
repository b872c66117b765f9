"""What a language model said of a brief, with every number struck out that is not among the brief's facts.

A number stands where it is a number of the facts, in any spelling (`serving.spelling`), or is one of them rounded: by
no more than half of what one in its last written digit is worth, and by no more than a twentieth. A percentage is only
ever a percentage of the facts; a written sign has to be that of the fact. A day stands where a day of the facts agrees
with all that was written of it. Names and ids of the facts may be quoted whole, whatever digits they hold. Anything
else that holds a digit is struck out. Nobody checks what is said of a number that stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from serving.brief import Brief, Commentary, Fact, Piece
from serving.spelling import Amount, Day, Written, written

LONGEST = 900
"""Characters of a commentary: more would not fit beside the facts on one page."""
LINES = 10
TOLERANCE = Decimal("0.05")
"""A number within a twentieth of another is the same in words, as in reasons (`serving.wording.SAME`)."""
UNCHECKED = "What it says of them nobody has checked."
HANDED = "Handed over: every fact and question of this brief, as --brief --json prints them, and nothing else."
"""Said below each commentary, and below the note that there is none."""


@dataclass(frozen=True)
class Among:
    """The numbers and days of a brief."""

    brief: Brief

    def stands(self, place: Written) -> bool:
        """Whether what is written there is among the facts."""
        return any(
            any(map(reading.matches, self.days)) if isinstance(reading, Day) else self._stands(reading)
            for reading in place.readings
        )

    @cached_property
    def days(self) -> frozenset[date]:
        """Every day of the facts."""
        told = [self.brief.as_of]
        for fact in self.brief.facts:
            if fact.unit == "day":
                told.append(date.fromisoformat(str(fact.value)))
            told += [_date(reading) for reading in _readings(fact.text) if isinstance(reading, Day) and _whole(reading)]
        return frozenset(told)

    @cached_property
    def numbers(self) -> frozenset[tuple[Decimal, bool]]:
        """Every number of the facts, and whether it is a percentage; names hold none."""
        told: set[tuple[Decimal, bool]] = set()
        for fact in self.brief.facts:
            if fact.unit != "text":
                told |= set(_numbers(fact))
        return frozenset(told)

    @cached_property
    def quotable(self) -> re.Pattern[str]:
        """Names, ids and labels that hold a digit, the longest first."""
        texts = [fact for fact in self.brief.facts if fact.unit == "text"]
        named = {fact.text for fact in texts} | {str(fact.value) for fact in texts} | {self.brief.company}
        named |= {fact.label for fact in self.brief.facts} | {fact.label.partition(" ")[2] for fact in self._promised}
        held = sorted(
            (clean(text) for text in named if any(map(str.isnumeric, text))), key=lambda text: (-len(text), text)
        )
        return re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in held if text) or r"(?!)")

    @property
    def _promised(self) -> tuple[Fact, ...]:
        return self.brief.of("promises.open.")

    def _stands(self, amount: Amount) -> bool:
        return any(
            percent == amount.percent
            and (not amount.sign or (number < 0) == (amount.sign == "-"))
            and _near(amount, number)
            for number, percent in self.numbers
        )


def commentary(answer: str, by: str, brief: Brief) -> Commentary:
    """The answer as it is shown: cleaned, and with every number struck out that is not among the facts."""
    text = clean(answer)
    if not text:
        return failed(by, "it answered nothing")
    if len(text) > LONGEST or text.count("\n") >= LINES:
        size = f"{len(text):,} characters on {text.count(chr(10)) + 1} lines"
        return failed(by, f"its answer is too long ({size}; at most {LONGEST:,} on {LINES})")
    among = Among(brief)
    pieces = list(_pieces(text, among))
    struck = sum(piece.struck for piece in pieces)
    counted = f"{struck} number{'' if struck == 1 else 's'}, not among the facts, struck out. " if struck else ""
    note = f"{counted}{'The other numbers' if struck else 'Its numbers'} are among the facts. {UNCHECKED}"
    return Commentary(by, tuple(_by_line(pieces)), note)


def failed(by: str, why: str) -> Commentary:
    """In place of a commentary: why there is none."""
    return Commentary(by, (), f"There is no commentary: {why}.")


def clean(text: str) -> str:
    """The text with no control or format characters, marks on digits, or list numbers; blank lines are left out."""
    kept: list[str] = []
    for letter in re.sub(r"\r\n?|[\u2028\u2029\v\f\x85]", "\n", text):
        kind = unicodedata.category(letter)
        if letter == "\n" or kind == "Zs" or letter.isprintable():
            if kind in ("Mn", "Me") and kept and kept[-1].isnumeric():
                continue
            kept.append(letter)
        elif letter == "\t":
            kept.append(" ")
    lines = [line.strip() for line in re.sub(r"~{2,}", "~", "".join(kept)).split("\n")]
    return "\n".join(_without_list_numbers([line for line in lines if line]))


def _without_list_numbers(lines: list[str]) -> Iterator[str]:
    """`1. Call them`, `2. Ask`: numbers that only count the lines become dashes."""
    following = 1
    for line in lines:
        match = re.match(r"(\d{1,2})[.)] +(?=\S)", line)
        if match and int(match[1]) == following:
            following += 1
            yield f"- {line[match.end() :]}"
        else:
            yield line


def _pieces(text: str, among: Among) -> Iterator[Piece]:
    quoted = [match.span() for match in among.quotable.finditer(text)]
    done = 0
    for place in written(text):
        if among.stands(place) or any(start <= place.start and place.end <= end for start, end in quoted):
            continue
        if place.start > done:
            yield Piece(text[done : place.start])
        yield Piece(text[place.start : place.end], struck=True)
        done = place.end
    if done < len(text):
        yield Piece(text[done:])


def _by_line(pieces: list[Piece]) -> Iterator[tuple[Piece, ...]]:
    line: list[Piece] = []
    for piece in pieces:
        first, *others = piece.text.split("\n")
        line.append(Piece(first, piece.struck))
        for text in others:
            yield tuple(line)
            line = [Piece(text, piece.struck)]
    yield tuple(line)


def _numbers(fact: Fact) -> Iterator[tuple[Decimal, bool]]:
    """The numbers of one fact: its value, and those of its words."""
    if isinstance(fact.value, (int, float)):
        value = Decimal(repr(fact.value))
        yield value, False
        if fact.unit == "share":
            yield 100 * value, True
    for reading in _readings(fact.text):
        if isinstance(reading, Amount):
            yield reading.value * (-1 if reading.sign == "-" else 1), reading.percent


def _readings(text: str) -> Iterator[Amount | Day]:
    return (reading for place in written(text) for reading in place.readings)


def _near(amount: Amount, number: Decimal) -> bool:
    """Whether the amount is that number, or that number rounded."""
    away = abs(amount.value - abs(number))
    return away == 0 or (away <= amount.step / 2 and away <= TOLERANCE * abs(number))


def _whole(day: Day) -> bool:
    try:
        _date(day)
    except (TypeError, ValueError):
        return False
    return True


def _date(day: Day) -> date:
    return date(day.year or 0, day.month or 0, day.day or 0)

"""Numbers and days in a text, in the spellings in which people and machines write them.

What is read: digits with thousands apart (`1,234`, `1.234`, `1 234`, `1'234`) or decimals (`12.5`, `12,5`), a sign, a
percent sign or word, `k`, `m`, `bn` and their words, English number words (`twenty-one`, `a dozen`, `twice`, `half`)
and ordinals, and days (`2026-01-31`, `31.1.2026`, `1/31/2026`, `31 January 2026`, `January 31`, `January 2026`).
Anything else that holds a digit, or a character that Unicode takes for a number, is found too, and has no reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from serving.number_words import MONTHS, ORDINALS, SCALES, SUFFIXES, TENS, UNITS, VAGUE, WORDS

SHARES = rf"(?:an?|one)[\s-]+(?:quarter|{'|'.join(ORDINALS[1:])})|(?:{'|'.join(TENS)})[\s-]+first"
"""A part of something; in doubt, as in `a third ticket`, too. And the ordinals that end with `first`."""


TIMES = {**SCALES, **SUFFIXES}


@dataclass(frozen=True)
class Amount:
    """A number as it was written."""

    value: Decimal
    step: Decimal = Decimal(1)
    """What one more in its last written digit would add."""
    percent: bool = False
    sign: str = ""
    """`+` or `-` where one was written."""


@dataclass(frozen=True)
class Day:
    """A day, or as much of it as was written."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def matches(self, day: date) -> bool:
        """Whether that day agrees with all that was written."""
        pairs = ((self.year, day.year), (self.month, day.month), (self.day, day.day))
        return all(written is None or written == other for written, other in pairs)


@dataclass(frozen=True)
class Written:
    """A place of a text where a number or a day stands, and every way in which it can be read."""

    start: int
    end: int
    readings: tuple[Amount | Day, ...]


_MONTH = rf"(?P<{{}}>{'|'.join(f'{name}|{name[:3]}' for name in MONTHS)}|sept)\.?"
_TH = r"(?:st|nd|rd|th)?"
_AGO = r"(?<![\w.,:/-])"
_ON = r"(?!\w)(?![.,:/-]\d)"
_DAY = re.compile(
    "|".join(
        (
            rf"{_AGO}(?P<y1>\d{{4}})(?P<s1>[-/.])(?P<m1>\d{{1,2}})(?:(?P=s1)(?P<d1>\d{{1,2}}))?{_ON}",
            rf"{_AGO}(?P<a2>\d{{1,2}})(?P<s2>[-/.])(?P<b2>\d{{1,2}})(?P=s2)(?P<y2>\d{{4}}){_ON}",
            rf"{_AGO}(?P<d3>\d{{1,2}}){_TH}(?: of)?[ -]{_MONTH.format('m3')}(?:,?[ -](?P<y3>\d{{4}}))?{_ON}",
            rf"(?<!\w){_MONTH.format('m4')} (?P<d4>\d{{1,2}}){_TH}(?:,? (?P<y4>\d{{4}}))?{_ON}",
            rf"(?<!\w){_MONTH.format('m5')},? (?P<y5>\d{{4}}){_ON}",
        )
    ),
    re.IGNORECASE,
)
_SPACED = r"(?<![\w.,])\d{1,3}(?:[^\S\n]\d{3})+(?!\w)(?:[.,]\d+)?(?!\w)"
_TOKEN = re.compile(rf"{_SPACED}|\w+(?:(?<=[0-9])[^\w\s%()\[\]]{{1,2}}(?=[0-9])\w+)*")
_NUMBER = re.compile(r"(?P<digits>\d[\d.,'’]*?)(?P<letters>[a-z]*)", re.IGNORECASE | re.ASCII)
_RANGE = re.compile(r"([\d.,'’]+)[-–—]([\d.,'’]+)", re.ASCII)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([.,'’ ])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?", re.ASCII)
_PLAIN = re.compile(r"(?:0|[1-9]\d*)(?:[.,]\d+)?", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_PERCENT = re.compile(r"[^\S\n]?(?:%|percent(?!\w)|per cent(?!\w)|pct(?!\w))", re.IGNORECASE)
_SCALE = re.compile(rf"[^\S\n]?({'|'.join([*SCALES, *SUFFIXES])})(?!\w)", re.IGNORECASE)
_WORD = "|".join(sorted([*WORDS, *VAGUE], key=len, reverse=True))
_SPELLED = re.compile(
    rf"(?<!\w)(?:{SHARES}|(?:{_WORD})(?:(?:[\s-]+(?:and[\s-]+)?)(?:{_WORD}))*)(?:-?fold)?(?!\w)", re.IGNORECASE
)
_NO_NUMBER = re.compile(
    r"(?<!\w)(?:no one|one another)(?!\w)|(?:^|(?<=[.!?] ))(?:second|third|fourth|fifth)(?=, )", re.I | re.M
)
"""`no one` counts nobody, and `Second, ask them` counts what is said."""


def written(text: str) -> list[Written]:
    """Every number and day of a text, in their order; no two overlap.

    Every digit of the text, and every other character that Unicode takes for a number, lies in one of them.
    """
    found = [_day(match) for match in _DAY.finditer(text)]
    found += [place for place in _tokens(text) if not _within(place, found)]
    silent = [Written(*match.span(), ()) for match in _NO_NUMBER.finditer(text)]
    found += [place for place in _spelled(text) if not _within(place, [*found, *silent])]
    return sorted(found, key=lambda place: place.start)


def _within(place: Written, others: list[Written]) -> bool:
    return any(place.start < other.end and other.start < place.end for other in others)


def _day(match: re.Match[str]) -> Written:
    part = {name: text for name, text in match.groupdict().items() if text is not None}
    kind = next(name[1] for name in part if name[0] in "ym")
    year = int(part[f"y{kind}"]) if f"y{kind}" in part else None
    if kind == "2":
        first, second = int(part["a2"]), int(part["b2"])
        ways = {(first, second)} if part["s2"] != "/" else {(first, second), (second, first)}
        readings = [Day(year, month, day) for day, month in sorted(ways) if 1 <= month <= 12]
    else:
        month = part[f"m{kind}"]
        number = int(month) if month.isdigit() else 1 + [name[:3] for name in MONTHS].index(month[:3].lower())
        readings = [Day(year, number, int(part[f"d{kind}"]) if f"d{kind}" in part else None)]
    return Written(*match.span(), tuple(readings))


def _tokens(text: str) -> Iterator[Written]:
    """What holds a digit, or another character for a number."""
    for match in _TOKEN.finditer(text):
        token, start, end = match.group(), match.start(), match.end()
        if not any(letter.isnumeric() for letter in token):
            continue
        if parts := _RANGE.fullmatch(token):
            yield _amount(text, parts[1], start, start + len(parts[1]))
            yield _amount(text, parts[2], end - len(parts[2]), end)
        else:
            yield _amount(text, token, start, end)


def _amount(text: str, token: str, start: int, end: int) -> Written:
    """The number of a token, with its sign before it and its percent or scale behind it."""
    match = _NUMBER.fullmatch(re.sub(r"[^\S\n]", " ", token).replace(" ", "'"))
    if scale := _SCALE.match(text, end):
        end = scale.end()
    percent = _PERCENT.match(text, end)
    end = percent.end() if percent else end
    sign = text[start - 1] if start and text[start - 1] in "+-−" else ""
    if sign and start > 1 and not (text[start - 2].isspace() or text[start - 2] in "(["):
        sign = ""
    start -= len(sign)
    if match is None or text[end : end + 1] == "‰":
        return Written(start, end, ())
    letters = match["letters"].lower()
    times = Decimal(SUFFIXES.get(letters, 1)) * (TIMES[scale[1].lower()] if scale else 1)
    read = _digits(match["digits"])
    if read is None or (letters not in SUFFIXES and letters not in UNITS):
        return Written(start, end, ())
    value, step = read
    amount = Amount(value * times, step * times, percent is not None, "-" if sign == "−" else sign)
    if _YEAR.fullmatch(text[start:end]):
        return Written(start, end, (amount, Day(year=int(value))))
    return Written(start, end, (amount,))


def _digits(digits: str) -> tuple[Decimal, Decimal] | None:
    """The value and the step of digits; None where they are no number, such as `0012` or `1.2.3`.

    Groups of three are thousands, whatever parts them: `1.234` and `1,234` are the same number.
    """
    if match := _GROUPED.fullmatch(digits):
        whole, decimals = digits.replace(match[1], ""), ""
        for point in ".,":
            if point in whole:
                whole, decimals = whole.split(point)
    elif _PLAIN.fullmatch(digits):
        whole, _, decimals = digits.replace(",", ".").partition(".")
    else:
        return None
    value = Decimal(f"{whole}.{decimals}" if decimals else whole)
    return value, Decimal(1).scaleb(-len(decimals)) if decimals else _place(value)


def _place(value: Decimal) -> Decimal:
    """The step of a whole number: 100 of 24600, which may be rounded; 1 of anything below 100."""
    if abs(value) < 100:
        return Decimal(1)
    digits = str(int(value))
    return Decimal(10) ** (len(digits) - len(digits.rstrip("0")))


def _spelled(text: str) -> Iterator[Written]:
    for match in _SPELLED.finditer(text):
        percent = _PERCENT.match(text, match.end())
        end = percent.end() if percent else match.end()
        spelled = re.sub("-?fold$", "", match.group().lower())
        words = [word for word in re.split(r"[\s-]+", spelled) if word != "and"]
        value = _value(words)
        amount = () if value is None else (Amount(value, _place(value), percent is not None),)
        yield Written(match.start(), end, amount)


def _value(words: list[str]) -> Decimal | None:
    """The number that the words make together; None where they make none, or several."""
    total, part, last = Decimal(0), Decimal(0), ""
    for word in words:
        if word not in WORDS:
            return None
        value = WORDS[word]
        if word in SCALES or word == "dozen":
            part = (part if last else Decimal(1)) * value
            if word not in ("hundred", "dozen"):
                total, part = total + part, Decimal(0)
        elif not last or last in SCALES or (last in TENS and 1 <= value <= 9 and word not in TENS):
            part += value
        else:
            return None
        last = word
    return total + part

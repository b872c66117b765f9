"""The English words for numbers that are read in a commentary (`serving.spelling`), and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

MONTHS: tuple[str, ...] = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
SMALL: tuple[str, ...] = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
"""From 0 on."""
TENS: tuple[str, ...] = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS: tuple[str, ...] = (
    *("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
    *("thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"),
)
"""From 2 on: `first` mostly says what comes before the rest, and is let be."""
TENTHS: tuple[str, ...] = (
    *("thirtieth", "fortieth", "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth"),
    *("hundredth", "thousandth", "millionth"),
)
DECADES: tuple[str, ...] = (
    "twenties",
    "thirties",
    "forties",
    "fifties",
    "sixties",
    "seventies",
    "eighties",
    "nineties",
)
SCALES: Mapping[str, int] = {
    **{"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12},
    **{"lakh": 10**5, "crore": 10**7},
}
SUFFIXES: Mapping[str, int] = {"k": 1000, "m": 10**6, "mn": 10**6, "mio": 10**6, "bn": 10**9, "mrd": 10**9}
UNITS: tuple[str, ...] = ("", "st", "nd", "rd", "th", "x", "h", "d", "s")
"""Letters that may stand right behind a number and change nothing about it."""
WORDS: Mapping[str, Decimal] = (
    {word: Decimal(place) for place, word in enumerate(SMALL)}
    | {word: Decimal(10 * place) for place, word in enumerate(TENS, 2)}
    | {word: Decimal(place) for place, word in enumerate(ORDINALS, 2)}
    | {word: Decimal(scale) for word, scale in SCALES.items()}
    | {"twice": Decimal(2), "thrice": Decimal(3), "dozen": Decimal(12)}
    | dict.fromkeys(("half", "halve", "halves", "halved"), Decimal("0.5"))
    | dict.fromkeys(("double", "doubles", "doubled"), Decimal(2))
    | dict.fromkeys(("triple", "triples", "tripled"), Decimal(3))
)
VAGUE: tuple[str, ...] = (
    *("dozens", "hundreds", "thousands", "millions", "billions", "trillions", "quarters", "quadruple", "quadrupled"),
    *(f"{word}s" for word in ORDINALS[1:]),
    *TENTHS,
    *(f"{word}s" for word in TENTHS),
    *DECADES,
)
"""Words that stand for a number and say none, or a part of one: never among the facts."""

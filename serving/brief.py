"""The account brief: one page for a meeting, made of facts, and of questions that rest on them.

Everything that the brief says stands in one frozen record. A fact has a key, a value, a unit and the place that it
comes from; page, terminal and a language model of the company's choice are told from the same facts, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any

SECTIONS: Mapping[str, str] = {
    "who": "Who it is",
    "health": "Health",
    "ladder": "The ladder",
    "moments": "Moments of truth for the next plan",
    "promises": "Open promises",
    "growth": "Growth",
    "next": "Suggested next step",
}
"""How keys begin, in the order in which the brief tells them, and what stands above each."""


@dataclass(frozen=True)
class Fact:
    """One thing that was known of the account at the as_of."""

    key: str
    """`ladder.trust`, `promises.open.1`: its section first; no two facts share one."""
    label: str
    text: str
    """The value in words, as it is shown beside the label."""
    value: float | str | None
    """A number; a day as `2026-01-31`; or a text. A share is 0 to 1."""
    unit: str
    """As features have it (`count`, `share`, `money` a year, ...), or `day`, or `text`."""
    source: str
    """Where it comes from: a file and column of the list, a feature, or a row of a table."""


@dataclass(frozen=True)
class Question:
    """Something to ask the customer."""

    text: str
    rests_on: str
    """The key of the fact that led to it."""
    rule: str
    """Which rule: see `serving.questions`."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a commentary on one line."""

    text: str
    struck: bool = False


@dataclass(frozen=True)
class Commentary:
    """What was said of the facts, or why nothing was."""

    by: str
    """Who was asked: the hook as the config names it."""
    lines: tuple[tuple[Piece, ...], ...] = ()
    note: str = ""

    @property
    def as_text(self) -> list[str]:
        """Its lines, what is struck out as `~~12~~`."""
        return ["".join(f"~~{piece.text}~~" if piece.struck else piece.text for piece in line) for line in self.lines]


@dataclass(frozen=True)
class Brief:
    """The facts of one account, the questions that they lead to, and what is not known."""

    company: str
    as_of: date
    facts: tuple[Fact, ...]
    questions: tuple[Question, ...] = ()
    unknown: tuple[str, ...] = ()
    """What cannot be told, and why; a sentence each."""
    commentary: Commentary | None = None
    """What the company's own language model said of the same facts; None where none is asked."""

    @cached_property
    def by_key(self) -> Mapping[str, Fact]:
        """Every fact by its key."""
        return {fact.key: fact for fact in self.facts}

    def of(self, beginning: str) -> tuple[Fact, ...]:
        """The facts whose keys begin so, in their order."""
        return tuple(fact for fact in self.facts if fact.key.startswith(beginning))

    def text(self, key: str) -> str:
        """The words of a fact; empty where it is not known."""
        return self.by_key[key].text if key in self.by_key else ""

    def as_json(self) -> dict[str, Any]:
        """All facts and questions: what `--json` prints, and exactly what a language model would be handed."""
        return {
            "company": self.company,
            "as_of": self.as_of.isoformat(),
            "facts": [asdict(fact) for fact in self.facts],
            "questions": [asdict(question) for question in self.questions],
            "unknown": list(self.unknown),
        }

    @property
    def handed_over(self) -> bytes:
        """The same as UTF-8, as it is written to a hook's standard input."""
        return json.dumps(self.as_json(), ensure_ascii=False, indent=2, allow_nan=False).encode("utf-8", "replace")

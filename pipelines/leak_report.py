"""What `holdfast leakcheck` found, what it looked at and what it could not: for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from features.guards.finding import Finding

LISTED = 6
"""Columns behind a feature that a line names."""


@dataclass(frozen=True)
class Found:
    """One finding, with the outcome that it was found for and the tables and columns at fault."""

    finding: Finding
    outcome: str | None
    """None where it holds whatever the outcome."""
    columns: tuple[str, ...]
    """`table` or `table.column`: the place itself, or what the features that it is about are made of."""

    def as_json(self) -> dict[str, Any]:
        """Plain values only."""
        finding = self.finding
        return {
            "guard": finding.guard,
            "place": finding.place,
            "outcome": self.outcome,
            "columns": list(self.columns),
            "features": list(finding.features),
            "figure": round(finding.figure, 6),
            "rule": finding.rule,
            "seen": finding.seen,
            "do": finding.remedy,
        }


@dataclass(frozen=True)
class Looked:
    """Guards that ran, and on what; or that could not, and why."""

    guards: tuple[str, ...]
    outcome: str | None
    text: str

    def __str__(self) -> str:
        return f"{', '.join(self.guards)}{f' ({self.outcome})' if self.outcome else ''}: {self.text}"

    def as_json(self, key: str) -> dict[str, Any]:
        """Plain values only; the text under `key`."""
        return {"guards": list(self.guards), "outcome": self.outcome, key: self.text}


@dataclass(frozen=True)
class LeakReport:
    """All that the guards have to say about one company's data."""

    company: str
    as_of: date
    found: tuple[Found, ...]
    looked: tuple[Looked, ...]
    not_looked: tuple[Looked, ...] = field(default=())

    @property
    def places(self) -> tuple[str, ...]:
        """Everything that a finding names, each once, in the order in which they were found."""
        return tuple(dict.fromkeys(found.finding.place for found in self.found))

    def as_json(self) -> dict[str, Any]:
        """The report for a program."""
        return {
            "company": self.company,
            "as_of": self.as_of.isoformat(),
            "clean": not self.found,
            "found": [found.as_json() for found in self.found],
            "looked_at": [looked.as_json("what") for looked in self.looked],
            "not_looked_at": [looked.as_json("why") for looked in self.not_looked],
        }


def render(report: LeakReport) -> str:
    """The report as plain text: what was found, guard by guard, then what that covers and what it does not."""
    count = len(report.places)
    verdict = "nothing was found" if not count else f"{count} place{'' if count == 1 else 's'} to look into"
    parts = [f"{report.company} as of {report.as_of}: {verdict}", *_blocks(report.found)]
    for heading, lines in (("Looked at", report.looked), ("Could not be looked at", report.not_looked)):
        if lines:
            parts.append("\n".join([heading, *(f"  - {line}" for line in lines)]))
    return "\n\n".join(parts)


def _blocks(found: Sequence[Found]) -> Iterator[str]:
    """One block a guard and rule: the rule, what was seen at each place, what to do."""

    def said(item: Found) -> tuple[str, str, str]:
        return item.finding.guard, item.finding.rule, item.finding.remedy

    for (guard, rule, remedy), items in groupby(sorted(found, key=said), said):
        yield "\n".join([f"{guard}: {rule}.", *(f"  - {_line(item)}" for item in items), f"  To do: {remedy}."])


def _line(item: Found) -> str:
    notes = [item.outcome] if item.outcome else []
    if item.finding.features and item.columns and item.finding.place not in item.columns:
        more = f" and {len(item.columns) - LISTED} more" if len(item.columns) > LISTED else ""
        notes.append(f"made of {', '.join(item.columns[:LISTED])}{more}")
    return item.finding.seen + (f" [{'; '.join(notes)}]" if notes else "")

"""The ledger of one kept rollup: which days of the source went into it, and in which file each of them stands.

    <folder>/<rollup>/<definition>/ledger.json      written last, in one move: it names whole files only
                                   part-<digest>.parquet

A day that was read anew stands in a newer part; of an older one its rows do not count any more.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from features.marked import Mark

LEDGER = "ledger.json"
FIRSTS = "first-days-{}.parquet"
"""What is kept beside a part by its state: since when each entity was seen, as that became known by it."""
WHOLE = "all"
"""What stands in place of a day where a rollup is not made day by day."""
MOST = 12
"""Parts that one rollup has at most: each file more takes time to open."""
LARGE = 4
"""A part with less than a fourth of all events is merged with others of that kind when there are too many parts."""


@dataclass(frozen=True)
class Entry:
    """One day of the source, as it was when it was read."""

    mark: Mark
    part: str
    """The file in which it stands."""


@dataclass(frozen=True)
class Ledger:
    """What a kept rollup consists of."""

    days: Mapping[str, Entry] = field(default_factory=dict)
    """By day, or `all`."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Files, with the number of events that went into each."""

    @classmethod
    def read(cls, place: Path) -> Ledger:
        """The ledger in that folder without what stands in files that are gone; an empty one where there is none."""
        try:
            content = json.loads((place / LEDGER).read_bytes())
            parts = {name: int(events) for name, events in content["parts"].items() if (place / name).is_file()}
            days = {day: _entry(line) for day, line in content["days"].items() if line["part"] in parts}
        except (OSError, ValueError, KeyError, TypeError):
            return cls()
        return cls(days, parts)

    def write(self, place: Path, **told: str) -> None:
        """Puts the ledger into the folder in one move, with what else a person may want to know of it."""
        lines = {day: _line(entry) for day, entry in sorted(self.days.items())}
        content = json.dumps({**told, "parts": dict(self.parts), "days": lines}, indent=1) + "\n"
        aside = place / f".{LEDGER}.{os.getpid()}"
        with aside.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(place / LEDGER)

    def stale(self, wanted: Mapping[str, Mark]) -> list[str]:
        """The days, in order, that are not here, or were other when they were read."""
        return [day for day in sorted(wanted) if day not in self.days or self.days[day].mark != wanted[day]]

    def without(self, days: Iterable[str]) -> Ledger:
        """The same without those days."""
        gone = set(days)
        return self._of({day: entry for day, entry in self.days.items() if day not in gone}, self.parts)

    def with_part(self, part: str, marks: Mapping[str, Mark]) -> Ledger:
        """The same with those days in a part of their own, instead of where they stood."""
        days = {**self.days, **{day: Entry(mark, part) for day, mark in marks.items()}}
        events = sum(mark.rows for mark in marks.values())
        return self._of(days, {**self.parts, part: events}, keep=part)

    def standing(self, part: str) -> dict[str, Mark]:
        """The days that count of a part."""
        return {day: entry.mark for day, entry in self.days.items() if entry.part == part}

    def state(self, part: str) -> str:
        """What of a part counts, in sixteen digits: the same days as they were then have the same state."""
        return state_of(self.standing(part))

    def to_merge(self) -> tuple[str, ...]:
        """The parts that are better one: small ones where there are too many, and those that are stale by half."""
        events = {part: sum(mark.rows for mark in self.standing(part).values()) for part in self.parts}
        total = sum(events.values())
        wasted = [part for part in self.parts if 2 * events[part] < self.parts[part]]
        small = [part for part in self.parts if LARGE * events[part] < total]
        chosen = sorted({*wasted, *(small if wasted or len(self.parts) > MOST else ())})
        return tuple(chosen) if wasted or len(chosen) > 1 else ()

    @staticmethod
    def _of(days: Mapping[str, Entry], parts: Mapping[str, int], keep: str | None = None) -> Ledger:
        """Only with parts of which any day counts; and `keep`, for even no rows have columns."""
        used = {entry.part for entry in days.values()} | ({keep} if keep else set())
        return Ledger(days, {part: events for part, events in parts.items() if part in used})


def state_of(marks: Mapping[str, Mark]) -> str:
    """Days as they are, in sixteen digits."""
    told = "\n".join(f"{day} {mark}" for day, mark in sorted(marks.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _line(entry: Entry) -> dict[str, Any]:
    """A day as it stands in the file; the digest in text, as it is larger than a number of JSON may be."""
    known = entry.mark.known_at.isoformat() if entry.mark.known_at else None
    return {"rows": entry.mark.rows, "digest": str(entry.mark.digest), "known_at": known, "part": entry.part}


def _entry(line: Mapping[str, Any]) -> Entry:
    known = datetime.fromisoformat(line["known_at"]) if line["known_at"] else None
    return Entry(Mark(int(line["rows"]), int(line["digest"]), known), line["part"])

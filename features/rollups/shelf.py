"""The folder in which rollups are kept from build to build: who uses it, what was read anew, and what may go.

    rollups/builds.json                the last builds, and how much of each rollup they read anew
    rollups/.lock                      held shared by every build for as long as it lasts
    rollups/<rollup>/<definition>/     see `features/rollups/ledger.py`

Files go only under the lock held alone (`features/lock.py`).
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.errors import RefusedError
from features.lock import locked
from features.rollups.ledger import FIRSTS, LEDGER, Ledger

BUILDS = "builds.json"
KEPT = 5
"""A definition that none of so many builds asked for is removed."""


class Shelf:
    """The folder of kept rollups as one build uses it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.anew: dict[str, tuple[int, int]] = {}
        """By rollup, how many days were read anew, of how many; of one that is not made day by day, 0 or 1 of 1."""
        self._began = time.time()

    @classmethod
    def at(cls, folder: Path | Shelf | None) -> Shelf | None:
        """The shelf in that folder, if there is to be one."""
        return cls(folder) if isinstance(folder, Path) else folder

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While this stands open, no other build removes anything."""
        with self._locked(alone=False):
            yield

    def note(self, rollup: str, few: int, many: int) -> None:
        """Remembers how many days of a rollup were read anew; one build asks for it several times."""
        self.anew[rollup] = (few + self.anew.get(rollup, (0, 0))[0], many)

    @property
    def in_words(self) -> str:
        """`consumption 1 of 548 days, tickets; 12 as they were`: what was read anew."""
        told = [
            f"{name} {few:,} of {many:,} days" if many > 1 else name
            for name, (few, many) in sorted(self.anew.items())
            if few
        ]
        same = sum(not few for few, _ in self.anew.values())
        return "; ".join(filter(None, [", ".join(told) or "nothing", f"{same} as they were" if same else ""]))

    def tidy(self) -> bool:
        """Writes down the build, and removes what no build needs any more; not while another build is under way.

        Says whether it did.
        """
        with self._locked(alone=True) as alone:
            if not alone:
                return False
            builds = [*self._builds()[1 - KEPT :], {"began": self._began, "anew": self.anew}]
            self._write(builds)
            oldest = float(builds[0]["began"]) if len(builds) == KEPT else 0.0  # type: ignore[arg-type]
            for place in self.folder.glob("*/*"):
                _clear(place, oldest)
            for emptied in self.folder.iterdir():
                if emptied.is_dir() and not any(emptied.iterdir()):
                    emptied.rmdir()
        return True

    def forget(self) -> None:
        """Removes everything that is kept, so that the next build reads everything anew.

        Raises:
            RefusedError: another build is under way and may be using it.
        """
        with self._locked(alone=True) as alone:
            if not alone:
                raise RefusedError(
                    f"Kept rollups are removed while nobody uses them; another build is using {self.folder}. "
                    "Wait until it has ended."
                )
            for found in self.folder.iterdir():
                if found.is_dir():
                    shutil.rmtree(found)
                elif found.name != ".lock":
                    found.unlink()

    def _builds(self) -> list[dict[str, object]]:
        try:
            builds = json.loads((self.folder / BUILDS).read_bytes())
            return [build for build in builds if isinstance(build["began"], float)]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def _write(self, builds: list[dict[str, object]]) -> None:
        aside = self.folder / f".{BUILDS}.{os.getpid()}"
        aside.write_text(json.dumps(builds, indent=1) + "\n", encoding="utf-8")
        aside.replace(self.folder / BUILDS)

    @contextmanager
    def _locked(self, alone: bool) -> Iterator[bool]:
        """The lock, shared or (if nobody else holds it) alone; says whether it was to be had."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".lock").touch()
        with locked(self.folder / ".lock", alone) as had:
            yield had


def _clear(place: Path, oldest: float) -> None:
    """Removes a definition not asked for since then; of another, the files that its ledger does not name."""
    ledger = place / LEDGER
    used = ledger if ledger.is_file() else place
    if used.stat().st_mtime < oldest:
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        return
    if ledger.is_file():
        found = Ledger.read(place)
        named = {LEDGER, *found.parts, *(FIRSTS.format(found.state(part)) for part in found.parts)}
        for file in place.iterdir():
            if file.name not in named:
                file.unlink()

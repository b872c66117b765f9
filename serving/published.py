"""Lists that were published, read whole and as they were written; where they lie: `serving.publishing`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from features.errors import RefusedError
from serving.changes import no_changes
from serving.drivers import no_drivers
from serving.files import read_parquet
from serving.frame_types import REASON_TYPES, no_moves
from serving.manifest import MANIFEST, Manifest, damage

PUBLISHED = "published"
LATEST = "latest"
LISTS = ".lists"
ATTEMPTS = 5
"""How often a reader opens a list that is being replaced again and again."""


@dataclass(frozen=True)
class Published:
    """A list that was published, its files compared with their hashes."""

    folder: Path
    as_of: date
    manifest: Manifest

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """One row an account_id, sorted by rank."""
        return read_parquet(self.folder / "scored_accounts.parquet")

    @cached_property
    def products(self) -> pd.DataFrame:
        """One row per (account_id, outcome, product)."""
        return read_parquet(self.folder / "scored_products.parquet")

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """One row per (account_id, outcome, idea); a column that the list was published without is missing in all."""
        found = read_parquet(self.folder / "reasons.parquet")
        return found.assign(**{name: np.nan for name in REASON_TYPES if name not in found.columns})

    @cached_property
    def changes(self) -> pd.DataFrame:
        """One row per (account_id, outcome, part of the difference since the list before); none in a list without."""
        path = self.folder / "changes.parquet"
        return read_parquet(path) if path.is_file() else no_changes()

    @cached_property
    def moves(self) -> pd.DataFrame:
        """One row per (account_id, outcome, step of what would move its score); none in a list without."""
        path = self.folder / "moves.parquet"
        return read_parquet(path) if path.is_file() else no_moves()

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """One row per (outcome, segment, idea); none in a list that was published without them."""
        path = self.folder / "drivers.parquet"
        return read_parquet(path) if path.is_file() else no_drivers()


def published(workspace: Path, as_of: date | None = None) -> Published:
    """The list of that as_of, or the latest one, whole and as it was written.

    Raises:
        RefusedError: there is none, or its files are not those that were published.
    """
    home = workspace / PUBLISHED
    name = LATEST if as_of is None else as_of.isoformat()
    faults: list[str] = []
    for _ in range(ATTEMPTS):
        link = home / name
        if not link.exists():
            break
        folder = link.resolve()
        manifest = _manifest(folder)
        faults = damage(folder, manifest) if manifest else [f"{MANIFEST} is missing or was changed"]
        if manifest and not faults:
            return Published(folder, manifest.as_of, manifest)
        if link.resolve() == folder:
            break
    if faults:
        raise RefusedError(
            f"A list is read only as it was published; {home / name} is damaged: {'; '.join(faults)}. "
            "Publish that as_of again (holdfast run --as-of)."
        )
    there = ", ".join(day.isoformat() for day in as_ofs(home)) or "none"
    raise RefusedError(
        f"A list can be read once it is published; in {home} there is none {'yet' if as_of is None else f'of {as_of}'}"
        f" (published: {there}). Run `holdfast run` first, or ask for one of those."
    )


def previous(workspace: Path, as_of: date) -> Published | None:
    """The list published for the nearest earlier as_of: what `change` compares with. None where there is none.

    Raises:
        RefusedError: its files are not those that were published.
    """
    earlier = [day for day in as_ofs(workspace / PUBLISHED) if day < as_of]
    return published(workspace, max(earlier)) if earlier else None


def earlier(workspace: Path, as_of: date, before: date | None = None) -> Iterator[Published]:
    """The lists published for earlier as_ofs, the newest first, each opened when it is asked for.

    With `before` only those of as_ofs up to that day. A damaged one is passed over.
    """
    for day in reversed(as_ofs(workspace / PUBLISHED)):
        if day < as_of and (before is None or day <= before):
            with suppress(RefusedError):
                yield published(workspace, day)


def as_ofs(home: Path) -> list[date]:
    """The as_ofs that have a list, in order."""
    found = []
    for path in home.iterdir() if home.is_dir() else ():
        try:
            day = date.fromisoformat(path.name)
        except ValueError:
            continue
        if path.exists():
            found.append(day)
    return sorted(found)


def _manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder; None where it is missing or not as it was written."""
    try:
        text = (folder / MANIFEST).read_bytes()
        manifest = Manifest.model_validate_json(text)
    except (OSError, ValidationError):
        return None
    renamed = folder.parent.name == LISTS and manifest.digest not in folder.name
    return None if renamed or manifest.as_bytes() != text else manifest

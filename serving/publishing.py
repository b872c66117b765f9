"""Publishing: a list becomes visible whole, at one moment, or not at all.

    published/
        2025-06-30 -> .lists/2025-06-30.3fa91c20be11     what readers open; moving it is the commit
        latest -> 2025-06-30                             the newest as_of, whatever was published last
        .lists/2025-06-30.3fa91c20be11/                  the files, named by the manifest's digest
        .lock                                            held by whoever publishes

A folder cannot be renamed over another one that has files, so a list of an as_of is a symbolic link, which can: whoever
opens it sees the old list or the new one. What is replaced stays until the as_of is published once more, for readers
that have it open. Links are relative: the folder may be moved or copied. See docs/decisions/0008-publishing.md.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
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
from serving.checks import check
from serving.disk import flush, only_publisher, point, points_to
from serving.drivers import no_drivers
from serving.files import read_parquet, write_csv, write_parquet, write_xlsx
from serving.lists import Lists, types_of
from serving.manifest import MANIFEST, FileEntry, Manifest, Record, damage, entry
from serving.moves import no_moves
from serving.scoring import REASON_TYPES, schema

PUBLISHED = "published"
LATEST = "latest"
LISTS = ".lists"
ATTEMPTS = 5
"""How often a reader opens a list that is being replaced again and again."""


@dataclass(frozen=True)
class Publication:
    """What `publish` did."""

    folder: Path
    """Where the list is: `<workspace>/published/<as_of>`."""
    manifest: Manifest
    unchanged: bool
    """Whether the very same list stood there already."""


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


def publish(
    workspace: Path,
    lists: Lists,
    record: Record,
    pages: Mapping[str, str] | None = None,
    step: Callable[[str], None] = lambda _: None,
    actionable: Collection[str] | None = None,
) -> Publication:
    """Publish the lists of one as_of; `pages` are further text files by name, such as `accounts.html`.

    `actionable` are the features that somebody can act on, of which moves may tell; any where it is None.

    Publishing the same thing again changes no byte and says so; another list of the same as_of replaces the first one
    at one moment. `step` is told the name of each step before it is taken. Whatever stops it on the way, the list that
    was there before stands, and what was left behind is swept up by the next one to publish.

    Raises:
        RefusedError: a check failed, or somebody else is publishing to this workspace.
        ServiceError: the file system cannot hold links.
    """
    step("check")
    compared = published(workspace, record.previous).accounts if record.previous else None
    check(lists, record.models, compared, actionable)
    home = workspace / PUBLISHED
    (home / LISTS).mkdir(parents=True, exist_ok=True)
    with only_publisher(home):
        step("sweep")
        _sweep(home)
        staging = home / LISTS / f"staging.{lists.as_of}"
        staging.mkdir()
        manifest = _stage(staging, lists, record, pages or {}, step)
        folder = home / lists.as_of.isoformat()
        unchanged = _stands(folder, manifest)
        if unchanged:
            shutil.rmtree(staging)
        else:
            replaced = folder.resolve() if folder.is_symlink() else None
            step("move into place")
            version = _place(staging, manifest)
            step("commit")
            point(folder, Path(LISTS) / version.name)
            step("remove what nobody reads")
            _remove_versions(home / LISTS, lists.as_of, keep={version.resolve(), replaced})
        step("latest")
        newest = max(_as_ofs(home))
        if not points_to(home / LATEST, newest.isoformat()):
            point(home / LATEST, Path(newest.isoformat()))
        step("done")
    return Publication(folder, manifest, unchanged)


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
    there = ", ".join(day.isoformat() for day in _as_ofs(home)) or "none"
    raise RefusedError(
        f"A list can be read once it is published; in {home} there is none {'yet' if as_of is None else f'of {as_of}'}"
        f" (published: {there}). Run `holdfast run` first, or ask for one of those."
    )


def previous(workspace: Path, as_of: date) -> Published | None:
    """The list published for the nearest earlier as_of: what `change` compares with. None where there is none.

    Raises:
        RefusedError: its files are not those that were published.
    """
    earlier = [day for day in _as_ofs(workspace / PUBLISHED) if day < as_of]
    return published(workspace, max(earlier)) if earlier else None


def earlier(workspace: Path, as_of: date, before: date | None = None) -> Iterator[Published]:
    """The lists published for earlier as_ofs, the newest first, each opened when it is asked for.

    With `before` only those of as_ofs up to that day. A damaged one is passed over.
    """
    for day in reversed(_as_ofs(workspace / PUBLISHED)):
        if day < as_of and (before is None or day <= before):
            with suppress(RefusedError):
                yield published(workspace, day)


def _stage(
    staging: Path, lists: Lists, record: Record, pages: Mapping[str, str], step: Callable[[str], None]
) -> Manifest:
    """Write every file and, last, the manifest; all of it is on the disk when this returns."""
    files: dict[str, FileEntry] = {}
    frames = {"scored_accounts": lists.accounts, "scored_products": lists.products}
    frames |= {"reasons": lists.reasons, "changes": lists.changes, "moves": lists.moves, "drivers": lists.drivers}
    for name, frame in frames.items():
        step(f"write {name}")
        kinds = schema(types_of(name, frame))
        write_parquet(frame, kinds, staging / f"{name}.parquet")
        files[f"{name}.parquet"] = entry(staging / f"{name}.parquet", _rows(staging / f"{name}.parquet", len(frame)))
        if name == "scored_accounts":
            write_csv(frame, kinds, staging / f"{name}.csv")
            files[f"{name}.csv"] = entry(staging / f"{name}.csv", len(frame))
            held = write_xlsx(frame, kinds, staging / f"{name}.xlsx", lists.as_of)
            files[f"{name}.xlsx"] = entry(staging / f"{name}.xlsx", held)
    for name, page in sorted(pages.items()):
        step(f"write {name}")
        (staging / name).write_text(page, encoding="utf-8", newline="\n")
        files[name] = entry(staging / name, None)
    for name in files:
        flush(staging / name)
    manifest = Manifest(as_of=lists.as_of, accounts=len(lists.accounts), record=record, files=files)
    step("write the manifest")
    (staging / MANIFEST).write_bytes(manifest.as_bytes())
    flush(staging / MANIFEST)
    flush(staging)
    return manifest


def _rows(path: Path, expected: int) -> int:
    """The rows that a Parquet file holds, once it was found to hold all of them."""
    import pyarrow.parquet as pq

    seen: int = pq.read_metadata(path).num_rows
    if seen != expected:
        raise RefusedError(
            f"A file holds every row of its list; {path.name} holds {seen:,} of {expected:,}. Look whether the disk is "
            "full and publish again. Nothing was published."
        )
    return seen


def _stands(folder: Path, manifest: Manifest) -> bool:
    """Whether the very same list is there, undamaged."""
    path = folder / MANIFEST
    return path.is_file() and path.read_bytes() == manifest.as_bytes() and not damage(folder, manifest)


def _place(staging: Path, manifest: Manifest) -> Path:
    """Give the finished folder the name that its content has, and return where it is then.

    A list that was placed and never committed is used as it is; a damaged one keeps its name until it is removed.
    """
    name = f"{manifest.as_of}.{manifest.digest}"
    named = (staging.with_name(name if turn == 1 else f"{name}.{turn}") for turn in itertools.count(1))
    version = next(path for path in named if not path.exists() or _stands(path, manifest))
    if version.exists():
        shutil.rmtree(staging)
    else:
        staging.rename(version)
        flush(staging.parent)
    return version


def _manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder; None where it is missing or not as it was written."""
    try:
        text = (folder / MANIFEST).read_bytes()
        manifest = Manifest.model_validate_json(text)
    except (OSError, ValidationError):
        return None
    renamed = folder.parent.name == LISTS and manifest.digest not in folder.name
    return None if renamed or manifest.as_bytes() != text else manifest


def _as_ofs(home: Path) -> list[date]:
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


def _sweep(home: Path) -> None:
    """Remove what an interrupted publication left behind."""
    for path in sorted((home / LISTS).glob("staging.*")):
        shutil.rmtree(path)


def _remove_versions(lists: Path, as_of: date, keep: set[Path | None]) -> None:
    """Remove the versions of an as_of that are neither its list nor the one that was just replaced."""
    for path in sorted(lists.glob(f"{as_of}.*")):
        if path.resolve() not in keep:
            shutil.rmtree(path)

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
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.errors import RefusedError
from serving.checks import check
from serving.disk import flush, only_publisher, point, points_to
from serving.files import write_csv, write_parquet, write_xlsx
from serving.frame_types import schema
from serving.lists import Lists, types_of
from serving.manifest import MANIFEST, FileEntry, Manifest, Record, damage, entry
from serving.published import LATEST, LISTS, PUBLISHED, as_ofs, published


@dataclass(frozen=True)
class Publication:
    """What `publish` did."""

    folder: Path
    """Where the list is: `<workspace>/published/<as_of>`."""
    manifest: Manifest
    unchanged: bool
    """Whether the very same list stood there already."""


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
        newest = max(as_ofs(home))
        if not points_to(home / LATEST, newest.isoformat()):
            point(home / LATEST, Path(newest.isoformat()))
        step("done")
    return Publication(folder, manifest, unchanged)


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


def _sweep(home: Path) -> None:
    """Remove what an interrupted publication left behind."""
    for path in sorted((home / LISTS).glob("staging.*")):
        shutil.rmtree(path)


def _remove_versions(lists: Path, as_of: date, keep: set[Path | None]) -> None:
    """Remove the versions of an as_of that are neither its list nor the one that was just replaced."""
    for path in sorted(lists.glob(f"{as_of}.*")):
        if path.resolve() not in keep:
            shutil.rmtree(path)

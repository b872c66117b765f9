"""Tables as files: a Parquet or CSV file, a folder of them, or a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from features.errors import Fault

PARQUET = (".parquet", ".pq")
TEXT = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".txt")


@dataclass(frozen=True)
class Files:
    """The files that one table is made of, all of one kind."""

    kind: Literal["parquet", "text"]
    paths: tuple[str, ...]


def files_named_after(name: str, folder: Path) -> Files | Fault | None:
    """The files of the folder that bear the table's name; None where there are none."""
    files = [folder / f"{name}{suffix}" for suffix in (*PARQUET, *TEXT)]
    found = [place for place in (*files, folder / name) if place.exists()]
    if len(found) > 1:
        return Fault(
            name,
            "ambiguous_file",
            f"one table has one source; these all bear its name: {', '.join(place.name for place in found)}",
            f"Remove all but one, or say which with `file` in [data.tables.{name}].",
        )
    return files_at(name, found[0]) if found else None


def files_at(name: str, place: Path) -> Files | Fault:
    """The files at a place: itself, those of the folder that it is, or those that fit the pattern."""
    if place.is_dir():
        files = sorted(file for file in place.rglob("*") if _is_parquet(file) or _is_text(file))
    elif any(sign in str(place) for sign in "*?["):
        files = sorted(Path(place.anchor).glob(str(place.relative_to(place.anchor)))) if place.anchor else []
        files = files or sorted(Path().glob(str(place)))
    else:
        files = [place] if place.is_file() else []
    if not files:
        return Fault(
            name,
            "missing_file",
            f"every table that the config names is there; nothing was found at {place}",
            "Correct `file` (it is relative to `data.path`), or take the table out of the config.",
        )
    if all(_is_parquet(file) for file in files):
        return Files("parquet", tuple(map(str, files)))
    if all(_is_text(file) for file in files):
        return Files("text", tuple(map(str, files)))
    return Fault(
        name,
        "unreadable_file",
        f"a table is made of Parquet files or of CSV files; seen at {place}: {', '.join(f.name for f in files[:5])}",
        "Keep one kind, with the endings .parquet or .csv.",
    )


def _is_parquet(file: Path) -> bool:
    return file.name.endswith(PARQUET)


def _is_text(file: Path) -> bool:
    return file.name.endswith(TEXT)

"""The manifest: what a published list is, what it was made from, and the hash of every file of it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

MANIFEST = "manifest.json"
FORMAT = 1


class Model(BaseModel):
    """What the list says about the model behind one of its outcomes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    """The scorer's digest."""
    base_rate: float
    trained_as_of: date | None = None
    beats: tuple[str, ...] = ()
    """Baselines that it is better than, beyond noise."""
    equals: tuple[str, ...] = ()
    """Baselines that it is no better and no worse than, beyond noise."""
    reason: str = ""
    """Why it was promoted."""
    metrics: Mapping[str, Any] = {}
    """On the out-of-time test; `level`, where it is told, is how many outcomes came about for each one predicted."""


class Record(BaseModel):
    """What a list was made from; nothing in it differs between two runs of the same thing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company: str
    currency: str = ""
    data_digest: str
    config_digest: str
    code_revision: str
    models: Mapping[str, Model]
    """By outcome, those that the list shows."""
    refused: Mapping[str, str] = {}
    """By outcome, why its model was refused and it is left out."""
    previous: date | None = None
    """The as_of of the list that `change` compares with."""
    settings: Mapping[str, Any] = {}
    """The assumptions behind money, bands and stages; and the purposes that features were allowed to serve."""


class FileEntry(BaseModel):
    """One file of a list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    bytes: int
    rows: int | None = None
    """Of a table; None for a page."""


class Manifest(BaseModel):
    """`manifest.json`: it is written last, and a list without it is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    as_of: date
    accounts: int
    record: Record
    files: Mapping[str, FileEntry]

    def as_bytes(self) -> bytes:
        """The same bytes for the same content."""
        text = json.dumps(self.content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return (text + "\n").encode()

    @property
    def content(self) -> dict[str, Any]:
        """All of it as JSON has it: a number that is not finite is null."""
        content: dict[str, Any] = _without_nan(self.model_dump(mode="json"))
        return content

    @property
    def digest(self) -> str:
        """First twelve hexadecimal digits of the SHA-256 of the manifest, and so of every file of the list."""
        return hashlib.sha256(self.as_bytes()).hexdigest()[:12]


def _without_nan(content: Any) -> Any:
    """The content with null where a number is not finite: JSON has no word for those."""
    if isinstance(content, dict):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def entry(path: Path, rows: int | None) -> FileEntry:
    """The entry of a file that has been written."""
    return FileEntry(sha256=sha256(path), bytes=path.stat().st_size, rows=rows)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def damage(folder: Path, manifest: Manifest) -> list[str]:
    """What is wrong with a list's files, one text a fault; empty where they are those that the manifest names."""
    faults = []
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif path.stat().st_size != expected.bytes or sha256(path) != expected.sha256:
            faults.append(f"{name} was changed")
    return faults

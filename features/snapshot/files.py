"""The files of a snapshot: written aside and moved into place in one move, each found whole by its digest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.accounts.timeline import MOMENT_TYPES, OVERRIDE_TYPES, WEEK_TYPES
from features.errors import InputError
from features.lock import locked

MANIFEST = "snapshot.json"
FORMAT = 3

KEY_TYPES = {
    "offer_id": pa.string(),
    "account_id": pa.string(),
    "product": pa.string(),
    "as_of": pa.timestamp("us"),
}
"""Of every file but the facts; all other columns are doubles."""
FACT_TYPES = {
    **dict.fromkeys(("account_id", "name", "owner", "segment", "plan"), pa.string()),
    "tenure_days": pa.int64(),
    **dict.fromkeys(("active", "under_notice"), pa.bool_()),
}
"""Of the facts; all other columns are doubles."""
TIMELINE_TYPES = {"weeks": WEEK_TYPES, "moments": MOMENT_TYPES, "overrides": OVERRIDE_TYPES}
"""Of what happened to accounts, by file."""


class Aside:
    """A snapshot that is being written: a folder beside its place, which it takes in one move once all is there.

    A file may come in portions, none of which is held once it is written. Left early, nothing remains; what a killed
    process left, the next one that writes there removes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.aside = _beside(folder, str(os.getpid()))
        self._until = ExitStack()
        self._digests: dict[str, str] = {}

    def __enter__(self) -> Aside:
        for left in list(self.folder.parent.glob(_beside(self.folder, "*").name)):
            # gone by now, where another build has just put it into its place
            with suppress(FileNotFoundError), locked(left, alone=True) as abandoned:
                if abandoned:
                    shutil.rmtree(left)
        self.aside.mkdir(parents=True)
        self._until.enter_context(locked(self.aside, alone=False))
        return self

    def __exit__(self, *_: object) -> None:
        self._until.close()
        shutil.rmtree(self.aside, ignore_errors=True)

    def put(self, name: str, rows: pd.DataFrame) -> None:
        """One file, whole."""
        self.put_all([name], [[rows]])

    def put_all(self, names: Sequence[str], portions: Iterable[Sequence[pd.DataFrame]]) -> None:
        """Several files that come in portions of the same columns; of each portion, some rows of every file."""
        with ExitStack() as until:
            writers: dict[str, pq.ParquetWriter] = {}
            for portion in portions:
                for name, rows in zip(names, portion, strict=True):
                    self._write(writers, name, rows, until)
        for name in names:
            self._digests[self._file(name).name] = digest_of(self._file(name))

    def settle(self, manifest: Mapping[str, Any]) -> None:
        """All files are there: writes the manifest, and moves the folder into its place."""
        told = {**manifest, "files": self._digests}
        text = json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        (self.aside / MANIFEST).write_text(text, encoding="utf-8")
        old = _beside(self.folder, f"{os.getpid()}.old")
        if self.folder.exists():
            self.folder.rename(old)
        self.aside.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)

    def _write(self, writers: dict[str, pq.ParquetWriter], name: str, rows: pd.DataFrame, until: ExitStack) -> None:
        """More rows of a file, the first of which say which columns it has."""
        table = pa.Table.from_pandas(rows, schema=_schema(name, rows), preserve_index=False)
        table = table.replace_schema_metadata(None)
        if name not in writers:
            writers[name] = until.enter_context(pq.ParquetWriter(self._file(name), table.schema, compression="zstd"))
        writers[name].write_table(table)

    def _file(self, name: str) -> Path:
        return self.aside / f"{name}.parquet"


def _beside(folder: Path, which: str) -> Path:
    return folder.with_name(f".{folder.name}.{which}")


def _schema(name: str, frame: pd.DataFrame) -> pa.Schema:
    """Types by column, whatever the values: an all-missing column would lose its own."""
    if name in TIMELINE_TYPES:
        return pa.schema(list(TIMELINE_TYPES[name].items()))
    types = FACT_TYPES if name == "facts" else KEY_TYPES
    if name == "attributes":
        texts = [column for column in frame.columns if not pd.api.types.is_numeric_dtype(frame[column])]
        types = {**dict.fromkeys(texts, pa.string()), **types}
    return pa.schema([(column, types.get(column, pa.float64())) for column in frame.columns])


def manifest_of(folder: Path) -> tuple[dict[str, Any], str]:
    """The manifest's content, and its digest.

    Raises:
        InputError: there is none that this version can read.
    """
    file = folder / MANIFEST
    try:
        text = file.read_bytes()
        manifest = json.loads(text)
        if manifest["format"] != FORMAT:
            raise InputError(
                f"A snapshot is read by the version that wrote it: {file} has format {manifest['format']}, this is "
                f"format {FORMAT}. Build the features again."
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"A snapshot has a readable {MANIFEST}; {folder}: {error}. Build the features again."
        ) from error
    return manifest, hashlib.sha256(text).hexdigest()[:16]


def digest_of(file: Path) -> str:
    """The SHA-256 of what a file holds."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def text_digest(text: str) -> str:
    """The first sixteen hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]

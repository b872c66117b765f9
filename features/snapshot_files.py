"""The files of a snapshot: written aside and moved into place in one move, each found whole by its digest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import InputError
from features.timeline import MOMENT_TYPES, OVERRIDE_TYPES, WEEK_TYPES

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


def put(folder: Path, frames: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> None:
    """Writes all files into a folder aside, the manifest last, and moves it into place."""
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    files = {}
    for name, frame in sorted(frames.items()):
        file = aside / f"{name}.parquet"
        table = pa.Table.from_pandas(frame, schema=_schema(name, frame), preserve_index=False)
        pq.write_table(table.replace_schema_metadata(None), file, compression="zstd")
        files[file.name] = digest_of(file)
    text = json.dumps({**manifest, "files": files}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (aside / MANIFEST).write_text(text, encoding="utf-8")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


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

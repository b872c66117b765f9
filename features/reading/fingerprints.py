"""Whether a file is still the one that was read: by its place, its size, when it was written, and its own summary.

A Parquet file ends with a summary of all it holds (rows, where each column's pages lie and how long they are, least and
greatest values). A file whose content was altered in place, with the same length of every page, the same bounds, and
the former time of writing put back, goes unnoticed; nothing that writes files does that by itself.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

TAIL = 8
"""Bytes at the end of a Parquet file: the length of its summary, and a mark."""


class Fingerprint(NamedTuple):
    """What tells one state of a file from another without reading its rows."""

    size: int
    written: int
    """Nanoseconds; as the file system says."""
    summary: str
    """The digest of its last part."""


def fingerprint(file: Path) -> Fingerprint:
    """The state of a Parquet file.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as content:
        state = file.stat()
        content.seek(max(state.st_size - TAIL, 0))
        length = int.from_bytes(content.read(4), "little")
        content.seek(max(state.st_size - TAIL - length, 0))
        summary = hashlib.sha256(content.read(length + TAIL)).hexdigest()[:32]
    return Fingerprint(state.st_size, state.st_mtime_ns, summary)

"""Locks between processes that go with the process, however it ends: a killed build keeps nobody waiting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover  (a system without such locks: nobody is ever alone)
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(place: Path, alone: bool) -> Iterator[bool]:
    """The lock of a file or folder, shared or (if nobody else holds it) alone; says whether it was to be had."""
    if fcntl is None:  # pragma: no cover
        yield not alone
        return
    opened = os.open(place, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(opened)

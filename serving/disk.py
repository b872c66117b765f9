"""What publishing asks of the file system: links that move at one moment, files that are on the disk, one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.errors import RefusedError, ServiceError

LOCK = ".lock"


@contextmanager
def only_publisher(home: Path) -> Iterator[None]:
    """Hold the lock of the folder; the system lets go of it when the process ends, however it ends."""
    import fcntl

    with (home / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedError(
                f"One at a time publishes to a workspace; somebody else is publishing to {home}. "
                "Wait for it to end and publish again."
            ) from error
        yield


def point(link: Path, target: Path) -> None:
    """Let `link` point to `target` from one moment to the next."""
    aside = link.with_name(f".{link.name}.new")
    aside.unlink(missing_ok=True)
    try:
        aside.symlink_to(target, target_is_directory=True)
        aside.replace(link)
    except OSError as error:
        raise ServiceError(
            f"A list is published by moving a symbolic link; {link} cannot be one here ({error.strerror}). "
            "Put company.workspace on a file system that has them, and remove what stands in its place."
        ) from error
    flush(link.parent)


def points_to(link: Path, target: str) -> bool:
    """Whether `link` is a link to exactly that."""
    return link.is_symlink() and link.readlink() == Path(target)


def flush(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

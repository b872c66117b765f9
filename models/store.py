"""The embedded MLflow store, one folder: where its database and artifacts lie, one writer at a time, and a move."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from features.errors import ServiceError

DATABASE = "mlflow.db"
ARTIFACTS = "artifacts"
LOCK = ".lock"
PATIENCE = 300.0
"""Seconds to wait for another process that writes; recording a retrain takes some ten."""

LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
)
"""Every column in which MLflow 3 writes where an artifact lies."""


def database_uri(folder: Path) -> str:
    """The address of the folder's database, as MLflow takes it."""
    return f"sqlite:///{(folder.resolve() / DATABASE).as_posix()}"


def artifact_uri(folder: Path) -> str:
    """The address of the folder's artifacts, as MLflow writes it into the database."""
    return (folder.resolve() / ARTIFACTS).as_uri()


@contextmanager
def only_writer(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Holds the folder's lock; a process that dies lets go of it.

    Raises:
        ServiceError: another process holds it for longer than `patience` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # SQLite's own file locking: works the same on every system, and needs no clean-up.
    with closing(sqlite3.connect(folder / LOCK, timeout=patience, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise ServiceError(
                f"One process at a time writes to {folder}; another has held it for {patience:.0f} s ({error}). "
                "Wait for it to end, or end it, and try again."
            ) from error
        yield


def follow_move(folder: Path, recorded: str) -> None:
    """Rewrites the database's artifact addresses, which MLflow keeps absolute, after the folder was moved or copied.

    `recorded` is the artifacts' address before. Without this, pictures and models would be looked for, and new ones
    written, where the folder lay before: inside a container, that is nowhere.
    """
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        for table, column in LOCATIONS:
            below = f"{column} = :old OR substr({column}, 1, :length + 1) = :old || '/'"
            database.execute(
                f"UPDATE {table} SET {column} = :new || substr({column}, :length + 1) WHERE {below}",
                {"old": recorded, "new": artifact_uri(folder), "length": len(recorded)},
            )

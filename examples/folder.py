"""Folders of files: a company's, which `holdfast` reads, and a user's own copy of a public data set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import HoldfastError, InputError


def write_folder(folder: Path, tables: Mapping[str, pd.DataFrame], config: str) -> None:
    """Writes `folder/data/<table>.parquet` for every table, and the config; same input, same bytes."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, data / f"{name}.parquet", compression="zstd")
    (folder / "holdfast.toml").write_text(config, encoding="utf-8")


@dataclass(frozen=True)
class PublicSet:
    """A public data set of which users bring their own copy; nothing of it is part of this project."""

    name: str
    files: tuple[str, ...]
    """Any of these may also lie there compressed, with `.gz` behind its name."""
    origin: str
    """Where it is found, by name."""

    def locate(self, source: Path) -> dict[str, Path]:
        """The path of every file, by its name.

        Raises:
            InputError: a file is missing; all that are missing are named, and where the set is found.
        """
        found = {name: _either(source / name) for name in self.files}
        missing = [name for name, path in found.items() if path is None]
        if missing:
            raise InputError(
                f"{self.name} is read from a folder with {', '.join(self.files)} (each may be compressed as .gz). "
                f"{source} {'lacks ' + ', '.join(missing) if source.is_dir() else 'is not a folder'}. "
                f"Get the set: {self.origin}."
            )
        return {name: path for name, path in found.items() if path is not None}


def command(module: str, prepare: Callable[[Path, Path], None], arguments: list[str]) -> int:
    """Runs an adapter as `python -m examples.<module> SOURCE TARGET`, says what it wrote and what to do next."""
    if len(arguments) != 2:
        sys.stderr.write(f"usage: python -m examples.{module} SOURCE TARGET\n")
        return 2
    source, target = Path(arguments[0]), Path(arguments[1])
    try:
        prepare(source, target)
    except HoldfastError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{summary(target)}\nNext: holdfast run --config {target / 'holdfast.toml'}\n")
    return 0


def summary(folder: Path) -> str:
    """What a company's folder holds, one line a file."""
    files = sorted((folder / "data").glob("*.parquet"))
    lines = [f"  {path.relative_to(folder)}  {pq.read_metadata(path).num_rows:,} rows" for path in files]
    return "\n".join([f"Wrote {folder}:", *lines, "  holdfast.toml"])


def _either(path: Path) -> Path | None:
    compressed = path.with_name(f"{path.name}.gz")
    return next((candidate for candidate in (path, compressed) if candidate.is_file()), None)

"""`holdfast features --list`: every feature and, of a company, whether it is computed, or why it is not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from features.library.catalogue import LIBRARY
from features.library.library import Library
from features.library.listing import Entry, as_json, entries, in_numbers, of_attributes
from features.reading.opening import columns_brought
from pipelines.company import library_of, require_data_folder
from pipelines.printing import console, print_json, print_text, simple_table
from pipelines.settings import load_settings


def list_features(config: Path | None, json: bool) -> None:
    """Prints the whole catalogue; with a config, the features of that company."""
    library, listed = (LIBRARY, entries(LIBRARY)) if config is None else _of_company(config)
    if json:
        print_json(as_json(library, listed))
        return
    console().print(features_table(listed))
    print_text(in_numbers(listed))


def _of_company(config: Path) -> tuple[Library, tuple[Entry, ...]]:
    settings = load_settings(config)
    require_data_folder(settings)
    library = library_of(settings)
    columns = columns_brought(settings.data_read, settings.base)
    return library, (*entries(library, columns), *of_attributes(settings.attributes, settings.declared))


def features_table(listed: Sequence[Entry]) -> Table:
    """A feature a row; whether each is computed where a company was looked at."""
    columns = ["feature", "purpose", "unit", "window", "from", "missing means", "family"]
    rows = [
        [e.name, e.purpose, e.unit, e.window, ", ".join(e.sources), e.missing, e.family, e.why or "yes"] for e in listed
    ]
    if any(entry.on is None for entry in listed):
        return simple_table(columns, [row[: len(columns)] for row in rows])
    return simple_table([*columns, "computed"], rows)

"""How a frame becomes a file: Parquet, CSV and a spreadsheet, the same bytes for the same frame.

A spreadsheet program runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and whoever chooses an account's
name could so run one on the reader's machine. In CSV and XLSX such a text begins with an apostrophe; Parquet keeps it
as it is. Numbers are numbers in all three.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Also their full-width forms, which some versions take for the same."""
IGNORED_BEFORE = " \t\r\n\v\f\u00a0\u200b\ufeff"
"""What a program may skip before it looks for a formula."""
SHEET_ROWS = 1_048_575
"""Rows that a sheet can hold below its header; a longer list is cut there, in the order of the ranks."""
CELL_LENGTH = 32_767
ROW_GROUP = 65_536


def safe_text(text: str) -> str:
    """The text as a cell that no spreadsheet program runs; unchanged where it is harmless."""
    begins = text.lstrip(IGNORED_BEFORE)[:1]
    return f"'{text}" if begins in FORMULA_STARTS or text[:1] in ("\t", "\r", "\n") else text


def as_table(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """The frame's columns in the schema's order and types; NaN becomes null."""
    import pyarrow as pa

    columns = []
    for field in schema:
        values = frame[field.name]
        if pa.types.is_date32(field.type):
            columns.append(pa.array(values.astype("datetime64[us]"), from_pandas=True).cast(pa.date32()))
        else:
            columns.append(pa.array(values, type=field.type, from_pandas=True))
    return pa.Table.from_arrays(columns, schema=schema)


def write_parquet(frame: pd.DataFrame, schema: pa.Schema, path: Path) -> None:
    """Write the frame in the schema's types; a column of nothing but nulls keeps its type."""
    import pyarrow.parquet as pq

    pq.write_table(as_table(frame, schema), path, compression="zstd", row_group_size=ROW_GROUP)


def read_parquet(path: Path) -> pd.DataFrame:
    """Read what `write_parquet` wrote: dates as naive midnights (microseconds), text as `str`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    for place, field in enumerate(table.schema):
        if pa.types.is_date32(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.timestamp("us")))
    frame: pd.DataFrame = table.to_pandas()
    text = [field.name for field in table.schema if pa.types.is_string(field.type)]
    return frame.astype(dict.fromkeys(text, "str"))


def write_csv(frame: pd.DataFrame, schema: pa.Schema, path: Path) -> None:
    """Write UTF-8 text: a header, one line a row; text in quotes and safe, numbers in full, missing values empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(schema.names)
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        for row in _rows(frame, schema):
            writer.writerow(["" if cell is None else _csv_cell(cell) for cell in row])


def write_xlsx(frame: pd.DataFrame, schema: pa.Schema, path: Path, as_of: date) -> int:
    """Write one sheet with filters and a frozen header, and tell how many rows it holds.

    The document is dated `as_of` and so the same every time.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    book.set_properties({"created": datetime(as_of.year, as_of.month, as_of.day)})
    sheet = book.add_worksheet("accounts")
    heading = book.add_format({"bold": True, "bottom": 1})
    looks = {name: book.add_format(_look(name)) for name in schema.names}
    for place, name in enumerate(schema.names):
        sheet.set_column(place, place, _width(name))
        sheet.write_string(0, place, name, heading)
    count = min(len(frame), SHEET_ROWS)
    for line, row in enumerate(_rows(frame.head(count), schema), start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, safe_text(cell)[:CELL_LENGTH], looks[schema.names[place]])
            elif isinstance(cell, date):
                sheet.write_datetime(line, place, datetime(cell.year, cell.month, cell.day), looks[schema.names[place]])
            elif cell is not None:
                sheet.write_number(line, place, cell, looks[schema.names[place]])
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, count, len(schema.names) - 1)
    book.close()
    return count


def _csv_cell(cell: object) -> object:
    if isinstance(cell, str):
        return safe_text(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _rows(frame: pd.DataFrame, schema: pa.Schema) -> Iterator[tuple[Any, ...]]:
    """The frame's rows as Python values, None where missing, a batch at a time."""
    for start in range(0, len(frame), ROW_GROUP):
        columns: Iterable[list[Any]] = as_table(frame.iloc[start : start + ROW_GROUP], schema).to_pydict().values()
        yield from zip(*columns, strict=True)


def _look(name: str) -> dict[str, Any]:
    """How a column's cells are shown."""
    if name.endswith("_probability"):
        return {"num_format": "0.0%"}
    if name.endswith(("_value", "_stake")):
        return {"num_format": "#,##0"}
    if name == "as_of":
        return {"num_format": "yyyy-mm-dd"}
    return {}


def _width(name: str) -> int:
    if name.startswith("reason_") or name == "play":
        return 60
    return max(12, len(name) + 3)

"""Parquet as it goes: rows gather in memory until a row group is full, whatever the pieces in which they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

GROUP = 524_288
"""Rows of a row group."""
DICTIONARY_BYTES = 1 << 25
"""Of a column's dictionary in one row group: all account ids fit in."""
INSTANTS = ("_at", "promised_by", "since", "valid_from")
WHOLE = ("tier", "seats", "term_months", "seat_limit", "min_tier")
NUMBERS = ("list_price", "quantity_limit", "mrr", "discount", "migration_hours", "cost", "quantity", "value", "score")
FLAGS = ("core", "works", "auto_renew", "reopened", "treated", "accepted")

Rows = Mapping[str, np.ndarray]


class Sheet:
    """A file of one table that is written row group by row group; a second thread does the writing.

    The same rows make the same file, however they are parted into calls of `add`.
    """

    def __init__(
        self, path: Path, types: Mapping[str, np.dtype], render: Callable[[Rows], pa.Table], plain: tuple[str, ...] = ()
    ) -> None:
        self.rows = 0
        self._render, self._types = render, types
        self._held = self._room()
        self._filled = 0
        schema = render({name: held[:0] for name, held in self._held.items()}).schema
        # what a dictionary would not make smaller is written plainly
        self._file = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            store_schema=False,
            use_dictionary=[name for name in schema.names if name not in plain],
            dictionary_pagesize_limit=DICTIONARY_BYTES,
        )
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Sheet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._filled:
                self._flush()
            if self._under_way is not None:
                self._under_way.result()
        finally:
            self._thread.shutdown()
            self._file.close()

    def add(self, rows: Rows) -> None:
        """Some rows behind those that are there."""
        count = len(next(iter(rows.values())))
        self.rows += count
        start = 0
        while start < count:
            stop = min(count, start + GROUP - self._filled)
            for name, held in self._held.items():
                held[self._filled : self._filled + stop - start] = rows[name][start:stop]
            self._filled += stop - start
            start = stop
            if self._filled == GROUP:
                self._flush()

    def _flush(self) -> None:
        """Hands a row group over; waits for the one before, so that no more than two are in memory."""
        if self._under_way is not None:
            self._under_way.result()
        self._under_way = self._thread.submit(
            self._write, {name: held[: self._filled] for name, held in self._held.items()}
        )
        self._held, self._filled = self._room(), 0

    def _write(self, rows: Rows) -> None:
        self._file.write_table(self._render(rows), row_group_size=GROUP)

    def _room(self) -> dict[str, np.ndarray]:
        return {name: np.empty(GROUP, dtype) for name, dtype in self._types.items()}


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """A whole table at once; each column is of the type that its name has in the contract."""
    schema = pa.schema([(name, _type(name)) for name in frame.columns])
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", store_schema=False, row_group_size=GROUP)


def _type(column: str) -> pa.DataType:
    if column.endswith(INSTANTS):
        return pa.timestamp("us")
    for names, kind in ((WHOLE, pa.int64()), (NUMBERS, pa.float64()), (FLAGS, pa.bool_())):
        if column in names:
            return kind
    return pa.string()

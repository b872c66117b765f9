"""Tiny tables written as text, so that a test reads as a specification.

    tables = text_tables(
        accounts='''
            account_id | signed_up_at
            a1         | 2024-01-01
        ''',
        consumption='''
            account_id | occurred_at      | product
            a1         | 2024-01-05 10:00 | search
            a1         | 2024-01-06       |
        ''',
    )

Columns are parted by `|`; a blank is null. Everything is text here: the contract gives it its type.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import pandas as pd

from features.data_settings import DataSettings, TableSource
from features.reading.opening import tables_from_frames
from features.tables import Tables


def parse_tables(**tables: str) -> dict[str, pd.DataFrame]:
    """One frame of text a table, as it was written."""
    return {name: _parse(text) for name, text in tables.items()}


def text_tables(
    timezone: str = "UTC",
    end: date | None = None,
    check: bool = True,
    delay_hours: Mapping[str, float] = MappingProxyType({}),
    **tables: str,
) -> Tables:
    """The tables, read and checked as a company's would be; `end` is given where the events alone do not show it.

    `delay_hours` says of a table how late its rows arrive.
    """
    data = DataSettings(tables={name: TableSource(delay_hours=hours) for name, hours in delay_hours.items()})
    return tables_from_frames(parse_tables(**tables), timezone=timezone, end=end, check=check, data=data)


def _parse(text: str) -> pd.DataFrame:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip() and set(line.strip()) - set("-| ")]
    header, *rows = [[cell.strip() or None for cell in line.split("|")] for line in lines]
    wrong = [row for row in rows if len(row) != len(header)]
    if wrong:
        raise ValueError(f"Every row has {len(header)} cells ({header}); this one has not: {wrong[0]}.")
    return pd.DataFrame(rows, columns=[str(name) for name in header], dtype="object")

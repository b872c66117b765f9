"""Optional columns that a company does not bring, as nulls, so that a family writes its rows once."""

from __future__ import annotations

from dataclasses import replace

import ibis

from features.contract import columns_of, dtype_of
from features.tables import Tables


def complete(tables: Tables, name: str) -> Tables:
    """The same tables, the named one with every column of the contract: those that are absent hold nulls.

    What is computed from such a column is missing; `features.library.catalogue.available` leaves those features out.
    """
    rows = tables[name]
    absent = {column: ibis.null(dtype_of(name, column)) for column in columns_of(name) if column not in rows.columns}
    return replace(tables, tables={**tables.tables, name: rows.mutate(**absent)}) if absent else tables

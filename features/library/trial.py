"""Everything that a company adds, made once into queries that are not run: a mistake shows before a build begins."""

from __future__ import annotations

import ibis
import pandas as pd

from features.errors import ConfigError
from features.feature import Source, StateSource
from features.library.catalogue import LIBRARY
from features.library.library import Library
from features.rollups.daily import daily, daily_entities
from features.rollups.kept import folded
from features.tables import Tables


def mistakes_of(library: Library, tables: Tables) -> tuple[str, ...]:
    """What is wrong with the sources that the company adds, as far as features ask for them; one line each.

    Raises nothing of it: all of them are told together.
    """
    sources = library.sources_of(library.available(tables))
    catalogues = {*LIBRARY.sources, *(source.name for source in LIBRARY.finer)}
    own = (source for name, source in sources.items() if name not in catalogues)
    return tuple(said for source in own if (said := _mistake(tables, source)))


def _mistake(tables: Tables, source: Source) -> str:
    try:
        _tried(tables, source)
    except ConfigError as error:
        return str(error)
    return ""


def _tried(tables: Tables, source: Source) -> None:
    """The queries of a source, for what is asked of it."""
    if isinstance(source, StateSource):
        _tried_states(tables, source)
    elif source.fold is not None:
        for entity in (None, *source.entities):
            folded(tables, source, source.fold, entity)
    else:
        daily(tables, source)
        for entity in source.entities:
            daily_entities(tables, source, entity)


def _tried_states(tables: Tables, source: StateSource) -> None:
    keys: dict[str, str] = {"as_of": "date"} | dict.fromkeys(source.keys, "string")
    nobody = ibis.memtable(pd.DataFrame(columns=[*keys]), schema=keys)
    rows = source.rows(tables, nobody)
    rows.group_by(list(keys)).agg(**{state.name: state.expression(rows) for state in source.states})

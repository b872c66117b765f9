"""Intermediate tables that the engine holds, within its memory limit, only while a build lasts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import ExitStack
from types import MappingProxyType
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from features.engines import engine_of
from features.tables import Tables

if TYPE_CHECKING:
    from features.feature import Source
    from features.rollups.shelf import Shelf


class Bench:
    """What several sources of one build are made from, computed by the first that asks for it."""

    def __init__(
        self, until: ExitStack, shelf: Shelf | None = None, sources: Mapping[str, Source] = MappingProxyType({})
    ) -> None:
        self.stack, self.shelf = until, shelf
        self.sources = sources
        """Of those of which days are kept for others: only what this build asks of them is."""
        self._held: dict[tuple[Hashable, ...], ir.Table] = {}

    def until(self, stack: ExitStack) -> Bench:
        """A bench that has what stands here, and keeps what is added to it only until `stack` closes."""
        other = Bench(stack, self.shelf, self.sources)
        other._held = dict(self._held)
        return other

    def held(self, tables: Tables, name: str, make: Callable[[], ir.Table], *of: ir.Table) -> ir.Table:
        """The rows of that name, made of those tables beside the company's."""
        return self.found(_key(name, of), lambda: hold(tables, make(), self.stack))

    def put(self, rows: ir.Table, name: str, *of: ir.Table) -> None:
        """These are the rows of that name, held already."""
        self._held[_key(name, of)] = rows

    def found(self, key: tuple[Hashable, ...], make: Callable[[], ir.Table]) -> ir.Table:
        """What stands here under that key, put there where nothing does; for as long as the stack stands open."""
        if key not in self._held:
            self._held[key] = make()
        return self._held[key]


def shared(tables: Tables, name: str, make: Callable[[], ir.Table], *of: ir.Table) -> ir.Table:
    """An expression over the company's tables, and those of `of`; while features are built it is computed once, for all
    who ask for it.
    """
    return make() if tables.bench is None else tables.bench.held(tables, name, make, *of)


def _key(name: str, of: tuple[ir.Table, ...]) -> tuple[Hashable, ...]:
    """Two expressions that say the same are the same."""
    return (name, *(rows.op() for rows in of))


def hold(tables: Tables, expression: ir.Table, until: ExitStack) -> ir.Table:
    """The expression computed once and held by the engine until `until` closes; the same rows."""
    return engine_of(tables.connection).hold(tables.connection, expression, until)

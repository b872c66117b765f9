"""What Ibis writes wrongly for every engine without QUALIFY, SEMI JOIN, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlglot.expressions as sge


def own_links(links: Sequence[Any]) -> tuple[Any, ...]:
    """The joins of one SELECT as nodes of its own.

    Ibis lets two SELECTs that begin alike share them. Where sqlglot then turns a semi-join into EXISTS, it takes the
    join out of the wrong one.
    """
    joins = (link.this if isinstance(link, sge.Alias) else link for link in links)
    return tuple(sge.Join(**join.args) for join in joins)


def without_tables(predicates: Sequence[Any]) -> tuple[Any, ...]:
    """Predicates over windows whose other columns are named without their table.

    sqlglot puts them around the SELECT that has the windows, where that table is no longer known.
    """
    return tuple(_outside_windows(predicate.copy()) for predicate in predicates)


def _outside_windows(node: Any) -> Any:
    for column in list(node.find_all(sge.Column)):
        if column.find_ancestor(sge.Window) is None:
            column.set("table", None)
    return node


def quoted(text: str) -> str:
    """A literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name of SQL, as the standard quotes it."""
    return '"' + name.replace('"', '""') + '"'

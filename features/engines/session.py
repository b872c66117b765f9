"""A session of an engine: what it says where it does not answer, what bears a name in it, what is handed over to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from features.errors import ConfigError, ServiceError

if TYPE_CHECKING:
    from features.data_settings import DataSettings

HERE = ops.Namespace()
"""Where a session looks for a name that says no place."""


@contextmanager
def answering(errors: tuple[type[Exception], ...], rule: str, remedy: str, who: str = "it") -> Iterator[None]:
    """What happens while a service has to answer; `who` did not, in the words of the message.

    Raises:
        ServiceError: one of the errors came.
    """
    try:
        yield
    except errors as error:
        raise ServiceError(f"{rule}; {who} said: {_said(error)}. {remedy}") from error


def _said(error: BaseException) -> str:
    """The first 300 characters on one line, without the stack that Java adds."""
    return " ".join(str(error).split("\n\tat ")[0].split())[:300].rstrip(".?")


def named(session: Any, name: str, schema: ibis.Schema, place: ops.Namespace = HERE) -> ir.Table:
    """What bears that name in this session, of those types; Ibis is not left to look it up.

    It would confuse what the session holds with a table of the company, or see types as narrow as the rows.
    """
    table: ir.Table = ops.DatabaseTable(name, schema=schema, source=session, namespace=place).to_expr()
    return table


def sql_of(session: Any, rows: ir.Table) -> str:
    """The SQL that yields the rows, once all that it reads from memory has been handed over."""
    session._run_pre_execute_hooks(rows)  # Ibis does so before it runs SQL of its own, and lends no public way to
    sql: str = session.compile(rows)
    return sql


def schema_of(rows: pa.Table) -> ibis.Schema:
    """The types of rows that are handed over; a column of nothing but nulls, which has none, becomes text."""
    types = ibis.memtable(rows).schema().items()
    return ibis.Schema({column: "string" if dtype.is_null() else dtype for column, dtype in types})


def whole(row: Iterable[Any]) -> tuple[int | None, ...]:
    """A row of counts and hashes as whole numbers, whatever type the engine has for large ones."""
    return tuple(None if value is None else int(value) for value in row)


def memory_of(data: DataSettings, such_as: str) -> str | None:
    """The `memory_limit`, which an engine that may run on another machine takes as a size; None where there is none.

    Raises:
        ConfigError: it is a share of the machine's.
    """
    if data.memory_limit and "%" in data.memory_limit:
        raise ConfigError(
            f"data.memory_limit is a size such as {such_as} with engine = {data.engine!r}; this is "
            f"{data.memory_limit}. Correct it."
        )
    return data.memory_limit or None

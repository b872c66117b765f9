"""Intermediate tables that the engine holds, within its memory limit, only while a build lasts."""

from __future__ import annotations

from contextlib import ExitStack

import ibis.expr.types as ir
from ibis.util import gen_name

from features.tables import Tables


def hold(tables: Tables, expression: ir.Table, until: ExitStack) -> ir.Table:
    """The expression computed once and held by the engine until `until` closes; the same rows."""
    name = gen_name("scratch")
    held: ir.Table = tables.connection.create_table(name, expression, temp=True)
    until.callback(tables.connection.drop_table, name, force=True)
    return held

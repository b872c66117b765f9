"""What a value that compares nothing is, over the columns of its leaves: plain arithmetic, row by row."""

from __future__ import annotations

import ibis.expr.types as ir

from features.errors import ConfigError
from features.feature import Combined, Distinct, Leaf, Total, Value


def evaluate(rows: ir.Table, value: Value, zero: bool) -> ir.Value:
    """A value over the leaves' columns; `zero`: totals and counts of nothing are 0. Division by zero is missing.

    Raises:
        ConfigError: it is made of something else than the algebra of `features/feature.py`.
    """
    if isinstance(value, Combined):
        left, right = evaluate(rows, value.left, zero), evaluate(rows, value.right, zero)
        if value.operator == "/":
            return left / right.nullif(0.0)
        return left + right if value.operator == "+" else left - right
    if not isinstance(value, Leaf):
        raise ConfigError(f"A feature's value is made of leaves and + - /; this one has {value!r}. Write it so.")
    column = rows[value.column]
    return column.fill_null(0.0) if zero and isinstance(value, Total | Distinct) else column

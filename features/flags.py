"""Conditions as numbers that add up."""

from __future__ import annotations

import ibis.expr.types as ir


def flag(condition: ir.Value) -> ir.Value:
    """1 where the condition holds, 0 where it does not or cannot be told."""
    return condition.fill_null(False).cast("int64")

"""How expressions are written for Postgres, where Ibis says it otherwise than DuckDB or not at all."""

from __future__ import annotations

from typing import Any

import ibis.expr.datatypes as dt
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.postgres import PostgresCompiler

from features.engines.sql import own_links, without_tables

NUMBER = (
    r"^\s*[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?|[nN][aA][nN]|[iI][nN][fF]([iI][nN][iI][tT][yY])?)\s*$"
)
"""What is read as a number, as DuckDB reads it."""
INSTANT = r"^\s*[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9:.]+)?\s*(Z|UTC|[+-][0-9:]+)?\s*$"
"""What is read as a day or an instant: not `tomorrow`, and not 1/2/2024, of which nobody knows which is the month."""
LARGEST = 9.2e18
"""Below what a whole number holds."""


class PostgresSql(PostgresCompiler):  # type: ignore[misc]
    """Ibis' own, with the casts that Postgres does not know."""

    __slots__ = ("cases",)

    def __init__(self, cases: str = "default") -> None:
        super().__init__()
        self.cases = cases
        """The collation that knows which letters are capitals; the one by which texts are compared does not."""

    def visit_Lowercase(self, op: Any, *, arg: Any) -> Any:  # noqa: N802, ARG002
        """Every letter, not only those of ASCII."""
        told = sge.Collate(this=arg, expression=sg.to_identifier(self.cases, quoted=True))
        return sge.Collate(this=self.f.lower(told), expression=sg.to_identifier("C", quoted=True))

    def visit_Cast(self, op: Any, *, arg: Any, to: dt.DataType) -> Any:  # noqa: N802
        """A flag becomes a number by way of the only type of number that it can become."""
        if op.arg.dtype.is_boolean() and to.is_numeric():
            arg = self.cast(arg, dt.int32)
            return arg if to.is_int32() else self.cast(arg, to)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_JoinChain(self, op: Any, *, first: Any, rest: Any, values: Any) -> Any:  # noqa: N802
        """A chain whose joins no other SELECT shares."""
        return super().visit_JoinChain(op, first=first, rest=own_links(rest), values=values)

    def visit_Select(self, op: Any, *, qualified: Any, **parts: Any) -> Any:  # noqa: N802
        """A SELECT whose predicates over windows can stand around it."""
        return super().visit_Select(op, qualified=without_tables(qualified), **parts)

    def visit_DateDelta(self, op: Any, *, part: Any, left: Any, right: Any) -> Any:  # noqa: N802
        """Days between dates are their difference; sqlglot goes by way of instants and seconds."""
        if op.part.value == "day":
            left, right = (
                self.cast(left, dt.date),
                self.cast(right, dt.date),
            )  # a day less an interval is an instant here
            return self.cast(sge.paren(left - right, copy=False), op.dtype)
        return super().visit_DateDelta(op, part=part, left=left, right=right)

    def visit_TimestampDelta(self, op: Any, *, part: Any, left: Any, right: Any) -> Any:  # noqa: N802
        """As DuckDB counts them: the boundaries of units between two instants, not the whole units that passed."""
        left, right = (self.f.date_trunc(op.part.value, instant) for instant in (left, right))
        return super().visit_TimestampDelta(op, part=part, left=left, right=right)

    def visit_TryCast(self, op: Any, *, arg: Any, to: dt.DataType) -> Any:  # noqa: N802
        """Missing where a value cannot be converted, which Postgres has no word for."""
        source = op.arg.dtype
        if to.is_decimal():
            return self._try_decimal(arg, source, to)
        if source.is_string():
            valid = self.f.anon.pg_input_is_valid(arg, self.type_mapper.to_string(to))
            pattern = INSTANT if to.is_temporal() else NUMBER
            return self.if_(sge.and_(arg.rlike(sge.convert(pattern)), valid), self.cast(arg, to), NULL)
        if source.is_floating() and to.is_integer():
            fits = sge.and_(arg > sge.convert(-LARGEST), arg < sge.convert(LARGEST))
            return self.if_(fits, self.cast(arg, to), NULL)
        return self.cast(arg, to)

    def _try_decimal(self, arg: Any, source: dt.DataType, to: Any) -> Any:
        """Rounded to the digits that it has; by way of the text that tells a double apart, for all of its digits."""
        numeric = dt.Decimal()
        if source.is_string():
            arg = self.if_(arg.rlike(sge.convert(NUMBER)), arg, NULL)
        elif source.is_floating():
            arg = self.cast(arg, dt.string)
        rounded = self.f.round(self.cast(arg, numeric), to.scale)
        limit = self.cast(sge.convert(str(10 ** (to.precision - to.scale))), numeric)
        return self.if_(self.f.abs(rounded) < limit, self.cast(rounded, to), NULL)

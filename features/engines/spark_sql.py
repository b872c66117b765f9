"""How expressions are written for Spark, where Ibis says it otherwise than DuckDB or not at all."""

from __future__ import annotations

import string
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from features.engines.sql import own_links, without_tables

ZONED = dt.Timestamp(timezone="UTC")


class SparkSql(PySparkCompiler):  # type: ignore[misc]
    """Ibis' own, with what it leaves to chance."""

    __slots__ = ()
    UNSUPPORTED_OPS = tuple(op for op in PySparkCompiler.UNSUPPORTED_OPS if op is not ops.TimestampBucket)
    SIMPLE_OPS = {**PySparkCompiler.SIMPLE_OPS, ops.Hash: "xxhash64"}  # noqa: RUF012
    """A hash of 64 bits, where Ibis takes one of 32."""

    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802
        """Where a condition is never known, 0 rows are counted; Ibis adds conditions up, which gives none."""
        if where is None:
            return super().visit_CountStar(op, arg=arg, where=where)
        return self.f.count(self.if_(where, sge.convert(1), NULL))

    def visit_BitOr(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802, ARG002
        """Spark's own, which Ibis does not know."""
        return self.agg.bit_or(arg, where=where)

    def visit_IsInf(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        """Ibis asks Python whether the two expressions are the same one, which they never are."""
        if not op.arg.dtype.is_floating():
            return sge.false()
        return sge.paren(sg.or_(arg.eq(self.POS_INF), arg.eq(self.NEG_INF)), copy=False)

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:  # noqa: N802, ARG002
        """Of white space by its numbers: the signs that Ibis writes are a v and an f to Spark."""
        white = self.f.anon.concat(*(self.f.anon.char(sge.convert(ord(sign))) for sign in string.whitespace))
        return self.f.anon.btrim(arg, white)

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:  # noqa: N802, ARG002
        """Missing is missing; to Ibis what is not a number is missing as well, here alone."""
        return arg.is_(NULL)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:  # noqa: N802, ARG002
        """The same, the other way round."""
        return arg.is_(sg.not_(NULL))

    def visit_Mean(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802
        """The mean of decimals to eighteen digits after the point; Spark keeps four more than they have."""
        if op.arg.dtype.is_decimal():
            arg = self.cast(arg, dt.Decimal(38, 14))
        return self.agg.avg(arg, where=where)

    def visit_TimestampDelta(self, op: Any, *, part: Any, left: Any, right: Any) -> Any:  # noqa: N802
        """As DuckDB counts them: the boundaries of units between two instants, not the whole units that passed."""
        left, right = (self.f.date_trunc(op.part.value, instant) for instant in (left, right))
        return super().visit_TimestampDelta(op, part=part, left=left, right=right)

    def visit_JoinChain(self, op: Any, *, first: Any, rest: Any, values: Any) -> Any:  # noqa: N802
        """A chain whose joins no other SELECT shares."""
        return super().visit_JoinChain(op, first=first, rest=own_links(rest), values=values)

    def visit_Select(self, op: Any, *, qualified: Any, **parts: Any) -> Any:  # noqa: N802
        """A SELECT whose predicates over windows can stand around it."""
        return super().visit_Select(op, qualified=without_tables(qualified), **parts)

    def visit_TimestampBucket(self, op: Any, *, arg: Any, interval: Any, offset: Any) -> Any:  # noqa: N802, ARG002
        """Parts of an hour, which is all that is asked for."""
        minutes = op.interval.value
        part = sge.Floor(this=self.f.minute(arg) / sge.convert(minutes)) * sge.convert(minutes)
        whole = self.f.anon.make_dt_interval(0, 0, self.cast(part, dt.int32))
        return self.cast(self.f.anon.date_trunc("hour", arg), op.dtype) + whole

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:  # noqa: N802
        """The functions of instants that DuckDB and Postgres share, in Spark's words."""
        values = list(arguments.values())
        if op.__func_name__ == "timezone":
            zone, instant = values
            if op.dtype.timezone is None:  # the wall clock of a zone
                shifted = self.f.anon.from_utc_timestamp(instant, zone)
            else:
                shifted = self.f.anon.to_utc_timestamp(self.cast(instant, ZONED), zone)
            return self.cast(shifted, op.dtype)
        if op.__func_name__ == "isfinite":
            return values[0].is_(NULL).or_(sge.true())
        return super().visit_ScalarUDF(op, **arguments)

"""From what a company's column holds to the contract's type, and which of its values cannot be brought there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from features.clauses import INSTANT, NUMBER

ZONED = dt.Timestamp(timezone="UTC")
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0")
DAY_LENGTH = len("2024-01-31")


def _shift(zone: str, instant: object) -> None:
    """The engine's `timezone`: an instant becomes the wall clock of a zone there, and the other way round."""


def _finite_instant(instant: object) -> None:
    """The engine's `isfinite`."""


_wall_clock = ibis.udf.scalar.builtin(_shift, name="timezone", signature=((dt.string, ZONED), INSTANT))
_moment = ibis.udf.scalar.builtin(_shift, name="timezone", signature=((dt.string, INSTANT), ZONED))
_is_finite = ibis.udf.scalar.builtin(_finite_instant, name="isfinite", signature=((INSTANT,), dt.boolean))


@dataclass(frozen=True)
class Conversion:
    """A column in the contract's type; where a value cannot be converted it is null, and a rule says why."""

    value: ir.Value
    failures: Mapping[str, ir.BooleanValue] = field(default_factory=dict)
    """Predicate of the rows that break a rule (`wrong_type`, `infinity`, `number_too_large`), by rule."""


def convert(column: ir.Value, dtype: dt.DataType, timezone: str) -> Conversion | None:
    """The column in that type; None where no value of the one could ever be one of the other.

    Blank text and NaN are null. A number without a fraction gives text without one. A date is the beginning of that
    day in the company's time zone; an instant with a zone is converted to UTC; one without is UTC already.
    """
    source = column.type()
    if isinstance(dtype, dt.String):
        return _to_text(column, source)
    if isinstance(dtype, dt.Decimal):
        return _to_decimal(column, source, dtype)
    if isinstance(dtype, dt.Int64):
        return _to_whole(column, source)
    if isinstance(dtype, dt.Boolean):
        return _to_flag(column, source)
    return _to_instant(column, source, timezone)


def _blank_to_null(column: ir.Value) -> ir.Value:
    return column.strip().nullif("")


def _nan_to_null(column: ir.Value) -> ir.Value:
    return ibis.ifelse(column.isnan(), ibis.null(column.type()), column)


def _to_text(column: ir.Value, source: dt.DataType) -> Conversion | None:
    if isinstance(source, dt.String):
        return Conversion(column.nullif(""))
    if isinstance(source, dt.Floating):
        # pandas makes floats of whole ids as soon as one is missing: 17.0 means "17"
        number = _nan_to_null(column)
        whole = number.try_cast("int64")
        return Conversion(ibis.ifelse(whole.cast("float64") == number, whole.cast("string"), number.cast("string")))
    if isinstance(source, dt.Array | dt.Map | dt.Struct | dt.Binary):
        return None
    return Conversion(column.cast("string"))


def _to_decimal(column: ir.Value, source: dt.DataType, dtype: dt.Decimal) -> Conversion | None:
    if source == dtype:
        return Conversion(column)
    failures: dict[str, ir.BooleanValue] = {}
    if isinstance(source, dt.String):
        column = _blank_to_null(column)
        number = _nan_to_null(column.try_cast("float64"))
        # "nan" is a number to the engine and nothing to the contract
        column = ibis.ifelse(number.isnull() & column.try_cast("float64").notnull(), ibis.null("string"), column)
        failures["wrong_type"] = column.notnull() & number.isnull()
    elif isinstance(source, dt.Floating):
        column = number = _nan_to_null(column)
    elif isinstance(source, dt.Integer | dt.Decimal):
        number = column.cast("float64")
    else:
        return None
    value = column.try_cast(dtype)
    if not isinstance(source, dt.Integer | dt.Decimal):
        failures["infinity"] = number.isinf()
    failures["number_too_large"] = number.notnull() & ~number.isinf() & value.isnull()
    return Conversion(value, failures)


def _to_whole(column: ir.Value, source: dt.DataType) -> Conversion | None:
    if isinstance(source, dt.Integer):
        value = column.try_cast("int64")
        return Conversion(value, {"number_too_large": column.notnull() & value.isnull()})
    exact = _to_decimal(column, source, NUMBER)
    if exact is None:
        return None
    value = exact.value.cast("int64")
    fraction = exact.value.notnull() & (exact.value != value.cast(NUMBER))
    unreadable = exact.failures.get("wrong_type")
    wrong = fraction if unreadable is None else unreadable | fraction
    return Conversion(value, {**exact.failures, "wrong_type": wrong})


def _to_flag(column: ir.Value, source: dt.DataType) -> Conversion | None:
    if isinstance(source, dt.Boolean):
        return Conversion(column)
    if not isinstance(source, dt.Integer | dt.Floating | dt.String):
        return None
    if isinstance(source, dt.Floating):
        column = _nan_to_null(column)
    word = _blank_to_null(column.cast("string").lower())
    value = ibis.cases((word.isin(TRUE_WORDS), True), (word.isin(FALSE_WORDS), False))
    return Conversion(value, {"wrong_type": word.notnull() & value.isnull()})


def _to_instant(column: ir.Value, source: dt.DataType, timezone: str) -> Conversion | None:
    if isinstance(source, dt.Date):
        return _finite(_day_begins(column, timezone), {})
    if isinstance(source, dt.Timestamp):
        return _finite(column.cast(INSTANT) if source.timezone is None else _wall_clock("UTC", column), {})
    if not isinstance(source, dt.String):
        return None
    text = _blank_to_null(column)
    instant = ibis.ifelse(
        text.length() <= DAY_LENGTH,
        _day_begins(text.try_cast("date"), timezone),
        _wall_clock("UTC", text.try_cast(ZONED)),
    )
    return _finite(instant, {"wrong_type": text.notnull() & instant.isnull()})


def _finite(instant: ir.Value, failures: Mapping[str, ir.BooleanValue]) -> Conversion:
    infinite = ~_is_finite(instant)
    value = ibis.ifelse(infinite, ibis.null(INSTANT), instant)
    return Conversion(value, {**failures, "infinity": infinite})


def _day_begins(day: ir.Value, timezone: str) -> ir.Value:
    midnight = day.cast(INSTANT)
    return midnight if timezone == "UTC" else _wall_clock("UTC", _moment(timezone, midnight))

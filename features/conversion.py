"""From what a company's column holds to the contract's type, and which of its values cannot be brought there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from features.contract import INSTANT

ZONED = dt.Timestamp(timezone="UTC")
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0")


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, ZONED), INSTANT))
def _wall_clock(zone: str, instant: object) -> object:
    """What the clocks of a zone show at an instant."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, INSTANT), ZONED))
def _moment(zone: str, wall_clock: object) -> object:
    """The instant at which the clocks of a zone show that time."""


@dataclass(frozen=True)
class Conversion:
    """A column in the contract's type; where a value cannot be converted it is null, and a rule says why."""

    value: ir.Value
    failures: Mapping[str, ir.BooleanValue] = field(default_factory=dict)
    """Predicate of the rows that break a rule (`wrong_type`, `infinite_number`, `number_too_large`), by rule."""


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


def _to_text(column: ir.Value, source: dt.DataType) -> Conversion | None:
    if isinstance(source, dt.String):
        return Conversion(column.nullif(""))
    if isinstance(source, dt.Floating):
        number = column.isnan().ifelse(ibis.null(source), column)
        whole = number.try_cast("int64")
        return Conversion((whole.cast("float64") == number).ifelse(whole.cast("string"), number.cast("string")))
    if isinstance(source, dt.Array | dt.Map | dt.Struct | dt.Binary):
        return None
    return Conversion(column.cast("string"))


def _to_decimal(column: ir.Value, source: dt.DataType, dtype: dt.Decimal) -> Conversion | None:
    limit = 10.0 ** ((dtype.precision or 18) - (dtype.scale or 0))
    failures: dict[str, ir.BooleanValue] = {}
    if isinstance(source, dt.String):
        column = _blank_to_null(column)
        number = column.try_cast("float64")
        failures["wrong_type"] = column.notnull() & number.isnull()
    elif isinstance(source, dt.Integer | dt.Floating | dt.Decimal):
        number = column.cast("float64")
    else:
        return None
    if not isinstance(source, dt.Integer | dt.Decimal):
        failures["infinite_number"] = number.isinf()
        column = number.isnan().ifelse(ibis.null(source), column)
    value = column.try_cast(dtype)
    if source != dtype:
        failures["number_too_large"] = (number.abs() >= limit) & ~number.isinf() & ~number.isnan()
    return Conversion(value, failures)


def _to_whole(column: ir.Value, source: dt.DataType) -> Conversion | None:
    if isinstance(source, dt.Integer):
        return Conversion(column.try_cast("int64"))
    exact = _to_decimal(column, source, dt.Decimal(18, 6))
    if exact is None:
        return None
    value = exact.value.cast("int64")
    fraction = exact.value != value.cast(dt.Decimal(18, 6))
    wrong = fraction if "wrong_type" not in exact.failures else exact.failures["wrong_type"] | fraction
    return Conversion(value, {**exact.failures, "wrong_type": wrong})


def _to_flag(column: ir.Value, source: dt.DataType) -> Conversion | None:
    if isinstance(source, dt.Boolean):
        return Conversion(column)
    if not isinstance(source, dt.Integer | dt.Floating | dt.String):
        return None
    if isinstance(source, dt.Floating):
        column = column.isnan().ifelse(ibis.null(source), column)
    word = _blank_to_null(column.cast("string").lower())
    value = ibis.cases((word.isin(TRUE_WORDS), True), (word.isin(FALSE_WORDS), False))
    return Conversion(value, {"wrong_type": word.notnull() & value.isnull()})


def _to_instant(column: ir.Value, source: dt.DataType, timezone: str) -> Conversion | None:
    if isinstance(source, dt.Date):
        return Conversion(_day_begins(column, timezone))
    if isinstance(source, dt.Timestamp):
        naive = column if source.timezone is None else _wall_clock("UTC", column)
        value = naive.cast(INSTANT)
        return Conversion(value, {"infinite_instant": _is_infinite(value)})
    if not isinstance(source, dt.String):
        return None
    text = _blank_to_null(column)
    only_a_day = text.length() <= 10
    instant = _wall_clock("UTC", text.try_cast(ZONED))
    value = only_a_day.ifelse(_day_begins(text.try_cast("date"), timezone), instant)
    return Conversion(value, {"wrong_type": text.notnull() & value.isnull(), "infinite_instant": _is_infinite(value)})


def _day_begins(day: ir.Value, timezone: str) -> ir.Value:
    midnight = day.cast(INSTANT)
    return midnight if timezone == "UTC" else _wall_clock("UTC", _moment(timezone, midnight))


def _is_infinite(instant: ir.Value) -> ir.BooleanValue:
    text = instant.cast("string")
    return text.isin(["infinity", "-infinity"])

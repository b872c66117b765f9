"""Money, shares and days as an executive reads them: three digits at most, and always the sign where there is one."""

from __future__ import annotations

import math
from datetime import date

UNITS = ((1_000_000_000, "bn"), (1_000_000, "m"), (1_000, "k"))
MINUS = "\u2212"


def money(value: float, currency: str = "") -> str:
    """`EUR 1.24m`, `312k`, `850`; a dash where it is not known."""
    if not math.isfinite(value):
        return "\u2013"
    sign = MINUS if round(value) < 0 else ""
    return f"{sign}{currency} {_size(abs(value))}" if currency else f"{sign}{_size(abs(value))}"


def signed(value: float) -> str:
    """`+38k`, `\u22126k`, `0`."""
    if not math.isfinite(value):
        return "\u2013"
    return f"+{_size(value)}" if round(value) > 0 else money(value)


def span(low: float, high: float) -> str:
    """`24k to 210k`."""
    return f"{money(low)} to {money(high)}"


def percent(share: float, digits: int = 1) -> str:
    """`3.7%`; a dash where it is not known."""
    return f"{100 * share:.{digits}f}%".replace("-", MINUS) if math.isfinite(share) else "\u2013"


def points(value: float) -> str:
    """`+1.2`, `\u22120.4`, `0.0`: percentage points."""
    if not math.isfinite(value):
        return "\u2013"
    text = f"{value:+.1f}"
    return text[1:] if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def whole(value: float) -> str:
    """`1,260`."""
    return f"{value:,.0f}".replace("-", MINUS) if math.isfinite(value) else "\u2013"


def day(when: date) -> str:
    """`4 Dec 2025`."""
    return f"{when.day} {when:%b %Y}"


def _size(value: float) -> str:
    """Three digits at most, of a number that is not negative."""
    for unit, letter in UNITS:
        if value >= unit * 0.9995:
            shown = value / unit
            digits = 0 if shown >= 99.95 else 1 if shown >= 9.995 else 2
            text = f"{shown:.{digits}f}"
            return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{letter}"
    return f"{value:.0f}"

"""Numbers and reasons in plain words.

A reason states a number and what it is to be held against: what is usual for the account itself ("usually 11") or,
where its own past is too short, for the others that were scored with it ("others: 11").
"""

from __future__ import annotations

import math
import re

from features.feature import Feature, Unit

BEYOND_COMPARING = 2
"""A share of what was before of more than 200 % is of a beginning, and makes a poor measure of later ones."""
NOTHING_NEW = ("as usual", "as others")
"""Remarks in place of what a number is held against."""
SAME = 0.05
"""A number within 5 % of another did not move."""
NOUNS = (
    "account|answer|call|complaint|contact|contract|day|error|event|feature|hour|incident|integration|interaction|"
    "meeting|milestone|minute|month|offer|order|plan|point|product|promise|question|referral|request|review|seat|"
    "subscription|team|ticket|time|user|visit|week|year"
)
TIMES = ("days", "hours", "months")
"""Units that a number is written with."""
ONE_OF_MANY = re.compile(rf"(?<![\d.,-])1 ((?:[a-z-]+ )?)({NOUNS})s\b")
"""`1 days`, `1 open tickets`: a plural that the number contradicts."""


def number(value: float, unit: Unit, currency: str = "") -> str:
    """A number as people write it: `3`, `10.5`, `12%`, `EUR 1,250`, `34 days`, `yes`."""
    if unit == "flag":
        return "yes" if value >= 0.5 else "no"
    if unit == "share":
        return _share(value)
    if unit == "money":
        amount = _thousands(value, 0 if abs(value) >= 100 or float(value).is_integer() else 2)
        return f"{currency} {amount}".strip()
    if unit in ("ratio", "quantity"):
        return _significant(value)
    plain = _thousands(value, 0 if abs(value) >= 100 else 1)
    return f"{plain} {unit}" if unit in TIMES else plain


def tenths(probability: float) -> int:
    """A chance in tenths of a percent, as every list, page, brief and command shows it: rounded here, and here alone.

    What is neither impossible nor certain is 0 or 1,000 only by rounding, and `chance` says so.
    """
    return math.floor(1000 * probability + 0.5)


def chance(probability: float) -> str:
    """A chance in words: `36.1%`, `under 0.1%`, `over 99.9%`; see `tenths`."""
    return chance_of(tenths(probability))


def chance_of(shown: int) -> str:
    """The words of a chance that is there in tenths of a percent."""
    return "under 0.1%" if shown < 1 else "over 99.9%" if shown > 999 else f"{shown / 10:.1f}%"


def reason_text(feature: Feature, value: float, usual: float | None, others: float | None, currency: str = "") -> str:
    """The words of one reason: the feature's phrase with its number and what that is held against.

    `usual` is the account's own median and `others` that of its peers; None where there is none. The number is held
    against what is usual for the account. It is held against the others where it did not move, where there is no past,
    and where the account moved one way and stands on the other side of the others: a score compares accounts, so a
    satisfaction that rose to 40 where others have 70 speaks against it, and "rose" would mislead. `{moved}` becomes
    "fell to" or "rose to" against its own past, "stayed at" where it did not move, and else "came to". A day that lies
    ahead ("24 days away") comes nearer for everybody and is held against nothing.
    """
    if math.isnan(value):
        return _missing_text(feature)
    usual, others = _references(feature, usual, others)
    shown = number(value, feature.unit, currency)
    moved, against = _compared(value, usual, others)
    bracket = {
        "usual": "" if usual is None else f" (usually {number(usual, feature.unit, currency)})",
        "others": "" if others is None else f" (others: {number(others, feature.unit, currency)})",
    }.get(against, f" ({against})" if against else "")
    phrase = feature.phrase.replace(f"{{value}} {feature.unit}", "{value}")  # the number brings its unit along
    return _singular(phrase.replace("{moved}", moved).replace("{value}", shown) + bracket)


def nothing_new(feature: Feature, value: float, usual: float | None, others: float | None) -> bool:
    """Whether a number is what it always is, as far as that is known, and what it is with others."""
    return _compared(value, *_references(feature, usual, others))[1] in NOTHING_NEW


def change_text(feature: Feature, before: float, now: float, currency: str = "", *, ahead: bool = False) -> str:
    """What became of a feature from one list to the next: "Active days fell to 3 in the last 28 (before: 11)".

    Or, where it lies `ahead`, what could become of it: "Active days at 11 in the last 28 (now: 3)".
    """
    word = "now" if ahead else "before"
    earlier = "not known" if math.isnan(before) else number(before, feature.unit, currency)
    if math.isnan(now):
        return _missing_text(feature) + ("" if math.isnan(before) else f" ({word}: {earlier})")
    moved = "at" if ahead else _moved(before, now)
    shown = number(now, feature.unit, currency)
    phrase = feature.phrase.replace(f"{{value}} {feature.unit}", "{value}")
    return _singular(phrase.replace("{moved}", moved).replace("{value}", shown) + f" ({word}: {earlier})")


def _references(feature: Feature, usual: float | None, others: float | None) -> tuple[float | None, float | None]:
    """What a number is held against: not a share of a beginning, and of a day that lies ahead nothing."""
    if feature.unit == "days" and feature.phrase.endswith(" away"):
        return None, None
    if usual is not None and feature.unit in ("share", "ratio") and usual > BEYOND_COMPARING:
        return None, others
    return usual, others


def _moved(before: float, now: float) -> str:
    if math.isnan(before):
        return "came to"
    return "stayed at" if _close(now, before) else "fell to" if now < before else "rose to"


def capitalised(text: str) -> str:
    """The text with a capital at its beginning, the rest untouched."""
    return text[:1].upper() + text[1:]


def _compared(value: float, usual: float | None, others: float | None) -> tuple[str, str]:
    """How the value moved, in words, and what it is held against: `usual`, `others` or a remark in their place."""
    differs = others is not None and not _close(value, others)
    if usual is None:
        return "came to", "" if others is None else "others" if differs else "as others"
    if _close(value, usual):
        return "stayed at", "others" if differs else "as usual"
    if differs and others is not None and (value < usual) != (value < others):
        return "came to", "others"
    return "fell to" if value < usual else "rose to", "usual"


def _close(value: float, reference: float) -> bool:
    """Whether nobody would call them different."""
    return math.isclose(value, reference, rel_tol=SAME, abs_tol=1e-9)


def _missing_text(feature: Feature) -> str:
    return feature.missing_phrase or f"Nothing is known of {feature.name.replace('_', ' ')}"


def _singular(text: str) -> str:
    return ONE_OF_MANY.sub(r"1 \1\2", text) if "1 " in text else text


def _share(value: float) -> str:
    percent = round(100 * value, 9)  # what is left of a difference of equals is nothing
    if 0 < percent < 0.1:
        return "under 0.1%"
    if 99.9 < percent < 100:
        return "over 99.9%"
    whole = round(percent)
    exact = math.isclose(percent, whole, abs_tol=1e-9)
    return f"{percent:.1f}%" if not exact and (whole in (0, 100) or abs(percent) < 10) else f"{whole:,}%"


def _significant(value: float) -> str:
    """Two significant digits below ten, whole numbers with thousands from there on."""
    if abs(value) >= 10:
        return _thousands(value, 0 if abs(value) >= 100 else 1)
    if value == 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(abs(value))))
    return _trimmed(f"{value:.{min(digits, 6)}f}")


def _thousands(value: float, decimals: int) -> str:
    return _trimmed(f"{value:,.{decimals}f}")


def _trimmed(text: str) -> str:
    """Without a fraction of nothing but zeros, and without the sign of a zero."""
    if "." in text and not text.rpartition(".")[2].strip("0"):
        text = text.rpartition(".")[0]
    return "0" if text == "-0" else text

"""Features of declared attributes: numbers as they are, text as one flag for each value that enough accounts bear.

    attribute_employees                  a number; missing where the account has none
    attribute_industry=retail            1 where the account's industry is retail, else 0
    attribute_industry=(missing)         1 where it has none

Whether a value gets a flag is decided by how many accounts bear it, of those known at the as_of at which we stand, and
by nothing else: no label is looked at, and no future can change it. A model keeps its flags by their names, which hold
the values: one that is rare or gone by the time of scoring is still answered, and a value that the model never saw
leaves all of its flags at 0. Case and white space do not tell values apart. See docs/decisions/0013-attributes.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import quote, unquote

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.clock import Horizon
from features.cohort import account_versions
from features.days import day_table, days_of
from features.declared import Attribute, Declared
from features.feature import Aggregate, Feature, StateSource
from features.library.library import Library
from features.tables import Tables

FAMILY = SOURCE = "attributes"
IDEA = "attributes"
"""Like those of `features/library/ideas.py`; it is there where a company declares attributes."""
PREFIX = "attribute_"
MISSING = "(missing)"
"""How the value of an account that has none is written; brackets of a value are written otherwise."""
NONE = ""
"""That value itself: no other is blank."""
KEPT = " -_.+&/"
"""Signs that stand for themselves in a name, beside letters and digits; all others are written %XX."""
FEWEST = 20
"""Accounts that bear a value, without which it has no flag: fewer teach nothing, and could be told apart."""
SHARE = 0.01
"""... and the share of all known accounts."""
MOST = 20
"""Flags of one attribute, those of the commonest values."""


def attribute_names(tables: Tables, as_of: date, attributes: Mapping[str, Attribute]) -> tuple[str, ...]:
    """The names of the features that attributes have at an as_of: those of their values that enough accounts bear."""
    versions = account_versions(tables, day_table([as_of], Horizon(1), 1))
    names: list[str] = []
    for attribute in attributes:
        if versions[attribute].type().is_numeric():
            names.append(PREFIX + attribute)
        else:
            names += [f"{PREFIX}{attribute}={_written(value)}" for value in _common(tables, versions, attribute)]
    return tuple(names)


def kept_attributes(tables: Tables, attributes: Declared) -> tuple[str, ...]:
    """Those whose values are kept beside the features: text, for a model's flags, and what evaluation reports by."""
    accounts = tables["accounts"]
    texts = [name for name in attributes.features if not accounts[name].type().is_numeric()]
    reported = [name for name in attributes.slices if name in accounts.columns]
    return tuple(dict.fromkeys([*texts, *reported]))


def with_attributes(library: Library, attributes: Mapping[str, Attribute], names: Iterable[str]) -> Library:
    """The library with the features of those names that are of attributes which are on; other names are passed over."""
    mine = {name: parsed for name in dict.fromkeys(names) if (parsed := _parsed(name)) and parsed[0] in attributes}
    if not mine:
        return library
    features = tuple(
        _feature(name, attribute, value, attributes[attribute].purpose) for name, (attribute, value) in mine.items()
    )
    states = tuple(_state(name, attribute, value) for name, (attribute, value) in mine.items())
    source = StateSource(SOURCE, _known, states, table="accounts")
    return replace(
        library,
        families={**library.families, FAMILY: features},
        sources={**library.sources, SOURCE: source},
        ideas={**library.ideas, IDEA: "What kind of customer it is"},
    )


def attribute_values(tables: Tables, members: pd.DataFrame, attributes: Sequence[str]) -> pd.DataFrame:
    """The attributes of each (account_id, as_of) as they were known then: numbers as doubles, text as flags compare it.

    One row a row of `members`, sorted by its keys.
    """
    keys = members[["account_id", "as_of"]].sort_values(["account_id", "as_of"], ignore_index=True)
    days = sorted({day.date() for day in pd.DatetimeIndex(keys["as_of"])})
    if not days or not attributes:
        return keys.assign(**{name: pd.Series(dtype="str") for name in attributes})
    versions = account_versions(tables, day_table(days, Horizon(1), 1))
    values = {
        name: versions[name].cast("float64") if versions[name].type().is_numeric() else _plain(versions[name])
        for name in attributes
    }
    found = tables.connection.to_pyarrow(versions.select("account_id", "as_of", **values)).to_pandas()
    found = found.assign(as_of=pd.to_datetime(found["as_of"]).astype("datetime64[us]"))
    return keys.merge(found, on=["account_id", "as_of"], how="left", validate="one_to_one")


def flags(values: pd.DataFrame, names: Iterable[str]) -> dict[str, pd.Series[float]]:
    """The flags of those names, over what `attribute_values` gave; only of text attributes that are there."""
    told = {}
    for name in names:
        attribute, value = _parsed(name) or ("", None)
        if value is not None and attribute in values.columns and not pd.api.types.is_numeric_dtype(values[attribute]):
            column = values[attribute]
            told[name] = (column.isna() if value == NONE else column.eq(value).fillna(value=False)).astype("float64")
    return told


def _known(tables: Tables, cohort: ir.Table) -> ir.Table:
    """One row (account_id, as_of): the account's attributes as they were known then."""
    versions = account_versions(tables, days_of(tables, cohort))
    return cohort.inner_join(versions, ["account_id", "as_of"])


def _common(tables: Tables, versions: ir.Table, attribute: str) -> list[str]:
    """The values that enough accounts bear, in the order of the alphabet, no value last."""
    value = ibis.coalesce(_plain(versions[attribute]), NONE)
    counted = versions.group_by(value=value).agg(accounts=lambda t: t.count())
    counts = tables.connection.to_pyarrow(counted).to_pylist()
    enough = max(FEWEST, math.ceil(SHARE * sum(row["accounts"] for row in counts)))
    common = sorted((-row["accounts"], row["value"]) for row in counts if row["accounts"] >= enough)[:MOST]
    return sorted((value for _, value in common), key=lambda value: (value == NONE, value))


def _plain(column: ir.Value) -> ir.Value:
    """Text without what does not tell values apart: case, and white space around and between words; blank is none."""
    return column.cast("string").lower().re_replace(r"\s+", " ").strip().nullif("")


def _written(value: str) -> str:
    return MISSING if value == NONE else "".join(_sign(sign) for sign in value)


def _sign(sign: str) -> str:
    return sign if sign.isalnum() or sign in KEPT else quote(sign, safe="")


def _parsed(name: str) -> tuple[str, str | None] | None:
    """The attribute and, of a flag, the value that a name tells; None where it is no attribute's."""
    if not name.startswith(PREFIX):
        return None
    attribute, equals, value = name.removeprefix(PREFIX).partition("=")
    if not equals:
        return attribute, None
    return attribute, NONE if value == MISSING else unquote(value)


def _state(name: str, attribute: str, value: str | None) -> Aggregate:
    if value is None:
        return Aggregate(name, lambda t: t[attribute].max(), (attribute,))
    if value == NONE:
        return Aggregate(name, lambda t: _plain(t[attribute]).isnull().any(), (attribute,))
    return Aggregate(name, lambda t: (_plain(t[attribute]) == value).fill_null(False).any(), (attribute,))


def _feature(name: str, attribute: str, value: str | None, purpose: str) -> Feature:
    words = attribute.replace("_", " ").capitalize()
    shown = "not known" if value == NONE else str(value).replace("{", "(").replace("}", ")")
    return Feature(
        name=name,
        value=StateSource(SOURCE, _known, (), table="accounts").state(name),
        unit="quantity" if value is None else "flag",
        idea=IDEA,
        rung=None,
        purpose=purpose,
        missing="unknown",
        phrase=f"{words}: {{value}}" if value is None else f"{words} is {shown}: {{value}}",
        missing_phrase=f"{words} is not known",
        description=f"{words} as it is declared" if value is None else f"Whether its {words.lower()} is {shown}",
    )

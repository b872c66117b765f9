"""Every feature of the project: the library as a company has it that adds nothing and allows everything.

`CATALOGUE` is in a fixed order: families as `_FAMILIES` lists them, and within a family as its file does. Models keep
their features by name, so that a new feature may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from features.families import (
    accessories,
    adoption,
    affinity,
    consumption,
    contagion,
    curves,
    effort,
    growth,
    habits,
    interactions,
    life_cycle,
    limits,
    markets,
    milestones,
    moves,
    next_plan,
    offers,
    pioneers,
    prices,
    products,
    relative,
    satisfaction,
    scores,
    subscriptions,
    tickets,
    upgrades,
)
from features.feature import Combined, Feature, Rank, Recency, Score, Source, State, Value
from features.library.ideas import IDEAS
from features.library.library import Library
from features.tables import Tables

_FAMILIES = (
    consumption,
    habits,
    adoption,
    growth,
    pioneers,
    satisfaction,
    tickets,
    effort,
    subscriptions,
    prices,
    life_cycle,
    upgrades,
    moves,
    limits,
    next_plan,
    accessories,
    interactions,
    milestones,
    offers,
    contagion,
    products,
    affinity,
    markets,
    curves,
    relative,
    scores,
)

FAMILIES: Mapping[str, tuple[Feature, ...]] = MappingProxyType(
    {family.__name__.rpartition(".")[2]: family.FEATURES for family in _FAMILIES}
)
"""The features of each family, in the order of the catalogue."""

CATALOGUE: tuple[Feature, ...] = tuple(feature for family in FAMILIES.values() for feature in family)
"""Every feature."""

SOURCES: Mapping[str, Source] = MappingProxyType(
    {source.name: source for family in _FAMILIES for source in family.SOURCES}
)
"""Every source by its name."""


LIBRARY = Library(FAMILIES, SOURCES, IDEAS)
"""The catalogue as a company has it that adds nothing and allows every purpose."""


def available(tables: Tables) -> tuple[Feature, ...]:
    """The features that a company's tables and columns allow, in the order of the catalogue."""
    return LIBRARY.available(tables)


def unavailable(tables: Tables) -> dict[str, list[Feature]]:
    """What absent tables and columns cost: see `Library.unavailable`."""
    return LIBRARY.unavailable(tables)


def may_be_missing(value: Value) -> bool:
    """Whether a value can be missing: it divides, compares, or looks at a last time or at what is in force."""
    if isinstance(value, Combined):
        return value.operator == "/" or may_be_missing(value.left) or may_be_missing(value.right)
    return isinstance(value, Recency | State | Rank | Score)

"""Every feature, what each needs, and the page that tells of them.

`CATALOGUE` is in a fixed order: families as `_FAMILIES` lists them, and within a family as its file does. Models keep
their features by name, so that a new feature may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from features.contract import columns_of
from features.families import (
    accessories,
    adoption,
    consumption,
    interactions,
    markets,
    milestones,
    offers,
    products,
    satisfaction,
    subscriptions,
    tickets,
    upgrades,
)
from features.feature import (
    DAYS,
    Combined,
    Distinct,
    EventSource,
    Feature,
    Leaf,
    Recency,
    Source,
    State,
    Total,
    Value,
)
from features.ideas import IDEAS
from features.tables import Tables

Place = tuple[str, str]
"""A table and one of its columns."""

_FAMILIES = (
    consumption,
    adoption,
    satisfaction,
    tickets,
    subscriptions,
    upgrades,
    accessories,
    interactions,
    milestones,
    offers,
    products,
    markets,
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


def requirements(feature: Feature) -> tuple[Place, ...]:
    """The tables and columns without which a feature is not there, sorted; a table as such has the column ''."""
    places = {place for leaf in feature.value.leaves() for place in _needed_by(leaf)}
    return tuple(sorted(places))


def available(tables: Tables) -> tuple[Feature, ...]:
    """The features that a company's tables and columns allow, in the order of the catalogue."""
    return tuple(feature for feature in CATALOGUE if not _absent(tables, feature))


def unavailable(tables: Tables) -> dict[str, list[Feature]]:
    """What absent tables and columns cost: by `table` or, where the table is there, `table.column`, the features.

    A feature that lacks several of them stands under each. Tables and columns in the order of the alphabet.
    """
    costs: dict[str, list[Feature]] = {}
    for feature in CATALOGUE:
        for place in _absent(tables, feature):
            costs.setdefault(place, []).append(feature)
    return dict(sorted(costs.items()))


def may_be_missing(value: Value) -> bool:
    """Whether a value can be missing: it divides, or looks at a last time or at what is in force."""
    if isinstance(value, Combined):
        return value.operator == "/" or may_be_missing(value.left) or may_be_missing(value.right)
    return isinstance(value, Recency | State)


def _absent(tables: Tables, feature: Feature) -> list[str]:
    """What a feature needs that is not there, each as `table` or `table.column`, once."""
    lacks = [
        f"{table}.{column}" if table in tables else table
        for table, column in requirements(feature)
        if not (table in tables if not column else tables.has(table, column))
    ]
    return list(dict.fromkeys(lacks))


def _needed_by(leaf: Leaf) -> Iterator[Place]:
    """The places that one leaf needs: those of its source and those of its measure, state or entity."""
    source = SOURCES[leaf.source]
    yield (source.table, "")
    for column in (*source.columns, *_columns(source, leaf)):
        table, _, name = column.rpartition(".")
        yield (table or source.table, name)


def _columns(source: Source, leaf: Leaf) -> tuple[str, ...]:
    """The optional columns that a source needs for a leaf."""
    if not isinstance(source, EventSource):
        return next(state.columns for state in source.states if state.name == leaf.name)
    if isinstance(leaf, Distinct):
        if leaf.name in columns_of(source.table):
            return (leaf.name,)
        # An entity that is not of the source's own table comes from one that the source is joined to.
        joined = {column.partition(".")[0] for column in source.columns if "." in column}
        return tuple(f"{table}.{leaf.name}" for table in sorted(joined) if leaf.name in columns_of(table))
    if leaf.name == DAYS:
        return ()
    return next(measure.columns for measure in source.measures if measure.name == leaf.name)


def catalogue_page() -> str:
    """The catalogue as Markdown: what each feature is, a table a family, then what ideas and units mean."""
    parts = [_HEAD.format(count=len(CATALOGUE), families=len(FAMILIES))]
    parts += [_family(name, features) for name, features in FAMILIES.items()]
    rows = [f"| {idea} | {meaning} | {sum(f.idea == idea for f in CATALOGUE)} |" for idea, meaning in IDEAS.items()]
    parts.append("\n".join(["## Ideas", "", "| idea | what it tells | features |", "|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


_HEAD = """# Features

<!-- Generated by `python -m features.catalogue > docs/features.md`; a test fails where the two differ. -->

What is known of an account at an as_of: {count} features in {families} families. A feature is one record in
`features/families/`, and sees only what happened, and could be known, before the as_of. A name ends with the days
that it looks back over. *Missing* gives a reason's words where there is no value; 0 says that nothing means 0.
Features that share an *idea* make one reason. A feature whose columns the company does not bring is left out."""

_COLUMNS = (
    "name",
    "what it is",
    "unit",
    "window",
    "missing",
    "rung",
    "layer or moment",
    "idea",
    "purpose",
    "to act on",
    "from",
)


def _family(name: str, features: Sequence[Feature]) -> str:
    about = "of an account and a product" if features[0].about == "pair" else "of an account"
    lines = [f"## {name.capitalize()}", "", f"Values {about}.", "", f"| {' | '.join(_COLUMNS)} |", "|---" * 11 + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(_row(feature))} |" for feature in features)])


def _row(feature: Feature) -> tuple[str, ...]:
    facets = (feature.layer, feature.moment and feature.moment.replace("_", " "))
    places = [(table, column) for table, column in requirements(feature) if column]
    bare = [table for table, column in requirements(feature) if table not in {t for t, _ in places}]
    return (
        f"`{feature.name}`",
        feature.description,
        feature.unit,
        _window(feature),
        feature.missing_phrase or "0",
        feature.rung,
        ", ".join(facet for facet in facets if facet),
        feature.idea,
        feature.purpose,
        "yes" if feature.actionable else "",
        ", ".join([*(f"`{table}`" for table in bare), *(f"`{table}.{column}`" for table, column in places)]),
    )


def _window(feature: Feature) -> str:
    """The stretches of days that a feature sees, in words."""
    leaves = list(feature.value.leaves())
    windows = {leaf.window for leaf in leaves if isinstance(leaf, Total | Distinct)}
    if not windows:
        return "at as_of"
    if any(window.days is None for window in windows):
        return "so far"
    days = " and ".join(f"{n}" for n in sorted({window.days for window in windows if window.days}))
    lagged = any(window.lag for window in windows)
    return f"{days} days, and those before" if lagged else f"{days} days"


if __name__ == "__main__":
    import sys

    sys.stdout.write(catalogue_page())

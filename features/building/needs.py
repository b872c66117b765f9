"""What features need: for each source the leaves that one query has to yield, checked against what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.errors import ConfigError
from features.feature import DAYS, Distinct, Feature, Leaf, Source, State, StateSource
from features.rollups.daily import available_measures
from features.tables import Tables


@dataclass(frozen=True)
class Needs:
    """One source and the different leaves that features need of it."""

    source: Source
    leaves: tuple[Leaf, ...]


def needs_of(
    tables: Tables, features: Sequence[Feature], sources: Mapping[str, Source], keys: Sequence[str]
) -> tuple[Needs, ...]:
    """The sources that features need, sorted by name, each with its leaves.

    Raises:
        ConfigError: a feature needs a source, a measure or a key that is not there, or two features share a name.
    """
    names = [feature.name for feature in features]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ConfigError(f"A feature's name is its own; {', '.join(twice)} stands for several. Rename all but one.")
    found: dict[str, dict[str, Leaf]] = {}
    for feature in features:
        for leaf in feature.value.leaves():
            _check(tables, feature, leaf, sources, keys)
            found.setdefault(leaf.source, {})[leaf.column] = leaf
    return tuple(Needs(sources[name], tuple(found[name].values())) for name in sorted(found))


def _check(tables: Tables, feature: Feature, leaf: Leaf, sources: Mapping[str, Source], keys: Sequence[str]) -> None:
    """Refuse a leaf that cannot be computed."""
    source = sources.get(leaf.source)
    if source is None:
        raise ConfigError(
            f"A feature names its sources; {feature.name} names {leaf.source!r}, and there are "
            f"{', '.join(sorted(sources))}. Correct the name, or add the source."
        )
    if not tables.has(source.table, *source.columns):
        raise ConfigError(
            f"A feature is computed from tables that are there; {feature.name} needs "
            f"{source.table}({', '.join(source.columns)}). Bring it, or leave the feature out."
        )
    if not set(source.keys) <= set(keys):
        raise ConfigError(
            f"A feature has a value for each row of its cohort; {feature.name} is about {', '.join(source.keys)}, the "
            f"cohort about {', '.join(keys)}. Use a cohort of pairs, or leave the feature out."
        )
    there = _names(tables, source, leaf)
    if leaf.name not in there:
        raise ConfigError(
            f"A feature uses what its source offers; {feature.name} asks {source.name} for {leaf.name!r}, and this "
            f"company's data gives {', '.join(there) or 'nothing of the kind'}. Correct the name, bring the column, "
            "or leave the feature out."
        )


def _names(tables: Tables, source: Source, leaf: Leaf) -> tuple[str, ...]:
    """The measures, entities or states that a source has to offer for a leaf, with the columns there are."""
    if isinstance(source, StateSource):
        states = (state.name for state in source.states if tables.has(source.table, *state.columns))
        return tuple(states) if isinstance(leaf, State) else ()
    if isinstance(leaf, Distinct):
        columns = source.rows(tables).columns
        return tuple(entity for entity in source.entities if entity in columns)
    return () if isinstance(leaf, State) else (DAYS, *(measure.name for measure in available_measures(tables, source)))

"""The features that one company can have: the catalogue's and its own, and which of them it allows and brings data for.

library.available(tables)            # what is computed: purpose allowed, tables and columns there
library.unavailable(tables)          # what absent tables and columns cost
library.off                          # what is off because of its purpose
library.sources_of(features)         # the sources, cut down to what those features ask of them
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from features.columns import Brings
from features.contract import columns_of
from features.errors import ConfigError
from features.feature import DAYS, Distinct, EventSource, Feature, Leaf, Score, Source, StateSource
from features.outcomes.kinds import OutcomeKind
from features.outcomes.outcome import OWN_KIND, Outcome
from features.purposes import PURPOSES, PurposeSettings
from features.suggestion import did_you_mean

SCORES = "scores of such"
"""What is told of scores that are off because all of their parts are."""
Place = tuple[str, str]
"""A table and one of its columns."""


@dataclass(frozen=True)
class Library:
    """Every feature that there is for a company, with what features are made of and what they may be for."""

    families: Mapping[str, tuple[Feature, ...]]
    """In the order of the catalogue."""
    sources: Mapping[str, Source]
    """By name."""
    ideas: Mapping[str, str]
    """What the features that share an idea tell together."""
    purposes: Mapping[str, str] = field(default_factory=lambda: PURPOSES)
    """What each purpose means, allowed or not."""
    allowed: tuple[str, ...] = tuple(PURPOSES)
    """The purposes that features may serve."""
    kinds: Mapping[str, OutcomeKind] = field(default_factory=dict)
    """Kinds of outcome that the company adds, by `<file>.<name>`."""
    digests: tuple[str, ...] = ()
    """Of the content of the company's own files, in their order."""

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Every feature, whether or not it is allowed."""
        return tuple(feature for family in self.families.values() for feature in family)

    @cached_property
    def on(self) -> tuple[Feature, ...]:
        """The features whose purpose is allowed; a score without those of its parts whose purpose is not."""
        cut = (self._cut(feature, self._allows) for feature in self.features)
        return tuple(feature for feature in cut if self._allows(feature) and any(feature.value.leaves()))

    @cached_property
    def off(self) -> tuple[Feature, ...]:
        """The features whose purpose is not allowed: never computed."""
        on = {feature.name for feature in self.on}
        return tuple(feature for feature in self.features if feature.name not in on)

    @cached_property
    def off_by_purpose(self) -> Mapping[str, tuple[str, ...]]:
        """Their names by the purpose that is not allowed; last, the scores that are made of nothing else."""
        why = {feature.name: SCORES if self._allows(feature) else feature.purpose for feature in self.off}
        kinds = {kind: tuple(name for name in why if why[name] == kind) for kind in (*self.purposes, SCORES)}
        return {kind: names for kind, names in kinds.items() if names}

    @property
    def off_in_words(self) -> str:
        """` (12 off, their purposes not allowed: growth 10, pricing 2)`; empty where every purpose is allowed."""
        told = ", ".join(f"{kind} {len(names)}" for kind, names in self.off_by_purpose.items())
        return f" ({len(self.off)} off, their purposes not allowed: {told})" if told else ""

    @cached_property
    def idea_of(self) -> Mapping[str, str]:
        """Each feature's idea, by the feature's name."""
        return {feature.name: feature.idea for feature in self.features}

    def allowing(self, purposes: PurposeSettings) -> Library:
        """The same library under a company's choice of purposes."""
        return replace(self, purposes=purposes.meanings, allowed=purposes.allowed)

    def teaching_scores(self) -> Library:
        """The same library, with scores that models learn from."""
        families = {
            name: tuple(replace(f, taught=True) if isinstance(f.value, Score) else f for f in features)
            for name, features in self.families.items()
        }
        return replace(self, families=families)

    def bound(self, outcome: Outcome) -> Outcome:
        """The outcome with the record of its kind, where that is one that the company adds.

        Raises:
            ConfigError: no file adds a kind of that name; the nearest is named.
        """
        if not OWN_KIND.fullmatch(outcome.kind):
            return outcome
        if outcome.kind not in self.kinds:
            there = did_you_mean(outcome.kind, self.kinds) or f"there are: {', '.join(self.kinds) or 'none'}."
            raise ConfigError(
                f"outcomes.{outcome.name}.kind: no file of [features] files adds {outcome.kind}; {there} Correct the "
                "name, or add it to OUTCOMES of its file."
            )
        return outcome.ruled_by(self.kinds[outcome.kind])

    def available(self, tables: Brings) -> tuple[Feature, ...]:
        """The features that are computed: allowed, with their tables and columns; in the order of the catalogue.

        A score is made of those of its parts that are.
        """
        cut = (self._cut(feature, lambda part: not self.lacks(tables, part)) for feature in self.on)
        return tuple(feature for feature in cut if any(feature.value.leaves()) and not self.lacks(tables, feature))

    def unavailable(self, tables: Brings) -> dict[str, list[Feature]]:
        """What absent tables and columns cost: by `table` or, where the table is there, `table.column`, the features.

        A feature that lacks several of them stands under each. Tables and columns in the order of the alphabet.
        """
        costs: dict[str, list[Feature]] = {}
        for feature in self.on:
            for place in self.lacks(tables, feature):
                costs.setdefault(place, []).append(feature)
        return dict(sorted(costs.items()))

    def lacks(self, tables: Brings, feature: Feature) -> list[str]:
        """What a feature needs that is not there, each as `table` or `table.column`, once.

        A score needs one of its parts: it lacks what all of them lack.
        """
        if isinstance(feature.value, Score):
            parts = [self.lacks(tables, self._named[part.feature]) for part in feature.value.parts]
            return list(dict.fromkeys(place for places in parts for place in places)) if all(parts) else []
        places = [
            f"{table}.{column}" if table in tables else table
            for table, column in self.requirements(feature)
            if not (table in tables if not column else tables.has(table, column))
        ]
        return list(dict.fromkeys(places))

    def requirements(self, feature: Feature) -> tuple[Place, ...]:
        """The tables and columns without which a feature is not there, sorted; a table as such has the column ''."""
        places = {place for leaf in feature.value.leaves() for place in self._needed_by(leaf)}
        return tuple(sorted(places))

    def places(self, feature: Feature) -> tuple[Place, ...]:
        """All that a feature is made of: what it requires, and what else is looked at where it is there; sorted."""
        besides = {
            (table, column)
            for leaf in feature.value.leaves()
            if isinstance(source := self.sources[leaf.source], StateSource)
            for table, _, column in (place.partition(".") for place in source.besides)
        }
        if any(rank.among == "peers" for rank in feature.value.ranks()):  # who these are
            besides |= {("accounts", ""), ("accounts", "segment")}
        return tuple(sorted({*self.requirements(feature), *besides}))

    def places_of(self, features: Sequence[Feature]) -> frozenset[Place]:
        """All that those features are made of together."""
        return frozenset(place for feature in features for place in self.places(feature))

    def sources_of(self, features: Sequence[Feature], besides: Collection[Place] = ()) -> dict[str, Source]:
        """The sources of those features, each with only the measures, entities and states that they ask for.

        A source of which others are made has what they ask for together; its days are also kept apart by what is needed
        `besides`. What nobody asks for is in no rollup, and the columns that only it is made of are not read.
        """
        asked: dict[str, set[str]] = {}
        for leaf in (leaf for feature in features for leaf in feature.value.leaves()):
            asked.setdefault(leaf.source, set()).add(leaf.name)
        places = self.places_of(features)
        finer = [source for source in self.finer if (source.table, "") in {*places, *besides}]
        cut = {name: _cut(source, asked[name]) for name, source in self.sources.items() if name in asked}
        return cut | {source.name: _read(source, places, besides) for source in finer}

    @property
    def finer(self) -> set[EventSource]:
        """The sources of which others are made."""
        return finer_than(self.sources.values())

    @cached_property
    def _named(self) -> Mapping[str, Feature]:
        return {feature.name: feature for feature in self.features}

    def _allows(self, feature: Feature) -> bool:
        return feature.purpose in self.allowed

    def _cut(self, feature: Feature, keeps: Callable[[Feature], bool]) -> Feature:
        """A score with only the parts to be kept, perhaps none; any other feature as it is."""
        if not isinstance(feature.value, Score):
            return feature
        kept = tuple(part for part in feature.value.parts if keeps(self._named[part.feature]))
        return replace(feature, value=Score(kept))

    def _needed_by(self, leaf: Leaf) -> Iterator[Place]:
        """The places that one leaf needs: those of its source and those of its measure, state or entity."""
        source = self.sources[leaf.source]
        yield (source.table, "")
        for column in (*source.columns, *_columns(source, leaf)):
            table, _, name = column.rpartition(".")
            yield (table or source.table, name)


def finer_than(sources: Iterable[Source]) -> set[EventSource]:
    """The sources of whose days those are made."""
    folds = (source.fold for source in sources if isinstance(source, EventSource))
    return {fold.of for fold in folds if fold is not None}


def _cut(source: Source, names: set[str]) -> Source:
    """The source with those of its measures and entities, or states, that are named."""
    if isinstance(source, EventSource):
        measures = tuple(measure for measure in source.measures if measure.name in names)
        return replace(source, measures=measures, entities=tuple(name for name in source.entities if name in names))
    return replace(source, states=tuple(state for state in source.states if state.name in names))


def _read(source: EventSource, places: Collection[Place], besides: Collection[Place]) -> EventSource:
    """The source with what is made of those columns, its days kept apart by them and those besides."""
    read = {column for table, column in places if table == source.table}
    kept = read | {column for table, column in besides if table == source.table}
    return replace(
        source,
        measures=tuple(measure for measure in source.measures if read.issuperset(measure.columns)),
        entities=tuple(entity for entity in source.entities if entity in read),
        apart=tuple(column for column in source.apart if column in kept),
    )


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

"""What a company's own file adds to the library, held to the rules that the catalogue keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from string import Formatter
from typing import Any, get_args

from features.contract import CONTRACT, columns_of
from features.errors import ConfigError
from features.feature import (
    DAYS,
    Distinct,
    EventSource,
    Feature,
    Layer,
    Leaf,
    Missing,
    Moment,
    Rank,
    Recency,
    Rung,
    Score,
    Source,
    State,
    StateSource,
    Total,
    Unit,
    Value,
)
from features.library.attributes import FAMILY, PREFIX
from features.library.attributes import SOURCE as ATTRIBUTES
from features.library.catalogue import may_be_missing
from features.library.company_file import NAME, CompanyFile
from features.library.library import Library, finer_than
from features.library.own_functions import guarded
from features.suggestion import did_you_mean

KEYS = (("account_id",), ("account_id", "product"))
"""What a row of the cohort of an own outcome can be."""


def adding(library: Library, file: CompanyFile) -> Library:
    """The library with what the file adds.

    Raises:
        ConfigError: with one line a rule that something in the file breaks.
    """
    file = guarded(file)
    joined = replace(
        library,
        families={**library.families, file.name: file.features} if file.features else library.families,
        sources={**library.sources, **{source.name: source for source in file.sources}},
        ideas={**library.ideas, **file.ideas},
        kinds={**library.kinds, **{f"{file.name}.{name}": kind for name, kind in file.outcomes.items()}},
        digests=(*library.digests, file.digest),
    )
    wrong = [*_clashes(library, file), *_sources(file), *_outcomes(file)]
    if not wrong:  # else what a feature is made of may itself be at fault
        wrong = [f"feature {feature.name}: {said}" for feature in file.features for said in _feature(feature, joined)]
    if wrong:
        listed = "\n".join(f"  {line}" for line in wrong)
        raise ConfigError(
            f"What a company adds keeps the catalogue's rules; {file.path} breaks some:\n{listed}\nCorrect it."
        )
    return joined


def _clashes(library: Library, file: CompanyFile) -> Iterator[str]:
    """Names that stand for something already."""
    if file.name in (*library.families, FAMILY):
        yield f"there is a family {file.name} already: rename the file"
    finer = finer_than(file.sources) - library.finer - {*file.sources}
    known = {
        "feature": ([feature.name for feature in library.features], [feature.name for feature in file.features]),
        "source": (
            [*library.sources, *(source.name for source in library.finer), ATTRIBUTES],
            [source.name for source in (*file.sources, *finer)],
        ),
        "idea": (list(library.ideas), list(file.ideas)),
    }
    for what, (there, added) in known.items():
        for name in dict.fromkeys(added):
            if name in there or added.count(name) > 1:
                twice = "another already" if name in there else "two"
                yield f"{what} {name}: a name stands for one thing, and this one for {twice}"
            if what == "feature" and name.startswith(PREFIX):
                yield f"feature {name}: names that begin with {PREFIX} are those of declared attributes"
            if what != "idea" and not NAME.fullmatch(name):
                yield f"{what} {name!r}: a name is made of a-z, 0-9 and _, and begins with a letter"


def _sources(file: CompanyFile) -> Iterator[str]:
    for source in file.sources:
        if source.table not in CONTRACT:
            yield f"source {source.name}: {_no('table', source.table, CONTRACT)}"
            continue
        parts = source.measures if isinstance(source, EventSource) else source.states
        names = [part.name for part in parts]
        for name in sorted({name for name in names if names.count(name) > 1 or name == DAYS}):
            yield f"source {source.name}: {name} stands for two measures"
        for column in (*source.columns, *(column for part in parts for column in part.columns)):
            table, _, name = column.rpartition(".")
            if (table or source.table) not in CONTRACT:
                yield f"source {source.name}: {_no('table', table, CONTRACT)}"
            elif name not in columns_of(table or source.table):
                yield f"source {source.name}: {_no('column', column, columns_of(table or source.table))}"


def _outcomes(file: CompanyFile) -> Iterator[str]:
    for name, kind in file.outcomes.items():
        if not NAME.fullmatch(name):
            yield f"outcome {name!r}: a name is made of a-z, 0-9 and _, and begins with a letter"
        if kind.keys not in KEYS:
            yield f"outcome {name}: its keys are {' or '.join(map(str, KEYS))}; these are {kind.keys}"
        for table, columns in ((table, columns) for needs in kind.needs for table, columns in needs.items()):
            if table not in CONTRACT:
                yield f"outcome {name}: {_no('table', table, CONTRACT)}"
            for column in columns if table in CONTRACT else ():
                if column not in columns_of(table):
                    yield f"outcome {name}: {_no('column', column, columns_of(table))}"


def _feature(feature: Feature, library: Library) -> Iterator[str]:
    """What is wrong with a feature, beside its name."""
    choices: dict[str, tuple[Any, Collection[Any]]] = {
        "purpose": (feature.purpose, library.purposes),
        "idea": (feature.idea, library.ideas),
        "unit": (feature.unit, get_args(Unit)),
        "rung": (feature.rung, (None, *get_args(Rung))),
        "missing": (feature.missing, get_args(Missing)),
        "about": (feature.about, ("account", "pair")),
        "layer": (feature.layer, (None, *get_args(Layer))),
        "moment": (feature.moment, (None, *get_args(Moment))),
    }
    for what, (seen, known) in choices.items():
        if seen not in known:
            yield _no(what, seen, [each for each in known if each is not None])
    fields = [field for _, field, _, _ in Formatter().parse(feature.phrase) if field is not None]
    if fields not in (["value"], ["moved", "value"]):
        yield f"its phrase holds {{value}} once, and {{moved}} before it or not at all; this one is {feature.phrase!r}"
    if not isinstance(feature.value, Value):
        yield f"its value is made of a source's measures; this one is {feature.value!r:.60}"
        return
    yield from _told(feature)
    leaves = list(feature.value.leaves())
    for leaf in leaves:
        if leaf.source not in library.sources:
            yield _no("source", leaf.source, library.sources)
        elif leaf.name not in (offered := _offered(library.sources[leaf.source], leaf)):
            yield f"{leaf.source}: {_no(type(leaf).__name__.lower(), leaf.name, offered)}"
    keys = {key for leaf in leaves if leaf.source in library.sources for key in library.sources[leaf.source].keys}
    if ("product" in keys) != (feature.about == "pair"):
        seen = "pair" if "product" in keys else "account"
        yield f"about is {seen!r}, as its sources are about one; this one has {feature.about!r}"


def _told(feature: Feature) -> Iterator[str]:
    """What the list of features could not tell of it: what it is, how far it looks back, what no value means."""
    if not feature.description.strip():
        yield "its description says what it is; this one has none"
    if not feature.missing_phrase.strip() and (feature.missing == "unknown" or may_be_missing(feature.value)):
        yield "its missing_phrase says what no value means, as it can be missing; this one has none"
    days = [leaf.window.days for leaf in feature.value.leaves() if isinstance(leaf, Total | Distinct)]
    finite = [day for day in days if day is not None]
    if isinstance(feature.value, Rank | Score) or not finite or len(finite) < len(days):
        return
    if not feature.name.endswith(ending := f"_{max(finite)}d"):
        yield f"its name ends with the days that it looks back over, {ending}"


def _offered(source: Source, leaf: Leaf) -> tuple[str, ...]:
    """What a source has to offer for such a leaf."""
    if isinstance(source, StateSource):
        return tuple(state.name for state in source.states) if isinstance(leaf, State) else ()
    if isinstance(leaf, Distinct):
        return source.entities
    return (DAYS, *(measure.name for measure in source.measures)) if isinstance(leaf, Total | Recency) else ()


def _no(what: str, seen: object, known: Collection[str]) -> str:
    """`there is no idea 'usage'; did you mean use?`, else what there is."""
    there = did_you_mean(str(seen), known) or f"there are: {', '.join(known) or 'none'}"
    return f"there is no {what} {seen!r}; {there}"

"""The features as a list for people and programs, and as the page `docs/features.md`: one entry a feature.

entries(library)                     # the whole catalogue
entries(library, columns)            # and of each whether it is computed for that company, and if not, why
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from features.columns import Columns
from features.declared import Attribute, Declared
from features.feature import Distinct, Feature, Total
from features.library.attributes import FAMILY, IDEA, PREFIX
from features.library.library import Library


@dataclass(frozen=True)
class Entry:
    """What anybody may want to know of a feature without reading its record."""

    name: str
    family: str
    about: str
    """`account`, or `pair` for an account and a product."""
    description: str
    purpose: str
    unit: str
    window: str
    """The stretches of days that it sees, in words."""
    sources: tuple[str, ...]
    """The tables and columns (`table.column`) that it is made of, beside the columns that a table must have."""
    missing: str
    """What no value means: 0, or the words that a reason has for it."""
    rung: str
    facet: str
    """Layer of what is expected, or moment of truth of a move up; empty where it is of none."""
    idea: str
    actionable: bool
    on: bool | None = None
    """Whether it is computed; None where no company was looked at."""
    why: str = ""
    """Why it is not."""
    taught: bool = True
    """Whether models learn from it; scores are made of other features."""


def entries(library: Library, columns: Columns | None = None) -> tuple[Entry, ...]:
    """One entry a feature, in the order of the catalogue; `columns` are those that a company brings."""
    return tuple(
        _entry(library, family, feature, columns)
        for family, features in library.families.items()
        for feature in features
    )


def of_attributes(attributes: Mapping[str, Attribute], used: Declared) -> tuple[Entry, ...]:
    """One entry a declared attribute; which features it becomes, one or several, its values decide."""
    return tuple(
        Entry(
            name=f"{PREFIX}{name}",
            family=FAMILY,
            about="account",
            description=f"{name} as it is declared: a number, or 0 or 1 for each of its common values",
            purpose=attribute.purpose,
            unit="quantity or flag",
            window="at as_of",
            sources=(f"accounts.{name}",),
            missing="Not known",
            rung="",
            facet="",
            idea=IDEA,
            actionable=False,
            on=name in used.features,
            why=used.off.get(name, ""),
        )
        for name, attribute in attributes.items()
    )


def as_json(library: Library, listed: Sequence[Entry]) -> dict[str, Any]:
    """The list for a program: plain values only."""
    return {
        "purposes": [
            {"name": name, "meaning": meaning, "allowed": name in library.allowed}
            for name, meaning in library.purposes.items()
        ],
        "features": [{**asdict(entry), "sources": list(entry.sources)} for entry in listed],
    }


def in_numbers(listed: Sequence[Entry]) -> str:
    """How many there are and, where a company was looked at, how many are computed; attributes are told apart."""
    features = [entry for entry in listed if entry.family != FAMILY]
    if any(entry.on is None for entry in features):
        return f"{len(features)} features{of_which(len(features), sum(not entry.taught for entry in features))}."
    on = [entry.taught for entry in features if entry.on]
    told = f"{len(on)} of {len(features)} features are computed{of_which(len(on), on.count(False))}."
    attributes = [bool(entry.on) for entry in listed if entry.family == FAMILY]
    if not attributes:
        return told
    return f"{told} {sum(attributes)} of {len(attributes)} attributes become as many more as their values ask for."


def of_which(many: int, scores: int) -> str:
    """` (213 to learn from, 12 scores)`: of so many features those that models are taught; empty without scores."""
    return f" ({many - scores} to learn from, {scores} scores)" if scores else ""


def page(library: Library) -> str:
    """The catalogue as Markdown: a table a family, then what purposes and ideas mean."""
    listed = entries(library)
    parts = [_HEAD.format(count=len(listed), families=len(library.families))]
    parts += [_family(name, [entry for entry in listed if entry.family == name]) for name in library.families]
    parts.append(_meanings("Purposes", "purpose", "what it is for", library.purposes, [e.purpose for e in listed]))
    parts.append(_meanings("Ideas", "idea", "what it tells", library.ideas, [e.idea for e in listed]))
    return "\n\n".join(parts) + "\n"


def _entry(library: Library, family: str, feature: Feature, columns: Columns | None) -> Entry:
    facets = (feature.layer, feature.moment and feature.moment.replace("_", " "))
    places = [(table, column) for table, column in library.places(feature) if column]
    bare = [table for table, _ in library.places(feature) if table not in {t for t, _ in places}]
    why = "" if columns is None else _why_off(library, feature, columns)
    return Entry(
        name=feature.name,
        family=family,
        about=feature.about,
        description=feature.description,
        purpose=feature.purpose,
        unit=feature.unit,
        window=_window(feature),
        sources=(*dict.fromkeys(bare), *(f"{table}.{column}" for table, column in places)),
        missing=feature.missing_phrase or "0",
        rung=feature.rung or "",
        facet=", ".join(facet for facet in facets if facet),
        idea=feature.idea,
        actionable=feature.actionable,
        on=None if columns is None else not why,
        why=why,
        taught=feature.taught,
    )


def _why_off(library: Library, feature: Feature, columns: Columns) -> str:
    """Why a company's feature is not computed; empty where it is."""
    if feature.purpose not in library.allowed:
        return f"purpose {feature.purpose} is not allowed"
    if feature in library.off:
        return "the purposes of its parts are not allowed"
    lacks = library.lacks(columns, feature)
    return f"no {', '.join(lacks)}" if lacks else ""


def _window(feature: Feature) -> str:
    """The stretches of days that a feature sees, in words."""
    leaves = list(feature.value.leaves())
    windows = {leaf.window for leaf in leaves if isinstance(leaf, Total | Distinct)}
    if not windows:  # a state may look back by itself, and then its name says how far
        named = re.search(r"_(\d+)d$", feature.name)
        return f"{named[1]} days" if named else "at as_of"
    if any(window.days is None for window in windows):
        return "so far"
    days = " and ".join(f"{n}" for n in sorted({window.days for window in windows if window.days}))
    lagged = any(window.lag for window in windows)
    return f"{days} days, and those before" if lagged else f"{days} days"


_HEAD = """# Features

<!-- Generated by `make docs`; a test fails where page and code differ. -->

What is known of an account at an as_of: {count} features in {families} families. A feature is one record in
`features/families/`, and sees only what happened, and could be known, before the as_of. A name ends with the days
that it looks back over. *From* names tables and columns; of each table, the columns that it must have count as named,
such as whose row it is and when. *Missing* gives a reason's words where there is no value; 0 says that nothing means 0.
Features that share an *idea* make one reason. A feature whose columns the company does not bring is left out, and one
whose *purpose* it does not allow is never computed: `holdfast features --list` says which."""

_COLUMNS = (
    "name",
    "what it is",
    "purpose",
    "unit",
    "window",
    "from",
    "missing",
    "rung",
    "layer or moment",
    "idea",
    "to act on",
)


def _family(name: str, listed: Sequence[Entry]) -> str:
    about = "of an account and a product" if listed[0].about == "pair" else "of an account"
    title = name.replace("_", " ").capitalize()
    lines = [f"## {title}", "", f"Values {about}.", "", f"| {' | '.join(_COLUMNS)} |", "|---" * 11 + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(_row(entry))} |" for entry in listed)])


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        f"`{entry.name}`",
        entry.description,
        entry.purpose,
        entry.unit,
        entry.window,
        ", ".join(f"`{place}`" for place in entry.sources),
        entry.missing,
        entry.rung,
        entry.facet,
        entry.idea,
        "yes" if entry.actionable else "",
    )


def _meanings(title: str, name: str, tells: str, meanings: Mapping[str, str], used: Sequence[str]) -> str:
    rows = [f"| {each} | {meaning} | {used.count(each)} |" for each, meaning in meanings.items()]
    return "\n".join([f"## {title}", "", f"| {name} | {tells} | features |", "|---|---|---|", *rows])

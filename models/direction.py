"""Which way a number is better, and what its absence says: read off the scores and the records of the catalogue.

Three things say of a feature that more, or less, of it is better: its own record (`Feature.better`); the scores of 0 to
100, each part of which is turned so that more is better; and what it is made of. What is said of a measure over one
window holds over any other and for its rank; what is said of a share holds for what it counts; and a number that is
held against the same measure of an earlier time is better the way the measure is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from features.feature import Combined, Distinct, Feature, Leaf, Rank, Recency, Score, Total, Value

WAYS: Mapping[str | None, float] = {"more": 1.0, "less": -1.0, None: 0.0}


def better_of(features: Sequence[Feature]) -> dict[str, float]:
    """By feature, 1 where more is better and -1 where less is; a feature of which nobody says so is not there."""
    measures = _measures(features)
    found = {}
    for feature in features:
        way = WAYS[feature.better] or _way(feature.value, measures)
        if way and not isinstance(feature.value, Score):
            found[feature.name] = way
    return found


def absence_of(features: Sequence[Feature]) -> dict[str, float]:
    """By feature, what a missing value says: -1 that things are bad, 1 that they are good, 0 no more than *never*.

    A recency is missing where it never happened, which is as long ago as can be. A quotient is missing where nothing of
    what it is divided by happened until now, which is as little as can be. Of any other feature, and where nobody says
    which way that is better, a missing value tells nothing of the account, and the feature is not there.
    """
    measures = _measures(features)
    said = {
        feature.name: _absence(feature.value, {measure(feature.value): WAYS[feature.better], **measures})
        for feature in features
        if isinstance(feature.value, Recency) or (isinstance(feature.value, Combined) and feature.missing == "zero")
    }
    return {name: way for name, way in said.items() if way is not None}


def measure(value: Value) -> str:
    """What is measured, whatever the window."""
    if isinstance(value, Rank):
        return measure(value.value)
    if isinstance(value, Combined):
        return f"({measure(value.left)} {value.operator} {measure(value.right)})"
    if isinstance(value, Leaf):
        return f"{type(value).__name__} {value.source}.{value.name}"
    return repr(value)


def _measures(features: Sequence[Feature]) -> dict[str, float]:
    """By measure, which way it is better: what the parts of scores say, and what their shares count."""
    said: dict[str, float] = {}
    counted: dict[str, float] = {}
    for score in features:
        for part in score.value.parts if isinstance(score.value, Score) else ():
            way = 1.0 if part.higher_is_better else -1.0
            value = part.rank.value
            said[measure(value)] = way
            if isinstance(value, Combined) and value.operator == "/" and isinstance(value.left, Total):
                counted[measure(value.left)] = way
    return {**counted, **said}


def _way(value: Value, measures: Mapping[str, float]) -> float:
    """1, -1 or, where nobody says so, 0."""
    if isinstance(value, Rank):
        return _way(value.value, measures)
    way = measures.get(measure(value), 0.0)
    if way or not isinstance(value, Combined) or not _beside_itself(value):
        return way
    return _way(value.left, measures) * (-1.0 if _lost(value) else 1.0)


def _beside_itself(value: Combined) -> bool:
    """Whether a number is divided by the same measures of another time, or has them taken from it.

    How long the account has been there (`past`) is nothing that it did, and does not count.
    """
    left, right = ({(leaf.source, leaf.name) for leaf in side.leaves()} for side in (value.left, value.right))
    left, right = ({leaf for leaf in side if leaf[0] != "past"} for side in (left, right))
    return value.operator in "/-" and bool(left) and left == right


def _lost(value: Combined) -> bool:
    """Whether it is what was there in a longer time and is not in a shorter one, and thus was lost."""
    sides = (value.left, value.right)
    windows = [side.window for side in sides if isinstance(side, Total | Distinct)]
    return value.operator == "-" and len(windows) == 2 and windows[1].lag == 0


def _absence(value: Value, measures: Mapping[str, float]) -> float | None:
    """What it says that this value is missing; None where it tells nothing."""
    if isinstance(value, Recency):
        return measures.get(measure(value), 0.0)
    if not isinstance(value, Combined) or value.operator != "/":
        return None
    if isinstance(value.right, Total | Distinct) and value.right.window.lag == 0:
        way = measures.get(measure(value.right))
        if way is not None:
            return -way
    return _absence(value.right, measures) or _absence(value.left, measures)

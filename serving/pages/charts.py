"""The drawings of the drivers page as numbers that its template puts into SVG: no style, no script, nothing fetched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HIGH = 160.0, 36.0
"""A line's drawing, in its own units."""
EDGE = 4.0


@dataclass(frozen=True)
class Line:
    """A line over time, the oldest at the left; a list without the figure leaves a hole."""

    parts: tuple[str, ...]
    """Corners of each stretch without a hole, as SVG has them."""
    zero: float | None
    """Where zero lies, if it is inside."""
    ends: tuple[float, float] | None
    """Where the last figure lies."""
    changed: tuple[float, ...] = ()
    """Where the model is another one than on the list before."""


def bar(value: float, largest: float) -> float:
    """The length of a bar, of 100; something at least where there is anything."""
    if not largest or not math.isfinite(value) or value == 0:
        return 0.0
    return round(max(1.0, 100 * abs(value) / abs(largest)), 1)


def line(figures: Sequence[float], days: Sequence[int], changed: Sequence[bool] = ()) -> Line:
    """The drawing of a figure a day, the days in their order; NaN is a hole."""
    known = [figure for figure in figures if math.isfinite(figure)]
    low, high = min([*known, 0.0]), max([*known, 0.0])
    reach = (high - low) or 1.0

    def across(place: int) -> float:
        passed = (days[place] - days[0]) / (days[-1] - days[0]) if days[-1] > days[0] else 0.5
        return round(EDGE + (WIDE - 2 * EDGE) * passed, 1)

    def down(figure: float) -> float:
        return round(HIGH - EDGE - (HIGH - 2 * EDGE) * (figure - low) / reach, 1)

    stretches: list[list[str]] = [[]]
    for place, figure in enumerate(figures):
        if math.isfinite(figure):
            stretches[-1].append(f"{across(place)},{down(figure)}")
        elif stretches[-1]:
            stretches.append([])
    last = figures[-1] if figures else math.nan
    return Line(
        parts=tuple(" ".join(corners) for corners in stretches if corners),
        zero=down(0.0) if low < 0 < high else None,
        ends=(across(len(figures) - 1), down(last)) if math.isfinite(last) else None,
        changed=tuple(across(place) for place, new in enumerate(changed) if new),
    )

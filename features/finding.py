"""What a guard against leaks found: one record, made by a guard of features or of models, and printed by neither."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that a guard holds for a leak."""

    guard: str
    """The guard's name: `future`, `hindsight`, `sealed test`, `days apart`, `twins`, `telltale`, `whole cohort`,
    `drift`, `dependent rows`."""
    place: str
    """What is at fault: a table or `table.column`, a feature, or which rows."""
    figure: float
    """How much; the message says of what."""
    message: str
    """The rule, what was seen, what to do."""

    def __str__(self) -> str:
        return f"{self.guard}, {self.place}: {self.message}"

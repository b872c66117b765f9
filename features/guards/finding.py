"""What a guard against leaks found: one record, made by a guard of features or of models, and printed by neither."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that a guard holds for a leak."""

    guard: str
    """The guard's name: `future`, `hindsight`, `name`, `running total`, `second ids`, `sealed test`, `days apart`,
    `twins`, `telltale`, `whole cohort`, `drift`, `silent when scored`, `dependent rows`."""
    place: str
    """What is at fault: a table or `table.column`, a feature, or which rows."""
    figure: float
    """How much; `seen` says of what."""
    rule: str
    """What holds where nothing leaks; like the two below without a full stop."""
    seen: str
    remedy: str
    features: tuple[str, ...] = ()
    """The features that it is about, where it is about any."""

    @property
    def message(self) -> str:
        """The rule, what was seen, what to do."""
        return f"{self.rule}; {self.seen}. {self.remedy}."

    def __str__(self) -> str:
        return f"{self.guard}, {self.place}: {self.message}"

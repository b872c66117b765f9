"""How many of the features are computed of a company, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.library.library import Library
from features.library.listing import of_which
from features.tables import Tables


@dataclass(frozen=True)
class Computed:
    """The features of a library in numbers, for one company's tables."""

    on: int
    """All that are, scores too."""
    off: Mapping[str, tuple[str, ...]]
    """By purpose that is not allowed, the names of its features; and of scores that are made of such."""
    lost: int
    """Those that are allowed and lack a table or a column."""
    scores: int = 0
    """Those of `on` that no model is taught, as they are made of others."""

    @classmethod
    def of(cls, library: Library, tables: Tables) -> Computed:
        """Of the features that there are for a company."""
        on = [feature.taught for feature in library.available(tables)]
        return cls(len(on), library.off_by_purpose, len(library.on) - len(on), len(on) - sum(on))

    def __str__(self) -> str:
        parts = [f"{self.on} features are computed{of_which(self.on, self.scores)}"]
        if self.off:
            counts = ", ".join(f"{purpose} {len(names)}" for purpose, names in self.off.items())
            count = sum(len(names) for names in self.off.values())
            parts.append(f"{count} are off, because their purposes are not allowed ({counts})")
        if self.lost:
            parts.append(f"{self.lost} are off for want of tables or columns")
        return "; ".join(parts) + ". `holdfast features --list` shows each."

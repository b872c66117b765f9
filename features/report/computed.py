"""How many of the features are computed of a company, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.library.library import Library
from features.tables import Tables


@dataclass(frozen=True)
class Computed:
    """The features of a library in numbers, for one company's tables."""

    on: int
    off: Mapping[str, tuple[str, ...]]
    """By purpose that is not allowed, the names of its features; and of scores that are made of such."""
    lost: int
    """Those that are allowed and lack a table or a column."""

    @classmethod
    def of(cls, library: Library, tables: Tables) -> Computed:
        """Of the features that there are for a company."""
        on = len(library.available(tables))
        return cls(on, library.off_by_purpose, len(library.on) - on)

    def __str__(self) -> str:
        parts = [f"{self.on} features are computed"]
        if self.off:
            counts = ", ".join(f"{purpose} {len(names)}" for purpose, names in self.off.items())
            count = sum(len(names) for names in self.off.values())
            parts.append(f"{count} are off, because their purposes are not allowed ({counts})")
        if self.lost:
            parts.append(f"{self.lost} are off for want of tables or columns")
        return "; ".join(parts) + ". `holdfast features --list` shows each."

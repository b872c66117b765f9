"""All that the pages are made from: `Material` the accounts page, `Outlook` the drivers page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from serving.decision import DecisionSettings
from serving.manifest import Record

if TYPE_CHECKING:
    from serving.effects import Effect
    from serving.last_time import LastTime
    from serving.lists import Lists
    from serving.published import Published

LISTS = 13
"""So many lists are drawn over time, this one among them."""


@dataclass(frozen=True)
class Behind:
    """Where what a reason tells can be seen: by feature."""

    table: str
    """The table that its value is made of."""
    days: int
    """How far back it looks; 0 where it looks at the present, or at everything so far."""


@dataclass(frozen=True)
class Happened:
    """What happened to the accounts, as `features.accounts.timeline` tells it."""

    weeks: pd.DataFrame
    """One row per (account_id, week) with any use."""
    moments: pd.DataFrame
    """One row a moment."""
    overrides: pd.DataFrame
    """One row per (account_id, outcome) about which somebody's word stands against the score."""
    lanes: tuple[str, ...]
    """What the company's timelines can tell."""
    data_end: date | None = None


@dataclass(frozen=True)
class Material:
    """All that the accounts page is made from."""

    lists: Lists
    record: Record
    facts: pd.DataFrame
    """One row an account_id: `plan`, `tenure_days`, `days_to_renewal`."""
    happened: Happened
    asked: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """By outcome, the first and the last day that its probability is about."""
    before: Published | None = None
    behind: Mapping[str, Behind] = field(default_factory=dict)


@dataclass(frozen=True)
class Product:
    """Where a product stands in its market, by its own adoption curve."""

    name: str
    stage: str
    """`early`, `chasm`, `tornado` or `main_street`."""
    reach: float
    """Share of the active accounts that have used it."""


@dataclass(frozen=True)
class Past:
    """What one list told of drivers."""

    as_of: date
    drivers: pd.DataFrame
    versions: Mapping[str, str]
    """Of the model, by outcome."""


@dataclass(frozen=True)
class Outlook:
    """All that the drivers page is made from."""

    lists: Lists
    record: Record
    decision: DecisionSettings
    ideas: Mapping[str, str]
    """What each idea means, in words."""
    asked: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """By outcome, the first and the last day that its probability is about."""
    before: Published | None = None
    decision_before: DecisionSettings = field(default_factory=DecisionSettings)
    """The settings of the list before."""
    past: Sequence[Past] = ()
    """Earlier lists, the oldest first."""
    last: Mapping[str, LastTime] = field(default_factory=dict)
    """By outcome, the newest earlier list that has closed."""
    closing: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """By outcome without one, the first list that will have closed, and from which day on."""
    unseen: Mapping[str, date] = field(default_factory=dict)
    """By outcome, a list that has closed, of which nobody has looked up what came about."""
    effects: Sequence[Effect] = ()
    products: Sequence[Product] = ()
    interplay: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """By outcome, how strongly each two ideas of its model work together (`models.interplay`)."""
    segmented: bool = True
    """Whether segments are dated or declared, so that accounts may be told apart by them."""
    missing_tables: Sequence[str] = ()
    off: Mapping[str, int] = field(default_factory=dict)
    """By purpose that is not allowed, how many features are not computed."""
    learned_until: Mapping[str, date] = field(default_factory=dict)
    """By outcome, the newest as_of whose labels are certain."""
    data_end: date | None = None

    @property
    def lists_so_far(self) -> Sequence[Past]:
        """The lists in their order, this one last."""
        versions = {name: model.version for name, model in self.record.models.items()}
        return (*self.past, Past(self.lists.as_of, self.lists.drivers, versions))[-LISTS:]

"""What a brief is made from: one account of a list, the features behind it, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from features.feature import Feature
from serving.account import AccountReport


@dataclass(frozen=True)
class Held:
    """A feature's value of the account, missing as NaN, and what it may be held against."""

    feature: Feature
    value: float
    usual: float | None = None
    others: float | None = None


@dataclass(frozen=True)
class Known:
    """All that a brief is made from."""

    report: AccountReport
    company: str
    averages: Mapping[str, float] = field(default_factory=dict)
    """By outcome, the mean chance of the accounts on the list."""
    asked: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """By outcome, the first and the last day that its chance is about."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """`plan`, `tenure_days` and `days_to_renewal` of the account."""
    features: Mapping[str, Held] = field(default_factory=dict)
    """By name, those of the features that a brief tells of which are computed for this company."""
    overrides: pd.DataFrame = field(default_factory=pd.DataFrame)
    """People's words against scores that still hold; see `features.accounts.timeline`."""
    promises: pd.DataFrame | None = None
    """Its open promises, see `features.accounts.promises`; None where nothing can be said of any."""
    refused: tuple[str, ...] = ()
    """Outcomes of which nothing is published."""
    unknown: tuple[str, ...] = ()
    """What else cannot be told, and why."""

    @property
    def currency(self) -> str:
        """Of every amount of money."""
        return self.report.currency

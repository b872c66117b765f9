"""The guards against leaks as `holdfast leakcheck` runs them: on what, and what is said where one cannot run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from features.errors import RefusedError, TimeError
from pipelines.leak_report import Found, LeakReport, Looked

if TYPE_CHECKING:
    import pandas as pd

    from features.feature import Feature
    from features.guards.finding import Finding
    from features.library.library import Library
    from features.outcomes.outcome import Outcome
    from features.snapshot.snapshot import Snapshot
    from features.tables import Tables
    from models.dataset import Dataset
    from pipelines.settings import Settings

OF_LABELS = ("hindsight", "silent when scored", "telltale", "unlike when scored")
OF_MODELS = ("sealed test", "days apart", "twins", "whole cohort", "drift", "dependent rows")
RAN_ON = 14
"""Days from the first as_of to the data's end without which a total has not run on."""


@dataclass
class Company:
    """What is looked at, and what has come of it so far."""

    settings: Settings
    tables: Tables
    as_of: date
    library: Library
    features: tuple[Feature, ...]
    """Those of the library that are computed."""
    found: list[Found] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    not_looked: list[Looked] = field(default_factory=list)

    def note(self, findings: Sequence[Finding], guards: tuple[str, ...], outcome: str | None, what: str) -> None:
        """Keeps what guards found, and that they ran."""
        self.found += [Found(finding, outcome, self._columns(finding)) for finding in findings]
        self.looked.append(Looked(guards, outcome, what))

    def cannot(self, guards: tuple[str, ...], outcome: str | None, why: str) -> None:
        """Keeps that guards could not run."""
        self.not_looked.append(Looked(guards, outcome, why))

    def report(self) -> LeakReport:
        """All of it."""
        name = self.settings.company.name
        return LeakReport(name, self.as_of, tuple(self.found), tuple(self.looked), tuple(self.not_looked))

    def _columns(self, finding: Finding) -> tuple[str, ...]:
        """The tables and columns that a finding is about: its place, or what its features are made of."""
        if finding.place.partition(".")[0] in self.tables:
            return (finding.place,)
        named = [feature for feature in self.features if feature.name in finding.features]
        places = {place for feature in named for place in self.library.places(feature)}
        tables = {table for table, column in places if column}
        return tuple(sorted(".".join(filter(None, place)) for place in places if place[1] or place[0] not in tables))


def future(company: Company, days: Sequence[date], say: Callable[[str], None]) -> None:
    """The edit-the-future test over every feature and table, as of the last day that has a future to be known."""
    from features.guards.future import SAMPLE, future_leaks
    from features.library.listing import of_which

    tables, calendar = company.tables, company.tables.calendar
    three_quarters = calendar.start + (calendar.end - calendar.start) * 3 // 4
    day = max(days, default=company.as_of if company.as_of < calendar.end else three_quarters)
    sources = company.library.sources
    try:
        found = future_leaks(tables, day, company.features, sources, progress=say)
    except TimeError as error:
        company.cannot(("future",), None, str(error))
        return
    scores = sum(not feature.taught for feature in company.features)
    told = f"{len(company.features)} features{of_which(len(company.features), scores)}"
    what = f"{told} of up to {SAMPLE} accounts as of {day}; {', '.join(tables)}"
    company.note(found, ("future",), None, what)


def _taught(dataset: Dataset) -> str:
    """How many features there are, without those of pairs where an outcome is about accounts."""
    return f"{len(dataset.features)} features that its model learns from"


def without_labels(company: Company, outcome: str, why: str) -> None:
    """Says that no guard that needs labels could run for an outcome."""
    company.cannot((*OF_LABELS, *OF_MODELS), outcome, why)


def of_outcome(company: Company, snapshot: Snapshot, outcome: Outcome) -> pd.DataFrame | None:
    """The guards that need labels; returns the labelled cohort, whole, or None where there is no label."""
    from features.outcomes.labels import labelled_cohort
    from models.dataset import scoring_rows, training_rows

    try:
        dataset = training_rows(snapshot, outcome.name)
    except RefusedError as error:
        without_labels(company, outcome.name, str(error))
        return None
    cohort = labelled_cohort(company.tables, outcome, dataset.as_ofs, company.as_of)
    _hindsight(company, dataset, cohort)
    _served(company, dataset, scoring_rows(snapshot, outcome.name))
    sample = snapshot.samples.get(outcome.name)
    _of_models(company, outcome, dataset, cohort, sample.kept / sample.accounts if sample else 1.0)
    return cohort


def _hindsight(company: Company, dataset: Dataset, cohort: pd.DataFrame) -> None:
    from features.guards.hindsight import hindsight

    few = _too_few(cohort["label"])
    if few:
        company.cannot(("hindsight",), dataset.outcome, few)
        return
    accounts = f"{cohort.loc[cohort['label'].notna(), 'account_id'].nunique():,} accounts"
    days = "one as_of" if len(dataset.as_ofs) == 1 else f"{len(dataset.as_ofs)} as_of"
    what = f"{accounts} at {days}, divided by account; each fifth is judged by the others"
    company.note(hindsight(company.tables, cohort), ("hindsight",), dataset.outcome, what)


def _served(company: Company, dataset: Dataset, scored: Dataset) -> None:
    """The guards that compare the rows to be scored with those that teach."""
    from models.served import FEWEST, SILENT, UNLIKE, silent, unlike

    last = dataset.at(dataset.as_ofs[-1:])
    if min(len(last), len(scored)) < FEWEST:
        why = f"{FEWEST} rows are needed on either side; {len(last):,} have labels and {len(scored):,} are to be scored"
        company.cannot((SILENT, UNLIKE), dataset.outcome, why)
        return
    what = f"{_taught(dataset)}; {dataset.as_ofs[-1]}, the last day with labels, against {company.as_of}"
    company.note(silent(dataset, scored), (SILENT,), dataset.outcome, what)
    if len(dataset.as_ofs) < 2:
        why = "two days with labels are needed to know how far values move by themselves; there is one"
        company.cannot((UNLIKE,), dataset.outcome, why)
        return
    company.note(unlike(dataset, scored), (UNLIKE,), dataset.outcome, what)


def _of_models(company: Company, outcome: Outcome, dataset: Dataset, cohort: pd.DataFrame, share: float) -> None:
    """Every guard of models, on the procedure whose models are published; the telltale alone where none can be."""
    from models.dependence import RESAMPLES
    from models.leaks import halves, inspect
    from models.procedure import published

    plan = company.settings.training
    # an interval of few resamples is narrow or wide by chance, and no sign of anything
    fit = published(outcome, plan.model_copy(update={"resamples": max(plan.resamples, RESAMPLES)}), share)
    try:
        fitted, found = inspect(fit, dataset, cohort, outcome.horizon)
    except (RefusedError, TimeError) as error:
        company.cannot(OF_MODELS, dataset.outcome, f"no model can be judged in time. {error}")
        few = _too_few(dataset.frame["label"])
        if few:
            company.cannot(("telltale",), dataset.outcome, few)
            return
        accounts = dataset.frame["account_id"].nunique()
        what = f"{_taught(dataset)}; two halves of {accounts:,} accounts, as days cannot be divided"
        company.note(halves(dataset), ("telltale",), dataset.outcome, what)
        return
    days = f"taught up to {fitted.taught.as_ofs[-1]}, judged from {fitted.judged.as_ofs[0]} on"
    what = f"{_taught(dataset)}; {len(fitted.judged):,} judged rows, {days}"
    company.note(found, ("telltale", *OF_MODELS), dataset.outcome, what)


def _too_few(labels: pd.Series[float]) -> str:
    """Why nothing can be said of columns; empty where something can."""
    from features.guards.telling import FEWEST, too_few

    known = np.asarray(labels.dropna(), dtype=np.float64)
    if not too_few(known):
        return ""
    positives = int(known.sum())
    seen = f"{positives:,} rows have the outcome and {len(known) - positives:,} do not"
    return f"a column is judged by {FEWEST} rows of either class at least; {seen}"


def attributes(company: Company, cohorts: Mapping[str, pd.DataFrame], days: Sequence[date]) -> None:
    """The guards of attributes that need no label, or can do without one."""
    from features.guards.names import telling_names
    from features.guards.repeats import second_ids
    from features.guards.running import running_totals
    from features.guards.undated import undated_attributes

    tables = company.tables
    undated = f"{len(undated_attributes(tables))} attributes of accounts that nothing dates"
    seen = {found.finding.place for found in company.found}
    named = [finding for finding in telling_names(tables, cohorts) if finding.place not in seen]
    company.note(named, ("name",), None, undated)
    company.note(second_ids(tables), ("second ids",), None, undated)
    since, end = min(days, default=company.as_of), tables.calendar.end
    if end - since < timedelta(days=RAN_ON):
        why = f"a total runs on between an as_of and the data's end; here they are {since} and {end}"
        company.cannot(("running total",), None, why)
    else:
        company.note(running_totals(tables), ("running total",), None, undated)

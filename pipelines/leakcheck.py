"""`holdfast leakcheck`: every guard against leaks on a company's own tables, features, attributes and procedure."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import HoldfastError, RefusedError, TimeError
from pipelines.commands import parse_day
from pipelines.company import library_of, open_company, outcomes_of
from pipelines.leak_guards import Company, attributes, future, of_outcome, without_labels
from pipelines.leak_report import LeakReport, render
from pipelines.printing import print_json, print_text
from pipelines.progress import Progress
from pipelines.settings import Settings, load_settings

if TYPE_CHECKING:
    import pandas as pd

    from features.outcomes.outcome import Outcome


def leakcheck(config: Path, as_of: str | None, allow: Sequence[str], as_json: bool) -> None:
    """Prints what the guards found; with `as_json` one object, also where the data cannot be looked at.

    Raises:
        RefusedError: something was found; it is named.
        InputError: the config or the data cannot be used.
    """
    try:
        report = examine(load_settings(config), parse_day(as_of), frozenset(allow), Progress())
    except HoldfastError as error:
        if as_json:
            print_json({"error": str(error), "exit_code": error.exit_code})
        raise
    if as_json:
        print_json(report.as_json())
    else:
        print_text(render(report))
    if report.found:
        raise RefusedError(
            "What leaks is no feature, and what is measured with it is not true; to be looked into: "
            f"{', '.join(report.places)}. The report says what was seen and what to do."
        )


def examine(settings: Settings, as_of: date | None, allow: frozenset[str], progress: Progress) -> LeakReport:
    """Runs every guard that the data allows on every feature that is computed, the company's own among them.

    Features and labels are built into a folder that is gone afterwards; daily rollups stay in the workspace, as they do
    when a run builds them.

    Raises:
        InputError: the data or the config cannot be used.
    """
    from features.library.attributes import attribute_names

    library_of(settings)  # what is wrong with it is said before anything is read
    with progress.step("read and check the tables") as step:
        tables = open_company(settings, allow)
        day = as_of or tables.calendar.end
        step.say(f"{len(list(tables))} tables, {tables.calendar.start} to {tables.calendar.end}; as of {day}")
    library = library_of(settings, attribute_names(tables, day, settings.declared.features))
    company = Company(settings, tables, day, library, library.available(tables))
    labelled = _labelled(company)
    days = sorted({day for _, certain in labelled for day in certain})
    with progress.step("edit the future") as step:
        future(company, days, step.say)
    cohorts = _with_labels(company, [outcome for outcome, _ in labelled], progress) if labelled else {}
    with progress.step("look at the attributes of accounts"):
        attributes(company, cohorts, days)
    return company.report()


def _labelled(company: Company) -> list[tuple[Outcome, tuple[date, ...]]]:
    """The outcomes that have days whose label is certain, with those; of the others it is noted why they have none."""
    from features.outcomes.labels import label_days
    from features.snapshot.writing import learning_days

    plan = company.settings.training
    grid = learning_days(company.tables, company.as_of, plan.step_days, plan.history_days, plan.as_ofs)
    found = []
    for name, outcome in outcomes_of(company.settings, company.tables).items():
        try:
            found.append((outcome, label_days(company.tables, outcome, grid)))
        except TimeError as error:
            without_labels(company, name, f"no label is certain. {error}")
    return found


def _with_labels(company: Company, outcomes: Sequence[Outcome], progress: Progress) -> dict[str, pd.DataFrame]:
    """Builds features and labels, and runs every guard that needs them; returns the labelled cohorts, by outcome."""
    from features.snapshot.writing import write_snapshot

    settings, plan = company.settings, company.settings.training
    cohorts = {}
    with tempfile.TemporaryDirectory() as folder:
        with progress.step("build features and labels") as step:
            snapshot = write_snapshot(
                company.tables,
                {outcome.name: outcome for outcome in outcomes},
                company.as_of,
                Path(folder) / "features",
                step_days=plan.step_days,
                history_days=plan.history_days,
                as_ofs=plan.as_ofs,
                max_rows=plan.max_rows,
                library=company.library,
                rollups=settings.workspace / "rollups",
                config_digest=settings.digest,
                progress=step.say,
            )
            taught = len(snapshot.features) + len(snapshot.pair_features)
            step.say(f"{taught} features to learn from, {len(snapshot.accounts):,} rows of accounts")
        for outcome in outcomes:
            with progress.step(f"look at {outcome.name}"):
                cohort = of_outcome(company, snapshot, outcome)
            if cohort is not None:
                cohorts[outcome.name] = cohort
    return cohorts

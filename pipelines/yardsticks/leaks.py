"""The yardstick of leak-proofness: eight leaks planted one at a time, and which of the guards catches each.

    planted(settings)      # one row a type of leak, and one for the company without any

Every guard is run on every plant and on the clean company. A guard catches a plant where it finds something that it did
not find without it, so that one which always cries catches nothing; what it cries of the clean company is its own row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from features.errors import ConfigError
from features.guards.finding import Finding
from features.guards.future import future_leaks
from features.guards.hindsight import hindsight
from features.library.attributes import attribute_names
from features.outcomes.labels import labelled_cohort
from models.dataset import training_rows
from models.leaks import inspect
from models.procedure import Fitted, published, remembered
from pipelines.company import library_of, open_company, outcomes_of
from pipelines.yardsticks.plants import PLANTS, Case, Plant

if TYPE_CHECKING:
    from features.library.library import Library
    from features.outcomes.outcome import Outcome
    from features.snapshot.snapshot import Snapshot
    from features.tables import Tables
    from pipelines.settings import Settings

COLUMNS = ("type", "planted", "inflation", "caught_by", "caught")
CLEAN = "none"
"""The type of the row about the company without a leak: what is caught there is a false alarm."""


def planted(
    settings: Settings,
    snapshot: Snapshot | None = None,
    outcome: str = "churn",
    progress: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Which guards catch which leak, one row a type in the order of the paper, then one for the clean company.

    Columns: `type`; `planted`, how; `inflation`, the AUC as judged with the leak minus that of the same thing done
    right; `caught_by`, guards in words, empty where none; `caught`. Features are built anew unless a snapshot of them
    is given, which stays as it is.

    Raises:
        ConfigError: the outcome is not among the company's.
        RefusedError: there is too little data to train and judge a model.
    """
    say = progress or (lambda _: None)
    case = _clean(settings, snapshot, outcome)
    say("the company without a leak")
    fitted, alarms = _examined(case, case)
    known = {(finding.guard, finding.place) for finding in alarms}
    rows = []
    for plant in PLANTS:
        say(plant.type)
        rows.append(_row(plant, case, fitted, known))
    rows.append((CLEAN, "nothing: false alarms", 0.0, _names(alarms), bool(alarms)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(plant: Plant, clean: Case, honest: Fitted, known: set[tuple[str, str]]) -> tuple[str, str, float, str, bool]:
    case = plant.into(clean)
    fitted, findings = _examined(case, clean)
    right = honest if case.right is None else case.right(case.dataset)
    new = [finding for finding in findings if (finding.guard, finding.place) not in known]
    return plant.type, plant.planted, fitted.stated.value - right.stated.value, _names(new), bool(new)


def _examined(case: Case, clean: Case) -> tuple[Fitted, tuple[Finding, ...]]:
    """Everything that all guards find; of a plant's tables only what differs from the clean company's is looked at."""
    fitted, found = inspect(case.fit, case.dataset, case.cohort, case.outcome.horizon)
    return fitted, (*_of_tables(case, clean, fitted), *found)


def _of_tables(case: Case, clean: Case, fitted: Fitted) -> tuple[Finding, ...]:
    """What the guards of features find; a plant that adds no feature leaves them with what they found before."""
    if case is not clean and not case.added:
        return ()
    if case is clean:
        features = [f for f in case.library.available(case.tables) if f.name in case.dataset.features]
        futures = future_leaks(case.tables, fitted.judged.as_ofs[-1], features, case.library.sources)
    else:
        futures = future_leaks(case.tables, fitted.judged.as_ofs[-1], case.added, case.sources)
    return (*futures, *hindsight(case.tables, case.cohort))


def _clean(settings: Settings, snapshot: Snapshot | None, name: str) -> Case:
    """The company as it is."""
    tables = open_company(settings)
    outcomes = outcomes_of(settings, tables)
    if name not in outcomes:
        raise ConfigError(
            f"Leaks are planted into one of the company's outcomes, {', '.join(sorted(outcomes)) or 'none'}; asked for "
            f"{name!r}. Name one of them."
        )
    outcome = outcomes[name]
    library = library_of(settings, attribute_names(tables, tables.calendar.end, settings.declared.features))
    with tempfile.TemporaryDirectory() as folder:
        snapshot = snapshot or _built(settings, tables, library, outcome, Path(folder) / "features")
        dataset = training_rows(snapshot, name)
    sample = snapshot.samples.get(name)
    share = sample.kept / sample.accounts if sample else 1.0
    honest = remembered(published(outcome, settings.training, share))
    return Case(
        tables=tables,
        library=library,
        outcome=outcome,
        training=settings.training,
        dataset=dataset,
        cohort=labelled_cohort(tables, outcome, dataset.as_ofs, snapshot.as_of),
        fit=honest,
        honest=honest,
        share=share,
    )


def _built(settings: Settings, tables: Tables, library: Library, outcome: Outcome, folder: Path) -> Snapshot:
    from features.snapshot.writing import write_snapshot

    plan = settings.training
    return write_snapshot(
        tables,
        {outcome.name: outcome},
        tables.calendar.end,
        folder,
        step_days=plan.step_days,
        history_days=plan.history_days,
        as_ofs=plan.as_ofs,
        library=library,
    )


def _names(findings: tuple[Finding, ...] | list[Finding]) -> str:
    """The guards that found something, each once, with what it names: up to three places."""
    places: dict[str, list[str]] = {}
    for finding in findings:
        places.setdefault(finding.guard, []).append(finding.place)
    return "; ".join(
        f"{guard} ({', '.join(named[:3])}{f' and {len(named) - 3} more' if len(named) > 3 else ''})"
        for guard, named in places.items()
    )

"""A company as its config names it: its tables, its features, its outcomes, and what each outcome could learn from."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.errors import ConfigError, RefusedError, TimeError
from features.outcomes.outcome import Outcome
from pipelines.settings import Settings

if TYPE_CHECKING:
    from features.library.library import Library
    from features.reading.arrivals import Memory
    from features.tables import Tables


def open_company(settings: Settings, allow: frozenset[str] = frozenset(), memory: Memory | None = None) -> Tables:
    """The company's tables, read and checked; with a `memory` only those files of which it does not know.

    Raises:
        ConfigError: the data folder is not there.
        DataError: the tables break the contract; nothing has been written but quarantined rows.
    """
    from features.reading.opening import open_tables

    require_data_folder(settings)
    return open_tables(
        settings.data_read,
        settings.base,
        timezone=settings.company.timezone,
        allow=allow,
        quarantine=settings.workspace / "quarantine",
        memory=memory,
    )


def memory_of(settings: Settings) -> Memory:
    """What is remembered of files that were read before, by this and by other runs."""
    from features.reading.arrivals import Memory

    return Memory(settings.workspace / "readings")


def forget(settings: Settings) -> None:
    """Removes what is kept of earlier readings and builds, so that the next build reads and checks every row anew.

    Raises:
        RefusedError: another build is under way and may be using it.
    """
    from features.rollups.shelf import Shelf

    Shelf(settings.workspace / "rollups").forget()
    shutil.rmtree(settings.workspace / "readings", ignore_errors=True)


def require_data_folder(settings: Settings) -> None:
    """Tells a wrong path from fourteen absent tables.

    Raises:
        ConfigError: there is no such folder, and no table says that it lies elsewhere.
    """
    if "://" in settings.data.path:  # a server, or a store that the engine reaches
        return
    folder = settings.base / settings.data.path
    if not folder.exists() and not settings.data.tables:
        raise ConfigError(f"data.path is the folder that holds the tables, and there is no {folder}. Correct the path.")


def library_of(settings: Settings, names: Iterable[str] = ()) -> Library:
    """Every feature that this company can have, its own files' too, and which purposes it allows.

    Of declared attributes it has those of the given names: which values have a flag the data, or a model, has to say.

    Raises:
        ConfigError: an own file cannot be read, or breaks a rule of the catalogue.
    """
    from features.library.additions import adding
    from features.library.attributes import with_attributes
    from features.library.catalogue import LIBRARY
    from features.library.company_file import read_company_file

    library = LIBRARY.allowing(settings.features.purposes)
    library = library.teaching_scores() if settings.features.teach_scores else library
    for name in settings.features.files:
        library = adding(library, read_company_file(settings.base / name))
    return with_attributes(library, settings.declared.features, names)


def outcomes_of(settings: Settings, tables: Tables) -> dict[str, Outcome]:
    """The outcomes that the config switches on, or those that the tables allow where it names none."""
    from features.outcomes.kinds import default_outcomes

    named = {name: library_of(settings).bound(outcome) for name, outcome in settings.outcomes.items()}
    return named or default_outcomes(tables)


@dataclass(frozen=True)
class Prospect:
    """What can be expected of an outcome before anything is built."""

    words: str
    """On which days its model would be judged as of the data's end, or why it could not be."""
    wrong: bool = False
    """Whether a build would be refused for it, as it stands in the config."""


def prospects(settings: Settings, tables: Tables) -> dict[str, Prospect]:
    """By outcome, what can be expected of it.

    What only the labels tell, such as too few positives, is found by training.
    """
    from features.outcomes.labels import label_days, require_answerable
    from features.snapshot.writing import learning_days

    plan = settings.training
    found = {}
    for name, outcome in outcomes_of(settings, tables).items():
        try:
            require_answerable(tables, outcome, tables.calendar.end)
            grid = learning_days(tables, tables.calendar.end, plan.step_days, plan.history_days, plan.as_ofs)
            split = plan.split(label_days(tables, outcome, grid), outcome.horizon)
            days = f"{split.test[0]}" if len(split.test) == 1 else f"{split.test[0]} to {split.test[-1]}"
            found[name] = Prospect(f"learned from {len(split.refit)} as_of, judged as of {days}")
        except (ConfigError, RefusedError, TimeError) as error:
            found[name] = Prospect(f"cannot be judged: {error}", isinstance(error, ConfigError))
    return found

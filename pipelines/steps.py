"""The steps of a run, one function each, without Prefect: what is read, what is written, and where.

    build    tables -> <workspace>/features/<as_of>/
    train    features -> models in MLflow, judged, promoted or refused
    score    features + champions -> <workspace>/scores/<as_of>/
    publish  scores -> <workspace>/published/<as_of>/
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import RefusedError
from features.outcomes import Outcome
from pipelines.progress import Progress
from pipelines.settings import Settings

if TYPE_CHECKING:
    from features.snapshot import Snapshot
    from features.tables import Tables
    from models.record import Retrain
    from models.registry import Champion, Registry
    from serving.scoring import Scored


def open_company(settings: Settings, allow: frozenset[str] = frozenset()) -> Tables:
    """The company's tables, read and checked.

    Raises:
        DataError: the tables break the contract; nothing has been written but quarantined rows.
    """
    from features.reading import open_tables

    return open_tables(
        settings.data,
        settings.base,
        timezone=settings.company.timezone,
        allow=allow,
        quarantine=settings.workspace / "quarantine",
    )


def outcomes_of(settings: Settings, tables: Tables) -> dict[str, Outcome]:
    """The outcomes that the config switches on, or those that the tables allow where it names none."""
    from features.outcome_kinds import default_outcomes

    return dict(settings.outcomes) or default_outcomes(tables)


def build(settings: Settings, as_of: date | None, allow: frozenset[str], progress: Progress) -> Snapshot:
    """Reads the tables and writes features and labels of every as_of that training and scoring need."""
    from features.snapshot import write_snapshot

    with progress.step("read and check the tables") as step:
        tables = open_company(settings, allow)
        as_of = as_of or tables.calendar.end
        step.say(f"{len(list(tables))} tables, {tables.calendar.start} to {tables.calendar.end}; as of {as_of}")
    with progress.step("build features and labels") as step:
        snapshot = write_snapshot(
            tables,
            outcomes_of(settings, tables),
            as_of,
            settings.workspace / "features" / as_of.isoformat(),
            step_days=settings.training.step_days,
            history_days=settings.training.history_days,
            as_ofs=settings.training.as_ofs,
            rollups=settings.workspace / "rollups",
            config_digest=settings.digest,
            progress=step.say,
        )
        step.say(f"{len(snapshot.features)} features, {len(snapshot.accounts):,} rows of accounts")
    return snapshot


def snapshot_of(settings: Settings, as_of: date | None) -> Snapshot:
    """What `build` wrote for that as_of; the latest where none is named.

    Raises:
        ConfigError: nothing was built for it.
    """
    from features.errors import ConfigError
    from features.snapshot import Snapshot

    root = settings.workspace / "features"
    built = sorted(folder.name for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []
    name = as_of.isoformat() if as_of else (built[-1] if built else None)
    if name is None or name not in built:
        raise ConfigError(
            f"This step needs features{f' as of {name}' if name else ''}; built so far: {', '.join(built) or 'none'}. "
            "Build them with `holdfast features`, or walk the whole path with `holdfast run`."
        )
    return Snapshot.read(root / name)


def registry_of(settings: Settings) -> Registry:
    """This company's models."""
    from models.registry import Registry

    return Registry(settings.mlruns, settings.company.name)

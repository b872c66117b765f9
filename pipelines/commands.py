"""What each command does, once the command line has understood what was asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import ConfigError, DataError, RefusedError
from pipelines.environment import prepare_environment
from pipelines.printing import console, metrics_table, simple_table, top_rows
from pipelines.progress import Progress
from pipelines.settings import CONFIG_NAME, Settings, load_settings

if TYPE_CHECKING:
    from serving.publishing import Published


def init(folder: Path, name: str, force: bool) -> None:
    """Writes `holdfast.toml` into the folder and says what was recognised."""
    from pipelines.initialise import config_text

    target = folder / CONFIG_NAME
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already. Edit it, or write over it with --force.")
    if not folder.is_dir():
        raise ConfigError(f"`holdfast init` looks at a folder of data files, and there is no folder {folder}.")
    text, matches = config_text(folder, name)
    target.write_text(text, encoding="utf-8")
    rows = [
        [
            match.table,
            match.file,
            ", ".join(f"{ours} = {theirs}" for ours, theirs in match.columns.items()),
            ", ".join(match.missing),
        ]
        for match in matches
    ]
    console().print(simple_table(["table", "file", "renamed (ours = theirs)", "still missing"], rows))
    console().print(f"Wrote {target}. Next: holdfast check --config {target}")


def check(config: Path, as_json: bool) -> None:
    """Prints the data report; refuses data that cannot be used."""
    from features.report import data_report, render

    settings = load_settings(config)
    with Progress().step("read and check the tables"):
        report = data_report(settings.data, settings.base, timezone=settings.company.timezone)
    _print_json(report.as_json()) if as_json else print_text(render(report))
    if not report.usable:
        raise DataError(report.faults)


def run(config: Path, as_of: str | None, allow: Sequence[str], as_json: bool) -> None:
    """The whole path, then the list's first rows."""
    settings = _prepared(config)
    with Progress().step("start Prefect"):
        from pipelines.flows import run_flow
    folder = run_flow(str(config), as_of=parse_day(as_of), allow=tuple(allow))
    published = _published(settings, date.fromisoformat(Path(folder).name))
    if as_json:
        _print_json({"published": folder, "manifest": published.manifest})
        return
    print_list(settings, published)


def features(config: Path, as_of: str | None, allow: Sequence[str]) -> None:
    """Builds features and labels."""
    settings = _prepared(config)
    from pipelines.flows import build_flow

    day, _digest = build_flow(str(config), as_of=parse_day(as_of), allow=tuple(allow))
    print_text(f"Features as of {day}: {settings.workspace / 'features' / day.isoformat()}. Next: holdfast train")


def train(config: Path, as_of: str | None) -> None:
    """Trains and judges; refuses where no model was promoted."""
    settings = _prepared(config)
    from pipelines import steps
    from pipelines.flows import train_flow

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    train_flow(str(config), as_of=snapshot.as_of, snapshot_digest=snapshot.digest)
    metrics(config, as_json=False)


def score(config: Path, as_of: str | None) -> None:
    """Scores with the champions."""
    settings = _prepared(config)
    from pipelines import steps
    from pipelines.flows import score_flow

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    folder = score_flow(str(config), as_of=snapshot.as_of, snapshot_digest=snapshot.digest)
    print_text(f"Scores as of {snapshot.as_of}: {folder}. Next: holdfast publish")


def publish(config: Path, as_of: str | None) -> None:
    """Publishes what was scored."""
    settings = _prepared(config)
    from pipelines import steps
    from pipelines.flows import publish_flow

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    publish_flow(str(config), as_of=snapshot.as_of, scores=str(steps.scores_folder(settings, snapshot.as_of)))
    print_list(settings, _published(settings, snapshot.as_of))


def _prepared(config: Path) -> Settings:
    """The settings, with the environment made ready for Prefect and MLflow before anything imports them."""
    settings = load_settings(config)
    prepare_environment(settings.workspace)
    return settings


def _published(settings: Settings, as_of: date | None) -> Published:
    from serving.publishing import published

    return published(settings.workspace, as_of)


def parse_day(text: str | None) -> date | None:
    """The day that was named.

    Raises:
        ConfigError: it is not a day.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--as-of takes a day such as 2026-06-30; seen {text!r}. Write year-month-day.") from error


def print_text(text: str) -> None:
    """Plain text on standard output."""
    console().print(text, markup=False, soft_wrap=True)


def _print_json(content: Any) -> None:
    print_text(json.dumps(content, indent=2, sort_keys=True, default=str, allow_nan=False))

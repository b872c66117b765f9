"""What each command does, once the command line has understood what was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from features.errors import ConfigError, InputError
from pipelines.environment import prepared
from pipelines.model_commands import metrics
from pipelines.printing import (
    console,
    days_asked,
    print_json,
    print_text,
    simple_table,
    titled,
    top_rows,
)
from pipelines.progress import Progress
from pipelines.settings import CONFIG_NAME, Settings, load_settings

if TYPE_CHECKING:
    from serving.published import Published


def init(folder: Path, name: str | None, force: bool) -> None:
    """Writes `holdfast.toml` into the folder and says what was recognised."""
    from pipelines.initialise import config_text

    target = folder / CONFIG_NAME
    if target.exists() and not force:
        raise ConfigError(f"{target} is there already. Edit it, or write over it with --force.")
    if not folder.is_dir():
        raise ConfigError(f"`holdfast init` looks at a folder of data files, and there is no folder {folder}.")
    text, matches = config_text(folder, name or _name_of(folder))
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


def _name_of(folder: Path) -> str:
    """The folder's name with only the letters that a company's name may have."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.resolve().name).strip("-_")
    return name or "company"


def check(config: Path, allow: Sequence[str], as_json: bool) -> None:
    """Prints the data report; refuses data that cannot be used."""
    from features.library.trial import mistakes_of
    from features.reading.draft import Notice
    from features.report.data_report import data_report, render
    from pipelines.company import library_of, open_company, prospects, require_data_folder

    settings = load_settings(config)
    require_data_folder(settings)
    with Progress().step("read and check the tables"):
        library = library_of(settings)
        report = data_report(settings.data_read, settings.base, settings.company.timezone, frozenset(allow), library)
        off = [Notice("accounts", f"{name} is no feature: {why}") for name, why in settings.declared.off.items()]
        report = replace(report, notices=(*report.notices, *off))
        tables = open_company(settings, frozenset(allow)) if report.usable else None
        found = prospects(settings, tables) if tables else {}
        mistakes = mistakes_of(library, tables) if tables else ()
    outcomes = {name: prospect.words for name, prospect in found.items()}
    if as_json:
        print_json({**report.as_json(), "outcomes": outcomes, "mistakes": mistakes})
    else:
        print_text(render(report))
        print_text("\nOutcomes" if outcomes else "")
        print_text("\n".join(f"  - {name}: {prospect}" for name, prospect in outcomes.items()))
    if not report.usable:
        faults = "1 fault keeps" if len(report.refusals) == 1 else f"{len(report.refusals)} faults keep"
        raise InputError(f"{faults} the data from being used; the report names each.")
    if mistakes:
        raise InputError("\n".join(mistakes))
    if wrong := [name for name, prospect in found.items() if prospect.wrong]:
        raise InputError(
            f"What is asked of an outcome can be answered; of {', '.join(wrong)} it cannot, and the report says why. "
            f"Correct [outcomes.{wrong[0]}], or take it out."
        )


def run(config: Path, as_of: str | None, allow: Sequence[str], as_json: bool) -> None:
    """The whole path, then the list's first rows."""
    settings, day = prepared(config), parse_day(as_of)
    folder = _flows().run_flow(str(config), as_of=day, allow=tuple(allow))
    published = _published(settings, date.fromisoformat(Path(folder).name))
    if as_json:
        print_json({"published": folder, "manifest": published.manifest.model_dump(mode="json")})
        return
    print_list(published)


def features(config: Path, as_of: str | None, allow: Sequence[str], as_json: bool, rebuild: bool = False) -> None:
    """Builds features and labels; where asked to, without anything that earlier builds left."""
    settings, asked = prepared(config), parse_day(as_of)
    from pipelines.company import forget

    flows = _flows()
    if rebuild:
        forget(settings)
    day, digest = flows.build_flow(str(config), as_of=asked, allow=tuple(allow))
    folder = settings.workspace / "features" / day.isoformat()
    if as_json:
        print_json({"as_of": day, "folder": str(folder), "digest": digest})
        return
    print_text(f"Features as of {day}: {folder}. Next: holdfast train --config {config}")


def train(config: Path, as_of: str | None) -> None:
    """Trains and judges; refuses where no model was promoted."""
    settings = prepared(config)
    from pipelines import steps

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    _flows().train_flow(str(config), as_of=snapshot.as_of, snapshot_digest=snapshot.digest)
    metrics(config, as_json=False)


def score(config: Path, as_of: str | None) -> None:
    """Scores with the champions."""
    settings = prepared(config)
    from pipelines import steps

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    folder = _flows().score_flow(str(config), as_of=snapshot.as_of, snapshot_digest=snapshot.digest)
    print_text(f"Scores as of {snapshot.as_of}: {folder}. Next: holdfast publish --config {config}")


def publish(config: Path, as_of: str | None) -> None:
    """Publishes what was scored."""
    settings = prepared(config)
    from pipelines import steps

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    _flows().publish_flow(str(config), as_of=snapshot.as_of, scores=str(steps.scores_folder(settings, snapshot.as_of)))
    print_list(_published(settings, snapshot.as_of))


def print_list(published: Published) -> None:
    """The list's head: what it is, its first ten rows, what was left out and why."""
    from serving.days import asked
    from serving.scoring import in_order

    record = published.manifest.record
    days = asked(record, published.as_of)
    print_text(f"{record.company}, as of {published.as_of}: {published.manifest.accounts:,} accounts")
    print_text(f"{days_asked({name: days[name] for name in in_order(days)})}\n")
    print_text(top_rows(published.accounts, record.currency))
    print_text("")
    for name, model in record.models.items():
        print_text(f"{titled(name)}, model {model.version}: {model.reason}")
    for name, why in record.refused.items():
        print_text(f"{titled(name)} is left out. {why}")
    folder = published.folder.parents[1] / published.as_of.isoformat()
    for page, whom in (("accounts.html", "customer success"), ("drivers.html", "executives")):
        if page in published.manifest.files:
            print_text(f"page for {whom}: {folder / page}")


def where_to_look(config: Path) -> None:
    """What the run wrote, and the commands to go on with."""
    settings = load_settings(config)
    latest = settings.workspace / "published" / "latest"
    print_text(
        f"""
Where everything lies
  the page        {latest}/accounts.html (open it in a browser)
  for executives  {latest}/drivers.html
  the list        {latest}/scored_accounts.csv (also .parquet, .xlsx)
  all reasons     {latest}/reasons.parquet
  the manifest    {latest}/manifest.json
  the data        {settings.base / settings.data.path}
  models, plots   {settings.mlruns}
Go on with
  holdfast explain ACCOUNT --config {config}
  holdfast metrics --config {config}
  holdfast check --config {config}"""
    )


def _flows() -> ModuleType:
    """`pipelines.flows`, once Prefect is there to walk them."""
    with Progress().step("start Prefect"):
        from pipelines import flows

        flows.require_server()
    return flows


def _published(settings: Settings, as_of: date | None) -> Published:
    from serving.published import published

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

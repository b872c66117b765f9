"""What each command does, once the command line has understood what was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from features.errors import ConfigError, InputError, RefusedError
from pipelines.environment import prepare_environment
from pipelines.model_facts import read_interplay
from pipelines.printing import (
    console,
    days_asked,
    interplay_table,
    metrics_table,
    simple_table,
    slices_table,
    titled,
    top_rows,
)
from pipelines.progress import Progress
from pipelines.refusals import all_refusals
from pipelines.settings import CONFIG_NAME, Settings, load_settings
from pipelines.slices import read_slices

if TYPE_CHECKING:
    from models.evaluation import Evaluation
    from models.registry import Version
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
        outcomes = prospects(settings, open_company(settings, frozenset(allow))) if report.usable else {}
    if as_json:
        print_json({**report.as_json(), "outcomes": outcomes})
    else:
        print_text(render(report))
        print_text("\nOutcomes" if outcomes else "")
        print_text("\n".join(f"  - {name}: {prospect}" for name, prospect in outcomes.items()))
    if not report.usable:
        raise InputError(f"{len(report.refusals)} faults keep the data from being used; the report names each.")


def run(config: Path, as_of: str | None, allow: Sequence[str], as_json: bool) -> None:
    """The whole path, then the list's first rows."""
    settings = _prepared(config)
    folder = _flows().run_flow(str(config), as_of=parse_day(as_of), allow=tuple(allow))
    published = _published(settings, date.fromisoformat(Path(folder).name))
    if as_json:
        print_json({"published": folder, "manifest": published.manifest.model_dump(mode="json")})
        return
    print_list(published)


def features(config: Path, as_of: str | None, allow: Sequence[str], as_json: bool, rebuild: bool = False) -> None:
    """Builds features and labels; where asked to, without anything that earlier builds left."""
    settings = _prepared(config)
    from pipelines.company import forget

    flows = _flows()
    if rebuild:
        forget(settings)
    day, digest = flows.build_flow(str(config), as_of=parse_day(as_of), allow=tuple(allow))
    folder = settings.workspace / "features" / day.isoformat()
    if as_json:
        print_json({"as_of": day, "folder": str(folder), "digest": digest})
        return
    print_text(f"Features as of {day}: {folder}. Next: holdfast train --config {config}")


def train(config: Path, as_of: str | None) -> None:
    """Trains and judges; refuses where no model was promoted."""
    settings = _prepared(config)
    from pipelines import steps

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    _flows().train_flow(str(config), as_of=snapshot.as_of, snapshot_digest=snapshot.digest)
    metrics(config, as_json=False)


def score(config: Path, as_of: str | None) -> None:
    """Scores with the champions."""
    settings = _prepared(config)
    from pipelines import steps

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    folder = _flows().score_flow(str(config), as_of=snapshot.as_of, snapshot_digest=snapshot.digest)
    print_text(f"Scores as of {snapshot.as_of}: {folder}. Next: holdfast publish --config {config}")


def publish(config: Path, as_of: str | None) -> None:
    """Publishes what was scored."""
    settings = _prepared(config)
    from pipelines import steps

    snapshot = steps.snapshot_of(settings, parse_day(as_of))
    _flows().publish_flow(str(config), as_of=snapshot.as_of, scores=str(steps.scores_folder(settings, snapshot.as_of)))
    print_list(_published(settings, snapshot.as_of))


def metrics(config: Path, as_json: bool) -> None:
    """Prints each champion's out-of-time metrics beside its baselines'."""
    from pipelines.speakers import registry_of

    settings = _prepared(config)
    registry = registry_of(settings)
    standing = [found for name in settings.outcome_names if (found := registry.champion(name)) is not None]
    if not standing:
        raise RefusedError(
            "Metrics are shown of champions, and this company has none. "
            "Train with `holdfast run`; `holdfast models` says why models were refused."
        )
    if as_json:
        print_json({champion.outcome: _metrics_json(champion.version, settings) for champion in standing})
        return
    for champion in standing:
        version, decision = champion.version, champion.version.decision
        title = f"{version.outcome}: {version.evaluation.n:,} rows, {version.evaluation.positives:,} positives"
        rows = {f"model {version.digest}": version.evaluation, **version.baselines}
        console().print(metrics_table(version.outcome, rows, title))
        if parts := read_slices(settings, version.outcome, version.digest):
            console().print(slices_table(parts, f"{version.outcome}, part by part"))
        pairs = read_interplay(settings, version.outcome, version.digest)
        if pairs is not None and (table := interplay_table(pairs)) is not None:
            console().print(table)
        print_text(f"{decision.reason}\n" + "".join(f"Note: {note}\n" for note in version.verdict.notes))


def _metrics_json(version: Version, settings: Settings) -> dict[str, Any]:
    """Counts, each metric with its interval, the same for each baseline and, where the config asks for it, by part."""
    parts = read_slices(settings, version.outcome, version.digest)
    pairs = read_interplay(settings, version.outcome, version.digest)

    def judged(evaluation: Evaluation) -> dict[str, Any]:
        metrics = {key: asdict(interval) for key, interval in evaluation.metrics.items()}
        return {"n": evaluation.n, "positives": evaluation.positives, **metrics}

    return {
        **judged(version.evaluation),
        "model_version": version.digest,
        "as_of": version.as_of.isoformat(),
        "baselines": {name: judged(evaluation) for name, evaluation in version.baselines.items()},
        "beats": list(version.decision.beats),
        "equals": list(version.decision.equals),
        "reason": version.decision.reason,
        "notes": list(version.verdict.notes),
        **({"slices": [part.as_json() for part in parts]} if parts else {}),
        **({} if pairs is None else {"interplay": pairs.to_dict("records")}),
    }


def models(config: Path, as_json: bool) -> None:
    """Prints every model that was registered, the newest first."""
    from pipelines.speakers import registry_of

    settings = _prepared(config)
    registry = registry_of(settings)
    versions = [version for name in settings.outcome_names for version in registry.versions(name)]
    if as_json:
        print_json([_version_json(version) for version in versions])
        return
    untrained = all_refusals(settings)
    if not versions and not untrained:
        print_text(f"No model was trained yet. Next: holdfast run --config {config}")
        return
    for version in versions:
        alias = f" [{', '.join(version.aliases)}]" if version.aliases else ""
        auc, its = version.evaluation.metrics["auc"].value, f"model {version.number} {version.digest}"
        print_text(f"{titled(version.outcome)}, {its} as of {version.as_of}{alias} AUC {auc:.3f}")
        print_text(f"    {version.decision.reason}")
    for day, refusals in untrained.items():
        for name, why in refusals.items():
            print_text(f"{titled(name)} as of {day}: not trained\n    {why}")
    print_text(f"Runs, plots and artifacts: mlflow ui --backend-store-uri {registry.address}")


def _version_json(version: Version) -> dict[str, Any]:
    return {
        "outcome": version.outcome,
        "version": version.number,
        "digest": version.digest,
        "as_of": version.as_of.isoformat(),
        "aliases": list(version.aliases),
        "auc": asdict(version.evaluation.metrics["auc"]),
        "decision": version.decision.as_json(),
        "tags": dict(version.tags),
    }


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


def _prepared(config: Path) -> Settings:
    """The settings, with the environment made ready for Prefect and MLflow before anything imports them."""
    settings = load_settings(config)
    prepare_environment(settings.workspace)
    return settings


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


def print_text(text: str) -> None:
    """Plain text on standard output."""
    console().print(text, markup=False, soft_wrap=True)


def print_json(content: Any) -> None:
    """One JSON value on standard output."""
    print_text(json.dumps(content, indent=2, sort_keys=True, default=str, allow_nan=False))

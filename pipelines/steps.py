"""The steps of a run, one function each, without Prefect: what is read, what is written, and where.

build    tables -> <workspace>/features/<as_of>/
train    features -> models in MLflow, judged, promoted or refused
score    features + champions -> <workspace>/scores/<as_of>/
publish  scores -> <workspace>/published/<as_of>/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import ConfigError, RefusedError, ServiceError, TimeError
from pipelines.company import library_of, memory_of, open_company, outcomes_of
from pipelines.list_facts import changed_since, record_of
from pipelines.looking_back import look_back
from pipelines.model_facts import told_of
from pipelines.printing import titled
from pipelines.progress import Progress
from pipelines.refusals import write_refusals
from pipelines.revision import code_revision
from pipelines.settings import Settings
from pipelines.speakers import champions, registry_of

if TYPE_CHECKING:
    from features.snapshot.snapshot import Snapshot
    from models.registry import Version
    from serving.publishing import Publication

DRIVERS_PAGE = "drivers.html"


def build(settings: Settings, as_of: date | None, allow: frozenset[str], progress: Progress) -> Snapshot:
    """Reads the tables and writes features and labels of every as_of that training and scoring need."""
    from features.library.attributes import attribute_names, kept_attributes
    from features.library.listing import of_which
    from features.rollups.shelf import Shelf
    from features.snapshot.writing import write_snapshot

    shelf, memory = Shelf(settings.workspace / "rollups"), memory_of(settings)
    attributes = settings.declared
    library_of(settings)  # what is wrong with it is said before anything is read
    with progress.step("read and check the tables") as step:
        tables = open_company(settings, allow, memory)
        as_of = as_of or tables.calendar.end
        step.say(f"{len(list(tables))} tables, {tables.calendar.start} to {tables.calendar.end}; as of {as_of}")
    for name, why in attributes.off.items():
        progress.note(f"accounts.{name} is no feature: {why}")
    for name in attributes.slices:
        if not tables.has("accounts", name):
            progress.note(f"features.slices: accounts has no column {name}, so nothing is reported by it")
    with progress.step("build features and labels") as step:
        library = library_of(settings, attribute_names(tables, as_of, attributes.features))
        snapshot = write_snapshot(
            tables,
            outcomes_of(settings, tables),
            as_of,
            settings.workspace / "features" / as_of.isoformat(),
            step_days=settings.training.step_days,
            history_days=settings.training.history_days,
            as_ofs=settings.training.as_ofs,
            max_rows=settings.training.max_rows,
            library=library,
            attributes=kept_attributes(tables, attributes),
            rollups=shelf,
            config_digest=settings.digest,
            progress=step.say,
        )
        computed = library.available(tables)
        told = f"{len(computed)} features{of_which(len(computed), sum(not each.taught for each in computed))}"
        step.say(f"{told}{library.off_in_words}, {len(snapshot.accounts):,} rows of accounts")
    with progress.step("look back at what was said and tried"):
        places = library.places_of(computed)
        look_back(settings, tables, snapshot.outcomes, as_of, offers=any(table == "offers" for table, _ in places))
    if memory.anew:
        progress.note(f"files read: {memory.in_words}")
    progress.note(f"daily rollups made anew: {shelf.in_words}")
    return snapshot


def snapshot_of(settings: Settings, as_of: date | None) -> Snapshot:
    """What `build` wrote for that as_of; the latest where none is named.

    Raises:
        ConfigError: nothing was built for it.
    """
    from features.snapshot.snapshot import Snapshot

    root = settings.workspace / "features"
    built = sorted(folder.name for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []
    name = as_of.isoformat() if as_of else (built[-1] if built else None)
    if name is None or name not in built:
        raise ConfigError(
            f"This step needs features{f' as of {name}' if name else ''}; built so far: {', '.join(built) or 'none'}. "
            "Build them with `holdfast features`, or walk the whole path with `holdfast run`."
        )
    return Snapshot.read(root / name)


def train(settings: Settings, as_of: date, progress: Progress) -> list[dict[str, Any]]:
    """Trains, judges and records a model an outcome; returns one row per (outcome, model or baseline) of metrics.

    An outcome that cannot be trained is recorded as refused with its reason and does not stop the others.
    """
    from models.dataset import training_rows
    from models.record import Retrain, Told
    from models.training import Trained
    from models.training import train as train_one

    snapshot = snapshot_of(settings, as_of)
    registry = registry_of(settings)
    library = library_of(settings, snapshot.features)
    ideas = library.idea_of
    results: dict[str, Trained] = {}
    told: dict[str, Told] = {}
    refusals: dict[str, str] = {}
    for name, outcome in snapshot.outcomes.items():
        with progress.step(f"train and judge {name}") as step:
            champion = registry.champion(name, as_of)
            try:
                standing = champion.scorer if champion else None
                rows = training_rows(snapshot, name, standing.features if standing else ())
                results[name] = train_one(rows, outcome, settings.training, standing, ideas)
                told[name] = told_of(settings, snapshot, results[name], library)
                auc = results[name].evaluation.metrics["auc"]
                step.say(f"AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f}), {results[name].trees} trees")
            except (RefusedError, TimeError) as error:
                refusals[name] = str(error)
                step.say("refused")
    with progress.step("record in MLflow"):
        versions = registry.record(
            Retrain(
                as_of=as_of,
                results=results,
                data_digest=snapshot.data_digest,
                config_digest=snapshot.config_digest,
                snapshot_digest=snapshot.digest,
                revision=code_revision(),
                parameters=settings.training.model_dump(mode="json"),
                refusals=refusals,
                told=told,
            )
        )
    write_refusals(settings, as_of, refusals)
    for name, version in versions.items():
        progress.note(f"{titled(name)}, model {version.digest}: {version.decision.reason}")
    for name, reason in refusals.items():
        progress.note(f"{titled(name)}: Refused: {reason}")
    return [row for version in versions.values() for row in metric_rows(version)]


def metric_rows(version: Version) -> list[dict[str, Any]]:
    """One row per model or baseline of a version: its metrics on the out-of-time test, in words with intervals."""
    judged = {f"model {version.digest}": version.evaluation, **version.baselines}
    return [
        {"outcome": version.outcome, "judged": name, "n": evaluation.n, "positives": evaluation.positives}
        | {key: f"{m.value:.3f} [{m.low:.3f}, {m.high:.3f}]" for key, m in evaluation.metrics.items()}
        for name, evaluation in judged.items()
    ]


def scores_folder(settings: Settings, as_of: date) -> Path:
    """Where `score` writes and `publish` reads."""
    return settings.workspace / "scores" / as_of.isoformat()


def score(settings: Settings, as_of: date, progress: Progress) -> Path:
    """Scores and explains every account with the champions; returns the folder of the scores.

    Raises:
        RefusedError: no outcome has a model that was promoted.
    """
    from serving.scoring import score as score_all

    snapshot = snapshot_of(settings, as_of)
    with progress.step("score and explain") as step:
        standing = champions(settings, snapshot)
        scorers = {name: champion.scorer for name, champion in standing.items()}
        library = library_of(settings, [name for scorer in scorers.values() for name in scorer.features])
        scored = score_all(
            snapshot, scorers, library.features, settings.company.currency, settings.decision, told=step.bar
        )
        folder = scores_folder(settings, as_of)
        scored.write(folder)
        step.say(f"{len(scored.accounts):,} accounts, {len(scored.reasons):,} reasons")
    return folder


def publish(settings: Settings, as_of: date, scores: Path, progress: Progress) -> Publication:
    """Decides, ranks and publishes what was scored.

    Raises:
        RefusedError: a check failed; the list that stood before still stands.
    """
    from pipelines.page_material import material_of, outlook_of
    from serving.lists import make_lists
    from serving.pages.accounts import accounts_html
    from serving.pages.drivers import drivers_html
    from serving.published import previous
    from serving.publishing import publish as publish_lists
    from serving.scored import Scored

    snapshot = snapshot_of(settings, as_of)
    with progress.step("decide, rank and publish") as step:
        scored = Scored.read(scores)
        before = previous(settings.workspace, as_of)
        changed = changed_since(settings, before, scores_folder(settings, before.as_of), scored) if before else None
        earlier_accounts = before.accounts if before else None
        lists = make_lists(scored, earlier_accounts, settings.decision, changed, snapshot.segmented)
        record = record_of(settings, snapshot, scored.models, before)
        library = library_of(settings, snapshot.features)
        material = material_of(snapshot, lists, record, before, library)
        outlook = outlook_of(settings, snapshot, lists, record, before, library)
        pages = {"accounts.html": accounts_html(material), DRIVERS_PAGE: drivers_html(outlook)}
        actionable = {feature.name for feature in library.features if feature.actionable}
        publication = publish_lists(settings.workspace, lists, record, pages, actionable=actionable)
        step.say(f"{publication.folder}{', as it stood there already' if publication.unchanged else ''}")
    _attach(settings, publication, {name: model.version for name, model in record.models.items()}, progress)
    return publication


def _attach(settings: Settings, publication: Publication, versions: Mapping[str, str], progress: Progress) -> None:
    """Shows the list's page of drivers with its models in MLflow; the list stands whether or not that answers."""
    page = publication.folder / DRIVERS_PAGE
    if not page.is_file():
        return
    try:
        registry_of(settings).attach(page, versions, f"lists/{publication.folder.name}")
    except ServiceError as error:
        progress.note(f"{DRIVERS_PAGE} is not shown in MLflow: {error}")

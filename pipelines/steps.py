"""The steps of a run, one function each, without Prefect: what is read, what is written, and where.

build    tables -> <workspace>/features/<as_of>/
train    features -> models in MLflow, judged, promoted or refused
score    features + champions -> <workspace>/scores/<as_of>/
publish  scores -> <workspace>/published/<as_of>/
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import ConfigError, RefusedError, ServiceError, TimeError
from features.outcomes import Outcome
from pipelines.looking_back import look_back
from pipelines.model_facts import told_of
from pipelines.printing import titled
from pipelines.progress import Progress
from pipelines.refusals import write_refusals
from pipelines.revision import code_revision
from pipelines.settings import Settings
from pipelines.speakers import champions, refused, registry_of

if TYPE_CHECKING:
    import pandas as pd

    from features.arrivals import Memory
    from features.library import Library
    from features.snapshot import Snapshot
    from features.tables import Tables
    from models.registry import Version
    from serving.manifest import Record
    from serving.published import Published
    from serving.publishing import Publication
    from serving.scoring import Scored, ScoredModel

DRIVERS_PAGE = "drivers.html"


def open_company(settings: Settings, allow: frozenset[str] = frozenset(), memory: Memory | None = None) -> Tables:
    """The company's tables, read and checked; with a `memory` only those files of which it does not know.

    Raises:
        ConfigError: the data folder is not there.
        DataError: the tables break the contract; nothing has been written but quarantined rows.
    """
    from features.reading import open_tables

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
    from features.arrivals import Memory

    return Memory(settings.workspace / "readings")


def forget(settings: Settings) -> None:
    """Removes what is kept of earlier readings and builds, so that the next build reads and checks every row anew.

    Raises:
        RefusedError: another build is under way and may be using it.
    """
    from features.shelf import Shelf

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
    from features.additions import adding
    from features.attributes import with_attributes
    from features.catalogue import LIBRARY
    from features.company_file import read_company_file

    library = LIBRARY.allowing(settings.features.purposes)
    library = library.teaching_scores() if settings.features.teach_scores else library
    for name in settings.features.files:
        library = adding(library, read_company_file(settings.base / name))
    return with_attributes(library, settings.declared.features, names)


def outcomes_of(settings: Settings, tables: Tables) -> dict[str, Outcome]:
    """The outcomes that the config switches on, or those that the tables allow where it names none."""
    from features.outcome_kinds import default_outcomes

    named = {name: library_of(settings).bound(outcome) for name, outcome in settings.outcomes.items()}
    return named or default_outcomes(tables)


def prospects(settings: Settings, tables: Tables) -> dict[str, str]:
    """By outcome, on which days its model would be judged as of the data's end, or why it could not be.

    What only the labels tell, such as too few positives, is found by training.
    """
    from features.labels import label_days
    from features.snapshot import learning_days
    from models.splits import split_in_time

    plan = settings.training
    found = {}
    for name, outcome in outcomes_of(settings, tables).items():
        try:
            grid = learning_days(tables, tables.calendar.end, plan.step_days, plan.history_days, plan.as_ofs)
            split = split_in_time(
                label_days(tables, outcome, grid),
                outcome.horizon,
                step_days=plan.step_days,
                test_as_ofs=plan.test_as_ofs,
                validation_as_ofs=plan.validation_as_ofs,
                test_from=plan.test_from,
            )
            days = f"{split.test[0]}" if len(split.test) == 1 else f"{split.test[0]} to {split.test[-1]}"
            found[name] = f"learned from {len(split.refit)} as_of, judged as of {days}"
        except (ConfigError, RefusedError, TimeError) as error:
            found[name] = f"cannot be judged: {error}"
    return found


def build(settings: Settings, as_of: date | None, allow: frozenset[str], progress: Progress) -> Snapshot:
    """Reads the tables and writes features and labels of every as_of that training and scoring need."""
    from features.attributes import attribute_names, kept_attributes
    from features.shelf import Shelf
    from features.snapshot import write_snapshot

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
        built = f"{len(snapshot.features) + len(snapshot.pair_features)} features{library.off_in_words}"
        step.say(f"{built}, {len(snapshot.accounts):,} rows of accounts")
    with progress.step("look back at what was said and tried"):
        places = library.places_of(library.available(tables))
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
    from serving.scoring import Scored

    snapshot = snapshot_of(settings, as_of)
    with progress.step("decide, rank and publish") as step:
        scored = Scored.read(scores)
        before = previous(settings.workspace, as_of)
        changed = _changed(settings, scored, before)
        earlier_accounts = before.accounts if before else None
        lists = make_lists(scored, earlier_accounts, settings.decision, changed, snapshot.segmented)
        record = _record(settings, snapshot, scored.models, before)
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


def _changed(settings: Settings, scored: Scored, before: Published | None) -> pd.DataFrame | None:
    """What changed since the list before; None where there is none, or what its scores came from is not known."""
    from serving.changes import changes
    from serving.kept import kept
    from serving.sums import those_that_add_up

    if before is None:
        return None
    known = kept(scores_folder(settings, before.as_of))
    versions = {name: model.version for name, model in before.manifest.record.models.items()}
    earlier = {name: its for name, its in known.items() if its.scorer.digest == versions.get(name)}
    names = [name for its in (*earlier.values(), *scored.kept.values()) for name in its.scorer.features]
    found = changes(earlier, scored.kept, library_of(settings, names).features, settings.company.currency)
    return those_that_add_up(found, before.accounts, scored.accounts)


def _record(
    settings: Settings, snapshot: Snapshot, shown: Mapping[str, ScoredModel], before: Published | None
) -> Record:
    """What the list was made from; `shown` are the models behind its outcomes, with the base rate that bands use."""
    from serving.manifest import Model, Record

    registry = registry_of(settings)
    models = {}
    for name, model in shown.items():
        version = next(version for version in registry.versions(name) if version.digest == model.version)
        level = version.verdict.level
        intervals = {**version.evaluation.metrics, **({"level": level} if level else {})}
        models[name] = Model(
            version=model.version,
            base_rate=model.base_rate,
            trained_as_of=version.as_of,
            beats=version.decision.beats,
            equals=version.decision.equals,
            reason=version.decision.reason,
            metrics={key: asdict(interval) for key, interval in intervals.items()},
        )
    return Record(
        company=settings.company.name,
        currency=settings.company.currency,
        data_digest=snapshot.data_digest,
        config_digest=snapshot.config_digest,
        code_revision=code_revision(),
        models=models,
        refused={name: why for name, why in refused(settings, snapshot).items() if name not in models},
        previous=before.as_of if before else None,
        settings={
            **settings.decision.model_dump(mode="json"),
            "purposes": list(snapshot.purposes),
            "outcomes": {name: snapshot.outcomes[name].model_dump(mode="json") for name in sorted(models)},
        },
    )

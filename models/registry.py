"""Every retrain and every model of a company in MLflow: recorded once, found again, and pointed at by an alias.

What is where:

    experiment  holdfast-<company>                a run a retrain, in it one a new model
    model       holdfast-<company>-<outcome>      a version a model, told apart by the digest of its content

The rules:

- A model whose digest is registered already is not registered again, and nothing about it is decided again: what was
  recorded then is returned. Running the same thing twice therefore changes nothing, and an older retrain that is run
  again neither deposes the champion of today nor comes back after somebody took the alias from it.
- The alias `champion` moves to a newly registered, promoted model unless the model that has it was trained as of a
  later day: a backfill adds to the past and does not depose the present. A refused model gets `challenger`, likewise.
- `champion(outcome, as_of=day)` is the alias's model, or where that knows later days than `day`, the last model that
  was promoted at or before it. Nothing that a list of that day shows has seen what came after.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from features.errors import ServiceError
from models.record import Champion, Retrain, Verdict, Version
from models.scorer import Scorer, ScorerError
from models.store import artifact_uri, database_uri, follow_move, only_writer
from models.write_up import decision_tags, description, log_model

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

    from models.training import Trained

__all__ = ["Champion", "Registry", "Version"]

CHAMPION, CHALLENGER = "champion", "challenger"
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    # One call to a server that is away would otherwise block for four minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    # Results alone go to standard output.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # The logged model states its requirements; the lock file of whoever runs this is none of its business.
    "MLFLOW_UV_AUTO_DETECT": "false",
    # A bar a file of a few kilobytes; progress is told by who calls.
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
"""Set, where not set yet, before mlflow is imported."""


@dataclass(frozen=True)
class Registry:
    """A company's models: in the folder's SQLite file, or where `tracking_uri` says: on an MLflow server."""

    folder: Path
    company: str
    tracking_uri: str | None = None

    def record(self, retrain: Retrain) -> dict[str, Version]:
        """Writes down what is new of a retrain; returns each outcome's version, new or as it was recorded before.

        Raises:
            ServiceError: MLflow did not answer, or its database cannot be used.
        """
        with self._answering(), self._writing():
            known = {name: self._by_digest(name, trained.scorer.digest) for name, trained in retrain.results.items()}
            new = [name for name, version in known.items() if version is None]
            if new or (retrain.refusals and not self._is_recorded(retrain)):
                self._log_retrain(retrain, new)
            for name, trained in retrain.results.items():
                self._settle(name, trained.scorer.digest)
            return {name: self._registered(name, trained.scorer.digest) for name, trained in retrain.results.items()}

    def champion(self, outcome: str, as_of: date | None = None) -> Champion | None:
        """The model that scores as of that day (today's alias where none is given); None where none was promoted.

        Raises:
            ServiceError: MLflow did not answer, or its database cannot be used.
        """
        versions = self.versions(outcome)
        standing = [version for version in versions if CHAMPION in version.aliases]
        if as_of is not None and not (standing and standing[0].as_of <= as_of):
            promoted = [version for version in versions if version.decision.promoted and version.as_of <= as_of]
            standing = sorted(promoted, key=lambda version: (version.as_of, version.number))[-1:]
        return Champion(standing[0], self.scorer(standing[0])) if standing else None

    def versions(self, outcome: str) -> list[Version]:
        """Every registered model of an outcome, the newest first.

        Raises:
            ServiceError: MLflow did not answer, or its database cannot be used.
        """
        with self._answering():
            models = self._client.search_registered_models(f"name = '{self.model_name(outcome)}'")
            if not models:
                return []
            aliases = models[0].aliases  # the versions that a search finds do not bear theirs
            found = [
                _version(
                    outcome, entry, [alias for alias, number in aliases.items() if int(number) == int(entry.version)]
                )
                for entry in self._entries(outcome)
                if "verdict" in entry.tags
            ]
        return sorted(found, key=lambda version: -version.number)

    def attach(self, page: Path, versions: Mapping[str, str], place: str) -> None:
        """Shows a published page with the runs of the models that speak in it, under `place`; again is the same.

        `versions` has each outcome's digest, as a list's manifest names them; one that is not known here is passed by.

        Raises:
            ServiceError: MLflow did not answer, or its database cannot be used.
        """
        with self._answering(), self._writing():
            for outcome, digest in versions.items():
                for entry in self._entries(outcome):
                    if entry.tags.get("digest") == digest and entry.run_id:
                        self._client.log_artifact(entry.run_id, str(page), place)

    def scorer(self, version: Version) -> Scorer:
        """The model itself, read from its text and JSON.

        Raises:
            ServiceError: MLflow did not answer, or the model's files are missing or were changed.
        """
        name, number = self.model_name(version.outcome), str(version.number)
        with self._answering(), TemporaryDirectory() as temporary:
            import mlflow

            source = f"{self._client.get_model_version_download_uri(name, number)}/artifacts"
            try:
                local = mlflow.artifacts.download_artifacts(source, dst_path=temporary, tracking_uri=self.address)
                return Scorer.load(Path(local))
            except (OSError, ScorerError) as error:
                raise ServiceError(
                    f"MLflow must give a model's files back as it took them; of {name} version {number} was seen: "
                    f"{error} Restore {source}, or delete that version and run again to train it anew."
                ) from error

    def model_name(self, outcome: str) -> str:
        """Under which MLflow knows the models of an outcome."""
        return f"holdfast-{self.company}-{outcome}"

    @property
    def experiment_name(self) -> str:
        """Under which MLflow knows the company's runs."""
        return f"holdfast-{self.company}"

    @property
    def address(self) -> str:
        """What `mlflow ui --backend-store-uri` or `mlflow.set_tracking_uri` takes."""
        return self.tracking_uri or database_uri(self.folder)

    @cached_property
    def _client(self) -> MlflowClient:
        _set_environment()
        from mlflow import MlflowClient

        if self.tracking_uri is not None:
            return MlflowClient(self.tracking_uri, self.tracking_uri)
        with only_writer(self.folder):  # several processes that create the tables at once crash
            client = MlflowClient(self.address, self.address)
            client.search_registered_models(max_results=1)
            found = client.get_experiment_by_name(self.experiment_name)
            if found is not None and found.artifact_location != artifact_uri(self.folder):
                follow_move(self.folder, found.artifact_location)
        return client

    @cached_property
    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(self.experiment_name)
        if found is not None:
            return str(found.experiment_id)
        location = artifact_uri(self.folder) if self.tracking_uri is None else None
        return str(self._client.create_experiment(self.experiment_name, artifact_location=location))

    def _entries(self, outcome: str) -> Iterator[ModelVersion]:
        """MLflow's versions, page by page."""
        token = None
        while token != "":
            page = self._client.search_model_versions(f"name = '{self.model_name(outcome)}'", page_token=token)
            token = page.token or ""
            yield from page

    def _by_digest(self, outcome: str, digest: str) -> Version | None:
        found = [version for version in self.versions(outcome) if version.digest == digest]
        return found[-1] if found else None

    def _registered(self, outcome: str, digest: str) -> Version:
        version = self._by_digest(outcome, digest)
        if version is None:
            raise ServiceError(
                f"What MLflow took it gives back; the model {digest} of {outcome} that was just registered at "
                f"{self.address} is not there. Look whether something else deletes models there, and run again."
            )
        return version

    def _is_recorded(self, retrain: Retrain) -> bool:
        filters = f"tags.retrain = '{retrain.digest}' and attributes.status = 'FINISHED'"
        return bool(self._client.search_runs([self._experiment], filters, max_results=1))

    def _log_retrain(self, retrain: Retrain, new: list[str]) -> None:
        import mlflow

        shared = {"company": self.company, **retrain.tags}
        name = f"{self.company} {retrain.as_of}"
        with mlflow.start_run(
            experiment_id=self._experiment, run_name=name, tags={**shared, "retrain": retrain.digest}, nested=True
        ):
            mlflow.log_params(dict(retrain.parameters))
            for outcome in new:
                with self._child(f"{name} {outcome}", {**shared, "outcome": outcome}) as run:
                    model_id = log_model(retrain, retrain.results[outcome])
                    self._register(retrain, retrain.results[outcome], model_id, run)
            for outcome, reason in retrain.refusals.items():
                refused = {"outcome": outcome, "decision": "not trained", "reason": reason}
                with self._child(f"{name} {outcome}", {**shared, **refused}):
                    mlflow.log_params(dict(retrain.parameters))

    @contextmanager
    def _child(self, name: str, tags: Mapping[str, str]) -> Iterator[Run]:
        import mlflow

        with mlflow.start_run(experiment_id=self._experiment, run_name=name, tags=dict(tags), nested=True) as run:
            yield run

    def _register(self, retrain: Retrain, trained: Trained, model_id: str, run: Run) -> None:
        """The version comes into being at once with all that is told of it, so that no half of it is ever found."""
        name = self.model_name(trained.scorer.outcome)
        if not self._client.search_registered_models(f"name = '{name}'"):
            told = f"Probability of {trained.scorer.outcome}, {self.company}."
            self._client.create_registered_model(name, description=told)
        self._client.create_model_version(
            name,
            f"models:/{model_id}",
            run.info.run_id,
            model_id=model_id,  # a server refuses a source without it
            tags={**retrain.tags, **decision_tags(trained), "verdict": Verdict.of(trained).as_json()},
            description=description(retrain, trained),
        )

    def _settle(self, outcome: str, digest: str) -> None:
        """Points the alias at a version that has not been settled yet, also one that a killed process left behind."""
        version = self._registered(outcome, digest)
        if version.tags.get("settled"):
            return
        name, alias = self.model_name(outcome), CHAMPION if version.decision.promoted else CHALLENGER
        standing = [other for other in self.versions(outcome) if alias in other.aliases]
        if not standing or standing[0].as_of <= version.as_of:
            self._client.set_registered_model_alias(name, alias, str(version.number))
        self._client.set_model_version_tag(name, str(version.number), "settled", "true")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, and MLflow's fluent functions, which know one address a process, pointed at ours."""
        client = self._client
        import mlflow

        before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
        with only_writer(self.folder) if self.tracking_uri is None else nullcontext():
            mlflow.set_tracking_uri(client.tracking_uri)
            mlflow.set_registry_uri(client.tracking_uri)
            try:
                yield
            finally:
                mlflow.set_tracking_uri(before[0])
                mlflow.set_registry_uri(before[1])

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turns MLflow's own errors into one that says what to do."""
        _set_environment()
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (MlflowException, SQLAlchemyError) as error:
            raise ServiceError(self._away(error)) from error

    def _away(self, error: Exception) -> str:
        seen = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        if self.tracking_uri is not None:
            return (
                f"The MLflow server at {self.tracking_uri} must answer; seen: {seen} Start it, correct the "
                "address or look at its log, or leave the address out to use the embedded store."
            )
        return (
            f"MLflow's database in {self.folder} must be usable; seen: {seen} If another version of MLflow wrote it, "
            f"run `mlflow db upgrade {self.address}`; else move it away: only the history of training is lost."
        )


def _set_environment() -> None:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _version(outcome: str, entry: ModelVersion, aliases: list[str]) -> Version:
    tags: dict[str, Any] = dict(entry.tags)
    return Version(
        outcome=outcome,
        number=int(entry.version),
        digest=tags.pop("digest"),
        as_of=date.fromisoformat(tags["as_of"]),
        aliases=tuple(sorted(aliases)),
        verdict=Verdict.from_json(tags.pop("verdict")),
        tags=tags,
    )

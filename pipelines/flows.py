"""The path walked with Prefect: build, train, score, publish, and `run` as their sequence.

Tasks take and return paths, dates and digests, never frames. What they do stands in `pipelines/steps.py` and below, and
runs without Prefect. Only what touches a service is tried again, and only where the service was away.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_URL

from features.errors import ServiceError
from pipelines import steps
from pipelines.progress import Progress
from pipelines.settings import Settings, load_settings


def require_server() -> None:
    """Prefect's server answers: the one that is configured or, where none is, one of its own, started by this.

    Raises:
        ServiceError: it does not.
    """
    try:
        with get_client(sync_client=True) as client:
            wrong = client.api_healthcheck()
    except RuntimeError as error:  # one of its own, not up in time
        wrong = error
    if wrong is None:
        return
    address = PREFECT_API_URL.value()
    remedy = (
        "Start that server, correct PREFECT_API_URL, or take it out of the environment."
        if address
        else "Try again when the machine is less busy, or set PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS higher."
    )
    raise ServiceError(
        f"A run is walked with a Prefect server; {address or 'the one started for this run'} does not answer "
        f"({str(wrong).strip() or type(wrong).__name__}). Nothing was changed. {remedy}"
    ) from wrong


def _service_was_away(task_: Any, run: Any, state: Any) -> bool:  # noqa: ARG001  Prefect's signature
    """Whether what failed is worth another try."""
    return isinstance(state.result(raise_on_failure=False), ServiceError)


def _run_name() -> str:
    """`acme as of 2026-06-30`; without the date where it is yet to be found in the data."""
    given = flow_run.parameters
    name = load_settings(Path(given["config"])).company.name
    return f"{name} as of {given['as_of']}" if given.get("as_of") else f"{name} as of the data's end"


def _settings(config: str) -> Settings:
    return load_settings(Path(config))


@task(name="build", task_run_name="build {config}", cache_policy=NO_CACHE)
def build_task(config: str, as_of: date | None, allow: tuple[str, ...]) -> tuple[date, str]:
    """Tables to features and labels; returns the as_of and the digest of what was written."""
    snapshot = steps.build(_settings(config), as_of, frozenset(allow), Progress())
    return snapshot.as_of, snapshot.digest


@task(
    name="train",
    task_run_name="train as of {as_of}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_service_was_away,
)
def train_task(config: str, as_of: date, snapshot_digest: str) -> list[dict[str, Any]]:  # noqa: ARG001  names the input
    """Features to judged and registered models; returns the metrics as rows."""
    return steps.train(_settings(config), as_of, Progress())


@task(
    name="score",
    task_run_name="score as of {as_of}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=_service_was_away,
)
def score_task(config: str, as_of: date, snapshot_digest: str) -> str:  # noqa: ARG001  names the input
    """Features and champions to scores; returns the folder."""
    return str(steps.score(_settings(config), as_of, Progress()))


@task(name="publish", task_run_name="publish as of {as_of}", cache_policy=NO_CACHE)
def publish_task(config: str, as_of: date, scores: str) -> str:
    """Scores to a published list; returns its folder."""
    return str(steps.publish(_settings(config), as_of, Path(scores), Progress()).folder)


@flow(name="holdfast build", flow_run_name=_run_name)
def build_flow(config: str, as_of: date | None = None, allow: tuple[str, ...] = ()) -> tuple[date, str]:
    """What is known: the features of every as_of."""
    return build_task(config, as_of, allow)


@flow(name="holdfast train", flow_run_name=_run_name)
def train_flow(config: str, as_of: date, snapshot_digest: str) -> list[dict[str, Any]]:
    """What will happen: a model an outcome, judged out of time."""
    rows = train_task(config, as_of, snapshot_digest)
    create_table_artifact(key="holdfast-metrics", table=rows, description=f"Out-of-time metrics as of {as_of}")
    return rows


@flow(name="holdfast score", flow_run_name=_run_name)
def score_flow(config: str, as_of: date, snapshot_digest: str) -> str:
    """Who, how likely, and why."""
    return score_task(config, as_of, snapshot_digest)


@flow(name="holdfast publish", flow_run_name=_run_name)
def publish_flow(config: str, as_of: date, scores: str) -> str:
    """What people get."""
    return publish_task(config, as_of, scores)


@flow(name="holdfast run", flow_run_name=_run_name)
def run_flow(config: str, as_of: date | None = None, allow: tuple[str, ...] = ()) -> str:
    """The whole path: tables, features, models, scores, list."""
    as_of, snapshot_digest = build_flow(config, as_of, allow)
    _rename(config, as_of)
    train_flow(config, as_of, snapshot_digest)
    scores = score_flow(config, as_of, snapshot_digest)
    return publish_flow(config, as_of, scores)


def _rename(config: str, as_of: date) -> None:
    """Gives the run its as_of once the data has told it."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=f"{_settings(config).company.name} as of {as_of}")

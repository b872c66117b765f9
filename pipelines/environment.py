"""What MLflow and Prefect must find in the environment before they are imported."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.settings import Settings, load_settings

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # With the server away one call would otherwise block for minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    # A cold start takes 12 to 20 s, against a limit of 20 s.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # Holdfast says itself what it does; a flow's own log is one setting away.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
}


def prepared(config: Path) -> Settings:
    """The settings, with the environment made ready for Prefect and MLflow before anything imports them."""
    settings = load_settings(config)
    _prepare(settings.workspace)
    return settings


def _prepare(workspace: Path) -> None:
    """Sets what is not set yet: no telemetry, and a Prefect database in the workspace where no server is configured."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ and "PREFECT_HOME" not in os.environ:
        home = (workspace / "prefect").resolve()
        home.mkdir(parents=True, exist_ok=True)
        os.environ["PREFECT_HOME"] = str(home)

"""The command line as a person meets it: help at once, exit codes, messages on standard error."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipelines.conftest import here, holdfast

COMMANDS = [
    "demo",
    "init",
    "check",
    "run",
    "features",
    "train",
    "score",
    "publish",
    "explain",
    "metrics",
    "models",
    "leakcheck",
    "yardsticks",
]
HEAVY = ("pandas", "numpy", "ibis", "duckdb", "lightgbm", "mlflow", "prefect", "shap", "sklearn", "pydantic")


def test_help_names_every_command_and_the_exit_codes() -> None:
    shown = holdfast("--help")

    assert shown.code == 0
    assert all(command in shown.out for command in COMMANDS)
    assert "2 bad input or config" in shown.out


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pipelines.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str) -> None:
    shown = here(command, "--help")

    assert shown.code == 0
    assert len(shown.out.splitlines()) > 5


def test_without_a_config_it_ends_with_2_and_says_what_to_do(tmp_path: Path) -> None:
    done = here("run", cwd=tmp_path)

    assert done.code == 2
    assert done.out == ""
    assert "holdfast init" in done.err
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holdfast.toml").write_text("", encoding="utf-8")

    done = here("run", "--as-of", "yesterday", cwd=tmp_path)

    assert done.code == 2
    assert "--as-of takes a day" in done.err
    assert "start Prefect" not in done.err


def test_without_a_config_all_features_are_listed(tmp_path: Path) -> None:
    shown = holdfast("features", "--list", cwd=tmp_path)
    told = json.loads(here("features", "--list", "--json", cwd=tmp_path).out)

    assert shown.code == 0, shown.err
    assert "active_days_28d" in shown.out
    assert f"{len(told['features'])} features (" in shown.out
    assert all(feature["on"] is None for feature in told["features"])
    assert list(tmp_path.iterdir()) == []


def test_with_a_config_the_list_says_what_is_computed_and_why_not(tmp_path: Path) -> None:
    (tmp_path / "holdfast.toml").write_text('[features.purposes]\nallowed = ["service"]\n', encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "accounts.csv").write_text("account_id,signed_up_at\n", encoding="utf-8")
    (tmp_path / "data" / "consumption.csv").write_text("account_id,occurred_at,status\n", encoding="utf-8")

    told = json.loads(here("features", "--list", "--json", cwd=tmp_path).out)

    why = {feature["name"]: feature["why"] for feature in told["features"]}
    assert why["error_share_28d"] == ""
    assert why["active_days_28d"] == "purpose retention is not allowed"
    assert why["tickets_28d"] == "no tickets"
    assert "no tickets" in here("features", "--list", cwd=tmp_path).out


def test_a_config_that_is_named_and_not_there_is_an_error(tmp_path: Path) -> None:
    done = here("features", "--list", "--config", "other.toml", cwd=tmp_path)

    assert done.code == 2
    assert "other.toml" in done.err


def test_without_a_prefect_server_that_answers_nothing_is_done_and_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "holdfast.toml").write_text('[company]\nname = "acme"\n', encoding="utf-8")
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
        done = holdfast("run", "--config", tmp_path, env={"PREFECT_API_URL": address})
    assert done.code == 3
    assert f"{address} does not answer" in done.err
    assert "Start that server, correct PREFECT_API_URL" in done.err
    assert "Traceback" not in done.err

"""One simulated company, walked through the whole path once, for every test that looks at what came out."""

from __future__ import annotations

import atexit
import fcntl
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import pytest

from pipelines import cli, steps
from pipelines.environment import QUIET
from pipelines.progress import Progress
from pipelines.settings import load_settings
from tests.pipelines.shop import CONFIG, FIRST, write_shop

ACCOUNTS = 1200


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    out: str
    err: str


FLOWS = {"demo", "run", "features", "train", "score", "publish", "yardsticks"}
"""Commands that walk a flow."""


def walks_a_flow(*arguments: str | Path) -> bool:
    """Whether a command needs Prefect."""
    return arguments[0] in FLOWS and "--list" not in arguments


@cache
def prefect_server() -> str:
    """The address of a Prefect server that all tests of a process share, started by the first that walks a flow."""
    home = tempfile.TemporaryDirectory(prefix="holdfast-prefect-", ignore_cleanup_errors=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--no-services", "--host=127.0.0.1", f"--port={port}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **QUIET, "PREFECT_HOME": home.name, "PREFECT_LOGGING_SERVER_LEVEL": "INFO"},
        start_new_session=True,
    )
    atexit.register(home.cleanup)
    atexit.register(os.killpg, server.pid, signal.SIGKILL)
    said = []
    for line in server.stdout or ():
        said.append(line)
        if "Uvicorn running" in line:
            break
    else:
        raise RuntimeError("No Prefect server could be started. It said: " + "".join(said))
    threading.Thread(target=lambda: [None for _ in server.stdout or ()], daemon=True).start()  # so that it can go on
    return f"http://127.0.0.1:{port}/api"


def holdfast(*arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Done:
    """Runs the command line in a process of its own, as a person would who has a Prefect server.

    With `env=ALONE` as one who has none.
    """
    if env is None and walks_a_flow(*arguments):
        env = {"PREFECT_API_URL": prefect_server()}
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | dict(env or {}),
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What a command sets in this process for Prefect and MLflow does not reach the next test."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def here(*arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Done:
    """Runs a command that walks no flow in this process: it takes another three seconds to import what it needs.

    One test of each such command runs it by `holdfast`, in a process of its own.
    """
    out, err, before = io.StringIO(), io.StringIO(), dict(os.environ)
    with chdir(cwd or Path()), redirect_stdout(out), redirect_stderr(err):
        try:
            os.environ.update(env or {})
            cli.main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            os.environ.clear()
            os.environ.update(before)
    return Done(code, out.getvalue(), err.getvalue())


ALONE: Mapping[str, str] = {}
"""The environment of somebody without a Prefect server: each flow starts one of its own."""


@dataclass(frozen=True)
class DemoRun:
    """The demo's folder and what it said."""

    folder: Path
    done: Done

    @property
    def config(self) -> Path:
        return self.folder / "holdfast.toml"

    @property
    def published(self) -> Path:
        return self.folder / ".holdfast" / "published"


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder for all processes that run tests: the first that asks for it has it made, another waits."""
    own = factory.getbasetemp()
    folder = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            make(folder)
            (folder / "made").touch()
    return folder


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """The demo's company, with what its command left and said."""

    def make(folder: Path) -> None:
        done = holdfast("demo", "--accounts", str(ACCOUNTS), "--folder", folder / "demo", env=ALONE)
        assert done.code == 0, done.err
        (folder / "said.json").write_text(json.dumps(asdict(done)), encoding="utf-8")

    folder = once(tmp_path_factory, "demo", make)
    said = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    return DemoRun(folder / "demo", Done(**said))


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of accounts and their use alone, with the model of its first day; tests that write to it copy it."""

    def make(folder: Path) -> None:
        write_shop(folder / "shop")
        (folder / "shop" / "holdfast.toml").write_text(CONFIG, encoding="utf-8")
        settings = load_settings(folder / "shop")
        steps.build(settings, FIRST, frozenset(), Progress())
        steps.train(settings, FIRST, Progress())

    return once(tmp_path_factory, "shop", make) / "shop"

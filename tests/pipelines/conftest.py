"""One simulated company, walked through the whole path once, for every test that looks at what came out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ACCOUNTS = 1200


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    out: str
    err: str


def holdfast(*arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Done:
    """Runs the command line in a process of its own, as a person would."""
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


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


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    done = holdfast("demo", "--accounts", str(ACCOUNTS), "--folder", folder)
    assert done.code == 0, done.err
    return DemoRun(folder, done)

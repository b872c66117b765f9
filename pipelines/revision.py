"""Which code this is, for records and manifests."""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parent.parent


@cache
def code_revision() -> str:
    """`git describe --always --dirty` of the checkout that runs; the installed version outside of one."""
    try:
        described = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return _installed()
    return described.stdout.strip()


def _installed() -> str:
    try:
        return version("holdfast")
    except PackageNotFoundError:
        return "unknown"

"""A file of a company's own, outside the packages, that adds features, sources, ideas and kinds of outcome.

    FEATURES = (Feature(...), ...)                  # one record each, as in features/families/
    SOURCES = (EventSource(...), ...)               # what they are made of, where the catalogue's sources do not do
    IDEAS = {"rhythm": "When in the day it is used"}    # where the catalogue's ideas do not do
    OUTCOMES = {"complaint": OutcomeKind(...)}      # a kind for [outcomes.<name>]: kind = "<file>.complaint"

It is named in the config, `[features] files = ["my_features.py"]`, and read as Python when a command needs it. What it
adds is held to the catalogue's rules (`features/library/additions.py`). docs/cookbook.md writes one from an empty page.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from features.errors import ConfigError
from features.feature import EventSource, Feature, Source, StateSource
from features.outcomes.kinds import OutcomeKind

NAMES = ("FEATURES", "SOURCES", "IDEAS", "OUTCOMES")
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class CompanyFile:
    """What one file adds, as it stands there."""

    path: Path
    features: tuple[Feature, ...]
    sources: tuple[Source, ...]
    ideas: Mapping[str, str]
    outcomes: Mapping[str, OutcomeKind]
    digest: str
    """Of its content."""

    @property
    def name(self) -> str:
        """Its family, and what its kinds of outcome begin with."""
        return self.path.stem


def read_company_file(path: Path) -> CompanyFile:
    """Runs the file, and takes what it adds.

    Raises:
        ConfigError: it is not there, cannot be run, adds nothing, or adds something that is none.
    """
    if not path.is_file():
        raise ConfigError(f"[features] files names files that are there, and there is no {path}. Correct the path.")
    if not NAME.fullmatch(path.stem) or path.suffix != ".py":
        raise ConfigError(
            f"A company's own file has a name such as my_features.py (a-z, 0-9, _); this one is {path.name}. Rename it."
        )
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    module = _run(path, digest)
    found = {name: getattr(module, name) for name in NAMES if hasattr(module, name)}
    if not found:
        raise ConfigError(
            f"{path} adds at least one of {', '.join(NAMES)}; it has none of them{_meant(module)}. Add one, or take "
            "the file out of [features] files."
        )
    return CompanyFile(
        path=path,
        features=tuple(_each(path, "FEATURES", found.get("FEATURES", ()), Feature)),
        sources=tuple(_each(path, "SOURCES", found.get("SOURCES", ()), EventSource | StateSource)),
        ideas=_named(path, "IDEAS", found.get("IDEAS", {}), str),
        outcomes=_named(path, "OUTCOMES", found.get("OUTCOMES", {}), OutcomeKind),
        digest=digest,
    )


def _run(path: Path, digest: str) -> ModuleType:
    name = f"holdfast_file_{path.stem}_{digest[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} is read as Python, and Python cannot load it. Give it the ending .py.")
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # nothing is left beside a company's file
    sys.modules[name] = module  # where dataclasses of its own are looked for
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        seen = f"{line_of(error, path)}: {type(error).__name__}: {error}"
        raise ConfigError(f"{path} is run as Python, and stopped{seen}. Correct it.") from error
    finally:
        sys.dont_write_bytecode = written
    return module


def line_of(error: Exception, path: Path) -> str:
    """` in line 7`: the last line of the file itself that was reached."""
    if isinstance(error, SyntaxError):
        return f" in line {error.lineno}"
    reached, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            reached = trace.tb_lineno
        trace = trace.tb_next
    return f" in line {reached}" if reached else ""


def _meant(module: ModuleType) -> str:
    """`; did you mean FEATURES where it says FEATURE?`."""
    for name in vars(module):
        near = difflib.get_close_matches(name.upper(), NAMES, n=1, cutoff=0.8)
        if near and not name.startswith("_"):
            return f"; did you mean {near[0]} where it says {name}?"
    return ""


def _each(path: Path, name: str, found: Any, kind: Any) -> Iterator[Any]:
    """The records of a sequence, if each is one."""
    if not isinstance(found, tuple | list):
        raise ConfigError(f"{path}: {name} is a tuple or a list; this one is a {type(found).__name__}. Write it so.")
    for number, record in enumerate(found):
        if not isinstance(record, kind):
            raise ConfigError(
                f"{path}: {name} holds records of {_words(kind)}; number {number + 1} is a {type(record).__name__}: "
                f"{record!r:.60}. Correct or remove it."
            )
        yield record


def _named(path: Path, name: str, found: Any, kind: type) -> dict[str, Any]:
    """The records of a dictionary by their names, if each is one."""
    if not isinstance(found, Mapping):
        raise ConfigError(f"{path}: {name} is a dictionary; this one is a {type(found).__name__}. Write it so.")
    for key, record in found.items():
        if not isinstance(key, str) or not isinstance(record, kind):
            raise ConfigError(
                f"{path}: {name} maps names to {_words(kind)}; {key!r} maps to a {type(record).__name__}. Correct it."
            )
    return dict(found)


def _words(kind: Any) -> str:
    return "text" if kind is str else " or ".join(each.__name__ for each in get_args(kind) or (kind,))

"""The parts of `docs/simulator.md` that follow from the code: its equations and its tables of coefficients.

`python -m examples.simulator.page` writes them between their marks; a test says when the page has drifted.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from examples import scenarios
from examples.simulator import coefficients as defaults
from examples.simulator.equations import equations
from examples.simulator.scenario import Faults, Scenario, World
from features.errors import InputError

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
BLOCK = re.compile(r"<!-- (equations|table): ([\w.:, ]+) -->\n.*?<!-- end -->", re.DOTALL)
ORDER = ("software", "service_contract", "cable", "car")


def settings() -> tuple[Scenario, ...]:
    """All settings that there are, in the order in which they are spoken of."""
    names = [module.name for module in pkgutil.iter_modules(scenarios.__path__)]
    modules = [importlib.import_module(f"{scenarios.__name__}.{name}") for name in names]
    found = {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Scenario)}
    return tuple(sorted(found.values(), key=lambda s: (ORDER.index(s.name) if s.name in ORDER else len(ORDER), s.name)))


def coefficients(name: str) -> str:
    """One table of coefficients: what all share, and what a setting has instead."""
    shared: Mapping[str, float] = getattr(defaults, name.upper())
    return _compared("coefficient", shared, {s.name: getattr(s, name, shared) for s in settings()})


def treatments() -> str:
    """What the offers of each kind do, a row a kind and figure."""

    def flat(values: Mapping[defaults.Kind, defaults.Treatment]) -> dict[str, object]:
        return {f"{kind}: {f.name}": getattr(t, f.name) for kind, t in values.items() for f in fields(t)}

    return _compared("offer", flat(defaults.TREATMENTS), {s.name: flat(s.treatments) for s in settings()})


def companies() -> str:
    """What is sold, to whom and on which terms, a column a setting."""
    rows: dict[str, Callable[[Scenario], object]] = {
        "what is sold": lambda s: s.title,
        "segments": lambda s: ", ".join(segment.name for segment in s.segments),
        "plans, lowest first": lambda s: ", ".join(plan.name for plan in s.plans),
        "products": lambda s: len(s.products),
        "of these core": lambda s: ", ".join(product.name for product in s.products if product.core),
        "accessories": lambda s: len(s.accessories),
        "contract": lambda s: f"terms of {s.long_days} or {s.short_days} days" if s.contractual else "none",
        "notice, days": lambda s: s.notice_days if s.contractual else "none",
        "leave without a recorded notice": lambda s: s.silent,
        "steps of getting started": lambda s: ", ".join(s.milestones),
        "size in use, exponent": lambda s: s.exponent,
        "rhythm, Monday to Sunday": lambda s: ", ".join(map(_number, s.week)),
        "gap and horizon, days": lambda s: f"{s.gap_days} and {s.horizon_days}",
    }
    return _table(("", *(s.name for s in settings())), [(row, *map(cell, settings())) for row, cell in rows.items()])


def changes() -> str:
    """What changes for everybody, a row a change."""
    rows = [
        (s.name, kind.replace("_", " "), ", ".join(f"{f.name} {_number(getattr(c, f.name))}" for f in fields(c)))
        for s in settings()
        for kind in ("price_rises", "broken", "moves", "silences", "downturns")
        for c in getattr(s.world, kind)
    ]
    return _table(("setting", "what", "how"), rows)


def faults() -> str:
    """How badly things are written down, and how often the vendor has an incident."""
    names = [f.name for f in fields(Faults)]
    shared = {name: getattr(Faults(), name) for name in names} | {"incident_rate": World().incident_rate}
    own = {
        s.name: {name: getattr(s.faults, name) for name in names} | {"incident_rate": s.world.incident_rate}
        for s in settings()
    }
    return _compared("rate", shared, own)


TABLES: Mapping[str, Callable[[], str]] = {
    **{name: (lambda name=name: coefficients(name)) for name in ("drift", "churn", "upgrade", "adoption", "stages")},  # type: ignore[misc]
    "treatments": treatments,
    "companies": companies,
    "changes": changes,
    "faults": faults,
}


def _compared(head: str, shared: Mapping[str, object], own: Mapping[str, Mapping[str, object]]) -> str:
    rows = [
        (f"`{name}`", _number(value), *("" if o.get(name) == value else _number(o.get(name)) for o in own.values()))
        for name, value in shared.items()
    ]
    return _table((head, "all", *own), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(map(_number, row)) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _number(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_number, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def filled(text: str) -> str:
    """The page with every marked part written anew.

    Raises:
        InputError: a mark asks for something that is not there.
    """

    def write(mark: re.Match[str]) -> str:
        kind, name = mark.groups()
        if kind == "table" and name not in TABLES:
            raise InputError(f"docs/simulator.md asks for the table {name}; there are {', '.join(TABLES)}. Correct it.")
        body = f"```text\n{equations(name)}\n```" if kind == "equations" else TABLES[name]()
        return f"<!-- {kind}: {name} -->\n{body}\n<!-- end -->"

    return BLOCK.sub(write, text)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.relative_to(PAGE.parents[1])}\n")

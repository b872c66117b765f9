"""The tables of `docs/simulator.md`, from the settings and the coefficients: each text of Markdown."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

from examples import scenarios
from examples.simulator import answers, contracts, drift, hazards, helpdesk, lives, outreach, use
from examples.simulator import coefficients as defaults
from examples.simulator.changes import World
from examples.simulator.drivers import DRIVERS, IDEAS_OF
from examples.simulator.population import PEOPLE
from examples.simulator.scenario import Faults, Scenario
from examples.simulator.seen import TELLS_OF_NONE

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
    rows += [
        (s.name, "comes out", f"day {s.day(p.launched)}, product {p.name}, {p.stage.replace('_', ' ')} market")
        for s in settings()
        for p in s.products
        if p.launched > s.first_day
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


def fixed() -> str:
    """Figures that all settings share and that are no coefficient, with what each is."""
    rows = [
        ("SETTLES_IN", drift.SETTLES_IN, "days that a new account takes to use what it has"),
        ("SPREADS_IN", drift.SPREADS_IN, "days in which a product spreads through an account's people"),
        ("ACTIONS", drift.ACTIONS, "units of quantity in one use, about"),
        ("WARM_UP", lives.WARM_UP, "days before the first in which states find their level"),
        ("SETTLED", hazards.SETTLED, "days after signing in which nobody leaves or moves; half as many for products"),
        ("LETTER", contracts.LETTER, "days before the end of a term at which the next price is told"),
        ("NEAR", hazards.NEAR, "days before the end of a long term in which it is weighed whether to renew"),
        (
            "EVERY_DAYS",
            outreach.EVERY_DAYS,
            "days from one round of offers to the next, and after signing before the first",
        ),
        ("LASTS_DAYS", outreach.LASTS_DAYS, "days that an offer is in force"),
        ("quarter", answers.EVERY_DAYS, "days between two questions whether one would recommend"),
        ("IN_PASSING", answers.IN_PASSING, "a day, who leaves a thumb (of ten, seven) or stars unasked"),
        ("FAILS", use.FAILS, "share of uses that fail on an ordinary day"),
        ("FAILS_BY_INCIDENT", use.FAILS_BY_INCIDENT, "what an incident of size 1 adds to it that day"),
        ("FAILS_BY_BURDEN", use.FAILS_BY_BURDEN, "what a burden of 1 adds to it"),
        ("SHOWN_WITHIN", use.SHOWN_WITHIN, "first days in which what was used before shows itself"),
        (
            "promised days",
            tuple(map(int, helpdesk.PROMISED_DAYS)),
            f"of a request that is {', '.join(helpdesk.SEVERITIES)}",
        ),
        *((f"READINESS, {kind}", values, f"of {', '.join(PEOPLE)}") for kind, values in hazards.READINESS.items()),
    ]
    return _table(("name", "figure", "what it is"), [(f"`{name}`", figure, what) for name, figure, what in rows])


def segments() -> str:
    """Who buys, a row a segment."""
    rows = [(s.name, g.name, g.share, g.size, g.long_term) for s in settings() for g in s.segments]
    return _table(("setting", "segment", "share", "typical seats", "share with a long term"), rows)


def plans() -> str:
    """What is paid for, a row a plan, the lowest first."""
    rows = [
        (s.name, p.name, p.price, p.seat_limit or "", p.quantity_limit or "", p.released, p.hours, p.capabilities)
        for s in settings()
        for p in s.plans
    ]
    head = (
        "setting",
        "plan",
        "price",
        "seats",
        "quantity",
        "released",
        "`hours` to the next",
        "`capabilities` of the next",
    )
    return _table(head, rows)


def products() -> str:
    """What is used, a row a product."""
    rows = [
        (s.name, p.name, p.family, p.launched, p.min_tier, p.stage.replace("_", " "), p.pull, p.weight, p.price or "")
        for s in settings()
        for p in s.products
    ]
    head = ("setting", "product", "family", "out since", "from tier", "market", "`pull`", "`weight`", "price of a unit")
    return _table(head, rows)


def attachments() -> str:
    """Accessories and steps of getting started, a row a setting."""
    return _table(
        ("setting", "accessories: share of accounts, tier from which it does not work", "steps: due after days"),
        [
            (
                s.name,
                "; ".join(
                    f"{a.name} {a.share:g}" + (f", {a.breaks_from}" if a.breaks_from <= len(s.plans) else "")
                    for a in s.accessories
                ),
                "; ".join(f"{step} {days}" for step, days in s.milestones.items()),
            )
            for s in settings()
        ],
    )


def drivers() -> str:
    """Where each driver shows and why, a row an idea."""
    rows = []
    for name in IDEAS_OF:
        of = {outcome: found[name] for outcome, found in DRIVERS.items() if name in found}
        driver = next(iter(of.values()))
        states = ", ".join(f"`{state}`" for state in driver.states) or "a part of the log-hazard"
        for at, (idea, why) in enumerate(driver.shown.items()):
            rows.append((*((name, ", ".join(of), states) if at == 0 else ("", "", "")), f"`{idea}`", why))
    return _table(("driver", "of", "states", "idea", "why"), rows)


def no_driver() -> str:
    """Ideas that show none."""
    return _table(("idea", "why"), [(f"`{idea}`", why) for idea, why in TELLS_OF_NONE.items()])


TABLES: Mapping[str, Callable[[], str]] = {
    **{name: (lambda name=name: coefficients(name)) for name in ("drift", "churn", "upgrade", "adoption", "stages")},  # type: ignore[misc]
    "treatments": treatments,
    "companies": companies,
    "changes": changes,
    "faults": faults,
    "fixed": fixed,
    "segments": segments,
    "plans": plans,
    "products": products,
    "attachments": attachments,
    "drivers": drivers,
    "no_driver": no_driver,
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

"""A simulated company: its tables and its config, written to a folder.

    write_company(Path("acme"))         # acme/data/*.parquet and acme/holdfast.toml
    python -m examples.company acme --scenario software --accounts 2000

Accounts live day by day (`examples/simulator/`): their states drift, and from these follow what is written down
and what becomes of them. The same seed writes the same bytes, whatever the size of the pieces in which accounts live.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from examples import scenarios
from examples.folder import summary
from examples.simulator import catalogue, records
from examples.simulator.lives import CHUNK, Company
from examples.simulator.log import Log
from examples.simulator.scenario import Scenario
from examples.simulator.traces import Traces
from examples.simulator.writer import write_table
from features.errors import InputError

SCENARIOS: tuple[str, ...] = tuple(scenarios.SCENARIOS)
"""The names of the companies that can be written."""
DAYS = 548
"""That the tables cover, where nothing else is asked for: 18 months."""
Say = Callable[[float, str], None]
"""Hears how far it is, from 0 to 1, and what is under way."""

CONFIG = """\
{mark}

[company]
name = "{name}"
currency = "{currency}"
timezone = "UTC"                      # places day boundaries; every instant in the tables is UTC

[data]
path = "data"                         # files bear the names of the contract's tables
end = {end}                      # the day after the last one that the tables cover

[data.tables.accounts]
attributes = ["segment"]              # never changes here; without this line, or valid_from, it would go unused

{outcomes}
[training]
learning_rate = 0.06                  # half of the default's trees: a demonstration should not take long
"""


def mark_of(scenario: str, accounts: int, seed: int, days: int = DAYS) -> str:
    """The first lines of the config: which company it is, so that no other is written over it.

    Raises:
        InputError: there is no scenario of that name.
    """
    return (
        f"# A simulated company: {setting_of(scenario).title}. Written by examples/company.py.\n"
        f"# {scenario}, {accounts:,} accounts, {days} days, seed {seed}"
    )


def write_company(
    folder: Path,
    scenario: str = "software",
    accounts: int = 2000,
    days: int = DAYS,
    seed: int = 7,
    *,
    chunk: int = CHUNK,
    say: Say | None = None,
) -> None:
    """Writes `folder/data/<table>.parquet` for every table that the scenario has, and the config.

    Raises:
        InputError: there is no scenario of that name.
    """
    setting = setting_of(scenario)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for stale in data.glob("*.parquet"):
        stale.unlink()
    company = Company.found(setting, accounts, days, seed)
    log = company.log or Log()
    with Traces(data, company, log, days) as traces:
        for today in company.live(days, chunk):
            traces.write(today, company.pieces(chunk))
            if say is not None:
                say((today.day + 1) / (days + 1), f"{setting.date(today.day):%B %Y}, {traces.uses:,} rows of use")
    for name, frame in _tables(company, log, days):
        if len(frame):
            write_table(data / f"{name}.parquet", frame)
    (folder / "holdfast.toml").write_text(
        _config(setting, days, mark_of(scenario, accounts, seed, days)), encoding="utf-8"
    )
    if say is not None:
        say(1.0, f"{traces.uses:,} rows of use")


def setting_of(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        InputError: there is none; the nearest is named.
    """
    if name not in scenarios.SCENARIOS:
        near = difflib.get_close_matches(name, SCENARIOS, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InputError(f"A simulated company has one of the settings {', '.join(SCENARIOS)}; {name} is none.{hint}")
    return scenarios.SCENARIOS[name]


def _tables(company: Company, log: Log, days: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """The tables that are known once all days are lived; columns in which nothing is said are left out."""
    scenario = company.scenario
    yield "accounts", records.accounts(company)
    yield "subscriptions", records.subscriptions(company, log, days)
    yield "tickets", records.tickets(scenario, log, company.chance, days)
    yield "milestones", records.milestones(company, days)
    yield "accessories", records.accessories(company, days)
    yield "offers", records.offers(scenario, log, days)
    yield "plans", catalogue.plans(scenario).dropna(axis="columns", how="all")
    yield "products", catalogue.products(scenario)
    yield "upgrade_paths", catalogue.upgrade_paths(scenario)
    yield "compatibility", catalogue.compatibility(scenario)


def _config(scenario: Scenario, days: int, mark: str) -> str:
    return CONFIG.format(
        mark=mark,
        name=scenario.name,
        currency=scenario.currency,
        end=scenario.date(days).isoformat(),
        outcomes=scenario.outcomes.format(**vars(scenario)),
    )


def main() -> None:
    """Writes the company into the folder named on the command line."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    parser = argparse.ArgumentParser(prog="python -m examples.company", description="Writes a simulated company.")
    parser.add_argument("folder", type=Path, help="where it goes")
    parser.add_argument("--scenario", choices=SCENARIOS, default=SCENARIOS[0], help="which company")
    parser.add_argument("--accounts", type=int, default=2000, help="how many accounts it has")
    parser.add_argument("--days", type=int, default=DAYS, help="how many days its tables cover")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another company")
    asked = parser.parse_args()
    columns = (BarColumn(), TextColumn("{task.percentage:3.0f}% {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("the first day", total=1.0)
        write_company(
            asked.folder,
            asked.scenario,
            asked.accounts,
            asked.days,
            asked.seed,
            say=lambda fraction, text: progress.update(task, completed=fraction, description=text),
        )
    sys.stdout.write(f"{summary(asked.folder)}\nNext: holdfast run --config {asked.folder / 'holdfast.toml'}\n")


if __name__ == "__main__":
    main()

"""`holdfast yardsticks`: what was asked is checked, everything is measured, and the tables are printed."""

from __future__ import annotations

from pathlib import Path

from features.errors import ConfigError, RefusedError
from pipelines.printing import console, print_json, print_text
from pipelines.progress import Progress
from pipelines.yardsticks.result import Plan


def plan(
    scenario: str,
    accounts: int,
    reachable: int,
    futures: int,
    explained: int,
    seed: int,
    folder: Path,
    leaks: bool,
    stability: int = 0,
) -> Plan:
    """What was asked for, where it makes sense.

    Raises:
        InputError: there is no such setting.
        ConfigError: a larger company that is not larger.
    """
    from pipelines.yardsticks.walk import require_setting

    require_setting(scenario)
    if 0 < reachable <= accounts:
        raise ConfigError(
            f"--reachable is the size of a larger company, above --accounts {accounts:,}, or 0 for none; "
            f"seen {reachable:,}. Give more."
        )
    return Plan(scenario, accounts, folder / scenario, seed, reachable, futures, explained, leaks, stability)


def yardsticks(plan: Plan, as_json: bool) -> None:
    """Measures one simulated company and prints tables, or one object.

    Raises:
        RefusedError: no outcome could be trained, or one that was trained could not be measured.
    """
    from pipelines.yardsticks.walk import walk

    result = walk(plan, Progress())
    if as_json:
        print_json(result.as_json())
    else:
        from pipelines.yardsticks.tables import blocks

        for block in blocks(result):
            print_text(block) if isinstance(block, str) else console().print(block)
    if result.failed:
        raise RefusedError(
            "Every model is measured; these could not be: "
            + "; ".join(f"{name}: {why}" for name, why in result.failed.items())
        )

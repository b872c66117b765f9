"""`holdfast demo`: a simulated company, the whole path, then where to look."""

from __future__ import annotations

from pathlib import Path

from features.errors import ConfigError
from pipelines.settings import CONFIG_NAME

MARK = "examples/company.py"
"""In the first line of a config that the simulator wrote; the second says which company it is."""


def demo(folder: Path, scenario: str, accounts: int, seed: int) -> None:
    """Writes the company into the folder, runs the whole path on it and prints the list's first ten rows.

    Raises:
        ConfigError: the folder holds something that the demo did not write, or another company.
        InputError: there is no scenario of that name.
    """
    from examples.company import setting_of, write_company
    from pipelines.commands import run, where_to_look
    from pipelines.progress import Progress

    title = setting_of(scenario).title
    require_own(folder, scenario, accounts, seed)
    config = folder / CONFIG_NAME
    with Progress().step(f"simulate {title}: {accounts:,} accounts over 18 months") as step:
        write_company(folder, scenario, accounts, seed=seed, say=lambda share, text: step.say(f"{share:.0%}, {text}"))
        step.say(f"written to {folder}/data")
    run(config, None, [], as_json=False)
    where_to_look(config)


def require_own(folder: Path, scenario: str, accounts: int, seed: int) -> None:
    """Whether that company may be written there: into an empty folder, or over itself.

    Models, lists and the truth of another company would stand beside data that they are not about.

    Raises:
        ConfigError: the folder holds something that the simulator did not write, or another company.
        InputError: there is no scenario of that name.
    """
    from examples.company import mark_of

    config = folder / CONFIG_NAME
    if not folder.exists() or not any(folder.iterdir()):
        return
    lines = config.read_text(encoding="utf-8").splitlines() if config.is_file() else []
    if not lines or MARK not in lines[0]:
        raise ConfigError(
            f"A simulated company has a folder of its own, and {folder} holds other files. Name another with --folder."
        )
    mark = mark_of(scenario, accounts, seed).splitlines()
    if lines[:2] != mark:
        found = lines[1].removeprefix("# ") if len(lines) > 1 and lines[1].startswith("# ") else "another one"
        raise ConfigError(
            f"A folder holds one simulated company with its models, lists and truth; {folder} holds {found}, and what "
            f"was asked for is {mark[1].removeprefix('# ')}. Name another folder with --folder, or delete this one."
        )

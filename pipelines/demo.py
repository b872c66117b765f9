"""`holdfast demo`: a simulated company, the whole path, then where to look."""

from __future__ import annotations

from pathlib import Path

from features.errors import ConfigError

MARK = "examples/company.py"
"""In the first line of a config that the demo wrote."""


def demo(folder: Path, scenario: str, accounts: int, seed: int) -> None:
    """Writes the company into the folder, runs the whole path on it and prints the list's first ten rows.

    Raises:
        ConfigError: the folder holds something that the demo did not write.
        InputError: there is no scenario of that name.
    """
    from examples.company import setting_of, write_company
    from pipelines.commands import run, where_to_look
    from pipelines.progress import Progress

    title = setting_of(scenario).title
    config = folder / "holdfast.toml"
    ours = config.is_file() and MARK in config.read_text(encoding="utf-8").partition("\n")[0]
    if folder.exists() and any(folder.iterdir()) and not ours:
        raise ConfigError(
            f"The demo writes into a folder of its own, and {folder} holds other files. Name another with --folder."
        )
    with Progress().step(f"simulate {title}: {accounts:,} accounts over 18 months") as step:
        write_company(folder, scenario, accounts, seed=seed, say=lambda share, text: step.say(f"{share:.0%}, {text}"))
        step.say(f"written to {folder}/data")
    run(config, None, [], as_json=False)
    where_to_look(config)

"""The generated pages of docs/: `make docs` writes them, a test says when one has drifted from the code."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import BaseModel

DOCS = Path(__file__).parent.parent / "docs"
CONFIG_HEAD = """# The config

Every key of `holdfast.toml` has a default; an unknown one is an error that names the nearest known key. An environment
variable goes before the file: `HOLDFAST_COMPANY__NAME`, `HOLDFAST_TRAINING__SEED`. Paths are relative to the config."""


def commands_page() -> str:
    """`docs/commands.md`: every command with its arguments and options, from the command line's own help."""
    import typer
    from typer.cli import get_docs_for_click

    from pipelines.cli import app

    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="holdfast")
    text = get_docs_for_click(obj=command, ctx=context, name="holdfast", title="The command line")
    return text.rstrip() + "\n"


def config_page() -> str:
    """`docs/config.md`: every key of `holdfast.toml` with its default, from the settings themselves."""
    from features.data_settings import DataSettings, TableSource
    from features.declared import Attribute
    from features.outcomes.outcome import Outcome
    from features.purposes import FeatureSettings, PurposeSettings
    from models.training_settings import TrainingSettings
    from pipelines.settings import Company
    from serving.decision import DecisionSettings
    from serving.hook import BriefSettings

    parts = (
        ("[company]", Company),
        ("[data]", DataSettings),
        ("[data.tables.<table>]", TableSource),
        ("[data.tables.accounts] attributes = { <name> = { ... } }", Attribute),
        ("[outcomes.churn], [outcomes.upgrade], [outcomes.adoption], [outcomes.<your own>]", Outcome),
        ("[features]", FeatureSettings),
        ("[features.purposes]", PurposeSettings),
        ("[training]", TrainingSettings),
        ("[decision]", DecisionSettings),
        ("[brief]", BriefSettings),
    )
    return "\n\n".join([CONFIG_HEAD, *(_keys(title, model) for title, model in parts)]) + "\n"


def _keys(title: str, model: type[BaseModel]) -> str:
    """One part of the config: a row a key."""
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        nested = isinstance(field.get_default(), BaseModel)  # has a part of its own
        if nested or (title.startswith("[outcomes") and name == "name"):
            continue
        default = "(required)" if field.is_required() else f"`{field.get_default(call_default_factory=True)}`"
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {default} | {meaning} |")
    return f"## `{title}`\n\n" + "\n".join(rows)


def pages() -> dict[Path, str]:
    """Each generated page's path and text."""
    from features.library.catalogue import LIBRARY
    from features.library.listing import page

    return {
        DOCS / "features.md": page(LIBRARY),
        DOCS / "commands.md": commands_page(),
        DOCS / "config.md": config_page(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(DOCS.parent)}\n")

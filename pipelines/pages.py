"""The generated pages of docs/: `make docs` writes them, a test says when one has drifted from the code."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def commands_page() -> str:
    """`docs/commands.md`: every command with its arguments and options, from the command line's own help."""
    import typer
    from typer.cli import get_docs_for_click

    from pipelines.cli import app

    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="holdfast")
    text = get_docs_for_click(obj=command, ctx=context, name="holdfast", title="The command line")
    return text.rstrip() + "\n"


def pages() -> dict[Path, str]:
    """Each generated page's path and text."""
    from features.catalogue import catalogue_page

    return {DOCS / "features.md": catalogue_page(), DOCS / "commands.md": commands_page()}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(DOCS.parent)}\n")

"""The parts of `docs/simulator.md` that follow from the code: its equations and its tables.

`python -m examples.simulator.page` writes them between their marks; a test says when the page has drifted.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from examples.simulator.equations import equations
from examples.simulator.tables import TABLES
from features.errors import InputError

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
BLOCK = re.compile(r"<!-- (equations|table): ([\w.:, ]+) -->\n.*?<!-- end -->", re.DOTALL)


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

"""Generated pages say what the code says."""

from __future__ import annotations

from pathlib import Path

from pipelines.pages import DOCS, pages


def test_no_generated_page_has_drifted() -> None:
    drifted = [path.name for path, text in pages().items() if path.read_text(encoding="utf-8") != text]

    assert drifted == [], "write them again with `make docs`"


def test_the_readme_names_only_files_that_are_there() -> None:
    root = DOCS.parent
    text = (root / "README.md").read_text(encoding="utf-8")
    links = [part.split(")")[0] for part in text.split("](")[1:]]

    assert links
    assert [link for link in links if not Path(root / link).exists()] == []

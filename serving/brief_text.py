"""The brief as plain text for the terminal, written from a template."""

from __future__ import annotations

import textwrap
from functools import partial

from serving.brief import Brief
from serving.brief_shape import rests_on, shape
from serving.pages.render import filled

WIDTH = 100
"""Longer lines are broken, and go on indented."""


def brief_text(brief: Brief) -> str:
    """The brief in plain words; control characters and line breaks of the data do not reach the terminal."""
    text = filled("brief.txt.j2", brief=brief, facts=brief.by_key, rests_on=partial(rests_on, brief), **shape(brief))
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(broken for line in lines for broken in _broken(line)).rstrip() + "\n"


def _broken(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    wrapped = textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=True, break_on_hyphens=False)
    return wrapped or [""]

"""The brief as one page to print."""

from __future__ import annotations

from functools import partial

from serving.brief import Brief
from serving.brief_shape import rests_on, shape
from serving.pages.render import own, sheet


def brief_html(brief: Brief) -> str:
    """One self-contained page without a script: the same text for the same brief."""
    return sheet(
        "brief.html.j2",
        own("brief.css"),
        brief=brief,
        facts=brief.by_key,
        rests_on=partial(rests_on, brief),
        **shape(brief),
    )

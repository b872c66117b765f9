"""Names and ids of the company's own, on paper."""

from __future__ import annotations

LONGEST = 60
"""Letters of a name or id of the company's own that are shown beside the account's name; its value has all of them."""


def short(text: str, most: int = LONGEST) -> str:
    """The text, cut where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"

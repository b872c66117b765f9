"""A suggestion: what an unknown word was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], *, near: float = 0.5, before: str = "", after: str = "") -> str:
    """`did you mean X?` between what stands before and after it; nothing where no known word is as near as that.

    `near` is the share of letters that have to agree, between 0 and 1 (difflib's ratio).
    """
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=near)
    return f"{before}did you mean {found[0]}?{after}" if found else ""

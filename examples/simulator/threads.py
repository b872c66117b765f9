"""Pieces of accounts side by side: numpy lets go of the interpreter while it computes, so that two threads help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

THREADS = 2
Piece = TypeVar("Piece")
Made = TypeVar("Made")


def side_by_side(work: Callable[[Piece], Made], pieces: Iterable[Piece], threads: int = THREADS) -> list[Made]:
    """What comes of each piece, in the order of the pieces, whichever was done first."""
    parts = list(pieces)
    if min(len(parts), threads) < 2:
        return [work(piece) for piece in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))

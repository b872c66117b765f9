"""Which accounts are learned from where there are more labelled rows than a model needs.

Whole accounts are kept, in the order of a hash of their id: the same ones at every as_of, so that training, validation
and test stay apart in time and each is an even sample; the same ones for every outcome, as far as its rows allow, so
that few features are built; and the same ones whatever the engine and the order of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

MAX_ROWS = 1_000_000
"""Labelled rows an outcome: with more, a model learns little beyond them and takes hours instead of minutes."""


@dataclass(frozen=True)
class Sample:
    """How many of an outcome's accounts with a labelled row are learned from."""

    kept: int
    accounts: int

    @property
    def note(self) -> str:
        """What a reader should know; empty where every account is kept."""
        if self.kept == self.accounts:
            return ""
        return (
            f"learned from {self.kept / self.accounts:.0%} of the accounts ({self.kept:,} of {self.accounts:,}), drawn "
            "by a hash of their ids: training.max_rows"
        )


def drawn_accounts(rows: Mapping[str, int], max_rows: int) -> list[str]:
    """The accounts to keep, in the order of their hashes, until the next one's rows would exceed `max_rows`.

    `rows` says how many labelled rows each account has. At least one account is kept.
    """
    kept: list[str] = []
    total = 0
    for account_id in sorted(rows, key=lambda name: hashlib.sha256(name.encode()).digest()):
        total += rows[account_id]
        if total > max_rows and kept:
            break
        kept.append(account_id)
    return kept

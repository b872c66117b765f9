"""One account of a published list, and the company behind it: what `explain` and the brief both begin with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipelines.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from features.library.library import Library
    from features.tables import Tables
    from serving.account import AccountReport
    from serving.published import Published


@dataclass(frozen=True)
class OneAccount:
    """An account, the list that it stands on, and the one before."""

    settings: Settings
    account: str
    """Its id or, where only one has it, its name."""
    current: Published
    before: Published | None

    def report(self, evidence: Mapping[str, pd.DataFrame] | None = None) -> AccountReport:
        """What is known of it, with the rows behind its reasons where they were read.

        Raises:
            InputError: no such account is on the list.
        """
        from serving.account import explain

        return explain(self.account, self.current, self.before, evidence)

    def company(self, names: Iterable[str] = ()) -> tuple[Tables, Library]:
        """The company's tables without rows that the list rejected, and its features, of attributes those named."""
        from features.reading.faults import ROW_RULES
        from pipelines.company import library_of, memory_of, open_company

        tables = open_company(self.settings, frozenset(ROW_RULES), memory_of(self.settings))
        return tables, library_of(self.settings, names)


def one_account(settings: Settings, account: str, as_of: date | None) -> OneAccount:
    """The account on the list of that day, or on the latest.

    Raises:
        RefusedError: there is no such list, or it is damaged.
    """
    from serving.published import previous, published

    current = published(settings.workspace, as_of)
    return OneAccount(settings, account, current, previous(settings.workspace, current.as_of))

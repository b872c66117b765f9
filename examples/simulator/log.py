"""What happens while accounts live, kept in the order in which it happens."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd


class Log:
    """Columns by table; `account` is an account's number and every day counts from the first."""

    def __init__(self) -> None:
        self._parts: dict[str, list[dict[str, np.ndarray]]] = defaultdict(list)

    def add(self, table: str, **columns: np.ndarray | int) -> None:
        """Some rows, of the length of their accounts."""
        count = len(np.asarray(columns["account"]))
        if count:
            self._parts[table].append({name: np.broadcast_to(values, count) for name, values in columns.items()})

    def since(self, table: str, part: int) -> list[dict[str, np.ndarray]]:
        """What was added to a table after its first so many parts."""
        return self._parts[table][part:]

    def frame(self, table: str, columns: tuple[str, ...]) -> pd.DataFrame:
        """Everything of one table: those columns, sorted by day and account as far as it has a day."""
        parts = self._parts[table]
        if not parts:
            return pd.DataFrame({name: np.zeros(0, int) for name in columns})
        frame = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in columns})
        keys = ["day", "account"] if "day" in columns else ["account"]
        return frame.sort_values(keys, kind="stable", ignore_index=True)

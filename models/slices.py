"""How well a model does on each part of its test rows: by region, by segment, by age where that is allowed.

A model that is good on the whole may be poor, or too high, for some. Each part is judged like the whole (`evaluation`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.dataset import LABEL
from models.evaluation import Interval, judge
from models.training import MODEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST = 20
"""Accounts a part, with fewer it goes to the others; and rows of either class, with fewer there is no AUC."""
GROUPS = 4
"""Of a number with more values than these, so many groups of equally many rows."""
NONE, OTHERS = "(missing)", "(others)"


@dataclass(frozen=True)
class Slice:
    """One part of the rows that a model was judged on."""

    attribute: str
    value: str
    n: int
    positives: int
    base_rate: float
    """Share of positives."""
    mean_probability: float
    """What the model said on average: near the base rate where it is as right for these as for all."""
    auc: Interval | None
    """None where either class has too few rows."""

    def as_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Slice:
        """What `as_json` gave."""
        auc = content["auc"]
        return cls(**{**content, "auc": None if auc is None else Interval(**auc)})


def by_slice(
    predictions: pd.DataFrame, values: pd.DataFrame, attributes: tuple[str, ...], resamples: int = 1000, seed: int = 0
) -> tuple[Slice, ...]:
    """The judged rows, part by part, in the order of `attributes` and of their values.

    `predictions` has one row a judged row: `account_id`, `as_of`, `label`, `probability`; `values` one row per
    (account_id, as_of) with a column an attribute, text or numbers, as they were known then.
    """
    rows = predictions.merge(values, on=["account_id", "as_of"], how="left", validate="many_to_one")
    return tuple(part for name in attributes for part in _parts(rows, name, resamples, seed))


def _parts(rows: pd.DataFrame, attribute: str, resamples: int, seed: int) -> Iterator[Slice]:
    value = _grouped(rows[attribute])
    accounts = rows.groupby(value)["account_id"].nunique()
    value = value.where(value.map(accounts) >= FEWEST, OTHERS)
    for name in sorted(value.unique(), key=lambda name: (name in (NONE, OTHERS), _place(name))):
        part = rows[value == name]
        labels = part[LABEL].to_numpy(dtype=np.float64)
        probabilities = part[MODEL].to_numpy(dtype=np.float64)
        yield Slice(
            attribute=attribute,
            value=str(name),
            n=len(part),
            positives=int(labels.sum()),
            base_rate=float(labels.mean()),
            mean_probability=float(probabilities.mean()),
            auc=_auc(labels, probabilities, part["account_id"], resamples, seed),
        )


def _grouped(column: pd.Series[Any]) -> pd.Series[str]:
    """The part that each row belongs to: its text, or the group of numbers that its number lies in."""
    if not pd.api.types.is_numeric_dtype(column):
        return column.astype("object").where(column.notna(), NONE).astype("str")
    known = np.sort(column.dropna().unique())
    if len(known) <= GROUPS:
        return column.map(_number).where(column.notna(), NONE).astype("str")
    edges = np.unique(column.quantile(np.linspace(0, 1, GROUPS + 1)[1:-1]).to_numpy())
    group = np.searchsorted(edges, column.to_numpy(), side="left")
    names = [_span(known[np.searchsorted(edges, known, side="left") == place]) for place in range(len(edges) + 1)]
    return pd.Series(np.array(names, dtype=object)[group], index=column.index).where(column.notna(), NONE).astype("str")


def _span(numbers: NDArray[np.float64]) -> str:
    return f"{_number(numbers[0])} to {_number(numbers[-1])}" if len(numbers) else ""


def _number(value: float) -> str:
    return f"{value:.6g}"


def _place(name: str) -> tuple[float, str]:
    """Numbers in their order before text in that of the alphabet."""
    try:
        return float(name.partition(" to ")[0]), name
    except ValueError:
        return np.inf, name


def _auc(
    labels: NDArray[np.float64], probabilities: NDArray[np.float64], accounts: pd.Series[str], resamples: int, seed: int
) -> Interval | None:
    if min(labels.sum(), len(labels) - labels.sum()) < FEWEST:
        return None
    return judge(labels, probabilities, accounts, resamples, seed).evaluation.metrics["auc"]

"""The rows of one outcome that a model is trained on, judged on or asked about: keys, label and features."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.errors import InputError, RefusedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.snapshot.snapshot import Snapshot

LABEL = "label"
KEYS = ("account_id", "as_of", "product", "offer_id")
"""In the order in which rows are sorted; every outcome's rows have the first two."""
ACCOUNT_KEYS = ("account_id", "as_of")
PAIR_KEYS = ("account_id", "product", "as_of")


@dataclass(frozen=True)
class Dataset:
    """One outcome's rows: one row per `keys`, sorted by them, with `label` and one float64 column a feature."""

    outcome: str
    keys: tuple[str, ...]
    frame: pd.DataFrame
    features: tuple[str, ...]
    note: str = ""
    """What a reader should know of how the rows were chosen."""

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def matrix(self) -> pd.DataFrame:
        """The features alone: what a model is given; where they stand together, without a copy."""
        columns = self.frame.columns
        first = columns.get_loc(self.features[0]) if self.features else 0
        if isinstance(first, int):
            beside = slice(first, first + len(self.features))
            if tuple(columns[beside]) == self.features:
                return self.frame.iloc[:, beside]
        return self.frame[list(self.features)]

    @property
    def labels(self) -> NDArray[np.float64]:
        """1.0 where the outcome came about, 0.0 where not, NaN where that is not known yet."""
        return self.frame[LABEL].to_numpy(dtype=np.float64)

    @property
    def as_ofs(self) -> tuple[date, ...]:
        """The different as_of of the rows, in order."""
        return tuple(day.date() for day in sorted(self.frame["as_of"].unique()))

    @property
    def digest(self) -> str:
        """First twelve hexadecimal digits of the SHA-256 of the rows, names and values."""
        content = hashlib.sha256("\n".join((self.outcome, *self.frame.columns)).encode())
        content.update(pd.util.hash_pandas_object(self.frame, index=False).to_numpy().astype("<u8").tobytes())
        return content.hexdigest()[:12]

    def sorted(self) -> Dataset:
        """The same rows in the order of their keys, on which bagging depends; themselves where they are in it."""
        keys = self.frame[list(self.keys)].reset_index(drop=True)
        order = keys.sort_values(list(self.keys), kind="stable").index.to_numpy()
        if (order == np.arange(len(order))).all():
            return self
        return replace(self, frame=self.frame.iloc[order].reset_index(drop=True))

    def at(self, as_ofs: Collection[date]) -> Dataset:
        """The rows of those as_of."""
        kept = self.frame["as_of"].isin([pd.Timestamp(day) for day in as_ofs])
        return replace(self, frame=self.frame[kept].reset_index(drop=True))


def training_rows(snapshot: Snapshot, outcome: str, beside: Collection[str] = ()) -> Dataset:
    """The rows whose label is certain: one row per key of the outcome's cohort at every as_of but the scoring one.

    `beside` names features that the rows hold where they can, and that nothing is learned from: a champion's.

    Raises:
        RefusedError: there is none.
    """
    labels = snapshot.labels(outcome)
    known = labels[labels[LABEL].notna()]
    if known.empty:
        raise RefusedError(
            f"A model is trained on rows whose outcome is known; of {len(labels):,} rows of {outcome!r} none is. "
            "Bring a longer history, or shorten the outcome's gap and horizon."
        )
    accounts = snapshot.accounts_with(beside) if beside else snapshot.accounts
    rows = dataset_of(outcome, known, accounts, snapshot.pairs)
    added = set(accounts.columns) - set(snapshot.accounts.columns)
    sample = snapshot.samples.get(outcome)
    features = tuple(name for name in rows.features if name not in added)
    return replace(rows, features=features, note=sample.note if sample else "")


def scoring_rows(snapshot: Snapshot, outcome: str, beside: Collection[str] = ()) -> Dataset:
    """The rows to be scored: those at the as_of at which we stand, whose label is not known. There may be none.

    `beside` names features that are there besides, where they can be told: see `Snapshot.accounts_with`.
    """
    labels = snapshot.labels(outcome)
    asked = labels["as_of"] == pd.Timestamp(snapshot.as_of)
    accounts = snapshot.accounts_with(beside) if beside else snapshot.accounts
    return dataset_of(outcome, labels[asked], accounts, snapshot.pairs)


def dataset_of(
    outcome: str, labels: pd.DataFrame, accounts: pd.DataFrame, pairs: pd.DataFrame | None = None
) -> Dataset:
    """Labels with the features of their account and, where they are about a product, of their pair.

    An offer without a product has no pair: its pair features are missing.

    Raises:
        InputError: rows without account features, a key given twice, a label that is neither 1, 0 nor missing, a
            feature that is no number or is infinite.
    """
    keys = tuple(key for key in KEYS if key in labels.columns)
    parts: list[tuple[pd.DataFrame, tuple[str, ...]]] = [(accounts, ACCOUNT_KEYS)]
    if "product" in keys and pairs is not None:
        parts.append((pairs, PAIR_KEYS))
    _check_labels(outcome, labels, keys)
    rows = labels[[*keys, LABEL]].astype({LABEL: "float64"})
    rows = rows.sort_values(list(keys), kind="stable", ignore_index=True)
    found = []
    for part, on in parts:
        _check_keys(part, on, "features")
        found.append((part, on, _places(rows, part, on)))
    _check_found(outcome, rows, found[0][2])
    _check_types(outcome, [part.drop(columns=list(on)) for part, on, _ in found])
    columns = [(name, part[name], places) for part, on, places in found for name in part.columns if name not in on]
    features = tuple(str(name) for name, _, _ in columns)
    values = np.empty((len(features), len(rows)))
    for row, (_, column, places) in zip(values, columns, strict=True):
        _gather(row, column, places)
    _check_finite(outcome, features, values)
    # one block of memory, of which a model gets a view: of a million rows each copy is a gigabyte
    matrix = pd.DataFrame(values.T, columns=list(features), copy=False)
    return Dataset(outcome, keys, pd.concat([rows, matrix], axis=1), features)


def _places(rows: pd.DataFrame, part: pd.DataFrame, on: tuple[str, ...]) -> NDArray[np.intp]:
    """For each row, where its keys stand in the part; -1 where they do not."""
    numbered = part[list(on)].assign(place=np.arange(len(part)))
    joined = rows[list(on)].merge(numbered, on=list(on), how="left", validate="many_to_one")
    return joined["place"].fillna(-1).to_numpy(dtype=np.intp)


def _gather(values: NDArray[np.float64], column: pd.Series[float], places: NDArray[np.intp]) -> None:
    """Fills `values` with those of the column at the places; missing at -1."""
    known = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if len(known) == 0:
        values[:] = np.nan
        return
    np.take(known, places, out=values, mode="clip")
    values[places < 0] = np.nan


def _check_keys(frame: pd.DataFrame, keys: tuple[str, ...], what: str) -> None:
    twice = frame[frame.duplicated(list(keys))]
    if not twice.empty:
        raise InputError(
            f"There is one row of {what} a {' and '.join(keys)}; {len(twice):,} are there again, such as "
            f"{_example(twice, keys)}. Build the features again."
        )


def _check_labels(outcome: str, labels: pd.DataFrame, keys: tuple[str, ...]) -> None:
    _check_keys(labels, keys, f"labels of {outcome!r}")
    odd = labels[labels[LABEL].notna() & ~labels[LABEL].isin([0, 1])]
    if not odd.empty:
        raise InputError(
            f"A label is 1, 0 or missing; {len(odd):,} of {outcome!r} are not, such as {odd[LABEL].iloc[0]} of "
            f"{_example(odd, keys)}. Correct the outcome."
        )


def _check_found(outcome: str, rows: pd.DataFrame, places: NDArray[np.intp]) -> None:
    lost = rows[places < 0]
    if not lost.empty:
        raise InputError(
            f"Every row of {outcome!r} has its account's features; {len(lost):,} have none, such as "
            f"{_example(lost, ACCOUNT_KEYS)}. Build features and labels again, together."
        )


def _check_types(outcome: str, parts: list[pd.DataFrame]) -> None:
    text = [name for part in parts for name in part.columns if not pd.api.types.is_numeric_dtype(part[name])]
    if text:
        raise InputError(_no_numbers(outcome, text, []))


def _check_finite(outcome: str, features: tuple[str, ...], values: NDArray[np.float64]) -> None:
    infinite = [name for name, row in zip(features, values, strict=True) if np.isinf(row).any()]
    if infinite:
        raise InputError(_no_numbers(outcome, [], infinite))


def _no_numbers(outcome: str, text: list[str], infinite: list[str]) -> str:
    return (
        f"A feature is a finite number or missing; of {outcome!r} no numbers: {', '.join(text) or 'none'}; "
        f"infinite somewhere: {', '.join(infinite) or 'none'}. Correct their definitions."
    )


def _example(frame: pd.DataFrame, keys: tuple[str, ...]) -> str:
    return ", ".join(f"{key} {frame[key].iloc[0]}" for key in keys)

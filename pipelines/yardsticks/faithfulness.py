"""Whether the reasons that we give are the true ones: our top three ideas of a row against its true top three drivers.

A driver is a hidden state; a reason is an idea of the features. A reason is true where its idea is one of those in
which a true top driver shows. Only what raises the probability counts, on both sides. `pipelines.yardsticks.ways` has
the controls that stand beside the model's reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.errors import InputError, RefusedError
from models.evaluation import Interval
from pipelines.yardsticks.agreement import Agreement, agreement
from pipelines.yardsticks.figures import RESAMPLES, Accounts, Figure, as_numbers
from pipelines.yardsticks.matching import KEYS, keyed, keys_of
from pipelines.yardsticks.ways import BOUND, GLOBAL, GLOBAL_RAISING, MEASURES, MODEL, RANDOM, RANDOM_RAISING, Mask, Rows

TOP_SHARE = 0.1


@dataclass(frozen=True)
class Judged:
    """Some rows, and how each way of giving reasons did on them."""

    rows: int
    accounts: int
    measures: Mapping[str, Mapping[str, Interval]]
    """By way and measure, the mean over the rows."""
    ratios: Mapping[str, Interval]
    """By control, our `true_share` over the control's."""
    bounds: Mapping[str, Interval]
    """By control, the most that this ratio could be: `best_possible` over the control."""

    def as_json(self) -> dict[str, Any]:
        """Everything by name, null where there is no value."""
        return {
            "rows": self.rows,
            "accounts": self.accounts,
            "measures": {
                way: {name: as_numbers(interval) for name, interval in found.items()}
                for way, found in self.measures.items()
            },
            "ratios": {name: as_numbers(interval) for name, interval in self.ratios.items()},
            "bounds": {name: as_numbers(interval) for name, interval in self.bounds.items()},
        }


@dataclass(frozen=True)
class Faithfulness:
    """One outcome of one company."""

    everyone: Judged
    top_tenth: Judged | None
    """The rows with the highest probabilities of their as_of, which are those that people see; None without any."""
    without_driver: int
    """Rows left out: nothing raises their true probability, so there is nothing to find."""
    without_reason: int
    """Rows left out: the model names nothing that raises them."""
    ideas: int
    """How many ideas the model knows."""
    drivers: Agreement

    def as_json(self) -> dict[str, Any]:
        """Everything by name."""
        return {
            "everyone": self.everyone.as_json(),
            "top_tenth": self.top_tenth.as_json() if self.top_tenth else None,
            "without_driver": self.without_driver,
            "without_reason": self.without_reason,
            "ideas": self.ideas,
            "drivers": self.drivers.as_json(),
        }


def faithfulness(
    told: pd.DataFrame,
    drivers: pd.DataFrame,
    shown_by: Mapping[str, Sequence[str]],
    seen: pd.DataFrame | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Faithfulness:
    """Judges the reasons of one outcome's rows.

    `told` is what `models.explanation.ideas` gives: keys, `idea`, `contribution`. `drivers` has keys, `driver`,
    `contribution` of the same outcome. `shown_by` gives each driver's ideas. `seen` has the keys of the rows that
    people see (see `top_rows`). A row of which fewer than three drivers raise the probability has so many true ones.

    Raises:
        InputError: a row without true drivers, or a driver of which `shown_by` does not tell.
        RefusedError: no row with both a reason and a raising driver.
    """
    contributions = _wide(told, "idea")
    truth = _wide(drivers, "driver")
    lost = contributions.index.difference(truth.index)
    if len(lost):
        raise InputError(
            f"Every row whose reasons are judged has its true drivers; {len(lost):,} of {len(contributions):,} have "
            f"none, such as {lost[0]}. Explain the rows that the truth explains."
        )
    truth = truth.loc[contributions.index]
    shows = _shows(list(truth.columns), list(contributions.columns), shown_by)
    rows = Rows(contributions.to_numpy(), truth.to_numpy(), shows)
    counted = rows.has_driver & rows.has_reason
    if not counted.any():
        raise RefusedError(
            "Reasons are judged on rows where something raises the probability, by the truth and by the model; of "
            f"{len(counted):,} rows there is none. Explain more accounts."
        )
    owners = contributions.index.to_frame(index=False)["account_id"]
    accounts = Accounts(owners, resamples, seed)
    visible = np.zeros_like(counted)
    if seen is not None:
        places = contributions.index.get_indexer(pd.MultiIndex.from_frame(keys_of(seen)))
        visible[places[places >= 0]] = True
        visible &= counted
    return Faithfulness(
        everyone=_judged(rows, counted, owners, accounts),
        top_tenth=_judged(rows, visible, owners, accounts) if visible.any() else None,
        without_driver=int((~rows.has_driver).sum()),
        without_reason=int((rows.has_driver & ~rows.has_reason).sum()),
        ideas=contributions.shape[1],
        drivers=agreement(truth, contributions, shows, accounts),
    )


def top_rows(predictions: pd.DataFrame, probability: str = "probability", share: float = TOP_SHARE) -> pd.DataFrame:
    """The keys of the rows with the highest probabilities of their as_of, a tenth of them, rounded up."""
    rank = predictions.groupby("as_of")[probability].rank(ascending=False, method="first")
    size = predictions.groupby("as_of")[probability].transform("size")
    top: pd.DataFrame = keys_of(predictions)[rank <= np.ceil(share * size)]
    return top


def _judged(rows: Rows, counted: Mask, owners: pd.Series[str], accounts: Accounts) -> Judged:
    ways = rows.ways()
    columns = accounts.means(np.column_stack(list(ways.values())), counted.astype(np.float64))
    figures: dict[str, dict[str, Figure]] = {}
    for place, way in enumerate(ways):
        own = columns[place * len(MEASURES) : (place + 1) * len(MEASURES)]
        figures[way] = dict(zip(MEASURES, own, strict=True))
    shares = {way: found["true_share"] for way, found in figures.items()}
    controls = (GLOBAL, GLOBAL_RAISING, RANDOM, RANDOM_RAISING)
    return Judged(
        rows=int(counted.sum()),
        accounts=int(owners[counted].nunique()),
        measures={way: {name: one.interval for name, one in found.items()} for way, found in figures.items()},
        ratios={way: (shares[MODEL] / shares[way]).interval for way in controls},
        bounds={way: (shares[BOUND] / shares[way]).interval for way in controls},
    )


def _wide(long: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row a row, one column an idea or driver, in the order of their names; zero where nothing is said."""
    wide: pd.DataFrame = pd.pivot(keyed(long), index=list(KEYS), columns=name, values="contribution")
    filled: pd.DataFrame = wide.fillna(0.0).astype("float64")
    return filled


def _shows(drivers: list[str], ideas: list[str], shown_by: Mapping[str, Sequence[str]]) -> Mask:
    untold = [name for name in drivers if name not in shown_by]
    if untold:
        raise InputError(
            f"Each driver says in which ideas it shows, if only in none; of these nothing is said: "
            f"{', '.join(untold)}. Add them to the simulator's drivers."
        )
    return np.array([[idea in shown_by[driver] for idea in ideas] for driver in drivers], dtype=np.bool_)

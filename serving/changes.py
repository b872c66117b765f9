"""What changed since the list before: each score's difference, split into data, model and calibration, in points.

Of what the data changed, the five ideas that moved the score most are told, each by the feature that leads it with its
number then and now; the others are added up. The parts of a score add up to its difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Feature
from models.explanation import leading_member
from models.movement import Movement, movement, points
from serving.wording import change_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from serving.kept import Kept

TOLD = 5
"""Ideas of the data that are told one by one."""
CHANGE_TYPES: Mapping[str, str] = {
    "account_id": "string",
    "outcome": "string",
    "position": "int64",
    "part": "string",
    "idea": "string",
    "feature": "string",
    "value_before": "double",
    "value": "double",
    "log_odds": "double",
    "points": "double",
    "text": "string",
    "product": "string",
}
PARTS = ("data", "others", "model", "calibration")
"""One idea of the data; the rest of the data; other trees; their other calibration."""
WORDS: Mapping[str, str] = {
    "others": "All other data together",
    "model": "The model was trained anew",
    "calibration": "Its probabilities were calibrated anew",
}


def changes(
    before: Mapping[str, Kept], now: Mapping[str, Kept], features: Sequence[Feature], currency: str = ""
) -> pd.DataFrame:
    """The parts of every score's difference since the list before.

    One row per (account_id, outcome, part), the columns of `CHANGE_TYPES`: `points` are percentage points of the
    probability, which add up, over an account and outcome, to the difference of its two probabilities; `log_odds` add
    up to that of its log-odds. Sorted by account and outcome, then by falling size. An account, an outcome or a
    likeliest product that is new has no rows; a part that made nothing has none either.
    """
    told = [_of_outcome(name, before[name], now[name], features, currency) for name in now if name in before]
    found = pd.concat([no_changes(), *told], ignore_index=True)
    return found.sort_values(["account_id", "outcome", "position"], kind="stable", ignore_index=True)


def with_cause(decided: pd.DataFrame, changes: pd.DataFrame) -> pd.Series[str]:
    """The words of `change`, and behind them the part that did most of it, where one did a whole point that way.

    `decided` has one row an account: `account_id`, `outcome` and `change`.
    """
    if changes.empty:
        return decided["change"]
    told = changes[changes["text"] != WORDS["others"]]
    told = told.merge(decided[["account_id", "outcome", "change"]], on=["account_id", "outcome"], validate="m:1")
    way = np.where(told["change"].str.startswith("up"), 1.0, np.where(told["change"].str.startswith("down"), -1.0, 0.0))
    told = told.assign(made=told["points"] * way).query("made >= 1")
    most = told.sort_values(["account_id", "made", "position"], ascending=[True, False, True])
    cause = most.drop_duplicates("account_id").set_index("account_id")["text"]
    behind = cause.reindex(decided["account_id"]).to_numpy(dtype=object)
    words = [
        f"{change}: {why}" if isinstance(why, str) else change
        for change, why in zip(decided["change"], behind, strict=True)
    ]
    return pd.Series(words, index=decided.index, dtype="str", name="change")


def _of_outcome(outcome: str, before: Kept, now: Kept, features: Sequence[Feature], currency: str) -> pd.DataFrame:
    keys = [name for name in ("account_id", "product") if name in now.rows.columns and name in before.rows.columns]
    both = now.rows[keys].merge(before.rows[keys], on=keys, validate="1:1").sort_values("account_id")
    if both.empty:
        return no_changes()
    names = list(dict.fromkeys([*now.scorer.features, *before.scorer.features]))
    then, later = (both.merge(kept.rows, on=keys, validate="1:1").reindex(columns=names) for kept in (before, now))
    told = {feature.name: feature for feature in features}
    parts = _Rows(movement(before.scorer, now.scorer, then, later), then, later, told, currency).parts()
    parts = parts.assign(outcome=outcome, account_id=both["account_id"].to_numpy()[parts["row"]])
    parts["product"] = both["product"].to_numpy()[parts["row"]] if "product" in keys else None
    parts = parts.assign(size=parts["log_odds"].abs(), last=parts["part"] != "data")
    parts = parts.sort_values(["account_id", "last", "size", "idea"], ascending=[True, True, False, True])
    parts = parts.assign(position=parts.groupby("account_id").cumcount() + 1)
    return parts.loc[:, list(CHANGE_TYPES)].astype(
        {name: "str" for name, kind in CHANGE_TYPES.items() if kind == "string"}
    )


@dataclass(frozen=True)
class _Rows:
    """The rows of one outcome, as they were and as they are, and what made their difference."""

    moved: Movement
    then: pd.DataFrame
    now: pd.DataFrame
    told: Mapping[str, Feature]
    currency: str

    def parts(self) -> pd.DataFrame:
        """One row per (row, part) that made anything: the columns of `CHANGE_TYPES` without keys, and `row`."""
        moved = self.moved
        ideas = sorted({_idea(name, self.told) for name in moved.data.columns})
        members = {idea: [name for name in moved.data.columns if _idea(name, self.told) == idea] for idea in ideas}
        sums = np.column_stack([moved.data[members[idea]].sum(axis=1) for idea in ideas])
        order = np.argsort(-np.abs(sums), axis=1, kind="stable")
        frames = []
        for place in range(min(TOLD, len(ideas))):
            for number, idea in enumerate(ideas):
                rows = np.flatnonzero((order[:, place] == number) & (sums[:, number] != 0))
                frames.append(self._of_idea(rows, sums[rows, number], members[idea]).assign(idea=idea))
        rest = np.take_along_axis(sums, order[:, TOLD:], axis=1).sum(axis=1)
        for part, made in (("others", rest), ("model", moved.model), ("calibration", moved.calibration)):
            rows = np.flatnonzero(made)
            frames.append(_plain(rows, part, made[rows]))
        found = pd.concat(frames, ignore_index=True)
        at = found["row"].to_numpy(dtype=np.intp)
        return found.assign(points=points(found["log_odds"].to_numpy(), moved.before[at], moved.now[at]))

    def _of_idea(self, rows: NDArray[np.intp], made: NDArray[np.float64], members: list[str]) -> pd.DataFrame:
        """What one idea made of some rows, told by the feature of it that pulled hardest that way."""
        lead = leading_member(self.moved.data[members].to_numpy()[rows], made)
        names = np.array(members, dtype=object)[lead]
        old, new = (
            np.take_along_axis(frame[members].to_numpy(dtype="float64")[rows], lead[:, None], axis=1)[:, 0]
            for frame in (self.then, self.now)
        )
        texts = [self._words(*found) for found in zip(names, old, new, strict=True)]
        return _plain(rows, "data", made).assign(feature=names, value_before=old, value=new, text=texts)

    def _words(self, name: str, was: float, value: float) -> str:
        feature = self.told.get(name)
        return f"{name} is no longer known" if feature is None else change_text(feature, was, value, self.currency)


def _plain(rows: NDArray[np.intp], part: str, made: NDArray[np.float64]) -> pd.DataFrame:
    frame = pd.DataFrame({"row": rows, "part": part, "log_odds": made, "text": WORDS.get(part, "")})
    return frame.assign(idea=None, feature=None, value_before=np.nan, value=np.nan)


def _idea(name: str, told: Mapping[str, Feature]) -> str:
    """The idea of a feature; one that only the earlier model knew, and the catalogue no longer has, is its own."""
    return told[name].idea if name in told else name


def no_changes() -> pd.DataFrame:
    """The frame without a row: there was no list before, or what it came from is not known."""
    kinds = {"string": "str", "double": "float64", "int64": "int64"}
    return pd.DataFrame({name: pd.Series(dtype=kinds[kind]) for name, kind in CHANGE_TYPES.items()})

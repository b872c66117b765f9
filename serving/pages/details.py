"""What the page shows of one account beside its row of the list: a plain record an account, in the order of the ranks.

scores   [..]   0 to 100, in the order of `SCORES`; None where a score is not known
plan, tenure, renewal                      what it pays for, days since it signed up, days to its renewal
reasons  [outcome, contribution, text, table, days, actionable, points]   those first that are worth telling first, the
         largest of them first; contribution in log-odds
rest     [..]   of each outcome, the points of all reasons that are not shown, together; None where not known
products [outcome, product, chance]   the likeliest first; chances are in tenths of a percent
weeks    [..]   uses in each of 52 weeks, the newest first
moments  [days before the as_of, kind, what, detail, number]              the newest first
overrides[outcome, verdict, by, made on, expires on, note]
before   rank, chances and whether each model is the same; None where it was not on the list before
changes  [outcome, part, text, points]     what made the difference to the list before, to which its points add up
moves    [outcome, text, chance afterwards, how many similar accounts did so]   step by step
leads    [outcome, text]   what the moves of an outcome lead to, with the caveat
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.accounts.timeline import WEEKS
from serving.moves import caveat, how_many, leads
from serving.pages.columns import chances, rows_of
from serving.top_reasons import strong, telling_first
from serving.wording import tenths

if TYPE_CHECKING:
    from serving.pages.material import Behind, Material

SCORES: Mapping[str, tuple[str, ...]] = {
    "ladder": ("consumption", "satisfaction", "adoption", "loyalty", "trust"),
    "layers": ("base", "efficiency", "joy"),
    "moments": ("advantage", "ease", "compatibility", "quick_start"),
}
"""The scores that the list may hold (`score_...`), in the groups in which they are drawn."""
REASONS = 8
"""So many reasons an outcome are shown, by their weight, those that push and those that keep together."""
PRODUCTS = 5
POINTS = 1
"""Decimals of percentage points: rounded here as in every other place, so that the page has nothing left to round."""

Part = Callable[[int], dict[str, Any]]
"""What one part of the page shows of the account at a place of the list."""


def details(material: Material, shown: pd.DataFrame, outcomes: Sequence[str]) -> list[dict[str, Any]]:
    """One record an account of `shown`."""
    ids = pd.Index(shown["account_id"])
    parts = [
        _facts(material.facts, shown, ids),
        _reasons(material.lists.reasons, ids, outcomes, material.behind),
        _products(material.lists.products, ids, outcomes),
        _weeks(material.happened.weeks, ids),
        _timeline(material.happened.moments, ids, material.lists.as_of),
        _overrides(material.happened.overrides, ids),
        _before(material, ids, outcomes),
        _each("changes", _shown(material.lists.changes), ids, outcomes, ("part", "text", "points")),
        _moves(material.lists.moves, ids, outcomes),
    ]
    return [{name: value for part in parts for name, value in part(place).items()} for place in range(len(ids))]


def _facts(facts: pd.DataFrame, shown: pd.DataFrame, ids: pd.Index[Any]) -> Part:
    known = facts.set_index("account_id").reindex(ids)
    plans, tenures, renewals = known["plan"].tolist(), known["tenure_days"].tolist(), known["days_to_renewal"].tolist()
    names = [f"score_{name}" for group in SCORES.values() for name in group]
    scores = shown.reindex(columns=names).to_numpy(dtype="float64")

    def part(place: int) -> dict[str, Any]:
        return {
            "scores": [_rounded(value) for value in scores[place].tolist()],
            "plan": plans[place] if isinstance(plans[place], str) else None,
            "tenure": _rounded(tenures[place]),
            "renewal": _rounded(renewals[place]),
        }

    return part


def _reasons(reasons: pd.DataFrame, ids: pd.Index[Any], outcomes: Sequence[str], behind: Mapping[str, Behind]) -> Part:
    """Those of at least the least weight, the largest of each outcome; what all others make together."""
    reasons = reasons if "points" in reasons.columns else reasons.assign(points=np.nan)
    kept = strong(reasons[reasons["outcome"].isin(outcomes)]).sort_values("position", kind="stable")
    kept = kept[kept.groupby(["account_id", "outcome"]).cumcount() < REASONS]
    rest = _rest(reasons, kept, ids, outcomes)
    rows, starts = rows_of(telling_first(kept), ids)
    numbers = {name: place for place, name in enumerate(outcomes)}
    points = rows["points"]
    names = ("outcome", "contribution", "text", "feature", "actionable")
    columns = (*(rows[name] for name in names), points.round(POINTS))
    told = []
    for outcome, contribution, text, feature, actionable, point in zip(*map(list, columns), strict=True):
        table, days = (source.table, source.days) if (source := behind.get(feature)) else ("", 0)
        size = round(contribution, 2)
        told.append([numbers[outcome], size, text, table, days, int(actionable), _finite(point)])
    return lambda place: {"reasons": told[starts[place] : starts[place + 1]], "rest": rest[place]}


def _rest(
    reasons: pd.DataFrame, shown: pd.DataFrame, ids: pd.Index[Any], outcomes: Sequence[str]
) -> list[list[float | None]]:
    """Of each account and outcome, the points of all reasons that are not shown."""
    sums = [frame.groupby(["account_id", "outcome"])["points"].sum(min_count=1) for frame in (reasons, shown)]
    left = sums[0] - sums[1].reindex(sums[0].index).fillna(0.0)
    table = left.unstack("outcome").reindex(index=ids, columns=list(outcomes)).to_numpy(dtype="float64")
    return [[_finite(round(value, POINTS)) for value in row] for row in table.tolist()]


def _moves(moves: pd.DataFrame, ids: pd.Index[Any], outcomes: Sequence[str]) -> Part:
    """What would move each score, and what that leads to."""
    moves = leads(moves)
    worded = moves.assign(
        many=[how_many(similar) for similar in moves["similar"]],
        chance=[tenths(chance) for chance in moves["probability"]],
    )
    steps = _each("moves", worded, ids, outcomes, ("text", "chance", "many"))
    keys = ["account_id", "outcome"]
    where_to = [(*key, caveat(its, str(key[1]))) for key, its in moves.groupby(keys, sort=False)]
    told = _each("leads", pd.DataFrame(where_to, columns=[*keys, "text"]), ids, outcomes, ("text",))
    return lambda place: {**steps(place), **told(place)}


def _products(products: pd.DataFrame, ids: pd.Index[Any], outcomes: Sequence[str]) -> Part:
    kept = products[(products["position"] <= PRODUCTS) & products["outcome"].isin(outcomes)]
    rows, starts = rows_of(kept, ids)
    columns = (rows["outcome"].tolist(), rows["product"].tolist(), rows["probability"].tolist())
    told = [[outcomes.index(o), p, tenths(c)] for o, p, c in zip(*columns, strict=True)]
    return lambda place: {"products": told[starts[place] : starts[place + 1]]}


def _weeks(weeks: pd.DataFrame, ids: pd.Index[Any]) -> Part:
    uses = np.zeros((len(ids), WEEKS), dtype="int64")
    rows, _ = rows_of(weeks, ids)
    uses[ids.get_indexer(pd.Index(rows["account_id"])), rows["week"].to_numpy(dtype="int64")] = rows["uses"]
    return lambda place: {"weeks": uses[place].tolist()}


def _timeline(moments: pd.DataFrame, ids: pd.Index[Any], as_of: date) -> Part:
    rows, starts = rows_of(moments.iloc[::-1], ids)
    ago = [(as_of - day).days for day in rows["day"]]
    columns = (ago, *(rows[name].tolist() for name in ("kind", "what", "detail", "number")))
    told = [[days, kind, _text(what), _text(of), _finite(n)] for days, kind, what, of, n in zip(*columns, strict=True)]
    return lambda place: {"moments": told[starts[place] : starts[place + 1]]}


def _overrides(overrides: pd.DataFrame, ids: pd.Index[Any]) -> Part:
    rows, starts = rows_of(overrides, ids)
    columns = ("outcome", "verdict", "made_by", "made_on", "expires_on", "note")
    told = [[_text(cell) for cell in row] for row in rows[list(columns)].itertuples(index=False, name=None)]
    return lambda place: {"overrides": told[starts[place] : starts[place + 1]]}


def _before(material: Material, ids: pd.Index[Any], outcomes: Sequence[str]) -> Part:
    """The account on the list before; None where there is no such list, or it was not on it."""
    if material.before is None:
        return lambda _: {"before": None}
    listed = material.before.accounts.set_index("account_id").reindex(ids)
    ranks = listed["rank"].tolist()
    names = [f"{name}_probability" for name in outcomes]
    then = [chances(column) for _, column in listed.reindex(columns=names).items()]
    models = material.before.manifest.record.models
    same = [name in models and models[name].version == material.record.models[name].version for name in outcomes]

    def part(place: int) -> dict[str, Any]:
        if math.isnan(ranks[place]):
            return {"before": None}
        return {
            "before": {
                "rank": int(ranks[place]),
                "probabilities": [column[place] for column in then],
                "same_model": same,
            }
        }

    return part


def _each(name: str, frame: pd.DataFrame, ids: pd.Index[Any], outcomes: Sequence[str], columns: Sequence[str]) -> Part:
    """The outcome's place and some columns of each of an account's rows, in their order."""
    rows, starts = rows_of(frame[frame["outcome"].isin(outcomes)], ids)
    told = [
        [outcomes.index(outcome), *map(_plain, cells)]
        for outcome, *cells in rows[["outcome", *columns]].itertuples(index=False, name=None)
    ]
    return lambda place: {name: told[starts[place] : starts[place + 1]]}


def _shown(changes: pd.DataFrame) -> pd.DataFrame:
    """The changes with their points as people see them."""
    return changes.assign(points=changes["points"].round(POINTS))


def _plain(cell: Any) -> Any:
    if isinstance(cell, float):
        return _finite(round(cell, 4))
    return cell if isinstance(cell, (bool, int)) else _text(cell)


def _rounded(value: float) -> int | None:
    return None if value is None or math.isnan(value) else round(value)


def _finite(value: float) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _text(cell: Any) -> str | None:
    """The text of a cell, a day as 2025-06-30; None where it is missing."""
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if isinstance(cell, str) and cell else None

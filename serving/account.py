"""One account: its scores, the reasons and the rows behind them, and what changed since the list before."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from features.errors import InputError
from serving.days import asked
from serving.frame_types import no_moves
from serving.notice import kinds, not_asked
from serving.published import Published
from serving.reasons import KEPT, REST
from serving.scoring import in_order
from serving.top_reasons import strong

TOLD = 3
"""Reasons whose rows are shown an outcome."""


@dataclass(frozen=True)
class Change:
    """One part of the difference between two lists; the parts of a score add up to its difference."""

    part: str
    """`data` (one idea of it), `others` (all other data), `model` or `calibration`."""
    idea: str | None
    points: float
    """Percentage points of the probability."""
    log_odds: float
    text: str


@dataclass(frozen=True)
class Score:
    """One outcome of one account."""

    outcome: str
    probability: float
    product: str | None
    """Of outcomes about products: the likeliest one, whose probability that is."""
    average: float
    """The mean over the accounts of the list that were asked about it."""
    version: str
    reasons: pd.DataFrame
    """One row an idea, by falling absolute contribution (log-odds); last, what all others make together."""
    start: float | None = None
    """The model's starting point, from which the points of all reasons lead to the probability; None of a list whose
    reasons do not add up, as it kept the strongest alone."""
    asked: tuple[date, date] | None = None
    """The first and the last day that the probability is about; None where the list does not say."""
    between: tuple[float, float] | None = None
    """The ends of the probability's 95 % interval; None where its calibrator was not fitted."""
    probability_before: float | None = None
    """On the list before; None where there is none."""
    version_before: str | None = None
    changes: tuple[Change, ...] = ()
    """What made the difference to the list before; empty where another product is the likeliest now."""
    moves: pd.DataFrame = field(default_factory=no_moves)
    """What would bring it down to the usual, step by step; see `serving.moves`."""

    @property
    def same_model(self) -> bool:
        """Whether both lists were scored by the same model, so that only the account can have changed."""
        return self.version == self.version_before


@dataclass(frozen=True)
class AccountReport:
    """What `holdfast explain` tells of an account."""

    account_id: str
    as_of: date
    row: Mapping[str, Any]
    """The account's row of the list; None where a value is missing."""
    listed: int
    """Accounts on the list."""
    currency: str
    scores: tuple[Score, ...]
    products: pd.DataFrame
    """Candidate products, the likeliest first: `outcome, product, probability, position`."""
    before: date | None
    """The as_of of the list before, None where there is none."""
    rank_before: int | None
    silent: Mapping[str, str] = field(default_factory=dict)
    """By outcome of the list that has no chance of this account, why."""
    evidence: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """By feature, the contract's rows behind its value."""


def explain(
    account: str, current: Published, before: Published | None, evidence: Mapping[str, pd.DataFrame] | None = None
) -> AccountReport:
    """What is known of the account on `current`, beside the list `before` it. `account` is an id or a unique name.

    Raises:
        InputError: no such account is on the list.
    """
    account_id = find_account(account, current)
    row = _row(current, account_id) or {}
    earlier = None if before is None else _row(before, account_id)
    models, asked_as = current.manifest.record.models, kinds(current.manifest.record.settings)
    scores = tuple(
        _score(outcome, account_id, current, before)
        for outcome in in_order(models)
        if row.get(f"{outcome}_probability") is not None
    )
    products = current.products
    mine = products.loc[products["account_id"] == account_id, ["outcome", "product", "probability", "position"]]
    return AccountReport(
        account_id=account_id,
        as_of=current.as_of,
        row=row,
        listed=len(current.accounts),
        currency=current.manifest.record.currency,
        scores=scores,
        products=mine.reset_index(drop=True),
        before=None if before is None else before.as_of,
        rank_before=None if earlier is None else int(earlier["rank"]),
        silent={
            outcome: not_asked(outcome, asked_as.get(outcome), row.get("notice") or "")
            for outcome in in_order(models)
            if row.get(f"{outcome}_probability") is None
        },
        evidence=dict(evidence or {}),
    )


def find_account(account: str, current: Published) -> str:
    """The id of the account with that id or, where only one has it, that name.

    Raises:
        InputError: no such account is on the list; the nearest ids and names are named.
    """
    accounts = current.accounts
    if (accounts["account_id"] == account).any():
        return account
    named = accounts.loc[accounts["name"].str.casefold() == account.casefold(), "account_id"]
    if len(named) == 1:
        return str(named.iloc[0])
    if len(named):
        seen = f"{len(named)} accounts have the name {account!r}: {', '.join(named.head(5))}"
    else:
        known = [*accounts["account_id"], *accounts["name"].dropna()]
        near = difflib.get_close_matches(account, known[:100_000], n=3)
        seen = f"{account!r} is none of them" + (f"; near to it: {', '.join(near)}" if near else "")
    raise InputError(
        f"An account is explained where it is on the list of {current.as_of}, which has {len(accounts):,}; {seen}. "
        "Give the id of one of them, or another day (--as-of)."
    )


def features_behind(report: AccountReport, reasons: int = TOLD) -> list[str]:
    """The features whose rows are worth showing: those that lead the largest reasons, each once."""
    leading = [name for score in report.scores for name in strong(score.reasons)["feature"].head(reasons)]
    return list(dict.fromkeys(leading))


def _score(outcome: str, account_id: str, current: Published, before: Published | None) -> Score:
    model = current.manifest.record.models[outcome]
    row = _row(current, account_id) or {}
    product = row.get(f"{outcome}_product")
    reasons = _reasons(current, account_id, outcome)
    low, high = (row.get(f"{outcome}_{end}") for end in ("low", "high"))
    score = Score(
        outcome=outcome,
        probability=row[f"{outcome}_probability"],
        product=product,
        average=float(current.accounts[f"{outcome}_probability"].mean()),
        version=model.version,
        reasons=reasons,
        start=_start(reasons, row[f"{outcome}_probability"]),
        asked=asked(current.manifest.record, current.as_of).get(outcome),
        between=None if low is None or high is None else (low, high),
        moves=_moves(current.moves, account_id, outcome),
    )
    earlier = None if before is None else _row(before, account_id)
    if before is None or earlier is None or earlier.get(f"{outcome}_probability") is None:
        return score
    return replace(
        score,
        probability_before=earlier[f"{outcome}_probability"],
        version_before=before.manifest.record.models[outcome].version,
        changes=_changes(current.changes, account_id, outcome),
    )


def _start(reasons: pd.DataFrame, probability: float) -> float | None:
    adds_up = (reasons["idea"] == REST).any() or len(reasons) < KEPT
    return probability - float(reasons["points"].sum()) / 100 if adds_up and reasons["points"].notna().all() else None


def _changes(changes: pd.DataFrame, account_id: str, outcome: str) -> tuple[Change, ...]:
    mine = changes[(changes["account_id"] == account_id) & (changes["outcome"] == outcome)].sort_values("position")
    return tuple(
        Change(part, idea if isinstance(idea, str) else None, made, log_odds, text)
        for part, idea, made, log_odds, text in zip(
            *(mine[name] for name in ("part", "idea", "points", "log_odds", "text")), strict=True
        )
    )


def _moves(moves: pd.DataFrame, account_id: str, outcome: str) -> pd.DataFrame:
    mine = moves[(moves["account_id"] == account_id) & (moves["outcome"] == outcome)]
    return mine.sort_values([name for name in ("step", "part") if name in mine.columns]).reset_index(drop=True)


def _reasons(published: Published, account_id: str, outcome: str) -> pd.DataFrame:
    reasons = published.reasons
    mine = reasons[(reasons["account_id"] == account_id) & (reasons["outcome"] == outcome)]
    return mine.sort_values("position").reset_index(drop=True)


def _row(published: Published, account_id: str) -> dict[str, Any] | None:
    """The account's row of a list as plain values; None where it is not on it."""
    found = published.accounts[published.accounts["account_id"] == account_id]
    if found.empty:
        return None
    return records(found)[0]


def plain(value: Any) -> Any:
    """A cell as JSON has it: None where it is missing, days as text."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def records(frame: pd.DataFrame, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a frame as JSON has them."""
    names = list(columns or frame.columns)
    return [
        {name: plain(cell) for name, cell in zip(names, row, strict=True)}
        for row in frame[names].itertuples(index=False, name=None)
    ]

"""Lists: what is published, one frame a file, in columns that stay the same from week to week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from serving.changes import CHANGE_TYPES, no_changes, with_cause
from serving.decision import (
    USUAL,
    DecisionSettings,
    band,
    change,
    choose,
    expected_value,
    odds_ratio,
    rank,
    stage,
    value_at_stake,
)
from serving.drivers import DRIVER_TYPES, drivers, no_drivers
from serving.frame_types import MOVE_TYPES, PRODUCT_TYPES, REASON_TYPES, SCORE, no_moves
from serving.notice import NOTICE, PLAY, notices
from serving.plays import AS_USUAL, play
from serving.scored import Scored
from serving.top_reasons import leading, shown

WHO: Mapping[str, str] = {
    "account_id": "string",
    "name": "string",
    "owner": "string",
    "segment": "string",
    "as_of": "date32",
    "notice": "string",
    "ends_on": "date32",
}
DECIDED: Mapping[str, str] = {
    "value_at_stake": "double",
    "expected_value": "double",
    "rank": "int64",
    "band": "string",
    "stage": "string",
    "play": "string",
}
TOLD: Mapping[str, str] = {
    "reason_1": "string",
    "reason_2": "string",
    "reason_3": "string",
    "change": "string",
    "model_versions": "string",
}


@dataclass(frozen=True)
class Lists:
    """What is published of one as_of, before it is files."""

    as_of: date
    accounts: pd.DataFrame
    """One row an account_id, sorted by `rank`; see `accounts_types` for the columns."""
    products: pd.DataFrame
    """One row per (account_id, outcome, product)."""
    reasons: pd.DataFrame
    """One row per (account_id, outcome, idea), sorted by account, outcome and position."""
    changes: pd.DataFrame = field(default_factory=no_changes)
    """One row per (account_id, outcome, part of the difference since the list before); see `serving.changes`."""
    moves: pd.DataFrame = field(default_factory=no_moves)
    """One row per (account_id, outcome, step of what would bring its score down); see `serving.moves`."""
    drivers: pd.DataFrame = field(default_factory=no_drivers)
    """One row per (outcome, segment, idea): what it comes to in money; see `serving.drivers`."""


def make_lists(
    scored: Scored,
    previous: pd.DataFrame | None,
    settings: DecisionSettings,
    changes: pd.DataFrame | None = None,
    segmented: bool = True,
) -> Lists:
    """The lists of one as_of; `previous` is the `accounts` of the list published before it, None if there was none.

    `changes` are the parts of what changed since then, where both models and rows of that list are known. Drivers are
    told by segment where those are `segmented`: dated, or declared.
    """
    changes = no_changes() if changes is None else changes
    accounts = scored_accounts(scored, previous, settings, changes)
    return Lists(
        as_of=scored.as_of,
        changes=changes,
        moves=scored.moves,
        drivers=drivers(accounts, scored.kept, settings, segmented),
        accounts=accounts,
        products=scored_products(scored),
        reasons=scored.reasons.sort_values(["account_id", "outcome", "position"], kind="stable", ignore_index=True),
    )


def scored_accounts(
    scored: Scored, previous: pd.DataFrame | None, settings: DecisionSettings, changes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The ranked list: one row an account_id, sorted by `rank`, the columns of `accounts_types`.

    Reasons and play are about the outcome that the account is on the list for: of those that stand out, the one that
    moves most value (`serving.decision.choose`).
    """
    outcomes = list(scored.models)
    accounts = scored.accounts.set_index("account_id", drop=False)
    probabilities = accounts[[f"{name}_probability" for name in outcomes]].set_axis(outcomes, axis=1)
    ratios = probabilities.apply(lambda column: odds_ratio(column, column.mean()))
    chosen = choose(probabilities, ratios, settings)
    value = value_at_stake(accounts)
    told = shown(_of_chosen(scored.reasons, chosen["outcome"]), several_outcomes=len(outcomes) > 1)
    decided = accounts.assign(
        outcome=chosen["outcome"],
        probability=chosen["probability"],
        value_at_stake=value,
        expected_value=expected_value(value, chosen["weight"]),
        notice=notices(accounts, scored.as_of),
        ends_on=pd.Timestamp(scored.as_of) + pd.to_timedelta(accounts["days_to_end"], unit="D"),
        stage=stage(accounts),
        model_versions="; ".join(f"{name} {model.version}" for name, model in scored.models.items()),
    ).join(told)
    noticed = decided["notice"].notna()
    decided = decided.assign(
        band=band(chosen["ratio"], settings).mask(noticed, NOTICE),
        reason_1=decided["reason_1"].mask(noticed & decided["reason_1"].isna(), decided["notice"]),
    ).reset_index(drop=True)
    decided = decided.assign(play=_plays(decided, leading(scored.reasons)), change=_changed(decided, previous))
    if changes is not None:
        decided["change"] = with_cause(decided, changes)
    return rank(decided).loc[:, list(accounts_types(outcomes, accounts.columns))]


def scored_products(scored: Scored) -> pd.DataFrame:
    """Every candidate product of every account, the likeliest first: one row per (account_id, outcome, product)."""
    return scored.products.sort_values(["account_id", "outcome", "position"], kind="stable", ignore_index=True)


def accounts_types(outcomes: Sequence[str], present: Sequence[str] | pd.Index[str]) -> dict[str, str]:
    """The columns of the ranked list in their order, with their Arrow types.

    An outcome that is off, or whose model was refused, has no column; one about products has its product's as well.
    `notice` and `ends_on` are there for an account that has given notice. `_low` and `_high` are the ends of the
    probability's 95 % interval, where its calibrator was fitted. How an account stands (`score_...`, 0 to 100) comes
    before the reasons, as far as the company's tables tell it.
    """
    types = dict(WHO)
    types |= {f"{name}_probability": "double" for name in outcomes}
    ends = (f"{name}_{end}" for name in outcomes for end in ("low", "high"))
    types |= {end: "double" for end in ends if end in present}
    types |= {f"{name}_product": "string" for name in outcomes if f"{name}_product" in present}
    stands = {str(name): "double" for name in present if str(name).startswith(SCORE)}
    return types | dict(DECIDED) | stands | dict(TOLD)


def types_of(name: str, frame: pd.DataFrame) -> dict[str, str]:
    """The Arrow types of a list's columns, by the list's name."""
    if name == "scored_products":
        return dict(PRODUCT_TYPES)
    if name == "reasons":
        return dict(REASON_TYPES)
    if name == "changes":
        return dict(CHANGE_TYPES)
    if name == "moves":
        return dict(MOVE_TYPES)
    if name == "drivers":
        return dict(DRIVER_TYPES)
    outcomes = [column.removesuffix("_probability") for column in frame.columns if column.endswith("_probability")]
    return accounts_types(outcomes, frame.columns)


def _of_chosen(reasons: pd.DataFrame, outcome: pd.Series[str]) -> pd.DataFrame:
    """The reasons of the outcome that each account is on the list for."""
    return reasons[reasons["outcome"] == reasons["account_id"].map(outcome)]


def _changed(decided: pd.DataFrame, previous: pd.DataFrame | None) -> pd.Series[str]:
    """How the chance moved; of an account that has given notice, whether that is new."""
    moved = change(decided, previous)
    noticed = decided["notice"].notna()
    if previous is None or not noticed.any():
        return moved
    known = previous.reindex(columns=["account_id", "notice"]).dropna()["account_id"]
    before = decided["account_id"].isin(known)
    return moved.mask(noticed & before, "as before").mask(noticed & ~before, "notice given since")


def _plays(decided: pd.DataFrame, lead: pd.DataFrame) -> list[str]:
    """The next step of each account; in the band `usual` it is to do nothing, under notice to end well."""
    leads = dict(zip(lead.index, lead.itertuples(index=False, name=None), strict=True))
    products = {name: decided[name] for name in decided.columns if name.endswith("_product")}
    columns = (decided["account_id"], decided["outcome"], decided["band"], decided["notice"])
    steps = []
    for row, (account_id, outcome, its_band, notice) in enumerate(zip(*columns, strict=True)):
        if its_band == NOTICE:
            steps.append(f"{notice}: {PLAY}")
            continue
        product = products[f"{outcome}_product"].iat[row] if f"{outcome}_product" in products else None
        idea, rung = leads.get((account_id, outcome), (None, None))
        steps.append(AS_USUAL if its_band == USUAL else play(outcome, idea, _word(rung), _word(product)))
    return steps


def _word(cell: object) -> str | None:
    """The text of a cell; None where it is missing or empty."""
    return cell if isinstance(cell, str) and cell else None

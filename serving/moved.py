"""How the expected money moved since the list before: the parts add up to the difference, exactly.

Money is a probability times the money that the outcome would move. Where both changed, each gets its change times the
mean of the other: half of what lies between goes to either (the Shapley value of a game of two). What the probability's
change did falls apart as `changes.parquet` tells it: the account's own numbers, the model, its calibration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from serving.drivers import valued

if TYPE_CHECKING:
    from serving.decision import DecisionSettings

PARTS = ("gone", "new", "value", "data", "model", "calibration", "untold")
"""Accounts that are no longer asked about; that were not before; what they pay; what the account's own numbers did, a
model that was trained anew, its calibration; what cannot be told apart (another likeliest product, nothing kept)."""
OF_CHANGES = {"data": "data", "others": "data", "model": "model", "calibration": "calibration"}


def moved(
    now: pd.DataFrame,
    before: pd.DataFrame,
    changes: pd.DataFrame,
    outcome: str,
    settings: DecisionSettings,
    settings_before: DecisionSettings,
) -> pd.DataFrame:
    """What of the difference of an outcome's expected money each part made.

    One row a part of `PARTS`, in that order, with `money` and `accounts`, how many it is about. `now` and `before` are
    the accounts of both lists, `changes` the parts of each score's difference between them. An account without a value
    counts as one that pays nothing.
    """
    columns = ["account_id", "probability", "moving"]
    sides = [
        valued(frame.assign(value_at_stake=frame["value_at_stake"].fillna(0.0)), outcome, its)[columns]
        for frame, its in ((before, settings_before), (now, settings))
    ]
    both = sides[0].merge(sides[1], on="account_id", how="outer", suffixes=("_then", "_now"), validate="1:1")
    then, later = both["probability_then"].notna(), both["probability_now"].notna()
    stayed = then & later
    both = both.fillna({name: 0.0 for name in both.columns if name != "account_id"})
    was, is_ = both["probability_then"] * both["moving_then"], both["probability_now"] * both["moving_now"]
    mean_money = (both["moving_then"] + both["moving_now"]) / 2
    mean_chance = (both["probability_then"] + both["probability_now"]) / 2
    made = pd.DataFrame(
        {
            "gone": (-was).where(then & ~later, 0.0),
            "new": is_.where(later & ~then, 0.0),
            "value": ((both["moving_now"] - both["moving_then"]) * mean_chance).where(stayed, 0.0),
        }
    )
    told = changes[(changes["outcome"] == outcome)].assign(part=changes["part"].map(OF_CHANGES))
    split = told.pivot_table(index="account_id", columns="part", values="points", aggfunc="sum", fill_value=0.0)
    split = split.reindex(both["account_id"]).reset_index(drop=True)
    for part in ("data", "model", "calibration"):
        points = split[part] if part in split.columns else pd.Series(0.0, index=both.index)
        made[part] = (points.fillna(0.0) / 100 * mean_money).where(stayed, 0.0)
    by_chance = (both["probability_now"] - both["probability_then"]) * mean_money
    no_split = split.isna().all(axis=1) & stayed
    made["untold"] = by_chance.where(no_split, 0.0)
    return pd.DataFrame(
        {
            "part": PARTS,
            "money": [float(made[part].sum()) for part in PARTS],
            "accounts": [int((made[part] != 0).sum()) for part in PARTS],
        }
    )

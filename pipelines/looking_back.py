"""What came about since, of what was said and tried before: labels of the list that closed last, and of random offers.

    <workspace>/realised/<as_of>/lists.parquet     outcome, list (its as_of), account_id, product, label
    <workspace>/realised/<as_of>/offers.parquet    offer_id, account_id, as_of, kind, treated, outcome, label

Made when features are built, while the tables are open: the labels of one as_of an outcome, and of the days of the
newest random offers. Both come through the same code as the labels that models learn from, and are as they are known at
the as_of at which we stand, not at the data's end: what a page of the past says does not change with what came later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import pandas as pd

from pipelines.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from features.outcomes.outcome import Outcome
    from features.tables import Tables
    from serving.published import Published

OFFER_DAYS = 26
"""So many days of random offers are looked at, the newest whose outcome is certain: their labels cost about as much as
those of as many as_ofs in training."""
LOOKED_AT = 8
"""Lists that have closed among which one is looked for that told the outcome."""
LISTS = {"outcome": "string", "list": "date32", "account_id": "string", "product": "string", "label": "double"}
OFFERS = {
    "offer_id": "string",
    "account_id": "string",
    "as_of": "date32",
    "kind": "string",
    "treated": "bool",
    "outcome": "string",
    "label": "double",
}


@dataclass(frozen=True)
class Realised:
    """What came about since; both empty where nothing has been looked at."""

    lists: pd.DataFrame
    """One row per (outcome, account_id) of the list that closed last, where its label is certain."""
    offers: pd.DataFrame
    """One row a random offer whose label is certain."""


def look_back(
    settings: Settings, tables: Tables, outcomes: Mapping[str, Outcome], as_of: date, offers: bool = True
) -> None:
    """Writes what came about since, as it is known at `as_of`; without `offers` none of them is read.

    Offers that no allowed feature looks at are not looked at here either.
    """
    from serving.files import write_parquet
    from serving.frame_types import schema

    folder = _folder(settings, as_of)
    folder.mkdir(parents=True, exist_ok=True)
    lists = [_of_list(settings, tables, outcome, as_of) for _, outcome in sorted(outcomes.items())]
    write_parquet(_together(lists, LISTS), schema(LISTS), folder / "lists.parquet")
    drawn = _of_offers(tables, outcomes, as_of) if offers else _together([], OFFERS)
    write_parquet(drawn, schema(OFFERS), folder / "offers.parquet")


def realised(settings: Settings, as_of: date) -> Realised:
    """What `look_back` wrote for that as_of."""
    from serving.files import read_parquet

    frames = []
    for name, types in (("lists", LISTS), ("offers", OFFERS)):
        file = _folder(settings, as_of) / f"{name}.parquet"
        frames.append(read_parquet(file) if file.is_file() else _together([], types))
    return Realised(*frames)


def closed_list(settings: Settings, outcome: Outcome, as_of: date) -> Published | None:
    """The newest earlier list that told this outcome, asked as it is asked now, and whose labels are certain."""
    from serving.published import earlier

    certain = as_of - timedelta(days=outcome.horizon.total)
    for published in islice(earlier(settings.workspace, as_of, certain), LOOKED_AT):
        record = published.manifest.record
        asked = record.settings.get("outcomes", {}).get(outcome.name)
        if outcome.name in record.models and asked in (None, outcome.model_dump(mode="json")):
            return published
    return None


def _of_list(settings: Settings, tables: Tables, outcome: Outcome, as_of: date) -> pd.DataFrame | None:
    """The labels of the accounts of the list that closed last; of an outcome of products, of the likeliest ones."""
    from features.outcomes.labels import labels_of

    published = None if outcome.unit == "offer" else closed_list(settings, outcome, as_of)
    if published is None:
        return None
    accounts = published.accounts
    asked = accounts.loc[accounts[f"{outcome.name}_probability"].notna()].assign(as_of=pd.Timestamp(published.as_of))
    if outcome.unit == "pair":
        asked = asked.assign(product=asked[f"{outcome.name}_product"])
    found = labels_of(tables, outcome, asked, as_of)
    product = found["product"] if "product" in found.columns else None
    return found.assign(outcome=outcome.name, list=pd.Timestamp(published.as_of), product=product)


def _of_offers(tables: Tables, outcomes: Mapping[str, Outcome], as_of: date) -> pd.DataFrame:
    """The labels of the newest random offers, each counted from its own day on."""
    from features.accounts.experiments import KINDS, random_offers
    from features.outcomes.labels import labels_of

    offers, parts = random_offers(tables, as_of), []
    for kind, name in KINDS.items():
        if name not in outcomes or outcomes[name].unit == "offer":
            continue
        outcome = outcomes[name].model_copy(update={"gap_days": 0})
        mine = offers[offers["kind"] == kind].assign(product=lambda rows: rows["target"])
        mine = mine[pd.Series([outcome.horizon.matures(day) <= as_of for day in mine["as_of"]], mine.index, "bool")]
        keys = ["account_id", *(["product"] if outcome.unit == "pair" else []), "as_of"]
        mine = mine[mine["as_of"].isin(sorted(mine["as_of"].unique())[-OFFER_DAYS:])].dropna(subset=keys)
        if mine.empty:
            continue
        mine = mine.assign(as_of=pd.to_datetime(mine["as_of"]).astype("datetime64[us]"))
        found = labels_of(tables, outcome, mine, as_of)
        parts.append(mine.merge(found, on=keys, how="inner", validate="m:1").assign(outcome=name))
    return _together(parts, OFFERS)


def _together(parts: list[pd.DataFrame | None] | list[pd.DataFrame], types: Mapping[str, str]) -> pd.DataFrame:
    kinds = {"string": "str", "double": "float64", "date32": "datetime64[us]", "bool": "bool"}
    empty = pd.DataFrame({name: pd.Series(dtype=kinds[kind]) for name, kind in types.items()})
    there = [part[list(types)] for part in parts if part is not None]
    return pd.concat([empty, *there], ignore_index=True) if there else empty


def _folder(settings: Settings, as_of: date) -> Path:
    return settings.workspace / "realised" / as_of.isoformat()

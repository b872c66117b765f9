"""Offers that chance assigned: what a company may learn causes from, because nothing else told the two sides apart."""

from __future__ import annotations

from datetime import date

import ibis
import pandas as pd
import pyarrow as pa

from features.events import events_of
from features.tables import Tables

KINDS = {"retention": "churn", "upgrade": "upgrade", "adoption": "adoption"}
"""By kind of offer, the outcome that it is made for."""
TYPES = {
    "offer_id": pa.string(),
    "account_id": pa.string(),
    "as_of": pa.date32(),
    "kind": pa.string(),
    "target": pa.string(),
    "treated": pa.bool_(),
}


def random_offers(tables: Tables, as_of: date) -> pd.DataFrame:
    """Every offer that was assigned by a random draw and known at `as_of`, made or held back.

    One row an offer, sorted by account, day and id: the columns of `TYPES`; its `as_of` is the day of the offer,
    `treated` says whether it was made. Of several random offers of one kind to an account the first alone is there:
    what became of the later ones is no draw of its own. Empty where the company does not draw, or does not say so.
    """
    if not tables.has("offers", "assigned", "treated"):
        return pd.DataFrame({name: pd.Series(dtype="str") for name in TYPES}).astype({"treated": "bool"})
    offers = events_of(tables, "offers", "offered_at")
    offers = offers.filter(
        offers.assigned == "random", offers.treated.notnull(), offers.day < as_of, offers.known_day < as_of
    )
    target = offers.target if "target" in offers.columns else ibis.null("string")
    rows = offers.select("offer_id", "account_id", "kind", "treated", as_of=offers.day, target=target)
    turn = ibis.row_number().over(group_by=["account_id", "kind"], order_by=["as_of", "offer_id"])
    first = rows.mutate(turn=turn).filter(lambda t: t.turn == 0).select(*TYPES)
    found: pd.DataFrame = tables.connection.to_pyarrow(first).cast(pa.schema(list(TYPES.items()))).to_pandas()
    return found.sort_values(["account_id", "as_of", "offer_id"], ignore_index=True)

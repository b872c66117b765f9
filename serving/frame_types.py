"""The columns of what is scored and their types, under Arrow's names for them: the same from week to week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

FACTS: Mapping[str, str] = {
    "account_id": "string",
    "name": "string",
    "owner": "string",
    "segment": "string",
    "plan": "string",
    "recurring_revenue": "double",
    "consumed_value_91d": "double",
    "tenure_days": "int64",
    "days_to_renewal": "double",
    "active": "bool",
    "under_notice": "bool",
    "days_to_end": "double",
}
"""What is known of an account besides its scores, and the types in which it is kept."""
SCORE = "score_"
"""How the columns begin that say how an account stands, 0 to 100."""
STAGE = "stage"
"""The stage of the life cycle that the features `stage_...` tell."""
TERM = "term_months"
"""The feature of that name is kept as a fact too, missing where the company's tables do not tell it."""
MOVE_TYPES: Mapping[str, str] = {
    "account_id": "string",
    "outcome": "string",
    "step": "int64",
    "part": "int64",
    "idea": "string",
    "feature": "string",
    "value": "double",
    "to": "double",
    "similar": "int64",
    "probability": "double",
    "bound": "double",
    "enough": "bool",
    "text": "string",
}
"""What would bring a score down, or up: see `serving.moves`."""
PRODUCT_TYPES: Mapping[str, str] = {
    "account_id": "string",
    "product": "string",
    "as_of": "date32",
    "outcome": "string",
    "probability": "double",
    "position": "int64",
}
REASON_TYPES: Mapping[str, str] = {
    "account_id": "string",
    "outcome": "string",
    "position": "int64",
    "idea": "string",
    "rung": "string",
    "feature": "string",
    "contribution": "double",
    "points": "double",
    "value": "double",
    "usual": "double",
    "peers": "double",
    "actionable": "bool",
    "against_sense": "bool",
    "telling": "bool",
    "text": "string",
    "product": "string",
    "as_of": "date32",
}


def account_types(accounts: pd.DataFrame) -> dict[str, str]:
    """The types of the scored accounts' columns, in their order."""
    types = {**FACTS, TERM: "double", STAGE: "string", "as_of": "date32"}
    return {name: types.get(name) or ("string" if name.endswith("_product") else "double") for name in accounts.columns}


def schema(types: Mapping[str, str]) -> pa.Schema:
    """The Arrow schema of columns whose types are given by Arrow's names for them."""
    import pyarrow as pa

    return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in types.items()])


def no_moves() -> pd.DataFrame:
    """A frame of `MOVE_TYPES` without a row."""
    kinds = {"string": "str", "double": "float64", "int64": "int64", "bool": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=kinds[kind]) for name, kind in MOVE_TYPES.items()})

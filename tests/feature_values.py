"""What features are expected to be worth, as a little table: a column a feature's key, a blank where it is missing.

EXPECTED = parse_expected('''
    feature        | a1 | a2
    active_days_7d | 2  | 0
''')
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from features.building.builder import build
from features.library.catalogue import LIBRARY, SOURCES
from features.tables import Tables

Expected = Mapping[str, Mapping[str, float]]
"""The value of each key by the feature's name."""


def parse_expected(text: str) -> dict[str, dict[str, float]]:
    """One entry a line; keys are accounts or, written `a1/search`, an account and a product."""
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return {
        name: {key: float(cell) if cell else np.nan for key, cell in zip(head[1:], cells, strict=True)}
        for name, *cells in lines
    }


def computed(tables: Tables, expected: Expected, as_of: date) -> dict[str, dict[str, float]]:
    """The same features for the same keys, as the builder gives them."""
    keys = list(next(iter(expected.values())))
    named = [dict(zip(("account_id", "product"), key.split("/"), strict=False)) for key in keys]
    cohort = pd.DataFrame(named).assign(as_of=pd.Timestamp(as_of))
    names = {feature.name: feature for feature in LIBRARY.available(tables)}
    frame = build(tables, cohort, [names[name] for name in expected], SOURCES)
    index = frame["account_id"] if "product" not in frame else frame["account_id"] + "/" + frame["product"]
    frame = frame.assign(key=index).set_index("key")
    return {name: {key: float(frame.at[key, name]) for key in keys} for name in expected}

"""The parts of a test: who is in each, what came about and was said of them, and how well they were ordered."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from models.slices import Slice, by_slice

DAY = pd.Timestamp("2024-06-01")


def rows(count: int, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    probability = random.uniform(0.1, 0.9, count)
    label = (random.uniform(size=count) < probability).astype("float64")
    ids = [f"a{number}" for number in range(count)]
    return pd.DataFrame({"account_id": ids, "as_of": DAY, "label": label, "probability": probability})


def sliced(predictions: pd.DataFrame, **columns: list[object]) -> tuple[Slice, ...]:
    values = predictions[["account_id", "as_of"]].assign(**columns)
    return by_slice(predictions, values, tuple(columns), resamples=100, seed=1)


def told(parts: tuple[Slice, ...]) -> list[tuple[str, str, int]]:
    return [(part.attribute, part.value, part.n) for part in parts]


def test_each_value_is_a_part_and_missing_is_one() -> None:
    region = ["south"] * 100 + ["north"] * 200 + [None] * 50
    assert told(sliced(rows(350), region=region)) == [
        ("region", "north", 200),
        ("region", "south", 100),
        ("region", "(missing)", 50),
    ]


def test_values_of_few_accounts_are_the_others() -> None:
    kind = ["big"] * 100 + ["odd"] * 19 + ["rare"] * 19
    assert told(sliced(rows(138), kind=kind)) == [("kind", "big", 100), ("kind", "(others)", 38)]


def test_a_number_is_cut_into_four_groups() -> None:
    parts = sliced(rows(480), age=[18 + number % 60 for number in range(480)])
    assert [part.value for part in parts] == ["18 to 32", "33 to 47", "48 to 62", "63 to 77"]
    assert [part.n for part in parts] == [120] * 4


def test_few_numbers_are_parts_themselves() -> None:
    parts = sliced(rows(100), children=[0.0, 2.0, np.nan, 10.0] * 25)
    assert [part.value for part in parts] == ["0", "2", "10", "(missing)"]


def test_figures_are_those_of_the_parts_own_rows() -> None:
    predictions = rows(400)
    region = ["north"] * 200 + ["south"] * 200
    north = sliced(predictions, region=region)[0]
    mine = predictions.head(200)
    assert north.positives == mine["label"].sum()
    assert north.base_rate == pytest.approx(mine["label"].mean())
    assert north.mean_probability == pytest.approx(mine["probability"].mean())
    pairs = [(p, q) for p in mine.loc[mine.label == 1, "probability"] for q in mine.loc[mine.label == 0, "probability"]]
    assert north.auc is not None
    assert north.auc.value == pytest.approx(np.mean([p > q for p, q in pairs]))
    assert north.auc.low < north.auc.value < north.auc.high


def test_a_part_of_one_class_has_no_auc() -> None:
    predictions = rows(100).assign(label=[1.0] * 50 + [0.0] * 50)
    parts = sliced(predictions, region=["all gone"] * 50 + ["all there"] * 50)
    assert [part.auc for part in parts] == [None, None]
    assert [part.base_rate for part in parts] == [1.0, 0.0]


def test_values_are_those_of_the_rows_own_as_of() -> None:
    predictions = rows(60)
    later = DAY + pd.Timedelta(days=28)
    both = pd.concat([predictions, predictions.assign(as_of=later)], ignore_index=True)
    values = both[["account_id", "as_of"]].assign(region=["north"] * 60 + ["south"] * 60)
    assert told(by_slice(both, values, ("region",), 100, 1)) == [("region", "north", 60), ("region", "south", 60)]


def test_it_is_kept_as_plain_values() -> None:
    predictions = rows(200).assign(label=[0.0] * 199 + [1.0])
    for part in (*sliced(rows(200), region=["north"] * 200), *sliced(predictions, region=["north"] * 200)):
        assert Slice.from_json(json.loads(json.dumps(part.as_json()))) == part

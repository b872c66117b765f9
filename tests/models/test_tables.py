"""Contributions by looking up: LightGBM's own, whatever it does with missing values, zeros and categories."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models import contributions, tables
from models.contributions import explainer_of
from models.interplay import by_row, interplay
from models.scorer import Scorer
from models.tables import Tables, tables_of
from tests.models.test_explanation import IDEAS, catalogue

NAMES = tuple(IDEAS)
KINDS: dict[str, dict[str, Any]] = {
    "missing values": {},
    "zeros are missing": {"zero_as_missing": True},
    "nothing is missing": {"use_missing": False},
    "one split a tree": {"num_leaves": 2},
    "deep trees": {"num_leaves": 60, "min_data_in_leaf": 2},
    "a bag of rows": {"bagging_fraction": 0.5, "bagging_freq": 1},
}


def frame(seed: int, count: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = random.integers(-3, 9, (count, len(NAMES))).astype("float64")
    values[random.random(values.shape) < 0.2] = np.nan
    return pd.DataFrame(values, columns=list(NAMES))


def model(categories: tuple[int, ...] = (), trees: int = 12, **more: Any) -> Scorer:
    import lightgbm

    rows = frame(1, 2000)
    known = rows.fillna(2).to_numpy()
    pull = known[:, 0] * known[:, 1] + 4 * np.isin(known[:, 2], [1, 4, 5]) - known[:, 3] + rows["nps"].isna() * 3
    settings = {"objective": "binary", "verbosity": -1, "num_leaves": 9, "num_threads": 1, "seed": 1, **more}
    data = lightgbm.Dataset(rows.to_numpy(), (pull > 4).to_numpy(dtype="float64"), categorical_feature=list(categories))
    text = lightgbm.train(settings, data, trees).model_to_string()
    return Scorer("churn", NAMES, text, 0.4, slope=0.7, intercept=-0.1)


@pytest.mark.parametrize("more", KINDS.values(), ids=list(KINDS))
def test_it_is_what_lightgbm_gives(more: dict[str, Any]) -> None:
    scorer, rows = model(**more), frame(2)
    explainer = explainer_of(scorer, rows, fewest=1)
    assert explainer.by_tables
    np.testing.assert_allclose(explainer.contributions(rows), scorer.contributions(rows), rtol=0, atol=1e-11)


def test_categories_go_where_lightgbm_sends_them_also_those_that_it_never_saw() -> None:
    scorer, rows = model(categories=(1, 2)), frame(2)
    assert any("==" in str(tree) for tree in scorer.trees())
    rows.loc[:9, "events_28d"] = [-1.0, -0.5, 99.0, 2.7, np.nan, 1e9, 0.0, 8.0, -7.0, 3.0]
    explainer = explainer_of(scorer, rows, fewest=1)
    assert explainer.by_tables
    np.testing.assert_allclose(explainer.contributions(rows), scorer.contributions(rows), rtol=0, atol=1e-11)


def test_a_model_without_a_split_has_its_bias_alone() -> None:
    scorer, rows = model(min_data_in_leaf=5000), frame(2)
    explainer = explainer_of(scorer, rows, fewest=1)
    assert explainer.by_tables
    np.testing.assert_allclose(explainer.contributions(rows), scorer.contributions(rows), rtol=0, atol=1e-12)


def test_a_row_has_the_same_bits_alone_and_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, rows = model(trees=3, num_leaves=60, min_data_in_leaf=2), frame(2, 20).to_numpy()
    together = tables_of(scorer).contributions(rows)
    one_by_one = np.concatenate([tables_of(scorer).contributions(rows[at : at + 1]) for at in range(len(rows))])
    assert together.tobytes() == one_by_one.tobytes()
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 7)
    assert tables_of(scorer).contributions(rows).tobytes() == together.tobytes()


def test_answers_that_are_worked_out_when_asked_are_those_worked_out_before(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, rows = model(), frame(2).to_numpy()
    before = tables_of(scorer).contributions(rows)
    monkeypatch.setattr(tables, "SPLITS_READY", 1)
    monkeypatch.setattr(tables, "FEATURES_READY", 1)
    late = Tables([tables.read(tree) for tree in scorer.trees()])
    np.testing.assert_allclose(late.contributions(rows), before, rtol=0, atol=1e-13)


# --- which way is taken


def test_where_the_two_disagree_lightgbm_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, rows, right = model(), frame(2), Tables.contributions
    monkeypatch.setattr(Tables, "contributions", lambda self, matrix: right(self, matrix) + 1e-5)
    explainer = explainer_of(scorer, rows, fewest=1)
    assert not explainer.by_tables
    assert explainer.contributions(rows).tobytes() == scorer.contributions(rows).tobytes()


def test_trees_too_deep_to_look_up_are_lightgbms(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, rows = model(trees=11), frame(2)
    monkeypatch.setattr(tables, "MOST_SPLITS", 2)
    monkeypatch.setattr(tables, "SPLITS_READY", 2)
    assert not explainer_of(scorer, rows, fewest=1).by_tables


def test_a_fault_that_no_row_of_the_sample_shows_is_found_on_odd_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros, which a model taught that they are missing sends elsewhere: no row has one here."""
    scorer, rows = model(trees=13, zero_as_missing=True), frame(2).replace(0.0, 1.0)
    monkeypatch.setattr(tables, "goes_left", lambda split, column: column <= split.threshold)
    assert not explainer_of(scorer, rows.fillna(1.0), fewest=1).by_tables
    assert len(contributions.ODD) == 4


def test_few_rows_are_lightgbms() -> None:
    assert not explainer_of(model(), frame(2, 1999)).by_tables
    assert explainer_of(model(), frame(2, 2000)).by_tables


def test_no_rows_give_no_rows() -> None:
    scorer, rows = model(), frame(2)
    assert explainer_of(scorer, rows.head(0), fewest=0).contributions(rows.head(0)).shape == (0, len(NAMES) + 1)


# --- which ideas work together


def expected(node: dict[str, Any], row: np.ndarray, known: frozenset[int]) -> float:
    """A tree's value for a row of which only some features are known: the others are averaged over the rows taught."""
    if "split_index" not in node:
        return float(node["leaf_value"])
    sides = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        value = row[node["split_feature"]]
        left = node["default_left"] if np.isnan(value) else value <= node["threshold"]
        return expected(sides[0] if left else sides[1], row, known)
    counts = [side.get("internal_count", side.get("leaf_count")) for side in sides]
    return sum(n * expected(side, row, known) for n, side in zip(counts, sides, strict=True)) / sum(counts)


def by_counting(scorer: Scorer, row: np.ndarray, one: int, other: int) -> float:
    """What two features make together, over all coalitions of the others; both halves."""
    others = [f for f in range(len(NAMES)) if f not in (one, other)]
    found = 0.0
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(len(NAMES) - size - 2) / factorial(len(NAMES) - 1)
        for coalition in combinations(others, size):
            for sign, more in ((1, {one, other}), (-1, {one}), (-1, {other}), (1, set())):
                known = frozenset((*coalition, *more))
                found += sign * weight * sum(expected(tree["tree_structure"], row, known) for tree in scorer.trees())
    return scorer.slope * found


def test_what_ideas_make_together_is_what_counting_all_coalitions_gives() -> None:
    scorer, rows = model(trees=4, num_leaves=7), frame(2, 3)
    pairs = {pair: made for pair, made in by_row(scorer, rows, catalogue()).items() if pair[0] != pair[1]}
    assert ("breadth", "use") in pairs
    for (idea, other), made in pairs.items():
        ones, others = ([f for f, name in enumerate(NAMES) if IDEAS[name] == its] for its in (idea, other))
        for at, row in enumerate(rows.to_numpy()):
            counted = sum(by_counting(scorer, row, one, its) for one in ones for its in others)
            assert made[at] == pytest.approx(counted, abs=1e-12)


def test_an_idea_alone_and_half_of_its_pairs_are_its_contribution() -> None:
    scorer, rows = model(), frame(2)
    found = by_row(scorer, rows, catalogue())
    own = scorer.contributions(rows)
    for idea in set(IDEAS.values()):
        members = [at for at, name in enumerate(NAMES) if IDEAS[name] == idea]
        pairs = sum(made for pair, made in found.items() if idea in pair and pair != (idea, idea))
        np.testing.assert_allclose(found[idea, idea] + pairs / 2, own[:, members].sum(axis=1), atol=1e-11)


def test_one_row_a_pair_the_strongest_first_and_the_same_for_the_same_seed() -> None:
    scorer, rows = model(), frame(2)
    told = interplay(scorer, rows, catalogue(), rows=50)
    assert list(told.columns) == ["idea", "other", "strength", "rows"]
    assert set(told["rows"]) == {50}
    assert (told["idea"] <= told["other"]).all()
    assert not told.duplicated(["idea", "other"]).any()
    assert told["strength"].is_monotonic_decreasing
    assert set(told.loc[told["idea"] == told["other"], "idea"]) == set(IDEAS.values())
    pd.testing.assert_frame_equal(told, interplay(scorer, rows, catalogue(), rows=50))
    by_hand = np.abs(by_row(scorer, rows, catalogue())["breadth", "use"]).mean()
    every = interplay(scorer, rows, catalogue()).set_index(["idea", "other"])
    assert every.loc[("breadth", "use"), "strength"] == pytest.approx(by_hand)

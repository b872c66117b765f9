"""Whether reasons are true: tables that can be reckoned by hand, and what must hold of any."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError, RefusedError
from models.explanation import WEAK
from pipelines.yardsticks.faithfulness import faithfulness, top_rows

AS_OF = pd.Timestamp("2026-01-01")
SHOWN_BY = {"budget": ("price",), "habit": ("use", "use trend"), "trust": ("promises",), "mood": ("answers",)}


def long(rows: dict[str, dict[str, float]], name: str) -> pd.DataFrame:
    """One row an account and name, as the model and the truth tell it."""
    return pd.DataFrame(
        [(account, AS_OF, key, value) for account, cells in rows.items() for key, value in cells.items()],
        columns=["account_id", "as_of", name, "contribution"],
    )


TOLD = {
    #     three reasons of which two are true             one reason, not true; answers lowers it
    "a": {"use": 0.9, "price": 0.5, "answers": 0.2, "promises": -0.4},
    "b": {"use": -0.1, "price": 0.3, "answers": -0.6, "promises": -0.2},
}
TRUE = {
    "a": {"habit": 1.0, "budget": 0.1, "trust": 0.0, "mood": -0.3},
    "b": {"habit": -0.2, "budget": -0.1, "trust": 0.4, "mood": 0.5},
}


def judged(told: dict[str, dict[str, float]], true: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    found = faithfulness(long(told, "idea"), long(true, "driver"), SHOWN_BY, resamples=50)
    return {
        way: {name: one.value for name, one in measures.items()} for way, measures in found.everyone.measures.items()
    }


def test_the_model_is_judged_by_the_share_of_its_reasons_that_are_true() -> None:
    """True drivers: of a habit and budget (2 of 3 reasons, the first among them), of b mood and trust (0 of 1)."""
    assert judged(TOLD, TRUE)["model"] == pytest.approx(
        {"true_share": (2 / 3 + 0) / 2, "first_true": 0.5, "recall": 0.5}
    )


def test_the_global_order_gives_everyone_the_same_ideas_and_as_many_as_the_model() -> None:
    """Mean absolute: use 0.5, price 0.4, answers 0.4, promises 0.3; a gets the first three, b only use."""
    assert judged(TOLD, TRUE)["global_order"] == pytest.approx(
        {"true_share": (2 / 3 + 0) / 2, "first_true": 0.5, "recall": 0.5}
    )


def test_the_global_order_may_be_kept_to_what_raises_the_row() -> None:
    """Of b only price raises it, which the global order has second (answers has as much and an earlier name)."""
    true = {**TRUE, "b": {"budget": 0.2, "mood": 0.1}}

    assert judged(TOLD, true)["global_order"]["true_share"] == pytest.approx((2 / 3 + 0) / 2)
    assert judged(TOLD, true)["global_order_raising"]["true_share"] == pytest.approx((2 / 3 + 1) / 2)
    assert judged(TOLD, true)["global_order_raising"]["recall"] == pytest.approx((1 + 1 / 2) / 2)


def test_random_ideas_are_reckoned_in_expectation() -> None:
    """a: 2 of 4 ideas are true, 3 drawn: each driver, with one idea each, is hit with 3/4. b: 2 of 4, one drawn."""
    found = judged(TOLD, TRUE)["random"]

    assert found == pytest.approx({"true_share": 0.5, "first_true": 0.5, "recall": (3 / 4 + 1 / 4) / 2})


def test_random_ideas_among_those_that_raise_the_row() -> None:
    """a: 2 of the 3 that raise it are true, and all 3 are drawn. b: price alone raises it, and is not true."""
    found = judged(TOLD, TRUE)["random_raising"]

    assert found == pytest.approx({"true_share": (2 / 3 + 0) / 2, "first_true": (2 / 3 + 0) / 2, "recall": (1 + 0) / 2})


def test_what_moves_the_odds_by_less_than_a_tenth_is_no_reason_and_no_cause() -> None:
    told = {**TOLD, "b": {**TOLD["b"], "price": WEAK - 0.001}}
    true = {**TRUE, "a": {**TRUE["a"], "budget": WEAK - 0.001}}
    found = faithfulness(long(told, "idea"), long(true, "driver"), SHOWN_BY, resamples=50)

    assert found.without_reason == 1, "b has none any more"
    assert found.everyone.measures["model"]["true_share"].value == pytest.approx(1 / 3), "a: only use is true now"


def test_random_agrees_with_many_draws() -> None:
    random = np.random.default_rng(0)
    told, true = scattered(random, 20)
    found = judged(told, true)["random"]
    ideas = np.array(["answers", "price", "promises", "use", "use trend"])
    shares, recalls = [], []
    for account in told:
        drivers = sorted((n for n, v in true[account].items() if v >= WEAK), key=lambda n: -true[account][n])[:3]
        given = min(3, sum(v >= WEAK for v in told[account].values()))
        if not drivers or not given:
            continue
        draws = [random.choice(ideas, given, replace=False) for _ in range(1000)]
        good = {idea for driver in drivers for idea in SHOWN_BY[driver]}
        shares.append(np.mean([np.mean([idea in good for idea in draw]) for draw in draws]))
        recalls.append(np.mean([np.mean([bool(set(SHOWN_BY[d]) & set(draw)) for d in drivers]) for draw in draws]))

    assert found["true_share"] == pytest.approx(np.mean(shares), abs=0.01)
    assert found["recall"] == pytest.approx(np.mean(recalls), abs=0.01)


def test_whoever_knows_the_drivers_bounds_what_can_be_had() -> None:
    """a: 2 true ideas for 3 reasons. b: 2 for 1. Every driver shows in some idea."""
    bound = judged(TOLD, TRUE)["best_possible"]

    assert bound == pytest.approx({"true_share": (2 / 3 + 1) / 2, "first_true": 1, "recall": 1})
    bounds = faithfulness(long(TOLD, "idea"), long(TRUE, "driver"), SHOWN_BY, resamples=50).everyone.bounds
    assert bounds["global_order"].value == pytest.approx((2 / 3 + 1) / (2 / 3 + 0))


def test_reasons_equal_to_the_truth_are_all_true() -> None:
    one_to_one = {driver: ideas[:1] for driver, ideas in SHOWN_BY.items()}
    _, true = scattered(np.random.default_rng(1), 60)
    told = {account: {one_to_one[name][0]: value for name, value in cells.items()} for account, cells in true.items()}

    found = faithfulness(long(told, "idea"), long(true, "driver"), one_to_one, resamples=50)

    assert {name: one.value for name, one in found.everyone.measures["model"].items()} == {
        "true_share": 1,
        "first_true": 1,
        "recall": 1,
    }
    assert found.drivers.kendall.value == pytest.approx(1)
    assert found.everyone.ratios["global_order"].value > 1


def test_no_way_is_better_than_the_best_possible() -> None:
    told, true = scattered(np.random.default_rng(2), 60)
    found = judged(told, true)

    for measures in found.values():
        assert all(value <= found["best_possible"][name] + 1e-12 for name, value in measures.items())


def test_rows_with_nothing_to_find_or_nothing_said_are_left_out_and_counted() -> None:
    told = {**TOLD, "c": {"use": 0.2}, "d": {"use": -0.2}}
    true = {**TRUE, "c": {"habit": -0.1, "mood": 0.0}, "d": {"habit": 0.3}}

    found = faithfulness(long(told, "idea"), long(true, "driver"), SHOWN_BY, resamples=50)

    assert (found.everyone.rows, found.without_driver, found.without_reason) == (2, 1, 1)
    assert found.everyone.measures["model"]["recall"].value == 0.5


def test_a_driver_that_shows_nowhere_is_counted_and_cannot_be_found() -> None:
    true = {**TRUE, "a": {**TRUE["a"], "luck": 3.0}}

    found = faithfulness(long(TOLD, "idea"), long(true, "driver"), {**SHOWN_BY, "luck": ()}, resamples=50)

    assert found.everyone.measures["best_possible"]["recall"].value == pytest.approx((2 / 3 + 1) / 2)
    row = found.drivers.table.set_index("driver").loc["luck"]
    assert (row["ideas"], row["truth"], row["model"]) == (0, 1.5, 0)


def test_drivers_are_compared_on_the_whole() -> None:
    """Habit shows in use and in use trend, which are added up row by row before their size is taken."""
    told = {"a": {"use": 0.9, "use trend": -0.3, "price": 0.1}, "b": {"use": 0.2, "use trend": 0.2, "price": 0.1}}
    true = {"a": {"habit": 1.0, "budget": -0.2}, "b": {"habit": 0.5, "budget": 0.1}}

    table = faithfulness(long(told, "idea"), long(true, "driver"), SHOWN_BY, resamples=50).drivers.table

    assert table["driver"].tolist() == ["habit", "budget"]
    assert table["truth"].tolist() == pytest.approx([0.75, 0.15])
    assert table["model"].tolist() == pytest.approx([0.5, 0.1])


def test_the_top_tenth_is_of_each_day_and_rounded_up() -> None:
    rows = pd.DataFrame(
        {
            "account_id": [f"a{n:02}" for n in range(11)] + ["b"],
            "as_of": [AS_OF] * 11 + [AS_OF + pd.Timedelta(days=28)],
            "probability": [*np.linspace(0.1, 0.6, 11), 0.01],
        }
    )

    assert top_rows(rows)["account_id"].tolist() == ["a09", "a10", "b"]


def test_what_people_see_is_judged_apart() -> None:
    seen = pd.DataFrame({"account_id": ["a", "elsewhere"], "as_of": [AS_OF, AS_OF]})

    found = faithfulness(long(TOLD, "idea"), long(TRUE, "driver"), SHOWN_BY, seen, resamples=50)

    assert found.top_tenth is not None
    assert found.top_tenth.rows == 1
    assert found.top_tenth.measures["model"]["true_share"].value == pytest.approx(2 / 3)


def test_the_ratio_is_paired() -> None:
    """A model that gives the global order has the ratio 1 in every draw."""
    told = {f"a{n}": {"use": 0.9, "price": 0.5, "answers": 0.4, "promises": -0.3} for n in range(8)}
    true = {f"a{n}": {"habit" if n % 2 else "trust": 1.0} for n in range(8)}

    ratio = faithfulness(long(told, "idea"), long(true, "driver"), SHOWN_BY, resamples=200).everyone.ratios

    assert (ratio["global_order"].low, ratio["global_order"].high) == (1, 1)


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(InputError, match="1 of 2 have none, such as"):
        faithfulness(long(TOLD, "idea"), long({"a": TRUE["a"]}, "driver"), SHOWN_BY)
    with pytest.raises(InputError, match="nothing is said: trust"):
        faithfulness(long(TOLD, "idea"), long(TRUE, "driver"), {k: v for k, v in SHOWN_BY.items() if k != "trust"})
    with pytest.raises(RefusedError, match="of 1 rows there is none"):
        faithfulness(long({"a": {"use": -1.0}}, "idea"), long({"a": {"habit": 1.0}}, "driver"), SHOWN_BY)


def test_it_is_written_as_json_without_missing_numbers() -> None:
    found = faithfulness(long(TOLD, "idea"), long(TRUE, "driver"), SHOWN_BY, resamples=50)

    content = json.loads(json.dumps(found.as_json(), allow_nan=False))

    assert content["everyone"]["rows"] == 2
    assert content["drivers"]["table"][0]["driver"] == "habit"


Cells = dict[str, dict[str, float]]


def scattered(random: np.random.Generator, accounts: int) -> tuple[Cells, Cells]:
    """Rows of which something raises every one, by the truth and by the model; of differing typical sizes."""
    ideas = ("use", "use trend", "price", "promises", "answers")
    told, true = {}, {}
    for n in range(accounts):
        told[f"a{n:02}"] = dict(zip(ideas, map(float, random.normal(size=5) * (5, 4, 3, 2, 1)), strict=True))
        true[f"a{n:02}"] = dict(zip(SHOWN_BY, map(float, random.normal(size=4) * (1, 4, 3, 2)), strict=True))
        told[f"a{n:02}"]["use"] = abs(told[f"a{n:02}"]["use"])
        true[f"a{n:02}"]["budget"] = abs(true[f"a{n:02}"]["budget"])
    return told, true

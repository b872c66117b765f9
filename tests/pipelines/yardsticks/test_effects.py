"""Estimated against true effects, and what there is to win: by hand and on a made-up law."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError
from pipelines.yardsticks.effects import effects, spread

AS_OF = pd.Timestamp("2026-01-01")


def truth(kind: str, without: list[float], moved: list[float], people: list[str] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": [f"a{n:04}" for n in range(len(moved))],
            "product": "",
            "as_of": AS_OF,
            "kind": kind,
            "people": people or "persuadable",
            "without": without,
            "with": np.array(without) + moved,
            "effect": moved,
        }
    )


KINDS = ["persuadable", "sure thing", "lost cause", "better left asleep"]


@pytest.mark.parametrize(("kind", "sign"), [("retention", -1.0), ("upgrade", 1.0), ("adoption", 1.0)])
def test_kinds_of_people_are_those_of_the_truth_whatever_the_chance_and_the_effect(kind: str, sign: float) -> None:
    """A retention offer gains where churn falls. A persuadable whose chance is small gains little, and stays one."""
    gain = np.array([0.2, 0.001, 0.0, 0.0, -0.05])
    rows = truth(kind, [0.3, 0.001, 0.1, 0.9, 0.2], list(sign * gain), [KINDS[0], *KINDS])

    found = spread(rows, resamples=50)[kind]

    assert {name: one.share.value for name, one in found.kinds.items()} == {
        "persuadable": 0.4,
        "sure thing": 0.2,
        "lost cause": 0.2,
        "better left asleep": 0.2,
    }
    assert [one.mean.value for one in found.kinds.values()] == pytest.approx([0.1005, 0, 0, -0.05])
    assert found.mean.value == pytest.approx((0.2 + 0.001 - 0.05) / 5)


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="the true effects have undecided"):
        spread(truth("upgrade", [0.1], [0.1], ["undecided"]))


def test_fifths_go_from_the_largest_gain_to_the_smallest() -> None:
    moved = [0.01 * n for n in range(10)]

    found = spread(truth("adoption", [0.1] * 10, moved), resamples=50)["adoption"]

    assert [one.value for one in found.fifths] == pytest.approx([0.085, 0.065, 0.045, 0.025, 0.005])


def test_estimates_equal_to_the_truth_win_all_that_there_is() -> None:
    known = truth("retention", [0.5] * 400, list(np.random.default_rng(0).normal(-0.05, 0.03, 400)))

    found = effects(known.assign(estimate=known["effect"]), known, resamples=100)["retention"]

    assert found.table["estimate"].tolist() == pytest.approx(found.table["truth"].tolist())
    assert found.table["truth"].is_monotonic_decreasing
    assert found.rank_correlation.value == pytest.approx(1)
    assert found.share_of_choice.value == pytest.approx(1)
    assert found.table["rows"].tolist() == [40] * 10


def test_estimates_without_knowledge_win_about_nothing() -> None:
    random = np.random.default_rng(0)
    known = truth("upgrade", [0.2] * 2000, list(random.normal(0.05, 0.03, 2000)))

    found = effects(known.assign(estimate=random.normal(size=2000)), known, resamples=200)["upgrade"]

    assert found.rank_correlation.low < 0 < found.rank_correlation.high
    assert found.share_of_choice.low < 0 < found.share_of_choice.high


def test_tenths_are_by_the_estimate() -> None:
    """Ten rows a tenth of one: the highest estimate first, beside the true effect of that row."""
    moved = [0.05, 0.01, 0.04, 0.02, 0.03, 0.09, 0.08, 0.06, 0.07, 0.10]
    known = truth("adoption", [0.1] * 10, moved)

    found = effects(known.assign(estimate=[n / 10 for n in range(10)]), known, resamples=50)["adoption"]

    assert found.table["truth"].tolist() == pytest.approx(moved[::-1])


def test_estimates_without_a_true_effect_are_refused() -> None:
    known = truth("upgrade", [0.2] * 5, [0.1] * 5)

    with pytest.raises(InputError, match="2 of 5 have none"):
        effects(known.assign(estimate=0.1), known.iloc[2:])


def test_it_is_written_as_json() -> None:
    known = truth("upgrade", [0.2] * 50, [0.01 * (n % 7) for n in range(50)])

    content = {
        "spread": {kind: one.as_json() for kind, one in spread(known, resamples=50).items()},
        "uplift": {
            kind: one.as_json()
            for kind, one in effects(known.assign(estimate=known["effect"]), known, resamples=50).items()
        },
    }

    assert json.loads(json.dumps(content, allow_nan=False))["spread"]["upgrade"]["rows"] == 50

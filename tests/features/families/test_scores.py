"""Scores: the worst of three has a sixth of 100 and the best five sixths, be all parts in one order or only some."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from features.building import peers
from features.families.scores import LAYERS, MEANINGS, MOMENTS, RUNGS
from features.feature import Score
from features.library.catalogue import LIBRARY
from features.purposes import PURPOSES, PurposeSettings
from tests.feature_values import computed, parse_expected
from tests.features.families.three_accounts import AS_OF, COMPANY
from tests.text_tables import text_tables

EXPECTED = parse_expected("""
    feature             | low   | middle | high
    score_consumption   | 16.67 | 50     | 83.33
    score_satisfaction  | 16.67 | 50     | 83.33
    score_adoption      | 16.67 | 50     | 83.33
    score_loyalty       | 16.67 | 50     | 83.33
    score_trust         | 16.67 | 50     | 83.33
    score_base          | 16.67 | 50     | 83.33
    score_efficiency    | 16.67 | 50     | 83.33
    score_joy           | 16.67 | 50     | 83.33
    score_advantage     | 16.67 | 50     | 83.33
    score_ease          | 16.67 | 50     | 83.33
    score_compatibility | 16.67 | 50     | 83.33
    score_quick_start   | 16.67 | 50     | 83.33
""")


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, float]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "FEWEST", 3)
        return computed(text_tables(end=date(2024, 7, 2), **COMPANY), EXPECTED, AS_OF)


@pytest.mark.parametrize("feature", EXPECTED)
def test_feature(feature: str, values: dict[str, dict[str, float]]) -> None:
    assert values[feature] == pytest.approx(EXPECTED[feature], abs=1e-2, nan_ok=True)


def parts(name: str, *absent: str, allowed: tuple[str, ...] = tuple(PURPOSES)) -> set[str]:
    """What a score is made of where tables are absent and purposes not allowed; nothing where there is no score."""
    tables = text_tables(end=date(2024, 7, 2), **{key: text for key, text in COMPANY.items() if key not in absent})
    library = LIBRARY.allowing(PurposeSettings(allowed=allowed))
    values = [feature.value for feature in library.available(tables) if feature.name == name]
    return {part.feature for value in values if isinstance(value, Score) for part in value.parts}


def test_a_score_is_made_of_the_parts_whose_tables_are_there() -> None:
    assert parts("score_trust") - parts("score_trust", "interactions") == {"advocacy_182d"}
    assert parts("score_trust", "interactions", "tickets") == set()


def test_a_part_whose_purpose_is_not_allowed_is_not_computed() -> None:
    whole, cut = parts("score_loyalty"), parts("score_loyalty", allowed=("service", "retention", "growth"))
    assert whole - cut == {"discount"}


def test_a_part_stands_on_the_rung_in_the_layer_or_at_the_moment_of_its_score() -> None:
    """Else a score tells of something else, or its parts pull against each other until it tells nothing."""
    known = {feature.name: feature for feature in LIBRARY.features}
    for facet, scores in {"rung": RUNGS, "layer": LAYERS, "moment": MOMENTS}.items():
        for score, parts_ in scores.items():
            assert {part: getattr(known[part[1:]], facet) for part in parts_} == dict.fromkeys(parts_, score)


def test_the_page_of_scores_has_every_score_with_its_parts() -> None:
    page = (Path(__file__).parents[3] / "docs" / "scores.md").read_text(encoding="utf-8")
    for name, parts_ in {**RUNGS, **LAYERS, **MOMENTS}.items():
        more, less = (", ".join(f"`{part[1:]}`" for part in parts_ if part[0] == sign) for sign in "+-")
        assert f"| `score_{name}` | {MEANINGS[name]} | {more} | {less} |" in page


def test_what_a_score_costs_is_told_once_all_its_parts_are_missing() -> None:
    few = text_tables(end=date(2024, 7, 2), accounts=COMPANY["accounts"], consumption=COMPANY["consumption"])
    costs = {place for place, lost in LIBRARY.unavailable(few).items() if "score_joy" in {f.name for f in lost}}
    assert costs == {"satisfaction", "interactions"}


def test_models_are_not_taught_scores() -> None:
    scores = [feature for feature in LIBRARY.features if isinstance(feature.value, Score)]
    assert len(scores) == 12
    assert not any(feature.taught for feature in scores)
    assert all(feature.taught for feature in LIBRARY.features if feature not in scores)

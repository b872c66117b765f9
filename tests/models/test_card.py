"""The model card: everything that a reader must know before trusting a model, and nothing that runs."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from features.feature import Feature, State
from features.outcomes.outcome import Outcome
from models.card import card_html
from models.driver_plots import bend_plot, interplay_plot
from models.evaluation import Interval
from models.plots import png
from models.record import Told
from models.slices import Slice
from tests.small_models import FEATURES, FEBRUARY, result, retrain, rows, scorer

PAIRS = pd.DataFrame(
    {
        "idea": ["use", "answers", "answers", "effort"],
        "other": ["use", "use", "answers", "use"],
        "strength": [0.4, 0.25, 0.2, 0.05],
        "rows": 120,
    }
)
IDEAS = dict(zip(FEATURES, ("use", "effort", "answers"), strict=True))


def feature(name: str, purpose: str = "service", description: str = "") -> Feature:
    return Feature(
        name=name,
        value=State("source", name),
        unit="count",
        idea=IDEAS[name],
        rung="consumption",
        purpose=purpose,  # type: ignore[arg-type]
        phrase="{value}",
        description=description,
    )


def told(description: str = "Days with any use") -> Told:
    return Told(
        outcome=Outcome(name="churn", kind="inactivity", gap_days=14, horizon_days=90),
        features=(
            feature("active_days_28d", "retention", description),
            feature("open_tickets"),
            feature("nps_last", "retention"),
        ),
        interplay=PAIRS,
        slices=(Slice("region", "north", 60, 9, 0.15, 0.16, Interval(0.7, 0.6, 0.8)),),
    )


def card(its: Told | None) -> str:
    made = retrain(FEBRUARY, result("churn"), told={} if its is None else {"churn": its})
    return card_html(made, made.results["churn"], {"shap.png": b"\x89PNG"})


def words(page: str) -> str:
    """What a reader sees, in one line."""
    body = re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize(
    "said",
    [
        "Model card: churn",
        "Promoted: better than no skill.",
        "gives an account the probability of churn",
        "kind inactivity gap days 14 horizon days 90",
        "What it must not be used for",
        "test 1 2025-09-01 2025-09-01",
        "The test has 120 rows of 120 accounts",
        "among the rows learned from the share was 30.0 %",
        "metric this model prevalence best feature",
        "auc 0.800 (0.770 to 0.830) 0.500 (0.470 to 0.530) 0.790 (0.760 to 0.820)",
        "AUC, ours minus its 0.300 (0.200 to 0.400) 0.010 (-0.010 to 0.030)",
        "log-odds = 0.800 * raw -0.400",
        "region north 60 9 15.0 % 16.0 % 0.700 (0.600 to 0.800)",
        "answers use 0.250",
        "validation has one as_of in place of two",
        "retention: 2, service: 1",
        "active_days_28d use retention no Days with any use",
    ],
)
def test_a_card_says(said: str) -> None:
    assert said in words(card(told()))


def test_an_idea_alone_is_no_pair() -> None:
    assert "use use 0.400" not in words(card(told()))


def test_without_anything_told_besides_it_still_stands() -> None:
    seen = words(card(None))
    assert "gives a row the probability of churn" in seen
    assert "active_days_28d, open_tickets, nps_last" in seen
    assert "Part by part" not in seen


def test_a_name_is_text_whatever_it_looks_like() -> None:
    page = card(told("<script>alert(1)</script>"))
    assert "<script" not in page
    assert "<script>alert(1)</script>" in words(page)


def test_it_asks_for_nothing_and_holds_only_the_pictures_it_is_given() -> None:
    page = card(told())
    assert "default-src 'none'; img-src data:;" in page
    assert re.findall(r'(?:src|href)="([^"]{0,22})', page) == ["data:image/png;base64,"]


def test_the_same_model_has_the_same_card() -> None:
    assert card(told()) == card(told())


# --- the pictures of what drives a model


def test_bends_are_those_of_the_leading_features_and_can_be_drawn_from_awkward_rows() -> None:
    assert png(bend_plot(scorer(), rows().head(1).assign(nps_last=float("nan")), "T")).startswith(b"\x89PNG")
    titles = [axes.get_title() for axes in bend_plot(scorer(), rows(), "T").axes if axes.get_title()]
    assert titles[0] == "active_days_28d"
    assert set(titles) == set(FEATURES)


def test_ideas_stand_in_the_order_of_what_each_makes_alone_and_a_pair_once() -> None:
    (axes,) = interplay_plot(PAIRS, "T").axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["use", "answers"]
    assert [text.get_text() for text in axes.texts] == ["0.40", "0.25", "0.20"]


def test_one_idea_alone_can_be_drawn() -> None:
    assert png(interplay_plot(PAIRS.head(1), "T")).startswith(b"\x89PNG")


def test_what_is_told_besides_is_no_part_of_what_a_retrain_is() -> None:
    made = retrain(FEBRUARY, result("churn"))
    assert replace(made, told={"churn": told()}).digest == made.digest

"""The pictures' numbers, and that every picture can be drawn from the awkward data that small companies have."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from models.plots import calibration_plot, calibration_table, gain_curve, gain_plot, png, shap_plot
from tests.small_models import FEATURES, labels, rows, scorer

PNG = b"\x89PNG"


def doubles(*values: float) -> np.ndarray:
    return np.array(values, dtype="float64")


def test_bins_hold_equally_many_rows_with_wilsons_interval() -> None:
    table = calibration_table(doubles(0, 0, 1, 1, 0, 1), doubles(0.1, 0.2, 0.3, 0.4, 0.5, 0.9), bins=2)
    assert table["rows"].tolist() == [3, 3]
    assert table["positives"].tolist() == [1, 2]
    assert table["predicted"].tolist() == pytest.approx([0.2, 0.6])
    assert table["observed"].tolist() == pytest.approx([1 / 3, 2 / 3])
    # Wilson, 1 of 3 at 95 %: (0.0615, 0.7923)
    assert table[["low", "high"]].iloc[0].tolist() == pytest.approx([0.0615, 0.7923], abs=1e-4)


def test_equal_probabilities_share_a_bin() -> None:
    table = calibration_table(doubles(0, 1, 0, 1), doubles(0.2, 0.2, 0.2, 0.2))
    assert table[["rows", "predicted", "observed"]].to_numpy().tolist() == [[4, 0.2, 0.5]]


def test_the_gain_curve_finds_the_positives_in_the_order_of_the_list() -> None:
    contacted, found = gain_curve(doubles(1, 0, 1, 0), doubles(0.9, 0.1, 0.8, 0.2))
    assert contacted.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.tolist() == [0, 0.5, 1, 1, 1]


def test_ties_are_one_straight_step_whatever_the_order_of_the_rows() -> None:
    contacted, found = gain_curve(doubles(1, 0, 0, 1), doubles(0.5, 0.5, 0.5, 0.1))
    assert (contacted.tolist(), found.tolist()) == ([0, 0.75, 1], [0, 0.5, 1])


@pytest.mark.parametrize("draw", [calibration_plot, gain_plot])
@pytest.mark.parametrize(
    ("truth", "given"),
    [
        (doubles(0, 1, 0, 1), doubles(0.2, 0.2, 0.2, 0.2)),
        (doubles(0, 0, 0, 1), doubles(1e-9, 1e-9, 1e-8, 2e-9)),
        (doubles(0, 0), doubles(0.1, 0.4)),
        (labels(), scorer().probability(rows())),
    ],
    ids=["one probability", "tiny probabilities", "no positive", "a model"],
)
def test_awkward_predictions_can_be_drawn(draw, truth: np.ndarray, given: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    assert png(draw(truth, given, "Title")).startswith(PNG)


@pytest.mark.parametrize("count", [1, 2, 120])
def test_drivers_can_be_drawn_from_few_rows_and_unknown_values(count: int) -> None:
    frame = rows().head(count).assign(nps_last=np.nan)
    assert png(shap_plot(scorer(), frame, "Title")).startswith(PNG)


def test_drivers_are_sorted_by_their_mean_size() -> None:
    added = np.abs(scorer().contributions(rows())[:, :-1]).mean(axis=0)
    (axes, _) = shap_plot(scorer(), rows(), "Title").axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [f"{FEATURES[column]}  ({added[column]:.2f})" for column in np.argsort(-added, kind="stable")]


def test_every_picture_has_a_title_and_named_axes() -> None:
    given = scorer().probability(rows())
    for figure in (
        calibration_plot(labels(), given, "T"),
        gain_plot(labels(), given, "T"),
        shap_plot(scorer(), rows(), "T"),
    ):
        assert figure.axes[0].get_title() == "T"
        assert any(axes.get_xlabel() for axes in figure.axes)
        assert any(axes.get_ylabel() for axes in figure.axes)


def test_the_same_picture_has_the_same_bytes_and_pyplot_is_left_alone() -> None:
    given = scorer().probability(rows())
    assert png(gain_plot(labels(), given, "T")) == png(gain_plot(labels(), given, "T"))
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()

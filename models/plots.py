"""Pictures of one model on its out-of-time test: is it calibrated, does it find the right accounts, what drives it.

Each function returns a matplotlib `Figure` that belongs to no global state, so that several threads may draw at once.
Labels are 1.0 or 0.0; probabilities are the model's calibrated ones, one a row, in the same order.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.contributions import explainer_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from models.scorer import Scorer

    Doubles = NDArray[np.float64]

MODEL, OTHER, BAND = "#1f5a8a", "#8a8a8a", "#c9dcec"
DOTS_PER_INCH = 110
NORMAL_95 = 1.96
SHAP_ROWS = 2_000
SHAP_FEATURES = 15


def png(figure: Figure) -> bytes:
    """The picture as PNG; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return buffer.getvalue()


def calibration_plot(labels: Doubles, probabilities: Doubles, title: str, bins: int = 10) -> Figure:
    """Predicted against observed share, in bins of equally many rows, each with its 95 % interval and its counts.

    Beside it the counts of every bin; below it how many rows were given which probability.
    """
    table = calibration_table(labels, probabilities, bins)
    figure = _figure(9.6, 6.4)
    grid = figure.add_gridspec(2, 2, height_ratios=(3.4, 1), width_ratios=(3, 1))
    upper, counts = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[:, 1])
    lower = figure.add_subplot(grid[1, 0], sharex=upper)
    right, top = 1.03 * float(probabilities.max()), 1.08 * max(table["predicted"].max(), table["high"].max())
    upper.plot([0, 1], [0, 1], color=OTHER, linestyle="--", linewidth=1, label="perfect calibration")
    upper.errorbar(
        table["predicted"],
        table["observed"],
        yerr=np.array([table["observed"] - table["low"], table["high"] - table["observed"]]).clip(0),
        color=MODEL,
        marker="o",
        markersize=5,
        capsize=3,
        linewidth=1.2,
        label="model, 95 % interval",
    )
    upper.set(title=title, ylabel="observed share", xlim=(0, right), ylim=(0, top))
    upper.tick_params(labelbottom=False)
    upper.legend(loc="upper left", frameon=False, fontsize=9)
    lower.hist(probabilities, bins=np.linspace(0, right, 41).tolist(), color=BAND, edgecolor=MODEL, linewidth=0.5)
    lower.set(xlabel="predicted probability", ylabel="rows")
    for axes in (upper, lower):
        _plain(axes)
    _bin_counts(counts, table)
    return figure


def gain_plot(labels: Doubles, probabilities: Doubles, title: str) -> Figure:
    """Left: which share of all positives is found in which share of the list. Right: how much denser each tenth is."""
    figure = _figure(11.0, 4.8)
    left, right = figure.subplots(1, 2)
    contacted, found = gain_curve(labels, probabilities)
    base_rate = float(labels.mean())
    left.plot([0, base_rate, 1], [0, 1, 1], color=OTHER, linestyle=":", linewidth=1, label="perfect ranking")
    left.plot(contacted, found, color=MODEL, linewidth=1.8, label="model")
    left.plot([0, 1], [0, 1], color=OTHER, linestyle="--", linewidth=1, label="random order")
    for share in (0.1, 0.2):
        reached = float(np.interp(share, contacted, found))
        left.plot([share], [reached], marker="o", color=MODEL, markersize=5)
        left.annotate(
            f"{share:.0%} of the list: {reached:.0%} found",
            (share, reached),
            xytext=(10, -4),
            textcoords="offset points",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1},
        )
    left.set(title=title, xlabel="share of the list, highest probability first", ylabel="share of positives found")
    left.set(xlim=(0, 1), ylim=(0, 1.02))
    left.legend(loc="lower right", frameon=False, fontsize=9)
    _percent(left)
    edges = np.linspace(0, 1, 11)
    lifts = np.diff(np.interp(edges, contacted, found)) / np.diff(edges)
    bars = right.bar(np.arange(1, 11), lifts, color=BAND, edgecolor=MODEL, linewidth=0.8)
    right.bar_label(bars, labels=[f"{lift:.1f}" for lift in lifts], fontsize=8, padding=2)
    right.axhline(1, color=OTHER, linestyle="--", linewidth=1)
    right.set(
        title=f"Lift by tenth of the list ({len(labels):,} rows, {labels.sum():,.0f} positives)",
        xlabel="tenth of the list, highest probability first",
        ylabel=f"share of positives / base rate ({base_rate:.1%})",
        xticks=np.arange(1, 11),
        ylim=(0, 1.12 * max(lifts.max(), 1)),
    )
    for axes in (left, right):
        _plain(axes)
    return figure


def shap_plot(scorer: Scorer, frame: pd.DataFrame, title: str) -> Figure:
    """What the features that weigh most added to each row's log-odds, a dot a row, coloured by the feature's value.

    The contributions are the scorer's own: SHAP values of the trees, exact, times the calibrator's slope. At most
    `SHAP_ROWS` rows are drawn, evenly spaced through `frame`, which has the model's features as its columns.
    """
    sample = frame.iloc[np.unique(np.linspace(0, len(frame) - 1, min(len(frame), SHAP_ROWS)).round().astype(int))]
    added = explainer_of(scorer, sample).contributions(sample)[:, :-1]
    weight = np.abs(added).mean(axis=0)
    shown = np.argsort(-weight, kind="stable")[: min(SHAP_FEATURES, len(scorer.features))]
    figure = _figure(9.0, 1.9 + 0.36 * len(shown))
    axes = figure.subplots()
    for position, column in enumerate(shown):
        _swarm(axes, len(shown) - 1 - position, added[:, column], sample[scorer.features[column]])
    axes.axvline(0, color=OTHER, linewidth=1)
    names = [f"{scorer.features[column]}  ({weight[column]:.2f})" for column in shown]
    axes.set_yticks(np.arange(len(shown))[::-1], labels=names, fontsize=9)
    axes.set(
        title=title,
        xlabel=f"added to the log-odds, {len(sample):,} rows (in brackets: its mean size)",
        ylim=(-0.7, len(shown) - 0.3),
    )
    _plain(axes)
    _value_colours(figure, axes)
    return figure


def calibration_table(labels: Doubles, probabilities: Doubles, bins: int = 10) -> pd.DataFrame:
    """One row a bin of about equally many rows, equal probabilities together.

    Columns: rows, positives, predicted (mean), observed, low, high; the last two are Wilson's 95 % interval of the
    observed share (Wilson 1927, doi:10.2307/2276774).
    """
    place = pd.qcut(pd.Series(probabilities), bins, labels=False, duplicates="drop").fillna(0)
    grouped = pd.DataFrame({"label": labels, "predicted": probabilities}).groupby(place)
    table = grouped.agg(rows=("label", "size"), positives=("label", "sum"), predicted=("predicted", "mean"))
    share, n, z = table["positives"] / table["rows"], table["rows"], NORMAL_95
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return table.assign(observed=share, low=(middle - half).clip(0), high=(middle + half).clip(upper=1))


def gain_curve(labels: Doubles, probabilities: Doubles) -> tuple[Doubles, Doubles]:
    """Shares of the list and of the positives within them; equal probabilities are one straight step, in no order."""
    tied = pd.DataFrame({"label": labels}).groupby(-probabilities)["label"].agg(["size", "sum"]).cumsum()
    contacted = np.concatenate([[0.0], tied["size"] / tied["size"].iloc[-1]])
    found = np.concatenate([[0.0], tied["sum"] / max(tied["sum"].iloc[-1], 1)])
    return contacted, found


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.title.set_fontsize(11)
    axes.grid(visible=True, axis="both", color="#eeeeee", linewidth=0.8)
    axes.set_axisbelow(True)


def _bin_counts(axes: Axes, table: pd.DataFrame) -> None:
    """The bins as text, the highest probability on top."""
    cells = [
        [f"{row.predicted:.1%}", f"{row.observed:.1%}", f"{row.positives:,.0f} of {row.rows:,.0f}"]
        for row in table.iloc[::-1].itertuples()
    ]
    heads = ["predicted", "observed", "positives"]
    grid = axes.table(cells, colLabels=heads, loc="upper center", edges="horizontal", colWidths=[0.3, 0.3, 0.4])
    grid.auto_set_font_size(False)
    grid.set_fontsize(8)
    grid.scale(1, 1.5)
    axes.set_axis_off()


def _percent(axes: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))


def _swarm(axes: Axes, height: int, added: Doubles, values: pd.Series[Any]) -> None:
    """One feature's dots: where many rows were given about the same, they pile up around the line."""
    low, high = added.min(), added.max()
    cell = np.round(100 * (added - low) / (high - low)) if high > low else np.zeros(len(added))
    order = pd.Series(cell).groupby(cell).cumcount().to_numpy()
    offset = np.where(order % 2 == 0, 1, -1) * ((order + 1) // 2)
    pile = offset / max(np.abs(offset).max(), 12) * 0.4
    axes.scatter(
        added,
        height + pile,
        s=7,
        c=values.rank(pct=True).to_numpy(dtype="float64"),
        cmap=_value_scale(),
        vmin=0,
        vmax=1,
        plotnonfinite=True,
        linewidths=0,
        rasterized=True,
    )


def _value_scale() -> Colormap:
    """Blue for low, red for high, grey for unknown."""
    from matplotlib import colormaps

    return colormaps["coolwarm"].with_extremes(bad="#9a9a9a")


def _value_colours(figure: Figure, axes: Axes) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    bar = figure.colorbar(ScalarMappable(Normalize(0, 1), _value_scale()), ax=axes, aspect=40, pad=0.02)
    bar.set_ticks([0, 1], labels=["low", "high"])
    bar.set_label("the feature's value (grey: unknown)", fontsize=9)
    bar.outline.set_visible(False)

"""Pictures of what drives one model: how each leading feature bends the score, and which ideas work together.

Like those of `models/plots.py` they belong to no global state. What they show is the model's view of the rows of its
test: an association that was learned, no effect of a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.contributions import explainer_of
from models.plots import MODEL, OTHER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from models.scorer import Scorer

    Doubles = NDArray[np.float64]

ROWS = 2_000
BENDS = 6
"""Features whose bend is drawn."""
IDEAS = 10
"""Ideas of the picture of pairs."""
FURTHEST = 0.99
"""Share of the known values that the axis reaches: a few giants would squeeze all others into a corner."""
COLUMNS = 3


def bend_plot(scorer: Scorer, frame: pd.DataFrame, title: str) -> Figure:
    """What each of the leading features adds to the log-odds, by its value: a dot a row, unknown values at the left.

    The features are those of the largest mean absolute contribution; at most `ROWS` rows are drawn, evenly spaced
    through `frame`, which has the model's features as its columns.
    """
    from matplotlib.figure import Figure

    sample = frame.iloc[np.unique(np.linspace(0, len(frame) - 1, min(len(frame), ROWS)).round().astype(int))]
    added = explainer_of(scorer, sample).contributions(sample)[:, :-1]
    shown = np.argsort(-np.abs(added).mean(axis=0), kind="stable")[: min(BENDS, len(scorer.features))]
    lines = -(-len(shown) // COLUMNS)
    figure = Figure(figsize=(11.0, 0.8 + 2.7 * lines), layout="constrained")
    grid = figure.subplots(lines, COLUMNS, squeeze=False, sharey=True).ravel()
    for axes, column in zip(grid, shown, strict=False):
        name = scorer.features[column]
        _bend(axes, sample[name].to_numpy(dtype="float64"), added[:, column])
        axes.set_title(name, fontsize=10)
    for axes in grid[len(shown) :]:
        axes.set_axis_off()
    figure.suptitle(title, fontsize=11)
    figure.supylabel("added to the log-odds", fontsize=10)
    figure.supxlabel("the feature's value (grey, at the left: unknown)", fontsize=10)
    return figure


def interplay_plot(pairs: pd.DataFrame, title: str) -> Figure:
    """How strongly the leading ideas work together; on the diagonal, in grey, what each makes alone.

    `pairs` comes from `models.interplay`: one row a pair of ideas.
    """
    from matplotlib.figure import Figure

    alone = pairs[pairs["idea"] == pairs["other"]].sort_values(["strength", "idea"], ascending=[False, True])
    ideas = alone["idea"].head(IDEAS).tolist()
    place = {idea: at for at, idea in enumerate(ideas)}
    table = np.zeros((len(ideas), len(ideas)))
    for idea, other, strength in zip(pairs["idea"], pairs["other"], pairs["strength"], strict=True):
        if idea in place and other in place:
            table[place[idea], place[other]] = table[place[other], place[idea]] = strength
    alone_or_above = np.triu(np.ones(table.shape, dtype=bool))
    strongest = max(float(table[~alone_or_above].max(initial=0.0)), 1e-9)
    figure = Figure(figsize=(3.4 + 0.6 * len(ideas), 2.2 + 0.5 * len(ideas)), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.ma.masked_array(table, alone_or_above), cmap="Blues", vmin=0, vmax=1.2 * strongest)
    for row, column in [(one, other) for one in range(len(ideas)) for other in range(one + 1)]:
        dark = row != column and table[row, column] > 0.7 * strongest
        colour = OTHER if row == column else "white" if dark else "black"
        axes.text(column, row, f"{table[row, column]:.2f}", ha="center", va="center", fontsize=8, color=colour)
    names = [idea.replace("_", " ") for idea in ideas]
    axes.set_xticks(range(len(ideas)), labels=names, rotation=40, ha="right", fontsize=9)
    axes.set_yticks(range(len(ideas)), labels=names, fontsize=9)
    axes.set_title(title, fontsize=11)
    axes.set_xlabel("mean size in log-odds: of a pair together; in grey, of an idea alone", fontsize=9)
    axes.spines[:].set_visible(False)
    return figure


def _bend(axes: Axes, values: Doubles, added: Doubles) -> None:
    """One feature's dots."""
    known = ~np.isnan(values)
    low, high = np.quantile(values[known], [1 - FURTHEST, FURTHEST]).tolist() if known.any() else (0.0, 1.0)
    width = (high - low) or 1.0
    axes.axhline(0, color=OTHER, linewidth=0.8)
    axes.scatter(values[known].clip(low, high), added[known], s=6, color=MODEL, alpha=0.35, linewidths=0)
    if not known.all():
        nowhere = np.full(int((~known).sum()), low - 0.08 * width)
        axes.scatter(nowhere, added[~known], s=6, color=OTHER, alpha=0.35, linewidths=0)
    axes.set_xlim(low - 0.12 * width, high + 0.04 * width)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, color="#eeeeee", linewidth=0.8)
    axes.set_axisbelow(True)

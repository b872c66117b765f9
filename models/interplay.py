"""Which ideas work together: what two of them make beyond what each makes alone, over a sample of rows.

The values are SHAP's interaction values, exact (Lundberg et al., "From local explanations to global understanding with
explainable AI for trees", Nature Machine Intelligence 2, 2020, equations 3 to 5), summed by idea as contributions are:
what an idea makes alone and half of what it makes with each other one add up to its contribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.feature import Feature
from models.contributions import explainer_of
from models.explanation import told_by
from models.forest import read
from models.tables import Piece, lets_through, pieces, points_and_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.scorer import Scorer

    Doubles = NDArray[np.float64]
    Codes = NDArray[np.intp]

ROWS = 500
"""How many are drawn: a mean over them is known to some hundredths of itself, and they take a second or two."""
SEED = 7
COLUMNS = ("idea", "other", "strength", "rows")


def interplay(
    scorer: Scorer, frame: pd.DataFrame, features: Sequence[Feature], rows: int = ROWS, seed: int = SEED
) -> pd.DataFrame:
    """How strongly each two ideas of a model work together, the strongest first.

    One row a pair of ideas that share a tree (`idea` before `other` by name), and one an idea with itself, which is
    what it makes alone; a pair that is absent makes nothing together. `strength` is the mean size, in log-odds, over
    `rows` rows drawn from `frame` by `seed` (all where it has no more), which has the model's features.

    Raises:
        InputError: the model uses a feature that `features` does not tell about.
        ScorerError: the frame lacks a feature of the model, or its trees are of a kind that is not known or too deep.
    """
    drawn = np.sort(np.random.default_rng(seed).permutation(len(frame))[:rows])
    found = by_row(scorer, frame.iloc[drawn].loc[:, list(scorer.features)], features)
    told = [(*pair, float(np.abs(made).mean()) if len(made) else 0.0, len(drawn)) for pair, made in found.items()]
    table = pd.DataFrame(told, columns=list(COLUMNS)).astype({"idea": "str", "other": "str"})
    return table.sort_values(["strength", "idea", "other"], ascending=[False, True, True], ignore_index=True)


def by_row(scorer: Scorer, frame: pd.DataFrame, features: Sequence[Feature]) -> dict[tuple[str, str], Doubles]:
    """By pair of ideas what they make together, and by idea (with itself) what it makes alone: log-odds, one a row.

    An idea's contribution is what it makes alone and half of each of its pairs.
    """
    idea_of = {scorer.features.index(name): feature.idea for name, feature in told_by(scorer, features).items()}
    columns = np.ascontiguousarray(scorer.matrix(frame).T)
    together: dict[tuple[str, str], Doubles] = {}
    for tree in scorer.trees():
        for piece in pieces(read(tree)):
            seen, codes = np.unique(piece.codes(columns), return_inverse=True)
            for pair, made in _together(piece, seen, idea_of).items():
                before = together.get(pair)
                now = scorer.slope * made.take(codes)
                together[pair] = now if before is None else before + now
    contributions = explainer_of(scorer, frame).contributions(frame)
    ideas = sorted(set(idea_of.values()))
    alone = {idea: contributions[:, [at for at, its in idea_of.items() if its == idea]].sum(axis=1) for idea in ideas}
    for pair, made in together.items():
        for idea in pair:
            alone[idea] = alone[idea] - made / 2
    return {(idea, idea): alone[idea] for idea in ideas} | dict(sorted(together.items()))


def _together(piece: Piece, codes: Codes, idea_of: Mapping[int, str]) -> dict[tuple[str, str], Doubles]:
    """Of one piece of a tree, before calibration: one number a code."""
    added: dict[tuple[str, str], Doubles] = {}
    for way, value in zip(piece.ways, piece.values, strict=True):
        ideas = sorted({idea_of[step.feature] for step in way})
        if len(ideas) < 2:
            continue
        shares = np.array([[step.share] for step in way])
        difference = lets_through(way, codes) - shares
        members = [np.array([idea_of[step.feature] == idea for step in way]) for idea in ideas]
        for point, weight in points_and_weights(len(way)):
            factors = point * difference + shares
            whole = weight * value * factors.prod(axis=0)
            slopes = [(difference[at] / factors[at]).sum(axis=0) for at in members]
            for (one, slope), (other, its) in combinations(zip(ideas, slopes, strict=True), 2):
                added[one, other] = added.get((one, other), 0.0) + whole * slope * its
    return added

"""Whether reasons stay when the model is taught anew: how many of a row's top three survive.

Accounts are drawn with replacement, each with all its rows (Field and Welsh 2007), a model is grown on them as the one
at hand was, and both explain the same test rows. What a row was given by the one and is given by the other survives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.errors import RefusedError
from models.contributions import explainer_of
from models.explanation import told_by
from models.scorer import Scorer
from models.trees import choose, grow
from pipelines.yardsticks.ways import leading

if TYPE_CHECKING:
    from features.feature import Feature
    from models.dataset import Dataset
    from models.training import Trained
    from models.training_settings import TrainingSettings
    from pipelines.yardsticks.figures import Doubles
    from pipelines.yardsticks.ways import Mask

TOP_SHARE = 0.1


@dataclass(frozen=True)
class Survival:
    """A share of reasons, as it was over the models that were taught anew."""

    value: float
    """The mean over them."""
    low: float
    """The least of them."""
    high: float
    """The most."""


@dataclass(frozen=True)
class Stability:
    """One outcome: mean shares over the test rows that were given a reason."""

    resampled: Survival
    """Taught on accounts drawn anew: of a row's reasons those that it is given again."""
    first: Survival
    """The same of its first reason: whether it is among the three again."""
    top_tenth: Survival
    """As `resampled`, for the tenth of the rows with the highest probabilities."""
    another_seed: float
    """Taught on the same rows with another seed: what the dice of growing trees alone cost."""
    random: float
    """The control: what as many ideas as the other model gives, drawn at random, would hit of the row's."""
    rows: int
    """Rows with a reason."""
    ideas: int
    """Between which there is to choose."""
    replicates: int

    def as_json(self) -> dict[str, Any]:
        """Everything by name."""
        return asdict(self)


def stability(
    trained: Trained,
    dataset: Dataset,
    settings: TrainingSettings,
    features: Sequence[Feature],
    replicates: int,
    say: Callable[[str], None] = lambda _: None,
) -> Stability:
    """How well the reasons of a model stand a second teaching, on its test rows.

    `dataset` has the rows that it was taught, chosen and judged on. Reasons are a row's three ideas that raise it most
    and are not weak (`pipelines.yardsticks.ways.leading`).

    Raises:
        RefusedError: the model gives no row a reason, or drawn accounts cannot be taught.
    """
    rows = trained.test.matrix[list(trained.scorer.features)]
    ours = _by_idea(trained.scorer, rows, features)
    given = leading(ours)
    if not given.any():
        raise RefusedError(
            "Reasons are followed where there are some, and the model gives none of the test's rows any."
        )
    probability = trained.scorer.probability(rows)
    top = probability >= np.quantile(probability, 1 - TOP_SHARE)
    again, counts = [], []
    for number in range(replicates):
        say(f"taught anew {number + 1} of {replicates}")
        drawn = resampled(dataset, settings.seed + 1 + number)
        theirs = leading(_by_idea(_taught(trained, drawn, settings), rows, features))
        again.append(survived(given, theirs, ours, top))
        counts.append(theirs.sum(axis=1))
    same = _taught(trained, dataset, settings.model_copy(update={"seed": settings.seed + 1}))
    with_reason = given.any(axis=1)
    found = {name: [one[name] for one in again] for name in again[0]}
    return Stability(
        **{name: Survival(float(np.mean(its)), min(its), max(its)) for name, its in found.items()},
        another_seed=survived(given, leading(_by_idea(same, rows, features)), ours, top)["resampled"],
        random=float(np.mean([count[with_reason].mean() for count in counts]) / ours.shape[1]),
        rows=int(with_reason.sum()),
        ideas=ours.shape[1],
        replicates=replicates,
    )


def resampled(dataset: Dataset, seed: int) -> Dataset:
    """As many accounts, drawn with replacement; one that is drawn again stands beside itself under another id."""
    ids = np.sort(dataset.frame["account_id"].unique())
    drawn = np.random.default_rng(seed).integers(0, len(ids), len(ids))
    times = pd.Series(np.bincount(drawn, minlength=len(ids)), index=ids)
    each = dataset.frame["account_id"].map(times).to_numpy()
    copies = [dataset.frame[each > n] for n in range(int(times.max()))]
    named = [copy.assign(account_id=copy["account_id"] + (f"~{n}" if n else "")) for n, copy in enumerate(copies)]
    return replace(dataset, frame=pd.concat(named, ignore_index=True)).sorted()


def _taught(trained: Trained, dataset: Dataset, settings: TrainingSettings) -> Scorer:
    """A model of these rows, grown on the days and chosen by the days of the one at hand; calibration is left out."""
    split, slope = trained.split, trained.scorer.slope
    train, validation, refit = (dataset.at(days) for days in (split.train, split.validation, split.refit))
    for part in (train, validation):
        if len(set(part.labels)) < 2:
            raise RefusedError("A model is taught on both classes; of the accounts drawn all are of one. Take more.")
    grown = choose(train, validation, settings)
    text = grow(refit, grown.trees, grown.leaves, settings)
    return Scorer(dataset.outcome, dataset.features, text, float(refit.labels.mean()), slope)


def _by_idea(scorer: Scorer, rows: pd.DataFrame, features: Sequence[Feature]) -> Doubles:
    """Contributions in log-odds: one row a row, one column an idea in the order of their names."""
    place = {name: at for at, name in enumerate(scorer.features)}
    members: dict[str, list[int]] = {}
    for name, feature in told_by(scorer, features).items():
        members.setdefault(feature.idea, []).append(place[name])
    added = explainer_of(scorer, rows).contributions(rows)
    return np.stack([added[:, members[idea]].sum(axis=1) for idea in sorted(members)], axis=1)


def survived(given: Mask, theirs: Mask, ours: Doubles, top: Mask) -> dict[str, float]:
    """Shares over the rows with a reason: of all reasons, of the first, and of all among the top rows."""
    asked = given.any(axis=1)
    share = (given & theirs).sum(axis=1)[asked] / given.sum(axis=1)[asked]
    first = theirs[np.arange(len(theirs)), ours.argmax(axis=1)][asked]
    seen = top[asked]
    return {
        "resampled": float(share.mean()),
        "first": float(first.mean()),
        "top_tenth": float(share[seen].mean()) if seen.any() else float("nan"),
    }

"""The `[training]` of the config: how models are trained and judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from features.outcomes.sample import MAX_ROWS
from models.splits import TimeSplit, split_in_time

if TYPE_CHECKING:
    from features.clock import Horizon


class TrainingSettings(BaseModel):
    """How models are trained and judged: `[training]` of the config."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    seed: int = 7
    threads: int = Field(1, ge=1)
    """Of LightGBM. One is quick enough for some hundred thousand rows, and on a machine that does other work besides,
    two threads that wait for each other were measured to take five to seven times the processor time."""
    step_days: int = Field(28, ge=1)
    """Days between two as_of that are learned from."""
    history_days: int = Field(91, ge=1)
    """Days of data that lie before the first of them."""
    as_ofs: tuple[date, ...] | None = None
    """In place of every `step_days`, exactly these."""
    max_rows: int = Field(MAX_ROWS, ge=1)
    """Labelled rows an outcome. Where there would be more, it is learned from and judged on a sample of whole accounts,
    drawn by a hash of their ids, and that noted; everybody is scored."""
    others_per_case: int = Field(20, ge=1)
    """Rows without the outcome that trees are grown on for each one with it (or the other way round, where most have
    it); where there are more, each that is drawn weighs as many as it stands for. All rows are judged."""
    test_from: date | None = None
    """The first as_of of the test, in place of the last `test_as_ofs`."""
    test_as_ofs: int = Field(2, ge=1)
    """How many steps the test has; fewer, and noted, where the history is short."""
    validation_as_ofs: int = Field(2, ge=1)
    """How many steps validation has; fewer, and noted, where the history is short."""
    learning_rate: float = Field(0.03, gt=0, le=1)
    num_leaves: tuple[Annotated[int, Field(ge=2)], ...] = Field((4, 8, 16), min_length=1)
    """Sizes of tree, of which validation chooses one."""
    min_data_in_leaf: int | None = Field(None, ge=1)
    """Without it: 0.5 % of the rows, at least 20 and at most 200."""
    feature_fraction: float = Field(0.6, gt=0, le=1)
    bagging_fraction: float = Field(0.7, gt=0, le=1)
    lambda_l2: float = Field(5.0, ge=0)
    max_bin: int = Field(127, ge=2)
    max_trees: int = Field(1500, ge=1)
    patience: int = Field(50, ge=1)
    """Trees without a lower log loss on validation after which growing stops."""
    resamples: int = Field(1000, ge=100)
    """Of accounts, for every 95 % interval."""
    minimum_positives: int = Field(20, ge=1)
    """In each of training, validation and test; with fewer nothing is trained."""
    minimum_negatives: int = Field(20, ge=1)
    minimum_calibration: int = Field(40, ge=1)
    """Positives, and negatives, of validation without which the calibrator is left out, and that noted."""

    def split(self, as_ofs: Sequence[date], horizon: Horizon) -> TimeSplit:
        """The as_of of mature labels divided as these settings say; see `models.splits.split_in_time`."""
        return split_in_time(
            as_ofs,
            horizon,
            step_days=self.step_days,
            test_as_ofs=self.test_as_ofs,
            validation_as_ofs=self.validation_as_ofs,
            test_from=self.test_from,
        )

"""How the as_of of a history are divided into those that teach and those that judge, so that no label is seen twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from features.errors import RefusedError, TimeError

if TYPE_CHECKING:
    from features.clock import Horizon


@dataclass(frozen=True)
class TimeSplit:
    """Days of training, of validation and of the test, each in order and each later than the one before.

    A label looks ahead for up to `horizon.total` days: so many lie at least between the last day of training and the
    first of validation, and between the last day of refitting and the first of the test.
    """

    train: tuple[date, ...]
    """Step A: the trees are grown on these."""
    validation: tuple[date, ...]
    """Step A: the number of trees and the calibrator are chosen on these."""
    refit: tuple[date, ...]
    """Step B: the published trees are grown on these, all that end before the test begins."""
    test: tuple[date, ...]
    """Judged on these, and never looked at before."""
    notes: tuple[str, ...] = ()
    """What was given up because the history is short."""

    @property
    def days(self) -> dict[str, tuple[date, ...]]:
        """The days of each part, by its name."""
        return {"train": self.train, "validation": self.validation, "refit": self.refit, "test": self.test}


def split_in_time(
    as_ofs: Sequence[date],
    horizon: Horizon,
    *,
    step_days: int = 28,
    test_as_ofs: int = 2,
    validation_as_ofs: int = 2,
    test_from: date | None = None,
) -> TimeSplit:
    """Divides the as_of of mature labels into training, validation and test.

    The test is the last `test_as_ofs` steps (or the days from `test_from` on), validation the last `validation_as_ofs`
    steps that end before the test begins. A step is `step_days` long and may hold several as_of, as offers made day by
    day do. Where the history is too short for that many, or would leave training fewer steps than validation, first
    validation and then the test is cut, down to one step, and `notes` says so.

    Raises:
        RefusedError: the history is too short for one step of each.
        TimeError: `test_from` lies after the last day that can be judged.
    """
    days = tuple(sorted(set(as_ofs)))
    if test_from is not None and not any(day >= test_from for day in days):
        raise TimeError(
            f"The test begins at training.test_from, {test_from}, and needs an as_of on or after it whose label is "
            f"certain; there are {_listed(days)}. Choose an earlier day or leave test_from out."
        )
    for tests in range(test_as_ofs, 0, -1):
        for validations in range(validation_as_ofs, 0, -1):
            split = _split(days, horizon, step_days, tests, validations, test_from)
            if split is not None:
                return _noted(split, (test_as_ofs, validation_as_ofs), (tests, validations), test_from)
    raise RefusedError(_too_short(days, horizon, step_days, test_from))


def _split(
    days: tuple[date, ...], horizon: Horizon, step: int, tests: int, validations: int, test_from: date | None
) -> TimeSplit | None:
    test = _last(days, tests, step) if test_from is None else tuple(day for day in days if day >= test_from)
    refit = tuple(day for day in days if test and horizon.matures(day) <= test[0])
    validation = _last(refit, validations, step)
    train = tuple(day for day in refit if validation and horizon.matures(day) <= validation[0])
    enough = len({(refit[-1] - day).days // step for day in train}) >= validations
    return TimeSplit(train, validation, refit, test) if train and enough else None


def _last(days: tuple[date, ...], steps: int, step_days: int) -> tuple[date, ...]:
    """The days of the last `steps` steps, counted back from the last day on which there is anything."""
    return tuple(day for day in days if day > days[-1] - timedelta(days=steps * step_days))


def _noted(split: TimeSplit, wanted: tuple[int, int], had: tuple[int, int], test_from: date | None) -> TimeSplit:
    names = ("test", "validation")
    notes = [
        f"The history is short: {name} has {h} step{'' if h == 1 else 's'} in place of {w}."
        for name, w, h in zip(names, wanted, had, strict=True)
        if h < w and not (name == "test" and test_from is not None)
    ]
    return TimeSplit(split.train, split.validation, split.refit, split.test, tuple(notes))


def _too_short(days: tuple[date, ...], horizon: Horizon, step_days: int, test_from: date | None) -> str:
    steps_apart = -(-horizon.total // step_days)
    needed = 2 * steps_apart * step_days
    span = (days[-1] - days[0]).days if days else 0
    begins = "" if test_from is None else f", the test beginning on {test_from}"
    return (
        f"Training, validation and test lie {horizon.total} days apart (gap, horizon and confirmation), so that no "
        f"label overlaps: from the first as_of to the last whose label is certain there are at least {needed} days. "
        f"Seen: {_listed(days)}, {span} days{begins}. Bring {max(needed - span, step_days)} days more of history, or "
        "shorten the outcome's horizon_days or gap_days, or training.history_days."
    )


def _listed(days: tuple[date, ...]) -> str:
    shown = [day.isoformat() for day in days]
    if len(shown) > 12:
        shown = [*shown[:4], "...", *shown[-4:]]
    return f"{len(days)} as_of ({', '.join(shown)})" if days else "no as_of at all"

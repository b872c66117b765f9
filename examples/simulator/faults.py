"""How well it is written down: rows that come late, twice or by a clock that is wrong, and regions that fall silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from examples.simulator.chance import Words, further, sixteen
from examples.simulator.instants import DAY, SECOND, midnight, opening, within
from examples.simulator.scenario import Scenario

SHARE = 65_536.0


@dataclass(frozen=True)
class Written:
    """What became of things that happened on one day, each of which is one row or two."""

    occurred: np.ndarray
    """By whatever clock wrote it down."""
    recorded: np.ndarray
    """By a clock that is right."""
    times: np.ndarray
    """How often it is in the table: 0 where it had not arrived when the data ended, 2 where it was delivered twice."""


def write_down(day: int, luck: np.ndarray, words: Words, scenario: Scenario, end: int) -> Written:
    """Happenings of a day at chance times (`luck` below 65,536) with all their faults, as far as known before `end`.

    No clock is so wrong that the day changes, so that days of use stay what they were.
    """
    faults = scenario.faults
    happened = within(day, luck, scenario)
    lateness = sixteen(words, 0)
    late = np.where(lateness < faults.late * SHARE, (1 + lateness % faults.late_days) * DAY, 0)
    recorded = happened + (5 + (sixteen(words, 1) * 295 >> 16)) * SECOND + late
    occurred = happened.copy()
    wrong = np.flatnonzero(sixteen(words, 2) < faults.skewed * SHARE)
    by = sixteen(further(words[wrong], 1), 0)
    minutes = (1 + (by >> 1) % faults.skew_minutes) * np.where(by % 2, 1, -1)
    first, last = opening(day, scenario), midnight(day + 1, scenario) - SECOND
    occurred[wrong] = np.clip(occurred[wrong] + minutes * 60 * SECOND, first, last)
    times = 1 + (sixteen(words, 3) < faults.duplicates * SHARE)
    return Written(occurred, recorded, np.where(recorded < midnight(end, scenario), times, 0))


def again(times: np.ndarray, recorded: np.ndarray, day_end: int) -> tuple[np.ndarray, np.ndarray]:
    """The position behind each row of the table, and when it was recorded: a repeat ten minutes after the first."""
    position = np.repeat(np.arange(len(times)), times)
    repeat = np.flatnonzero(position[1:] == position[:-1]) + 1
    recorded = recorded[position]
    recorded[repeat] = np.minimum(recorded[repeat] + 600 * SECOND, day_end - SECOND)
    return position, recorded


def silent(day: int, scenario: Scenario) -> np.ndarray:
    """By region: whether its use is not recorded on that day."""
    names = {silence.region for silence in scenario.world.silences if silence.day <= day < silence.day + silence.days}
    return np.array([region in names for region in scenario.regions])

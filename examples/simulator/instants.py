"""From days of the simulation to instants: microseconds since 1970 in UTC, without a zone."""

from __future__ import annotations

from datetime import date

import numpy as np

from examples.simulator.scenario import Scenario

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def midnight(day: np.ndarray | int, scenario: Scenario) -> np.ndarray:
    """When each day begins."""
    return np.asarray(((scenario.first_day - date(1970, 1, 1)).days + np.asarray(day, np.int64)) * DAY)


def opening(day: np.ndarray | int, scenario: Scenario) -> np.ndarray:
    """The first instant of each day at which anything happens."""
    return midnight(day, scenario) + scenario.hours[0] * HOUR


def within(day: np.ndarray | int, luck: np.ndarray, scenario: Scenario) -> np.ndarray:
    """An instant of each day within the scenario's hours, to the second; `luck` is below 65,536."""
    first, last = scenario.hours
    return np.asarray(opening(day, scenario) + (luck * ((last - first) * 3600) >> 16) * SECOND)


def stamps(instants: np.ndarray) -> np.ndarray:
    """The same instants, as numpy knows them."""
    return instants.astype("datetime64[us]")

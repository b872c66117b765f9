"""What the invented company sells: plans, products, things that attach to them, and the ways from plan to plan."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

FIRST_DAY = date(2024, 7, 2)
"""The first day that the company's tables cover."""

PLANS = pd.DataFrame(
    {
        "plan": ["starter", "team", "business", "enterprise"],
        "tier": [1, 2, 3, 4],
        "family": "suite",
        "list_price": [9.0, 15.0, 24.0, 38.0],
        "released_at": [datetime(2019, 3, 1), datetime(2019, 3, 1), datetime(2020, 9, 1), datetime(2022, 2, 1)],
        "seat_limit": [10, 40, 150, np.nan],
        "quantity_limit": [150.0, 600.0, 2400.0, np.nan],
    }
)
"""One row a plan; `list_price` is a month and seat, `quantity_limit` is what 28 days may hold."""

PRODUCTS = pd.DataFrame(
    [
        ("boards", "plan", True, datetime(2019, 3, 1), 1, "main_street", 0.0),
        ("tasks", "plan", True, datetime(2019, 3, 1), 1, "main_street", 0.0),
        ("calendar", "plan", False, datetime(2019, 11, 1), 1, "main_street", 0.5),
        ("reports", "insight", False, datetime(2020, 4, 1), 1, "main_street", 0.4),
        ("dashboards", "insight", False, datetime(2021, 6, 1), 2, "tornado", 0.3),
        ("forecasts", "insight", False, datetime(2023, 5, 1), 3, "chasm", -0.4),
        ("automations", "flow", False, datetime(2021, 1, 1), 1, "tornado", 0.3),
        ("approvals", "flow", False, datetime(2022, 3, 1), 2, "tornado", 0.0),
        ("api", "link", False, datetime(2020, 8, 1), 2, "main_street", -0.1),
        ("connectors", "link", False, datetime(2022, 10, 1), 1, "tornado", 0.2),
        ("assistant", "flow", False, datetime(2025, 2, 3), 2, "early", -0.2),
    ],
    columns=["product", "family", "core", "launched_at", "min_tier", "market", "pull"],
)
"""One row a product; `pull` (how easily it is taken on, in log-hazard) is the simulator's and not of the contract."""

LAUNCHED_ON = (PRODUCTS["launched_at"] - datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)).dt.days.to_numpy()
"""The day on which each product came out, counted from the first day."""

FAMILIES = tuple(dict.fromkeys(PRODUCTS["family"]))
FAMILY_OF = np.array([FAMILIES.index(family) for family in PRODUCTS["family"]])
CORE = PRODUCTS["core"].to_numpy(dtype=bool)
MIN_TIER = PRODUCTS["min_tier"].to_numpy(dtype=int) - 1
PULL = PRODUCTS["pull"].to_numpy(dtype=float)
METERED = {"api": 0.02, "connectors": 0.01}
"""Price of one unit of a product that is charged by use."""

ACCESSORIES = (
    "spreadsheet sync",
    "mail plug-in",
    "chat bridge",
    "time tracker",
    "file vault",
    "single sign-on",
)
BREAKS_IN = {"spreadsheet sync": 3, "time tracker": 2, "file vault": 4}
"""The tier from which on an accessory no longer works."""

UPGRADE_PATHS = pd.DataFrame(
    {
        "from_plan": ["starter", "team", "business", "starter"],
        "to_plan": ["team", "business", "enterprise", "business"],
        "available_at": [datetime(2019, 3, 1), datetime(2020, 9, 1), datetime(2022, 2, 1), datetime(2021, 1, 1)],
        "new_capabilities": [3, 2, 1, 5],
        "migration_hours": [2.0, 12.0, 40.0, 16.0],
    }
)

MILESTONES = {"first import": 7, "team invited": 14, "first report": 30, "live": 45}
"""A step of getting started and the days after signing up by which it is due."""


def plans() -> pd.DataFrame:
    """The plans with their limits as whole numbers; one row a plan."""
    return PLANS.astype({"seat_limit": "Int64"})


def compatibility() -> pd.DataFrame:
    """What works with what; one row an (accessory, plan)."""
    rows = [
        (accessory, plan, tier < BREAKS_IN.get(accessory, 99), datetime(2022, 2, 1))
        for accessory in ACCESSORIES
        for plan, tier in zip(PLANS["plan"], PLANS["tier"], strict=True)
    ]
    return pd.DataFrame(rows, columns=["accessory", "plan", "works", "since"])


def breaks() -> np.ndarray:
    """Whether an accessory stops working one tier up; shape (accessories, current tier 0..3)."""
    last = np.array([BREAKS_IN.get(accessory, 99) for accessory in ACCESSORIES])
    following = np.arange(1, len(PLANS) + 1) + 1
    return (following[None, :] >= last[:, None]) & (np.arange(1, len(PLANS) + 1)[None, :] < last[:, None])

"""What the invented company's systems wrote down of its accounts' lives: use, answers, contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from examples import market
from examples.accounts import Population
from examples.lives import ACTIONS_PER_VISIT, Lives

LATE_SHARE = 0.012
"""Of the rows of use, so many arrive one to five days later than they happened."""
TWICE_SHARE = 0.001
"""Of the rows of use, so many are delivered twice."""
INCIDENT_DAYS = 0.03
"""Share of the days on which something is broken in one region."""
ERRORS_USUALLY, ERRORS_ON_INCIDENT = 0.012, 0.14


def instants(day: np.ndarray, rng: np.random.Generator) -> pd.DatetimeIndex:
    """An instant within working hours of each day, which is the same local day in Europe."""
    seconds = rng.integers(6 * 3600, 17 * 3600, len(day))
    return midnights(day) + pd.to_timedelta(seconds, unit="s").as_unit("us")


def midnights(day: np.ndarray) -> pd.DatetimeIndex:
    """The beginning of each day, as naive UTC."""
    first = np.datetime64(market.FIRST_DAY.isoformat(), "D")
    return pd.DatetimeIndex((first + np.asarray(day, dtype="timedelta64[D]")).astype("datetime64[us]"))


def consumption(lives: Lives, population: Population, days: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row a visit of a user to a product, and a few that were delivered twice."""
    use = lives.use.loc[lives.use.index.repeat(lives.use["visits"])].reset_index(drop=True)
    account, product, day = (use[name].to_numpy() for name in ("account", "product", "day"))
    count = len(use)
    users = np.maximum(population.seats[account] * (0.45 + 0.3 * lives.states["champion"][day, account]), 1.0)
    user = np.floor(users * rng.random(count) ** 1.8).astype(int)
    quantity = 1 + rng.poisson(ACTIONS_PER_VISIT - 1, count)
    broken = rng.random((days, population.region.max() + 1)) < INCIDENT_DAYS
    chance = np.where(broken[day, population.region[account]], ERRORS_ON_INCIDENT, ERRORS_USUALLY)
    price = market.PRODUCTS["product"].map(market.METERED).to_numpy(dtype=float)
    occurred = instants(day, rng)
    late = np.where(rng.random(count) < LATE_SHARE, rng.integers(1, 6, count), 0)
    frame = pd.DataFrame(
        {
            "event_id": "E" + pd.Series(pa.array(10**7 + np.arange(count)).cast(pa.string()).to_pandas(), dtype="str"),
            "account_id": _named(population.frame["account_id"], account),
            "occurred_at": occurred,
            "recorded_at": occurred
            + pd.to_timedelta(late * 86400 + rng.integers(5, 300, count), unit="s").as_unit("us"),
            "product": _named(market.PRODUCTS["product"], product),
            "user_id": _users(population, account, user),
            "quantity": quantity.astype(float),
            "value": np.round(price[product] * quantity, 4),
            "status": _named(pd.Series(["ok", "error"]), (rng.random(count) < chance).astype(int)),
        }
    )
    twice = frame.sample(frac=TWICE_SHARE, random_state=rng)
    frame = pd.concat([frame, twice], ignore_index=True)
    arrived = frame["recorded_at"] < midnights(np.array([days]))[0]
    return frame[arrived].sort_values(["occurred_at", "event_id"], kind="stable", ignore_index=True)


def satisfaction(lives: Lives, population: Population, days: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row an answer: a quarterly question to all, one after each ticket, a thumb now and then."""
    mood = lives.states["satisfaction"]
    alive = lives.states["alive"] > 0
    n = len(population)
    asked = (np.arange(days)[:, None] + rng.integers(0, 90, n)[None, :]) % 90 == 0
    day, account = np.nonzero(asked & alive & (rng.random((days, n)) < 0.4))
    nps = _answers(
        "nps", account, day, np.clip(np.round(7.3 + 2.2 * mood[day, account] + _noise(day, rng, 1.1)), 0, 10)
    )
    closed = lives.tickets[lives.tickets["resolved"] < days - 1]
    closed = closed[rng.random(len(closed)) < 0.4]
    day, account = np.ceil(closed["resolved"].to_numpy()).astype(int), closed["account"].to_numpy()
    late = closed["late"].to_numpy()
    content = mood[day, account] - 0.7 * late + _noise(day, rng, 0.6)
    csat = _answers("csat", account, day, np.clip(np.round(3.7 + 0.9 * content), 1, 5))
    effort = 4.8 + 0.8 * mood[day, account] - 1.2 * late + _noise(day, rng, 1.0)
    half = rng.random(len(day)) < 0.5
    ces = _answers("ces", account[half], day[half], np.clip(np.round(effort[half]), 1, 7))
    day, account = np.nonzero(alive & (rng.random((days, n)) < 0.004))
    happy = rng.random(len(day)) < 1 / (1 + np.exp(-0.8 - 1.2 * mood[day, account]))
    frame = pd.concat([nps, csat, ces, _answers("thumbs", account, day, happy.astype(float))], ignore_index=True)
    return _dated(frame, population, rng)


def interactions(lives: Lives, population: Population, rng: np.random.Generator) -> pd.DataFrame:
    """One row a contact; meetings come of champions, advocacy of content accounts, community of interest."""
    states = lives.states
    large = 1.0 + population.segment[None, :]
    rates = {
        "meeting": 0.0012 * large * (0.25 + states["champion"]),
        "call": 0.0015 * large,
        "email": 0.004 + 0.004 * states["champion"],
        "review": 0.0008 * large * (0.4 + states["champion"]),
        "referral": 0.0004 * np.exp(1.2 * states["satisfaction"] + 0.5 * states["trust"]),
        "advocacy": 0.0003 * np.exp(1.2 * states["satisfaction"] + 0.5 * states["trust"]),
        "community": 0.0016 * np.exp(0.9 * states["interest"]),
    }
    inbound = {"referral", "advocacy", "community"}
    frames = []
    for kind, rate in rates.items():
        day, account = np.nonzero((rng.random(rate.shape) < rate) & (states["alive"] > 0))
        towards = np.where(rng.random(len(day)) < 0.35, "in", "out") if kind not in inbound else "in"
        frames.append(pd.DataFrame({"account": account, "day": day, "kind": kind, "direction": towards}))
    return _dated(pd.concat(frames, ignore_index=True), population, rng)


def _named(names: pd.Series, position: np.ndarray) -> pd.Series:
    """The name at each position."""
    return names.astype("str").take(position).reset_index(drop=True)


def _users(population: Population, account: np.ndarray, user: np.ndarray) -> pd.Series:
    """The id of each account's user of that number."""
    codes, position = np.unique(account * 10_000 + user, return_inverse=True)
    ids = population.frame["account_id"].to_numpy()[codes // 10_000]
    return _named(
        pd.Series([f"{account_id}-{number}" for account_id, number in zip(ids, codes % 10_000, strict=True)]), position
    )


def _noise(like: np.ndarray, rng: np.random.Generator, scale: float) -> np.ndarray:
    return scale * rng.standard_normal(len(like))


def _answers(instrument: str, account: np.ndarray, day: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"account": account, "day": day, "instrument": instrument, "score": score.astype(float)})


def _dated(frame: pd.DataFrame, population: Population, rng: np.random.Generator) -> pd.DataFrame:
    """Positions and days become ids and instants; in the order in which things happened."""
    dated = frame.assign(
        account_id=population.frame["account_id"].to_numpy()[frame["account"].to_numpy()],
        occurred_at=instants(frame["day"].to_numpy(), rng),
    )
    columns = ["account_id", "occurred_at", *(c for c in frame.columns if c not in {"account", "day"})]
    return dated[columns].sort_values(["occurred_at", "account_id"], kind="stable", ignore_index=True)

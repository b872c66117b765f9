"""What the invented company's books hold: accounts, contracts, tickets, milestones, accessories and offers.

Whatever was not yet known when the data ends is left out: an end nobody announced, an answer that has not come.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from examples import market
from examples.accounts import Population
from examples.contracts import monthly_revenue
from examples.lives import Lives
from examples.traces import instants, midnights

NOON = pd.Timedelta(hours=11)


def accounts(population: Population) -> pd.DataFrame:
    """One row an account; what it says has held since it signed up."""
    signed_up = midnights(population.signed_up) + pd.Timedelta(hours=8)
    return population.frame.assign(signed_up_at=signed_up, valid_from=signed_up)


def subscriptions(lives: Lives, population: Population, days: int) -> pd.DataFrame:
    """One row a period of constant terms."""
    terms = lives.subscriptions[lives.subscriptions["opened"] < days].reset_index(drop=True)
    started = midnights(terms["opened"].to_numpy()) + NOON
    noticed = terms["notice"] < days
    ended = _until(terms["ended"], noticed | (terms["ended"] < days), NOON)
    return pd.DataFrame(
        {
            "subscription_id": np.char.mod("S%06d", np.arange(1, len(terms) + 1)),
            "account_id": _ids(population, terms["account"]),
            "plan": market.PLANS["plan"].to_numpy()[terms["tier"]],
            "started_at": started,
            "ended_at": ended,
            "cancelled_at": _until(terms["notice"], noticed, pd.Timedelta(hours=10)),
            "mrr": monthly_revenue(terms["tier"].to_numpy(), terms["seats"].to_numpy(), terms["discount"].to_numpy()),
            "seats": terms["seats"].to_numpy(),
            "term_months": np.where(terms["annual"], 12, 1),
            "renews_at": _first_renewal(terms) + NOON,
            "auto_renew": terms["auto_renew"].to_numpy(),
            "discount": terms["discount"].to_numpy(),
        }
    )


def tickets(lives: Lives, population: Population, days: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row a request for help; open ones have no resolution yet."""
    asked = lives.tickets
    opened = instants(asked["day"].to_numpy(), rng)
    closed_on = np.ceil(asked["resolved"].to_numpy()).astype(int)
    later = np.maximum(closed_on - asked["day"].to_numpy(), 0)
    hours = np.where(later <= 1, 0, later * 24 - 2)
    resolved = pd.Series(opened + pd.to_timedelta(np.where(later <= 1, 40, hours * 60), unit="m").as_unit("us"))
    known = resolved < midnights(np.array([days]))[0]
    return pd.DataFrame(
        {
            "ticket_id": np.char.mod("T%06d", np.arange(1, len(asked) + 1)),
            "account_id": _ids(population, asked["account"]),
            "opened_at": opened,
            "kind": asked["kind"],
            "severity": asked["severity"],
            "promised_by": midnights(asked["promised"].to_numpy()) + pd.Timedelta(hours=18),
            "resolved_at": resolved.where(known),
            "reopened": asked["reopened"].astype("boolean").where(known),
        }
    )


def milestones(lives: Lives, population: Population, days: int) -> pd.DataFrame:
    """One row an account and step of getting started."""
    joined = population.signed_up < days
    account = np.repeat(np.flatnonzero(joined), len(market.MILESTONES))
    step = np.tile(np.arange(len(market.MILESTONES)), joined.sum())
    due = population.signed_up[account] + np.array(list(market.MILESTONES.values()))[step]
    reached = pd.Series(lives.milestones[joined].ravel())
    gone = lives.subscriptions.groupby("account")["ended"].max().reindex(range(len(population))).to_numpy()[account]
    there = (reached < days) & (reached < gone)
    return pd.DataFrame(
        {
            "account_id": _ids(population, pd.Series(account)),
            "milestone": np.array(list(market.MILESTONES))[step],
            "due_at": midnights(due) + NOON,
            "reached_at": _until(reached, there, pd.Timedelta(hours=15)),
        }
    )


def accessories(lives: Lives, population: Population, days: int) -> pd.DataFrame:
    """One row a thing attached."""
    gone = lives.subscriptions.groupby("account")["ended"].max()
    attached = lives.accessories
    until = attached["detached"].clip(upper=attached["account"].map(gone))
    there = attached["attached"] < until
    attached, until = attached[there], until[there].reset_index(drop=True)
    return pd.DataFrame(
        {
            "account_id": _ids(population, attached["account"]),
            "accessory": np.array(market.ACCESSORIES)[attached["accessory"]],
            "attached_at": midnights(attached["attached"].to_numpy()) + NOON,
            "detached_at": _until(until, until < days, pd.Timedelta(hours=16)),
        }
    )


def offers(lives: Lives, population: Population, days: int) -> pd.DataFrame:
    """One row an approach; an answer that has not come is missing."""
    made = lives.offers
    answered = made["responded"] < days
    return pd.DataFrame(
        {
            "offer_id": np.char.mod("O%06d", np.arange(1, len(made) + 1)),
            "account_id": _ids(population, made["account"]),
            "offered_at": midnights(made["day"].to_numpy()) + pd.Timedelta(hours=9),
            "kind": made["kind"],
            "target": made["target"],
            "channel": made["channel"],
            "cost": made["cost"],
            "assigned": np.where(made["targeted"], "targeted", "random"),
            "treated": made["treated"],
            "responded_at": _until(made["responded"], answered, pd.Timedelta(hours=17)),
            "accepted": made["accepted"].astype("boolean").where(answered),
        }
    )


def _ids(population: Population, account: pd.Series) -> np.ndarray:
    return np.asarray(population.frame["account_id"].to_numpy()[account.to_numpy()])


def _until(day: pd.Series, known: pd.Series, hour: pd.Timedelta) -> pd.Series:
    """The instant at that hour of each day, missing where it is not known."""
    shown = pd.Series(midnights(day.where(known, 0).to_numpy()) + hour)
    return shown.where(known.to_numpy())


def _first_renewal(terms: pd.DataFrame) -> pd.DatetimeIndex:
    """The first day after `opened` that is a whole number of terms after `signed`."""
    length = np.where(terms["annual"], 365, 30)
    passed = (terms["opened"] - terms["signed"]).to_numpy() // length + 1
    return midnights(terms["signed"].to_numpy() + passed * length)

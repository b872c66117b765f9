"""What the books hold: accounts, subscriptions, tickets, milestones, accessories and offers.

Whatever was not yet known when the data ends is left out: an end nobody announced, an answer that has not come.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from examples.simulator.chance import Chance, sixteen
from examples.simulator.contracts import TERMS
from examples.simulator.helpdesk import KINDS as REQUESTS
from examples.simulator.helpdesk import SEVERITIES, TICKETS
from examples.simulator.instants import DAY, HOUR, SECOND, midnight, opening, stamps, within
from examples.simulator.lives import Company
from examples.simulator.log import Log
from examples.simulator.names import account_ids, names
from examples.simulator.outreach import OFFERS
from examples.simulator.population import KINDS
from examples.simulator.scenario import NEVER, Scenario

CHANNELS, COSTS = np.array(["email", "call"]), np.array([0.5, 25.0])
"""By which offers are made, and what one costs."""
MINUTES_AT_LEAST = 40
"""That a request takes which is dealt with at once."""


def accounts(company: Company) -> pd.DataFrame:
    """One row an account; what it says has held since it signed up."""
    scenario, who = company.scenario, company.population
    signed_up = stamps(opening(who.signed_up, scenario))
    frame = pd.DataFrame(
        {
            "account_id": account_ids(who.number),
            "name": names(scenario, len(who), company.chance),
            "owner": np.array(scenario.owners)[who.owner],
            "segment": np.array([segment.name for segment in scenario.segments])[who.segment],
            "region": np.array(scenario.regions)[who.region],
        }
    )
    if scenario.industries:
        frame["industry"] = np.array(scenario.industries)[who.industry]
    people = 1.2 + 4.8 * company.chance.uniform("people", who.number) if scenario.names == "business" else 1.0
    size = np.round(who.seats * people).astype(int).astype(str)
    return frame.assign(size=size, signed_up_at=signed_up, valid_from=signed_up)


def subscriptions(company: Company, log: Log, end: int) -> pd.DataFrame:
    """One row a period of constant terms; where there is no contract, a plan held, of whose end nobody tells."""
    scenario, who = company.scenario, company.population
    terms = log.frame("terms", TERMS)
    terms = terms[terms["opened"] < end].reset_index(drop=True)
    account, tier = terms["account"].to_numpy(), terms["tier"].to_numpy()
    seats, opened, ended = (terms[name].to_numpy() for name in ("seats", "opened", "ended"))
    followed = np.append(account[1:] == account[:-1], False)
    noticed = scenario.contractual & (terms["notice"].to_numpy() < end)
    over = noticed | (ended < end) if scenario.contractual else followed
    frame = pd.DataFrame(
        {
            "subscription_id": _numbered("S", len(terms)),
            "account_id": account_ids(account),
            "plan": np.array([plan.name for plan in scenario.plans])[tier],
            "started_at": stamps(opening(opened, scenario)),
            "ended_at": _where(over, opening(ended, scenario)),
            "seats": seats,
        }
    )
    if not scenario.contractual:
        return frame
    price = np.array([plan.price for plan in scenario.plans])[tier] * terms["price_level"].to_numpy()
    length = np.where(terms["long_term"], scenario.long_days, scenario.short_days)
    signed = terms["signed"].to_numpy()
    renewal = signed + ((opened - signed) // length + 1) * length
    return frame.assign(
        cancelled_at=_where(noticed, midnight(terms["notice"].to_numpy(), scenario) + 10 * HOUR),
        mrr=np.round(price * seats * (1 - who.discount[account]), 2),
        term_months=np.maximum(np.round(length / 30.4), 1).astype(int),
        renews_at=stamps(opening(renewal, scenario)),
        auto_renew=who.auto_renew[account],
        discount=who.discount[account],
    )


def tickets(scenario: Scenario, log: Log, chance: Chance, end: int) -> pd.DataFrame:
    """One row a request for help; open ones have no resolution yet.

    The promise is the end of a day's hours; what is late comes after it, what is not before.
    """
    asked = log.frame("tickets", TICKETS)
    account, day, promised, closes = (asked[name].to_numpy() for name in ("account", "day", "promised", "resolved"))
    opened = within(day, sixteen(chance.words("opens", day, account), 0), scenario)
    later = np.ceil(closes).astype(int) - day
    resolved = opened + np.where(later <= 1, MINUTES_AT_LEAST * 60 * SECOND, later * DAY - 2 * HOUR)
    known = resolved < midnight(end, scenario)
    return pd.DataFrame(
        {
            "ticket_id": _numbered("T", len(asked)),
            "account_id": account_ids(account),
            "opened_at": stamps(opened),
            "kind": np.array(REQUESTS)[asked["kind"]],
            "severity": np.array(SEVERITIES)[asked["severity"]],
            "promised_by": stamps(midnight(promised, scenario) + scenario.hours[1] * HOUR),
            "resolved_at": _where(known, resolved),
            "reopened": pd.Series(asked["reopened"].to_numpy(bool)).astype("boolean").where(known),
        }
    )


def milestones(company: Company, end: int) -> pd.DataFrame:
    """One row an account and step of getting started."""
    scenario, who = company.scenario, company.population
    steps = np.array(list(scenario.milestones))
    at, step = (part.ravel() for part in np.indices((len(who), len(steps))))
    reached = who.milestones[at, step]
    return pd.DataFrame(
        {
            "account_id": np.array(account_ids(who.number))[at],
            "milestone": steps[step],
            "due_at": stamps(opening(who.signed_up[at] + np.array(list(scenario.milestones.values()))[step], scenario)),
            "reached_at": _where(
                (reached < end) & (reached < company.state.ends_on[at]), opening(reached, scenario) + 4 * HOUR
            ),
        }
    )


def accessories(company: Company, end: int) -> pd.DataFrame:
    """One row a thing attached; a contract that ends takes what is attached with it."""
    scenario, who = company.scenario, company.population
    gone = company.state.ends_on[:, None] if scenario.contractual else np.array([[NEVER]])
    until = np.minimum(who.detached, gone)
    there = (who.attached < np.minimum(until, end)) & (who.attached < company.state.ends_on[:, None])
    at, kind = np.nonzero(there)
    attached, until = who.attached[at, kind], until[at, kind]
    return pd.DataFrame(
        {
            "account_id": account_ids(who.number[at]),
            "accessory": np.array([accessory.name for accessory in scenario.accessories])[kind],
            "attached_at": stamps(opening(attached, scenario) + HOUR),
            "detached_at": _where(until < end, opening(until, scenario) + 2 * HOUR),
        }
    )


def offers(scenario: Scenario, log: Log, end: int) -> pd.DataFrame:
    """One row an approach, or one that was held back for comparison; an answer that has not come is missing."""
    made = log.frame("offers", OFFERS)
    kind, target, channel = (made[name].to_numpy() for name in ("kind", "target", "channel"))
    plans = np.array([plan.name for plan in scenario.plans], dtype=object)
    products = np.array([product.name for product in scenario.products], dtype=object)
    about = np.full(len(made), None, dtype=object)
    for what, named in (("upgrade", plans), ("adoption", products)):
        chosen = kind == KINDS.index(what)
        about[chosen] = named[target[chosen]]
    answered = made["responded"].to_numpy() < end
    return pd.DataFrame(
        {
            "offer_id": _numbered("O", len(made)),
            "account_id": account_ids(made["account"].to_numpy()),
            "offered_at": stamps(midnight(made["day"].to_numpy(), scenario) + 9 * HOUR),
            "kind": np.array(KINDS)[kind],
            "target": about,
            "channel": CHANNELS[channel],
            "cost": COSTS[channel],
            "assigned": np.where(made["targeted"], "targeted", "random"),
            "treated": made["treated"].to_numpy(bool),
            "responded_at": _where(answered, midnight(made["responded"].to_numpy(), scenario) + 17 * HOUR),
            "accepted": pd.Series(made["accepted"].to_numpy(bool)).astype("boolean").where(answered),
        }
    )


def _numbered(letter: str, count: int) -> list[str]:
    return [f"{letter}{number:07d}" for number in range(1, count + 1)]


def _where(known: np.ndarray, instants: np.ndarray) -> np.ndarray:
    """Instants, missing where they are not known."""
    return np.where(known, stamps(instants), np.datetime64("NaT", "us"))

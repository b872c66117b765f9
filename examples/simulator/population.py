"""Who the accounts are on the day they sign up: nothing here changes afterwards."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from examples.simulator.chance import Chance
from examples.simulator.coefficients import Kind
from examples.simulator.scenario import NEVER, Scenario

KINDS: tuple[Kind, ...] = ("retention", "upgrade", "adoption")
PEOPLE = ("persuadable", "sure thing", "lost cause", "better left asleep")
"""How an account answers to being approached."""


@dataclass(frozen=True)
class Population:
    """The accounts, as arrays of one element an account; days count from the simulation's first."""

    number: np.ndarray
    """Which account it is: all its chance depends on this and on the seed."""
    signed_up: np.ndarray
    segment: np.ndarray
    region: np.ndarray
    owner: np.ndarray
    industry: np.ndarray
    seats: np.ndarray
    """At the start."""
    tier: np.ndarray
    """Position of the first plan: 0 is the lowest."""
    long_term: np.ndarray
    discount: np.ndarray
    auto_renew: np.ndarray
    silent: np.ndarray
    """Would leave without a notice that is written down."""
    fit: np.ndarray
    """How well the product suits it; standard normal, known to nobody."""
    temper: np.ndarray
    """How satisfied it is, all else equal; standard normal."""
    intensity: np.ndarray
    """How much it does with a seat; standard normal."""
    slowness: np.ndarray
    """How late its requests tend to be dealt with; log scale."""
    milestones: np.ndarray
    """(accounts, milestones): the day on which each step is reached, if it stays."""
    attached: np.ndarray
    """(accounts, accessories): the day on which it is attached; never where it is not."""
    detached: np.ndarray
    people: np.ndarray
    """(accounts, kinds of offer): a position in `PEOPLE`."""

    def __len__(self) -> int:
        return len(self.number)

    @property
    def usual_need(self) -> np.ndarray:
        """What the level of need returns to in the long run."""
        return 0.45 * self.intensity

    def take(self, rows: slice | np.ndarray) -> Population:
        """Some of the accounts."""
        return Population(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})


def gather(scenario: Scenario, accounts: int, days: int, chance: Chance) -> Population:
    """Accounts of which a stated share was there before the first day, the others joining over time."""
    who = np.arange(accounts)
    segment = chance.choose([s.share for s in scenario.segments], "segment", who)
    owner = chance.whole(0, len(scenario.owners), "owner", who)
    signed_up = np.where(
        chance.happens(scenario.early, "early", who),
        chance.whole(-900, 0, "signed up before", who),
        chance.whole(0, max(days - 14, 1), "signed up later", who),
    )
    typical = np.array([s.size for s in scenario.segments])[segment]
    seats = np.maximum(1, np.round(typical * np.exp(0.5 * chance.shock("size", who) * (typical > 1.5))))
    tier = _first_tier(scenario, signed_up, seats, chance, who)
    limit = np.array([plan.seat_limit or np.inf for plan in scenario.plans])[tier]
    seats = np.minimum(seats, limit)
    diligence = chance.shock("diligence", who)
    attached, detached = _attach(scenario, signed_up, chance, who)
    slow_owner = 0.45 * chance.shock("slow owner", np.arange(len(scenario.owners)))
    slowness = slow_owner[owner] + 0.5 * chance.shock("slowness", who)
    kinds = np.arange(len(KINDS))
    shares = np.cumsum([scenario.treatments[kind].kinds_of_people[:-1] for kind in KINDS], axis=1)
    return Population(
        number=who,
        signed_up=signed_up,
        segment=segment,
        region=chance.whole(0, len(scenario.regions), "region", who),
        owner=owner,
        industry=chance.whole(0, max(len(scenario.industries), 1), "industry", who),
        seats=seats.astype(int),
        tier=tier,
        long_term=chance.happens(np.array([s.long_term for s in scenario.segments])[segment], "long term", who),
        discount=np.array([0.0, 0.0, 0.0, 0.05, 0.1, 0.2])[chance.whole(0, 6, "discount", who)],
        auto_renew=chance.happens(0.8, "auto renew", who),
        silent=chance.happens(scenario.silent, "silent", who),
        fit=chance.shock("fit", who),
        temper=chance.shock("temper", who),
        intensity=chance.shock("intensity", who),
        slowness=slowness,
        milestones=_milestones(scenario, signed_up, diligence, chance, who),
        attached=attached,
        detached=detached,
        people=(chance.uniform("people", who[:, None], kinds[None, :])[:, :, None] > shares[None]).sum(axis=2),
    )


def _first_tier(
    scenario: Scenario, signed_up: np.ndarray, seats: np.ndarray, chance: Chance, who: np.ndarray
) -> np.ndarray:
    """The plan that the size asks for, or the one beside it; never one that had not come out."""
    limits = [plan.seat_limit for plan in scenario.plans if plan.seat_limit is not None]
    aside = np.array([-1, 0, 1])[chance.choose([0.22, 0.68, 0.10], "plan beside", who)]
    if limits:
        wanted = np.searchsorted(0.7 * np.array(limits), seats, side="right") + aside
    else:
        wanted = chance.choose([0.42, 0.34, 0.18, 0.06][: len(scenario.plans)], "plan", who)
    released = np.array([scenario.day(plan.released) for plan in scenario.plans])
    out = np.searchsorted(np.maximum.accumulate(released), signed_up, side="right") - 1
    return np.asarray(np.clip(wanted, 0, np.clip(out, 0, len(scenario.plans) - 1)))


def _milestones(
    scenario: Scenario, signed_up: np.ndarray, diligence: np.ndarray, chance: Chance, who: np.ndarray
) -> np.ndarray:
    """A step takes its time times a log-normal pace; where that is too slow it is never taken."""
    due = np.array(list(scenario.milestones.values()))
    pace = np.exp(
        -0.45 * diligence[:, None] + 0.45 * chance.shock("pace", who[:, None], np.arange(len(due))[None, :]) - 0.25
    )
    reached = signed_up[:, None] + np.ceil(np.maximum.accumulate(due * pace, axis=1)).astype(int)
    return np.where(np.maximum.accumulate(pace > 2.2, axis=1), NEVER, reached)


def _attach(
    scenario: Scenario, signed_up: np.ndarray, chance: Chance, who: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """When each account attaches and detaches each accessory."""
    account, kinds = who[:, None], np.arange(len(scenario.accessories))[None, :]
    has = chance.happens(np.array([a.share for a in scenario.accessories])[None, :], "attaches", account, kinds)
    attached = np.maximum(signed_up, -800)[:, None] + chance.whole(3, 220, "attached after", account, kinds)
    stays = (-900.0 * np.log(chance.uniform("attached for", account, kinds))).astype(int) + 20
    return np.where(has, attached, NEVER), np.where(has, attached + stays, NEVER)

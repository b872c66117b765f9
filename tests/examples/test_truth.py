"""The told probabilities are those of the simulated lives: what then happens, happens as often as they say."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from examples.company import write_company
from examples.scenarios import SCENARIOS
from examples.simulator.chance import Chance
from examples.simulator.drift import use_rates
from examples.simulator.drivers import CHURN, DRIVERS, IDEAS_OF, Course, donors
from examples.simulator.futures import Outlook, Prospect, outlook
from examples.simulator.lives import Company
from examples.simulator.outreach import force
from examples.simulator.population import PEOPLE
from examples.simulator.scenario import Scenario
from examples.simulator.seen import TELLS_OF_NONE
from examples.simulator.state import State
from examples.simulator.teller import Teller
from examples.simulator.truth import write_truth
from examples.simulator.world import World
from features.data_settings import DataSettings
from features.errors import InputError
from features.library.ideas import IDEAS
from features.reading.opening import open_tables

DAY, ACCOUNTS, SEED = 150, 1500, 11
KINDS_OF_COMPANY = ("software", "car")
"""One with contracts, one without."""


A_FEW: dict[str, Any] = {
    "scenario": SCENARIOS["software"],
    "accounts": 20,
    "seed": 3,
    "as_ofs": [date(2024, 10, 1)],
    "futures": 2,
}


@dataclass(frozen=True)
class Happened:
    """What became of the accounts of a company within the horizon, and what was told of them before."""

    prospect: Prospect
    course: Course
    told: Outlook
    left: np.ndarray
    moved: np.ndarray
    taken: np.ndarray
    """(accounts, products)."""
    asked: np.ndarray
    """Accounts whose mind was not made up, and to whom it did not happen in the gap: left, moved."""
    asked_to_move: np.ndarray
    pairs: np.ndarray


@pytest.fixture(scope="module", params=KINDS_OF_COMPANY)
def happened(request: pytest.FixtureRequest) -> Happened:
    scenario = SCENARIOS[request.param]
    opens, closes = DAY + scenario.gap_days, DAY + scenario.gap_days + scenario.horizon_days
    company = Company.found(scenario, ACCOUNTS, 300, SEED, log=False)
    state = company.state
    first_move = np.full(ACCOUNTS, 10**6)
    course = None
    quiet = np.ones(ACCOUNTS, bool)
    for today in company.live(closes):
        if today.day == DAY - 1:
            course = Course(state.copy(), company.population)
        if course is None:
            tier = state.tier.copy()
            continue
        up = state.tier > tier
        first_move = np.where(up, np.minimum(first_move, today.day), first_move)
        tier = state.tier.copy()
        if opens <= today.day < closes:
            rate = use_rates(state, today.day, today.rhythm, scenario).sum(axis=1) * state.alive(today.day)
            first_days = (state.adopted_on <= today.day) & (today.day < state.adopted_on + scenario.min_days)
            sure = (state.uses & first_days).any(axis=1) & state.alive(today.day)
            used = Chance(99).happens(-np.expm1(-rate), "use", today.day, np.arange(ACCOUNTS)) | sure
            quiet &= ~used
    assert course is not None
    before = course.state
    prospect = Prospect(scenario, SEED, DAY, tuple(company.spreads[DAY:closes]))
    told = outlook(prospect, course, futures=8)
    open_minded = before.alive(DAY) & ~before.leaving(DAY)
    label_day = state.adopted_on + scenario.min_days - 1
    taken = ~before.uses & (label_day >= opens) & (label_day < closes)
    early = ~before.uses & (label_day < opens)
    if scenario.contractual:
        left, asked = (state.ends_on >= opens) & (state.ends_on < closes), open_minded & (state.ends_on >= opens)
    else:
        left, asked = quiet, open_minded
    return Happened(
        prospect=prospect,
        course=course,
        told=told,
        left=left,
        moved=(first_move >= opens) & (first_move < closes),
        taken=taken,
        asked=asked,
        asked_to_move=open_minded & (first_move >= opens),
        pairs=open_minded[:, None] & ~before.uses & ~early,
    )


def agrees(told: np.ndarray, happened: np.ndarray) -> bool:
    """Whether as many things happened as were told, within four standard deviations of so many draws."""
    spread = np.sqrt((told * (1 - told)).sum())
    return bool(abs(happened.sum() - told.sum()) <= 4 * spread)


def test_as_many_leave_as_was_told(happened: Happened) -> None:
    who = happened.asked
    assert agrees(happened.told.churn[who], happened.left[who])


def test_as_many_move_up_as_was_told(happened: Happened) -> None:
    who = happened.asked_to_move
    assert agrees(happened.told.upgrade[who], happened.moved[who])


def test_as_many_products_are_taken_on_as_was_told(happened: Happened) -> None:
    assert agrees(happened.told.adoption[happened.pairs], happened.taken[happened.pairs])


@pytest.mark.parametrize("outcome", ["churn", "upgrade", "adoption"])
def test_the_told_holds_for_the_likely_and_the_unlikely_alike(happened: Happened, outcome: str) -> None:
    told = happened.told.of(outcome)[0]
    what = {"churn": happened.left, "upgrade": happened.moved, "adoption": happened.taken}[outcome]
    who = {"churn": happened.asked, "upgrade": happened.asked_to_move, "adoption": happened.pairs}[outcome]
    told, what = told[who], what[who]
    order = np.argsort(told, kind="stable")
    for part in np.split(order, [2 * len(order) // 3, 9 * len(order) // 10]):
        assert agrees(told[part], what[part])
    assert what[order[-len(order) // 3 :]].mean() > 3 * max(what[order[: len(order) // 3]].mean(), 1e-9)


def test_the_same_future_meets_the_same_account_in_any_company(happened: Happened) -> None:
    some = np.arange(40, 60)
    course = happened.course.take(some)
    alone = outlook(happened.prospect, course, futures=8)
    assert np.array_equal(alone.churn, happened.told.churn[some])
    assert np.array_equal(alone.adoption, happened.told.adoption[some])


@pytest.fixture(scope="module")
def told_of_few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the truth about everybody in a small company."""
    folder = tmp_path_factory.mktemp("explained")
    scenario = replace(SCENARIOS["software"], gap_days=7, horizon_days=56)
    write_truth(folder, scenario, 250, 3, [date(2024, 10, 1)], days=200, futures=2, driver_futures=32)
    return folder / "truth"


@pytest.fixture(scope="module")
def explained(told_of_few: Path) -> pd.DataFrame:
    """The true drivers, one row an account, outcome, product and driver."""
    return pq.read_table(told_of_few / "drivers.parquet").to_pandas()


@pytest.fixture(scope="module")
def offered(told_of_few: Path) -> pd.DataFrame:
    """The true effects, one row an account and kind of offer; `gain` is above 0 where the offer helps."""
    rows = pq.read_table(told_of_few / "effects.parquet").to_pandas()
    return rows.assign(gain=rows["effect"].where(rows["kind"] != "retention", -rows["effect"]))


def test_what_all_accounts_share_contributes_nothing(happened: Happened) -> None:
    """Where everybody has the same budget, a donor's is one's own, however unlike the two are besides."""
    course = happened.course.take(np.arange(ACCOUNTS))
    course.state.budget[:] = 0.3
    teller = Teller(happened.prospect, course, 1)
    rows = pd.concat(teller.drivers(teller.sample(3), 32), ignore_index=True)
    contributions = rows[rows["outcome"] != "adoption"].groupby("driver")["contribution"]
    assert contributions.size()["budget"] == 6
    assert contributions.agg(lambda part: part.abs().max())["budget"] == 0
    assert (contributions.agg(lambda part: part.abs().mean())[["use", "satisfaction", "value"]] > 0.01).all()


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"as_ofs": []}, "days after 2024-07-02"),
        ({"as_ofs": [date(2024, 7, 2)]}, "days after 2024-07-02"),
        ({"futures": 1}, "at least 2 futures"),
        ({"drivers_of": 0}, "at least 1 account"),
        ({"driver_futures": 40}, "a multiple of 16"),
    ],
)
def test_what_cannot_be_told_is_refused(tmp_path: Path, asked: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        write_truth(tmp_path, **{**A_FEW, **asked})
    assert not list(tmp_path.iterdir())


def test_a_driver_changes_its_own_states_alone(happened: Happened) -> None:
    worst = happened.course.take(np.argsort(happened.course.state.satisfaction)[:3])
    best = happened.course.take(np.argsort(-happened.course.state.satisfaction)[:3])
    today = World(happened.prospect.scenario, Chance(SEED)).today(DAY)
    edited = worst.take(np.arange(3))
    CHURN["satisfaction"].lend(edited, best, today)  # type: ignore[misc]
    assert np.array_equal(edited.state.satisfaction, best.state.satisfaction)
    names = [field.name for field in fields(State)]
    changed = [n for n in names if not np.array_equal(getattr(edited.state, n), getattr(worst.state, n))]
    assert changed == ["satisfaction"]


def test_lenders_are_drawn_alike_from_the_cohort_or_from_their_plan(happened: Happened) -> None:
    cohort = happened.course
    drawn = donors(cohort, cohort, 40, Chance(1))
    often = np.bincount(drawn, minlength=ACCOUNTS)
    assert len(drawn) == 40 * ACCOUNTS
    assert abs(often.var() / often.mean() - 1) < 0.2  # as Poisson's: each alike

    on_plan = donors(cohort, cohort, 40, Chance(1), same_plan=True)
    assert np.array_equal(cohort.state.tier[on_plan], np.repeat(cohort.state.tier, 40))
    assert len(np.unique(on_plan)) > 0.9 * ACCOUNTS


@pytest.mark.parametrize("outcome", ["churn", "upgrade", "adoption"])
def test_over_all_accounts_a_driver_raises_about_as_much_as_it_lowers(explained: pd.DataFrame, outcome: str) -> None:
    """Where the log-odds are a sum, the mean over the cohort is zero; its parts are not all far from one."""
    rows = explained[explained["outcome"] == outcome]
    for name, contribution in rows.groupby("driver")["contribution"]:
        assert abs(contribution.mean()) <= 0.35 * max(contribution.abs().mean(), 0.15), name


def test_a_tighter_budget_contributes_more_to_leaving(happened: Happened, explained: pd.DataFrame) -> None:
    assert happened.prospect.day == DAY
    churn = explained[(explained["outcome"] == "churn") & (explained["driver"] == "budget")]
    assert churn["contribution"].max() > 0.2
    assert churn["contribution"].min() < -0.2
    assert (churn["error"] >= 0).all()


def test_a_worse_state_raises_the_probability_of_leaving(happened: Happened) -> None:
    rows = np.flatnonzero(happened.asked)[:50]
    course = happened.course.take(rows)
    worse = course.take(np.arange(len(rows)))
    worse.state.satisfaction[:] -= 1.0
    now, then = (outlook(happened.prospect, part, futures=4).churn for part in (course, worse))
    assert (then > now).mean() > 0.9
    assert (then >= now - 1e-12).all()


def test_an_offer_moves_those_who_can_be_moved(happened: Happened) -> None:
    rows = np.flatnonzero(happened.asked)
    course = happened.course.take(rows)
    offered = course.take(np.arange(len(rows)))
    scenario = happened.prospect.scenario
    nothing = np.full(len(rows), -1)
    force(offered.state, offered.population, "retention", np.arange(len(rows)), nothing, DAY, scenario)
    effect = outlook(happened.prospect, offered, futures=4).churn - outlook(happened.prospect, course, futures=4).churn
    people = np.array(PEOPLE)[course.population.people[:, 0]]
    assert (effect[people == "persuadable"] <= 0).all()
    assert effect[people == "persuadable"].mean() < 0
    assert (effect[people == "lost cause"] == 0).all()
    assert effect[people == "better left asleep"].mean() > 0


@pytest.mark.parametrize("kind", ["retention", "upgrade", "adoption"])
def test_an_offer_of_any_kind_moves_nobody_else(offered: pd.DataFrame, kind: str) -> None:
    """Sure things and lost causes by nothing at all; those better left asleep the wrong way."""
    gains = offered[offered["kind"] == kind].groupby("people")["gain"]

    assert gains.size().min() > 15
    assert gains.mean()["persuadable"] > 0
    assert gains.agg(lambda gain: gain.abs().max())[["sure thing", "lost cause"]].tolist() == [0, 0]
    assert gains.mean()["better left asleep"] < 0
    assert gains.max()["better left asleep"] <= gains.max()["persuadable"] / 10


def test_an_effect_is_told_where_there_is_something_to_offer(offered: pd.DataFrame, told_of_few: Path) -> None:
    """No upgrade to whoever has the highest plan, no product to whoever uses all that its plan allows."""
    states = pq.read_table(told_of_few / "states.parquet").to_pandas()
    counts = offered["kind"].value_counts()
    assert counts["retention"] > counts["upgrade"] > 0
    assert counts["retention"] > counts["adoption"] > 0
    assert set(offered["account_id"]) <= set(states["account_id"])
    assert (offered.loc[offered["kind"] == "upgrade", "without"] > 0).all()
    adoption = offered[offered["kind"] == "adoption"]
    assert not adoption["product"].isin({"", *(p.name for p in SCENARIOS["software"].products if p.core)}).any()
    assert (adoption["without"] > 0).mean() > 0.98


def test_an_effect_of_few_futures_is_as_near_to_that_of_many_as_its_error_says(tmp_path: Path) -> None:
    size = {"days": 200, "futures": 2, "drivers_of": 60}
    told = {}
    for futures in (32, 128):
        folder = tmp_path / str(futures)
        write_truth(folder, soon("car"), 200, 3, [date(2024, 10, 1)], **size, driver_futures=futures)
        told[futures] = pq.read_table(folder / "truth" / "effects.parquet").to_pandas()
    off = (told[32]["effect"] - told[128]["effect"]).abs()
    uncertain = told[32]["error"] > 0
    assert uncertain.mean() > 0.5
    assert (off[uncertain] <= 3 * told[32].loc[uncertain, "error"]).mean() > 0.97
    assert off[uncertain].mean() > 0.02 * told[32].loc[uncertain, "error"].mean()


def soon(name: str) -> Scenario:
    """The scenario with a horizon that is quickly lived."""
    return replace(SCENARIOS[name], gap_days=2, horizon_days=8)


def test_no_table_and_no_digest_knows_of_the_truth(tmp_path: Path) -> None:
    write_company(tmp_path, "software", accounts=200, days=200, seed=3)
    settings = DataSettings(path="data", end=SCENARIOS["software"].date(200))
    before = open_tables(settings, tmp_path)
    truth = tmp_path / "truth"

    write_truth(tmp_path, soon("software"), 200, 3, [date(2024, 10, 1)], days=200, futures=2, drivers_of=5)
    told = {file.stem: len(pq.read_table(file)) for file in truth.glob("*.parquet")}
    after = open_tables(settings, tmp_path)

    assert set(told) == {"probabilities", "drivers", "effects", "states"}
    assert min(told.values()) > 0
    assert list(after) == list(before)
    assert after.digest == before.digest
    assert not list((tmp_path / "data").rglob("*truth*"))


def test_every_product_on_offer_has_its_truth_and_what_is_used_is_not_taken_on(tmp_path: Path) -> None:
    """Also the core: where the tables have missed its use, the cohort asks about it."""
    write_truth(tmp_path, soon("car"), 60, 3, [date(2024, 10, 1)], days=200, futures=2, drivers_of=2)
    told = pq.read_table(tmp_path / "truth" / "probabilities.parquet").to_pandas().query("outcome == 'adoption'")
    scenario = SCENARIOS["car"]
    on_offer = {
        product.name
        for product in scenario.products
        if scenario.day(product.launched) < scenario.day(date(2024, 10, 1))
    }
    core = [product.name for product in scenario.products if product.core]
    assert told.groupby("account_id")["product"].agg(set).map(on_offer.__eq__).all()
    assert core
    assert (told.loc[told["product"].isin(core), "probability"] == 0).all()


def test_the_same_truth_is_written_whatever_the_threads(tmp_path: Path) -> None:
    for threads, folder in ((1, tmp_path / "one"), (2, tmp_path / "two")):
        write_truth(
            folder, soon("cable"), 150, 3, [date(2024, 10, 1)], days=200, futures=3, driver_futures=32, threads=threads
        )
    for file in (tmp_path / "one" / "truth").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / "truth" / file.name).read_bytes()


def test_drivers_of_the_same_name_show_in_the_same_ideas() -> None:
    for outcome, drivers in DRIVERS.items():
        for name, driver in drivers.items():
            assert IDEAS_OF[name] == tuple(driver.shown), (outcome, name)
            assert (driver.lend is None) != (driver.term is None), name


def test_every_idea_is_credited_to_a_driver_or_said_to_tell_of_none() -> None:
    """A new idea is reasoned about before a yardstick judges reasons by it."""
    assert set().union(*IDEAS_OF.values()) | set(TELLS_OF_NONE) == set(IDEAS)
    assert not set().union(*IDEAS_OF.values()) & set(TELLS_OF_NONE)


def test_a_driver_lends_the_states_that_it_names_and_no_other(happened: Happened) -> None:
    today = World(happened.prospect.scenario, Chance(SEED)).today(DAY)
    for drivers in DRIVERS.values():
        for name, driver in drivers.items():
            if driver.lend is None:
                continue
            edited, lenders = happened.course.take(np.arange(300)), happened.course.take(np.arange(600, 900))
            before = edited.take(np.arange(300))
            for state in driver.states:  # nobody has a shock of the price, or an offer, on a day on which there is none
                values = getattr(lenders.state, state, None)
                if values is not None and values.ndim == 1 and values.dtype != bool:
                    values += 1
            driver.lend(edited, lenders, today)
            parts = ((edited.state, before.state), (edited.population, before.population))
            changed = {
                field.name
                for now, then in parts
                for field in fields(now)
                if not np.array_equal(getattr(now, field.name), getattr(then, field.name))
            }
            assert changed <= set(driver.states), name
            assert changed, name

"""The simulated company: the same every time, within the contract, and with causes that can be found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from examples import causes
from examples.company import simulate, write_company
from features.contract import CONTRACT
from features.reading import DataSettings, open_tables

DAYS = 420
END = pd.Timestamp("2024-07-02") + pd.Timedelta(days=DAYS)
AS_OF = END - pd.Timedelta(days=90)


@pytest.fixture(scope="module")
def company() -> dict[str, pd.DataFrame]:
    return simulate(accounts=500, days=DAYS, seed=7)


@pytest.fixture(scope="module")
def in_force(company: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row an account with a subscription in force at AS_OF and no notice given: its terms, and whether it left."""
    terms = company["subscriptions"]
    now = terms[(terms["started_at"] < AS_OF) & ~(terms["ended_at"] < AS_OF) & ~(terms["cancelled_at"] < AS_OF)]
    last = terms.assign(ended_at=terms["ended_at"].fillna(END)).groupby("account_id")["ended_at"].max()
    return now.set_index("account_id").assign(left=last.reindex(now["account_id"]) < END)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("once", "again"):
        write_company(tmp_path / folder, accounts=40, days=120, seed=3)
    files = sorted(path.relative_to(tmp_path / "once") for path in (tmp_path / "once").rglob("*.*"))
    assert len(files) == 14
    for file in files:
        assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "again" / file).read_bytes(), file


def test_another_seed_is_another_company() -> None:
    once, again = (simulate(accounts=40, days=60, seed=seed)["accounts"] for seed in (1, 2))
    assert not once["name"].equals(again["name"])


def test_it_brings_every_table_of_the_contract_and_the_reader_finds_no_fault(tmp_path: Path) -> None:
    write_company(tmp_path, accounts=60, days=200)
    tables = open_tables(DataSettings(), tmp_path, timezone="Europe/Berlin")
    assert set(tables) == set(CONTRACT) - {"overrides"}


def test_even_a_handful_of_accounts_is_a_company(tmp_path: Path) -> None:
    write_company(tmp_path, accounts=5, days=30)
    assert len(pd.read_parquet(tmp_path / "data" / "accounts.parquet")) == 5


def test_names_are_plainly_made_up_and_unlike_each_other(company: dict[str, pd.DataFrame]) -> None:
    assert company["accounts"]["name"].is_unique
    assert company["accounts"]["owner"].str.startswith("team ").all()


def test_nothing_is_known_before_it_happened_or_after_the_end(company: dict[str, pd.DataFrame]) -> None:
    for name, frame in company.items():
        for column in ("occurred_at", "recorded_at", "opened_at", "resolved_at", "started_at", "cancelled_at"):
            if column in frame:
                assert not (frame[column] >= END).any(), (name, column)
    scheduled = company["subscriptions"]["ended_at"] >= END
    assert company["subscriptions"].loc[scheduled, "cancelled_at"].notna().all()
    assert (company["consumption"]["recorded_at"] >= company["consumption"]["occurred_at"]).all()


def test_some_rows_come_late_and_some_twice(company: dict[str, pd.DataFrame]) -> None:
    use = company["consumption"]
    late = (use["recorded_at"] - use["occurred_at"]) > pd.Timedelta(days=1)
    assert late.mean() == pytest.approx(0.012, abs=0.004)
    assert use["event_id"].duplicated().mean() == pytest.approx(0.001, abs=0.0007)


def test_nobody_uses_anything_without_a_subscription(company: dict[str, pd.DataFrame]) -> None:
    terms = company["subscriptions"]
    last = terms.assign(ended_at=terms["ended_at"].fillna(END)).groupby("account_id")["ended_at"].max()
    use = company["consumption"]
    assert (use["occurred_at"].dt.normalize() < use["account_id"].map(last)).all()


def test_terms_follow_each_other_without_overlap(company: dict[str, pd.DataFrame]) -> None:
    terms = company["subscriptions"].sort_values(["account_id", "started_at"])
    following = terms.groupby("account_id")["started_at"].shift(-1)
    assert (terms["ended_at"] <= following)[following.notna()].all()
    assert (terms["renews_at"] > terms["started_at"]).all()


def test_leavers_used_less_of_late_and_trusted_less(company: dict[str, pd.DataFrame], in_force: pd.DataFrame) -> None:
    use, tickets = company["consumption"], company["tickets"]
    late = use[use["occurred_at"].between(AS_OF - pd.Timedelta(days=28), AS_OF)].groupby("account_id").size()
    per_seat = (late.reindex(in_force.index).fillna(0) / in_force["seats"] ** 0.62).groupby(in_force["left"]).mean()
    assert per_seat[True] < 0.85 * per_seat[False]
    broken = tickets[(tickets["promised_by"] < AS_OF) & ~(tickets["resolved_at"] <= tickets["promised_by"])]
    counted = broken[broken["opened_at"] >= AS_OF - pd.Timedelta(days=120)].groupby("account_id").size()
    broken_promises = counted.reindex(in_force.index).fillna(0).groupby(in_force["left"]).mean()
    assert broken_promises[True] > 1.2 * broken_promises[False]


def test_rates_are_those_of_a_plausible_company(in_force: pd.DataFrame) -> None:
    assert 0.05 < in_force["left"].mean() < 0.20  # within 90 days


def test_the_three_outcomes_share_some_causes_and_differ_in_most() -> None:
    churn, upgrade, adoption = (set(table) - {"always"} for table in causes.CAUSES.values())
    assert churn & upgrade == {"satisfaction", "budget"}
    assert upgrade & adoption == {"quick_start"}
    assert not churn & adoption


def test_a_cause_raises_the_hazard_or_lowers_it_as_it_says() -> None:
    states = {name: np.zeros(1) for name in causes.CHURN if name != "always"}
    before = causes.hazard(causes.CHURN, states)
    assert causes.hazard(causes.CHURN, {**states, "overdue_tickets": np.ones(1)}) > before
    assert causes.hazard(causes.CHURN, {**states, "satisfaction": np.ones(1)}) < before


def test_a_cause_without_a_state_is_an_error() -> None:
    with pytest.raises(KeyError, match="no_champion"):
        causes.hazard(
            causes.CHURN, {name: np.zeros(1) for name in causes.CHURN if name not in {"always", "no_champion"}}
        )

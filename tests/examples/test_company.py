"""A simulated company: the same every time, within the contract, and each table means what the lives were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from examples.company import SCENARIOS, mark_of, write_company
from examples.scenarios import SCENARIOS as SETTINGS
from examples.scenarios.software import SOFTWARE
from examples.simulator import writer
from examples.simulator.catalogue import compatibility
from examples.simulator.helpdesk import TICKETS
from examples.simulator.lives import Company
from examples.simulator.names import names
from examples.simulator.scenario import NEVER
from features.contract import CONTRACT
from features.data_settings import DataSettings
from features.errors import InputError
from features.reading.opening import open_tables

ACCOUNTS, DAYS, SEED = 400, 400, 7
FIRST = pd.Timestamp(SOFTWARE.first_day)
END = FIRST + pd.Timedelta(days=DAYS)
AS_OF = END - pd.Timedelta(days=90)
RISE = SOFTWARE.world.price_rises[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, accounts=ACCOUNTS, days=DAYS, seed=SEED)
    return folder


@pytest.fixture(scope="module")
def company(folder: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_parquet(path) for path in sorted((folder / "data").glob("*.parquet"))}


@pytest.fixture(scope="module")
def lived() -> tuple[Company, pd.DataFrame]:
    """The same lives once more, with nothing written down, and what was first taken on: account, product, day."""
    company = Company.found(SOFTWARE, ACCOUNTS, DAYS, SEED)
    taken, before = [], company.state.uses.copy()
    for today in company.live(DAYS):
        account, product = np.nonzero(company.state.uses & ~before)
        before |= company.state.uses
        taken.append(pd.DataFrame({"account": account, "product": product, "day": today.day + 1}))
    return company, pd.concat(taken, ignore_index=True)


@pytest.fixture(scope="module")
def in_force(company: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row an account with a subscription in force at AS_OF and no notice given: its terms, and whether it left."""
    terms = company["subscriptions"]
    now = terms[(terms["started_at"] < AS_OF) & ~(terms["ended_at"] < AS_OF) & ~(terms["cancelled_at"] < AS_OF)]
    last = terms.assign(ended_at=terms["ended_at"].fillna(END)).groupby("account_id")["ended_at"].max()
    return now.set_index("account_id").assign(left=last.reindex(now["account_id"]) < END)


def number_of(account_id: pd.Series) -> pd.Series:
    return account_id.str[1:].astype(int) - 1


def day_of(instant: pd.Series) -> pd.Series:
    return (instant.dt.normalize() - FIRST).dt.days


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_seed_writes_the_same_bytes_whatever_the_pieces(tmp_path: Path, scenario: str) -> None:
    for name, chunk in (("whole", 20_000), ("pieces", 71)):
        write_company(tmp_path / name, scenario, accounts=300, days=60, seed=3, chunk=chunk)
    files = sorted(path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("*.*"))
    assert len(files) == 14
    for file in files:
        assert (tmp_path / "whole" / file).read_bytes() == (tmp_path / "pieces" / file).read_bytes(), file


def test_row_groups_are_of_one_size_however_rows_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    monkeypatch.setattr(writer, "GROUP", 100)
    rows = {"n": np.arange(250)}
    for name, cuts in (("a", [250]), ("b", [1, 99, 100, 230])):
        with writer.Sheet(tmp_path / name, {"n": np.dtype("int64")}, lambda held: pa.table(dict(held))) as sheet:
            for part in np.split(rows["n"], cuts):
                sheet.add({"n": part})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    found = pq.ParquetFile(tmp_path / "a").metadata
    assert [found.row_group(i).num_rows for i in range(found.num_row_groups)] == [100, 100, 50]
    assert pq.read_table(tmp_path / "a")["n"].to_pylist() == rows["n"].tolist()


def test_an_account_is_called_the_same_in_a_larger_company() -> None:
    for scenario in SETTINGS.values():
        few, many = (Company.found(scenario, count, 60, 5, log=False) for count in (50, 200))
        assert names(scenario, 50, few.chance) == names(scenario, 200, many.chance)[:50]
        assert len(set(names(scenario, 30_000, few.chance))) == 30_000


def test_another_seed_is_another_company(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_company(tmp_path / str(seed), accounts=40, days=30, seed=seed)
    once, again = (pd.read_parquet(tmp_path / str(seed) / "data" / "accounts.parquet")["name"] for seed in (1, 2))
    assert not once.equals(again)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_reader_finds_no_fault_in_any_company(tmp_path: Path, scenario: str) -> None:
    write_company(tmp_path, scenario, accounts=60, days=200)
    tables = open_tables(DataSettings(), tmp_path, timezone="UTC")
    assert set(tables) == set(CONTRACT) - {"overrides"}


def test_even_a_handful_of_accounts_is_a_company(tmp_path: Path) -> None:
    write_company(tmp_path, accounts=5, days=30)
    assert len(pd.read_parquet(tmp_path / "data" / "accounts.parquet")) == 5
    config = (tmp_path / "holdfast.toml").read_text(encoding="utf-8")
    assert config.startswith(f"{mark_of('software', accounts=5, seed=7, days=30)}\n\n[company]")


def test_a_scenario_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"software, service_contract.*hotel is none"):
        write_company(tmp_path, "hotel")


def test_it_says_how_far_it_is(tmp_path: Path) -> None:
    said: list[float] = []
    write_company(tmp_path, accounts=5, days=20, say=lambda fraction, _: said.append(fraction))
    assert said == sorted(said)
    assert said[-1] == 1.0


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
    signed_up = company["accounts"].set_index("account_id")["signed_up_at"]
    use = company["consumption"]
    assert (use["occurred_at"] >= use["account_id"].map(signed_up)).all()


def test_faults_are_as_frequent_as_stated(company: dict[str, pd.DataFrame]) -> None:
    use, faults = company["consumption"], SOFTWARE.faults
    late = (use["recorded_at"] - use["occurred_at"]) > pd.Timedelta(hours=18)
    assert late.mean() == pytest.approx(faults.late, rel=0.2)
    assert use["event_id"].duplicated().mean() == pytest.approx(faults.duplicates, rel=0.3)
    early = use["recorded_at"] < use["occurred_at"]
    assert early.mean() == pytest.approx(faults.skewed / 2, rel=0.25)


def test_reading_removes_repeats_and_knows_late_rows_later(folder: Path, company: dict[str, pd.DataFrame]) -> None:
    read = open_tables(DataSettings(), folder, timezone="UTC")["consumption"].to_pandas()
    assert len(read) == company["consumption"]["event_id"].nunique()
    assert (read["known_at"] >= read["occurred_at"]).all()
    late = read["known_at"] > read["occurred_at"] + pd.Timedelta(hours=18)
    assert late.mean() == pytest.approx(SOFTWARE.faults.late, rel=0.2)


def test_a_silent_region_has_no_rows_of_use_for_a_month(company: dict[str, pd.DataFrame]) -> None:
    silence = SOFTWARE.world.silences[0]
    region = company["consumption"]["account_id"].map(company["accounts"].set_index("account_id")["region"])
    days = day_of(company["consumption"]["occurred_at"])
    inside = days.between(silence.day, silence.day + silence.days - 1)
    assert not (inside & (region == silence.region)).any()
    assert (inside & (region != silence.region)).any()
    assert {silence.day - 1, silence.day + silence.days} <= set(days[region == silence.region])


def test_what_is_written_down_changes_no_life(
    company: dict[str, pd.DataFrame], lived: tuple[Company, pd.DataFrame]
) -> None:
    ends_on = lived[0].state.ends_on
    use = company["consumption"]
    assert (day_of(use["occurred_at"]) < ends_on[number_of(use["account_id"])]).all()
    gone = company["subscriptions"].groupby("account_id")["ended_at"].apply(lambda ends: ends.isna().sum() == 0)
    assert (ends_on[number_of(gone.index[gone].to_series())] < NEVER).all()


def test_a_product_newly_taken_on_is_used_on_each_of_its_first_days(
    company: dict[str, pd.DataFrame], lived: tuple[Company, pd.DataFrame]
) -> None:
    world, taken = lived
    last_day = taken["day"] + SOFTWARE.min_days - 1
    silence = SOFTWARE.world.silences[0]
    heard = ~taken["day"].between(silence.day - SOFTWARE.min_days, silence.day + silence.days)
    seen = (last_day < np.minimum(world.state.ends_on[taken["account"]], DAYS - 5)) & heard
    taken, last_day = taken[seen], last_day[seen]
    use = company["consumption"]
    products = [product.name for product in SOFTWARE.products]
    days = pd.DataFrame(
        {
            "account": number_of(use["account_id"]),
            "product": use["product"].map(products.index),
            "used": day_of(use["occurred_at"]),
        }
    ).drop_duplicates()
    days = days.sort_values("used").groupby(["account", "product"])["used"]
    found = days.agg(lambda used: used.iloc[SOFTWARE.min_days - 1] if len(used) >= SOFTWARE.min_days else -1)
    expected = pd.Series(last_day.to_numpy(), index=pd.MultiIndex.from_frame(taken[["account", "product"]]))
    assert len(expected) > 100
    assert (found.reindex(expected.index) == expected).all()


def test_promises_are_broken_in_the_table_where_they_were_in_life(
    company: dict[str, pd.DataFrame], lived: tuple[Company, pd.DataFrame]
) -> None:
    log = lived[0].log
    assert log is not None
    asked, tickets = log.frame("tickets", TICKETS), company["tickets"]
    assert number_of(tickets["account_id"]).tolist() == asked["account"].tolist()
    over = tickets["resolved_at"].notna()
    late = tickets["resolved_at"] > tickets["promised_by"]
    assert (late[over] == asked["late"].astype(bool)[over]).all()
    assert 0.1 < late[over].mean() < 0.5
    assert (tickets["resolved_at"] > tickets["opened_at"])[over].all()


def test_a_price_rise_shows_where_a_contract_is_signed_or_renewed(company: dict[str, pd.DataFrame]) -> None:
    terms = company["subscriptions"].merge(company["plans"], on="plan", validate="many_to_one")
    listed = terms["list_price"] * terms["seats"] * (1 - terms["discount"])
    level, started = terms["mrr"] / listed, day_of(terms["started_at"])
    assert np.allclose(level[started < RISE.day], 1.0, atol=0.002)
    short = (terms["term_months"] == 1) & (started >= RISE.day)
    assert short.sum() > 20
    in_force = terms["ended_at"].isna() & (terms["term_months"] == 1)
    assert np.allclose(level[in_force & (started >= RISE.day + 2 * SOFTWARE.short_days)], 1 + RISE.by, atol=0.002)
    due = (terms["term_months"] == 12) & (terms["renews_at"] > END)
    assert np.allclose(level[due & (started < RISE.day)], 1.0, atol=0.002)


def test_terms_follow_each_other_without_overlap(company: dict[str, pd.DataFrame]) -> None:
    terms = company["subscriptions"].sort_values(["account_id", "started_at"])
    following = terms.groupby("account_id")["started_at"].shift(-1)
    assert (terms["ended_at"] <= following)[following.notna()].all()
    assert (terms["renews_at"] > terms["started_at"]).all()


def test_without_contracts_nobody_says_who_has_stopped(tmp_path: Path) -> None:
    write_company(tmp_path, "car", accounts=300, days=200)
    terms = pd.read_parquet(tmp_path / "data" / "subscriptions.parquet")
    assert list(terms.columns) == ["subscription_id", "account_id", "plan", "started_at", "ended_at", "seats"]
    assert terms.groupby("account_id")["ended_at"].apply(lambda ends: ends.isna().sum() == 1).all()


def test_a_release_that_breaks_something_is_told_from_its_day_on() -> None:
    release = SOFTWARE.world.broken[0]
    rows = compatibility(SOFTWARE).set_index(["accessory", "plan"])
    for tier, plan in enumerate(SOFTWARE.plans, start=1):
        row = rows.loc[(release.accessory, plan.name)]
        assert row["works"] == (tier < release.from_tier)
        assert (row["since"] == pd.Timestamp(SOFTWARE.date(release.day))) == (tier >= release.from_tier)


def test_answers_are_on_their_scales_and_the_content_answer_more_often(company: dict[str, pd.DataFrame]) -> None:
    said = company["satisfaction"]
    scales = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "stars": (1, 5), "thumbs": (0, 1)}
    for instrument, (low, high) in scales.items():
        scores = said.loc[said["instrument"] == instrument, "score"]
        assert scores.between(low, high).all(), instrument
        assert scores.nunique() > 1, instrument


def test_leavers_used_less_of_late(company: dict[str, pd.DataFrame], in_force: pd.DataFrame) -> None:
    use = company["consumption"]
    late = use[use["occurred_at"].between(AS_OF - pd.Timedelta(days=28), AS_OF)].groupby("account_id").size()
    per_seat = (late.reindex(in_force.index).fillna(0) / in_force["seats"] ** 0.62).groupby(in_force["left"]).mean()
    assert per_seat[True] < 0.85 * per_seat[False]

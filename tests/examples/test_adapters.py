"""Adapters for public sets: what each row becomes, on small copies written here; and the whole sets where they are."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from examples import cdnow, complete_journey, ravenstack
from examples.folder import command
from features.data_settings import DataSettings
from features.errors import InputError
from features.reading.opening import open_tables
from pipelines.settings import load_settings

ADAPTERS = {"cdnow": cdnow, "complete_journey": complete_journey, "ravenstack": ravenstack}


def written(folder: Path, table: str) -> str:
    """A table that an adapter wrote, as text."""
    return str(pd.read_parquet(folder / "data" / f"{table}.parquet").to_csv(sep="|", index=False))


def table(text: str) -> str:
    """The same text without its indent."""
    return "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    lines = [" 00002 20210112  1   12.00", " 00002 20210112  5   77.00 ", " 00001 20210101  1   11.77", ""]
    (tmp_path / "CDNOW_master.txt").write_bytes("\r\n".join(lines).encode())
    return tmp_path


def test_cdnow_two_orders_on_a_day_are_two_rows_and_ids_keep_their_zeros(orders: Path, tmp_path: Path) -> None:
    cdnow.prepare(orders, tmp_path / "target")
    assert written(tmp_path / "target", "consumption") == table("""
        account_id|occurred_at|quantity|value
        00001|2021-01-01|1|11.77
        00002|2021-01-12|1|12.0
        00002|2021-01-12|5|77.0
    """)
    assert written(tmp_path / "target", "accounts") == table("""
        account_id|signed_up_at
        00001|2021-01-01
        00002|2021-01-12
    """)


def test_cdnow_with_its_original_dates_is_moved_to_the_protocols(tmp_path: Path) -> None:
    (tmp_path / "CDNOW_master.txt").write_text(" 00001 19970101  1   11.77\n")
    assert cdnow.read_orders(tmp_path / "CDNOW_master.txt")["occurred_at"].tolist() == [pd.Timestamp("2021-01-01")]


@pytest.fixture
def groceries(tmp_path: Path) -> Path:
    files = {
        "campaign_descriptions.csv": "campaign_id,campaign_type,start_date,end_date\n1,Type B,2017-03-03,2017-04-09\n",
        "campaigns.csv": "campaign_id,household_id\n1,9\n1,10\n",
        "coupon_redemptions.csv": (
            "household_id,coupon_upc,campaign_id,redemption_date\n10,77,1,2017-03-20\n10,78,1,2017-03-14\n"
        ),
        "products.csv": "product_id,manufacturer_id,department,brand,product_category\n5,2,DELI,,\n",
        "transactions_sample.csv": (
            "household_id,store_id,basket_id,product_id,quantity,sales_value,week,transaction_timestamp\n"
            "9,1,3,5,2.0,3.5,4,2017-01-28 19:06:53\n"
            "8,1,4,6,1.0,1.5,4,2017-01-29 01:30:00\n"
        ),
    }
    for name, text in files.items():
        with gzip.open(tmp_path / f"{name}.gz", "wt") as file:
            file.write(text)
    return tmp_path


def test_complete_journey_an_offer_is_accepted_with_the_first_redemption(groceries: Path, tmp_path: Path) -> None:
    complete_journey.prepare(groceries, tmp_path / "target")
    assert written(tmp_path / "target", "offers") == table("""
        offer_id|account_id|offered_at|kind|target|assigned|responded_at|accepted
        1-10|10|2017-03-03 05:00:00|adoption|Type B|targeted|2017-03-14 04:00:00|True
        1-9|9|2017-03-03 05:00:00|adoption|Type B|targeted||
    """)


def test_complete_journey_a_line_of_a_receipt_is_a_row_and_households_come_from_every_table(
    groceries: Path, tmp_path: Path
) -> None:
    complete_journey.prepare(groceries, tmp_path / "target")
    assert written(tmp_path / "target", "consumption") == table("""
        account_id|occurred_at|product|quantity|value
        9|2017-01-28 19:06:53|DELI|2.0|3.5
        8|2017-01-29 01:30:00||1.0|1.5
    """)
    assert written(tmp_path / "target", "accounts") == table("""
        account_id|signed_up_at
        8|2016-11-01 04:00:00
        9|2016-11-01 04:00:00
        10|2016-11-01 04:00:00
    """)


@pytest.fixture
def software(tmp_path: Path) -> Path:
    files = {
        "accounts": (
            "account_id,account_name,industry,country,signup_date,referral_source,plan_tier,seats,is_trial,churn_flag\n"
            "A-1,Company_0,EdTech,US,2024-10-16,partner,Basic,9,FALSE,TRUE\n"
        ),
        "subscriptions": (
            "subscription_id,account_id,start_date,end_date,plan_tier,seats,mrr_amount,arr_amount,is_trial,upgrade_flag,"
            "downgrade_flag,churn_flag,billing_frequency,auto_renew_flag\n"
            "S-1,A-1,2024-10-20,2024-12-12,Pro,14,2786,33432,FALSE,TRUE,FALSE,TRUE,monthly,TRUE\n"
            "S-2,A-1,2024-11-11,,Pro,17,833,9996,FALSE,FALSE,FALSE,FALSE,annual,TRUE\n"
        ),
        "feature_usage": (
            "usage_id,subscription_id,usage_date,feature_name,usage_count,usage_duration_secs,error_count,is_beta_feature\n"
            "U-1,S-1,2023-07-27,feature_20,9,5004,0,False\nU-1,S-2,2024-12-27,feature_4,3,50,2,False\n"
        ),
        "support_tickets": (
            "ticket_id,account_id,submitted_at,closed_at,resolution_time_hours,priority,first_response_time_minutes,"
            "satisfaction_score,escalation_flag\n"
            "T-1,A-1,2023-07-27,2023-07-28 3:00,27,high,74,,FALSE\n"
            "T-2,A-1,2024-07-27,2024-07-28 13:00,37,low,74,4.0,FALSE\n"
        ),
    }
    for name, text in files.items():
        (tmp_path / f"ravenstack_{name}.csv").write_text(text)
    return tmp_path


def test_ravenstack_is_carried_over_as_it_is(software: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    ravenstack.prepare(software, target)
    assert written(target, "subscriptions") == table("""
        subscription_id|account_id|plan|started_at|ended_at|mrr|seats|term_months
        S-1|A-1|Pro|2024-10-20|2024-12-12|2786.0|14|1
        S-2|A-1|Pro|2024-11-11||833.0|17|12
    """)
    assert written(target, "consumption") == table("""
        account_id|occurred_at|product|quantity|status
        A-1|2023-07-27|feature_20|9.0|ok
        A-1|2024-12-27|feature_4|3.0|error
    """)
    assert written(target, "tickets") == table("""
        ticket_id|account_id|opened_at|severity|resolved_at
        T-1|A-1|2023-07-27|high|2023-07-28 03:00:00
        T-2|A-1|2024-07-27|low|2024-07-28 13:00:00
    """)
    assert written(target, "satisfaction") == table("""
        account_id|occurred_at|instrument|score
        A-1|2024-07-28 13:00:00|csat|4.0
    """)


def test_ravenstack_lets_no_value_of_the_exports_day_in(software: Path, tmp_path: Path) -> None:
    ravenstack.prepare(software, tmp_path / "target")
    columns = {c for file in (tmp_path / "target" / "data").iterdir() for c in pd.read_parquet(file).columns}
    assert not {c for c in columns if "flag" in c or c in {"plan_tier", "is_trial", "auto_renew"}}


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_source_without_the_files_says_which_are_missing_and_where_they_are_found(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks .*Get the set: "):
        ADAPTERS[name].prepare(tmp_path, tmp_path / "target")
    with pytest.raises(InputError, match="is not a folder"):
        ADAPTERS[name].prepare(tmp_path / "nowhere", tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_the_command_says_what_it_wrote_and_what_to_do_next(
    orders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "target"
    assert command("cdnow", cdnow.prepare, [str(orders), str(target)]) == 0
    shown = capsys.readouterr().out
    assert "consumption.parquet  3 rows" in shown
    assert f"Next: holdfast run --config {target}" in shown


def test_the_command_ends_with_2_on_wrong_arguments_and_on_missing_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("cdnow", cdnow.prepare, ["one"]) == 2
    assert command("cdnow", cdnow.prepare, [str(tmp_path), str(tmp_path / "target")]) == 2
    assert "CDNOW_master.txt" in capsys.readouterr().err


ROWS = {
    "cdnow": {"accounts": 23_544, "consumption": 69_659},
    "complete_journey": {"accounts": 2_379, "consumption": 75_000, "products": 26, "offers": 6_589},
    "ravenstack": {
        "accounts": 500,
        "subscriptions": 5_000,
        "plans": 3,
        "consumption": 25_000,
        "tickets": 2_000,
        "satisfaction": 1_175,
    },
}


@pytest.mark.real_data
@pytest.mark.parametrize("name", ADAPTERS)
def test_the_whole_set_keeps_its_rows_and_the_contract(
    name: str, tmp_path: Path, real_data: Callable[[str], Path]
) -> None:
    ADAPTERS[name].prepare(real_data(name), tmp_path)
    settings = load_settings(tmp_path)
    tables = open_tables(settings.data, tmp_path, timezone=settings.company.timezone)
    assert {table: tables[table].count().to_pyarrow().as_py() for table in tables} == ROWS[name]


@pytest.mark.real_data
def test_complete_journey_offers_are_taken_up_as_often_as_the_set_says(
    tmp_path: Path, real_data: Callable[[str], Path]
) -> None:
    complete_journey.prepare(real_data("complete_journey"), tmp_path)
    offers = pd.read_parquet(tmp_path / "data" / "offers.parquet")
    assert offers["accepted"].sum() == 792
    assert (offers["responded_at"] >= offers["offered_at"])[offers["accepted"].notna()].all()


def test_settings_of_the_data_alone_need_no_config(software: Path, tmp_path: Path) -> None:
    """Files bear the contract's names, so that an empty [data] finds them."""
    ravenstack.prepare(software, tmp_path / "target")
    assert set(open_tables(DataSettings(), tmp_path / "target")) == set(ROWS["ravenstack"])

"""The adapter for flat tables: what a row becomes, on small copies written here; and the traps of whole sets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from examples.flat import SETS, FlatSet, flat_set, main, name_of, prepare, read_rows
from features.errors import ConfigError, InputError
from pipelines.leak_report import LeakReport
from pipelines.leakcheck import examine
from pipelines.progress import Progress
from pipelines.settings import load_settings

NAMES = sorted(file.stem for file in SETS.glob("*.toml"))


def described(**settings: object) -> FlatSet:
    return FlatSet.model_validate({"name": "mine", "files": ["mine.csv"], "label": "gone", **settings})


def company(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What was written: accounts and subscriptions, by account."""
    frames = (pd.read_parquet(folder / "data" / f"{name}.parquet") for name in ("accounts", "subscriptions"))
    accounts, terms = (frame.set_index("account_id") for frame in frames)
    return accounts, terms


def test_without_days_all_are_asked_about_on_one_and_who_is_gone_leaves_on_it(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,gone,months,Favourite Colour\na1,Yes,12,red\na2,No,,blue\na3,No,24,\n")
    prepare(described(id="id", tenure_months="months"), tmp_path, tmp_path / "mine")
    accounts, terms = company(tmp_path / "mine")
    assert list(terms["ended_at"].notna()) == [True, False, False]
    assert terms.loc["a1", "ended_at"] == pd.Timestamp(2001, 1, 1)
    # twelve months, the median of twelve and twenty-four, and twenty-four before the day
    assert [(pd.Timestamp(2001, 1, 1) - day).days for day in accounts["signed_up_at"]] == [365, 548, 730]
    assert list(accounts.columns) == ["signed_up_at", "months", "favourite_colour"]
    settings = load_settings(tmp_path / "mine")
    assert settings.data.end == date(2001, 1, 2)
    assert list(settings.data.tables["accounts"].attributes) == ["months", "favourite_colour"]
    assert settings.training.as_ofs == (date(2001, 1, 1),)


def test_with_days_a_customer_leaves_when_it_left(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,from,until\na1,2019-05-01,2019-11-01\na2,2019-06-01,No\n")
    dated = {"label": None, "began": "from", "ended": "until", "end": date(2020, 1, 1), "as_ofs": [date(2019, 10, 1)]}
    prepare(described(id="id", horizon_days=28, **dated), tmp_path, tmp_path / "mine")
    accounts, terms = company(tmp_path / "mine")
    assert list(terms["started_at"]) == [pd.Timestamp(2019, 5, 1), pd.Timestamp(2019, 6, 1)]
    assert terms.loc["a1", "ended_at"] == pd.Timestamp(2019, 11, 1)
    assert pd.isna(terms.loc["a2", "ended_at"])
    assert list(accounts["until"]) == ["2019-11-01", "No"]
    assert load_settings(tmp_path / "mine").data.end == date(2020, 1, 1)


def test_rows_without_an_id_are_numbered(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("gone,minutes\n1,3.5\n0,7\n")
    prepare(described(), tmp_path, tmp_path / "mine")
    accounts, terms = company(tmp_path / "mine")
    assert list(accounts.index) == list(terms.index) == ["1", "2"]
    assert list(accounts["minutes"]) == [3.5, 7.0]


def test_files_are_joined_by_the_id_and_a_column_that_two_have_is_there_once(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("id,gone,quarter\na1,No,Q3\na2,Yes,Q3\n")
    (tmp_path / "two.csv").write_text("id,quarter,paid\na2,Q3, \na1,Q3, 7.5\n")
    rows = read_rows(described(files=["one.csv", "two.csv"], id="id"), tmp_path)
    assert rows.to_dict("list") == {
        "id": ["a1", "a2"],
        "gone": ["No", "Yes"],
        "quarter": ["Q3", "Q3"],
        "paid": [7.5, pytest.approx(float("nan"), nan_ok=True)],
    }


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("Total Charges", "total_charges"),
        ("EndDate", "end_date"),
        ("CLTV", "cltv"),
        ("Amt_Chng_Q4_Q1", "amt_chng_q4_q1"),
        ("Region", "their_region"),
    ],
)
def test_names_are_in_small_letters_and_apart_from_the_contracts(column: str, name: str) -> None:
    assert name_of(column) == name


def test_a_description_that_does_not_fit_says_so(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,left\na1,Yes\n")
    with pytest.raises(InputError, match=r"described with the columns gone, .* none so called: id, left"):
        prepare(described(id="id"), tmp_path, tmp_path / "mine")
    with pytest.raises(InputError, match=r"lacks other\.csv"):
        prepare(described(files=["other.csv"]), tmp_path, tmp_path / "mine")
    with pytest.raises(ConfigError, match=r"one of bankchurners, .*nowhere is neither"):
        flat_set("nowhere")
    (tmp_path / "wrong.toml").write_text('name = "x"\nfiles = ["x.csv"]\n')
    with pytest.raises(ConfigError, match="give one of them"):
        flat_set(str(tmp_path / "wrong.toml"))


def test_files_that_cannot_be_joined_and_names_that_fall_together_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,gone,Paid up,paid-up\na1,Yes,1,2\n")
    (tmp_path / "two.csv").write_text("id,minutes\na1,3\na1,4\n")
    (tmp_path / "book.xlsx").write_text("no book")
    with pytest.raises(InputError, match="become paid_up, paid_up"):
        prepare(described(id="id"), tmp_path, tmp_path / "mine")
    with pytest.raises(InputError, match=r"two\.csv has it not at all, or several times"):
        read_rows(described(files=["mine.csv", "two.csv"], id="id"), tmp_path)
    with pytest.raises(InputError, match="Save it as CSV"):
        read_rows(described(files=["book.xlsx"], id="id"), tmp_path)


def test_the_command_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.csv").write_text("id,gone\na1,Yes\na2,No\n")
    (tmp_path / "mine.toml").write_text('name = "mine"\nfiles = ["mine.csv"]\nid = "id"\nlabel = "gone"\n')
    assert main([str(tmp_path / "mine.toml"), str(tmp_path), str(tmp_path / "mine")]) == 0
    assert f"Next: holdfast leakcheck --config {tmp_path / 'mine' / 'holdfast.toml'}" in capsys.readouterr().out
    assert main(["one"]) == 2
    assert main(["nowhere", str(tmp_path), str(tmp_path / "mine")]) == 2


NAIVE_BAYES = (
    "accounts.naive_bayes_classifier_attrition_flag_card_category_contacts_count_12_mon_dependent_count_education_level"
    "_months_inactive_12_mon_"
)
TRAPS = {
    "telco_ibm_extended": {
        "accounts.satisfaction_score",
        "accounts.customer_status",
        "accounts.churn_label",
        "accounts.churn_score",
        "accounts.churn_category",
        "accounts.churn_reason",
        "accounts.cltv",
    },
    "bankchurners": {f"{NAIVE_BAYES}1", f"{NAIVE_BAYES}2"},
    "ecommerce_churn": {"accounts"},
    "interconnect_dated_telco": {"accounts.end_date", "accounts.total_charges"},
    "mlc_churn": set(),
}
"""What must be named of each set, and all that may be: of every other column nothing is known that would make it a
trap. `accounts` means that there are customers under two ids."""


@pytest.fixture(scope="module")
def looked_at(
    tmp_path_factory: pytest.TempPathFactory, real_data: Callable[[str], Path]
) -> Callable[[str], LeakReport]:
    """The report on a set, made once."""

    @cache
    def report(name: str) -> LeakReport:
        folder = tmp_path_factory.mktemp(name)
        prepare(flat_set(name), real_data(name), folder)
        return examine(load_settings(folder), None, frozenset(), Progress(quiet=True))

    return report


@pytest.mark.real_data
@pytest.mark.parametrize("name", NAMES)
def test_the_traps_of_a_set_are_named_and_nothing_else(name: str, looked_at: Callable[[str], LeakReport]) -> None:
    found = looked_at(name).found
    assert {column for one in found for column in one.columns} == TRAPS[name]
    assert all(one.columns for one in found)


@pytest.mark.real_data
@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_cannot_be_looked_at_without_time(name: str, looked_at: Callable[[str], LeakReport]) -> None:
    report = looked_at(name)
    unseen = {guard for looked in report.not_looked for guard in looked.guards}
    assert any("divided by account" in looked.text for looked in report.looked)
    if name == "interconnect_dated_telco":
        assert unseen == set()
    else:
        assert {"sealed test", "running total"} <= unseen


@pytest.mark.real_data
def test_second_ids_are_counted(looked_at: Callable[[str], LeakReport]) -> None:
    (found,) = looked_at("ecommerce_churn").found
    assert found.finding.guard == "second ids"
    assert "1,112 of 5,630 accounts (19.8%)" in found.finding.seen

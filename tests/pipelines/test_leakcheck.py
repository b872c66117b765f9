"""`holdfast leakcheck`: silent about a clean company, and precise about one with a fault planted into it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from examples.company import write_company
from features.errors import TimeError
from pipelines.leak_guards import OF_MODELS
from pipelines.leak_report import LeakReport, render
from pipelines.leakcheck import examine, leakcheck
from pipelines.progress import Progress
from pipelines.settings import load_settings
from tests.pipelines.conftest import Done, here, holdfast

CONFIG = """
[company]
name = "small"

[data]
path = "{path}"
end = 2026-01-01

[data.tables.accounts]
attributes = {static}
{features}
[outcomes.churn]
kind = "subscription_end"
gap_days = 14
horizon_days = 56

[training]
num_leaves = [4]
learning_rate = 0.1
max_trees = 100
resamples = 200
"""
OWN = """
[features]
files = ["own.py"]

[features.purposes]
own = { plant = "To see whether a fault is found" }
allowed = ["plant", "pricing"]
"""


FEATURE = """
from features.events import events_of
from features.feature import Aggregate, Feature, StateSource

def _feature(name, source):
    value = source.state(source.states[0].name)
    return Feature(name, value, "count", "use", "consumption", "plant", "x {value}", missing="unknown",
                   missing_phrase="x", description="x")
"""
MONTH = (
    FEATURE
    + """
def _uses_of_the_month(tables, cohort):
    uses = events_of(tables, "consumption")
    uses = uses.mutate(month=uses.day.truncate("M"))
    uses = uses.group_by("account_id", "month").aggregate(uses=uses.count())
    return cohort.mutate(month=cohort.as_of.truncate("M")).join(uses, ["account_id", "month"])

month = StateSource(
    "month", _uses_of_the_month, (Aggregate("uses", lambda rows: rows.uses.max()),), "consumption", ("occurred_at",)
)
SOURCES = [month]
FEATURES = [_feature("uses_this_month", month)]
"""
)
"""Uses of the calendar month in which the as_of lies, the days after it included."""
ARCHIVED = (
    FEATURE
    + """
def _owners(tables, cohort):
    return cohort.join(tables["accounts"].select("account_id", "owner"), "account_id")

owners = StateSource(
    "owners",
    _owners,
    (Aggregate("archived", lambda rows: (rows.owner == "archive").cast("int64").max()),),
    "accounts",
    ("owner",),
)
SOURCES = [owners]
FEATURES = [_feature("archived", owners)]
"""
)
"""Whether an account is with the team that takes over whoever left, at the data's end."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six hundred accounts of business software over eighteen months; what segment they are in is declared static."""
    folder = tmp_path_factory.mktemp("leakcheck") / "small"
    write_company(folder, accounts=600, seed=7)
    configure(folder, folder / "data", ["segment"])
    return folder


def configure(folder: Path, data: Path, static: list[str], own: str = "") -> None:
    """Writes the config; with `own`, a file of own features, beside which only those of prices are computed."""
    purposes = ", ".join(f'{name} = "pricing"' for name in static)
    attributes = f"{{ {purposes} }}" if own else json.dumps(static)
    text = CONFIG.format(path=data, static=attributes, features=OWN if own else "")
    (folder / "holdfast.toml").write_text(text, encoding="utf-8")
    if own:
        (folder / "own.py").write_text(own, encoding="utf-8")


@pytest.fixture(scope="module")
def clean(company: Path) -> Done:
    return holdfast("leakcheck", "--config", company, "--json")


@pytest.fixture(scope="module")
def marked(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company with two columns of accounts that are written as time goes by: a team, and a total paid."""
    folder = tmp_path_factory.mktemp("marked")
    shutil.copytree(company / "data", folder / "data")
    configure(folder, folder / "data", ["segment", "paid"], ARCHIVED)
    accounts = pd.read_parquet(folder / "data" / "accounts.parquet")
    terms = pd.read_parquet(folder / "data" / "subscriptions.parquet")
    last = terms.assign(ended_at=terms["ended_at"].fillna(pd.Timestamp(2026, 1, 1))).groupby("account_id")["ended_at"]
    until = accounts["account_id"].map(last.max()).fillna(pd.Timestamp(2026, 1, 1))
    accounts["owner"] = accounts["owner"].mask(until < pd.Timestamp(2026, 1, 1), "archive")
    accounts["paid"] = (until - accounts["signed_up_at"]).dt.days.astype("float64") * 3.5
    accounts.to_parquet(folder / "data" / "accounts.parquet")
    return folder


def examined(folder: Path) -> LeakReport:
    return examine(load_settings(folder), None, frozenset(), Progress(quiet=True))


def seen(report: LeakReport, guard: str) -> set[str]:
    return {found.finding.place for found in report.found if found.finding.guard == guard}


def test_a_clean_company_ends_with_0_and_nothing_found(clean: Done) -> None:
    assert clean.code == 0, clean.out + clean.err
    report = json.loads(clean.out)
    assert (report["company"], report["as_of"]) == ("small", "2026-01-01")
    assert (report["clean"], report["found"], report["not_looked_at"]) == (True, [], [])


def test_every_guard_has_looked(clean: Done) -> None:
    guards = {guard for looked in json.loads(clean.out)["looked_at"] for guard in looked["guards"]}
    columns = {
        "hindsight",
        "name",
        "running total",
        "second ids",
        "silent when scored",
        "telltale",
        "unlike when scored",
    }
    assert guards == {"future", *columns, *OF_MODELS}


def test_progress_goes_to_standard_error(clean: Done) -> None:
    assert all(step in clean.err for step in ("read and check the tables", "edit the future", "look at churn"))
    assert "Warning" not in clean.err


def test_nothing_is_written_but_rollups(clean: Done, company: Path) -> None:
    assert [path.name for path in (company / ".holdfast").iterdir()] == ["rollups"]
    assert sorted(path.name for path in company.iterdir()) == [".holdfast", "data", "holdfast.toml"]


def test_an_own_feature_that_sees_the_future_is_named_with_its_table_and_column(company: Path, tmp_path: Path) -> None:
    configure(tmp_path, company / "data", ["segment"], MONTH)
    report = examined(tmp_path)
    assert {"consumption", "consumption.occurred_at"} <= seen(report, "future")
    # standing at the data's end there is nothing of the month yet
    assert seen(report, "silent when scored") == {"uses_this_month"}
    assert {found.finding.guard for found in report.found} == {"future", "silent when scored"}
    assert {name for found in report.found for name in found.finding.features} == {"uses_this_month"}
    (occurred,) = [found for found in report.found if found.finding.place == "consumption.occurred_at"]
    assert occurred.columns == ("consumption.occurred_at",)
    assert "uses_this_month changed" in occurred.finding.seen


@pytest.fixture(scope="module")
def on_marked(marked: Path) -> LeakReport:
    return examined(marked)


def test_columns_written_as_time_goes_by_are_named_with_what_was_seen(on_marked: LeakReport) -> None:
    assert seen(on_marked, "future") == seen(on_marked, "hindsight") == {"accounts.owner"}
    assert seen(on_marked, "running total") == {"accounts.paid"}
    assert on_marked.places == ("accounts.owner", "archived", "accounts.paid")
    text = render(on_marked)
    assert text.startswith("small as of 2026-01-01: 3 places to look into")
    assert "edited accounts.owner, which nothing dates" in text
    assert "accounts.owner has no versions, and its present value alone tells past outcomes" in text
    assert "To do: Bring its versions with valid_from, or leave it out." in text


def test_a_feature_that_explains_too_much_is_led_back_to_its_columns(on_marked: LeakReport) -> None:
    (found,) = [found for found in on_marked.found if found.finding.guard == "telltale"]
    assert (found.finding.place, found.outcome, found.columns) == ("archived", "churn", ("accounts.owner",))
    assert "[churn; made of accounts.owner]" in render(on_marked)


TINY = """
[company]
name = "tiny"

[data]
end = {end}

[outcomes.churn]
kind = "subscription_end"
"""


def tiny(folder: Path, end: str) -> Path:
    """Forty accounts with a subscription each, all begun on the second of January; three of them leave."""
    (folder / "data").mkdir()
    ids = [f"a{number:02}" for number in range(40)]
    began = pd.Timestamp(2024, 1, 2)
    pd.DataFrame({"account_id": ids, "signed_up_at": began}).to_parquet(folder / "data" / "accounts.parquet")
    terms = pd.DataFrame({"account_id": ids, "plan": "one", "started_at": began})
    ended = pd.to_datetime(pd.Series(["2024-05-01", "2024-07-01", "2024-12-20"])).reindex(range(40))
    terms["ended_at"] = ended.where(ended < pd.Timestamp(end))
    terms.to_parquet(folder / "data" / "subscriptions.parquet")
    (folder / "holdfast.toml").write_text(TINY.format(end=end), encoding="utf-8")
    return folder


def why(report: LeakReport, guard: str) -> str:
    return "".join(looked.text for looked in report.not_looked if guard in looked.guards)


def test_with_too_few_who_left_the_guards_of_features_still_run(tmp_path: Path) -> None:
    report = examined(tiny(tmp_path, "2025-01-01"))
    assert report.found == ()
    assert {"future", "name", "second ids", "running total"} <= {g for looked in report.looked for g in looked.guards}
    assert "20 rows of either class at least; " in why(report, "hindsight")
    assert "no model can be judged in time" in why(report, "sealed test")
    assert why(report, "silent when scored").startswith("50 rows are needed on either side")


def test_without_a_certain_label_it_says_how_much_history_is_needed(tmp_path: Path) -> None:
    report = examined(tiny(tmp_path, "2024-07-10"))
    assert report.found == ()
    assert "no label is certain" in why(report, "hindsight")
    assert "holdfast" not in why(report, "future")
    assert "Could not be looked at" in render(report)


def test_a_day_outside_the_data_is_refused(company: Path) -> None:
    with pytest.raises(TimeError, match="asked for 2031-01-01"):
        leakcheck(company, "2031-01-01", [], as_json=False)


def test_bad_input_ends_with_2_and_one_object(tmp_path: Path) -> None:
    done = here("leakcheck", "--json", cwd=tmp_path)
    assert done.code == 2
    told = json.loads(done.out)
    assert told["exit_code"] == 2
    assert "holdfast init" in told["error"]
    assert "holdfast init" in done.err


def test_what_was_found_ends_with_1_and_is_named_on_standard_error(tmp_path: Path) -> None:
    """Thirty customers, ten of them twice: no label is needed to see that."""
    folder = tiny(tmp_path, "2024-07-10")
    accounts = pd.read_parquet(folder / "data" / "accounts.parquet")
    number = pd.Series(range(40)) % 30
    for place, column in enumerate(("name", "owner", "segment", "region", "industry", "size")):
        accounts[column] = [f"{column}{(value * (place + 7)) % 31}" for value in number]
    accounts.to_parquet(folder / "data" / "accounts.parquet")
    done = here("leakcheck", "--config", folder)
    assert done.code == 1
    assert "20 of 40 accounts (50.0%) agree with another in all 6 attributes" in done.out
    assert "error: What leaks is no feature" in done.err
    assert "to be looked into: accounts." in done.err
    assert "Traceback" not in done.err

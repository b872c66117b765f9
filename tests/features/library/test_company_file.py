"""A company's own file: what it adds counts as if it stood in the packages, and a mistake is told in plain words."""

from __future__ import annotations

import sys
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from features.accounts.evidence import evidence
from features.building.builder import build
from features.errors import ConfigError
from features.library.additions import adding
from features.library.catalogue import CATALOGUE, IDEAS, LIBRARY
from features.library.company_file import read_company_file
from features.library.library import Library
from features.library.listing import entries
from features.outcomes.labels import labelled_cohort
from features.outcomes.outcome import Outcome
from features.purposes import PurposeSettings
from features.snapshot.writing import write_snapshot
from features.tables import Tables
from tests.text_tables import text_tables

END = date(2024, 3, 1)
TEXT = '''
import ibis

from features.events import events_of
from features.families.consumption import consumption
from features.feature import EventSource, Feature, Measure
from features.outcomes.kinds import OutcomeKind, active


def _rows(tables):
    """Uses, with the hour at which they began."""
    rows = events_of(tables, "consumption")
    return rows.mutate(hour=rows.occurred_at.hour())


hours = EventSource(
    "hours", _rows, (Measure("at_night", lambda t: (t.hour < 6) | (t.hour >= 22)),), table="consumption"
)


def _complaints(question, _):
    tickets = question.known(events_of(question.tables, "tickets", "opened_at"))
    return tickets.filter(tickets.kind == "complaint").select("account_id", "day")


SOURCES = (hours,)
IDEAS = {"nights": "When in the day it is used"}
FEATURES = [
    Feature(
        name="night_share_28d",
        value=hours.total("at_night", 28) / consumption.total("events", 28),
        unit="share",
        idea="nights",
        rung="consumption",
        purpose="service",
        phrase="Use at night {moved} {value} of all over the last 28 days",
        missing_phrase="No use in the last 28 days",
        description="Share of the last 28 days' uses between 22 and 6 o'clock",
    ),
]
OUTCOMES = {"complaint": OutcomeKind(("account_id",), ({"tickets": ("kind",)},), active, _complaints)}
'''
COMPANY = {
    "accounts": """
        account_id | signed_up_at
        a          | 2023-01-01
        b          | 2023-01-01
    """,
    "consumption": """
        account_id | occurred_at      | recorded_at
        a          | 2024-01-01 12:00 |
        b          | 2024-01-01 12:00 |
        a          | 2024-02-20 21:59 |
        a          | 2024-02-20 22:00 |
        a          | 2024-02-21 05:59 |
        a          | 2024-02-21 06:00 |
        a          | 2024-02-22 23:00 | 2024-03-05
    """,
    "tickets": """
        ticket_id | account_id | opened_at  | kind
        t1        | a          | 2024-02-05 | complaint
        t2        | b          | 2024-02-06 | how_to
    """,
}


@cache
def company() -> Tables:
    return text_tables(end=END, **COMPANY)


def library(folder: Path, text: str = TEXT, base: Library = LIBRARY, name: str = "my_features.py") -> Library:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return adding(base, read_company_file(path))


def night(library: Library) -> float:
    features = [feature for feature in library.available(company()) if feature.name == "night_share_28d"]
    asked = pd.DataFrame({"account_id": ["a"], "as_of": [pd.Timestamp(END)]})
    return float(build(company(), asked, features, library.sources_of(features))["night_share_28d"].iloc[0])


class TestWhatItAdds:
    def test_a_feature_of_an_own_source_and_one_of_the_catalogues(self, tmp_path: Path) -> None:
        assert night(library(tmp_path)) == 0.5

    def test_it_comes_after_the_catalogue_under_the_files_name(self, tmp_path: Path) -> None:
        ours = library(tmp_path)
        assert [feature.name for feature in ours.features] == [*(f.name for f in CATALOGUE), "night_share_28d"]
        (entry,) = [entry for entry in entries(ours, company().columns) if entry.family == "my_features"]
        assert (entry.sources, entry.idea, entry.on) == (("consumption",), "nights", True)
        assert ours.ideas == {**IDEAS, "nights": "When in the day it is used"}

    def test_the_catalogue_itself_stays_as_it_is(self, tmp_path: Path) -> None:
        library(tmp_path)
        assert "night_share_28d" not in {feature.name for feature in LIBRARY.features}
        assert "hours" not in LIBRARY.sources
        assert LIBRARY.kinds == {}

    def test_a_purpose_that_is_not_allowed_keeps_it_off(self, tmp_path: Path) -> None:
        ours = library(tmp_path, base=LIBRARY.allowing(PurposeSettings(allowed=("growth",))))
        assert "night_share_28d" in {feature.name for feature in ours.off}

    def test_a_purpose_of_the_companys_own(self, tmp_path: Path) -> None:
        choice = PurposeSettings(own={"rest": "Seeing that people get some"}, allowed=("rest",))
        text = TEXT.replace('purpose="service"', 'purpose="rest"')
        assert night(library(tmp_path, text, LIBRARY.allowing(choice))) == 0.5

    def test_its_value_can_be_traced_to_rows(self, tmp_path: Path) -> None:
        ours = library(tmp_path)
        rows = evidence(company(), ours.features[-1], "a", END, sources=ours.sources)
        assert rows.groupby("source").size().to_dict() == {"consumption": 4, "hours": 2}

    def test_an_outcome_carries_its_kind_along(self, tmp_path: Path) -> None:
        asked = Outcome(name="complaint", kind="my_features.complaint", gap_days=0, horizon_days=14)
        labels = labelled_cohort(company(), library(tmp_path).bound(asked), [date(2024, 2, 1)], END)
        assert labels.loc[labels["as_of"] == pd.Timestamp("2024-02-01"), "label"].tolist() == [1.0, 0.0]

    def test_its_content_is_in_the_snapshots_digest(self, tmp_path: Path) -> None:
        asked = Outcome(name="complaint", kind="my_features.complaint", gap_days=0, horizon_days=14)

        def digest(text: str) -> str:
            ours = library(tmp_path, text)
            features = [feature for feature in ours.available(company()) if feature.name == "night_share_28d"]
            arguments = {"step_days": 28, "history_days": 14, "library": ours, "features": features}
            outcomes = {"complaint": ours.bound(asked)}
            return write_snapshot(company(), outcomes, END, tmp_path / "s", **arguments).catalogue_digest  # type: ignore[arg-type]

        assert digest(TEXT) == digest(TEXT)
        assert digest(TEXT) != digest(TEXT.replace(">= 22", ">= 21"))

    def test_nothing_is_left_beside_the_file(self, tmp_path: Path) -> None:
        library(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["my_features.py"]
        assert "my_features" not in sys.modules

    def test_two_files_add_up(self, tmp_path: Path) -> None:
        first = library(tmp_path)
        more = TEXT.replace("night_share_28d", "late_share_28d").replace('"hours"', '"late"').replace("nights", "late")
        both = library(tmp_path, more, first, "others.py")
        assert [feature.name for feature in both.features[-2:]] == ["night_share_28d", "late_share_28d"]
        assert set(both.kinds) == {"my_features.complaint", "others.complaint"}
        assert len(both.digests) == 2


class TestMistakes:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("night_share_28d", "active_days_28d", "feature active_days_28d: a name stands for one thing"),
            ("night_share_28d", "Night share", "feature 'Night share': a name is made of"),
            ('"hours", _rows', '"tickets", _rows', "source tickets: a name stands for one thing"),
            ('"hours", _rows', '"uses", _rows', "source uses: a name stands for one thing"),  # others are made of it
            ('"hours", _rows', '"attributes", _rows', "source attributes: a name stands for one thing"),
            ('{"nights":', '{"use": "Ours", "nights":', "idea use: a name stands for one thing"),
            ('idea="nights"', 'idea="nigths"', "there is no idea 'nigths'; did you mean nights?"),
            ('purpose="service"', 'purpose="servise"', "there is no purpose 'servise'; did you mean service?"),
            ('unit="share"', 'unit="percent"', "there is no unit 'percent'"),
            ('rung="consumption"', 'rung="use"', "there is no rung 'use'"),
            ("{moved} {value}", "{moved}", "its phrase holds {value} once"),
            ("night_share_28d", "night_share_7d", "its name ends with the days that it looks back over, _28d"),
            ("night_share_28d", "night_share", "its name ends with the days that it looks back over, _28d"),
            ('"No use in the last 28 days"', '""', "its missing_phrase says what no value means"),
            ("\"Share of the last 28 days' uses between 22 and 6 o'clock\"", '" "', "its description says what it is"),
            ('hours.total("at_night"', 'hours.total("night"', "there is no total 'night'; did you mean at_night?"),
            ("SOURCES = (hours,)", "SOURCES = ()", "there is no source 'hours'"),
            ("value=hours.total", "about='pair', value=hours.total", "about is 'account', as its sources are"),
            ('table="consumption"\n', 'table="consumtion"\n', "no table 'consumtion'; did you mean consumption?"),
            ('(t.hour >= 22)),)', '(t.hour >= 22), ("ours",)),)', "source hours: there is no column 'ours'"),
            ('{"tickets": ("kind",)}', '{"tickets": ("kinds",)}', "outcome complaint: there is no column 'kinds'"),
            ('(("account_id",), (', '(("user_id",), (', "outcome complaint: its keys are"),
        ],
    )  # fmt: skip
    def test_a_rule_that_is_broken_is_named_with_the_file(self, tmp_path: Path, old: str, new: str, said: str) -> None:
        assert old in TEXT
        with pytest.raises(ConfigError) as raised:
            library(tmp_path, TEXT.replace(old, new))
        assert said in str(raised.value)
        assert str(tmp_path / "my_features.py") in str(raised.value)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("FEATURES = (", "stopped in line 1: SyntaxError"),
            ("\nimport nothing_of_the_kind", "stopped in line 2: ModuleNotFoundError"),
            ("\n\nx = 1 / 0", "stopped in line 3: ZeroDivisionError"),
            ("", "adds at least one of FEATURES, SOURCES, IDEAS, OUTCOMES; it has none of them. Add one"),
            ("FEATURE = ()", "did you mean FEATURES where it says FEATURE?"),
            ("FEATURES = 3", "FEATURES is a tuple or a list; this one is a int"),
            ("FEATURES = ['use']", "FEATURES holds records of Feature; number 1 is a str"),
            ("SOURCES = ['use']", "SOURCES holds records of EventSource or StateSource; number 1 is a str"),
            ("OUTCOMES = {'x': 3}", "OUTCOMES maps names to OutcomeKind; 'x' maps to a int"),
            ("IDEAS = ['x']", "IDEAS is a dictionary; this one is a list"),
        ],
    )
    def test_a_file_that_cannot_be_used_says_why(self, tmp_path: Path, text: str, said: str) -> None:
        with pytest.raises(ConfigError) as raised:
            library(tmp_path, text)
        assert said in str(raised.value)
        assert str(tmp_path / "my_features.py") in str(raised.value)

    def test_a_file_that_is_not_there_or_has_another_name(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"there is no .*absent\.py"):
            read_company_file(tmp_path / "absent.py")
        (tmp_path / "My Features.py").write_text("FEATURES = ()", encoding="utf-8")
        with pytest.raises(ConfigError, match=r"has a name such as my_features\.py"):
            read_company_file(tmp_path / "My Features.py")

    def test_a_family_is_not_added_twice(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="there is a family consumption already: rename the file"):
            library(tmp_path, name="consumption.py")

    def test_a_kind_that_no_file_adds(self, tmp_path: Path) -> None:
        asked = Outcome(name="complaint", kind="my_features.complaints")
        with pytest.raises(ConfigError, match=r"did you mean my_features\.complaint\?"):
            library(tmp_path).bound(asked)
        with pytest.raises(ConfigError, match="which was not read"):
            labelled_cohort(company(), asked, [], END)

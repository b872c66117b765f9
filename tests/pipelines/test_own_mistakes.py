"""A mistake inside a company's own file or query is told before a build: the file, the record, the line, the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipelines.conftest import here, holdfast

ACCOUNTS = "account_id,signed_up_at\na,2024-01-01\nb,2024-01-01\n"
CONSUMPTION = "account_id,occurred_at\na,2024-01-01\nb,2024-02-01\na,2024-06-30 12:00\n"
CONFIG = """
[data]
end = 2024-07-01

[features]
files = ["mine.py"]

[outcomes.pause]
kind = "mine.pause"
gap_days = 7
horizon_days = 14

[outcomes.night]
kind = "query"
query = "select account_id, occurred_at from consumption where hour(occurred_at) < 6"
gap_days = 7
horizon_days = 14

[training]
history_days = 28
step_days = 14
"""
FILE = """
from features.events import events_of
from features.feature import Aggregate, EventSource, Feature, Measure, StateSource
from features.outcomes.kinds import OutcomeKind, active


def _uses(tables):
    uses = events_of(tables, "consumption")
    return uses.mutate(hour=uses.occurred_at.hour())


def _known(tables, cohort):
    return cohort.join(events_of(tables, "accounts", "signed_up_at"), "account_id")


def _pauses(question, asked):
    uses = question.known(events_of(question.tables, "consumption"))
    return uses.select("account_id", "day")


hours = EventSource("hours", _uses, (Measure("nightly", lambda uses: uses.hour < 6),), table="consumption")
signed = StateSource("signed", _known, (Aggregate("versions", lambda rows: rows.count()),), table="accounts")
SOURCES = [hours, signed]
OUTCOMES = {"pause": OutcomeKind(("account_id",), ({"consumption": ()},), active, _pauses)}


def feature(name, value):
    words = {"phrase": "So many: {value}", "missing_phrase": "None", "description": "How many"}
    kind = {"unit": "count", "idea": "use", "rung": "consumption", "purpose": "service"}
    return Feature(name=name, value=value, **kind, **words)


FEATURES = [feature("nightly_28d", hours.total("nightly", 28)), feature("versions", signed.state("versions"))]
"""


def company(folder: Path, file: str = FILE, config: str = CONFIG) -> Path:
    (folder / "data").mkdir()
    (folder / "data" / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (folder / "data" / "consumption.csv").write_text(CONSUMPTION, encoding="utf-8")
    (folder / "mine.py").write_text(file, encoding="utf-8")
    (folder / "holdfast.toml").write_text(config, encoding="utf-8")
    return folder


def test_without_a_mistake_nothing_is_said(tmp_path: Path) -> None:
    done = here("check", "--config", company(tmp_path))
    assert done.code == 0, done.err
    assert "pause: learned from" in done.out
    assert "night: learned from" in done.out


@pytest.mark.parametrize(
    ("right", "wrong", "record", "said"),
    [
        ("uses.hour < 6", "uses.our < 6", "source hours, what its measure nightly gives", "no attribute 'our'"),
        ("uses.hour < 6", "1", "source hours, what its measure nightly gives", "it is a int: 1"),
        ("rows.count()", "rows.cuont()", "source signed, what its state versions gives", "no attribute 'cuont'"),
        (
            'uses = events_of(tables, "consumption")',
            'uses = events_of(tables, "consumption", "occured_at")',
            "source hours, what its `rows` gives",
            "in line 8: ",
        ),
        (
            ".hour())\n",
            '.hour()).drop("known_day")\n',
            "source hours, what its `rows` gives",
            "there is no known_day; `events_of` adds",
        ),
        (
            ".mutate(hour=",
            ".mutate(day=uses.occurred_at, hour=",
            "source hours, what its `rows` gives",
            "has a date as day; it is of the type timestamp",
        ),
        ("return cohort.join(", "cohort.join(", "source signed, what its `rows` gives", "it is a NoneType"),
        (
            'uses.select("account_id", "day")',
            'uses.select("account_id")',
            "outcome pause, what its `occurrences` gives",
            "there is no day",
        ),
        (
            "active, _pauses",
            "lambda question: question.days, _pauses",
            "outcome pause, what its `candidates` gives",
            "there is no account_id",
        ),
    ],
)
def test_a_functions_mistake_is_told_by_check(tmp_path: Path, right: str, wrong: str, record: str, said: str) -> None:
    assert right in FILE
    done = here("check", "--config", company(tmp_path, FILE.replace(right, wrong, 1)))
    told = done.out + done.err
    assert done.code == 2
    assert "Traceback" not in told
    for part in (str(tmp_path / "mine.py"), record, said):
        assert part in told


def test_a_build_is_refused_with_the_same_words(tmp_path: Path) -> None:
    done = holdfast("features", "--config", company(tmp_path, FILE.replace("uses.hour < 6", "uses.our < 6")))
    assert done.code == 2
    assert "mine.py: source hours, what its measure nightly gives cannot be made, and stopped in line 21" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("where hour(occurred_at)", "where hour(occured_at)", "outcomes.night.query is SQL"),
        ("account_id, occurred_at", "account_id", "outcomes.night.query yields account_id and occurred_at"),
    ],
)
def test_a_query_that_cannot_run_is_told_by_check(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    done = here("check", "--config", company(tmp_path, config=CONFIG.replace(right, wrong)))
    assert done.code == 2
    assert f"night: cannot be judged: {said}" in done.out
    assert "pause: learned from" in done.out
    assert "of night it cannot" in done.err

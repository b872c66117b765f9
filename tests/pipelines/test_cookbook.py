"""The cookbook, walked from top to bottom: its blocks are written and run as a reader would, beside a small company."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from examples.company import write_company
from features.families import consumption
from features.feature import Feature
from models.dataset import scoring_rows
from models.explanation import ideas
from pipelines.company import library_of
from pipelines.settings import load_settings
from pipelines.speakers import champions
from pipelines.steps import snapshot_of
from tests.pipelines.conftest import holdfast

ROOT = Path(__file__).parents[2]
COMPANY = """\
[company]
name = "ours"

[data]
end = 2026-01-01

[training]
learning_rate = 0.1
resamples = 100
"""


@dataclass
class Walk:
    """What came of the page's blocks."""

    folder: Path
    said: list[str] = field(default_factory=list)
    """By each command, in order."""
    commands: list[str] = field(default_factory=list)
    ran: int = 0
    """Blocks that were written or run."""


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """The language and the text of every block of a page."""
    yield from re.findall(r"^```(\w*)\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    walk = Walk(tmp_path_factory.mktemp("ours"))
    write_company(walk.folder, "software", 900)
    (walk.folder / "holdfast.toml").write_text(COMPANY, encoding="utf-8")
    for language, text in blocks((ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")):
        if language == "console":
            run(walk, text)
        else:
            write(walk, text)
        walk.ran += 1
    return walk


def write(walk: Walk, text: str) -> None:
    """Adds a block to the file that its first line names; a test is run."""
    name = text.partition("\n")[0].removeprefix("# ")
    with (walk.folder / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{text}")
    if name.startswith("test_"):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", name],
            cwd=walk.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def run(walk: Walk, text: str) -> None:
    """Runs the lines that begin with `$`; ACCOUNT is the first of the list."""
    for line in text.splitlines():
        assert line.startswith("$ holdfast "), line
        words = line.removeprefix("$ holdfast ").split()
        if "ACCOUNT" in words:
            words[words.index("ACCOUNT")] = str(listed(walk)["account_id"].iloc[0])
        done = holdfast(*words, cwd=walk.folder)
        assert done.code == 0, done.err
        walk.commands.append(words[0])
        walk.said.append(done.out)


def listed(walk: Walk) -> pd.DataFrame:
    return pd.read_parquet(walk.folder / ".holdfast" / "published" / "latest" / "scored_accounts.parquet")


def test_every_block_was_run(walked: Walk) -> None:
    text = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
    assert walked.ran == len(re.findall(r"^```", text, flags=re.MULTILINE)) / 2
    assert walked.commands == ["features", "check", "features", "run", "explain", "metrics"]


def test_the_list_of_features_shows_what_was_added(walked: Walk) -> None:
    assert "uses_per_person_28d" in walked.said[0]
    assert "night_share_28d" not in walked.said[0]
    assert "night_share_28d" in walked.said[2]


def test_models_learn_from_what_was_added_and_can_tell_what_it_did(walked: Walk) -> None:
    settings = load_settings(walked.folder)
    snapshot, library = snapshot_of(settings, None), library_of(settings)
    scorer = next(iter(champions(settings, snapshot).values())).scorer
    assert {"uses_per_person_28d", "night_share_28d"} <= set(scorer.features)
    told = ideas(scorer, scoring_rows(snapshot, scorer.outcome).frame, library.features)
    nights = told[told["idea"] == "nights"]
    assert set(nights["feature"]) == {"night_share_28d"}
    assert nights["value"].between(0, 1).any()


def test_own_outcomes_are_trained_judged_listed_and_explained(walked: Walk) -> None:
    rows = listed(walked)
    assert {"complaint_probability", "incident_probability"} & set(rows.columns)
    assert "complaint" in walked.said[3]
    explained, metrics = walked.said[4], walked.said[5]
    assert "Next step: " in explained
    assert "average precision" in metrics


def test_labels_of_an_own_kind_are_what_the_tables_say(walked: Walk) -> None:
    labels = pd.read_parquet(walked.folder / ".holdfast" / "features" / "2026-01-01" / "labels_complaint.parquet")
    tickets = pd.read_parquet(walked.folder / "data" / "tickets.parquet")
    complaints = tickets[tickets["kind"] == "complaint"]
    as_of = labels.loc[labels["label"].notna(), "as_of"].max()
    opens, closes = as_of + pd.Timedelta(days=7), as_of + pd.Timedelta(days=7 + 56)
    within = complaints[complaints["opened_at"].between(opens, closes, inclusive="left")]
    mine = labels[(labels["as_of"] == as_of) & labels["label"].notna()]
    assert set(mine.loc[mine["label"] == 1, "account_id"]) == set(within["account_id"]) & set(mine["account_id"])
    assert mine["label"].nunique() == 2


def test_the_feature_of_the_readme_can_be_computed() -> None:
    """`Add a feature: one place` shows a record that stands in a family's file."""
    (text,) = [text for language, text in blocks((ROOT / "README.md").read_text()) if language == "python"]
    feature = eval(compile(ast.parse(text.strip(), mode="eval"), "README.md", "eval"), vars(consumption))
    assert isinstance(feature, Feature)
    assert feature.name == "active_days_14d"

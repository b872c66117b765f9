"""The shelf: what no build needs goes, while nobody may be using it; what a killed build had finished stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from features.building.builder import build
from features.errors import RefusedError
from features.rollups.ledger import LEDGER, Ledger
from features.rollups.shelf import BUILDS, KEPT, Shelf
from tests.features.rollups.test_kept import BEFORE, ONE, QUANTITY, USE, anew, company, definitions
from tests.text_tables import text_tables

OTHER = BEFORE.replace("| 4 ", "| 5 ")


def use_long_ago(folder: Path) -> None:
    """As if everything there had been asked for long before the builds that follow."""
    for path in folder.rglob("*"):
        os.utime(path, (0, 0))


def built(shelf: Shelf, consumption: str = BEFORE) -> None:
    build(company(consumption), ONE, [QUANTITY], {"use": USE}, shelf)


def test_a_definition_that_the_last_builds_did_not_ask_for_is_removed(tmp_path: Path) -> None:
    built(Shelf(tmp_path))
    use_long_ago(tmp_path)
    for number in range(KEPT):
        assert len(definitions(tmp_path)) == 1, number
        assert Shelf(tmp_path).tidy()
    assert {path.name for path in tmp_path.iterdir()} == {".lock", BUILDS}


def test_a_definition_that_is_asked_for_stays(tmp_path: Path) -> None:
    built(Shelf(tmp_path))
    for _ in range(KEPT + 1):
        use_long_ago(tmp_path)
        shelf = Shelf(tmp_path)
        built(shelf)
        assert shelf.tidy()
    assert len(definitions(tmp_path)) == 1


def test_files_that_no_ledger_names_go_only_when_no_other_build_is_under_way(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    built(shelf)
    (place,) = (tmp_path / "use").iterdir()
    (place / ".part-x.parquet.123").touch()
    (place / "part-superseded.parquet").touch()
    with Shelf(tmp_path).in_use():
        assert not shelf.tidy()
        assert (place / "part-superseded.parquet").exists()
    assert shelf.tidy()
    assert {path.name for path in place.iterdir()} == {LEDGER, *Ledger.read(place).parts}


def test_everything_is_forgotten_where_asked_for_and_nobody_is_using_it(tmp_path: Path) -> None:
    built(Shelf(tmp_path))
    with Shelf(tmp_path).in_use(), pytest.raises(RefusedError, match="another build is using"):
        Shelf(tmp_path).forget()
    Shelf(tmp_path).forget()
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    assert anew(tmp_path, company(BEFORE)) == (6.5, (2, 2))


def test_what_was_read_anew_is_told_and_written_down(tmp_path: Path) -> None:
    for consumption, told in (
        (BEFORE, "use 2 of 2 days"),
        (OTHER, "use 1 of 2 days"),
        (OTHER, "nothing; 1 as they were"),
    ):
        shelf = Shelf(tmp_path)
        built(shelf, consumption)
        assert shelf.in_words == told
        shelf.tidy()
    builds = json.loads((tmp_path / BUILDS).read_text())
    assert [build["anew"] for build in builds] == [{"use": [2, 2]}, {"use": [1, 2]}, {"use": [0, 2]}]


MANY = "\n".join(
    [
        "account_id | occurred_at | quantity | recorded_at",
        *(f"a1 | 2024-02-{day:02} 12:00 | 1 |" for day in range(1, 9)),
    ]
)
KILLED = """
import sys
from pathlib import Path
from features.rollups import kept, recipe
from features.building.builder import build
from features.rollups.shelf import Shelf
from tests.features.rollups.test_kept import ONE, QUANTITY, USE, company
from tests.features.rollups.test_shelf import MANY

recipe.AT_ONCE, written, whole = 2, [], kept._write

def write(connection, query, file):
    if len(written) == 2:
        file.with_name(f".{file.name}.1").write_bytes(b"half a fi")
        print("in the middle", flush=True)
        sys.stdin.read()
    written.append(file)
    whole(connection, query, file)

kept._write = write
build(company(MANY), ONE, [QUANTITY], {"use": USE}, Shelf(Path(sys.argv[1])))
"""


def test_a_build_that_was_killed_goes_on_where_it_stood(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "in the middle\n"
        assert not Shelf(tmp_path).tidy(), "it is still under way"
        process.send_signal(signal.SIGKILL)
        process.wait()
    (place,) = (tmp_path / "use").iterdir()
    assert len(Ledger.read(place).days) == 4, "two parts of two days"
    assert anew(tmp_path, company(MANY)) == (7.0, (4, 8))  # the first day lies outside the window
    assert {path.name for path in place.iterdir()} == {LEDGER, *Ledger.read(place).parts}


def test_companies_side_by_side_do_not_share_rollups_that_differ(tmp_path: Path) -> None:
    one, other = (
        company(BEFORE),
        text_tables(
            accounts="account_id | signed_up_at\n a1 | 2024-01-01",
            consumption="account_id | occurred_at | quantity\n a1 | 2024-02-20 10:00 | 9",
            end=date(2024, 4, 1),
        ),
    )
    assert [anew(tmp_path, tables)[0] for tables in (one, other, one)] == [6.5, 9.0, 6.5]

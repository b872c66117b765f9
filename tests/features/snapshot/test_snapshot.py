"""A snapshot: what it holds, that it is the same bytes every time, and that a damaged one is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.accounts.facts import account_facts, months_after, next_renewal
from features.building import builder
from features.errors import ConfigError, InputError, TimeError
from features.library.catalogue import CATALOGUE, LIBRARY
from features.lock import locked
from features.outcomes.outcome import Outcome
from features.reading.opening import tables_from_frames
from features.snapshot import writing
from features.snapshot.snapshot import Snapshot
from features.snapshot.writing import write_snapshot
from features.tables import Tables
from tests.text_tables import parse_tables, text_tables

END = date(2024, 12, 1)
COMPANY = {
    "accounts": """
        account_id | signed_up_at | name  | owner | segment
        a          | 2024-01-01   | Alpha | Ann   | big
        b          | 2024-01-01   | Beta  |       | small
        c          | 2024-01-15   |       |       |
        new        | 2024-12-01   | New   | Ann   | big
    """,
    "subscriptions": """
        account_id | plan  | started_at | ended_at   | cancelled_at | mrr   | term_months | renews_at
        a          | basic | 2024-01-31 |            |              | 100.5 | 1           |
        a          | pro   | 2024-03-31 |            |              | 20    | 12          | 2025-03-31
        b          | basic | 2024-01-31 | 2024-09-15 | 2024-09-01   | 100.5 | 1           |
        c          | pro   | 2024-01-15 |            | 2024-11-30   |       |             |
    """,
    "plans": """
        plan  | tier
        basic | 1
        pro   | 2
        max   | 3
    """,
    "consumption": """
        account_id | occurred_at      | product | value
        a          | 2024-01-01       | core    | 1
        a          | 2024-09-01 00:00 | core    | 2.5
        a          | 2024-08-31 23:59 | core    | 7
        b          | 2024-05-01       | extra   | 1
        c          | 2024-05-01       | core    | 1
    """,
}
CHURN = Outcome(name="churn", kind="subscription_end", gap_days=7, horizon_days=60)
ADOPTION = Outcome(name="adoption", kind="product_adopted", gap_days=7, horizon_days=60)
OUTCOMES = {"churn": CHURN, "adoption": ADOPTION}
FEATURES = tuple(
    feature for feature in CATALOGUE if feature.name in {"active_days_28d", "active_days_91d", "product_accounts_91d"}
)


@lru_cache
def company() -> Tables:
    return text_tables(end=END, **COMPANY)


def write(
    folder: Path,
    tables: Tables | None = None,
    outcomes: Mapping[str, Outcome] = OUTCOMES,
    as_of: date = END,
    **more: object,
) -> Snapshot:
    arguments = {"step_days": 56, "history_days": 91, "features": FEATURES, **more}
    return write_snapshot(tables or company(), outcomes, as_of, folder, **arguments)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return write(tmp_path_factory.mktemp("features") / "2024-12-01", config_digest="c0ffee")


def rows(frame: pd.DataFrame, *columns: str) -> list[str]:
    frame = frame.assign(as_of=frame["as_of"].dt.strftime("%m-%d"))
    return [" ".join(map(str, row)) for row in frame[[*columns]].itertuples(index=False)]


class TestContent:
    def test_labels_are_those_of_the_mature_as_ofs_and_of_where_we_stand(self, snapshot: Snapshot) -> None:
        assert rows(snapshot.labels("churn"), "account_id", "as_of", "label") == [
            "a 04-21 0.0",
            "a 06-16 0.0",
            "a 08-11 0.0",
            "a 12-01 nan",
            "b 04-21 0.0",
            "b 06-16 0.0",
            "b 08-11 1.0",
            "c 04-21 0.0",
            "c 06-16 0.0",
            "c 08-11 0.0",
        ]

    def test_accounts_and_pairs_hold_every_outcomes_cohort_once(self, snapshot: Snapshot) -> None:
        asked = {row for name in OUTCOMES for row in rows(snapshot.labels(name), "account_id", "as_of")}
        by_as_of = sorted(asked, key=lambda row: (row.split()[-1], row))
        assert rows(snapshot.accounts, "account_id", "as_of") == by_as_of
        pairs = rows(snapshot.labels("adoption"), "account_id", "product", "as_of")
        assert sorted(rows(snapshot.pairs, "account_id", "product", "as_of")) == pairs

    def test_features_are_the_columns_in_order(self, snapshot: Snapshot) -> None:
        assert snapshot.features == ("active_days_28d", "active_days_91d")
        assert list(snapshot.accounts.columns) == ["account_id", "as_of", *snapshot.features]
        assert list(snapshot.pairs.columns) == ["account_id", "product", "as_of", *snapshot.pair_features]

    def test_types_do_not_depend_on_the_values(self, snapshot: Snapshot) -> None:
        schema = pq.read_schema(snapshot.folder / "facts.parquet")
        assert str(schema.field("owner").type) == "string"
        assert str(schema.field("days_to_renewal").type) == "double"
        assert str(schema.field("tenure_days").type) == "int64"
        assert snapshot.accounts.dtypes.astype(str).tolist() == ["str", "datetime64[us]", "float64", "float64"]

    def test_facts_are_of_the_accounts_that_are_scored(self, snapshot: Snapshot) -> None:
        facts = snapshot.facts.set_index("account_id")
        assert facts.index.tolist() == ["a", "c"]
        alpha = facts.loc["a"]
        assert (alpha["name"], alpha["owner"], alpha["segment"], alpha["plan"]) == ("Alpha", "Ann", "big", "pro")
        assert alpha["recurring_revenue"] == 120.5
        assert alpha["consumed_value_91d"] == 2.5
        assert alpha["tenure_days"] == 335
        assert alpha["days_to_renewal"] == 30  # the monthly one: from the 31st of January to the 31st of December
        assert facts["active"].tolist() == [True, True]
        assert facts.loc["c", ["recurring_revenue", "days_to_renewal"]].isna().all()
        assert facts["under_notice"].tolist() == [False, True]
        assert facts["under_notice"].dtype == bool
        assert facts["days_to_end"].isna().all()  # notice was given without a date

    def test_names_what_it_was_made_of(self, snapshot: Snapshot) -> None:
        manifest = json.loads((snapshot.folder / "snapshot.json").read_text())
        assert snapshot.config_digest == "c0ffee"
        assert snapshot.data_digest == manifest["data_digest"] != ""
        assert snapshot.outcomes == OUTCOMES
        assert sorted(manifest["files"]) == [
            "accounts.parquet",
            "facts.parquet",
            "labels_adoption.parquet",
            "labels_churn.parquet",
            "moments.parquet",
            "overrides.parquet",
            "pairs.parquet",
            "scores.parquet",
            "weeks.parquet",
        ]

    @pytest.mark.parametrize("teach", [False, True])
    def test_scores_are_for_people_and_for_models_only_where_that_is_said(self, tmp_path: Path, teach: bool) -> None:
        library = LIBRARY.teaching_scores() if teach else LIBRARY
        few = [f for f in library.available(company()) if f.name in {"active_days_28d", "score_consumption"}]
        made = write_snapshot(
            company(),
            {"churn": CHURN},
            END,
            tmp_path / "s",
            step_days=28,
            history_days=28,
            library=library,
            features=few,
        )
        assert list(made.scores.columns[2:]) == ["score_consumption"]
        assert made.features == ("active_days_28d", *["score_consumption"] * teach)

    def test_an_outcome_that_it_was_not_made_for_is_refused(self, snapshot: Snapshot) -> None:
        with pytest.raises(ConfigError, match="here adoption, churn; asked for 'upgrade'"):
            snapshot.labels("upgrade")


class TestWriting:
    def test_again_and_from_rows_in_another_order_gives_the_same_bytes(
        self, snapshot: Snapshot, tmp_path: Path
    ) -> None:
        frames = {name: frame.iloc[::-1] for name, frame in parse_tables(**COMPANY).items()}
        other = write(tmp_path / "2024-12-01", tables_from_frames(frames, end=END), config_digest="c0ffee")
        assert other.digest == snapshot.digest
        for file in sorted(snapshot.folder.iterdir()):
            assert (other.folder / file.name).read_bytes() == file.read_bytes(), file.name

    def test_replaces_the_folder_in_one_move_and_leaves_nothing_beside_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "2024-12-01"
        folder.mkdir()
        (folder / "stale.parquet").write_text("from an earlier run")
        written = write(folder, outcomes={"churn": CHURN})
        assert [path.name for path in tmp_path.iterdir()] == ["2024-12-01"]
        assert not (folder / "stale.parquet").exists()
        assert written.pairs.empty
        assert list(written.pairs.columns) == ["account_id", "product", "as_of", *written.pair_features]

    def test_leaves_the_standing_one_alone_where_it_fails(self, snapshot: Snapshot) -> None:
        with pytest.raises(TimeError):
            write(snapshot.folder, outcomes={"churn": CHURN.model_copy(update={"horizon_days": 400})})
        assert Snapshot.read(snapshot.folder).digest == snapshot.digest
        assert [path.name for path in snapshot.folder.parent.iterdir()] == [snapshot.folder.name]

    def test_leaves_nothing_beside_it_where_it_fails_half_way(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            assert [path.name for path in tmp_path.iterdir()] == [f".x.{os.getpid()}"]
            raise InputError("no facts")

        monkeypatch.setattr(writing, "account_facts", fail)
        with pytest.raises(InputError, match="no facts"):
            write(tmp_path / "x", outcomes={"churn": CHURN})
        assert not list(tmp_path.iterdir())

    def test_removes_what_a_killed_process_left_and_not_what_another_is_writing(self, tmp_path: Path) -> None:
        left, held = tmp_path / ".x.1", tmp_path / ".x.2"
        for folder in (left, held):
            folder.mkdir()
            (folder / "labels_churn.parquet").write_text("half of it")
        with locked(held, alone=False):
            write(tmp_path / "x", outcomes={"churn": CHURN})
        assert sorted(path.name for path in tmp_path.iterdir()) == [".x.2", "x"]

    def test_in_portions_it_holds_the_same(
        self, snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(builder, "PORTION", 2)
        written = write(tmp_path / "x")
        assert pq.ParquetFile(written.folder / "accounts.parquet").num_row_groups > 2
        for name in ("accounts", "pairs", "scores"):
            pd.testing.assert_frame_equal(getattr(written, name), getattr(snapshot, name), check_exact=True)

    def test_takes_as_ofs_that_are_named(self, tmp_path: Path) -> None:
        written = write(tmp_path / "x", outcomes={"churn": CHURN}, as_ofs=(date(2024, 7, 1), date(2024, 6, 1)))
        assert set(written.labels("churn")["as_of"].dt.strftime("%m-%d")) == {"06-01", "07-01", "12-01"}

    @pytest.mark.parametrize("wrong", [date(2024, 1, 1), date(2024, 12, 2)])
    def test_refuses_named_as_ofs_outside_the_data(self, tmp_path: Path, wrong: date) -> None:
        with pytest.raises(TimeError, match=f"training.as_ofs .* this one does not: {wrong}"):
            write(tmp_path / "x", as_ofs=(wrong,))

    def test_refuses_to_ask_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="At least one outcome"):
            write(tmp_path / "x", outcomes={})

    def test_says_how_many_days_are_missing(self, tmp_path: Path) -> None:
        long = CHURN.model_copy(update={"horizon_days": 300})
        with pytest.raises(TimeError, match=r"certain 321 days after its as_of .* there are 335 days up to 2024-12-01"):
            write(tmp_path / "x", outcomes={"churn": long})


class TestReading:
    @pytest.fixture
    def folder(self, snapshot: Snapshot, tmp_path: Path) -> Path:
        for file in snapshot.folder.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        return tmp_path

    def test_gives_back_what_was_written(self, snapshot: Snapshot, folder: Path) -> None:
        read = Snapshot.read(folder)
        assert read.digest == snapshot.digest
        pd.testing.assert_frame_equal(read.accounts, snapshot.accounts)

    def test_refuses_a_file_that_was_changed(self, folder: Path) -> None:
        (folder / "accounts.parquet").write_bytes(b"something else")
        with pytest.raises(InputError, match=r"accounts.parquet is not: .* Build the features again"):
            Snapshot.read(folder)

    def test_refuses_a_file_that_is_gone(self, folder: Path) -> None:
        (folder / "facts.parquet").unlink()
        with pytest.raises(InputError, match=r"facts.parquet is not: .* found no file"):
            Snapshot.read(folder)

    @pytest.mark.parametrize("text", [None, "", "{", "{}", '{"format": 99}', "[]"])
    def test_refuses_a_folder_without_a_readable_manifest(self, folder: Path, text: str | None) -> None:
        manifest = folder / "snapshot.json"
        manifest.unlink() if text is None else manifest.write_text(text)
        with pytest.raises(InputError, match=r"snapshot.json.*Build the features again"):
            Snapshot.read(folder)


class TestRenewals:
    @pytest.mark.parametrize(
        ("first", "term", "expected"),
        [
            ("2024-12-01", 1, "2024-12-01"),  # on the day itself
            ("2025-06-01", 1, "2025-06-01"),  # the first is still to come
            ("2024-11-30", 1, "2024-12-30"),
            ("2024-01-31", 1, "2024-12-31"),  # counted from the first one, not from a shorter month in between
            ("2023-01-15", 12, "2025-01-15"),
            ("2022-12-01", 12, "2024-12-01"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-08-15", 3, "2025-02-15"),
            ("2024-11-30", None, None),
        ],
    )
    def test_follow_the_first_every_term(self, first: str, term: int | None, expected: str | None) -> None:
        found = next_renewal(date.fromisoformat(first), term, END)
        assert found == (None if expected is None else date.fromisoformat(expected))

    def test_fall_on_the_last_day_of_a_shorter_month(self) -> None:
        assert months_after(date(2024, 1, 31), 1) == date(2024, 2, 29)
        assert months_after(date(2024, 1, 31), 13) == date(2025, 2, 28)
        assert months_after(date(2024, 12, 31), 0) == date(2024, 12, 31)


def test_facts_say_whether_notice_was_given_and_when_it_ends_as_it_was_known_then() -> None:
    """An end counts once notice of it is known, and only where all that is in force ends."""
    tables = text_tables(
        end=END,
        accounts="""
            account_id | signed_up_at
            whole      | 2024-01-01
            part       | 2024-01-01
            later      | 2024-01-01
            signed     | 2024-01-01
        """,
        subscriptions="""
            account_id | plan | started_at | ended_at   | cancelled_at
            whole      | a    | 2024-01-31 | 2024-11-15 | 2024-10-01
            whole      | b    | 2024-01-31 | 2024-11-20 | 2024-10-20
            part       | a    | 2024-01-31 | 2024-11-15 | 2024-10-01
            part       | b    | 2024-01-31 |            |
            later      | a    | 2024-01-31 | 2024-11-20 | 2024-11-01
            signed     | a    | 2024-01-31 | 2024-11-20 |
        """,
    )
    facts = account_facts(tables, ["whole", "part", "later", "signed"], date(2024, 11, 1)).set_index("account_id")
    assert facts["under_notice"].to_dict() == {"later": False, "part": False, "signed": False, "whole": True}
    assert facts["days_to_end"].dropna().to_dict() == {"whole": 19.0}


def test_facts_of_a_company_that_brings_only_use() -> None:
    tables = text_tables(
        end=END,
        accounts="""
            account_id | signed_up_at | valid_from | owner
            a          | 2024-01-01   | 2024-01-01 | Ann
            a          | 2024-01-01   | 2024-11-30 | Bob
            a          | 2024-01-01   | 2024-12-01 | Cy
            b          | 2024-01-01   | 2024-01-01 | Ann
        """,
        consumption="""
            account_id | occurred_at
            a          | 2024-11-01
            b          | 2024-01-01
        """,
    )
    facts = account_facts(tables, ["a", "b", "nobody"], END).set_index("account_id")
    assert facts["owner"].tolist() == ["Bob", "Ann"]
    assert facts["active"].tolist() == [True, False]
    assert not facts["under_notice"].any()
    assert (
        facts[["name", "segment", "plan", "recurring_revenue", "consumed_value_91d", "days_to_renewal"]]
        .isna()
        .all(axis=None)
    )

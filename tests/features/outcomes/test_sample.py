"""With more labelled rows than a model needs, whole accounts are learned from, and everybody is still scored."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from features.library.catalogue import CATALOGUE
from features.outcomes.labels import labelled_cohort, sampled_cohort
from features.outcomes.outcome import Outcome
from features.outcomes.sample import Sample, drawn_accounts
from features.reading.opening import tables_from_frames
from features.snapshot.snapshot import Snapshot
from features.snapshot.writing import write_snapshot
from features.tables import Tables
from models.dataset import training_rows

END = date(2024, 12, 1)
DAYS = (date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1))
CHURN = Outcome(name="churn", kind="inactivity", gap_days=7, horizon_days=60, active_days=400)
ADOPTION = Outcome(name="adoption", kind="product_adopted", gap_days=7, horizon_days=60)
FEATURES = tuple(feature for feature in CATALOGUE if feature.name in {"active_days_28d", "product_accounts_91d"})


@pytest.fixture(scope="module")
def tables() -> Tables:
    return company(40)


def company(accounts: int, backwards: bool = False) -> Tables:
    """So many accounts that use one of two products from January on; the later ones sign up later."""
    ids = [f"a{number:02}" for number in range(accounts)]
    signed_up = [f"2024-0{1 + number % 5}-02" for number in range(accounts)]
    products = ["core" if number % 3 else "extra" for number in range(accounts)]
    known = pd.DataFrame({"account_id": ids, "signed_up_at": signed_up})
    uses = pd.DataFrame({"account_id": ids, "occurred_at": signed_up, "product": products})
    first = pd.DataFrame({"account_id": ["a00"], "occurred_at": ["2024-01-01"], "product": ["core"]})
    frames = {"accounts": known, "consumption": pd.concat([first, uses])}
    if backwards:
        frames = {name: frame.iloc[::-1] for name, frame in frames.items()}
    return tables_from_frames(frames, end=END, check=False)


def past(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["as_of"] < pd.Timestamp(END)].reset_index(drop=True)


def standing(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["as_of"] == pd.Timestamp(END)].reset_index(drop=True)


def test_an_account_is_kept_with_all_of_its_rows_or_not_at_all(tables: Tables) -> None:
    whole = labelled_cohort(tables, CHURN, DAYS, END)
    frame, sample = sampled_cohort(tables, CHURN, DAYS, END, max_rows=50)

    kept = set(past(frame)["account_id"])
    expected = past(whole)[past(whole)["account_id"].isin(kept)].reset_index(drop=True)
    pd.testing.assert_frame_equal(past(frame), expected)
    assert 40 < len(past(frame)) <= 50 < len(past(whole))
    assert sample == Sample(kept=len(kept), accounts=past(whole)["account_id"].nunique())


def test_everybody_is_there_where_we_stand(tables: Tables) -> None:
    frame, _ = sampled_cohort(tables, CHURN, DAYS, END, max_rows=1)
    pd.testing.assert_frame_equal(standing(frame), standing(labelled_cohort(tables, CHURN, DAYS, END)))
    assert len(standing(frame)) == 40


def test_the_sample_depends_neither_on_the_order_of_the_rows_nor_on_who_else_is_drawn(tables: Tables) -> None:
    few, _ = sampled_cohort(tables, CHURN, DAYS, END, max_rows=30)
    again, _ = sampled_cohort(company(40, backwards=True), CHURN, DAYS, END, max_rows=30)
    more, _ = sampled_cohort(tables, CHURN, DAYS, END, max_rows=60)

    pd.testing.assert_frame_equal(again, few)
    assert set(past(few)["account_id"]) < set(past(more)["account_id"])


def test_as_many_rows_as_are_allowed_are_all_kept(tables: Tables) -> None:
    whole = labelled_cohort(tables, CHURN, DAYS, END)
    frame, sample = sampled_cohort(tables, CHURN, DAYS, END, max_rows=len(past(whole)))

    pd.testing.assert_frame_equal(frame, whole)
    assert sample.kept == sample.accounts
    assert sample.note == ""


def test_accounts_are_drawn_by_a_hash_of_their_ids_and_at_least_one() -> None:
    rows = {f"a{number}": 2 for number in range(6)}
    order = drawn_accounts(rows, max_rows=12)

    assert order == ["a2", "a4", "a0", "a5", "a3", "a1"]
    assert drawn_accounts(rows, max_rows=5) == order[:2]
    assert drawn_accounts(dict(reversed(rows.items())), max_rows=5) == order[:2]
    assert drawn_accounts(rows, max_rows=1) == order[:1]
    assert drawn_accounts({}, max_rows=1) == []


def test_features_of_those_left_out_are_not_built_and_the_note_goes_with_the_rows(
    tables: Tables, tmp_path: Path
) -> None:
    settings = {"step_days": 56, "history_days": 91, "features": FEATURES}
    outcomes = {"churn": CHURN, "adoption": ADOPTION}
    whole = write_snapshot(tables, outcomes, END, tmp_path / "whole", **settings)
    small = write_snapshot(tables, outcomes, END, tmp_path / "small", max_rows=30, **settings)

    assert len(past(small.accounts)) <= 60 < len(past(whole.accounts))
    pd.testing.assert_frame_equal(standing(small.pairs), standing(whole.pairs))
    assert Snapshot.read(small.folder).samples == small.samples
    counts = small.samples["churn"]
    note = training_rows(small, "churn").at(DAYS).sorted().note
    assert note.startswith(f"learned from {counts.kept / counts.accounts:.0%} of the accounts ({counts.kept} of 40)")
    assert training_rows(whole, "churn").note == ""

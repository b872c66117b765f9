"""What is not allowed is never computed: nobody reads its column, no rollup holds its measure, no feature is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from features.building.builder import build
from features.feature import Score
from features.library.catalogue import CATALOGUE, LIBRARY, SOURCES
from features.library.library import Library
from features.outcomes.outcome import Outcome
from features.purposes import PURPOSES, FeatureSettings, PurposeSettings
from features.report.computed import Computed
from features.snapshot.writing import write_snapshot
from features.tables import Tables
from tests.text_tables import text_tables

END = date(2024, 7, 1)
CHURN = Outcome(name="churn", kind="inactivity", gap_days=7, horizon_days=30)
COMPANY = {
    "accounts": """
        account_id | signed_up_at
        a          | 2024-01-01
        b          | 2024-01-01
    """,
    "consumption": """
        account_id | occurred_at | product | user_id | status | value
        a          | 2024-01-01  | mail    | u1      | ok     | 5
        a          | 2024-05-20  | mail    | u1      | error  | 5
        a          | 2024-06-20  | maps    | u2      | ok     | 5
        b          | 2024-05-21  | mail    | u3      | ok     | 5
    """,
}


@ibis.udf.scalar.builtin(name="error", signature=(("string",), "string"))
def _fails(text: object) -> None:
    """The engine's `error`: whoever reads a value of it is told so."""


def guarded(tables: Tables, table: str, *columns: str) -> Tables:
    """The tables with columns that fail as soon as anybody reads a value of theirs."""
    rows = tables[table]
    trap = {name: _fails(f"{name} was read for " + rows["account_id"]).cast(rows[name].type()) for name in columns}
    return replace(tables, tables={**tables.tables, table: rows.mutate(**trap)})


def allowing(*purposes: str) -> Library:
    return LIBRARY.allowing(PurposeSettings(allowed=purposes))


def cohort() -> pd.DataFrame:
    return pd.DataFrame({"account_id": ["a", "b"], "as_of": pd.to_datetime([END, END])})


def accounts_of(library: Library, tables: Tables) -> pd.DataFrame:
    features = [feature for feature in library.available(tables) if feature.about == "account"]
    return build(tables, cohort(), features, library.sources_of(features))


def test_every_purpose_of_the_catalogue_is_allowed_unless_the_company_chooses() -> None:
    assert FeatureSettings().purposes.allowed == ("service", "retention", "growth", "pricing")
    assert set(PURPOSES) == {feature.purpose for feature in CATALOGUE}
    assert LIBRARY.on == CATALOGUE
    assert LIBRARY.off == ()
    assert LIBRARY.off_in_words == ""


def test_only_features_of_allowed_purposes_are_there() -> None:
    tables = text_tables(end=END, **COMPANY)
    built = accounts_of(allowing("service"), tables)
    served = [feature.name for feature in CATALOGUE if feature.purpose == "service"]
    assert {"error_share_28d", "days_to_first_use", "stage_using"} < set(built.columns[2:]) < set(served)


def test_a_score_is_made_of_the_parts_that_are_allowed_and_off_without_any() -> None:
    library = allowing("service")
    scores = {feature.name: feature.value for feature in library.on if isinstance(feature.value, Score)}
    parts = {name: [part.feature for part in score.parts] for name, score in scores.items()}
    assert "error_share_91d" in parts["score_satisfaction"]
    assert "satisfaction_182d" not in parts["score_satisfaction"]
    assert "score_loyalty" not in parts
    assert "score_loyalty" in library.off_by_purpose["scores of such"]


def test_a_column_that_only_other_purposes_need_is_never_read() -> None:
    tables = guarded(text_tables(end=END, **COMPANY), "consumption", "value", "user_id")
    built = accounts_of(allowing("service"), tables)
    assert built["error_share_91d"].tolist() == [0.5, 0.0]


@pytest.mark.parametrize(("column", "purpose"), [("user_id", "growth"), ("status", "service")])
def test_the_same_column_is_read_where_its_purpose_is_allowed(column: str, purpose: str) -> None:
    """Otherwise the test before would hold of anything."""
    tables = guarded(text_tables(end=END, **COMPANY), "consumption", column)
    with pytest.raises(duckdb.Error, match=f"{column} was read for"):
        accounts_of(allowing(purpose), tables)


def test_a_measure_that_only_other_purposes_need_is_in_no_rollup(tmp_path: Path) -> None:
    tables = text_tables(end=END, **COMPANY)
    held = {}
    for name, library in {"some": allowing("service"), "all": LIBRARY}.items():
        folder = tmp_path / name
        write_snapshot(
            tables,
            {"churn": CHURN},
            END,
            folder / "features",
            step_days=28,
            history_days=28,
            library=library,
            rollups=folder / "rollups",
        )
        held[name] = {
            path.parts[-3]: set(pq.read_schema(path).names) - {"account_id", "day", "known_day"}
            for path in (folder / "rollups").glob("*/*/part-*.parquet")
        }
    # whether an account tries a further product tells in which stage it is: a service
    assert held["some"] == {"uses": {"product", "events", "errors"}}
    assert held["all"]["uses"] >= {"product", "events", "errors", "value"}
    assert "uses.user_id" in held["all"]


def test_sources_are_cut_down_to_what_is_asked_of_them() -> None:
    features = [feature for feature in CATALOGUE if feature.name in {"error_share_28d", "products_91d", "discount"}]
    cut = LIBRARY.sources_of(features)
    assert set(cut) == {"consumption", "subscriptions", "uses"}
    assert [measure.name for measure in cut["consumption"].measures] == ["events", "errors"]  # type: ignore[union-attr]
    assert cut["consumption"].entities == ("product",)  # type: ignore[union-attr]
    assert [measure.name for measure in cut["uses"].measures] == ["events", "errors"]  # type: ignore[union-attr]
    assert cut["uses"].entities == ()  # type: ignore[union-attr]
    assert [state.name for state in cut["subscriptions"].states] == ["discount"]  # type: ignore[union-attr]
    assert LIBRARY.sources_of(CATALOGUE).keys() == {*SOURCES, "uses"}


def test_what_is_cut_away_changes_no_value() -> None:
    tables = text_tables(end=END, **COMPANY)
    features = [feature for feature in LIBRARY.available(tables) if feature.about == "account"]
    whole = build(tables, cohort(), features, SOURCES)
    pd.testing.assert_frame_equal(whole, build(tables, cohort(), features, LIBRARY.sources_of(features)))


def test_a_feature_whose_purpose_is_off_is_no_loss_of_an_absent_table() -> None:
    tables = text_tables(end=END, **COMPANY)
    lost = {feature.purpose for features in allowing("growth").unavailable(tables).values() for feature in features}
    assert lost == {"growth"}


def test_the_numbers_say_what_is_computed_and_what_is_off() -> None:
    tables = text_tables(end=END, **COMPANY)
    library = allowing("service", "retention")
    counted = Computed.of(library, tables)
    off = {purpose: sum(f.purpose == purpose for f in CATALOGUE) for purpose in ("growth", "pricing")}
    scores = len(library.off) - sum(off.values())
    assert {purpose: len(names) for purpose, names in counted.off.items()} == {**off, "scores of such": scores}
    assert counted.on + counted.lost + len(library.off) == len(CATALOGUE)
    count = len(library.off)
    told = f"growth {off['growth']}, pricing {off['pricing']}, scores of such {scores}"
    assert f"{count} are off, because their purposes are not allowed ({told})" in str(counted)
    assert library.off_in_words == f" ({count} off, their purposes not allowed: {told})"
    assert "purposes" not in str(Computed.of(LIBRARY, tables))


def test_the_snapshot_says_which_purposes_were_allowed(tmp_path: Path) -> None:
    def snapshot(name: str, library: Library) -> tuple[tuple[str, ...], str]:
        tables = text_tables(end=END, **COMPANY)
        arguments = {"step_days": 28, "history_days": 28, "library": library}
        written = write_snapshot(tables, {"churn": CHURN}, END, tmp_path / name, **arguments)  # type: ignore[arg-type]
        return written.purposes, written.catalogue_digest

    few, all_of_them = snapshot("few", allowing("service")), snapshot("all", LIBRARY)
    assert few[0] == ("service",)
    assert all_of_them[0] == tuple(PURPOSES)
    assert few[1] != all_of_them[1]


def test_a_company_may_add_a_purpose_and_allows_it_by_name() -> None:
    own = {"credit": "Deciding on terms of payment"}
    settings = PurposeSettings.model_validate({"own": own, "allowed": ["service", "credit"]})
    assert settings.meanings["credit"] == "Deciding on terms of payment"
    assert "credit" not in PurposeSettings.model_validate({"own": own}).allowed


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"allowed": ["servise"]}, "did you mean service?"),
        ({"allowed": ["spying"]}, "Purposes: service, retention, growth, pricing"),
        ({"allowed": []}, "at least 1"),
        ({"own": {"growth": "Ours"}}, "growth is one already"),
        ({"growth": False}, "Extra inputs"),
    ],
)
def test_a_purpose_that_there_is_not_is_an_error_that_names_the_nearest(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("?", r"\?")):
        PurposeSettings.model_validate(wrong)

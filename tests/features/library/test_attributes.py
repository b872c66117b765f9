"""Features of declared attributes: which values have a flag, what each is worth when, and what new values do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.accounts.evidence import evidence
from features.building.builder import build
from features.declared import Attribute, Declared
from features.feature import Feature
from features.library.attributes import attribute_names, attribute_values, flags, kept_attributes, with_attributes
from features.library.catalogue import LIBRARY
from features.outcomes.outcome import Outcome
from features.reading.opening import tables_from_frames
from features.snapshot.snapshot import Snapshot
from features.snapshot.writing import write_snapshot
from features.tables import Tables
from serving.wording import reason_text

END = date(2024, 7, 1)
CHURN = Outcome(name="churn", kind="inactivity", gap_days=7, horizon_days=30)


def company(
    columns: Mapping[str, list[object]], signed_up: str = "2024-01-01", more: pd.DataFrame | None = None
) -> Tables:
    """One account a value, all known before the end but those that `more` says; columns are attributes."""
    count = len(next(iter(columns.values())))
    ids = [f"a{number:04d}" for number in range(count)]
    accounts = pd.DataFrame({"account_id": ids, "signed_up_at": signed_up, **columns})
    accounts = accounts if more is None else pd.concat([accounts, more], ignore_index=True)
    use = pd.DataFrame({"account_id": ids * 2, "occurred_at": ["2024-01-02"] * count + ["2024-06-25"] * count})
    frames = {"accounts": accounts[["account_id", "signed_up_at"]], "consumption": use}
    tables = tables_from_frames(frames, end=END, check=False)
    # what the reader does with declared attributes is tested where it is read; here they are joined as they are
    tables.connection.con.register("given", accounts)
    return replace(tables, tables={**tables.tables, "accounts": _joined(tables)}, static=frozenset(columns))


def _joined(tables: Tables) -> object:
    given = tables.connection.table("given").drop("signed_up_at")
    return tables["accounts"].inner_join(given, "account_id")


def declared(*names: str) -> dict[str, Attribute]:
    return {name: Attribute() for name in names}


def names(tables: Tables, *attributes: str, as_of: date = END) -> list[str]:
    return [name.removeprefix("attribute_") for name in attribute_names(tables, as_of, declared(*attributes))]


def built(tables: Tables, features: list[str], as_of: date = END) -> pd.DataFrame:
    attributes = declared(*dict.fromkeys(name.partition("=")[0] for name in features))
    library = with_attributes(LIBRARY, attributes, [f"attribute_{name}" for name in features])
    records = library.families["attributes"]
    accounts = tables["accounts"].select("account_id").distinct().to_pandas()["account_id"]
    asked = pd.DataFrame({"account_id": accounts, "as_of": pd.Timestamp(as_of)})
    return build(tables, asked, records, library.sources_of(records)).set_index("account_id")


class TestWhichValuesHaveAFlag:
    def test_those_that_twenty_accounts_bear(self) -> None:
        tables = company({"industry": ["retail"] * 20 + ["mining"] * 19 + [None] * 20})
        assert names(tables, "industry") == ["industry=retail", "industry=(missing)"]

    def test_and_one_in_a_hundred(self) -> None:
        tables = company({"industry": ["retail"] * 2941 + ["mining"] * 29 + ["farming"] * 30})
        assert names(tables, "industry") == ["industry=farming", "industry=retail"]

    def test_at_most_twenty_the_commonest(self) -> None:
        values = [f"v{number:02d}" for number in range(25) for _ in range(20 + number)]
        assert names(company({"kind": values}), "kind") == [f"kind=v{number:02d}" for number in range(5, 25)]

    def test_case_and_white_space_tell_no_values_apart(self) -> None:
        tables = company(
            {"industry": ["Retail"] * 10 + [" retail "] * 5 + ["RETAIL"] * 5 + ["Real  Estate"] * 20 + [" "] * 20}
        )
        assert names(tables, "industry") == ["industry=real estate", "industry=retail", "industry=(missing)"]

    def test_numbers_have_none_and_flags_are_words(self) -> None:
        tables = company({"employees": list(range(40)), "vip": [True] * 20 + [False] * 20})
        assert names(tables, "employees", "vip") == ["employees", "vip=false", "vip=true"]

    def test_whoever_signs_up_later_changes_nothing(self) -> None:
        later = pd.DataFrame(
            {"account_id": [f"new{n}" for n in range(90)], "signed_up_at": "2024-07-01", "industry": ["gaming"] * 90}
        )
        values = {"industry": ["retail"] * 30}
        assert (
            names(company(values), "industry") == names(company(values, more=later), "industry") == ["industry=retail"]
        )

    @pytest.mark.parametrize(
        "value", ["50 %", "a=b", "(missing)", 'say "hi"', "x{value}", "müller & söhne", "a,b|c", "ß/ẞ"]
    )
    def test_a_name_holds_its_value_whatever_that_is(self, value: str) -> None:
        tables = company({"kind": [value] * 20 + ["other"] * 20})
        (name,) = [name for name in names(tables, "kind") if name != "kind=other"]
        assert set(name.removeprefix("kind=")) <= set(value.lower()) | set("%0123456789ABCDEF")
        assert built(tables, [name])[f"attribute_{name}"].sum() == 20


class TestValues:
    def test_numbers_as_they_are_and_one_flag_a_value(self) -> None:
        tables = company({"employees": [3.0, None, 0.5], "industry": ["Retail", "mining", None]})
        frame = built(tables, ["employees", "industry=retail", "industry=(missing)"])
        assert frame["attribute_employees"].tolist()[::2] == [3.0, 0.5]
        assert np.isnan(frame["attribute_employees"].iloc[1])
        assert frame["attribute_industry=retail"].tolist() == [1, 0, 0]
        assert frame["attribute_industry=(missing)"].tolist() == [0, 0, 1]

    def test_a_value_that_nobody_bears_any_more_is_still_answered(self) -> None:
        assert built(company({"industry": ["retail", None]}), ["industry=gone"])[
            "attribute_industry=gone"
        ].tolist() == [0, 0]

    def test_an_account_of_a_new_value_has_no_flag(self) -> None:
        frame = built(company({"industry": ["brand new"]}), ["industry=retail", "industry=(missing)"])
        assert frame.filter(like="attribute_").to_numpy().tolist() == [[0, 0]]

    def test_versions_count_from_the_day_after_they_begin(self) -> None:
        accounts = pd.DataFrame(
            {
                "account_id": ["a", "a"],
                "signed_up_at": ["2024-01-01", "2024-01-01"],
                "valid_from": ["2024-01-01", "2024-05-01"],
                "region": ["north", "south"],
            }
        )
        use = pd.DataFrame({"account_id": ["a", "a"], "occurred_at": ["2024-01-02", "2024-06-01"]})
        tables = tables_from_frames({"accounts": accounts, "consumption": use}, end=END)
        worth = {day: built(tables, ["region=north", "region=south"], day).iloc[0, 1:].tolist()
                 for day in (date(2024, 5, 1), date(2024, 5, 2))}  # fmt: skip
        assert worth == {date(2024, 5, 1): [1, 0], date(2024, 5, 2): [0, 1]}

    def test_the_rows_behind_it_show_the_attribute(self) -> None:
        tables = company({"industry": ["Retail"]})
        library = with_attributes(LIBRARY, declared("industry"), ["attribute_industry=retail"])
        (feature,) = library.families["attributes"]
        rows = evidence(tables, feature, "a0000", END, sources=library.sources)
        assert rows["industry"].tolist() == ["Retail"]


class TestRecords:
    def feature(self, name: str) -> Feature:
        library = with_attributes(LIBRARY, {"industry": Attribute(purpose="growth")}, [f"attribute_{name}"])
        return library.families["attributes"][0]

    def test_it_is_a_feature_like_any_other(self) -> None:
        feature = self.feature("industry=retail")
        assert (feature.unit, feature.idea, feature.rung, feature.purpose) == ("flag", "attributes", None, "growth")
        assert self.feature("industry").unit == "quantity"

    def test_reasons_as_they_are_read(self) -> None:
        assert reason_text(self.feature("industry=retail"), 1.0, 1.0, 0.0) == "Industry is retail: yes (others: no)"
        assert reason_text(self.feature("industry=(missing)"), 1.0, None, None) == "Industry is not known: yes"
        assert reason_text(self.feature("industry"), 12.0, None, 30.0) == "Industry: 12 (others: 30)"
        assert reason_text(self.feature("industry"), np.nan, None, None) == "Industry is not known"
        assert reason_text(self.feature("industry=x%7Bvalue%7D"), 1.0, None, None) == "Industry is x(value): yes"

    def test_without_the_attribute_there_is_no_feature(self) -> None:
        assert with_attributes(LIBRARY, {}, ["attribute_industry=retail"]) is LIBRARY
        assert with_attributes(LIBRARY, declared("industry"), ["active_days_28d"]) is LIBRARY


class TestSnapshots:
    def written(self, folder: Path, tables: Tables, *attributes: str) -> Snapshot:
        on = declared(*attributes)
        library = with_attributes(LIBRARY, on, attribute_names(tables, END, on))
        features = [
            feature for feature in library.available(tables) if feature.name.startswith(("attribute_", "active_"))
        ]
        kept = kept_attributes(tables, Declared(on, (), {}))
        arguments = {"step_days": 28, "history_days": 28, "library": library, "features": features, "attributes": kept}
        return write_snapshot(tables, {"churn": CHURN}, END, folder / "s", **arguments)  # type: ignore[arg-type]

    def test_a_flag_that_an_older_model_asks_for_is_told_of_every_as_of(self, tmp_path: Path) -> None:
        tables = company({"industry": ["Retail"] * 30 + ["mining"] * 5, "employees": [1.0] * 35})
        snapshot = self.written(tmp_path, tables, "industry", "employees")
        asked = ["attribute_industry=retail", "attribute_industry=mining", "attribute_industry=gone", "active_days_7d"]
        frame = snapshot.accounts_with(asked)
        assert snapshot.features[-2:] == ("attribute_industry=retail", "attribute_employees")
        per_day = frame.groupby("as_of")[asked[:3]].sum()
        assert (per_day == [30, 5, 0]).all(axis=None)
        assert list(frame.columns[:-2]) == list(snapshot.accounts.columns)

    def test_nothing_is_added_where_nothing_is_missing(self, tmp_path: Path) -> None:
        snapshot = self.written(tmp_path, company({"industry": ["retail"] * 30}), "industry")
        assert snapshot.accounts_with(["attribute_industry=retail"]) is snapshot.accounts
        assert snapshot.accounts_with(["attribute_age", "attribute_age=old"]) is snapshot.accounts

    def test_flags_from_kept_values_are_those_that_the_builder_gives(self) -> None:
        tables = company({"industry": ["Retail", " mining ", None, "", "ReTail"]})
        asked = ["industry=retail", "industry=mining", "industry=(missing)"]
        frame = built(tables, asked)
        values = attribute_values(tables, frame.reset_index()[["account_id", "as_of"]], ["industry"])
        told = pd.DataFrame(flags(values, [f"attribute_{name}" for name in asked]))
        assert told.to_numpy().tolist() == frame.filter(like="attribute_").to_numpy().tolist()

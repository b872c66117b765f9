"""Declared attributes: which become features, which are only reported by or not read, and how they are typed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from features.data_settings import DataSettings, TableSource
from features.declared import Attribute, Declared, declared
from features.errors import ConfigError
from features.purposes import FeatureSettings
from features.reading.opening import open_tables


def used(attributes: object, columns: dict[str, str] | None = None, **settings: object) -> Declared:
    source = TableSource.model_validate({"attributes": attributes, "columns": columns or {}})
    return declared(source.attributes, source.columns, FeatureSettings.model_validate(settings))


def test_a_bare_list_is_for_retention() -> None:
    assert used(["industry", "employees"]).features == {"industry": Attribute(), "employees": Attribute()}
    assert Attribute().purpose == "retention"


def test_each_may_have_its_own_purpose_and_type() -> None:
    found = used({"industry": "growth", "postcode": {"purpose": "service", "type": "text"}})
    assert found.features["industry"].purpose == "growth"
    assert found.features["postcode"] == Attribute(purpose="service", type="text")
    assert found.off == {}


def test_one_whose_purpose_is_not_allowed_is_off() -> None:
    found = used({"industry": "growth", "vat": "service"}, purposes={"allowed": ["service"]})
    assert list(found.features) == ["vat"]
    assert found.off == {"industry": "its purpose growth is not allowed"}
    assert found.read == ("vat",)


def test_a_protected_one_is_off_unless_it_is_allowed_by_name() -> None:
    off = used(["age", "industry"])
    assert list(off.features) == ["industry"]
    assert off.off == {"age": 'it is protected (age); to allow it: [features] protected = ["age"]'}
    allowed = used(["age", "industry"], protected=["age"])
    assert list(allowed.features) == ["age", "industry"]
    assert allowed.off == {}


def test_another_name_does_not_hide_what_is_protected() -> None:
    assert list(used(["a1"], columns={"a1": "cust_gender"}).off) == ["a1"]


def test_being_allowed_by_name_does_not_allow_its_purpose() -> None:
    assert used({"age": "growth"}, protected=["age"], purposes={"allowed": ["service"]}).features == {}


def test_reported_is_what_is_named_and_what_is_protected_and_allowed() -> None:
    assert used(["industry"]).slices == ()
    assert used(["industry"], slices=["region", "industry"]).slices == ("region", "industry")
    assert used(["age", "gender"], protected=["age"], slices=["region"]).slices == ("region", "age")


def test_one_that_is_off_may_be_read_for_reporting_alone() -> None:
    found = used(["age", "gender"], slices=["age"])
    assert found.features == {}
    assert found.read == ("age",)
    assert list(found.off) == ["age", "gender"]


@pytest.mark.parametrize(
    ("attributes", "settings", "said"),
    [
        (["industry"], {"slices": ["industri"]}, "did you mean industry?"),
        (["industry"], {"protected": ["age"]}, r"age is none\. There are: industry"),
        (["name"], {}, "name cannot be one"),
        (["signed_up_at"], {}, "signed_up_at cannot be one"),
        ({"vat": "servise"}, {}, "did you mean service?"),
        ({"region": {"type": "number"}}, {}, "the contract says of what type region is"),
    ],
)
def test_a_name_that_is_none_is_refused(attributes: object, settings: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
        used(attributes, **settings)


def typed(folder: Path, values: str, **attribute: object) -> str:
    """The type that the attribute of a CSV with those values gets, and what its first value then is."""
    (folder / "data").mkdir(exist_ok=True)
    rows = "\n".join(f"a{number},2024-01-01,{value}" for number, value in enumerate(values.split("|")))
    (folder / "data" / "accounts.csv").write_text(f"account_id,signed_up_at,given\n{rows}\n", encoding="utf-8")
    (folder / "data" / "consumption.csv").write_text("account_id,occurred_at\na0,2024-01-02\n", encoding="utf-8")
    source = TableSource.model_validate({"attributes": {"given": attribute}})
    tables = open_tables(DataSettings(tables={"accounts": source}, end=date(2024, 2, 1)), folder)
    accounts = tables["accounts"].order_by("account_id")
    return f"{accounts['given'].type()}: {accounts['given'].cast('string').to_pyarrow()[0].as_py()}"


def test_text_that_is_all_numbers_is_a_number(tmp_path: Path) -> None:
    assert typed(tmp_path, "12|7.5||-1e3") == "decimal(18, 6): 12.000000"
    assert typed(tmp_path, "12|seven") == "string: 12"
    assert typed(tmp_path, "|") == "string: None"


def test_postcodes_are_no_numbers(tmp_path: Path) -> None:
    assert typed(tmp_path, "01067|10115") == "string: 01067"
    assert typed(tmp_path, "0|0.5|10") == "decimal(18, 6): 0.000000"


def test_the_config_has_the_last_word(tmp_path: Path) -> None:
    assert typed(tmp_path, "1|2|3", type="text") == "string: 1"
    assert typed(tmp_path, "007|010", type="number") == "decimal(18, 6): 7.000000"


def test_a_file_that_is_typed_says_itself_what_is_a_number(tmp_path: Path) -> None:
    import pandas as pd

    (tmp_path / "data").mkdir()
    frame = pd.DataFrame({"account_id": ["a"], "signed_up_at": [pd.Timestamp("2024-01-01")], "given": ["12"]})
    frame.to_parquet(tmp_path / "data" / "accounts.parquet")
    use = pd.DataFrame({"account_id": ["a"], "occurred_at": [pd.Timestamp("2024-01-02")]})
    use.to_parquet(tmp_path / "data" / "consumption.parquet")
    source = TableSource.model_validate({"attributes": ["given"]})
    tables = open_tables(DataSettings(tables={"accounts": source}, end=date(2024, 2, 1)), tmp_path)
    assert tables["accounts"]["given"].type().is_string()

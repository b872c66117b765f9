"""Files hold the same bytes for the same frame, and no cell of them runs."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.files import as_table, read_parquet, safe_text, write_csv, write_parquet, write_xlsx

T = date(2025, 6, 30)
TYPES = {"name": pa.string(), "as_of": pa.date32(), "amount": pa.float64(), "rank": pa.int64(), "none": pa.string()}
SCHEMA = pa.schema(TYPES)
PAYLOADS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"click")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\ufeff=1+1",
    "\u00a0=1+1",
    "＝1+1",
    "\ttext",
    "-",
]
HARMLESS = ["Acme", "", "3 = 3", "a-b", "m@x.example", "50% off", "'quoted", 'Zoë & Söhne; GmbH, "x"']


def frame(*names: str | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": pd.Series(names, dtype="str"),
            "as_of": pd.Series([pd.Timestamp(T)] * len(names), dtype="datetime64[us]"),
            "amount": pd.Series([-1.5 + n for n in range(len(names))], dtype="float64"),
            "rank": pd.Series(range(1, len(names) + 1), dtype="int64"),
            "none": pd.Series([None] * len(names), dtype="str"),
        }
    )


def runs(cell: str) -> bool:
    return cell.lstrip(" \t\r\n\v\f\u00a0\u200b\ufeff")[:1] in tuple("=+-@＝＋－＠") and cell.strip() != ""


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_runs(payload: str, tmp_path: Path) -> None:
    write_csv(frame(payload), SCHEMA, tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
        cell = list(csv.reader(file))[1][0]
    assert cell == f"'{payload}"
    write_xlsx(frame(payload), SCHEMA, tmp_path / "list.xlsx", T)
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert sheet is not None
    assert sheet["A2"].data_type != "f"
    assert str(sheet["A2"].value).startswith("'")


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays(text: str) -> None:
    assert safe_text(text) == text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_whatever_a_text_is_it_does_not_run(text: str) -> None:
    assert not runs(safe_text(text))


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    write_csv(frame("a"), SCHEMA, tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_text() == 'name,as_of,amount,rank,none\n"a","2025-06-30",-1.5,1,""\n'
    write_xlsx(frame("a"), SCHEMA, tmp_path / "list.xlsx", T)
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert sheet is not None
    assert (sheet["C2"].value, sheet["C2"].data_type) == (-1.5, "n")
    assert sheet["B2"].value.date() == T
    assert sheet["E2"].value is None


def test_parquet_keeps_text_types_and_nulls(tmp_path: Path) -> None:
    write_parquet(frame("=1+1", None), SCHEMA, tmp_path / "list.parquet")
    back = read_parquet(tmp_path / "list.parquet")
    pd.testing.assert_frame_equal(back, frame("=1+1", None))
    assert pa.parquet.read_schema(tmp_path / "list.parquet").field("none").type == pa.string()


def test_missing_numbers_are_empty(tmp_path: Path) -> None:
    missing = frame("a").assign(amount=math.nan)
    write_csv(missing, SCHEMA, tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_text().splitlines()[1] == '"a","2025-06-30","",1,""'
    assert as_table(missing, SCHEMA)["amount"].null_count == 1


def test_the_same_frame_is_the_same_bytes(tmp_path: Path) -> None:
    for turn in ("one", "two"):
        (tmp_path / turn).mkdir()
        write_parquet(frame("a", "b"), SCHEMA, tmp_path / turn / "list.parquet")
        write_csv(frame("a", "b"), SCHEMA, tmp_path / turn / "list.csv")
        write_xlsx(frame("a", "b"), SCHEMA, tmp_path / turn / "list.xlsx", T)
    for name in ("list.parquet", "list.csv", "list.xlsx"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(max_size=30))
def test_any_name_survives_all_three(name: str, tmp_path: Path) -> None:
    table = frame(name)
    write_parquet(table, SCHEMA, tmp_path / "list.parquet")
    assert read_parquet(tmp_path / "list.parquet")["name"].tolist() == [name]
    write_csv(table, SCHEMA, tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1][0] == safe_text(name)
    write_xlsx(table, SCHEMA, tmp_path / "list.xlsx", T)
    openpyxl.load_workbook(tmp_path / "list.xlsx")

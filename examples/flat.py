"""A flat table, one row a customer with a label beside it, as a company's folder, so that its leaks can be looked for.

    python -m examples.flat bankchurners SOURCE TARGET       # a set that is described in examples/flat_sets/
    python -m examples.flat mine.toml SOURCE TARGET          # your own, described likewise
    holdfast leakcheck --config TARGET

A flat table is a photograph: nothing says when a value was written, nor, mostly, when the customer left. What is made
of it is as little as the contract asks for.

- `accounts`: every column but the id and the label is an attribute, declared static; other spellings of the label,
  dates and tenures among them, and what is protected, so that whatever a careless model might be given is looked at.
- `subscriptions`: one a customer, of one plan, from its sign-up to its end.
- **Made-up days, where there are none.** All customers are asked about on 2001-01-01, and who bears the label leaves on
  that very day, the only one of the horizon; the data ends on the next. Where a tenure is given the sign-up lies so
  long before (the median of the others, where it is missing); otherwise one year. These days mean "before" and "after"
  and nothing else, and there is one as_of: no model can be judged in time, and the guards of columns divide accounts.
- **Real days, where there are some.** `began` and `ended` name columns of dates; then customers are asked about on each
  of `as_ofs`, and leave when they left. The attributes stay what they are on the day of the export, at every as_of:
  that is what a flat table does, and which of them it spoils is what the guards have to find.
"""

from __future__ import annotations

import re
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from examples.folder import PublicSet, summary, write_folder
from features.contract import columns_of
from features.errors import ConfigError, HoldfastError, InputError
from features.protected import ground_of

SETS = Path(__file__).parent / "flat_sets"
STAND = date(2001, 1, 1)
"""The day on which all are asked about, where the table has none."""
MONTH_DAYS = 365.25 / 12

CONFIG = """\
# {name}: a flat table. Written by examples/flat.py{made_up}.

[company]
name = "{name}"

[data]
path = "data"
end = {end}

[data.tables.accounts]
attributes = [
{attributes}
]

[features]
protected = [{protected}]

[outcomes.churn]
kind = "subscription_end"
gap_days = 0
horizon_days = {horizon}
grace_days = 0

[training]
as_ofs = [{as_ofs}]
history_days = 1
validation_as_ofs = 1
test_as_ofs = 1
"""


class FlatSet(BaseModel):
    """What the columns of a flat table are: one of the files in `flat_sets/`, or a user's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    files: tuple[str, ...] = Field(min_length=1)
    """The first has a row a customer, the others are joined to it by the id; `book.xlsx#sheet` is one sheet."""
    origin: str = "your own export"
    id: str | None = None
    """Without it the rows are numbered."""
    label: str | None = None
    positive: tuple[str, ...] = ("1", "Yes", "yes", "True", "true")
    """The values of the label, as text, that mean gone."""
    tenure_months: str | None = None
    began: str | None = None
    ended: str | None = None
    stays: tuple[str, ...] = ("", "No")
    """The values of `ended` that mean still there."""
    end: date | None = None
    """The day after the last one that the export covers, where there are dates."""
    as_ofs: tuple[date, ...] = (STAND,)
    horizon_days: int = 1

    @model_validator(mode="after")
    def _one_way_to_leave(self) -> FlatSet:
        if (self.label is None) == (self.ended is None):
            raise ValueError("who left is told by label or, with a date, by ended: give one of them")
        if (self.ended is None) != (self.began is None) or (self.ended is None) != (self.end is None):
            raise ValueError("began, ended and end, the dates of an export, go together")
        return self


def flat_set(name: str) -> FlatSet:
    """The set of that name, or that a TOML file of the user's describes.

    Raises:
        ConfigError: there is none, or it is not well described.
    """
    known = sorted(file.stem for file in SETS.glob("*.toml"))
    file = SETS / f"{name}.toml" if name in known else Path(name)
    if not file.is_file():
        raise ConfigError(
            f"A flat set is one of {', '.join(known)}, or a TOML file that describes yours; {name} is neither. "
            f"Copy one of {SETS} and change it."
        )
    try:
        return FlatSet(**tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(
            f"A flat set names its columns as examples/flat.py says; {file}: {error}. Correct it."
        ) from error


def prepare(described: FlatSet, source: Path, target: Path) -> None:
    """Writes `accounts` (every other column an attribute), `subscriptions` (one a customer) and the config.

    Raises:
        InputError: `source` lacks a file, or a file lacks a column.
    """
    rows = read_rows(described, source)
    ids = rows[described.id].astype("str") if described.id else pd.Series(np.arange(1, len(rows) + 1)).astype("str")
    began, ended = _days(described, rows)
    own = {column: name_of(str(column)) for column in rows.columns if column not in (described.id, described.label)}
    if "" in own.values() or len(set(own.values())) < len(own):
        raise InputError(
            f"Columns have names of letters that differ; those of {described.name} become {', '.join(own.values())}. "
            "Rename the ones that are empty or there twice."
        )
    attributes = rows[list(own)].rename(columns=own)
    accounts = pd.DataFrame({"account_id": ids, "signed_up_at": began}).join(attributes)
    terms = pd.DataFrame({"account_id": ids, "plan": "one", "started_at": began, "ended_at": ended})
    write_folder(target, {"accounts": accounts, "subscriptions": terms}, _config(described, list(attributes.columns)))


def read_rows(described: FlatSet, source: Path) -> pd.DataFrame:
    """One row a customer: the first file's, with the columns that the others have of them; one that both have, once.

    Raises:
        InputError: a file or a column is missing.
    """
    names = tuple(file.partition("#")[0] for file in described.files)
    paths = PublicSet(described.name, names, described.origin).locate(source)
    rows = pd.DataFrame()
    for file, name in zip(described.files, names, strict=True):
        brought = _read(paths[name], file.partition("#")[2])
        if rows.empty:
            rows = brought
            continue
        if described.id not in brought.columns or brought[described.id].duplicated().any():
            raise InputError(
                f"Files of a flat set are joined by its id ({described.id}), which each has once a row; {file} has it "
                "not at all, or several times. Leave that file out, or bring one row a customer."
            )
        fresh = [column for column in brought.columns if column not in rows.columns or column == described.id]
        rows = rows.merge(brought[fresh], on=described.id, how="left", validate="many_to_one")
    wanted = (described.id, described.label, described.tenure_months, described.began, described.ended)
    missing = [column for column in wanted if column is not None and column not in rows.columns]
    if missing:
        raise InputError(
            f"{described.name} is described with the columns {', '.join(missing)}, and its files have none so called: "
            f"{', '.join(map(str, rows.columns))}. Correct the description."
        )
    return rows


def name_of(column: str) -> str:
    """A column's name in small letters, its words joined by `_`, and kept apart from the contract's own names."""
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column).lower()).strip("_")
    return f"their_{name}" if name in columns_of("accounts") else name


def _read(path: Path, sheet: str) -> pd.DataFrame:
    """Every column as it is; one that is a number but for blanks is a number."""
    try:
        frame = pd.read_excel(path, sheet_name=sheet or 0) if path.suffix == ".xlsx" else pd.read_csv(path)
    except (ImportError, ValueError) as error:
        raise InputError(f"A flat table is a CSV file or a sheet of Excel; {path}: {error}. Save it as CSV.") from error
    for name in frame.columns:
        if pd.api.types.is_string_dtype(frame[name].dtype):
            text = frame[name].str.strip().replace("", None)
            numbers = pd.to_numeric(text, errors="coerce")
            frame[name] = numbers if numbers.notna().sum() == text.notna().sum() > 0 else text
    return frame


def _days(described: FlatSet, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """When each customer signed up, and when it left (missing while there); made up where the table has no days."""
    if described.began and described.ended:
        left = rows[described.ended].astype("str")
        left = left.mask(left.isin(described.stays) | rows[described.ended].isna())
        return _instants(rows[described.began]), _instants(left)
    stand = pd.Timestamp(STAND)
    days = pd.Series(365.0, index=rows.index)
    if described.tenure_months:
        tenure = rows[described.tenure_months]
        days = (tenure.fillna(tenure.median()) * MONTH_DAYS).clip(lower=1)
    gone = rows[described.label].astype("str").isin(described.positive)
    began = (stand - pd.to_timedelta(days.round(), unit="D")).astype("datetime64[us]")
    return began, pd.Series(stand, index=rows.index).where(gone).astype("datetime64[us]")


def _instants(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column).astype("datetime64[us]")


def _config(described: FlatSet, attributes: list[str]) -> str:
    return CONFIG.format(
        name=described.name,
        made_up="" if described.ended else "; its days are made up, see there",
        end=described.end or max(described.as_ofs) + timedelta(days=described.horizon_days),
        attributes="\n".join(f'    "{name}",' for name in attributes),
        protected=", ".join(f'"{name}"' for name in attributes if ground_of(name)),
        horizon=described.horizon_days,
        as_ofs=", ".join(day.isoformat() for day in described.as_ofs),
    )


def main(arguments: list[str]) -> int:
    """Runs the adapter, says what it wrote and what to do next."""
    if len(arguments) != 3:
        sys.stderr.write("usage: python -m examples.flat SET SOURCE TARGET\n")
        return 2
    source, target = Path(arguments[1]), Path(arguments[2])
    try:
        prepare(flat_set(arguments[0]), source, target)
    except HoldfastError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{summary(target)}\nNext: holdfast leakcheck --config {target / 'holdfast.toml'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

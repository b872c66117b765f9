"""A snapshot: every feature, label and fact that one as_of's training and scoring need, as one folder of Parquet files.

    accounts.parquet           account_id, as_of, the features of accounts
    pairs.parquet              account_id, product, as_of, the features of pairs (where an outcome is about pairs)
    labels_<outcome>.parquet   the keys of the outcome's cohort, label (missing at the as_of at which we stand)
    facts.parquet              one row an account that is scored
    snapshot.json              written last: what the files hold, and their digests

The same tables and settings give the same bytes, in whatever order the rows come.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.builder import build
from features.catalogue import LIBRARY
from features.errors import ConfigError, InputError, TimeError
from features.facts import account_facts
from features.feature import Feature
from features.labels import label_days, sampled_cohort
from features.library import Library
from features.outcomes import Outcome
from features.sample import MAX_ROWS, Sample
from features.tables import Tables

MANIFEST = "snapshot.json"
FORMAT = 1

KEY_TYPES = {
    "offer_id": pa.string(),
    "account_id": pa.string(),
    "product": pa.string(),
    "as_of": pa.timestamp("us"),
}
"""Of every file but the facts; all other columns are doubles."""
FACT_TYPES = {
    **dict.fromkeys(("account_id", "name", "owner", "segment", "plan"), pa.string()),
    "tenure_days": pa.int64(),
    "active": pa.bool_(),
}
"""Of the facts; all other columns are doubles."""


@dataclass(frozen=True)
class Snapshot:
    """What `write_snapshot` wrote, read back and found whole."""

    folder: Path
    as_of: date
    """Where we stand: whom to score, and the last day before which anything was known."""
    outcomes: Mapping[str, Outcome]
    features: tuple[str, ...]
    """Columns of `accounts` beside its keys."""
    pair_features: tuple[str, ...]
    """Columns of `pairs` beside its keys."""
    data_digest: str
    catalogue_digest: str
    config_digest: str
    digest: str
    """Of the manifest, and by it of every file."""
    samples: Mapping[str, Sample] = field(default_factory=dict)
    """By outcome, how many of its accounts are learned from."""
    purposes: tuple[str, ...] = ()
    """Those that were allowed: nothing here serves any other."""

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """One row per (account_id, as_of) of any outcome's cohort: the features of accounts."""
        return self._frame("accounts")

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row per (account_id, product, as_of) of any outcome about pairs or offers; empty where there is none."""
        return self._frame("pairs")

    @cached_property
    def facts(self) -> pd.DataFrame:
        """One row an account that is scored: see `features.facts`."""
        return self._frame("facts")

    def labels(self, outcome: str) -> pd.DataFrame:
        """One row a member of the outcome's cohort: its keys, `as_of`, `label`.

        Raises:
            ConfigError: the snapshot was made without that outcome.
        """
        if outcome not in self.outcomes:
            raise ConfigError(
                f"A snapshot knows the outcomes that it was made for, here {', '.join(self.outcomes) or 'none'}; "
                f"asked for {outcome!r}. Build the features again with that outcome switched on."
            )
        return self._frame(f"labels_{outcome}")

    def _frame(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = pq.read_table(self.folder / f"{name}.parquet").to_pandas()
        return frame

    @classmethod
    def read(cls, folder: Path) -> Snapshot:
        """The snapshot in that folder, each file compared with its digest.

        Raises:
            InputError: there is none, it is of another format, or a file is missing or was changed.
        """
        manifest, digest = _manifest(folder)
        for file, expected in manifest["files"].items():
            seen = _digest(folder / file) if (folder / file).is_file() else "no file"
            if seen != expected:
                raise InputError(
                    f"The files of a snapshot are those that were written; {folder / file} is not: "
                    f"expected {expected[:12]}, found {seen[:12]}. Build the features again."
                )
        return cls(
            folder=folder,
            as_of=date.fromisoformat(manifest["as_of"]),
            outcomes={item["name"]: Outcome.model_validate(item) for item in manifest["outcomes"]},
            features=tuple(manifest["features"]),
            pair_features=tuple(manifest["pair_features"]),
            data_digest=manifest["data_digest"],
            catalogue_digest=manifest["catalogue_digest"],
            config_digest=manifest["config_digest"],
            digest=digest,
            samples={name: Sample(**counts) for name, counts in manifest.get("samples", {}).items()},
            purposes=tuple(manifest.get("purposes", ())),
        )


def write_snapshot(
    tables: Tables,
    outcomes: Mapping[str, Outcome],
    as_of: date,
    folder: Path,
    *,
    step_days: int,
    history_days: int,
    max_rows: int | None = MAX_ROWS,
    as_ofs: Sequence[date] | None = None,
    library: Library = LIBRARY,
    features: Sequence[Feature] | None = None,
    rollups: Path | None = None,
    config_digest: str = "",
    progress: Callable[[str], None] | None = None,
) -> Snapshot:
    """Computes labels, features and facts of every as_of that is needed, and puts them into `folder` in one move.

    The as_ofs are `as_of` and those every `step_days` before it that have `history_days` of data; or `as_ofs` where
    they are given. Without `features`, all of the library (the catalogue, where none is given) that is allowed and that
    the tables have data for. An outcome with more than `max_rows` labelled rows is learned from a sample of whole
    accounts; where we stand, everybody is there.

    Raises:
        ConfigError: no outcome, or one whose tables are missing.
        TimeError: an as_of lies outside the data, or an outcome has none that is mature.
    """
    if not outcomes:
        raise ConfigError(
            "At least one outcome is needed, and the tables allow none. Name one under [outcomes], or bring "
            "subscriptions with ended_at, or consumption."
        )
    say = progress or (lambda _: None)
    features = library.available(tables) if features is None else features
    sources = library.sources_of(features)
    grid = learning_days(tables, as_of, step_days, history_days, as_ofs)
    labels, samples = _labels(tables, outcomes, grid, as_of, max_rows, say)
    frames = {f"labels_{name}": frame for name, frame in labels.items()}
    of_accounts, of_pairs = [[f for f in features if f.about == about] for about in ("account", "pair")]
    accounts = _members(labels, ["account_id", "as_of"])
    say(f"features of {len(accounts):,} accounts at an as_of")
    frames["accounts"] = build(tables, accounts, of_accounts, sources, rollups, say)
    pairs = _members(labels, ["account_id", "product", "as_of"])
    if not pairs.empty:
        say(f"features of {len(pairs):,} pairs of account and product at an as_of")
    frames["pairs"] = build(tables, pairs, of_pairs, sources, rollups, say)
    scored = accounts.loc[accounts["as_of"] == pd.Timestamp(as_of), "account_id"]
    frames["facts"] = account_facts(tables, list(scored), as_of)
    manifest = {
        "format": FORMAT,
        "as_of": as_of.isoformat(),
        "timezone": tables.calendar.timezone,
        "outcomes": [outcome.model_dump(mode="json") for _, outcome in sorted(outcomes.items())],
        "features": [feature.name for feature in of_accounts],
        "pair_features": [feature.name for feature in of_pairs],
        "samples": {name: asdict(sample) for name, sample in samples.items()},
        "purposes": list(library.allowed),
        "data_digest": tables.digest,
        "catalogue_digest": _text_digest("\n".join(repr(feature) for feature in features)),
        "config_digest": config_digest,
    }
    _put(folder, frames, manifest)
    return Snapshot.read(folder)


def learning_days(
    tables: Tables, as_of: date, step_days: int, history_days: int, as_ofs: Sequence[date] | None
) -> tuple[date, ...]:
    """The as_ofs that may be learned from, in order, the one at which we stand last.

    Raises:
        TimeError: one of them lies outside the data.
    """
    if not as_ofs:
        return tables.calendar.grid(as_of, step_days, history_days)
    tables.calendar.grid(as_of, 1, 1)
    wrong = [day for day in as_ofs if not tables.calendar.start < day <= as_of]
    if wrong:
        raise TimeError(
            f"training.as_ofs lie within the data, after {tables.calendar.start}, and not after {as_of}, where we "
            f"stand; this one does not: {min(wrong)}. Correct it, or leave training.as_ofs out."
        )
    return tuple(sorted({*as_ofs, as_of}))


def _labels(
    tables: Tables,
    outcomes: Mapping[str, Outcome],
    grid: Sequence[date],
    as_of: date,
    max_rows: int | None,
    say: Callable[[str], None],
) -> tuple[dict[str, pd.DataFrame], dict[str, Sample]]:
    """The labelled cohort of each outcome, by name, and how many of its accounts are in it."""
    labels, samples = {}, {}
    for name, outcome in sorted(outcomes.items()):
        days = label_days(tables, outcome, grid)
        say(f"labels of {name} at {len(days)} as_of from {days[0]} to {days[-1]}")
        labels[name], samples[name] = sampled_cohort(tables, outcome, days, as_of, max_rows)
        if note := samples[name].note:
            say(f"{name}: {note}")
    return labels, samples


def _members(labels: Mapping[str, pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Every different key of the cohorts that have all of those keys, sorted."""
    frames = [frame[keys] for frame in labels.values() if set(keys) <= set(frame.columns)]
    if not frames:
        empty = {key: pd.Series(dtype="datetime64[us]" if key == "as_of" else "str") for key in keys}
        return pd.DataFrame(empty)
    return pd.concat(frames).drop_duplicates().sort_values(keys, ignore_index=True)


def _put(folder: Path, frames: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> None:
    """Writes all files into a folder aside, the manifest last, and moves it into place."""
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    files = {}
    for name, frame in sorted(frames.items()):
        file = aside / f"{name}.parquet"
        table = pa.Table.from_pandas(frame, schema=_schema(name, frame), preserve_index=False)
        pq.write_table(table.replace_schema_metadata(None), file, compression="zstd")
        files[file.name] = _digest(file)
    text = json.dumps({**manifest, "files": files}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (aside / MANIFEST).write_text(text, encoding="utf-8")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _schema(name: str, frame: pd.DataFrame) -> pa.Schema:
    """Types by column, whatever the values: an all-missing column would lose its own."""
    types = FACT_TYPES if name == "facts" else KEY_TYPES
    return pa.schema([(column, types.get(column, pa.float64())) for column in frame.columns])


def _manifest(folder: Path) -> tuple[dict[str, Any], str]:
    """The manifest's content, and its digest."""
    file = folder / MANIFEST
    try:
        text = file.read_bytes()
        manifest = json.loads(text)
        if manifest["format"] != FORMAT:
            raise InputError(
                f"A snapshot is read by the version that wrote it: {file} has format {manifest['format']}, this is "
                f"format {FORMAT}. Build the features again."
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"A snapshot has a readable {MANIFEST}; {folder}: {error}. Build the features again."
        ) from error
    return manifest, hashlib.sha256(text).hexdigest()[:16]


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]

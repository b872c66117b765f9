"""A snapshot: every feature, label and fact that one as_of's training and scoring need, as one folder of Parquet files.

    accounts.parquet           account_id, as_of, the features of accounts
    pairs.parquet              account_id, product, as_of, the features of pairs (where an outcome is about pairs)
    labels_<outcome>.parquet   the keys of the outcome's cohort, label (missing at the as_of at which we stand)
    scores.parquet             account_id, as_of, the scores of accounts, and what else no model learns from
    facts.parquet              one row an account that is scored
    weeks.parquet, moments.parquet, overrides.parquet
                               what happened to those accounts: see `features.timeline`
    attributes.parquet         account_id, as_of, declared attributes as they are (where there are any)
    snapshot.json              written last: what the files hold, and their digests

The same tables and settings give the same bytes, in whatever order the rows come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from features.attributes import PREFIX, attribute_values, flags
from features.builder import build
from features.catalogue import LIBRARY
from features.errors import ConfigError, InputError, TimeError
from features.facts import account_facts
from features.feature import Feature, Score, Source
from features.labels import label_days, sampled_cohort
from features.library import Library
from features.outcome_kinds import needed
from features.outcomes import Outcome
from features.sample import MAX_ROWS, Sample
from features.scratch import Bench
from features.shelf import Shelf
from features.snapshot_files import FORMAT, KEY_TYPES, digest_of, manifest_of, put, text_digest
from features.tables import Tables
from features.timeline import lanes, timeline


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
    lanes: tuple[str, ...] = ()
    """What timelines can tell: see `features.timeline`."""
    data_end: date | None = None
    """The data ends before that day."""
    tables: tuple[str, ...] = ()
    """Those that the company brings."""
    segmented: bool = False
    """Whether `accounts.segment` is dated or declared an attribute, so that it may be told apart by."""

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """One row per (account_id, as_of) of any outcome's cohort: the features of accounts."""
        return self._frame("accounts")

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row per (account_id, product, as_of) of any outcome about pairs or offers; empty where there is none."""
        return self._frame("pairs")

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per (account_id, as_of) of `accounts`: scores of 0 to 100, and what else is for people alone."""
        return self._frame("scores")

    @cached_property
    def facts(self) -> pd.DataFrame:
        """One row an account that is scored: see `features.facts`."""
        return self._frame("facts")

    def happened(self, name: str) -> pd.DataFrame:
        """`weeks`, `moments` or `overrides` of the accounts that are scored: see `features.timeline`."""
        return self._frame(name)

    @cached_property
    def attributes(self) -> pd.DataFrame:
        """One row per (account_id, as_of) of `accounts`: attributes whose values are kept; without any, the keys."""
        if (self.folder / "attributes.parquet").is_file():
            return self._frame("attributes")
        return self.accounts[["account_id", "as_of"]]

    def accounts_with(self, names: Iterable[str]) -> pd.DataFrame:
        """`accounts` and besides those of the named features that are flags of values too rare to have one here."""
        wanted = [name for name in dict.fromkeys(names) if name not in self.features]
        more = flags(self.attributes, wanted) if any(name.startswith(PREFIX) for name in wanted) else {}
        if not more:
            return self.accounts
        beside = self.attributes[["account_id", "as_of"]].assign(**more)
        return self.accounts.merge(beside, on=["account_id", "as_of"], how="left", validate="one_to_one")

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
        manifest, digest = manifest_of(folder)
        for file, expected in manifest["files"].items():
            seen = digest_of(folder / file) if (folder / file).is_file() else "no file"
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
            lanes=tuple(manifest["lanes"]),
            data_end=date.fromisoformat(manifest["data_end"]),
            tables=tuple(manifest.get("tables", ())),
            segmented=manifest.get("segmented", False),
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
    attributes: Sequence[str] = (),
    rollups: Path | Shelf | None = None,
    config_digest: str = "",
    progress: Callable[[str], None] | None = None,
) -> Snapshot:
    """Computes labels, features and facts of every as_of that is needed, and puts them into `folder` in one move.

    The as_ofs are `as_of` and those every `step_days` before it that have `history_days` of data; or `as_ofs` where
    they are given. Without `features`, all of the library (the catalogue, where none is given) that is allowed and that
    the tables have data for. An outcome with more than `max_rows` labelled rows is learned from a sample of whole
    accounts; where we stand, everybody is there. Of the named `attributes` the values themselves are kept besides.

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
    grid = learning_days(tables, as_of, step_days, history_days, as_ofs)
    shelf, sources = Shelf.at(rollups), library.sources_of(features, needed(outcomes.values()))
    with ExitStack() as until:
        if shelf is not None:
            until.enter_context(shelf.in_use())
        at_work = replace(tables, bench=Bench(until, shelf, sources))  # what labels and features share is computed once
        labels, samples = _labels(at_work, outcomes, grid, as_of, max_rows, say)
        frames = {f"labels_{name}": frame for name, frame in labels.items()}
        frames |= _built(at_work, labels, features, sources, shelf, say)
    members = frames["accounts"]
    scored = list(members.loc[members["as_of"] == pd.Timestamp(as_of), "account_id"])
    frames["facts"] = account_facts(tables, scored, as_of)
    places = library.places_of(features)
    frames |= timeline(tables, scored, as_of, places)
    if attributes:
        frames["attributes"] = attribute_values(tables, members, attributes)
    manifest = {
        "format": FORMAT,
        "as_of": as_of.isoformat(),
        "data_end": tables.calendar.end.isoformat(),
        "lanes": list(lanes(tables, places)),
        "tables": sorted(tables),
        "segmented": tables.has("accounts", "segment"),
        "timezone": tables.calendar.timezone,
        "outcomes": [outcome.model_dump(mode="json") for _, outcome in sorted(outcomes.items())],
        "features": _names(frames["accounts"]),
        "pair_features": _names(frames["pairs"]),
        "samples": {name: asdict(sample) for name, sample in samples.items()},
        "purposes": list(library.allowed),
        "data_digest": tables.digest,
        "catalogue_digest": text_digest("\n".join([*map(repr, features), *library.digests])),
        "config_digest": config_digest,
    }
    put(folder, frames, manifest)
    if shelf is not None:
        shelf.tidy()
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


def _built(
    tables: Tables,
    labels: Mapping[str, pd.DataFrame],
    features: Sequence[Feature],
    sources: Mapping[str, Source],
    shelf: Shelf | None,
    say: Callable[[str], None],
) -> dict[str, pd.DataFrame]:
    """The features of every member of every cohort: `accounts` and `pairs`, to be learned from, and the `scores`."""
    of_accounts, of_pairs = [[f for f in features if f.about == about] for about in ("account", "pair")]
    accounts = _members(labels, ["account_id", "as_of"])
    say(f"features of {len(accounts):,} accounts at an as_of")
    built = build(tables, accounts, of_accounts, sources, shelf, say)
    scores = [feature.name for feature in of_accounts if isinstance(feature.value, Score) or not feature.taught]
    untaught = [feature.name for feature in of_accounts if not feature.taught]
    pairs = _members(labels, ["account_id", "product", "as_of"])
    if not pairs.empty:
        say(f"features of {len(pairs):,} pairs of account and product at an as_of")
    return {
        "accounts": built.drop(columns=untaught),
        "scores": built[["account_id", "as_of", *scores]],
        "pairs": build(tables, pairs, of_pairs, sources, shelf, say),
    }


def _names(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame.columns if name not in KEY_TYPES]


def _members(labels: Mapping[str, pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Every different key of the cohorts that have all of those keys, sorted."""
    frames = [frame[keys] for frame in labels.values() if set(keys) <= set(frame.columns)]
    if not frames:
        empty = {key: pd.Series(dtype="datetime64[us]" if key == "as_of" else "str") for key in keys}
        return pd.DataFrame(empty)
    return pd.concat(frames).drop_duplicates().sort_values(keys, ignore_index=True)

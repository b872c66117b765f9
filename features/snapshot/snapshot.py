"""A snapshot: every feature, label and fact that one as_of's training and scoring need, as one folder of Parquet files.

    accounts.parquet           account_id, as_of, the features of accounts
    pairs.parquet              account_id, product, as_of, the features of pairs (where an outcome is about pairs)
    labels_<outcome>.parquet   the keys of the outcome's cohort, label (missing at the as_of at which we stand)
    scores.parquet             account_id, as_of, the scores of accounts, and what else no model learns from
    facts.parquet              one row an account that is scored
    weeks.parquet, moments.parquet, overrides.parquet
                               what happened to those accounts: see `features.accounts.timeline`
    attributes.parquet         account_id, as_of, declared attributes as they are (where there are any)
    snapshot.json              written last: what the files hold, and their digests

The same tables and settings give the same bytes, in whatever order the rows come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from features.errors import ConfigError, InputError
from features.library.attributes import PREFIX, flags
from features.outcomes.outcome import Outcome
from features.outcomes.sample import Sample
from features.snapshot.files import digest_of, manifest_of


@dataclass(frozen=True)
class Snapshot:
    """What `features.snapshot.writing.write_snapshot` wrote, read back and found whole."""

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
    """What timelines can tell: see `features.accounts.timeline`."""
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
        """One row an account that is scored: see `features.accounts.facts`."""
        return self._frame("facts")

    def happened(self, name: str) -> pd.DataFrame:
        """`weeks`, `moments` or `overrides` of the accounts that are scored: see `features.accounts.timeline`."""
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

"""Writes a snapshot: labels, then the features of everybody who has one, then what people are told of them.

Of features no more is held than one portion of as_ofs: each goes into its file when it is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from features.accounts.facts import account_facts
from features.accounts.timeline import lanes, timeline
from features.building.builder import portions
from features.errors import ConfigError, TimeError
from features.feature import Feature, Score, Source
from features.library.attributes import attribute_values
from features.library.catalogue import LIBRARY
from features.library.library import Library, Place
from features.outcomes.kinds import needed
from features.outcomes.labels import label_days, sampled_cohort
from features.outcomes.outcome import Outcome
from features.outcomes.sample import MAX_ROWS, Sample
from features.rollups.shelf import Shelf
from features.scratch import Bench
from features.snapshot.files import FORMAT, Aside, text_digest
from features.snapshot.snapshot import Snapshot
from features.tables import Tables


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
    with Aside(folder) as aside:
        with ExitStack() as until:
            if shelf is not None:
                until.enter_context(shelf.in_use())
            at_work = replace(tables, bench=Bench(until, shelf, sources))  # what all of them share is computed once
            labels, samples = _labels(at_work, outcomes, grid, as_of, max_rows, say)
            for name, rows in labels.items():
                aside.put(f"labels_{name}", rows)
            accounts = _members(labels, ["account_id", "as_of"])
            pairs = _members(labels, ["account_id", "product", "as_of"])
            _put_features(aside, at_work, accounts, pairs, features, sources, shelf, say)
        _put_told(aside, tables, accounts, as_of, library.places_of(features), attributes)
        aside.settle(
            {
                "config_digest": config_digest,
                "samples": {name: asdict(sample) for name, sample in samples.items()},
                **_manifest(tables, library, outcomes, features, as_of),
            }
        )
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


def _manifest(
    tables: Tables, library: Library, outcomes: Mapping[str, Outcome], features: Sequence[Feature], as_of: date
) -> dict[str, Any]:
    """What a snapshot was made of and for, as its manifest tells it."""
    return {
        "format": FORMAT,
        "as_of": as_of.isoformat(),
        "data_end": tables.calendar.end.isoformat(),
        "lanes": list(lanes(tables, library.places_of(features))),
        "tables": sorted(tables),
        "segmented": tables.has("accounts", "segment"),
        "timezone": tables.calendar.timezone,
        "outcomes": [outcome.model_dump(mode="json") for _, outcome in sorted(outcomes.items())],
        "features": [feature.name for feature in features if feature.about == "account" and feature.taught],
        "pair_features": [feature.name for feature in features if feature.about == "pair"],
        "purposes": list(library.allowed),
        "data_digest": tables.digest,
        "catalogue_digest": text_digest("\n".join([*map(repr, features), *library.digests])),
    }


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


def _put_features(
    aside: Aside,
    tables: Tables,
    accounts: pd.DataFrame,
    pairs: pd.DataFrame,
    features: Sequence[Feature],
    sources: Mapping[str, Source],
    shelf: Shelf | None,
    say: Callable[[str], None],
) -> None:
    """`accounts` and `pairs`, to be learned from, and the `scores`, each a portion at a time."""
    of_accounts, of_pairs = ([each for each in features if each.about == about] for about in ("account", "pair"))
    scores = [feature.name for feature in of_accounts if isinstance(feature.value, Score) or not feature.taught]
    untaught = [feature.name for feature in of_accounts if not feature.taught]
    say(f"features of {len(accounts):,} accounts at an as_of")
    made = portions(tables, accounts, of_accounts, sources, shelf, say)
    told = ((rows.drop(columns=untaught), rows[["account_id", "as_of", *scores]]) for rows in made)
    aside.put_all(["accounts", "scores"], told)
    if not pairs.empty:
        say(f"features of {len(pairs):,} pairs of account and product at an as_of")
    aside.put_all(["pairs"], ([rows] for rows in portions(tables, pairs, of_pairs, sources, shelf, say)))


def _put_told(
    aside: Aside,
    tables: Tables,
    accounts: pd.DataFrame,
    as_of: date,
    places: Collection[Place],
    attributes: Sequence[str],
) -> None:
    """What people are told of the accounts that are scored, and the attributes of all."""
    scored = list(accounts.loc[accounts["as_of"] == pd.Timestamp(as_of), "account_id"])
    aside.put("facts", account_facts(tables, scored, as_of))
    for name, rows in timeline(tables, scored, as_of, places).items():
        aside.put(name, rows)
    if attributes:
        aside.put("attributes", attribute_values(tables, accounts, attributes))


def _members(labels: Mapping[str, pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Every different key of the cohorts that have all of those keys, sorted."""
    frames = [frame[keys] for frame in labels.values() if set(keys) <= set(frame.columns)]
    if not frames:
        empty = {key: pd.Series(dtype="datetime64[us]" if key == "as_of" else "str") for key in keys}
        return pd.DataFrame(empty)
    return pd.concat(frames).drop_duplicates().sort_values(keys, ignore_index=True)

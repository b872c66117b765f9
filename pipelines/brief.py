"""`holdfast explain ACCOUNT --brief`: gathers what is known of one account, and writes the brief of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from features.errors import ConfigError, InputError
from pipelines.commands import parse_day
from pipelines.one_account import OneAccount, one_account
from pipelines.printing import print_json, print_text
from pipelines.progress import Progress
from pipelines.settings import Settings, load_settings

if TYPE_CHECKING:
    from features.library.library import Library
    from features.snapshot.snapshot import Snapshot
    from serving.brief import Brief
    from serving.brief_known import Held, Known
    from serving.published import Published


def brief(account: str, config: Path, as_of: str | None, html: Path | None, as_json: bool) -> None:
    """Prints the brief, or writes it to a page, or prints its facts for programs."""
    from serving.brief_text import brief_text
    from serving.hook import commented
    from serving.pages.brief import brief_html

    if html is not None and as_json:
        raise ConfigError("A brief goes to a page or to a program: --html and --json were both given. Keep one.")
    settings = load_settings(config)
    with Progress().step("gather the facts"):
        made = brief_of(settings, account, parse_day(as_of))
    if as_json:  # never asks the hook: these are the facts that it would be handed
        print_json(made.as_json())
        return
    if settings.brief.hook:
        with Progress().step(f"hand the facts to {settings.brief.named}"):
            made = replace(made, commentary=commented(made, settings.brief, settings.base))
    if html is None:
        print_text(brief_text(made))
        return
    try:
        html.write_text(brief_html(made), encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"--html names the file to write; {html} cannot be written: {error.strerror}.") from error
    print_text(f"Wrote {html}: one page, to open in a browser or to print.")


def brief_of(settings: Settings, account: str, as_of: date | None) -> Brief:
    """The facts of one account of a published list, and the questions that they lead to."""
    from serving.brief import Brief
    from serving.brief_facts import facts_of, unknown_of
    from serving.questions import questions

    known = known_of(one_account(settings, account, as_of))
    facts = facts_of(known)
    return Brief(known.company, known.report.as_of, facts, questions(facts), unknown_of(known, facts))


def known_of(one: OneAccount) -> Known:
    """All that is known of an account of a list, as it was known at its as_of."""
    from serving.brief_known import Known
    from serving.days import asked

    report, current = one.report(), one.current
    record = current.manifest.record
    names = [f"{name}_probability" for name in record.models]
    known = Known(
        report=report,
        company=record.company,
        asked=asked(record, current.as_of),
        averages={name.removesuffix("_probability"): float(current.accounts[name].mean()) for name in names},
        refused=tuple(sorted(record.refused)),
    )
    try:
        snapshot = _snapshot(one.settings, current)
    except (ConfigError, InputError) as error:
        return replace(known, unknown=(f"Promises, growth and the next plan: {error}",))
    return _with_features(one, snapshot, known)


def _snapshot(settings: Settings, current: Published) -> Snapshot:
    """The features behind that list.

    Raises:
        InputError: they are gone, or were built anew from other data.
    """
    from pipelines.steps import snapshot_of

    snapshot = snapshot_of(settings, current.as_of)
    if snapshot.data_digest != current.manifest.record.data_digest:
        raise InputError(
            f"A brief is made of the features behind its list; those as of {current.as_of} were built anew from other "
            f"data. Publish that day again: holdfast run --as-of {current.as_of}."
        )
    return snapshot


def _with_features(one: OneAccount, snapshot: Snapshot, known: Known) -> Known:
    from features.accounts.promises import open_promises, tellable
    from serving.account import records

    account_id, as_of = known.report.account_id, known.report.as_of
    tables, library = one.company()
    places = library.places_of(library.available(tables))
    facts = snapshot.facts[snapshot.facts["account_id"] == account_id]
    overrides = snapshot.happened("overrides")
    return replace(
        known,
        facts=next(iter(records(facts)), {}),
        features=_features(snapshot, library, account_id),
        overrides=overrides[overrides["account_id"] == account_id],
        promises=open_promises(tables, account_id, as_of, places) if tellable(tables, places) else None,
    )


def _features(snapshot: Snapshot, library: Library, account_id: str) -> Mapping[str, Held]:
    """The features that a brief tells of, each with what is usual for the account and for the others."""
    from serving.brief_facts import GROWTH, PROMISES, TERM
    from serving.brief_known import Held
    from serving.brief_moments import FEATURES
    from serving.usual import usual

    wanted = dict.fromkeys([*FEATURES, TERM, *PROMISES, *(name for names in GROWTH.values() for name in names)])
    told = {feature.name: feature for feature in library.on if feature.name in wanted}
    names = [name for name in wanted if name in told and name in snapshot.features]
    day = pd.Timestamp(snapshot.as_of)
    now = _read(snapshot, names, [("as_of", "==", day)])
    mine = now[now["account_id"] == account_id]
    if mine.empty:
        return {}
    history = _read(snapshot, names, [("account_id", "==", account_id)])
    usually = usual(history, now, [told[name] for name in names], snapshot.as_of)
    rows = pd.DataFrame({"account_id": account_id, "feature": names})
    own, others = usually.of(rows)
    return {
        name: Held(told[name], float(mine[name].iloc[0]), _or_none(own[place]), _or_none(others[place]))
        for place, name in enumerate(names)
    }


def _read(snapshot: Snapshot, names: Iterable[str], where: list[tuple[str, str, object]]) -> pd.DataFrame:
    """Some features of some rows: a brief is no reason to read what is known of everybody at all times."""
    import pyarrow.parquet as pq

    columns = ["account_id", "as_of", *names]
    frame: pd.DataFrame = pq.read_table(
        snapshot.folder / "accounts.parquet", columns=columns, filters=where
    ).to_pandas()
    return frame


def _or_none(value: float) -> float | None:
    return None if value != value else float(value)

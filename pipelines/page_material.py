"""What pages are made from: the lists, and what the snapshot and the catalogue know besides."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import pandas as pd

from features.contract import CONTRACT
from features.feature import Distinct, Total
from pipelines.looking_back import Realised, closed_list, realised
from pipelines.model_facts import read_interplay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from features.library.library import Library
    from features.snapshot.snapshot import Snapshot
    from pipelines.settings import Settings
    from serving.decision import DecisionSettings
    from serving.last_time import LastTime
    from serving.lists import Lists
    from serving.manifest import Record
    from serving.pages.material import Behind, Material, Outlook, Past, Product
    from serving.published import Published


def material_of(
    snapshot: Snapshot, lists: Lists, record: Record, before: Published | None, library: Library
) -> Material:
    """All that the accounts page is made from."""
    from serving.pages.material import Happened, Material

    return Material(
        lists=lists,
        record=record,
        facts=snapshot.facts,
        happened=Happened(
            weeks=snapshot.happened("weeks"),
            moments=snapshot.happened("moments"),
            overrides=snapshot.happened("overrides"),
            lanes=snapshot.lanes,
            data_end=snapshot.data_end,
        ),
        asked=asked(snapshot, record),
        before=before,
        behind=behind(library),
    )


def outlook_of(
    settings: Settings, snapshot: Snapshot, lists: Lists, record: Record, before: Published | None, library: Library
) -> Outlook:
    """All that the drivers page is made from."""
    from serving.effects import effects
    from serving.pages.material import LISTS, Outlook
    from serving.published import earlier

    found = realised(settings, snapshot.as_of)
    earlier_lists = list(islice(earlier(settings.workspace, snapshot.as_of), LISTS - 1))[::-1]
    closed = _closed(settings, snapshot, record)
    last = {name: told for name, its in closed.items() if (told := _last_time(found, name, its)) is not None}
    return Outlook(
        lists=lists,
        record=record,
        decision=settings.decision,
        ideas=library.ideas,
        asked=asked(snapshot, record),
        before=before,
        decision_before=_decision(before) if before is not None else settings.decision,
        past=[_past(published) for published in earlier_lists],
        last=last,
        closing=_closing(snapshot, [name for name in record.models if name not in closed], earlier_lists),
        unseen={name: its.as_of for name, its in closed.items() if name not in last},
        effects=effects(found.offers),
        products=_products(snapshot),
        interplay={
            name: pairs
            for name, model in record.models.items()
            if (pairs := read_interplay(settings, name, model.version)) is not None
        },
        segmented=snapshot.segmented,
        missing_tables=[name for name in CONTRACT if name not in snapshot.tables] if snapshot.tables else (),
        off={kind: len(names) for kind, names in library.off_by_purpose.items()},
        learned_until=_learned_until(snapshot, record),
        data_end=snapshot.data_end,
    )


def asked(snapshot: Snapshot, record: Record) -> dict[str, tuple[date, date]]:
    """By outcome of the list, the first and the last day that its probability is about."""
    outcomes = {name: snapshot.outcomes[name].horizon for name in record.models}
    return {
        name: (horizon.opens(snapshot.as_of), horizon.closes(snapshot.as_of) - timedelta(days=1))
        for name, horizon in outcomes.items()
    }


def _closed(settings: Settings, snapshot: Snapshot, record: Record) -> dict[str, Published]:
    """By outcome of the list, the newest earlier list whose outcome is certain by now."""
    found = {name: closed_list(settings, snapshot.outcomes[name], snapshot.as_of) for name in record.models}
    return {name: published for name, published in found.items() if published is not None}


def _last_time(found: Realised, outcome: str, published: Published) -> LastTime | None:
    """What became of what that list said; None where it was published after the features were built."""
    from serving.last_time import last_time

    rows = found.lists
    rows = rows[(rows["outcome"] == outcome) & (rows["list"] == pd.Timestamp(published.as_of))]
    labels = rows[["account_id", "product", "label"]] if rows["product"].notna().any() else rows.drop(columns="product")
    return last_time(published.accounts, labels, outcome, published.as_of, _decision(published))


def _decision(published: Published) -> DecisionSettings:
    """The assumptions that a list was made with."""
    from serving.decision import DecisionSettings

    told = published.manifest.record.settings
    return DecisionSettings(**{name: told[name] for name in DecisionSettings.model_fields if name in told})


def _closing(
    snapshot: Snapshot, outcomes: list[str], earlier_lists: list[Published]
) -> Mapping[str, tuple[date, date]]:
    """By outcome of accounts or pairs, the first list that tells it and is yet to close, and the day from which on."""
    found = {}
    for name in outcomes:
        if snapshot.outcomes[name].unit == "offer":
            continue
        matures = snapshot.outcomes[name].horizon.matures
        days = [its.as_of for its in earlier_lists if name in its.manifest.record.models]
        first = next(day for day in [*days, snapshot.as_of] if matures(day) > snapshot.as_of)
        found[name] = (first, matures(first))
    return found


def _past(published: Published) -> Past:
    from serving.pages.material import Past

    models = published.manifest.record.models
    return Past(published.as_of, published.drivers, {name: model.version for name, model in models.items()})


def _products(snapshot: Snapshot) -> list[Product]:
    """Every product that somebody does not use yet, with the stage of its market; none where no feature tells it."""
    from serving.pages.material import Product

    flags = {f"product_{stage}": stage for stage in ("early", "chasm", "tornado", "main_street")}
    if not {*flags, "product_reach"} <= set(snapshot.pair_features):
        return []
    pairs = snapshot.pairs
    now = pairs[pairs["as_of"] == pd.Timestamp(snapshot.as_of)].drop_duplicates("product").set_index("product")
    told = now[list(flags)].max(axis=1) == 1
    stage = now.loc[told, list(flags)].idxmax(axis=1).map(flags)
    reach = now.loc[told, "product_reach"].astype("float64")
    return [Product(str(name), kind, far) for (name, kind), far in zip(stage.items(), reach, strict=True)]


def _learned_until(snapshot: Snapshot, record: Record) -> dict[str, date]:
    """By outcome of the list, the newest as_of whose labels are certain."""
    found = {}
    for name in record.models:
        labels = snapshot.labels(name)
        known = labels.loc[labels["label"].notna(), "as_of"]
        if len(known):
            found[name] = known.max().date()
    return found


def behind(library: Library) -> dict[str, Behind]:
    """By feature, the table that it is made of (the first, where there are several) and how far it looks back."""
    from serving.pages.material import Behind

    found = {}
    for feature in library.features:
        leaves = list(feature.value.leaves())
        windows = [leaf.window for leaf in leaves if isinstance(leaf, (Total, Distinct))]
        days = [window.days + window.lag for window in windows if window.days]
        table = library.sources[leaves[0].source].table
        found[feature.name] = Behind(table, max(days, default=0))
    return found

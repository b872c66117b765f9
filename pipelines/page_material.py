"""What pages are made from: the lists, and what the snapshot and the catalogue know besides."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from features.feature import Distinct, Total

if TYPE_CHECKING:
    from features.library import Library
    from features.snapshot import Snapshot
    from serving.lists import Lists
    from serving.manifest import Record
    from serving.pages.accounts import Behind, Material
    from serving.publishing import Published


def material_of(
    snapshot: Snapshot, lists: Lists, record: Record, before: Published | None, library: Library
) -> Material:
    """All that the accounts page is made from."""
    from serving.pages.accounts import Happened, Material

    outcomes = {name: snapshot.outcomes[name].horizon for name in record.models}
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
        asked={
            name: (horizon.opens(snapshot.as_of), horizon.closes(snapshot.as_of) - timedelta(days=1))
            for name, horizon in outcomes.items()
        },
        before=before,
        behind=behind(library),
    )


def behind(library: Library) -> dict[str, Behind]:
    """By feature, the table that it is made of (the first, where there are several) and how far it looks back."""
    from serving.pages.accounts import Behind

    found = {}
    for feature in library.features:
        leaves = list(feature.value.leaves())
        windows = [leaf.window for leaf in leaves if isinstance(leaf, (Total, Distinct))]
        days = [window.days + window.lag for window in windows if window.days]
        table = library.sources[leaves[0].source].table
        found[feature.name] = Behind(table, max(days, default=0), feature.actionable)
    return found

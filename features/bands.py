"""Windows over rollups: each row is put into the narrowest stretch of time that matters, and stretches are added up.

Two cuts of time make many windows of many as_of cheap:

- *Stretches* are what lies between two neighbours of all days on which any window of any as_of begins or ends. Rollup
  rows of one stretch that become visible at the same as_of are added up before any as_of is joined.
- *Bands* are the same seen from one as_of: what lies between two neighbouring edges of its windows. Each row is added
  to its band once, and a window is the sum of the bands in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features.clock import Window
from features.feature import Distinct, Leaf, Recency, Total


@dataclass(frozen=True)
class Bands:
    """The ages (days before as_of, 1 is the day before) at which windows are cut.

    Band i holds the ages in `(edges[i - 1], edges[i]]`; where `open`, a last band holds everything older.
    """

    edges: tuple[int, ...]
    open: bool

    @classmethod
    def of(cls, windows: Sequence[Window], forever: bool = False) -> Bands:
        """The bands into which all of the windows fall apart; `forever` asks for an open one besides."""
        cuts = {window.lag for window in windows} | {window.reach for window in windows if window.reach is not None}
        return cls(tuple(sorted(cuts - {0})), forever or any(window.reach is None for window in windows))

    def inside(self, window: Window) -> tuple[int, ...]:
        """The bands that make up a window."""
        lows = (0, *self.edges)
        highs = (*self.edges, None) if self.open else self.edges
        return tuple(
            band
            for band, (low, high) in enumerate(zip(lows, highs, strict=False))
            if low >= window.lag and (window.reach is None or (high is not None and high <= window.reach))
        )

    def of_age(self, age: ir.Value) -> ir.Value:
        """The band in which an age lies; missing where it lies beyond the last."""
        cases = [(age <= edge, band) for band, edge in enumerate(self.edges)]
        beyond = len(self.edges) if self.open else None
        if not cases:
            return ibis.literal(beyond, "int64")
        return ibis.cases(*cases, else_=beyond)

    def starts(self, as_ofs: Sequence[date]) -> list[date]:
        """All days on which a band of any as_of begins, and the as_of themselves, in order."""
        return sorted({as_of - timedelta(days=edge) for as_of in as_ofs for edge in (0, *self.edges)})


def totals(
    rollup: ir.Table, leaves: Sequence[Leaf], keys: Sequence[str], members: ir.Table, as_ofs: Sequence[date]
) -> ir.Table:
    """The totals and recencies of one source for every member.

    One row per member with any visible rollup row: `member` and a double a leaf, missing where nothing lies in it.
    """
    sums = [leaf for leaf in leaves if isinstance(leaf, Total)]
    recent = [leaf for leaf in leaves if isinstance(leaf, Recency)]
    bands = Bands.of([leaf.window for leaf in sums], forever=bool(recent))
    measures = sorted({leaf.name for leaf in sums})
    lasts = sorted({leaf.name for leaf in recent})
    cut = _cut(rollup, bands, as_ofs)
    stretches = cut.group_by([*keys, "until", "seen_from"]).agg(
        **{f"sum {name}": cut[name].sum() for name in measures},
        **{f"last {name}": cut.day.max(where=cut[name] > 0) for name in lasts},
    )
    joined = _join(stretches, members, bands, keys)
    banded = joined.group_by(["member", "band"]).agg(
        **{f"sum {name}": joined[f"sum {name}"].sum() for name in measures},
        **{f"last {name}": _days(joined[f"last {name}"], joined.as_of).min() for name in lasts},
    )
    return banded.group_by("member").agg(
        **{
            leaf.column: banded[f"sum {leaf.name}"].sum(where=_within(banded.band, bands, leaf.window)).cast("float64")
            for leaf in sums
        },
        **{leaf.column: banded[f"last {leaf.name}"].min().cast("float64") for leaf in recent},
    )


def distinct(
    rollup: ir.Table, leaves: Sequence[Distinct], keys: Sequence[str], members: ir.Table, as_ofs: Sequence[date]
) -> ir.Table:
    """How many different entities every member saw in each window: those whose latest sight lies in it.

    One row per member with any visible entity: `member` and a double a leaf, missing where there was none.
    """
    bands = Bands.of([leaf.window for leaf in leaves])
    cut = _cut(rollup, bands, as_ofs)
    stretches = cut.select(*keys, "entity", "until", "seen_from").distinct()
    joined = _join(stretches, members, bands, keys)
    latest = joined.group_by(["member", "entity"]).agg(band=joined.band.min())
    return latest.group_by("member").agg(
        **{
            leaf.column: latest.count(where=_within(latest.band, bands, leaf.window)).nullif(0).cast("float64")
            for leaf in leaves
        }
    )


def _cut(rollup: ir.Table, bands: Bands, as_ofs: Sequence[date]) -> ir.Table:
    """The rollup rows that any as_of can see, each with its stretch's end and the first as_of that sees it.

    Adds `until` (the first day after the stretch) and `seen_from` (the least as_of after `known_day`).
    """
    starts, ordered = bands.starts(as_ofs), sorted(set(as_ofs))
    rows = rollup.filter(rollup.day < ordered[-1], rollup.known_day < ordered[-1])
    if not bands.open:
        rows = rows.filter(rows.day >= starts[0])
    days = _following(starts, "day", "until")
    known = _following(ordered, "known_day", "seen_from")
    rows = rows.left_join(days, "day").drop("day_right").left_join(known, "known_day").drop("known_day_right")
    return rows.mutate(until=rows.until.fill_null(starts[0]), seen_from=rows.seen_from.fill_null(ordered[0]))


def _following(marks: Sequence[date], day: str, name: str) -> ir.Table:
    """For each day from the first mark to before the last, the first mark after it: one row a day."""
    days, after = [], []
    for start, end in pairwise(marks):
        for number in range((end - start).days):
            days.append(start + timedelta(days=number))
            after.append(end)
    return ibis.memtable(pa.table({day: pa.array(days, pa.date32()), name: pa.array(after, pa.date32())}))


def _join(stretches: ir.Table, members: ir.Table, bands: Bands, keys: Sequence[str]) -> ir.Table:
    """The stretches that each member sees, with the band in which they lie seen from its as_of."""
    visible = [stretches[key] == members[key] for key in keys] + [stretches.seen_from <= members.as_of]
    joined = stretches.join(members, visible).select(stretches, members.member, members.as_of)
    # All days of a stretch lie in one band, so the last of them stands for it.
    joined = joined.mutate(band=bands.of_age(_days(joined.until, joined.as_of) + 1))
    return joined if bands.open else joined.filter(joined.band.notnull())


def _within(band: ir.Value, bands: Bands, window: Window) -> ir.Value:
    return band.isin(bands.inside(window))


def _days(start: ir.Value, end: ir.Value) -> ir.Value:
    return end.delta(start, unit="day")

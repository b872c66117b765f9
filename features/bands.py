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
from features.feature import Distinct, Recency, Total


@dataclass(frozen=True)
class Bands:
    """The ages (days before as_of, 1 is the day before) at which windows are cut.

    Band i holds the ages in `(edges[i - 1], edges[i]]`; where `open`, a last band holds everything older.
    """

    edges: tuple[int, ...]
    open: bool

    @classmethod
    def of(cls, windows: Sequence[Window]) -> Bands:
        """The bands into which all of the windows fall apart; open where one of them has no beginning."""
        cuts = {window.lag for window in windows} | {window.reach for window in windows if window.reach is not None}
        return cls(tuple(sorted(cuts - {0})), any(window.reach is None for window in windows))

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
    rollup: ir.Table, leaves: Sequence[Total], keys: Sequence[str], members: ir.Table, as_ofs: Sequence[date]
) -> ir.Table:
    """The sums of measures over windows for every member.

    One row per member with a visible rollup row in any window: `member` and a double a leaf, missing where nothing
    lies in its window.
    """
    bands = Bands.of([leaf.window for leaf in leaves])
    names = sorted({leaf.name for leaf in leaves})
    cut = _cut(rollup, bands, as_ofs)
    stretches = cut.group_by([*keys, "until", "seen_from"]).agg(**{name: cut[name].sum() for name in names})
    joined = _join(stretches, members, keys)
    # All days of a stretch lie in one band, so the last of them stands for it.
    joined = joined.mutate(band=bands.of_age(_days(joined.until, joined.as_of) + 1))
    joined = joined.filter(joined.band.notnull())
    banded = joined.group_by(["member", "band"]).agg(**{name: joined[name].sum() for name in names})
    sums = {leaf.column: banded[leaf.name].sum(where=banded.band.isin(bands.inside(leaf.window))) for leaf in leaves}
    return banded.group_by("member").agg(**{column: total.cast("float64") for column, total in sums.items()})


def recencies(
    rollup: ir.Table, leaves: Sequence[Recency], keys: Sequence[str], members: ir.Table, as_ofs: Sequence[date]
) -> ir.Table:
    """The days since each measure was last above 0 for every member.

    One row per member with any visible rollup row: `member` and a double a leaf, missing where it never was.
    """
    seen = _seen(rollup, as_ofs)
    lasts = {leaf.column: seen.day.max(where=seen[leaf.name] > 0) for leaf in leaves}
    joined = _join(seen.group_by([*keys, "seen_from"]).agg(**lasts), members, keys)
    ages = {column: _days(joined[column], joined.as_of).min() for column in lasts}
    return joined.group_by("member").agg(**{column: age.cast("float64") for column, age in ages.items()})


def distinct(
    rollup: ir.Table, leaves: Sequence[Distinct], keys: Sequence[str], members: ir.Table, as_ofs: Sequence[date]
) -> ir.Table:
    """How many different entities every member saw in each window: those whose latest sight lies in it.

    One row per member with any entity in any window: `member` and a double a leaf, missing where there was none.
    """
    reaches = [leaf.window.days for leaf in leaves if leaf.window.days is not None]
    if len(reaches) == len(leaves):  # what was seen last before every window counts in none
        rollup = rollup.filter(rollup.day >= min(as_ofs) - timedelta(days=max(reaches)))
    seen = _seen(rollup, as_ofs)
    last = seen.group_by([*keys, "entity", "seen_from"]).agg(last=seen.day.max())
    joined = _join(last, members, keys)
    latest = joined.group_by(["member", "entity"]).agg(age=_days(joined["last"], joined.as_of).min())
    counts = {
        leaf.column: latest.count(where=None if leaf.window.days is None else latest.age <= leaf.window.days)
        for leaf in leaves
    }
    return latest.group_by("member").agg(**{name: count.nullif(0).cast("float64") for name, count in counts.items()})


def _seen(rollup: ir.Table, as_ofs: Sequence[date]) -> ir.Table:
    """The rollup rows that any as_of can see, with `seen_from`, the first as_of that does (the least after known_day).

    As a row that is seen stays seen, what an as_of knows is what all `seen_from` up to it added.
    """
    ordered = sorted(set(as_ofs))
    rows = rollup.filter(rollup.known_day < ordered[-1])
    first = _following(ordered, "known_day", "seen_from")
    joined = rows.left_join(first, rows.known_day == first.known_day)
    return joined.select(rows, seen_from=first.seen_from.fill_null(ordered[0]))


def _cut(rollup: ir.Table, bands: Bands, as_ofs: Sequence[date]) -> ir.Table:
    """The rollup rows that any window of any as_of can see, with `until`, the first day after the row's stretch."""
    starts = bands.starts(as_ofs)
    rows = _seen(rollup if bands.open else rollup.filter(rollup.day >= starts[0]), as_ofs)
    after = _following(starts, "day", "until")
    return rows.left_join(after, rows.day == after.day).select(rows, until=after.until.fill_null(starts[0]))


def _following(marks: Sequence[date], day: str, name: str) -> ir.Table:
    """For each day from the first mark to before the last, the first mark after it: one row a day."""
    days, after = [], []
    for start, end in pairwise(marks):
        for number in range((end - start).days):
            days.append(start + timedelta(days=number))
            after.append(end)
    return ibis.memtable(pa.table({day: pa.array(days, pa.date32()), name: pa.array(after, pa.date32())}))


def _join(rows: ir.Table, members: ir.Table, keys: Sequence[str]) -> ir.Table:
    """The rows that each member sees, with its number and its as_of."""
    visible = [rows[key] == members[key] for key in keys] + [rows.seen_from <= members.as_of]
    return rows.join(members, visible).select(rows, members.member, members.as_of)


def _days(start: ir.Value, end: ir.Value) -> ir.Value:
    return end.delta(start, unit="day")

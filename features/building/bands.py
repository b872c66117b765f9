"""Windows over rollups: each row is put into the narrowest stretch of time that matters, and stretches are added up.

Two cuts of time make many windows of many as_of cheap:

- *Stretches* are what lies between two neighbours of all days on which any window of any as_of begins or ends. Rollup
  rows of one stretch that become visible at the same as_of are added up before any as_of is joined.
- *Bands* are the same seen from one as_of: what lies between two neighbouring edges of its windows. Each stretch is
  added to its band once, and a window is the sum of the bands in it.

Different days and different entities do not add up. They are told by bits: see `features/building/bits.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features.building.asked import Asked
from features.building.bits import different_days, placed
from features.clock import Window
from features.feature import DAYS, Recency, Total


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

    def of_age(self, age: int) -> int | None:
        """The band in which an age lies; None where it lies beyond the last."""
        inside = (band for band, edge in enumerate(self.edges) if age <= edge)
        return next(inside, len(self.edges) if self.open else None)

    def starts(self, as_ofs: Sequence[date]) -> list[date]:
        """All days on which a band of any as_of begins, and the as_of themselves, in order."""
        return sorted({as_of - timedelta(days=edge) for as_of in as_ofs for edge in (0, *self.edges)})

    def looked_at(self, as_ofs: Sequence[date]) -> ir.Table:
        """Where each as_of looks: one row per (until, as_of), the band of the stretch that ends before the day `until`.

        All days of a stretch lie in one band, so the last of them stands for it. What is older than every stretch ends
        where the first begins.
        """
        starts = self.starts(as_ofs)
        ends = starts if self.open else starts[1:]
        ages = [(end, as_of, self.of_age((as_of - end).days + 1)) for end in ends for as_of in as_ofs if end <= as_of]
        found = [each for each in ages if each[2] is not None]
        columns = zip(*found, strict=True) if found else ((), (), ())
        types = {"until": pa.date32(), "as_of": pa.date32(), "band": pa.int64()}
        table = {name: pa.array(column, of) for (name, of), column in zip(types.items(), columns, strict=True)}
        return ibis.memtable(pa.table(table))


def totals(rows: ir.Table, leaves: Sequence[Total], asked: Asked) -> ir.Table:
    """The sums of measures over windows for every member, and on how many different days there was any row.

    One row per member with a visible row in any window: `member` and a double a leaf, missing where nothing lies in its
    window. Of `rows`, any number may be of the same keys and day.
    """
    bands = Bands.of([leaf.window for leaf in leaves])
    names = sorted({leaf.name for leaf in leaves})
    cut = _cut(asked.of(rows), bands, asked.as_ofs)
    sums = {name: cut[name].sum() for name in names if name != DAYS}
    if DAYS in names:
        cut = placed(cut)
        stretches = cut.group_by(["asked", "until", "block", "seen_from"]).agg(bits=cut.bit.bit_or(), **sums)
        first = _first_seen(bands, asked.as_ofs)
        stretches = different_days(asked.held(stretches), ["asked", "until", "block"], first, DAYS)
    else:
        stretches = cut.group_by(["asked", "until", "seen_from"]).agg(**sums)
    looked = stretches.join(bands.looked_at(asked.as_ofs), "until").filter(lambda t: t.seen_from <= t.as_of)
    windows = {leaf.column: looked[leaf.name].sum(where=looked.band.isin(bands.inside(leaf.window))) for leaf in leaves}
    # members are joined to what came of it: to all that it is made of would take as long as adding it up
    found = looked.group_by(["asked", "as_of"]).agg(**windows).join(asked.members, ["asked", "as_of"])
    return found.select("member", **{column: found[column].cast("float64") for column in windows})


def recencies(rows: ir.Table, leaves: Sequence[Recency], asked: Asked) -> ir.Table:
    """The days since each measure was last above 0 for every member.

    One row per member with any visible rollup row: `member` and a double a leaf, missing where it never was.
    """
    seen = _seen(asked.of(rows), asked.as_ofs)
    lasts = {leaf.column: seen.day.max(where=None if leaf.name == DAYS else seen[leaf.name] > 0) for leaf in leaves}
    found = seen.group_by(["asked", "seen_from"]).agg(**lasts)
    members = asked.members
    joined = found.join(members, [found.asked == members.asked, found.seen_from <= members.as_of])
    ages = {column: joined.as_of.delta(joined[column], unit="day").min() for column in lasts}
    return joined.group_by("member").agg(**{column: age.cast("float64") for column, age in ages.items()})


def _seen(rows: ir.Table, as_ofs: Sequence[date]) -> ir.Table:
    """The rollup rows that any as_of can see, with `seen_from`, the first as_of that does (the least after known_day).

    As a row that is seen stays seen, what an as_of knows is what all `seen_from` up to it added.
    """
    ordered = sorted(set(as_ofs))
    rows = rows.filter(rows.known_day < ordered[-1])
    first = _following(ordered, "known_day", "seen_from")
    joined = rows.left_join(first, rows.known_day == first.known_day)
    return joined.select(rows, seen_from=first.seen_from.fill_null(ordered[0]))


def _cut(rows: ir.Table, bands: Bands, as_ofs: Sequence[date]) -> ir.Table:
    """The rollup rows that any window of any as_of can see, with `until`, the first day after the row's stretch."""
    starts = bands.starts(as_ofs)
    rows = _seen(rows if bands.open else rows.filter(rows.day >= starts[0]), as_ofs)
    after = _following(starts, "day", "until")
    return rows.left_join(after, rows.day == after.day).select(rows, until=after.until.fill_null(starts[0]))


def _first_seen(bands: Bands, as_ofs: Sequence[date]) -> ir.Table:
    """From which as_of on a stretch is seen whose rows were all known on their days: one row an `until`."""
    ordered = sorted(set(as_ofs))
    first = {until: next(day for day in ordered if day >= until) for until in bands.starts(as_ofs)}
    days = {"until": pa.array(first, pa.date32()), "first": pa.array(first.values(), pa.date32())}
    return ibis.memtable(pa.table(days))


def _following(marks: Sequence[date], day: str, name: str) -> ir.Table:
    """For each day from the first mark to before the last, the first mark after it: one row a day."""
    days, after = [], []
    for start, end in pairwise(marks):
        for number in range((end - start).days):
            days.append(start + timedelta(days=number))
            after.append(end)
    return ibis.memtable(pa.table({day: pa.array(days, pa.date32()), name: pa.array(after, pa.date32())}))

"""What does not add up, told by bits: different days of a stretch, and different entities of a window.

A day is one bit of the stretch that holds it; whatever rows are of one day, their bits joined by `or` are that bit. In
the same way the as_ofs at which an entity counts are bits of one number, so that an entity is looked at once and not
once an as_of. Both are whole numbers below 2^62, and the same on every engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import reduce

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features.building.asked import Asked
from features.feature import Distinct

LENGTH = 31
"""Days of a stretch that one number holds; more of them are a block of their own."""
AT_ONCE = 60
"""As_ofs that one number holds."""


def placed(rows: ir.Table) -> ir.Table:
    """The rows, each with the `block` of its stretch in which its day lies, and the `bit` of that day."""
    bits = ibis.memtable(
        {"place": list(range(LENGTH)), "bit": _bits(LENGTH)}, schema={"place": "int64", "bit": "int64"}
    )
    before = (rows["until"].delta(rows["day"], unit="day") - 1).cast("int64")
    rows = rows.mutate(place=before % LENGTH, block=before // LENGTH)
    return rows.join(bits, "place").drop("place")


def different_days(stretches: ir.Table, by: Sequence[str], first: ir.Table, name: str) -> ir.Table:
    """The stretches with how many days each adds to what was seen of the same before it, under that name.

    One row per (by, seen_from) as it came. `first` says from which as_of on a stretch without late rows is seen.
    """
    late = stretches.join(first, "until").filter(lambda t: t.seen_from > t["first"]).select(*by).distinct()
    # Few stretches have late rows; a window over all of them would take as long as adding up.
    alone = stretches.anti_join(late, list(by))
    several = stretches.semi_join(late, list(by))
    before = ibis.window(group_by=list(by), order_by="seen_from", preceding=(None, 1))
    several = several.mutate(earlier=several["bits"].bit_or().over(before).fill_null(0))
    several = several.mutate(so_far=several["bits"] | several["earlier"])
    several = _counted(_counted(several, "so_far", "now"), "earlier", "then")
    several = several.mutate(**{name: several["now"] - several["then"]})
    alone = _counted(alone, "bits", name).drop("bits")
    return alone.union(several.select(*alone.columns))


def distinct(rows: ir.Table, leaves: Sequence[Distinct], asked: Asked) -> ir.Table:
    """How many different entities every member saw in each window.

    One row per member with any entity in any window: `member` and a double a leaf, missing where there was none. Of
    `rows`, any number may be of the same keys, entity and day.
    """
    days = asked.as_ofs
    groups = [days[start : start + AT_ONCE] for start in range(0, len(days), AT_ONCE)]
    return reduce(ir.Table.union, [_distinct(rows, leaves, asked, group) for group in groups])


def _distinct(rows: ir.Table, leaves: Sequence[Distinct], asked: Asked, as_ofs: Sequence[date]) -> ir.Table:
    """The same at so many as_ofs that one number holds them."""
    bits = dict(zip(as_ofs, _bits(len(as_ofs)), strict=True))
    windows = {leaf.column: leaf.window.days for leaf in leaves}
    rows = rows.filter(rows["known_day"] < as_ofs[-1])
    if None not in windows.values():  # said here, so that the engine leaves it out where it reads
        rows = rows.filter(rows["day"] >= as_ofs[0] - timedelta(days=max(days or 0 for days in windows.values())))
    marks = _marked(asked.of(rows), windows, bits)
    seen = marks.group_by(["asked", "entity"]).agg(**{column: marks[column].bit_or() for column in windows})
    counts = {
        f"{column} {number}": seen.count(where=(seen[column] & bit) > 0)
        for column in windows
        for number, bit in enumerate(bits.values())
    }
    joined = asked.members.join(seen.group_by("asked").agg(**counts), "asked")
    joined = joined.filter(joined["as_of"].isin(as_ofs))
    found = joined.select("member", **{column: _of_as_of(joined, column, as_ofs) for column in windows})
    return found.filter(ibis.or_(*(found[column].notnull() for column in windows)))


def _marked(rows: ir.Table, windows: Mapping[str, int | None], bits: Mapping[date, int]) -> ir.Table:
    """The rows that any as_of sees in a window, and a column a window with the bits of the as_ofs that do."""
    visible = _by_day("known_day", {"visible": None}, bits)
    rows = rows.left_join(visible, "known_day").drop("known_day_right")
    visible_at = rows["visible"].fill_null(sum(bits.values()))  # known before the first of them
    bounded = {column: days for column, days in windows.items() if days is not None}
    if bounded:
        inside = _by_day("day", bounded, bits)
        rows = rows.mutate(visible=visible_at).join(
            inside, "day", how="inner" if len(bounded) == len(windows) else "left"
        )
        visible_at = rows["visible"]
    marks = {column: visible_at & rows[column].fill_null(0) if column in bounded else visible_at for column in windows}
    return rows.mutate(**marks)


def _by_day(day: str, windows: Mapping[str, int | None], bits: Mapping[date, int]) -> ir.Table:
    """For each day that matters a column a window: the bits of the as_ofs in whose window it lies, or after it."""
    first, last = min(bits), max(bits)
    widest = max((days or 0 for days in windows.values()), default=0)
    days = [first - timedelta(days=number) for number in range(widest, 0, -1)]
    days += [first + timedelta(days=number) for number in range((last - first).days)]
    columns = {day: pa.array(days, pa.date32())}
    for column, reach in windows.items():
        of = [
            sum(bit for as_of, bit in bits.items() if each < as_of and (reach is None or (as_of - each).days <= reach))
            for each in days
        ]
        columns[column] = pa.array(of, pa.int64())
    return ibis.memtable(pa.table(columns))


def _of_as_of(rows: ir.Table, column: str, as_ofs: Sequence[date]) -> ir.Value:
    """The count that belongs to the row's as_of, missing where it is 0."""
    cases = [(rows["as_of"] == as_of, rows[f"{column} {number}"]) for number, as_of in enumerate(as_ofs)]
    return ibis.cases(*cases).nullif(0).cast("float64")


def _counted(rows: ir.Table, column: str, name: str) -> ir.Table:
    """The rows with how many bits of a column are set, of at most 32, under that name.

    Pairs of bits are added up, then pairs of those (Warren, Hacker's Delight, 2nd edition, 5-1): not every engine has a
    function for it.
    """
    rows = rows.mutate(pairs=rows[column] - ((rows[column] >> 1) & 0x55555555))
    rows = rows.mutate(fours=(rows["pairs"] & 0x33333333) + ((rows["pairs"] >> 2) & 0x33333333))
    rows = rows.mutate(eights=(rows["fours"] + (rows["fours"] >> 4)) & 0x0F0F0F0F)
    return rows.mutate(**{name: ((rows["eights"] * 0x01010101) >> 24) & 0xFF}).drop("pairs", "fours", "eights")


def _bits(count: int) -> list[int]:
    return [1 << place for place in range(count)]

"""The first screen of the drivers page: each outcome's money, how it moved, its drivers, and its segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serving.drivers import START, valued
from serving.money import Amount, Level, amount, amounts
from serving.moved import PARTS, moved
from serving.pages.amounts import day, money, percent, points, signed, span, whole
from serving.pages.charts import bar
from serving.pages.words import money_of

if TYPE_CHECKING:
    from serving.pages.material import Outlook

FIRST = 5
"""Drivers of either way on the first screen."""
SEGMENTS = 4
"""Segments there; the others stand below."""
MOVED = {
    "gone": "accounts that are gone, or no longer asked about",
    "new": "accounts that are new, or newly asked about",
    "value": "what accounts pay",
    "data": "the accounts' own numbers",
    "model": "a model that was trained anew",
    "calibration": "its calibration",
    "untold": "what cannot be told apart",
}


@dataclass(frozen=True)
class Driver:
    """One idea of one outcome, as a bar."""

    said: str
    money: float
    """What it adds where it raises, or takes away where it lowers."""
    shown: str
    wide: float


@dataclass(frozen=True)
class Headline:
    """All that the first screen says of one outcome."""

    name: str
    title: str
    wanted: bool | None
    when: str
    money: str
    range: str
    exact: Amount
    context: str
    notes: tuple[str, ...]
    change: str
    moves: tuple[str, ...]
    pushing: str
    keeping: str
    raising: tuple[Driver, ...]
    lowering: tuple[Driver, ...]
    segments: tuple[Mapping[str, Any], ...]
    more_segments: int
    parts: Mapping[str, float]
    """What of the change since the list before each part made; empty without one."""
    sums: str
    """How the drivers add up."""


def headline(outlook: Outlook, name: str) -> Headline:
    """What the first screen says of one outcome."""
    said = money_of(name)
    rows = valued(outlook.lists.accounts, name, outlook.decision)
    level = Level.of(outlook.record.models[name].metrics.get("level"))
    own = outlook.lists.drivers
    mine = own[(own["outcome"] == name) & own["segment"].isna()].set_index("idea")
    whole_sum, segments = _segments(rows, level, outlook.segmented)
    parts, change = _moved(outlook, name)
    ideas = mine.drop(index=START, errors="ignore")
    largest = max([*ideas["raising"], *-ideas["lowering"], 0.0])
    asked = outlook.asked.get(name)
    return Headline(
        name=name,
        title=said["money"],
        wanted=said["wanted"],
        when=f"between {day(asked[0])} and {day(asked[1])}" if asked else "",
        money=money(whole_sum.value, outlook.record.currency) if len(rows) else "No money known",
        range=span(whole_sum.low, whole_sum.high) if len(rows) else "",
        exact=whole_sum,
        context=_context(outlook, name, rows),
        notes=_notes(level, whole_sum.value),
        change=change,
        moves=_largest(parts),
        pushing=said["pushing"],
        keeping=said["keeping"],
        raising=_drivers(ideas["raising"], largest, outlook.ideas),
        lowering=_drivers(ideas["lowering"], largest, outlook.ideas),
        segments=segments[:SEGMENTS],
        more_segments=max(0, len(segments) - SEGMENTS),
        parts=parts,
        sums=_sums(mine, whole_sum.value),
    )


def _drivers(made: pd.Series[float], largest: float, ideas: Mapping[str, str]) -> tuple[Driver, ...]:
    """The five that make most, the largest first; of equal ones by name."""
    found = [(idea, float(value)) for idea, value in made.items() if round(value) != 0]
    found.sort(key=lambda item: (-abs(item[1]), str(item[0])))
    return tuple(
        Driver(ideas.get(str(idea), str(idea)), value, signed(value), bar(value, largest))
        for idea, value in found[:FIRST]
    )


def _sums(mine: pd.DataFrame, expected: float) -> str:
    """How the drivers lead from where the model starts to what is expected."""
    if START not in mine.index:
        return "What the scores came from is not known, so no drivers are told."
    rest, average = mine.drop(index=START), float(mine["money"][START])
    return (
        f"Were nothing known of any account: {money(average)}. All {len(rest)} drivers together push it "
        f"up by {money(rest['raising'].sum())} and hold it down by {money(-rest['lowering'].sum())}, which makes "
        f"{money(expected)}."
    )


def _segments(rows: pd.DataFrame, level: Level | None, segmented: bool) -> tuple[Amount, tuple[Mapping[str, Any], ...]]:
    """The whole sum, and one record a segment, the one with the most money first."""
    chance, moving = rows["probability"].to_numpy(), rows["moving"].to_numpy()
    if not segmented:
        return amount(chance, moving, level), ()
    codes, names = pd.factorize(rows["part"], sort=True)
    whole_sum, *each = amounts(chance, moving, codes.astype(np.intp), len(names), level)
    largest = max([one.high for one in each], default=0.0)
    paid = [float(moving[codes == code].sum()) for code in range(len(names))]
    counts = np.bincount(codes, minlength=len(names))
    told = [
        {
            "name": str(name),
            "accounts": whole(count),
            "money": money(one.value),
            "range": span(one.low, one.high),
            "share": percent(one.value / pays if pays else float("nan")),
            "value": one.value,
            "from": bar(one.low, largest),
            "to": bar(one.high, largest),
            "at": bar(one.value, largest),
        }
        for name, count, one, pays in zip(names, counts, each, paid, strict=True)
    ]
    return whole_sum, tuple(sorted(told, key=lambda record: (-record["value"], record["name"])))


def _context(outlook: Outlook, name: str, rows: pd.DataFrame) -> str:
    if rows.empty:
        chances = outlook.lists.accounts[f"{name}_probability"].dropna()
        return (
            f"The tables tell neither what accounts pay nor what their use is worth. Of {whole(len(chances))} "
            f"accounts, {chances.sum():.0f} are expected"
        )
    share = outlook.decision.share(name)
    moving, paid = float(rows["moving"].sum()), float(rows["moving"].sum()) / share if share else 0.0
    if share == 1:
        return f"of {money(moving)} a year that {whole(len(rows))} accounts pay"
    each = ", the likeliest product of each" if f"{name}_product" in outlook.lists.accounts.columns else ""
    return (
        f"of {money(moving)} if all {whole(len(rows))} accounts did{each}: an assumed {percent(share, 0)} of the "
        f"{money(paid)} a year that they pay"
    )


def _notes(level: Level | None, expected: float) -> tuple[str, ...]:
    if level is None:
        return ("The range holds chance alone: how far off the model's level was on its test was not kept.",)
    if level.low <= 1 <= level.high:
        return ()
    way = "many" if level.value < 1 else "few"
    found, low, high = (f"{100 * number:.0f}" for number in (level.value, level.low, level.high))
    return (
        f"On its test the model expected too {way}: for 100 predicted, {found} came about ({low} to {high}). The sum "
        f"is as the list has it; about {money(expected * level.value)} if the model is as far off again. The range "
        "allows for it.",
    )


def _moved(outlook: Outlook, name: str) -> tuple[dict[str, float], str]:
    """The parts of the change since the list before, and the change in words."""
    before = outlook.before
    if before is None:
        return {}, "This is the first list."
    if name not in before.manifest.record.models:
        return {}, f"The list of {day(before.as_of)} did not have it."
    parts = moved(
        outlook.lists.accounts, before.accounts, outlook.lists.changes, name, outlook.decision, outlook.decision_before
    )
    made = dict(zip(parts["part"], parts["money"].astype(float), strict=True))
    return made, f"{signed(sum(made.values()))} since {day(before.as_of)}"


def _largest(parts: Mapping[str, float], most: int = 4) -> tuple[str, ...]:
    """The parts that made most, in words."""
    there = sorted((part for part in parts if round(parts[part]) != 0), key=lambda part: -abs(parts[part]))
    return tuple(f"{signed(parts[part])} {MOVED[part]}" for part in there[:most])


def moved_table(headlines: Sequence[Headline]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The outcomes that moved, and one row a part: its words and a figure an outcome; the sum last."""
    told = [one for one in headlines if one.parts]
    rows = [
        (MOVED[part][:1].upper() + MOVED[part][1:], *(signed(one.parts[part]) for one in told))
        for part in PARTS
        if any(round(one.parts[part]) != 0 for one in told)
    ]
    total = ("Altogether", *(signed(sum(one.parts.values())) for one in told))
    return tuple(one.title for one in told), (*rows, total) if told else ()


def differing(outlook: Outlook, name: str, most: int = 8) -> Mapping[str, Any] | None:
    """Where drivers differ between segments: points of what would move, by idea and segment; None without segments."""
    own = outlook.lists.drivers
    mine = own[(own["outcome"] == name) & own["segment"].notna() & (own["idea"] != START)]
    if mine["segment"].nunique() < 2:
        return None
    rates = (100 * mine["money"] / mine["moving"].where(mine["moving"] > 0)).rename("rate")
    table = mine.assign(rate=rates).pivot(index="idea", columns="segment", values="rate")
    spread = (table.max(axis=1) - table.min(axis=1)).sort_values(ascending=False, kind="stable")
    shown = [idea for idea in spread.index[:most] if spread[idea] >= 0.05]
    largest = float(np.nanmax(np.abs(table.loc[shown].to_numpy()))) if shown else 0.0
    rows = [
        (outlook.ideas.get(idea, idea), [(points(cell), _shade(cell, largest)) for cell in table.loc[idea]])
        for idea in shown
    ]
    return {"segments": [str(segment) for segment in table.columns], "rows": rows} if rows else None


def _shade(cell: float, largest: float) -> str:
    """The class of a cell: which way, and how strong of three steps."""
    if not largest or not np.isfinite(cell) or abs(cell) < largest / 10:
        return "even"
    step = min(3, 1 + int(3 * abs(cell) / largest * 0.999))
    return f"{'up' if cell > 0 else 'down'}{step}"

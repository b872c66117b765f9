"""What stands below the first screen of the drivers page: over time, by stage, how good it was, what is not known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from serving.decision import STAGES
from serving.drivers import AVERAGE, valued
from serving.last_time import GOOD, MIXED, POOR
from serving.pages.amounts import day, money, percent, points, signed, span, whole
from serving.pages.charts import bar, line
from serving.pages.words import MARKETS, STAGE_WORDS, money_of

if TYPE_CHECKING:
    from serving.effects import Effect
    from serving.last_time import LastTime, Part
    from serving.pages.drivers import Outlook, Past

TRENDS = 5
"""Drivers of an outcome whose way over the lists is drawn."""
GRADES = {GOOD: "good", MIXED: "mixed", POOR: "poor"}


def trend(outlook: Outlook, name: str) -> Mapping[str, Any] | None:
    """The expected money and its largest drivers over the lists; None with fewer than two that tell this outcome."""
    told = [past for past in outlook.lists_so_far if not _of(past, name).empty]
    if len(told) < 2:
        return None
    now = _of(told[-1], name)["money"].drop(AVERAGE, errors="ignore")
    first = now.abs().sort_values(ascending=False, kind="stable").index[:TRENDS]
    changed = [place > 0 and past.versions[name] != told[place - 1].versions[name] for place, past in enumerate(told)]
    figures = [("All of it", [float(_of(past, name)["money"].sum()) for past in told])]
    figures += [(idea, [float(_of(past, name)["money"].get(idea, math.nan)) for past in told]) for idea in first]
    rows = [
        {
            "said": outlook.ideas.get(idea, idea),
            "line": line(its, [past.as_of.toordinal() for past in told], changed),
            "first": _signed(place, its[0]),
            "last": _signed(place, its[-1]),
            "all": [_signed(place, figure) for figure in its],
            "words": f"{_signed(place, its[0])} on {day(told[0].as_of)}, {_signed(place, its[-1])} now",
        }
        for place, (idea, its) in enumerate(figures)
    ]
    return {
        "title": money_of(name)["money"],
        "days": [day(past.as_of) for past in told],
        "rows": rows,
        "changed": [day(past.as_of) for past, new in zip(told, changed, strict=True) if new],
    }


def stages(outlook: Outlook, outcomes: Sequence[str]) -> list[Mapping[str, Any]]:
    """Where accounts stand in the customer life cycle, and the money of each outcome there."""
    accounts = outlook.lists.accounts
    counts = accounts["stage"].value_counts()
    value = accounts.groupby("stage")["value_at_stake"].sum()
    expected = {}
    for name in outcomes:
        rows = valued(accounts, name, outlook.decision)
        stage = rows["account_id"].map(accounts.set_index("account_id")["stage"])
        expected[name] = (rows["probability"] * rows["moving"]).groupby(stage).sum()
    return [
        {
            "name": STAGE_WORDS[stage][0],
            "meaning": STAGE_WORDS[stage][1],
            "accounts": whole(int(counts.get(stage, 0))),
            "wide": bar(float(counts.get(stage, 0)), float(counts.max())),
            "value": money(float(value.get(stage, 0.0))),
            "money": [money(float(expected[name].get(stage, 0.0))) for name in outcomes],
        }
        for stage in STAGES
    ]


def markets(outlook: Outlook) -> list[Mapping[str, Any]]:
    """Products by the stage of their market, the earliest first, with how far each has spread."""
    found: list[Mapping[str, Any]] = []
    for stage, (title, asks) in MARKETS.items():
        products = sorted((p for p in outlook.products if p.stage == stage), key=lambda p: (-p.reach, p.name))
        shown = [(product.name, percent(product.reach, 0), bar(product.reach, 1.0)) for product in products]
        found.append({"title": title, "asks": asks, "products": shown})
    return found if outlook.products else []


def judged(outlook: Outlook, name: str) -> Mapping[str, Any]:
    """How good the predictions of an outcome were: on the list that closed last, and on the model's test."""
    said, last = money_of(name), outlook.last.get(name)
    told: dict[str, Any] = {"title": said["title"], "test": _test(outlook, name), "last": None}
    if last is None:
        return {**told, "why": _not_yet(outlook, name)}
    columns = [("All", last.whole), *((part.name.capitalize(), part) for part in last.bands)]
    return {
        **told,
        "why": "",
        "last": {
            "as_of": day(last.as_of),
            "grade": last.grade,
            "kind": GRADES.get(last.grade, "few"),
            "words": _in_words(last),
            "parts": [_part(title, part) for title, part in (*columns, ("Highest tenth", last.top))],
            "left_out": last.left_out,
            "money": money(last.money.value, outlook.record.currency),
            "money_range": span(last.money.low, last.money.high),
            "money_realised": money(last.money_realised, outlook.record.currency),
        },
    }


def _in_words(last: LastTime) -> str:
    predicted = last.whole.predicted
    level = "within" if last.level_held else "outside"
    top = f"{last.top.lift:.1f} times" if math.isfinite(last.top.lift) else "never"
    return (
        f"{predicted.value:.1f} were predicted among {whole(last.whole.accounts)} accounts and {last.whole.realised} "
        f"came about, {level} the range of chance ({predicted.low:.0f} to {predicted.high:.0f}). Among the tenth with "
        f"the highest chances it was {top} as frequent as among all."
    )


def _part(title: str, part: Part) -> Mapping[str, Any]:
    return {
        "title": title,
        "accounts": whole(part.accounts),
        "predicted": f"{part.predicted.value:.1f}",
        "range": f"{part.predicted.low:.0f} to {part.predicted.high:.0f}",
        "realised": whole(part.realised),
        "lift": f"{part.lift:.1f}" if math.isfinite(part.lift) else "\u2013",
    }


def _not_yet(outlook: Outlook, name: str) -> str:
    closing = outlook.closing.get(name)
    if closing is None:
        return "What comes of a list is not told for this kind of outcome: it is known only of those who were asked."
    listed, closes = closing
    first = "this list" if listed == outlook.lists.as_of else f"the list of {day(listed)}"
    return (
        f"No earlier list has closed yet: the first whose outcome will be certain is {first}, as of {day(closes)}. "
        "Until then there is the model's test below."
    )


def _test(outlook: Outlook, name: str) -> list[str]:
    """The model's out-of-time test, in words."""
    model, found = outlook.record.models[name], []
    auc, lift, level = model.metrics.get("auc"), model.metrics.get("lift_at_10pct"), model.level
    if auc:
        found.append(
            f"Of two accounts, one with the outcome and one without, it gave the first the higher chance in "
            f"{percent(auc['value'], 0)} of cases ({percent(auc['low'], 0)} to {percent(auc['high'], 0)}; "
            "50% is no skill)."
        )
    if lift:
        found.append(
            f"Among the tenth with the highest chances it was {lift['value']:.1f} times as frequent as among all "
            f"({lift['low']:.1f} to {lift['high']:.1f})."
        )
    if level:
        found.append(
            f"For each one predicted, {level['value']:.2f} came about ({level['low']:.2f} to {level['high']:.2f})."
        )
    return found


def effects(outlook: Outlook) -> list[Mapping[str, Any]]:
    """What offers did that chance assigned, one record a kind."""
    return [_effect(effect) for effect in outlook.effects]


def _effect(effect: Effect) -> Mapping[str, Any]:
    said = money_of(effect.outcome)
    if not effect.enough:
        verdict = "Too few to say."
    elif effect.shown:
        verdict = f"An effect is shown: it happened {'more' if effect.difference > 0 else 'less'} often."
    else:
        verdict = "No effect is shown: zero lies inside."
    return {
        "kind": effect.kind,
        "title": "Takes on what was offered" if effect.outcome == "adoption" else said["title"],
        "treated": f"{effect.treated_with} of {whole(effect.treated)}",
        "held_back": f"{effect.held_back_with} of {whole(effect.held_back)}",
        "difference": points(effect.difference),
        "range": f"{points(effect.low)} to {points(effect.high)}",
        "verdict": verdict,
    }


def unknown(outlook: Outlook, outcomes: Sequence[str]) -> list[tuple[str, str]]:
    """What is not known, one heading and text each."""
    return list(_unknown(outlook, outcomes))


def _unknown(outlook: Outlook, outcomes: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, why in sorted(outlook.record.refused.items()):
        yield f"Nothing is said of {name.replace('_', ' ')}", why
    accounts = outlook.lists.accounts
    for name in outcomes:
        silent = int(accounts[f"{name}_probability"].isna().sum())
        if silent:
            yield (
                f"{money_of(name)['title']}: {whole(silent)} accounts were not asked about",
                "They cannot do it now (no higher plan, nothing left to take on, notice already given): no sum of it "
                "counts them.",
            )
    worthless = int(accounts["value_at_stake"].isna().sum())
    if worthless:
        yield (
            f"{whole(worthless)} accounts have no value" if worthless > 1 else "1 account has no value",
            "The tables tell neither what they pay nor what their use is worth: no sum on this page counts them.",
        )
    if outlook.missing_tables:
        yield "Tables that are not brought", f"{', '.join(outlook.missing_tables)}: nothing here can go by them."
    if outlook.off:
        yield (
            "What is not looked at, because its purpose is not allowed",
            ", ".join(f"{kind} ({whole(count)} features)" for kind, count in outlook.off.items()),
        )
    for until in sorted(set(outlook.learned_until.values())):
        names = [money_of(name)["title"] for name in outcomes if outlook.learned_until.get(name) == until]
        yield (
            f"{', '.join(names)}: nothing newer than as of {day(until)} was learned from",
            "Whether it happened to accounts after that is not certain yet. What began since has taught no model "
            "anything.",
        )
    if not outlook.segmented:
        yield (
            "Segments",
            "No segment is told apart: the accounts' segment is missing, or neither dated nor declared an attribute.",
        )
    yield (
        "Causes",
        "A driver goes together with the outcome. Whether acting on it changes anything is known only where chance "
        "decided who was acted on.",
    )
    yield (
        "What strikes everybody at once",
        "A competitor's price, a law, an outage: the ranges know nothing of what did not happen during the test.",
    )


def _of(past: Past, name: str) -> pd.DataFrame:
    """The drivers of the whole company of one list, by idea."""
    rows = past.drivers[(past.drivers["outcome"] == name) & past.drivers["segment"].isna()]
    return rows.set_index("idea")


def _signed(place: int, figure: float) -> str:
    """The whole as it is, a driver with its sign."""
    return money(figure) if place == 0 else signed(figure)

"""How good the predictions were, and what offers changed: what the drivers page says of what came about."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from serving.last_time import GOOD, MIXED, POOR
from serving.pages.amounts import day, money, percent, points, span, whole
from serving.pages.words import money_of

if TYPE_CHECKING:
    from serving.effects import Effect
    from serving.last_time import LastTime, Part
    from serving.pages.material import Outlook

GRADES = {GOOD: "good", MIXED: "mixed", POOR: "poor"}


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
    if name in outlook.unseen:
        return (
            f"The list of {day(outlook.unseen[name])} has closed, but what came about was not looked up, or is known "
            "of none of its accounts. It is looked up when features are built."
        )
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
    metrics, found = outlook.record.models[name].metrics, []
    auc, lift, level = (metrics.get(key) for key in ("auc", "lift_at_10pct", "level"))
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

"""What stands below the first screen of the drivers page: drivers over time, stages, and what is not known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.families.life_cycle import STAGES
from serving.drivers import START, valued
from serving.notice import kinds, not_asked_of_many
from serving.pages.amounts import day, money, percent, signed, whole
from serving.pages.charts import bar, line
from serving.pages.words import MARKETS, STAGE_WORDS, against, money_of

if TYPE_CHECKING:
    from serving.pages.material import Outlook, Past

TRENDS = 5
"""Drivers of an outcome whose way over the lists is drawn."""
PAIRS, LEAST = 3, 0.01
"""Pairs of drivers that are told an outcome, and the log-odds that the least of them makes."""


def trend(outlook: Outlook, name: str) -> Mapping[str, Any] | None:
    """The expected money and its largest drivers over the lists; None with fewer than two that tell this outcome."""
    told = [past for past in outlook.lists_so_far if not _of(past, name).empty]
    if len(told) < 2:
        return None
    now = _of(told[-1], name)["money"].drop(START, errors="ignore")
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


def together(outlook: Outlook, name: str) -> list[tuple[str, str, str]]:
    """The pairs of drivers that work together most: both in words, and by how much that moves the odds of an account.

    `strength` is the mean size of what two ideas make together beyond what each makes alone, in log-odds.
    """
    pairs = outlook.interplay.get(name)
    if pairs is None:
        return []
    told = pairs[(pairs["idea"] != pairs["other"]) & (pairs["strength"] >= LEAST)]
    told = told.sort_values(["strength", "idea", "other"], ascending=[False, True, True]).head(PAIRS)
    return [
        (outlook.ideas.get(idea, idea), outlook.ideas.get(other, other), percent(math.expm1(size)))
        for idea, other, size in zip(told["idea"], told["other"], told["strength"], strict=True)
    ]


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


def unknown(outlook: Outlook, outcomes: Sequence[str]) -> list[tuple[str, str]]:
    """What is not known, one heading and text each."""
    return list(_unknown(outlook, outcomes))


def _unknown(outlook: Outlook, outcomes: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, why in sorted(outlook.record.refused.items()):
        yield f"Nothing is said of {against(name)}", why
    accounts, told = outlook.lists.accounts, kinds(outlook.record.settings)
    noticed = accounts[accounts["notice"].notna()]
    if len(noticed):
        value = money(float(noticed["value_at_stake"].sum()), outlook.record.currency)
        yield (
            f"{whole(len(noticed))} accounts have given notice" if len(noticed) > 1 else "1 account has given notice",
            f"{value} a year ends with their contracts. That is decided and no risk any more: no sum on this page "
            "counts it.",
        )
    for name in outcomes:
        silent = int(accounts[f"{name}_probability"].isna().sum())
        if silent:
            yield (
                f"{money_of(name)['title']}: {whole(silent)} accounts were not asked about",
                f"{not_asked_of_many(told.get(name))}: no sum of it counts them.",
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

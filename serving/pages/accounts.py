"""What the accounts page holds, as plain data: the list in columns, and what is shown of one account in blocks.

The list is read as the page opens and holds only what its columns show. Everything else of an account stands in a block
of a hundred accounts, compressed, which is unpacked when the first of them is opened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from features.families.satisfaction import SCALES
from serving.decision import BANDS
from serving.notice import GIVEN, NOTICE, PLAY, kinds, not_asked
from serving.pages.columns import chances, texts, whole, words
from serving.pages.details import SCORES, details
from serving.pages.material import Material
from serving.pages.render import own, packed, page, sources, tables_script
from serving.pages.words import GROUPS, against, baseline, columns, said, stage_word
from serving.pages.words import SCORES as NAMED
from serving.scoring import KNOWN_OUTCOMES, in_order
from serving.wording import tenths

if TYPE_CHECKING:
    from serving.lists import Lists

TOP = 50_000
"""So many accounts stand on the page, the first by rank; a longer list is in the files beside it."""
BLOCK = 100
"""Accounts in a block."""

PROGRAM = tuple(f"{name}.js" for name in ("words", "data", "pictures", "timeline", "account", "list", "start"))


def accounts_html(material: Material, top: int = TOP) -> str:
    """`accounts.html`: the same text for the same material."""
    opening, blocks = page_data(material, top)
    return page(
        "accounts.html.j2",
        opening,
        scripts=[tables_script(), "(() => {", *own(*PROGRAM), "})();"],
        styles=own("accounts.css"),
        company=material.record.company,
        currency=material.record.currency,
        as_of=material.lists.as_of,
        columns=columns(in_order(material.record.models)),
        blocks=[packed(block) for block in blocks],
        sources=sources(),
    )


def page_data(material: Material, top: int = TOP) -> tuple[dict[str, Any], list[list[dict[str, Any]]]]:
    """What is read as the page opens, and the blocks, in the order of the ranks."""
    accounts = material.lists.accounts
    shown = accounts.head(top).reset_index(drop=True)
    outcomes = in_order(material.record.models)
    overridden = material.happened.overrides["outcome"].unique().tolist()
    opening = {
        "company": material.record.company,
        "currency": material.record.currency,
        "as_of": material.lists.as_of.isoformat(),
        "data_end": None if material.happened.data_end is None else material.happened.data_end.isoformat(),
        "before": None if material.before is None else material.before.as_of.isoformat(),
        "accounts": len(accounts),
        "shown": len(shown),
        "block": BLOCK,
        "outcomes": [_outcome(name, material) for name in outcomes],
        "refused": [
            {"title": said(name)["title"], "doing": against(name), "why": why}
            for name, why in sorted(material.record.refused.items())
        ],
        "doing": {name: against(name) for name in sorted({*KNOWN_OUTCOMES, *outcomes, *overridden})},
        "lanes": list(material.happened.lanes),
        "scales": {name: best for name, (_, best) in SCALES.items()},
        "groups": [[*GROUPS[group], [[name, *NAMED[name]] for name in names]] for group, names in SCORES.items()],
        "list": list_columns(shown, outcomes),
    }
    each = details(material, shown, outcomes)
    return opening, [each[start : start + BLOCK] for start in range(0, len(each), BLOCK)]


def list_columns(shown: pd.DataFrame, outcomes: list[str]) -> dict[str, Any]:
    """The columns of the list, by name, in the order of the ranks."""
    columns: dict[str, Any] = {"account_id": texts(shown["account_id"]), "name": texts(shown["name"])}
    columns |= {name: words(shown[name]) for name in ("owner", "segment", "change")}
    columns["stage"] = words(shown["stage"].map(stage_word))
    bands = (*BANDS, NOTICE)
    columns["band"] = {"words": list(bands), "at": [bands.index(str(word)) for word in shown["band"]]}
    noticed = shown["notice"].notna()
    columns["notice"] = words(shown["notice"])
    columns["play"] = words(shown["play"].mask(noticed, f"{GIVEN}: {PLAY}"))  # one word of the filter for all of them
    columns |= {name: whole(shown[name]) for name in ("rank", "value_at_stake", "expected_value")}
    columns["reason"] = texts(shown["reason_1"])
    for name in outcomes:
        columns[f"{name}_probability"] = chances(shown[f"{name}_probability"])
        for bound in ("low", "high"):
            if f"{name}_{bound}" in shown.columns:
                columns[f"{name}_{bound}"] = chances(shown[f"{name}_{bound}"])
        if f"{name}_product" in shown.columns:
            columns[f"{name}_product"] = words(shown[f"{name}_product"])
    return columns


def _outcome(name: str, material: Material) -> dict[str, Any]:
    """What the page says of an outcome and of the model behind it."""
    model = material.record.models[name]
    return {
        "name": name,
        **said(name),
        "silent": not_asked(name, kinds(material.record.settings).get(name)),
        "asked": [day.isoformat() for day in material.asked.get(name, ())],
        "average": chances(pd.Series([material.lists.accounts[f"{name}_probability"].mean()]))[0],
        "start": _start(name, material.lists),
        "version": model.version,
        "trained_as_of": None if model.trained_as_of is None else model.trained_as_of.isoformat(),
        "auc": _interval(model.metrics.get("auc")),
        "beats": [baseline(beaten) for beaten in model.beats],
        "equals": [baseline(equal) for equal in model.equals],
    }


def _start(outcome: str, lists: Lists) -> int | None:
    """Where the model starts, in tenths of a percent: from there the points of all reasons lead to each chance."""
    mine = lists.reasons[lists.reasons["outcome"] == outcome]
    if mine.empty or "points" not in mine.columns or mine["points"].isna().all():
        return None
    chance = 100 * lists.accounts.set_index("account_id")[f"{outcome}_probability"]
    starts = (chance - mine.groupby("account_id")["points"].sum()).dropna()
    return tenths(float(starts.median()) / 100) if len(starts) else None


def _interval(metric: Any) -> list[float] | None:
    """A metric with the ends of its interval; None where it could not be measured."""
    if not isinstance(metric, Mapping):
        return None
    numbers = [math.nan if metric[name] is None else float(metric[name]) for name in ("value", "low", "high")]
    return numbers if all(map(math.isfinite, numbers)) else None

"""What `holdfast explain` says of an account, as text for people and as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from serving.account import AccountReport, Score, plain, records
from serving.days import between, day_text
from serving.moves import caveat, how_many, leads
from serving.pages.words import does, said, stage_word
from serving.reasons import REST
from serving.top_reasons import telling_first
from serving.wording import chance, number

ROWS = 5
"""Rows of evidence that are shown a feature."""
CELL = 40
REASON = (
    *("position", "idea", "rung", "feature", "contribution", "points"),
    *("value", "usual", "peers", "actionable", "against_sense", "telling", "text"),
)
"""What a program is told of a reason."""


def as_text(report: AccountReport) -> str:
    """The account in plain words: who it is, each score with its reasons, what changed, and the rows behind it."""
    blocks = [list(_heading(report)), *(list(_score(score, report)) for score in report.scores)]
    blocks.append(list(_products(report)))
    blocks.append(list(_changed(report)))
    blocks += [list(_evidence(name, rows)) for name, rows in report.evidence.items()]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def as_json(report: AccountReport) -> dict[str, Any]:
    """The same for a program; probabilities as shares, contributions in log-odds."""
    return {
        "account_id": report.account_id,
        "as_of": report.as_of.isoformat(),
        "listed": report.listed,
        "account": dict(report.row),
        "scores": [
            {
                "outcome": score.outcome,
                "probability": score.probability,
                "between": score.between,
                "asked": None if score.asked is None else [day.isoformat() for day in score.asked],
                "starting_point": score.start,
                "product": score.product,
                "average": score.average,
                "model_version": score.version,
                "reasons": records(
                    score.reasons,
                    REASON,
                ),
                "moves": records(score.moves),
                "before": None
                if score.probability_before is None
                else {
                    "probability": score.probability_before,
                    "model_version": score.version_before,
                    "changes": [vars(change) for change in score.changes],
                },
            }
            for score in report.scores
        ],
        "not_asked": dict(report.silent),
        "products": records(report.products),
        "before": None if report.before is None else {"as_of": report.before.isoformat(), "rank": report.rank_before},
        "evidence": {name: [_json_row(row) for row in records(rows)] for name, rows in report.evidence.items()},
    }


def _heading(report: AccountReport) -> Iterator[str]:
    row = report.row
    who = [
        report.account_id,
        row.get("name"),
        row.get("segment"),
        row.get("owner") and f"looked after by {row['owner']}",
    ]
    yield " · ".join(str(part) for part in who if part)
    stands = [f"As of {report.as_of}: rank {row['rank']:,} of {report.listed:,}"]
    stands += [stage_word(row["stage"])] if row.get("notice") else [f"{row['band']} band", stage_word(row["stage"])]
    for name in ("value_at_stake", "expected_value"):
        if row.get(name) is not None:
            stands.append(f"{name.replace('_', ' ')} {number(row[name], 'money', report.currency)}")
    yield " · ".join(stands)
    if row.get("notice"):
        yield str(row["notice"])
    yield f"Next step: {row['play']}"
    yield from (f"{said(outcome)['title']}: {why}" for outcome, why in report.silent.items())


def _score(score: Score, report: AccountReport) -> Iterator[str]:
    """One outcome: its probability and the days that it is about, beside the list's average and the list before, then
    its reasons by weight.
    """
    line = f"{does(score.outcome, score.product or '')}: {chance(score.probability)}"
    if score.between is not None:
        line += f" ({chance(score.between[0])} to {chance(score.between[1])})"
    if score.asked is not None:
        line += f", {between(score.asked)}"
    line += f"; average account {chance(score.average)}"
    if score.probability_before is not None and report.before is not None:
        line += f", on the list of {day_text(report.before)} {chance(score.probability_before)}"
    yield line
    one_by_one = telling_first(score.reasons[score.reasons["idea"] != REST])
    words = said(score.outcome)
    for way, reasons in (
        (words["pushing"], one_by_one["contribution"] >= 0),
        (words["keeping"], one_by_one["contribution"] < 0),
    ):
        if reasons.any():
            yield f"  {way}:"
        for row in records(one_by_one[reasons], ("points", "contribution", "text")):
            yield f"    {_weight(row)}  {row['text']}"
    yield from _sum(score)
    yield from _moves(score)


def _weight(row: Mapping[str, Any]) -> str:
    """What a reason adds; of a list that did not tell it in points, by how much it moves the odds."""
    if row["points"] is None:
        return f"odds {100 * math.expm1(row['contribution']):+5.0f}%"
    return f"{row['points']:+6.1f} points"


def _sum(score: Score) -> Iterator[str]:
    """How all reasons together lead from the model's starting point to the probability."""
    rest = score.reasons[score.reasons["idea"] == REST]
    for made, text in zip(rest["points"], rest["text"], strict=True):
        yield f"  {text}: {made:+.1f} points."
    if score.start is not None:
        ends = chance(score.start), chance(score.probability)
        yield f"  All together lead from {ends[0]}, the model's starting point (nothing known of it), to {ends[1]}."


def _moves(score: Score) -> Iterator[str]:
    """What would bring the score to where it should be, with the caveat that it is the model's view."""
    if score.moves.empty:
        return
    yield f"  {caveat(score.moves, score.outcome)}:"
    for row in records(leads(score.moves)):
        yield f"    {row['step']}. {row['text']}, to {chance(row['probability'])}; {how_many(row['similar'])}"


def _products(report: AccountReport) -> Iterator[str]:
    others = report.products[report.products["position"] > 1].head(ROWS)
    for outcome, rows in others.groupby("outcome", sort=True):
        each = [f"{p} {chance(c)}" for p, c in zip(rows["product"], rows["probability"], strict=True)]
        yield f"Other products ({said(str(outcome))['title'].lower()}): {', '.join(each)}"


def _changed(report: AccountReport) -> Iterator[str]:
    if report.before is None:
        yield "No earlier list to compare with."
        return
    if report.rank_before is None:
        yield f"It was not on the list of {report.before}."
        return
    yield f"Since the list of {report.before}: rank {report.rank_before:,} -> {report.row['rank']:,}"
    for score in report.scores:
        if score.probability_before is None:
            yield f"  {said(score.outcome)['title']}: not on that list"
            continue
        model = "the same model" if score.same_model else "another model, so not only the account changed"
        shift = f"{chance(score.probability_before)} -> {chance(score.probability)}"
        yield f"  {said(score.outcome)['title']}: {shift} ({model})"
        for change in score.changes:
            yield f"    {change.points:+5.1f} points  {change.text}"


def _evidence(feature: str, rows: pd.DataFrame) -> Iterator[str]:
    if rows.empty:
        yield f"Behind {feature}: no rows"
        return
    shown = rows.head(ROWS).dropna(axis="columns", how="all")
    cells = [[str(name) for name in shown.columns]]
    cells += [[_cell(value) for value in row] for row in shown.itertuples(index=False, name=None)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(cells[0]))]
    more = f" (the first {ROWS} of {len(rows)} shown)" if len(rows) > ROWS else ""
    yield f"Behind {feature}{more}:"
    for line in cells:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _cell(value: Any) -> str:
    """A cell on one line and not too long; control characters of the data do not reach the terminal."""
    text = "" if value is None or value is pd.NaT or plain(value) in (None, "NaT") else str(plain(value))
    if isinstance(value, Decimal):
        text = f"{value.normalize():f}"
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def _json_row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: str(cell) if isinstance(cell, Decimal) else cell for name, cell in row.items()}

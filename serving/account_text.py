"""What `holdfast explain` says of an account, as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from serving.account import AccountReport, Score, plain, records
from serving.wording import capitalised, number

ROWS = 5
"""Rows of evidence that are shown a feature."""
CELL = 40
REASON = (
    *("position", "idea", "rung", "feature", "contribution", "points"),
    *("value", "usual", "peers", "actionable", "text"),
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
    stands = [f"As of {report.as_of}: rank {row['rank']:,} of {report.listed:,}", f"{row['band']} band", row["stage"]]
    for name in ("value_at_stake", "expected_value"):
        if row.get(name) is not None:
            stands.append(f"{name.replace('_', ' ')} {number(row[name], 'money', report.currency)}")
    yield " · ".join(stands)
    yield f"Next step: {row['play']}"


def _score(score: Score, report: AccountReport) -> Iterator[str]:
    """One outcome: its probability beside the list's average and the list before, then its reasons by weight."""
    of = f"{score.outcome} of {score.product}" if score.product else score.outcome
    line = f"{capitalised(of)}: {number(score.probability, 'share')}"
    if score.between is not None:
        line += f", between {number(score.between[0], 'share')} and {number(score.between[1], 'share')}"
    line += f" (average {number(score.average, 'share')})"
    if score.probability_before is not None:
        line += f", {number(score.probability_before, 'share')} on {report.before}"
    yield line
    told = score.reasons.assign(lowers=score.reasons["contribution"] < 0)
    for lowers, reasons in told.groupby("lowers", sort=True):
        yield "  What holds it back:" if lowers else "  What pushes it up:"
        for made, text in zip(reasons["points"], reasons["text"], strict=True):
            yield f"    {made:+6.1f} points  {text}"
    yield from _moves(score)


def _moves(score: Score) -> Iterator[str]:
    """What would bring the score down to the usual, with the caveat that it is the model's view."""
    if score.moves.empty:
        return
    bound = number(float(score.moves["bound"].iloc[0]), "share")
    enough = bool(score.moves["enough"].iloc[-1])
    verb = f"would bring it under {bound}" if enough else f"would help most, and not bring it under {bound}"
    yield f"  What {verb}, in the model's view (no promise that doing it has that effect):"
    for row in records(score.moves):
        done = f"{row['similar']} of 100 similar accounts got as far"
        yield f"    {row['step']}. {row['text']}, to {number(row['probability'], 'share')}; {done}"


def _products(report: AccountReport) -> Iterator[str]:
    others = report.products[report.products["position"] > 1].head(ROWS)
    for outcome, rows in others.groupby("outcome", sort=True):
        each = [f"{p} {number(c, 'share')}" for p, c in zip(rows["product"], rows["probability"], strict=True)]
        yield f"Other products ({outcome}): {', '.join(each)}"


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
            yield f"  {score.outcome}: not on that list"
            continue
        model = "the same model" if score.same_model else "another model, so not only the account changed"
        shift = f"{number(score.probability_before, 'share')} -> {number(score.probability, 'share')}"
        yield f"  {score.outcome}: {shift} ({model})"
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

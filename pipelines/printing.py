"""What the command line prints on standard output: tables and words for people, JSON for programs."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from serving.days import between
from serving.pages.words import does
from serving.wording import chance

if TYPE_CHECKING:
    from models.evaluation import Evaluation, Interval
    from models.slices import Slice

NARROWEST = 130
"""A narrower terminal breaks the lines of a table; cutting its cells would lose the figures."""
METRICS = {
    "auc": "AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier",
    "ece": "ECE",
    "lift_at_10pct": "lift at 10 %",
}


def console() -> Console:
    """Standard output; as wide as the terminal, and wide enough for every table where there is none."""
    width = max(shutil.get_terminal_size().columns, NARROWEST) if sys.stdout.isatty() else 200
    return Console(width=width, highlight=False, soft_wrap=False)


def top_rows(accounts: pd.DataFrame, currency: str, count: int = 10) -> str:
    """The first accounts of a list with their reasons, a block each."""
    return "\n".join(_block(row, currency) for row in accounts.head(count).to_dict("records"))


def _block(row: Mapping[Hashable, Any], currency: str) -> str:
    who = [str(row["account_id"])] + [str(row[key]) for key in ("name", "owner", "segment") if _there(row.get(key))]
    chances = []
    for outcome in (str(name).removesuffix("_probability") for name in row if str(name).endswith("_probability")):
        probability = row[f"{outcome}_probability"]
        if _there(probability):
            product = row.get(f"{outcome}_product")
            said = does(outcome, str(product) if _there(product) else "")
            chances.append(f"{said[:1].lower()}{said[1:]} {chance(probability)}")
    chances.append(str(row["notice"]) if _there(row.get("notice")) else f"band {row['band']}")
    if _there(row.get("value_at_stake")) and _there(row.get("expected_value")):
        chances.append(f"expected {row['expected_value']:,.0f} of {row['value_at_stake']:,.0f} {currency} a year")
    lines = [f"{row['rank']:>3}. {' · '.join(who)}", f"     {' · '.join(chances)}"]
    if _there(row.get("play")):
        lines.append(f"     next: {row['play']}")
    lines += [f"       - {row[key]}" for key in ("reason_1", "reason_2", "reason_3") if _there(row.get(key))]
    return "\n".join(lines)


def _there(value: Any) -> bool:
    return value is not None and not pd.isna(value) and value != ""


def titled(outcome: str) -> str:
    """`Leaves (churn)`: an outcome as pages call it, and by the name that the config gives it."""
    title = does(outcome)
    return title if title.lower() == outcome.replace("_", " ") else f"{title} ({outcome})"


def days_asked(asked: Mapping[str, tuple[date, date]]) -> str:
    """What days the chances are about: `Chances: leaves between 15 Jan and 11 Mar 2026`; empty where not known."""
    by_days: dict[tuple[date, date], list[str]] = {}
    for outcome, days in asked.items():
        by_days.setdefault(days, []).append(does(outcome).lower())
    told = [f"{', '.join(names)} {between(days)}" for days, names in by_days.items()]
    return f"Chances: {'; '.join(told)}" if told else ""


def interplay_table(pairs: pd.DataFrame, count: int = 5) -> Table | None:
    """The pairs of ideas that make most together beyond what each makes alone; None where there are none."""
    told = pairs[pairs["idea"] < pairs["other"]].sort_values("strength", ascending=False, kind="stable").head(count)
    if told.empty:
        return None
    columns = (told["idea"], told["other"], told["strength"])
    rows = [[f"{idea} and {other}", f"{size:.2f}"] for idea, other, size in zip(*columns, strict=True)]
    return simple_table(["ideas that work together", "log-odds, mean size"], rows)


def metrics_table(outcome: str, rows: Mapping[str, Evaluation], title: str) -> Table:
    """One outcome: the model and each baseline a row, each metric with its 95 % interval a column."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(outcome, no_wrap=True)
    for label in METRICS.values():
        table.add_column(label, justify="right", no_wrap=True)
    for name, evaluation in rows.items():
        table.add_row(name.replace("_", " "), *(_interval(evaluation.metrics[key]) for key in METRICS))
    return table


def _interval(metric: Interval) -> str:
    return f"{metric.value:.3f}\n[{metric.low:.3f}, {metric.high:.3f}]"


def slices_table(parts: Sequence[Slice], title: str) -> Table:
    """A part of the judged rows a row: how many, what came about, what was said, and how well they were ordered."""
    columns = ["by", "value", "rows", "positives", "base rate", "mean probability", "AUC"]
    rows = [
        [
            part.attribute,
            part.value,
            f"{part.n:,}",
            f"{part.positives:,}",
            f"{part.base_rate:.1%}",
            f"{part.mean_probability:.1%}",
            "too few" if part.auc is None else f"{part.auc.value:.3f} [{part.auc.low:.3f}, {part.auc.high:.3f}]",
        ]
        for part in parts
    ]
    return simple_table(columns, rows, title)


def simple_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "") -> Table:
    """Text cells under a head."""
    table = Table(title=title or None, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    return table


def print_text(text: str) -> None:
    """Plain text on standard output."""
    console().print(text, markup=False, soft_wrap=True)


def print_json(content: Any) -> None:
    """One JSON value on standard output."""
    print_text(json.dumps(content, indent=2, sort_keys=True, default=str, allow_nan=False))

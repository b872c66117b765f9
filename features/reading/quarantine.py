"""Rows that break an allowed rule: kept whole with their reason, and left out of everything else."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq

from features.reading.faults import Judged, Rule


def accepted(judged: Judged, allow: frozenset[str]) -> ir.Table:
    """The draft's rows without those that break an allowed rule."""
    rules = _allowed(judged, allow)
    if not rules:
        return judged.draft.contract_rows
    rows = judged.rows
    kept = rows.filter(*(~_breaks(rule) for rule in rules))
    columns = [*judged.draft.columns, *(["known_at"] if judged.draft.dated else [])]
    return kept.select(*columns)


def rejected(judged: Judged, allow: frozenset[str]) -> ir.Table | None:
    """The rows that break an allowed rule, as they were brought; None where there are none.

    One row a row rejected: every brought column as text, `rule` (the first that it breaks) and `reason` (all of them).
    """
    rules = _allowed(judged, allow)
    if not rules:
        return None
    rows = judged.rows
    marks = {f"breaks.{rule.place}": _breaks(rule) for rule in rules}
    out = rows.mutate(**marks)
    out = out.filter(ibis.or_(*(out[mark] for mark in marks)))
    first = ibis.cases(*((out[mark], rule.name) for mark, rule in zip(marks, rules, strict=True)))
    nothing = ibis.null("string")
    reasons = ibis.array(
        [
            ibis.ifelse(out[mark], f"{rule.column}: {rule.message} [{rule.name}]", nothing)
            for mark, rule in zip(marks, rules, strict=True)
        ]
    ).join("; ")
    taken = {"rule", "reason"}
    texts = {
        (f"{column}_brought" if column in taken else column): out[f"brought.{column}"].cast("string")
        for column in judged.draft.brought
    }
    return out.select(**texts, rule=first, reason=reasons)


def write_quarantine(judged: Iterable[Judged], allow: frozenset[str], folder: Path) -> dict[str, int]:
    """Writes `<table>.parquet` for every table with rejected rows, sorted, and says how many each holds.

    Files of tables that have no rejected rows any more are removed, so that the folder tells of this reading only.
    """
    counts: dict[str, int] = {}
    for table in judged:
        file = folder / f"{table.draft.name}.parquet"
        rows = rejected(table, allow)
        if rows is None:
            file.unlink(missing_ok=True)
            continue
        content = rows.order_by(list(rows.columns)).to_pyarrow()
        folder.mkdir(parents=True, exist_ok=True)
        aside = file.with_suffix(".parquet.part")
        pq.write_table(content, aside)
        os.replace(aside, file)  # noqa: PTH105 (atomic on every system)
        counts[table.draft.name] = content.num_rows
    return counts


def _allowed(judged: Judged, allow: frozenset[str]) -> list[Rule]:
    return [rule for rule in judged.broken if rule.name in allow]


def _breaks(rule: Rule) -> ir.BooleanValue:
    """Whether a row breaks the rule; one of which it has nothing to say keeps it."""
    breaks: ir.BooleanValue = ibis.coalesce(rule.breaks, False)
    return breaks

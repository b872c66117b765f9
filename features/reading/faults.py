"""The rules that rows must keep, generated from the contract, and what broke them.

All rules of a table are counted in one pass; examples are fetched only for rules that are broken. The rules of
structure (a table or column missing, a type that can never fit) are found where tables are brought and drafted.
The declarations are pandera's; its own Ibis backend would ask one query a check, says which values failed but not in
how many rows, and knows no rule between columns or tables, so the predicates are made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from features.clock import Calendar
from features.contract import columns_of, dtype_of, fact_of, key_of, values_of
from features.errors import ConfigError, Fault
from features.reading.draft import Draft, describe
from features.reading.span import after_end
from features.suggestion import did_you_mean

ROW_RULES = {
    "wrong_type": "Correct the values where they are made, or convert them in a `query`.",
    "infinity": "Replace what is not finite by a blank or by the number or instant that is meant.",
    "number_too_large": "Correct the numbers, or bring them in a larger unit.",
    "null_key": "Fill it in: without it the row belongs to nothing.",
    "null_value": "Fill it in, or leave those rows out.",
    "duplicate_key": "Keep one row a key.",
    "unknown_value": "Replace the values by those of the contract, for example with a `case` in a `query`.",
    "future_instant": "Correct the dates (blank means: not yet), or set `end` in [data] if the data does run so far.",
    "end_before_start": "Correct whichever of the two is wrong; both may be equal.",
    "unknown_account": "Add those accounts to the table of accounts, or leave those rows out.",
}
"""Every rule that single rows can break, with what to do; each may be named after `--allow`."""

EXAMPLES = 5


@dataclass(frozen=True)
class Rule:
    """One rule of one table, as a predicate of the rows that break it."""

    name: str
    column: str
    breaks: ir.BooleanValue
    """Of the rows of `Judged`; null where the rule has nothing to say."""
    message: str
    shown: tuple[str, ...]
    """The columns of the draft that an example shows."""

    @property
    def place(self) -> str:
        """What tells it from every other rule of its table."""
        return f"{self.name}.{self.column}"


@dataclass(frozen=True)
class Judged:
    """A draft whose rows are judged: every broken rule as a fault, and the rules that found something."""

    draft: Draft
    rows: ir.Table
    """The draft's rows, with what the rules compare them to."""
    broken: tuple[Rule, ...]
    faults: tuple[Fault, ...]
    count: int
    """How many rows were judged."""


def check_allowed(allow: Iterable[str]) -> frozenset[str]:
    """The names of rules to let through, if each of them can be.

    Raises:
        ConfigError: no row-level rule bears that name; the nearest is named.
    """
    for name in allow:
        if name not in ROW_RULES:
            meant = did_you_mean(name, ROW_RULES, near=0.4, after=" ")
            raise ConfigError(
                f"--allow takes a rule that single rows can break; {name} is none. {meant.capitalize()}"
                f"Rules: {', '.join(ROW_RULES)}. Faults of structure can never be allowed."
            )
    return frozenset(allow)


def judge(draft: Draft, calendar: Calendar | None, accounts: ir.Table | None) -> Judged:
    """Counts, in one pass, the rows that break each rule of the table.

    `accounts` has one row a known `account_id`; without it (or without a calendar) what needs it is not asked.
    """
    rows = draft.rows
    if accounts is not None and draft.name != "accounts" and "account_id" in draft.columns:
        known = accounts.select(known_account="account_id").distinct()
        rows = rows.left_join(known, rows["account_id"] == known["known_account"])
    if key := _present_key(draft):
        rows = rows.mutate(repeat=_position(rows, key, draft))
    rules = list(_rules(draft, rows, calendar))
    sums = {rule.place: rule.breaks.sum() for rule in rules}
    counted = rows.aggregate(rows=rows.count(), **sums).to_pyarrow().to_pylist()[0]
    broken = tuple(rule for rule in rules if counted[rule.place])
    faults = tuple(_fault(draft, rows, rule, int(counted[rule.place])) for rule in broken)
    return Judged(draft, rows, broken, faults, int(counted["rows"]))


def _rules(draft: Draft, rows: ir.Table, calendar: Calendar | None) -> Iterable[Rule]:
    name = draft.name
    for rule, column in draft.marks:
        theirs = f"brought.{draft.theirs[column]}"
        yield Rule(rule, column, rows[f"{rule}.{column}"], _conversion_message(draft, rule, column), (theirs,))
    key = _present_key(draft)
    for column in draft.columns:
        if column not in columns_of(name):
            continue
        yield from _null_rules(draft, rows, column, key)
        if values := values_of(name, column):
            unknown = rows[column].notnull() & rows[column].notin(list(values))
            yield Rule("unknown_value", column, unknown, f"it is one of {', '.join(values)}", (column,))
        if calendar is not None:
            yield from _future_rules(draft, rows, column, calendar)
        start = fact_of(name, column, "after")
        if start in draft.columns:
            before = rows[column] < rows[start]
            yield Rule("end_before_start", column, before, f"it does not lie before {start}", (start, column))
    if key:
        whole = ibis.and_(*(rows[column].notnull() for column in key))
        message = f"a row's {', '.join(key)} is found once"
        yield Rule("duplicate_key", key[0], whole & (rows["repeat"] > 0), message, key)
    if "known_account" in rows.columns:
        unknown = rows["account_id"].notnull() & rows["known_account"].isnull()
        yield Rule("unknown_account", "account_id", unknown, "the table of accounts knows it", ("account_id",))


def _null_rules(draft: Draft, rows: ir.Table, column: str, key: Sequence[str]) -> Iterable[Rule]:
    declared = columns_of(draft.name)[column]
    of_key = column == "account_id" or (column in key and (not declared.nullable or len(key) == 1))
    if not of_key and declared.nullable:
        return
    null = rows[column].isnull()
    for rule, marked in draft.marks:
        if marked == column:
            # a value that could not be converted is that fault, not a second one
            null &= ~ibis.coalesce(rows[f"{rule}.{column}"], False)
    shown = tuple(c for c in draft.columns if c != column)[:3]
    yield Rule("null_key" if of_key else "null_value", column, null, "it is filled in for every row", shown)


def _future_rules(draft: Draft, rows: ir.Table, column: str, calendar: Calendar) -> Iterable[Rule]:
    kind = fact_of(draft.name, column, "instant")
    if kind not in ("event", "late"):
        return
    after = after_end(rows[column], calendar)
    notice = fact_of(draft.name, column, "notice")
    if notice in draft.columns:
        # what has been given notice of may lie ahead
        after &= rows[notice].isnull()
    unless = f" unless {notice} gives notice of it" if notice else ""
    where = "" if calendar.timezone == "UTC" else f" in {calendar.timezone}; instants are shown in UTC"
    message = f"nothing has happened after the data's end ({calendar.end}{where}){unless}"
    yield Rule("future_instant", column, after, message, (column,))


def _conversion_message(draft: Draft, rule: str, column: str) -> str:
    if rule == "infinity":
        return "it is finite"
    dtype = dtype_of(draft.name, column) if column in columns_of(draft.name) else draft.rows[column].type()
    return f"it is {describe(dtype)}"


def _present_key(draft: Draft) -> tuple[str, ...]:
    return tuple(column for column in key_of(draft.name) if column in draft.columns)


def _position(rows: ir.Table, key: Sequence[str], draft: Draft) -> ir.IntegerColumn:
    """0 for the row of a key that stays, which is the one known first; ties are broken by all its values."""
    order = ["known_at", *draft.columns] if draft.dated else list(draft.columns)
    over = ibis.window(group_by=[rows[column] for column in key], order_by=[rows[column] for column in order])
    position: ir.IntegerColumn = ibis.row_number().over(over)
    return position


def _fault(draft: Draft, rows: ir.Table, rule: Rule, count: int) -> Fault:
    found = rows.filter(rule.breaks)
    shown = [found[column].cast("string").name(column) for column in rule.shown]
    some = found.select(shown).distinct().order_by(list(rule.shown)).limit(EXAMPLES).to_pyarrow().to_pylist()
    examples = tuple(", ".join(_example(column, value) for column, value in row.items()) for row in some)
    message = f"{rule.message}; it does not hold"
    return Fault(draft.name, rule.name, message, ROW_RULES[rule.name], rule.column, count, examples)


def _example(column: str, value: str | None) -> str:
    return f"{column.removeprefix('brought.')} {'(blank)' if value is None else value}"

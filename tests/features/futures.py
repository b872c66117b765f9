"""Another future for a company made up at random: the same rows up to an as_of, and others from it on."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from features.contract import CONTRACT, columns_of, event_of, fact_of, instants_of
from tests.features.companies import AS_OF, Company, Row, rows_of


def other_future(company: Company, seed: int, as_of: date = AS_OF) -> Company:
    """The same company with another future.

    Of the rows of every table that are not known yet a third is deleted and a third altered, new ones are added, and
    every value that is filled in at or after `as_of` is filled in otherwise.
    """
    pick = random.Random(seed)
    others = rows_of(pick)
    rows = {table: _otherwise(company, table, others[table], pick, as_of) for table in company.rows}
    return replace(company, rows=rows)


def is_unknown(company: Company, table: str, row: Row, as_of: date) -> bool:
    """Whether a row is not known yet at the as_of."""
    known = company.known_day(table, row)
    return known is not None and known >= as_of


def _otherwise(company: Company, table: str, others: list[Row], pick: random.Random, as_of: date) -> list[Row]:
    """A table's rows: the known ones, and of the others some deleted, some altered, some left, and some more."""
    kept: list[Row] = []
    for row in company.rows[table]:
        if not is_unknown(company, table, row, as_of):
            kept.append(_filled_otherwise(company, table, row, pick, as_of))
        elif (fate := pick.choice(("deleted", "altered", "left"))) != "deleted":
            kept.append(_altered(table, row, pick) | _values(table, pick.choice(others)) if fate == "altered" else row)
    names = {_key(table, row) for row in kept}
    further = [row for row in others if is_unknown(company, table, row, as_of) and pick.random() < 0.5]
    return kept + [row for row in further if not _key(table, row) or _key(table, row) not in names]


def _key(table: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[column] for column in CONTRACT[table].unique or ())


def _instants(table: str) -> list[str]:
    return [column for column in columns_of(table) if fact_of(table, column, "instant") is not None]


def _altered(table: str, row: Row, pick: random.Random) -> Row:
    """A row whose instants are all put off by the same time, so that it is known even later; its key stays."""
    moved = [column for column in _instants(table) if column not in (CONTRACT[table].unique or ())]
    later = timedelta(minutes=pick.randrange(30 * 24 * 60))
    return {**row, **{column: row[column] + later for column in moved if row[column] is not None}}


def _values(table: str, row: Row) -> Row:
    """What of another row goes into one so that it stays consistent: all but its key and its instants."""
    kept = {*_instants(table), *(CONTRACT[table].unique or ())}
    return {column: value for column, value in row.items() if column not in kept}


def _filled_otherwise(company: Company, table: str, row: Row, pick: random.Random, as_of: date) -> Row:
    """A known row whose late values that nobody can have known before `as_of` are others, or none."""

    def hidden(column: str) -> bool:
        return row.get(column) is None or company.late_day(table, row, column) >= as_of

    changed: Row = {}
    for column in instants_of(table, "late"):
        notice = fact_of(table, column, "notice")
        if hidden(column) and (notice is None or hidden(notice)):
            after = datetime(as_of.year, as_of.month, as_of.day) + timedelta(hours=36)
            floor = max([after, *(row[c] for c in event_of(table) if row.get(c) is not None)])
            changed[column] = None if pick.random() < 0.4 else floor + timedelta(minutes=pick.randrange(60_000))
    for column in columns_of(table):
        late = fact_of(table, column, "late_with")
        if late in changed:
            changed[column] = None if changed[late] is None else pick.random() < 0.5
    return {**row, **changed}

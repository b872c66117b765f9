"""What breaks no rule and yet makes data suspicious: each with how many rows of how many, and what it may mean.

The contract allows all of it, so nothing is refused; but a model learned from data in which half of all events precede
the customer's signing up is worth nothing, and its owner should hear so before anyone else does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from features.clock import Calendar
from features.contract import columns_of, dtype_of, fact_of, key_of
from features.draft import Draft
from features.span import EventDays

FEW_ROWS = 20
"""Of fewer rows nothing is said about what they have in common, or when they stop."""
QUIET_DAYS = 30
"""A table need not have events every day; after so many without one before the end it seems to have stopped."""
USUAL_QUIET = 3
"""... unless that is no more than so many times the longest pause that it had before."""
REPEATED_SHARE = 0.01
"""Rows equal in every column are suspicious from this share on: two like events on one day do happen."""
LATE_SHARE = 0.05
"""So many rows recorded after the data's end are more than what is usually under way."""


@dataclass(frozen=True)
class Suspicion:
    """One thing that makes data suspicious."""

    table: str
    rule: str
    message: str
    count: int
    """How many rows show it (or columns, days, months: see `unit`)."""
    of: int
    """Of how many."""
    unit: Literal["rows", "columns", "days", "months"] = "rows"

    @property
    def share(self) -> float:
        """Of all of them, 0 to 1."""
        return self.count / self.of if self.of else 0.0

    def __str__(self) -> str:
        return (
            f"{self.table}: {self.message} ({self.count:,} of {self.of:,} {self.unit}, {self.share:.0%}) [{self.rule}]"
        )


@dataclass(frozen=True)
class Evidence:
    """What the suspicions are found in."""

    connection: Backend
    drafts: Mapping[str, Draft]
    days: Mapping[str, EventDays]
    calendar: Calendar
    rows: Mapping[str, int]
    """Rows by table."""

    def count(self, rows: ir.Table, *predicates: ir.BooleanValue) -> int:
        """How many rows fulfil all of them."""
        kept = rows.filter(*predicates) if predicates else rows
        return int(kept.count().to_pyarrow().as_py())


def suspicions(evidence: Evidence) -> tuple[Suspicion, ...]:
    """All of them, in the order of the rules below, tables in the contract's order."""
    rules: tuple[Callable[[Evidence], Iterator[Suspicion]], ...] = (
        _before_signup,
        _outside_subscriptions,
        _overlapping_subscriptions,
        _renewed_before_start,
        _unknown_names,
        _stopped_early,
        _silent_months,
        _repeated_rows,
        _odd_recording,
        _constant_columns,
        _odd_scores,
    )
    return tuple(found for rule in rules for found in rule(evidence))


def _before_signup(evidence: Evidence) -> Iterator[Suspicion]:
    if "accounts" not in evidence.drafts:
        return
    accounts = evidence.drafts["accounts"].rows
    signed_up = accounts.group_by("account_id").aggregate(signed_up_at=accounts["signed_up_at"].min())
    for name, draft in evidence.drafts.items():
        if name == "accounts" or not draft.dated or "account_id" not in draft.columns:
            continue
        events = draft.rows.select("account_id", event=draft.event())
        joined = events.inner_join(signed_up, "account_id")
        # by days: many systems know the day of the one and the minute of the other
        early = evidence.count(joined, joined["event"].date() < joined["signed_up_at"].date())
        if early:
            yield Suspicion(
                name,
                "before_signup",
                "rows that happened before their account signed up; whoever learns from them learns from an impossible "
                "past. Check `signed_up_at`, and whether ids were matched rightly",
                early,
                evidence.rows[name],
            )


def _outside_subscriptions(evidence: Evidence) -> Iterator[Suspicion]:
    if not {"consumption", "subscriptions"} <= set(evidence.drafts):
        return
    use = evidence.drafts["consumption"].rows
    daily = use.group_by("account_id", day=use["occurred_at"].date()).aggregate(n=lambda t: t.count())
    terms = evidence.drafts["subscriptions"].rows
    last = terms["ended_at"].date() if "ended_at" in terms.columns else ibis.null("date")
    periods = terms.select(holder=terms["account_id"], first=terms["started_at"].date(), last=last)
    covered = daily.semi_join(
        periods,
        [
            daily["account_id"] == periods["holder"],
            daily["day"] >= periods["first"],
            periods["last"].isnull() | (daily["day"] <= periods["last"]),
        ],
    )
    inside = covered.aggregate(n=covered["n"].sum()).to_pyarrow()["n"][0].as_py() or 0
    total = evidence.rows["consumption"]
    if inside < total:
        yield Suspicion(
            "consumption",
            "outside_subscription",
            "rows that fall into no subscription of their account; check the dates of both, or bring the subscriptions "
            "that are missing",
            total - int(inside),
            total,
        )


def _overlapping_subscriptions(evidence: Evidence) -> Iterator[Suspicion]:
    draft = evidence.drafts.get("subscriptions")
    if draft is None:
        return
    rows = draft.rows
    # a subscription without an end runs on
    ended = rows["ended_at"].fill_null(ibis.timestamp("9999-12-31")) if "ended_at" in rows.columns else None
    last = ibis.timestamp("9999-12-31").cast(rows["started_at"].type()) if ended is None else ended
    terms = rows.select("account_id", "started_at", last=last)
    order = [terms["started_at"], terms["last"]]
    before = ibis.window(group_by="account_id", order_by=order, preceding=(None, 1))
    terms = terms.mutate(covered_until=terms["last"].max().over(before))
    overlapping = evidence.count(terms, terms["started_at"] < terms["covered_until"])
    if overlapping:
        yield Suspicion(
            "subscriptions",
            "overlapping_subscriptions",
            "periods that begin while another of the same account still runs; revenue adds up over them. If one "
            "replaces the other, give the earlier one its `ended_at`",
            overlapping,
            evidence.rows["subscriptions"],
        )


def _renewed_before_start(evidence: Evidence) -> Iterator[Suspicion]:
    draft = evidence.drafts.get("subscriptions")
    if draft is None or "renews_at" not in draft.columns:
        return
    early = evidence.count(draft.rows, draft.rows["renews_at"] <= draft.rows["started_at"])
    if early:
        message = "periods whose first renewal does not follow their start; check `renews_at`"
        yield Suspicion("subscriptions", "renewed_before_start", message, early, evidence.rows["subscriptions"])


def _unknown_names(evidence: Evidence) -> Iterator[Suspicion]:
    for table, column, catalogue in (("subscriptions", "plan", "plans"), ("consumption", "product", "products")):
        if catalogue not in evidence.drafts or table not in evidence.drafts:
            continue
        draft = evidence.drafts[table]
        if column not in draft.columns:
            continue
        known = evidence.drafts[catalogue].rows.select(column)
        named = draft.rows.filter(draft.rows[column].notnull())
        unknown = evidence.count(named.anti_join(known, column))
        if unknown:
            message = f"rows whose {column} is not in the table {catalogue}; add it there, or correct its name"
            yield Suspicion(table, f"unknown_{column}", message, unknown, evidence.rows[table])


def _stopped_early(evidence: Evidence) -> Iterator[Suspicion]:
    for name, days in evidence.days.items():
        found = sorted(day for day in days.rows if day < evidence.calendar.end)
        if not found or name == "overrides" or evidence.rows[name] < FEW_ROWS:
            continue
        quiet = (evidence.calendar.end - found[-1]).days
        pauses = [(later - earlier).days for earlier, later in pairwise(found)]
        if quiet > max(QUIET_DAYS, USUAL_QUIET * max(pauses, default=0)):
            meaning = (
                "everybody has been a customer for about as long, and little can be learned from it"
                if name == "accounts"
                else "if the export stopped, silence will look like customers who went quiet"
            )
            message = f"nothing after {found[-1]}, {quiet} days before the data's end; {meaning}"
            covered = (evidence.calendar.end - evidence.calendar.start).days
            yield Suspicion(name, "stopped_early", message, quiet, max(covered, quiet), "days")


def _silent_months(evidence: Evidence) -> Iterator[Suspicion]:
    if "consumption" not in evidence.days:
        return
    calendar = evidence.calendar
    seen = {(day.year, day.month) for day in evidence.days["consumption"].rows}
    months = list(_whole_months(calendar.start, calendar.end))
    silent = [month for month in months if (month.year, month.month) not in seen]
    if silent:
        listed = ", ".join(f"{month:%Y-%m}" for month in silent[:6]) + (", ..." if len(silent) > 6 else "")
        message = f"months without a single row: {listed}; an outage of the export looks like customers who went quiet"
        yield Suspicion("consumption", "silent_month", message, len(silent), len(months), "months")


def _whole_months(start: date, end: date) -> Iterator[date]:
    """The first days of the calendar months that lie wholly within `[start, end)`."""
    month = start if start.day == 1 else _next_month(start)
    while _next_month(month) <= end:
        yield month
        month = _next_month(month)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _repeated_rows(evidence: Evidence) -> Iterator[Suspicion]:
    for name, draft in evidence.drafts.items():
        if not draft.dated or set(key_of(name)) & set(draft.columns):
            continue
        by = ("event_id",) if "event_id" in draft.columns else draft.columns
        surplus = _surplus(evidence.connection, draft.rows.select(*by))
        total = evidence.rows[name]
        if "event_id" in draft.columns and surplus:
            message = "rows that bear an `event_id` seen before; the one known first is kept"
            yield Suspicion(name, "repeated_event", message, surplus, total)
        elif surplus >= REPEATED_SHARE * total and surplus:
            message = (
                "rows equal to another in every column; if they are copies, bring an `event_id` and they are removed"
            )
            yield Suspicion(name, "repeated_row", message, surplus, total)


def _surplus(connection: Backend, rows: ir.Table) -> int:
    """How many rows equal an earlier one; rows of nulls only do not count. By a hash of 64 bits, in one pass."""
    listed = ", ".join(f'"{column}"' for column in rows.columns)
    sql = f"select count(*) - count(distinct hash({listed})) from ({connection.compile(rows)}) as r"
    if len(rows.columns) == 1:
        sql += f" where {listed} is not null"
    return int(connection.con.execute(sql).fetchall()[0][0])


def _odd_recording(evidence: Evidence) -> Iterator[Suspicion]:
    for name, draft in evidence.drafts.items():
        if "recorded_at" not in draft.columns:
            continue
        rows = draft.rows
        early = evidence.count(rows, rows["recorded_at"] < draft.event())
        late = evidence.count(
            rows, rows["recorded_at"] >= ibis.literal(evidence.calendar.instant(evidence.calendar.end))
        )
        if early:
            message = "rows recorded before they happened; they count as known when they happened"
            yield Suspicion(name, "recorded_early", message, early, evidence.rows[name])
        if late >= LATE_SHARE * evidence.rows[name] and late:
            message = "rows recorded after the data's end; no as_of within the data sees them"
            yield Suspicion(name, "recorded_late", message, late, evidence.rows[name])


def _constant_columns(evidence: Evidence) -> Iterator[Suspicion]:
    for name, draft in evidence.drafts.items():
        total = evidence.rows[name]
        asked = [
            column
            for column in draft.columns
            if column in columns_of(name)
            and column not in ("account_id", "event_id", "recorded_at", *key_of(name))
            and fact_of(name, column, "instant") not in ("late", "planned")
        ]
        if total < FEW_ROWS or not asked:
            continue
        rows = draft.rows
        measured: dict[str, ir.Value] = {}
        for column in asked:
            # the least and greatest of a flag are those of its number
            value = rows[column].cast("int8") if dtype_of(name, column).is_boolean() else rows[column]
            measured |= {f"least.{column}": value.min().cast("string"), f"most.{column}": value.max().cast("string")}
            measured[f"filled.{column}"] = value.count()
        found = rows.aggregate(**measured).to_pyarrow().to_pylist()[0]
        constant = [
            column
            for column in asked
            if found[f"least.{column}"] == found[f"most.{column}"] and found[f"filled.{column}"] in (0, total)
        ]
        if constant:
            listed = ", ".join(f"{c} ({found[f'least.{c}'] or 'empty'})" for c in constant)
            message = f"columns that say the same in every row: {listed}; nothing can be learned from them"
            yield Suspicion(name, "constant_column", message, len(constant), len(draft.columns), "columns")


def _odd_scores(evidence: Evidence) -> Iterator[Suspicion]:
    draft = evidence.drafts.get("satisfaction")
    if draft is None:
        return
    from features.families.satisfaction import SCALES

    rows = draft.rows
    for instrument, (low, high) in SCALES.items():
        answers = rows.filter(rows["instrument"] == instrument)
        odd = evidence.count(answers, ~answers["score"].between(low, high))
        if odd:
            message = f"answers to {instrument} outside its usual scale, {low} to {high}; rescale them in a `query`"
            yield Suspicion("satisfaction", "odd_score", message, odd, evidence.count(answers))

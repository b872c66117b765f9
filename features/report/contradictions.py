"""Suspicions that come of two things that do not go together: of two tables, or of two instants of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import ibis

from features.report.suspicion import Evidence, Suspicion

LATE_SHARE = 0.05
"""So many rows recorded after the data's end are more than what is usually under way."""


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


def _renewed_late(evidence: Evidence) -> Iterator[Suspicion]:
    draft = evidence.drafts.get("subscriptions")
    if draft is None or not {"renews_at", "term_months"} <= set(draft.columns):
        return
    rows = draft.rows.filter(draft.rows["term_months"] > 0)
    start, renewal = rows["started_at"], rows["renews_at"]
    # by calendar months, one more than the term allowed: first terms are rounded up to a month's end or a quarter's
    months = (renewal.year() - start.year()) * 12 + renewal.month() - start.month()
    late = evidence.count(rows, months > rows["term_months"] + 1)
    if late:
        yield Suspicion(
            "subscriptions",
            "renewed_late",
            "periods whose renewal lies more than `term_months` and a month after their start; `renews_at` is the "
            "first renewal after `started_at`. If it holds the next one, overwritten as time goes by, it tells the "
            "past that the contract lived on: leave the column out (renewals are then counted from the start by "
            "`term_months`), or bring the first",
            late,
            evidence.rows["subscriptions"],
        )


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


CONTRADICTIONS: tuple[Callable[[Evidence], Iterator[Suspicion]], ...] = (
    _before_signup,
    _outside_subscriptions,
    _overlapping_subscriptions,
    _renewed_before_start,
    _renewed_late,
    _unknown_names,
    _odd_recording,
)
"""Every rule of this file, in the order in which reports show them."""

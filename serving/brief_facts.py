"""The facts of a brief, section by section, from the list, the features behind it and what is still open.

What is not known makes no fact; what a whole section lacks is said in words (`unknown`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from serving.account import Score, records
from serving.brief import Fact
from serving.brief_known import Held, Known
from serving.brief_moments import moments
from serving.brief_promises import promise_facts
from serving.days import between, day_text
from serving.moves import caveat, how_many, leads
from serving.names import LONGEST, short
from serving.notice import lowered
from serving.pages.words import SCORES as NAMED
from serving.pages.words import against, said, stage_word
from serving.top_reasons import plain
from serving.wording import capitalised, chance, number, reason_text

RUNGS = ("consumption", "satisfaction", "adoption", "loyalty", "trust")
PUSHING, KEEPING, CHANGED = {"churn": 3}, {"churn": 2}, {"churn": 2}
"""Reasons that are told of an outcome, either way: two and one where nothing else is said; parts of a change: one."""
SEEN = 0.05
"""Percentage points below which a part of a change rounds to nothing."""
STEPS = 2
"""Steps of what would bring the chance of leaving down."""
TERM = "term_months"
PROMISES = ("promises_broken_91d", "promises_kept_share_182d")
GROWTH: Mapping[str, tuple[str, ...]] = {
    "users": ("users_28d", "new_users_28d", "users_lost_91d", "seat_use_28d"),
    "extensions": ("extensions_182d", "unused_products"),
    "adjacent": ("adjacent_uses_182d",),
}
"""The three kinds of growth, and the features that tell of each."""
LONGEST_STEP = 160
"""Letters of the next step, which may name a product; see `serving.names`."""


def facts_of(known: Known) -> tuple[Fact, ...]:
    """Every fact, in the order in which the brief tells them."""
    sections = (_who, _health, _ladder, _moments, _promises, _growth, _next)
    return tuple(fact for section in sections for fact in section(known))


def unknown_of(known: Known, facts: tuple[Fact, ...]) -> tuple[str, ...]:
    """What cannot be told, a sentence each."""
    there = {fact.key.split(".")[0] for fact in facts}
    plans = "The next plan: no table of plans, paths, accessories or milestones, or its use is not allowed."
    lacks = {
        "ladder": "How it stands on the ladder: none of the tables that its scores are made of.",
        "moments": "The next plan: notice was given." if known.report.row.get("notice") else plans,
        "growth": "Growth: no users or products in the use that is recorded, or their use is not allowed.",
    }
    said_of = list(known.unknown)
    if not known.unknown:
        said_of += [text for section, text in lacks.items() if section not in there]
    if known.promises is None and not known.unknown:
        said_of.append("Open promises: no tickets with a promised date, no milestones, or their use is not allowed.")
    said_of += [f"{said(name)['title']}: {lowered(why)}" for name, why in known.report.silent.items()]
    said_of += [f"{said(name)['title']}: no model was good enough." for name in known.refused]
    return tuple(said_of)


def _who(known: Known) -> Iterator[Fact]:
    row, report = known.report.row, known.report
    for name, label in {
        "account_id": "Account",
        "name": "Name",
        "segment": "Segment",
        "owner": "Looked after by",
    }.items():
        if row.get(name):
            most = LONGEST if name != "name" else len(str(row[name]))
            yield _text(f"who.{name}", label, str(row[name]), f"scored_accounts.{name}", most)
    if isinstance(known.facts.get("plan"), str):
        yield _text("who.plan", "Plan", str(known.facts["plan"]), "facts.plan")
    if row.get("value_at_stake") is not None:
        text = f"{number(row['value_at_stake'], 'money', known.currency)} a year"
        yield Fact("who.value", "Pays", text, row["value_at_stake"], "money", "scored_accounts.value_at_stake")
    tenure = _number(known.facts.get("tenure_days"))
    if tenure is not None:
        yield Fact("who.tenure", "Customer for", number(tenure, "days"), tenure, "days", "facts.tenure_days")
    left = _number(known.facts.get("days_to_renewal"))
    if left is not None:
        day = report.as_of + timedelta(days=round(left))
        text = f"{day_text(day)}, in {round(left)} days" if left != 1 else f"{day_text(day)}, tomorrow"
        yield Fact("who.renewal", "Renews", text, day.isoformat(), "day", "facts.days_to_renewal")
        yield Fact(
            "who.renewal_days", "Days to its renewal", number(left, "days"), left, "days", "facts.days_to_renewal"
        )
    if (term := known.features.get(TERM)) is not None and not math.isnan(term.value):
        yield _feature("who.term", term, reason_text(term.feature, term.value, None, None))
    if row.get("notice"):
        yield _text("who.notice", "Notice", str(row["notice"]), "scored_accounts.notice")
    yield _text("who.stage", "Stage", stage_word(str(row["stage"])), "scored_accounts.stage")
    if not row.get("notice"):
        yield _text("who.band", "Band", str(row["band"]), "scored_accounts.band")
    rank = f"{row['rank']:,} of {report.listed:,}"
    yield Fact("who.rank", "Rank", rank, row["rank"], "count", "scored_accounts.rank")


def _health(known: Known) -> Iterator[Fact]:
    before = known.report.before
    if before is not None:
        yield Fact("health.before", "The list before", day_text(before), before.isoformat(), "day", "manifest.previous")
    for row in records(known.overrides):
        made, until = (day_text(date.fromisoformat(row[name])) for name in ("made_on", "expires_on"))
        said_so = f"{short(row['made_by'])} said of {against(row['outcome'])}: {short(row['verdict'])}"
        text = f"{said_so}, on {made}, valid until {until}"
        yield Fact(f"health.{row['outcome']}.override", "Against the score", text, row["verdict"], "text", "overrides")
    for score in known.report.scores:
        yield from _chance(score, known)
        yield from _reasons(score)
        seen = [change for change in score.changes if abs(change.points) >= SEEN]
        changed = sorted(seen, key=lambda change: -abs(change.points))
        for place, change in enumerate(changed[: CHANGED.get(score.outcome, 1)], 1):
            key, source = f"health.{score.outcome}.changed.{place}", f"changes.{change.part}"
            yield Fact(key, f"{change.points:+.1f} points", change.text, round(change.points, 1), "points", source)


def _chance(score: Score, known: Known) -> Iterator[Fact]:
    """One outcome: its chance, what is usual, and what it was on the list before."""
    key, words = f"health.{score.outcome}", said(score.outcome)
    column = f"scored_accounts.{score.outcome}"
    share = chance(score.probability)
    yield Fact(key, words["title"], share, score.probability, "share", f"{column}_probability")
    if score.product:
        yield _text(f"{key}.product", "The likeliest product", score.product, f"{column}_product")
    if score.outcome in known.averages:
        average = known.averages[score.outcome]
        yield Fact(f"{key}.average", "Average account", chance(average), average, "share", "the list's mean")
    if score.probability_before is not None:
        then = score.probability_before
        source = "the list before" if score.same_model else "the list before, by another model"
        yield Fact(f"{key}.before", "On the list before", chance(then), then, "share", source)
    for name, day in zip(("from", "until"), known.asked.get(score.outcome, ()), strict=False):
        yield Fact(f"{key}.{name}", f"Asked {name}", day_text(day), day.isoformat(), "day", f"outcomes.{score.outcome}")


def _reasons(score: Score) -> Iterator[Fact]:
    told = plain(score.reasons)
    ways = (
        ("pushes", told[told["contribution"] > 0], PUSHING.get(score.outcome, 2)),
        ("keeps", told[told["contribution"] < 0], KEEPING.get(score.outcome, 1)),
    )
    for way, reasons, most in ways:
        for place, row in enumerate(records(reasons.head(most)), 1):
            key, source = f"health.{score.outcome}.{way}.{place}", f"reasons.{row['idea']} ({row['feature']})"
            yield Fact(key, f"{row['points']:+.1f} points", row["text"], round(row["points"], 1), "points", source)


def _ladder(known: Known) -> Iterator[Fact]:
    for rung in RUNGS:
        score = known.report.row.get(f"score_{rung}")
        if score is not None:
            source = f"scored_accounts.score_{rung}"
            yield Fact(f"ladder.{rung}", NAMED[rung][0], f"{score:.0f} of 100", score, "points", source)


def _moments(known: Known) -> Iterator[Fact]:
    if known.report.row.get("notice"):
        return
    values = {name: held.value for name, held in known.features.items() if not math.isnan(held.value)}
    for moment in moments(known.report.row, values):
        name = NAMED[moment.name][0]
        if moment.score is not None:
            source = f"scored_accounts.score_{moment.name}"
            yield Fact(f"moments.{moment.name}", name, f"{moment.score:.0f} of 100", moment.score, "points", source)
        yield Fact(f"moments.{moment.name}.stands", name, moment.stands, moment.stands, "text", moment.rule)
        for feature in moment.told:
            held = known.features[feature]
            text = reason_text(held.feature, held.value, None, None, known.currency)
            yield _feature(f"moments.{moment.name}.{feature}", held, text)


def _promises(known: Known) -> Iterator[Fact]:
    if known.promises is not None:
        yield from promise_facts(known.promises, known.report.as_of)
    yield from _told("promises", PROMISES, known)


def _growth(known: Known) -> Iterator[Fact]:
    for kind, names in GROWTH.items():
        yield from _told(f"growth.{kind}", names, known)
    first = known.report.products[known.report.products["position"] == 1].head(1)
    for row in records(first):
        text, source = (
            f"{short(row['product'])}, {chance(row['probability'])}",
            f"scored_products.{row['outcome']}",
        )
        if row["outcome"] in known.asked:
            text += f" {between(known.asked[row['outcome']])}"
        yield Fact("growth.product", "Likeliest to take on", text, row["probability"], "share", source)


def _next(known: Known) -> Iterator[Fact]:
    yield _text("next.play", "Next step", str(known.report.row["play"]), "scored_accounts.play", LONGEST_STEP)
    for score in known.report.scores:
        if score.outcome != "churn" or score.moves.empty:
            continue
        for row in records(leads(score.moves).head(STEPS)):
            after = f"{said(score.outcome)['title'].lower()} {chance(row['probability'])}"
            text = f"{row['text']}: {after}; {how_many(row['similar'])}"
            key, source = f"next.moves.{row['step']}", f"moves.{row['feature']}"
            yield Fact(key, caveat(score.moves, score.outcome), text, row["probability"], "share", source)


def _told(section: str, names: tuple[str, ...], known: Known) -> Iterator[Fact]:
    """What features tell, held against what is usual for the account or the others."""
    for name in names:
        if name in known.features:
            held = known.features[name]
            yield _feature(
                f"{section}.{name}",
                held,
                reason_text(held.feature, held.value, held.usual, held.others, known.currency),
            )


def _feature(key: str, held: Held, text: str) -> Fact:
    value = None if math.isnan(held.value) else held.value
    return Fact(
        key, capitalised(held.feature.description), text, value, held.feature.unit, f"features.{held.feature.name}"
    )


def _text(key: str, label: str, text: str, source: str, most: int = LONGEST) -> Fact:
    return Fact(key, label, short(text, most), text, "text", source)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not math.isnan(value) else None

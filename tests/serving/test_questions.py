"""Questions: what is urgent comes first, each rests on a fact, and no two ask about the same."""

from __future__ import annotations

import pytest

from serving.brief import Fact
from serving.questions import BY_GROWTH, BY_IDEA, BY_MOMENT, BY_RUNG, RULES, questions

LATE = ("promises.open.1", "promised by 20 Dec 2025, 12 days ago", "2025-12-20", "tickets T7")
STEP = ("promises.open.2", "due 20 Dec 2025, 12 days ago", "2025-12-20", "milestones live")
AHEAD = ("promises.open.1", "promised by 3 Jan 2026, in 2 days", "2026-01-03", "tickets T7")
RENEWAL = [("who.renewal", "30 Jan 2026, in 29 days", "2026-01-30", ""), ("who.renewal_days", "29 days", 29.0, "")]
STAGE = ("who.stage", "using", "using", "")


def facts(*rows: tuple[str, str, float | str | None, str]) -> tuple[Fact, ...]:
    return tuple(Fact(key, "It", text, value, "text", source) for key, text, value, source in rows)


def asked(*rows: tuple[str, str, float | str | None, str]) -> list[str]:
    """The rule of each question and the fact that it rests on."""
    return [f"{question.rule}: {question.rests_on}" for question in questions(facts(*rows))]


def rung(name: str, score: float) -> tuple[str, str, float, str]:
    return f"ladder.{name}", f"{score:.0f} of 100", score, ""


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([LATE], ["broken promise: promises.open.1"]),
        ([AHEAD], []),
        ([STEP], ["milestone past its date: promises.open.2"]),
        ([rung("trust", 24)], ["weak rung: ladder.trust"]),
        ([rung("trust", 24), ("promises.overdue", "1", 1.0, "")], []),  # which is asked about by itself
        ([rung("trust", 24), rung("loyalty", 30), ("promises.overdue", "1", 1.0, "")], ["weak rung: ladder.loyalty"]),
        ([rung("trust", 60), rung("loyalty", 50)], ["weakest rung: ladder.loyalty"]),
        (RENEWAL, ["renewal is near: who.renewal"]),
        ([*RENEWAL, ("who.term", "", 6.0, "")], ["renewal is near: who.renewal"]),
        ([*RENEWAL, ("who.term", "", 1.0, "")], []),  # renewed all the time: it decides nothing
        (
            [
                ("who.renewal", "30 Aug 2026, in 241 days", "2026-08-30", ""),
                ("who.renewal_days", "241 days", 241.0, ""),
            ],
            [],
        ),
        (
            [
                ("moments.advantage.seats_of_limit", "", 0.9, ""),
                ("moments.advantage.stands", "nothing against it", "", ""),
            ],
            ["limit is near: moments.advantage.seats_of_limit"],
        ),
        ([("moments.ease.stands", "may stop it", "", "")], ["stopped moment of truth: moments.ease.stands"]),
        ([("moments.ease.stands", "no next plan", "", "")], []),
        ([("growth.users.new_users_28d", "", 0.0, "")], ["no growth: people: growth.users.new_users_28d"]),
        ([("growth.users.new_users_28d", "", 2.0, "")], []),
        ([("growth.adjacent.adjacent_uses_182d", "", None, "")], []),
        ([("health.adoption.product", "chat", "chat", "")], ["likeliest product: health.adoption.product"]),
        ([STAGE], ["its own goal: who.stage"]),
    ],
)
def test_each_rule_asks_where_its_fact_calls_for_it(
    rows: list[tuple[str, str, float | str | None, str]], expected: list[str]
) -> None:
    assert asked(*rows) == expected


def test_a_rung_is_not_asked_about_that_the_strongest_reason_asks_about() -> None:
    unhappy = ("health.churn.pushes.1", "Satisfaction fell", None, "reasons.answers (satisfaction_91d)")
    rows = [("who.band", "high", "high", ""), unhappy, rung("satisfaction", 20), rung("loyalty", 35)]

    assert asked(*rows) == ["strongest reason for leaving: health.churn.pushes.1", "weak rung: ladder.loyalty"]


@pytest.mark.parametrize(
    ("band", "expected"), [("high", ["strongest reason for leaving: health.churn.pushes.1"]), ("usual", [])]
)
def test_a_reason_for_leaving_is_asked_about_only_where_the_account_stands_out(band: str, expected: list[str]) -> None:
    reason = ("health.churn.pushes.1", "Active days fell", 4.5, "reasons.use trend (active_days_28d)")
    assert asked(reason, ("who.band", band, band, "")) == expected


def test_of_steps_that_nobody_waits_for_any_more_nothing_is_asked() -> None:
    stops = ("moments.quick_start.stands", "may stop it", "may stop it", "")
    reason = ("health.churn.pushes.1", "Steps of getting started", 4.5, "reasons.getting started (milestones_reached)")
    lapsed = ("promises.lapsed", "4 milestones more than 180 days past", 4.0, "milestones")
    awaited = ("promises.open.1", "due 4 Mar 2026, in 3 days", "2026-03-04", "milestones first use")
    high = ("who.band", "high", "high", "")

    assert asked(stops, reason, high) == [
        "strongest reason for leaving: health.churn.pushes.1",
        "stopped moment of truth: moments.quick_start.stands",
    ]
    assert asked(stops, reason, high, lapsed) == []
    assert len(asked(stops, reason, high, lapsed, awaited)) == 2


def test_three_are_asked_the_most_urgent_first() -> None:
    rows = [STAGE, ("growth.users.new_users_28d", "", 0.0, ""), rung("loyalty", 20), STEP, LATE]
    assert asked(*rows) == [
        "broken promise: promises.open.1",
        "milestone past its date: promises.open.2",
        "weak rung: ladder.loyalty",
    ]


def test_a_customer_is_told_none_of_our_chances_and_scores() -> None:
    told = [*BY_IDEA.values(), *BY_RUNG.values(), *BY_MOMENT.values(), *(text for *_, text in BY_GROWTH)]
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(text.endswith("?") and not any(letter.isdigit() for letter in text) for text in told)
    assert not any(word in " ".join(told).lower() for word in ("churn", "score", "chance", "risk", "leave us"))

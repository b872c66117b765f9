"""Three questions to ask: rules over the facts of a brief, each of which names the fact that it rests on.

A rule looks at the facts and asks one thing, or nothing. Rules stand in the order in which what they ask is urgent; of
those that ask about the same subject, the first is taken. Questions are put to the customer: no chance and no score of
ours is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from serving.brief import Fact, Question

ASKED = 3
RENEWS_SOON = 120
"""Days to the renewal within which it is asked about."""
LONG_TERM = 6
"""Months of a contract whose renewal is a decision."""
WEAK_RUNG = 40
"""Of 100: a rung below is asked about before growth is."""
NEAR = 0.8

Facts = Mapping[str, Fact]
Found = tuple[str, str] | None
"""The question and the key of its fact."""

BY_IDEA: Mapping[str, str] = {
    "people": "Several of your people no longer use it. Who has taken over their work, and what do they need to start?",
    "use": "What has changed in your daily work since you used it more?",
    "use trend": "What has changed in your daily work since you used it more?",
    "rhythm": "What has changed in your daily work since you used it more?",
    "reliability": "Where did it fail you lately, and what did that cost you?",
    "support load": "Which of the things that you ask our help for should work without it?",
    "resolution": "When you last waited for our help, what were you held up with meanwhile?",
    "answers": "Somebody of yours told us that they are not content. What would have to change first for them?",
    "price": "What do you get for what you pay us, in your own figures?",
    "seats": "Of the seats that you pay for, which would you buy again today, and which not?",
    "getting started": "Which step of getting started is still in your way, and whom should we sit down with?",
    "attention": "When did somebody of ours last ask how it goes, and what should we have heard then?",
    "breadth": "Which work did you mean to do with it that you still do elsewhere?",
    "contract": "What will you decide the renewal by, and who decides with you?",
}
"""By the idea of the strongest reason for leaving."""
BY_RUNG: Mapping[str, str] = {
    "consumption": "What did you buy it for, and how often does that work come up now?",
    "satisfaction": "If you could have one thing repaired or made easier, what would it be?",
    "adoption": "Who in your company could use it and does not, and what keeps them from it?",
    "loyalty": "If you chose anew today, what would you compare us with, and by what?",
    "trust": "Which of our promises do you still wait for, or no longer count on?",
}
"""By the weakest rung of the ladder."""
SAME_AS: Mapping[str, str] = {
    "answers": "satisfaction",
    "use": "consumption",
    "use trend": "consumption",
    "rhythm": "consumption",
    "breadth": "adoption",
}
"""By the idea of a reason, the rung of which nothing more is asked then: it would be the same question."""
BY_MOMENT: Mapping[str, str] = {
    "advantage": "What would you like to do that your plan does not let you do today?",
    "ease": "If we made the move to the next plan for you, when would it disturb you least?",
    "compatibility": "Of what you have attached, what must keep working on a higher plan, whatever happens?",
    "quick_start": "What would your people need in order to get through their first steps in a week?",
}
"""By a moment of truth that may stop a move up."""
AFTER_NOTICE = (
    "What decided it for you, and when did you first think of it?",
    "What would have to be different for you to come back?",
    "What do you still need from us until the last day, and who takes it over?",
)
"""Of an account that has given notice: nothing is left to sell, and much to learn."""
BY_GROWTH: tuple[tuple[str, str, float, str], ...] = (
    (
        "people",
        "growth.users.new_users_28d",
        0,
        "Which team beside yours has the same work to do, and how does it do it?",
    ),
    ("extension", "growth.extensions.extensions_182d", 0, "What do you do right before and right after you use it?"),
    ("adjacent", "growth.adjacent.adjacent_uses_182d", 0, "Which work do you wish worked as this does?"),
)
"""By a kind of growth that is absent: its subject, the fact, and up to which value it is absent."""


def questions(facts: tuple[Fact, ...], most: int = ASKED) -> tuple[Question, ...]:
    """At most three questions, the most urgent first, no two about the same subject; others where notice was given."""
    by_key = {fact.key: fact for fact in facts}
    if "who.notice" in by_key:
        return tuple(Question(text, "who.notice", "notice given") for text in AFTER_NOTICE)[:most]
    asked: dict[str, Question] = {}
    for rule in RULES:
        found = rule.asks(by_key)
        if found is not None and rule.subject not in asked:
            asked[rule.subject] = Question(found[0], found[1], rule.name)
    return tuple(asked.values())[:most]


@dataclass(frozen=True)
class Rule:
    """One rule; `subject` says what it asks about."""

    name: str
    subject: str
    asks: Callable[[Facts], Found]


def _overdue(table: str, asks: str) -> Callable[[Facts], Found]:
    """The first promise of that table whose date has passed."""

    def found(facts: Facts) -> Found:
        for fact in facts.values():
            if fact.key.startswith("promises.open.") and fact.source.startswith(table) and fact.text.endswith(" ago"):
                return asks.format(what=fact.label), fact.key
        return None

    return found


def _started_long_ago(facts: Facts) -> bool:
    """Whether the only milestones that were not reached are long past, so that nobody waits for one any more."""
    awaited = any(
        fact.key.startswith("promises.open.") and fact.source.startswith("milestones") for fact in facts.values()
    )
    return "promises.lapsed" in facts and not awaited


def _strongest(facts: Facts) -> Fact | None:
    """The strongest reason for leaving, where the account stands out."""
    band, reason = facts.get("who.band"), facts.get("health.churn.pushes.1")
    return None if reason is None or band is None or band.text == "usual" else reason


def _idea(reason: Fact) -> str:
    return reason.source.removeprefix("reasons.").partition(" (")[0]


def _reason(facts: Facts) -> Found:
    """What the strongest reason for leaving asks."""
    reason = _strongest(facts)
    if reason is None:
        return None
    idea = _idea(reason)
    if idea == "getting started" and _started_long_ago(facts):
        return None
    return (BY_IDEA[idea], reason.key) if idea in BY_IDEA else None


def _renewal(facts: Facts) -> Found:
    """A renewal that is near, unless the contract is renewed every few months, which decides nothing."""
    left, term = _value(facts, "who.renewal_days"), _value(facts, "who.term")
    if left is None or not 0 <= left <= RENEWS_SOON or (term is not None and term < LONG_TERM):
        return None
    day = facts["who.renewal"].text.partition(",")[0]
    return f"Your contract renews on {day}. What must be true by then for you to renew it gladly?", "who.renewal"


def _rung(below: float) -> Callable[[Facts], Found]:
    """The weakest rung, where it is below; none that a promise past its date or the strongest reason asks about."""

    def found(facts: Facts) -> Found:
        reason = _strongest(facts)
        asked = {SAME_AS.get(_idea(reason))} if reason is not None else set()
        names = [
            name for name in BY_RUNG if name not in asked and (name != "trust" or not _value(facts, "promises.overdue"))
        ]
        rungs = [(value, f"ladder.{name}") for name in names if (value := _value(facts, f"ladder.{name}")) is not None]
        if not rungs or min(rungs)[0] >= below:
            return None
        key = min(rungs)[1]
        return BY_RUNG[key.removeprefix("ladder.")], key

    return found


def _limit(facts: Facts) -> Found:
    for moment in ("seat_limit_use_28d", "seats_of_limit", "quantity_limit_peak_84d"):
        used = _value(facts, key := f"moments.advantage.{moment}")
        if used is not None and used >= NEAR:
            return "You are close to what your plan allows. What would you do if it allowed more?", key
    return None


def _moment(facts: Facts) -> Found:
    """The first moment that may stop a move up; nothing where there is no next plan."""
    for name, text in BY_MOMENT.items():
        stands = facts.get(f"moments.{name}.stands")
        if name == "quick_start" and _started_long_ago(facts):
            continue
        if stands is not None and stands.text == "may stop it":
            return text, stands.key
    return None


def _absent(key: str, most: float, text: str) -> Callable[[Facts], Found]:
    def found(facts: Facts) -> Found:
        value = _value(facts, key)
        return (text, key) if value is not None and value <= most else None

    return found


def _product(facts: Facts) -> Found:
    product = facts.get("health.adoption.product")
    return None if product is None else (f"What would {product.text} have to do for you to try it?", product.key)


def _goal(facts: Facts) -> Found:
    goal = "What do you want to have reached by our next meeting, and how will we both see it?"
    return (goal, "who.stage") if "who.stage" in facts else None


def _value(facts: Facts, key: str) -> float | None:
    """The number of a fact; None where there is none."""
    fact = facts.get(key)
    return float(fact.value) if fact is not None and isinstance(fact.value, (int, float)) else None


TICKET = "{what} is past the day that we promised. What has it kept you from, and what would put it right?"
MILESTONE = "{what} is past its date. What stands in its way, and who should sit down together?"
RULES: tuple[Rule, ...] = (
    Rule("broken promise", "promise", _overdue("tickets", TICKET)),
    Rule("milestone past its date", "milestone", _overdue("milestones", MILESTONE)),
    Rule("strongest reason for leaving", "reason", _reason),
    Rule("weak rung", "rung", _rung(WEAK_RUNG)),
    Rule("renewal is near", "renewal", _renewal),
    Rule("limit is near", "moment", _limit),
    Rule("stopped moment of truth", "moment", _moment),
    *(Rule(f"no growth: {name}", name, _absent(key, most, text)) for name, key, most, text in BY_GROWTH),
    Rule("likeliest product", "product", _product),
    Rule("weakest rung", "rung", _rung(101)),
    Rule("its own goal", "goal", _goal),
)
"""Every rule, the most urgent first."""

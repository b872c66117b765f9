"""How the facts of a brief stand side by side: what page and terminal both show, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from serving.brief import Brief, Fact, Question
from serving.brief_moments import RULES
from serving.commentary import HANDED
from serving.days import between, day_text
from serving.pages.words import SCORES as NAMED
from serving.pages.words import said

WHO = ("notice", "account_id", "segment", "owner", "plan", "value", "tenure", "renewal", "stage", "band", "rank")
DECIDED = "Notice was given, so what happens next is decided and nothing is predicted."
GROWTH = {"users": "More users", "extensions": "Extensions of what it uses", "adjacent": "Adjacent uses, new to it"}


@dataclass(frozen=True)
class Health:
    """One outcome, as it is shown."""

    name: str
    title: str
    chance: str
    beside: str
    """The product, what is usual, and what it was before."""
    asked: str
    override: str
    ways: tuple[tuple[str, tuple[Fact, ...]], ...]
    """What pushes it, what keeps it, what changed it: above each, and its facts."""
    fact: Fact
    average: Fact | None


@dataclass(frozen=True)
class Moment:
    """One moment of truth, as it is shown."""

    title: str
    stands: str
    score: str
    facts: tuple[Fact, ...]


def shape(brief: Brief) -> dict[str, Any]:
    """What templates are filled from."""
    ladder = brief.of("ladder.")
    weakest = min(ladder, key=_size).key if ladder else ""
    grown = [(title, brief.of(f"growth.{kind}.")) for kind, title in GROWTH.items()]
    product = brief.of("growth.product")
    return {
        "as_of": day_text(brief.as_of),
        "who": [_told(brief.by_key[f"who.{name}"]) for name in WHO if f"who.{name}" in brief.by_key],
        "health": health(brief),
        "decided": DECIDED,
        "ladder": ladder,
        "weakest": weakest,
        "moments": [_moment(brief, name) for name in RULES if f"moments.{name}.stands" in brief.by_key],
        "promises": (*brief.of("promises.open."), *brief.of("promises.lapsed")),
        "kept_of_late": [fact for fact in brief.of("promises.") if fact.source.startswith("features.")],
        "growth": [
            (title, (*facts, *(product if kind == 2 else ())))
            for kind, (title, facts) in enumerate(grown)
            if facts or (kind == 2 and product)
        ],
        "moves": brief.of("next.moves."),
        "commentary": brief.commentary,
        "handed": HANDED,
    }


def health(brief: Brief) -> Sequence[Health]:
    """Every outcome that was asked about, in its order."""
    keys = [fact.key.split(".") for fact in brief.of("health.")]
    names = dict.fromkeys(parts[1] for parts in keys if len(parts) == 2 and parts[1] != "before")
    return [_health(brief, name) for name in names]


def rests_on(brief: Brief, question: Question) -> str:
    """The fact behind a question, in words."""
    fact = brief.by_key[question.rests_on]
    name = fact.key.split(".")
    plain = name[0] == "growth" or (name[0] == "moments" and name[-1] != "stands") or name[-2] in ("pushes", "keeps")
    return fact.text if plain else f"{fact.label}: {fact.text}"


def _health(brief: Brief, name: str) -> Health:
    key, words = f"health.{name}", said(name)
    then = brief.text(f"{key}.before")
    beside = [
        brief.text(f"{key}.product"),
        f"average account {brief.text(f'{key}.average')}" if f"{key}.average" in brief.by_key else "",
        f"{then} on {brief.text('health.before')}" if then else "",
    ]
    told = "; ".join(part for part in beside if part)
    days = [brief.by_key.get(f"{key}.{end}") for end in ("from", "until")]
    return Health(
        name=name,
        title=words["title"],
        chance=brief.text(key),
        beside=f" ({told})" if told else "",
        asked=" ".join([_chance(words["chance"], brief.text(f"{key}.product")), *_period(days)]),
        override=brief.text(f"{key}.override"),
        ways=(
            (words["pushing"], brief.of(f"{key}.pushes.")),
            (words["keeping"], brief.of(f"{key}.keeps.")),
            ("What changed it most", brief.of(f"{key}.changed.")),
        ),
        fact=brief.by_key[key],
        average=brief.by_key.get(f"{key}.average"),
    )


def _chance(chance: str, product: str) -> str:
    return f"{chance} {product}" if product else chance


def _period(days: Sequence[Fact | None]) -> list[str]:
    told = [date.fromisoformat(str(day.value)) for day in days if day is not None]
    return [between((told[0], told[1]))] if len(told) == 2 else []


def _moment(brief: Brief, name: str) -> Moment:
    key = f"moments.{name}"
    facts = tuple(fact for fact in brief.of(f"{key}.") if fact.key != f"{key}.stands")
    return Moment(NAMED[name][0], brief.text(f"{key}.stands"), brief.text(key), facts)


def _told(fact: Fact) -> str:
    if fact.key in ("who.notice", "who.account_id", "who.segment"):
        return fact.text
    return f"{fact.label} {fact.text}"


def _size(fact: Fact) -> float:
    return float(fact.value or 0)

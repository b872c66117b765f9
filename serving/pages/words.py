"""What the page calls things: outcomes in the words of those who call, columns, and what each number means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """How an outcome is spoken of."""

    title: str
    """Above its probability."""
    chance: str
    """`<chance> between <day> and <day>`."""
    pushing: str
    """Above the reasons that make it likelier."""
    keeping: str
    """Above those that make it less likely."""
    meaning: str = ""
    """In the help, where it is more than `chance`."""
    wanted: bool | None = True
    """Whether the seller wants it to happen; None where nobody has said."""
    does: str = ""
    """Where its product follows, in place of the title."""
    doing: str = ""
    """What a reason speaks against."""


OUTCOMES: Mapping[str, Said] = {
    "churn": Said(
        "Leaves", "Chance that it leaves", "What pushes it to leave", "What keeps it", wanted=False, doing="leaving"
    ),
    "upgrade": Said(
        "Moves up", "Chance that it moves up", "What speaks for moving up", "What holds it back", doing="moving up"
    ),
    "adoption": Said(
        "Takes on more",
        "Chance that it takes on",
        "What speaks for it",
        "What speaks against it",
        "Chance that it takes on the product that stands below it: the likeliest of those that it does not use",
        does="Takes on",
        doing="taking on",
    ),
}
SCORES: Mapping[str, tuple[str, str]] = {
    "consumption": ("Consumption", "how much, how often and how lately it is used"),
    "satisfaction": ("Satisfaction", "what its people say, and what went wrong"),
    "adoption": ("Adoption", "how far it reaches beyond the first product and people"),
    "loyalty": ("Loyalty", "staying when there was a choice, and saying so"),
    "trust": ("Trust", "promises kept and broken"),
    "base": ("It works", "errors, incidents, promises"),
    "efficiency": ("It is little effort", "tickets, time to a solution"),
    "joy": ("It delights", "promoters, praise, referrals"),
    "advantage": ("It brings something", "limits that it reaches, what the next plan adds"),
    "ease": ("It is easy to do", "hours that the move takes"),
    "compatibility": ("What works still works", "what it has attached fits the next plan"),
    "quick_start": ("It is up and running fast", "steps of getting started, in time"),
}
"""Of each score of 0 to 100: its name and what it is made of."""
GROUPS: Mapping[str, tuple[str, str]] = {
    "ladder": ("The ladder", "from using it to relying on it; each rung rests on the one before"),
    "layers": ("What it expects", "first that it works, then that it is easy, then that it delights"),
    "moments": ("The next move up", "four questions, each of which can stop it"),
}

MONEY: Mapping[str, str] = {
    "churn": "Revenue at risk",
    "upgrade": "In reach: moving up",
    "adoption": "In reach: taking on more",
}
"""Above the money that an outcome moves."""
OF_MANY: Mapping[str, tuple[str, str]] = {
    "churn": ("What pushes them to leave", "What keeps them"),
    "upgrade": ("What speaks for moving up", "What holds them back"),
}
"""Above the drivers of many accounts, either way."""
STAGE_WORDS: Mapping[str, tuple[str, str]] = {
    "shopping": (
        "Shopping",
        "looks at something further (an open offer, a product just tried), or has bought nothing yet",
    ),
    "buying": ("Buying", "is getting started"),
    "using": ("Using", "neither new nor about to decide"),
    "disposing": (
        "Deciding anew",
        "its renewal is near, it has given notice, or it has not used anything for a quarter",
    ),
}
"""By stage of the life cycle, what it is called, and what it means."""
MARKETS: Mapping[str, tuple[str, str]] = {
    "early": ("Early market", "few have it; those who like what is new"),
    "chasm": ("In the chasm", "few have it, and fewer take it on than before: one use that is worth it by itself"),
    "tornado": ("In the tornado", "many take it on at once: make it easy to get"),
    "main_street": ("Main Street", "most who would have it: more users, extensions, further uses"),
}
"""Stages of a product's market, and what each asks for (`features/families/curves.py` says where they begin)."""


def stage_word(stage: str) -> str:
    """What people read in place of the stage's name in the list: `deciding anew`."""
    return STAGE_WORDS[stage][0].lower() if stage in STAGE_WORDS else stage


def money_of(outcome: str) -> dict[str, Any]:
    """How the money of an outcome is spoken of, beside how the outcome is."""
    told = said(outcome)
    told["pushing"], told["keeping"] = OF_MANY.get(outcome, (told["pushing"], told["keeping"]))
    return {**told, "money": MONEY.get(outcome, f"{told['title']}: what would move")}


def said(outcome: str) -> dict[str, Any]:
    """How an outcome is spoken of; one that the company has added by its own name."""
    name = outcome.replace("_", " ")
    own = Said(
        name[:1].upper() + name[1:], f"Chance of {name}", "What speaks for it", "What speaks against it", wanted=None
    )
    return asdict(OUTCOMES.get(outcome, own))


BASELINES: Mapping[str, str] = {
    "prevalence": "the same chance for everybody",
    "best_single_feature": "the best single number",
    "best_feature": "the best single number",
    "logistic_regression": "logistic regression",
    "contract_only": "the contract alone",
    "last_champion": "the model before",
}
"""What a model was held against."""


def baseline(name: str) -> str:
    """What a model was held against, in words."""
    return BASELINES.get(name, name.replace("_", " "))


def does(outcome: str, product: str = "") -> str:
    """`Leaves`, `Takes on reports`: what stands before a chance or a reason."""
    told = said(outcome)
    return f"{told['does'] or told['title']} {product}" if product else str(told["title"])


def against(outcome: str, product: str = "") -> str:
    """`leaving`, `taking on reports`: behind the word *against*."""
    doing = said(outcome)["doing"] or outcome.replace("_", " ")
    return f"{doing} {product}" if product else str(doing)


def columns(outcomes: Sequence[str]) -> list[tuple[str, str, str]]:
    """The list's columns: the name by which the script knows each, what stands above it, and what it means."""
    told = {name: said(name) for name in outcomes}
    chances = [(f"chance:{name}", told[name]["title"], told[name]["meaning"] or told[name]["chance"]) for name in told]
    return [
        ("rank", "Rank", "Whom to turn to first: the most money that is likely to move"),
        ("account", "Account", "Open it for reasons and history"),
        ("owner", "Owner", "Who looks after it"),
        ("segment", "Segment", "The group that your company put it into"),
        (
            "band",
            "Band",
            "How its odds compare with the average account's: high is three times, elevated 1.5; or notice given",
        ),
        *chances,
        ("value", "At stake", "What it pays in a year"),
        ("expected", "Expected", "Chance times the share of the value that would move: an ordering, no forecast"),
        ("play", "Next step", "What to do first"),
        ("reason", "First reason", "The strongest of the reasons"),
    ]

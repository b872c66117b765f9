"""Where each driver shows: the ideas (`features/library/ideas.py`) that a list would name, by which row of which table.

An idea is credited where at least one of its features counts or averages rows

- in whose equation a state of the driver stands as a leading part, or
- which themselves stand in the equation by which the state moves or is set.

It is reasoned from the equations alone, never from what a model says. Not credited is what reaches a row only through
a state of another driver, a part that is small beside the others of its equation, and mere size, with which all that is
counted grows. Value and expectation, of which no row is written at all, are seen one state further, in answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Shown = Mapping[str, str]
"""By idea, why: one line each."""


def _shown(**why: str) -> Shown:
    return MappingProxyType({idea.replace("_", " "): reason for idea, reason in why.items()})


USE = _shown(
    use="rows of use are drawn at a rate that is exp of log use, in which need and habit stand",
    use_trend="`fast` and `slow` are memories of the same use, of late and before",
    rhythm="at a lower rate more days and weeks pass without a row",
    value="quantity and money come with each row of use",
    people="each use is some person's: of fewer uses fewer people are seen",
    seats="people seen for each seat; and seats are added as `fast` exceeds `slow`",
    offers="the seller picks by `fast`, for an offer of any kind",
)
VALUE = _shown(
    breadth="products beyond the core stand in what value tends to",
    getting_started="so do the steps that were taken",
    accessories="so does what is attached and broken by a release",
    answers="of value itself no row is written; it is a large part of what satisfaction follows, and scores tell that",
)
SATISFACTION = _shown(
    answers="it stands in every score and in the rate of complaints",
    advocacy="referrals and praise come at exp(1.2 · satisfaction + 0.5 · trust); promoters and thumbs are counted",
    support_load="complaints are a good part of all requests where it is low",
    attention="whoever is content answers more often, and how many answers came counts as attention",
    offers="a retention offer is accepted by it, and picked a little by it",
)
PROMISES = _shown(
    promises="`late_from`, `late_until`: the promised and the actual date of a ticket; trust adds up what was kept",
    resolution="what is late takes longer, and is opened again more often",
    reliability="`burden` adds up incidents, which are tickets, and stands in the share of uses that fail",
    answers="being late stands in the scores after a request",
    advocacy="trust stands in the rate of referrals and praise",
)
BUDGET = _shown(
    seats="it stands in how likely seats are changed",
    plan="it stands in how likely an account goes down a plan",
    price="what is paid changes with seats and plan",
    offers="an upgrade offer is accepted by it",
)
CHAMPION = _shown(
    attention="meetings, reviews and mails come of a champion, and more answers to surveys",
    people="of its seats 45 of 100 use a product without one, 75 with one",
    seats="the same, as people seen for each seat",
    offers="a champion answers offers, and the seller offers products where there is one",
)
PRICE = _shown(
    price="a rise stands in the rows of contracts; bills are asked about while the shock lasts",
    loyalty="going on at a higher price is counted, and the same rise made the shock",
    support_load="questions about bills are a good part of all requests after a rise",
)
CONTRACT = _shown(
    contract="term and renewal dates are these states",
    tenure="`signed_on` is the day of the first subscription",
    loyalty="renewals are counted from `signed_on` by the length of the term",
    stage="of long terms, a renewal that is near is a stage",
)
OFFERS = _shown(
    offers="an offer is a row on the day from which it is in force",
    stage="an open offer is a stage",
)
LIMITS = _shown(
    limits="seats and quantity against the plan's limits are what pressure is",
    seats="seats are a row of contracts",
    value="the quantity of the last 28 days is this state",
    price="what is paid is paid by the seat",
)
BREADTH = _shown(
    breadth="products in use are counted",
    taking_on="so are those that were added, and those that are left",
    room_to_move_up="of what the next plan opens, what is near to the products in use",
)
STARTED = _shown(
    getting_started="steps and their dates are rows",
    tenure="a step's date is that of signing up and its time: the younger, the fewer steps",
    stage="being behind with a step in the first half-year is a stage",
)
ACCESSORIES = _shown(accessories="what is attached, and what of it would not work on the next plan, are rows")
AWARE_OF_PLAN = _shown(
    plan="of which plan there is to hear depends on the plan held",
    contagion="others of the segment who moved up are whom one hears it from",
    offers="an offer makes the persuadable hear of it",
)
EASE = _shown(
    ease_of_moving_up="the hours of the move are a row",
    plan="they are those of the plan held",
    room_to_move_up="tiers above say which plan is held, too",
)
THE_PRODUCT = _shown(
    product_spread="how far it has spread in the segment stands in its hazard; and its pull brought it so far",
    product_stage="early market, chasm, tornado and Main Street are told by the same spread",
    contagion="others of the segment who took something on are what spreads",
)
AWARE_OF_PRODUCT = _shown(
    product_spread="how far it has spread in the segment stands in what is heard",
    product_stage="early market, chasm, tornado and Main Street are told by the same spread",
    contagion="others of the segment who took something on are whom one hears it from",
    offers="an offer makes the persuadable hear of it",
)
INTEREST = _shown(
    product_fit="it stands in how often products of the family are used",
    product_tried="and in how often the product itself was used, where it had been tried and dropped",
    taking_on="what was taken on before came of the same hazard",
    early_or_late="so did how soon",
    breadth="so did how many are in use",
    advocacy="contributions to the community come of it alone",
    support_load="requests for something new come of it alone",
    attention="a good part of what accounts begin by themselves is such contributions",
    offers="the seller offers what is liked, and it is accepted by it",
)
ADJACENT_USE = _shown(
    product_fit="other products of the family that are used are what it is",
    taking_on="extensions within a family are counted",
    breadth="products in use are counted",
)
TELLS_OF_NONE = _shown(
    product_quality="uses fail by account and day, not by product",
    product_age="no equation knows how long a product has been out, only how far it has spread",
    scores="composites of all other features, which no model is given",
)
"""Ideas that show no driver, and why."""

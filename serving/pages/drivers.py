"""`drivers.html`: what drives revenue gained and lost, for those who decide; one page without a script.

All of it is words, tables and drawings that the browser shows as they are: it prints as it is read, and a screen reader
finds every figure. What the figures mean, and how sure they are, stands in docs/decisions/0020-drivers-page.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from serving.decision import DecisionSettings
from serving.last_time import RULE
from serving.manifest import Record
from serving.pages.amounts import day, percent
from serving.pages.further import markets, stages, together, trend, unknown
from serving.pages.judged import effects, judged
from serving.pages.outlook import differing, headline, moved_table
from serving.pages.render import own, sheet
from serving.pages.words import against, money_of
from serving.scoring import in_order

if TYPE_CHECKING:
    from serving.effects import Effect
    from serving.last_time import LastTime
    from serving.lists import Lists
    from serving.published import Published

LISTS = 13
"""So many lists are drawn over time, this one among them."""


@dataclass(frozen=True)
class Product:
    """Where a product stands in its market, by its own adoption curve."""

    name: str
    stage: str
    """`early`, `chasm`, `tornado` or `main_street`."""
    reach: float
    """Share of the active accounts that have used it."""


@dataclass(frozen=True)
class Past:
    """What one list told of drivers."""

    as_of: date
    drivers: pd.DataFrame
    versions: Mapping[str, str]
    """Of the model, by outcome."""


@dataclass(frozen=True)
class Outlook:
    """All that the page is made from."""

    lists: Lists
    record: Record
    decision: DecisionSettings
    ideas: Mapping[str, str]
    """What each idea means, in words."""
    asked: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """By outcome, the first and the last day that its probability is about."""
    before: Published | None = None
    decision_before: DecisionSettings = field(default_factory=DecisionSettings)
    """The settings of the list before."""
    past: Sequence[Past] = ()
    """Earlier lists, the oldest first."""
    last: Mapping[str, LastTime] = field(default_factory=dict)
    """By outcome, the newest earlier list that has closed."""
    closing: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """By outcome without one, the first list that will have closed, and from which day on."""
    unseen: Mapping[str, date] = field(default_factory=dict)
    """By outcome, a list that has closed, of which nobody has looked up what came about."""
    effects: Sequence[Effect] = ()
    products: Sequence[Product] = ()
    interplay: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """By outcome, how strongly each two ideas of its model work together (`models.interplay`)."""
    segmented: bool = True
    """Whether segments are dated or declared, so that accounts may be told apart by them."""
    missing_tables: Sequence[str] = ()
    off: Mapping[str, int] = field(default_factory=dict)
    """By purpose that is not allowed, how many features are not computed."""
    learned_until: Mapping[str, date] = field(default_factory=dict)
    """By outcome, the newest as_of whose labels are certain."""
    data_end: date | None = None

    @property
    def lists_so_far(self) -> Sequence[Past]:
        """The lists in their order, this one last."""
        versions = {name: model.version for name, model in self.record.models.items()}
        return (*self.past, Past(self.lists.as_of, self.lists.drivers, versions))[-LISTS:]


def drivers_html(outlook: Outlook) -> str:
    """`drivers.html`: the same text for the same material."""
    outcomes = in_order(outlook.record.models)
    headlines = [headline(outlook, name) for name in outcomes]
    heads, moves = moved_table(headlines)
    titles = {name: money_of(name)["money"] for name in outcomes}
    return sheet(
        "drivers.html.j2",
        styles=own("accounts.css", "drivers.css"),
        company=outlook.record.company,
        currency=outlook.record.currency,
        as_of=day(outlook.lists.as_of),
        dates=_dates(outlook),
        headlines=headlines,
        refused=[against(name) for name in sorted(outlook.record.refused)],
        heads=heads,
        moves=moves,
        before=None if outlook.before is None else day(outlook.before.as_of),
        trends=[found for name in outcomes if (found := trend(outlook, name))],
        differences=[
            (titles[name], "lost" if money_of(name)["wanted"] is False else "gained", found)
            for name in outcomes
            if (found := differing(outlook, name))
        ],
        together=[(titles[name], pairs) for name in outcomes if (pairs := together(outlook, name))],
        stages=stages(outlook, outcomes),
        markets=markets(outlook),
        titles=list(titles.values()),
        judged=[judged(outlook, name) for name in outcomes],
        rule=RULE,
        effects=effects(outlook),
        unknown=unknown(outlook, outcomes),
        shares=[(titles[name], percent(outlook.decision.share(name), 0)) for name in outcomes],
    )


def _dates(outlook: Outlook) -> str:
    told = [f"As of {day(outlook.lists.as_of)}"]
    if outlook.data_end is not None:
        told.append(f"data up to {day(outlook.data_end - pd.Timedelta(days=1))}")
    told.append("the first list" if outlook.before is None else f"compared with {day(outlook.before.as_of)}")
    return " \u00b7 ".join(told)

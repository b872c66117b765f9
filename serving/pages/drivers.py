"""`drivers.html`: what drives revenue gained and lost, for those who decide; one page without a script.

All of it is words, tables and drawings that the browser shows as they are: it prints as it is read, and a screen reader
finds every figure. What the figures mean, and how sure they are, stands in docs/decisions/0020-drivers-page.md.
"""

from __future__ import annotations

import pandas as pd

from serving.last_time import RULE
from serving.pages.amounts import day, percent
from serving.pages.further import markets, stages, together, trend, unknown
from serving.pages.judged import effects, judged
from serving.pages.material import Outlook
from serving.pages.outlook import differing, headline, moved_table
from serving.pages.render import own, sheet
from serving.pages.words import against, money_of
from serving.scoring import in_order


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

"""Satisfaction: what customers say they feel, each instrument brought to a scale from 0 (worst) to 100 (best)."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.events import events_of
from features.feature import DAYS, EventSource, Feature, Layer, Measure
from features.flags import flag
from features.tables import Tables

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "stars": (1, 5), "thumbs": (0, 1)}
"""The worst and the best answer of each instrument; an effort score of 7 says that it was easy."""

PROMOTER, DETRACTOR = 9, 6
"""Net promoter: scores from 9 on promote, those up to 6 warn others off (Reichheld, 2003)."""

LOW = 50
"""Points below which an answer counts as low."""

DELIGHTED = 90
"""Points from which an answer speaks of delight: 5 stars, 9 or 10 for recommending, a thumb up."""


def _rows(tables: Tables) -> ir.Table:
    """Answers with `points` from 0 to 100, to a thousandth; scores beyond their instrument's scale count as its end."""
    rows = events_of(tables, "satisfaction")
    score = rows["score"].cast("float64")
    scaled = ibis.cases(
        *((rows["instrument"] == name, (score - low) * 100 / (high - low)) for name, (low, high) in SCALES.items())
    )
    bounded = ibis.greatest(ibis.least(scaled, 100.0), 0.0)
    return rows.mutate(points=bounded.cast("decimal(9, 3)"))


def _of(instrument: str) -> tuple[Measure, Measure]:
    """The points and the number of one instrument's answers."""
    return (
        Measure(f"{instrument}_points", lambda t: ibis.ifelse(t.instrument == instrument, t.points, 0)),
        Measure(f"{instrument}_answers", lambda t: flag(t.instrument == instrument)),
    )


satisfaction = EventSource(
    "satisfaction",
    _rows,
    (
        Measure("answers", lambda _: ibis.literal(1)),
        Measure("points", lambda t: t.points),
        Measure("low", lambda t: flag(t.points < LOW)),
        Measure("delighted", lambda t: flag(t.points >= DELIGHTED)),
        Measure("thumbs_up", lambda t: flag((t.instrument == "thumbs") & (t.points >= DELIGHTED))),
        Measure("promoters", lambda t: flag((t.instrument == "nps") & (t.score >= PROMOTER))),
        Measure("detractors", lambda t: flag((t.instrument == "nps") & (t.score <= DETRACTOR))),
        *(measure for instrument in SCALES for measure in _of(instrument)),
    ),
    table="satisfaction",
    by_day=True,
)

_LEVEL = tuple(
    Feature(
        name=f"satisfaction_{days}d",
        value=satisfaction.total("points", days) / satisfaction.total("answers", days),
        unit="points",
        idea="answers",
        rung="satisfaction",
        purpose="retention",
        actionable=True,
        phrase=f"Satisfaction over the last {days} days {{moved}} {{value}} of 100 points",
        missing_phrase=f"No satisfaction answer in the last {days} days",
        description=f"Mean of all answers of the last {days} days, each brought to 0 to 100 points",
    )
    for days in (91, 182)
)

_INSTRUMENTS: tuple[tuple[str, str, Layer | None], ...] = (
    ("nps", "Willingness to recommend", "joy"),
    ("csat", "Contentment", None),
    ("ces", "Ease, as customers rate it,", "efficiency"),
    ("stars", "The rating in stars", "joy"),
    ("thumbs", "Thumbs up", "joy"),
)

_BY_INSTRUMENT = tuple(
    Feature(
        name=f"{instrument}_182d",
        value=satisfaction.total(f"{instrument}_points", 182) / satisfaction.total(f"{instrument}_answers", 182),
        unit="points",
        idea="answers",
        rung="satisfaction",
        layer=layer,
        purpose="retention",
        better="more",
        actionable=True,
        phrase=f"{what} over the last 182 days {{moved}} {{value}} of 100 points",
        missing_phrase=f"No answer to {instrument.upper() if len(instrument) < 5 else instrument} in the last 182 days",
        description=f"Mean of the last 182 days' {instrument} answers, brought to 0 to 100 points",
    )
    for instrument, what, layer in _INSTRUMENTS
)

_DIRECTION = (
    Feature(
        name="satisfaction_change_91d",
        value=satisfaction.total("points", 91) / satisfaction.total("answers", 91)
        - satisfaction.total("points", 91, lag=91) / satisfaction.total("answers", 91, lag=91),
        unit="points",
        idea="answers",
        rung="satisfaction",
        purpose="retention",
        actionable=True,
        phrase="Between the last 91 days and the 91 before, satisfaction changed by {value} of 100 points",
        missing_phrase="Too few satisfaction answers to see a direction",
        description="Mean points of the last 91 days less those of the 91 days before",
    ),
    Feature(
        name="promoter_balance_182d",
        value=(satisfaction.total("promoters", 182) - satisfaction.total("detractors", 182))
        / satisfaction.total("nps_answers", 182),
        unit="share",
        idea="answers",
        rung="loyalty",
        layer="joy",
        purpose="retention",
        better="more",
        actionable=True,
        phrase="Promoters less detractors {moved} {value} of those asked in the last 182 days",
        missing_phrase="Nobody said in the last 182 days whether they would recommend it",
        description="Net promoter score of the last 182 days: share of promoters less share of detractors",
    ),
)

_COUNTS = (
    Feature(
        name="low_answers_91d",
        value=satisfaction.total("low", 91),
        unit="count",
        idea="answers",
        rung="satisfaction",
        purpose="service",
        actionable=True,
        phrase="Low satisfaction answers {moved} {value} in the last 91 days",
        description=f"Answers below {LOW} of 100 points in the last 91 days",
    ),
    Feature(
        name="promoters_182d",
        value=satisfaction.total("promoters", 182),
        unit="count",
        idea="advocacy",
        rung="loyalty",
        layer="joy",
        purpose="growth",
        phrase="Promoters {moved} {value} in the last 182 days",
        description=f"Answers of {PROMOTER} or 10 to whether they would recommend it, in the last 182 days",
    ),
    Feature(
        name="thumbs_up_182d",
        value=satisfaction.total("thumbs_up", 182),
        unit="count",
        idea="advocacy",
        rung="satisfaction",
        layer="joy",
        purpose="service",
        better="more",
        phrase="Thumbs up {moved} {value} in the last 182 days",
        description="Thumbs up given in the last 182 days",
    ),
    Feature(
        name="delighted_share_182d",
        value=satisfaction.total("delighted", 182) / satisfaction.total("answers", 182),
        unit="share",
        idea="answers",
        rung="satisfaction",
        layer="joy",
        purpose="service",
        better="more",
        actionable=True,
        phrase="Answers that speak of delight {moved} {value} of all in the last 182 days",
        missing_phrase="No answer in the last 182 days that could speak of delight",
        description=f"Share of the last 182 days' answers of {DELIGHTED} of 100 points or more",
    ),
    Feature(
        name="answers_182d",
        value=satisfaction.total("answers", 182),
        unit="count",
        idea="attention",
        rung="satisfaction",
        purpose="service",
        phrase="Satisfaction answers {moved} {value} in the last 182 days",
        description="How many satisfaction answers came in the last 182 days",
    ),
    Feature(
        name="days_since_answer",
        value=satisfaction.recency(DAYS),
        unit="days",
        idea="attention",
        rung="satisfaction",
        purpose="service",
        missing="unknown",
        phrase="The last satisfaction answer came {value} ago",
        missing_phrase="No satisfaction answer so far",
        description="Days since the last satisfaction answer",
    ),
)

FEATURES = (*_LEVEL, *_BY_INSTRUMENT, *_DIRECTION, *_COUNTS)
SOURCES = (satisfaction,)

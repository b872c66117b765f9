"""Labels: whether an outcome showed in the horizon, for each member of the cohort of each as_of.

Standing at `scoring`, only rows known before it exist: editing anything later changes no label either.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from features.days import day_table
from features.errors import TimeError
from features.outcomes.adoption import offers_made
from features.outcomes.kinds import OutcomeKind, kind_of
from features.outcomes.outcome import Outcome
from features.outcomes.question import Question
from features.outcomes.sample import Sample, drawn_accounts
from features.tables import Tables


def labelled_cohort(tables: Tables, outcome: Outcome, as_ofs: Sequence[date], scoring: date) -> pd.DataFrame:
    """Who is asked about at each as_of, and whether the outcome showed in `[as_of + gap, as_of + gap + horizon)`.

    One row per (keys, as_of), sorted: the keys of the outcome's unit, `as_of`, and `label` (1.0 or 0.0). The as_of
    `scoring`, at which we stand, is always there, with `label` missing; of the others only those that are mature then.
    At a past as_of, one whose outcome shows inside the gap (or before the as_of without having been known then, or that
    can happen only once and has already) is left out.

    Raises:
        ConfigError: the outcome's tables or columns are missing.
        TimeError: `scoring` lies outside the data.
    """
    return sampled_cohort(tables, outcome, as_ofs, scoring, None)[0]


def sampled_cohort(
    tables: Tables, outcome: Outcome, as_ofs: Sequence[date], scoring: date, max_rows: int | None
) -> tuple[pd.DataFrame, Sample]:
    """The labelled cohort and, where it would have more than `max_rows` labelled rows, only so many: whole accounts.

    All rows at `scoring`, where we stand, are there; how many accounts were kept of the others is told beside them.

    Raises:
        ConfigError: the outcome's tables or columns are missing.
        TimeError: `scoring` lies outside the data.
    """
    kind = _askable(tables, outcome, scoring)
    days = day_table([*mature(outcome, as_ofs, scoring), scoring], outcome.horizon, outcome.active_days)
    question = Question(tables, outcome, days, scoring)
    with kind.candidates(question).inner_join(days, "as_of").cache() as asked:
        shown = kind.occurrences(question, asked.select(*kind.keys, "as_of"))
        with _label(kind, asked, shown, scoring).cache() as labelled:
            kept, sample = _sampled(tables, labelled, scoring, max_rows)
            frame: pd.DataFrame = tables.connection.to_pyarrow(kept).to_pandas()
    return _typed(frame, kind, scoring), sample


def labels_of(tables: Tables, outcome: Outcome, asked: pd.DataFrame, scoring: date) -> pd.DataFrame:
    """The labels of just those candidates, as they are known at `scoring`: for looking back, on any days.

    `asked` has one row per (keys, as_of). One row of them, sorted, for each that belongs to the cohort of its as_of and
    whose label is certain: keys, `as_of` and `label`. The others have none: asked too lately, shown inside the gap.

    Raises:
        ConfigError: the outcome's tables or columns are missing.
        TimeError: `scoring` lies outside the data.
    """
    kind = _askable(tables, outcome, scoring)
    keys = [*kind.keys, "as_of"]
    wanted = asked[keys].drop_duplicates().assign(as_of=pd.to_datetime(asked["as_of"]).dt.date)
    certain = mature(outcome, wanted["as_of"].unique().tolist(), scoring)
    wanted = wanted[wanted["as_of"].isin(certain)]
    if wanted.empty:
        return _typed(wanted.assign(label=np.nan), kind, scoring)
    # with the day at which we stand, by which some rules tell what is on offer
    days = day_table([*certain, scoring], outcome.horizon, outcome.active_days)
    question = Question(tables, outcome, days, scoring)
    types = pa.schema([*((key, pa.string()) for key in kind.keys), ("as_of", pa.date32())])
    rows = ibis.memtable(pa.Table.from_pandas(wanted, schema=types, preserve_index=False))
    with kind.candidates(question).semi_join(rows, keys).inner_join(days, "as_of").cache() as there:
        shown = kind.occurrences(question, there.select(*keys))
        frame: pd.DataFrame = tables.connection.to_pyarrow(_label(kind, there, shown, scoring)).to_pandas()
    return _typed(frame, kind, scoring)


def label_days(tables: Tables, outcome: Outcome, grid: Sequence[date]) -> tuple[date, ...]:
    """The as_ofs at which an outcome can be learned, standing at the last day of the grid, in order.

    Of the grid itself or, for offers, of the days from the grid's first on which there were some; each with its label
    certain, and with the data before it that its rule compares with.

    Raises:
        ConfigError: the outcome's tables or columns are missing.
        TimeError: there is none; it says how many days of data are needed and are there.
    """
    scoring, start = max(grid), tables.calendar.start
    kind = _askable(tables, outcome, scoring)
    days = _offer_days(tables, outcome, min(grid)) if outcome.unit == "offer" else sorted(set(grid))
    before = kind.compares(tables, outcome)
    found = tuple(day for day in mature(outcome, days, scoring) if day - timedelta(days=before) >= start)
    if not found:
        need = outcome.horizon.total
        raise TimeError(
            f"outcomes.{outcome.name}: a label is certain {need} days after its as_of (gap {outcome.gap_days}, "
            f"horizon {outcome.horizon_days}, confirmation {outcome.horizon.confirm}), so the data must run at least "
            f"{need} days past an as_of with {max(before, (min(grid) - start).days)} days before it; there are "
            f"{(scoring - start).days} days up to {scoring}, and {_latest(days, scoring)}. "
            f"Bring a longer history, or shorten outcomes.{outcome.name}.horizon_days."
        )
    return found


def require_answerable(tables: Tables, outcome: Outcome, scoring: date) -> None:
    """Makes the query of an outcome's labels without running it, so that a mistake in it shows before a build.

    Raises:
        ConfigError: its tables or columns are missing, or its own query or functions are wrong.
        TimeError: `scoring` lies outside the data.
    """
    kind = _askable(tables, outcome, scoring)
    days = day_table([scoring], outcome.horizon, outcome.active_days)
    question = Question(tables, outcome, days, scoring)
    asked = kind.candidates(question).inner_join(days, "as_of")
    _label(kind, asked, kind.occurrences(question, asked.select(*kind.keys, "as_of")), scoring)


def mature(outcome: Outcome, as_ofs: Sequence[date], scoring: date) -> tuple[date, ...]:
    """Those as_ofs whose label is certain at `scoring`, in order."""
    return tuple(sorted({day for day in as_ofs if outcome.horizon.matures(day) <= scoring}))


def _askable(tables: Tables, outcome: Outcome, scoring: date) -> OutcomeKind:
    """The kind of an outcome that the tables can tell of, standing within them."""
    kind = kind_of(outcome)
    kind.require(tables, outcome)
    calendar = tables.calendar
    if not calendar.start < scoring <= calendar.end:
        raise TimeError(
            f"We stand within the data, here after {calendar.start} and up to {calendar.end}; asked for {scoring}. "
            "Choose a day in that span, or bring the data that is missing."
        )
    return kind


def _offer_days(tables: Tables, outcome: Outcome, first: date) -> list[date]:
    """The days from `first` on that saw an offer."""
    offers = offers_made(tables, outcome)
    days = tables.connection.to_pyarrow(offers.filter(offers.day >= ibis.literal(first)).select("day").distinct())
    return sorted(days.column("day").to_pylist())


def _latest(days: Sequence[date], scoring: date) -> str:
    if not days:
        return "no offer among them"
    return f"the first as_of lies {(scoring - min(days)).days} days back"


def _label(kind: OutcomeKind, asked: ir.Table, shown: ir.Table, scoring: date) -> ir.Table:
    """Joins candidates to what showed: leaves out those whose outcome came too early, and answers for the others."""
    standing = ibis.literal(scoring)
    keys = [*kind.keys, "as_of"]
    shared = [key for key in keys if key in shown.columns]
    shown = shown.filter(shown.day < standing)
    if "known_day" in shown.columns:
        shown = shown.filter(shown.known_day < standing)
    marks = asked.inner_join(shown, shared)
    known_day = marks.known_day if "known_day" in marks.columns else marks.day
    marks = (
        marks.filter(marks.day < marks.closes)
        .group_by(keys)
        .agg(
            earlier=(marks.day < marks.as_of).any(),
            in_gap=((known_day >= marks.as_of) & (marks.day < marks.opens)).any(),  # or before it, unseen
            in_horizon=(marks.day >= marks.opens).any(),
        )
    )
    rows = asked.select(keys).left_join(marks, keys)
    flag = {name: rows[name].fill_null(False) for name in ("earlier", "in_gap", "in_horizon")}
    too_early = ibis.literal(False) if kind.absence else flag["in_gap"]
    if kind.once:
        too_early = too_early | flag["earlier"]
    positive = ~flag["in_horizon"] if kind.absence else flag["in_horizon"]
    rows = rows.filter((rows.as_of == standing) | ~too_early)
    return rows.select(*keys, label=positive.cast("float64"))


def _sampled(tables: Tables, labelled: ir.Table, scoring: date, max_rows: int | None) -> tuple[ir.Table, Sample]:
    """The rows of the accounts that are drawn, and every row of where we stand."""
    standing = ibis.literal(scoring)
    past = labelled.filter(labelled.as_of < standing)
    counted = tables.connection.to_pyarrow(past.group_by("account_id").agg(rows=past.count()))
    rows = dict(zip(counted["account_id"].to_pylist(), counted["rows"].to_pylist(), strict=True))
    if max_rows is None or sum(rows.values()) <= max_rows:
        return labelled, Sample(len(rows), len(rows))
    drawn = drawn_accounts(rows, max_rows)
    marks = ibis.memtable(pa.table({"account_id": pa.array(drawn, pa.string()), "drawn": [True] * len(drawn)}))
    marked = labelled.left_join(marks, "account_id")
    kept = marked.filter((marked.as_of == standing) | marked.drawn.fill_null(False)).select(labelled.columns)
    return kept, Sample(len(drawn), len(rows))


def _typed(frame: pd.DataFrame, kind: OutcomeKind, scoring: date) -> pd.DataFrame:
    """Strings, days at midnight, doubles; the label of where we stand is not known yet; sorted by the keys."""
    as_of = pd.to_datetime(frame["as_of"]).astype("datetime64[us]")
    frame = frame.assign(
        **{key: frame[key].astype("str") for key in kind.keys},
        as_of=as_of,
        label=frame["label"].astype("float64").mask(as_of == pd.Timestamp(scoring), np.nan),
    )
    return frame.sort_values([*kind.keys, "as_of"], ignore_index=True)

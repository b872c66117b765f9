"""Eight leaks, each planted as a careless person would: into tables, a data set or a procedure.

The types are those of Kapoor and Narayanan, "Leakage and the reproducibility crisis in machine-learning-based science",
Patterns 4(9), 2023 (doi:10.1016/j.patter.2023.100804). Nothing here is used by any model that is published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from features.building.builder import build
from features.clock import Horizon
from features.cohort import active_accounts
from features.days import day_table
from features.errors import ConfigError
from features.events import events_of
from features.feature import Aggregate, Feature, Source, StateSource
from features.library.library import Library
from features.outcomes.outcome import Outcome
from features.tables import Tables
from models.baselines import best_feature, varied_features
from models.dataset import Dataset
from models.procedure import Fitted, Procedure
from models.training_settings import TrainingSettings
from pipelines.yardsticks.careless import (
    all_rows,
    before_the_test,
    encoded,
    judged_on_everything,
    random_rows,
    selected,
)

COPIED = 0.2
"""Share of the test's rows that stand in training under a second id."""
CLEAR = 0.25
"""Of a test of clear cases only: the share of rows kept at either end of the favourite indicator."""
SEED = 7


@dataclass(frozen=True)
class Case:
    """What the guards look at: tables, the features added to them, a data set and a procedure."""

    tables: Tables
    library: Library
    """What features its data set may have."""
    outcome: Outcome
    training: TrainingSettings
    dataset: Dataset
    cohort: pd.DataFrame
    """The outcome's labelled cohort, which no plant touches."""
    fit: Procedure
    honest: Procedure
    """The procedure whose models are published."""
    share: float = 1.0
    """Of the cohort's accounts, which part the data set holds."""
    right: Procedure | None = None
    """The same thing done right, where that is not the procedure of the clean company."""
    added: tuple[Feature, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True)
class Plant:
    """One type of leak and how it is planted."""

    type: str
    planted: str
    into: Callable[[Case], Case]


def _no_test(case: Case) -> Case:
    return replace(case, fit=judged_on_everything(case.training, case.share))


def _prepared_on_all(case: Case) -> Case:
    before = before_the_test(case.outcome, case.training)
    return replace(case, fit=encoded(case.honest, all_rows), right=encoded(case.honest, before))


def _selected_on_all(case: Case) -> Case:
    before = before_the_test(case.outcome, case.training)
    return replace(case, fit=selected(case.honest, all_rows), right=selected(case.honest, before))


def _under_second_ids(case: Case) -> Case:
    """A share of the test's rows again, under other ids, at the last day that teaches."""
    judged = case.fit(case.dataset)
    test = judged.judged.frame
    chosen = np.random.default_rng(SEED).permutation(len(test)) < COPIED * len(test)
    day = pd.Timestamp(judged.taught.as_ofs[-1])
    copies = test[chosen].assign(account_id="second " + test["account_id"], as_of=day)
    copies = copies.drop_duplicates(list(case.dataset.keys))
    frame = pd.concat([case.dataset.frame, copies[case.dataset.frame.columns]], ignore_index=True)
    frame = frame.astype({"as_of": case.dataset.frame["as_of"].dtype})
    return replace(case, dataset=replace(case.dataset, frame=frame).sorted())


def _status(case: Case) -> Case:
    """A column of accounts that says, at the data's end, who is still there; nothing says since when."""
    tables = case.tables
    end = day_table([tables.calendar.end], Horizon(1), case.outcome.active_days)
    there = active_accounts(tables, end).select("account_id").distinct().mutate(there=True)
    accounts = tables["accounts"]
    joined = accounts.left_join(there, "account_id").drop("account_id_right")
    accounts = joined.mutate(closed=joined["there"].isnull()).drop("there")
    source = StateSource(
        "status",
        lambda tables, cohort: cohort.join(tables["accounts"].select("account_id", "closed"), "account_id"),
        (Aggregate("closed", lambda rows: rows["closed"].cast("int64").max()),),
        table="accounts",
    )
    marked = replace(tables, tables={**tables.tables, "accounts": accounts}, digest=f"{tables.digest} with status")
    return _with_feature(replace(case, tables=marked), source, "closed")


def _whole_month(case: Case) -> Case:
    """A table of monthly totals, joined by the month in which the as_of lies: it knows the rest of the month."""
    if "consumption" not in case.tables:
        raise ConfigError("A leak of time is planted into consumption, and there is none. Bring that table.")

    source = StateSource(
        "monthly",
        lambda tables, cohort: (
            cohort.mutate(month=cohort["as_of"].truncate("M"))
            .join(
                events_of(tables, "consumption")
                .mutate(month=lambda rows: rows["day"].truncate("M"))
                .group_by("account_id", "month")
                .aggregate(uses=lambda rows: rows.count()),
                ["account_id", "month"],
            )
            .drop("month")
        ),
        (Aggregate("uses", lambda rows: rows["uses"].max()),),
        table="consumption",
    )
    return _with_feature(case, source, "uses")


def _with_feature(case: Case, source: StateSource, state: str) -> Case:
    """The case with one more feature, computed as every other is."""
    feature = Feature(
        name=f"{source.name}_{state}",
        value=source.state(state),
        unit="count",
        idea="",
        rung="consumption",
        purpose="service",
        phrase="",
        missing="unknown",
    )
    keys = ["account_id", "as_of"]
    cohort = case.dataset.frame[keys].drop_duplicates()
    values = build(case.tables, cohort, [feature], {source.name: source})
    frame = case.dataset.frame.merge(values, on=keys, how="left", validate="many_to_one")
    dataset = replace(case.dataset, frame=frame, features=(*case.dataset.features, feature.name))
    return replace(case, dataset=dataset, added=(feature,), sources={source.name: source})


def _rows_at_random(case: Case) -> Case:
    return replace(case, fit=random_rows(case.training, case.share))


def _clear_cases(case: Case) -> Case:
    """Judged without the accounts that stand in the middle of the favourite indicator."""

    def fit(dataset: Dataset) -> Fitted:
        fitted = case.honest(dataset)
        favourite = best_feature(fitted.taught, varied_features(fitted.taught))
        known = fitted.judged.frame[favourite]
        middle = known.isna() | known.rank(pct=True).between(CLEAR, 1 - CLEAR)
        return fitted.judged_anew(~middle.to_numpy(), case.training.resamples, case.training.seed)

    return replace(case, fit=fit)


PLANTS = (
    Plant(
        "L1.1 no test set apart",
        "procedure: trees of LightGBM's default size grown on every day and judged on the same rows",
        _no_test,
    ),
    Plant(
        "L1.2 preparation on all rows",
        "procedure: every feature replaced by the weight of evidence of its bin, bins weighed on all rows",
        _prepared_on_all,
    ),
    Plant(
        "L1.3 selection on all rows",
        "procedure: of hundreds of made-up ratios the few that order all rows best, test included",
        _selected_on_all,
    ),
    Plant(
        "L1.4 duplicates",
        f"data set: {COPIED:.0%} of the test's rows stand in training too, under second ids",
        _under_second_ids,
    ),
    Plant(
        "L2 illegitimate feature",
        "tables: an attribute of accounts, closed or not, as it stands at the data's end",
        _status,
    ),
    Plant(
        "L3.1 time leak",
        "tables: uses of the calendar month in which the as_of lies, the days after it included",
        _whole_month,
    ),
    Plant(
        "L3.2 dependent rows",
        "procedure: a fifth of the rows drawn at random is the test, so that accounts stand on both sides; intervals "
        "resample rows",
        _rows_at_random,
    ),
    Plant(
        "L3.3 biased test sample",
        "procedure: judged on clear cases only, the lowest and highest quarter of the favourite indicator",
        _clear_cases,
    ),
)
"""In the order of the paper."""

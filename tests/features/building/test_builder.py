"""The builder: what each kind of leaf is worth, to the day, and that nothing but the data decides it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from functools import cache

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest

from features.building import builder
from features.building.builder import build, portions
from features.errors import ConfigError, InputError, TimeError
from features.events import events_of
from features.feature import Aggregate, EventSource, Feature, Measure, Rank, Source, StateSource, Value
from features.scratch import Bench, shared
from features.tables import Tables
from tests.text_tables import text_tables

MEASURES = (
    Measure("events", lambda _: ibis.literal(1)),
    Measure("errors", lambda rows: rows.status == "error", columns=("status",)),
    Measure("quantity", lambda rows: rows.quantity, columns=("quantity",)),
)
USE = EventSource(
    "use", lambda tables: events_of(tables, "consumption"), MEASURES, "consumption", entities=("user_id", "product")
)
PAIR = EventSource(
    "pair", lambda tables: events_of(tables, "consumption"), MEASURES, "consumption", keys=("account_id", "product")
)
PRODUCT = EventSource(
    "product",
    lambda tables: events_of(tables, "consumption"),
    MEASURES,
    "consumption",
    entities=("account_id",),
    keys=("product",),
)


def in_force(tables: Tables, cohort: ir.Table) -> ir.Table:
    """The subscriptions that had started and were not known to have ended."""
    rows = events_of(tables, "subscriptions", "started_at").drop("day").rename(known="known_day")
    joined = cohort.join(rows, "account_id")
    ended = tables.calendar.local_day(joined.ended_at)
    return joined.filter(joined.known < joined.as_of, ended.isnull() | (ended >= joined.as_of))


TERMS = StateSource(
    "terms",
    in_force,
    (
        Aggregate("mrr", lambda rows: rows.mrr.sum(), columns=("mrr",)),
        Aggregate("held", lambda rows: rows.count()),
        Aggregate("any", lambda rows: (rows.mrr > 0).any(), columns=("mrr",)),
    ),
    "subscriptions",
)
SOURCES: dict[str, Source] = {source.name: source for source in (USE, PAIR, PRODUCT, TERMS)}

ACCOUNTS = """
    account_id | signed_up_at
    a1         | 2024-01-01
    a2         | 2024-01-01
"""


def feature(name: str, value: Value, missing: str = "zero") -> Feature:
    return Feature(name, value, "count", "use", "consumption", "service", "", missing=missing)  # type: ignore[arg-type]


def cohort(*rows: tuple[str, ...]) -> pd.DataFrame:
    names = ("account_id", "as_of") if len(rows[0]) == 2 else ("account_id", "product", "as_of")
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).astype("datetime64[us]"))


def value_of(tables: Tables, value: Value, as_of: str = "2024-03-01", missing: str = "zero", **keys: str) -> float:
    """The value for account a1 (or the pair) at one as_of; nan where it is missing."""
    row = ("a1", keys["product"], as_of) if "product" in keys else ("a1", as_of)
    return float(build(tables, cohort(row), [feature("f", value, missing)], SOURCES)["f"].iloc[0])


@cache
def company(consumption: str, timezone: str = "UTC", **tables: str) -> Tables:
    return text_tables(accounts=ACCOUNTS, consumption=consumption, end=date(2024, 4, 1), timezone=timezone, **tables)


EDGES = """
    account_id | occurred_at         | quantity
    a1         | 2024-01-01 12:00    | 1000
    a1         | 2024-02-01 23:59:59 | 100
    a1         | 2024-02-02 00:00:00 | 10
    a1         | 2024-02-29 23:59:59 | 1
    a1         | 2024-03-01 00:00:00 | 0.5
    a2         | 2024-02-15          | 7
"""


def test_a_window_holds_its_first_day_and_not_the_as_of() -> None:
    tables = company(EDGES)
    assert value_of(tables, USE.total("quantity", 28)) == 11  # [2024-02-02, 2024-03-01)
    assert value_of(tables, USE.total("quantity", 29)) == 111
    assert value_of(tables, USE.total("quantity", 1)) == 1
    assert value_of(tables, USE.total("quantity", None)) == 1111
    assert value_of(tables, USE.total("quantity", 28), as_of="2024-03-02") == 1.5


def test_a_lagged_window_ends_where_the_next_begins() -> None:
    tables = company(EDGES)
    assert value_of(tables, USE.total("quantity", 28, lag=28)) == 100  # [2024-01-05, 2024-02-02)
    assert value_of(tables, USE.total("quantity", 28, lag=1)) == 110  # [2024-02-01, 2024-02-29)
    assert value_of(tables, USE.total("quantity", None, lag=28)) == 1100
    assert value_of(tables, USE.total("quantity", 28) / USE.total("quantity", 28, lag=28)) == 0.11


def test_a_day_ends_at_midnight_in_the_company_s_time_zone() -> None:
    consumption = """
        account_id | occurred_at         | quantity
        a1         | 2024-01-01 12:00    | 1000
        a1         | 2024-02-29 22:59:59 | 1
        a1         | 2024-02-29 23:00:00 | 10
    """
    assert value_of(company(consumption, "Europe/Berlin"), USE.total("quantity", 1)) == 1
    assert value_of(company(consumption, "UTC"), USE.total("quantity", 1)) == 11


LATE = """
    account_id | occurred_at      | recorded_at      | quantity | user_id
    a1         | 2024-01-01 12:00 |                  | 1000     | u0
    a1         | 2024-02-20 10:00 | 2024-02-20 10:00 | 1        | u1
    a1         | 2024-02-20 11:00 | 2024-02-29 23:59 | 10       | u2
    a1         | 2024-02-20 12:00 | 2024-03-01 00:00 | 100      | u3
    a1         | 2024-02-25 12:00 | 2024-03-05 00:00 | 1        | u3
"""


def test_an_event_counts_only_once_it_is_known() -> None:
    tables = company(LATE)
    assert value_of(tables, USE.total("quantity", 28), "2024-02-29") == 1
    assert value_of(tables, USE.total("quantity", 28), "2024-03-01") == 11
    assert value_of(tables, USE.total("quantity", 28), "2024-03-02") == 111
    assert value_of(tables, USE.total("quantity", 28), "2024-03-06") == 112
    assert value_of(tables, USE.distinct("user_id", 28), "2024-03-01") == 2
    assert value_of(tables, USE.recency("events"), "2024-03-05") == 14
    assert value_of(tables, USE.recency("events"), "2024-03-06") == 10


def test_a_day_that_becomes_known_in_parts_is_one_day() -> None:
    tables = company(LATE)
    assert value_of(tables, USE.total("days", 28), "2024-02-21") == 1
    assert value_of(tables, USE.total("days", 28), "2024-03-02") == 1
    assert value_of(tables, USE.total("days", 28), "2024-03-06") == 2
    assert value_of(tables, USE.total("days", None), "2024-03-06") == 3


def test_a_day_of_which_all_is_late_counts_from_its_first_news() -> None:
    tables = company(
        """
        account_id | occurred_at      | recorded_at
        a1         | 2024-01-01 12:00 |
        a1         | 2024-02-20 11:00 | 2024-02-27
        a1         | 2024-02-20 12:00 | 2024-02-25
        """
    )
    assert value_of(tables, USE.total("days", 28), "2024-02-25") == 0
    assert value_of(tables, USE.total("days", 28), "2024-02-26") == 1
    assert value_of(tables, USE.total("days", 28), "2024-02-28") == 1


USERS = """
    account_id | occurred_at      | user_id | product | status
    a1         | 2024-01-01 12:00 | u1      | search  | ok
    a1         | 2024-02-10 12:00 | u2      | search  | error
    a1         | 2024-02-28 12:00 | u1      | maps    | ok
    a1         | 2024-02-29 12:00 | u1      | maps    | ok
    a1         | 2024-02-29 13:00 |         |         | ok
    a2         | 2024-02-29 12:00 | u9      | search  | ok
"""


def test_an_entity_counts_in_each_window_that_saw_it() -> None:
    tables = company(USERS)
    assert value_of(tables, USE.distinct("user_id", 7)) == 1
    assert value_of(tables, USE.distinct("user_id", 28)) == 2
    assert value_of(tables, USE.distinct("user_id", None)) == 2
    assert value_of(tables, USE.distinct("user_id", 7), as_of="2024-01-09") == 0


def test_recency_is_the_days_since_the_measure_was_last_above_zero() -> None:
    tables = company(USERS)
    assert value_of(tables, USE.recency("events")) == 1
    assert value_of(tables, USE.recency("days")) == 1
    assert value_of(tables, USE.recency("errors")) == 20
    assert np.isnan(value_of(tables, USE.recency("errors"), as_of="2024-02-10"))


def test_no_rows_are_zero_or_unknown_as_the_feature_says() -> None:
    tables = company(USERS)
    gone = {"as_of": "2024-02-08"}
    assert value_of(tables, USE.total("events", 28), **gone) == 0
    assert np.isnan(value_of(tables, USE.total("events", 28), missing="unknown", **gone))
    assert value_of(tables, USE.distinct("user_id", 28), **gone) == 0
    assert np.isnan(value_of(tables, USE.distinct("user_id", 28), missing="unknown", **gone))
    assert value_of(tables, USE.total("errors", 28), "2024-01-05", missing="unknown") == 0


def test_a_share_of_nothing_is_missing() -> None:
    tables = company(USERS)
    share = USE.total("errors", 28) / USE.total("events", 28)
    assert value_of(tables, share) == 0.25
    assert np.isnan(value_of(tables, share, as_of="2024-02-08"))
    assert value_of(tables, share - share) == 0
    assert value_of(tables, USE.total("events", 1) + USE.total("events", 28)) == 6


def test_pairs_and_products_have_their_own_values() -> None:
    tables = company(USERS)
    features = [
        feature("own", PAIR.total("events", 28)),
        feature("all", USE.total("events", 28)),
        feature("share", PAIR.total("events", 28) / USE.total("events", 28)),
        feature("everybody", PRODUCT.total("events", 28)),
        feature("accounts", PRODUCT.distinct("account_id", None)),
    ]
    rows = [("a1", "search", "2024-03-01"), ("a1", "maps", "2024-03-01"), ("a2", "maps", "2024-02-29")]
    built = build(tables, cohort(*rows), features, SOURCES)
    assert built[["account_id", "product"]].to_numpy().tolist() == [["a1", "maps"], ["a1", "search"], ["a2", "maps"]]
    assert built["own"].tolist() == [2, 1, 0]
    assert built["all"].tolist() == [4, 4, 0]
    assert built["share"].to_numpy()[:2].tolist() == [0.5, 0.25]
    assert built["everybody"].tolist() == [2, 2, 1]
    assert built["accounts"].tolist() == [1, 2, 1]


SUBSCRIPTIONS = """
    subscription_id | account_id | plan | started_at | ended_at   | mrr
    s1              | a1         | pro  | 2024-01-01 | 2024-02-15 | 100.10
    s2              | a1         | pro  | 2024-02-01 |            | 50.05
"""


def test_a_state_is_that_of_the_rows_in_force() -> None:
    tables = company(EDGES, subscriptions=SUBSCRIPTIONS)
    assert value_of(tables, TERMS.state("mrr"), "2024-02-10") == 150.15
    assert value_of(tables, TERMS.state("mrr"), "2024-02-16") == 50.05
    assert value_of(tables, TERMS.state("any"), "2024-02-16") == 1
    assert value_of(tables, TERMS.state("held") - TERMS.state("any"), "2024-02-10") == 1
    built = build(tables, cohort(("a2", "2024-02-10")), [feature("f", TERMS.state("held"))], SOURCES)
    assert built["f"].isna().all()


def test_a_source_without_any_event_gives_zeros_and_unknowns() -> None:
    nothing = EventSource("nothing", lambda t: events_of(t, "consumption").filter(False), MEASURES, "consumption")
    values = [nothing.total("events", 28), nothing.recency("events"), nothing.total("events", None)]
    features = [feature(f"f{number}", value) for number, value in enumerate(values)]
    built = build(company(EDGES), cohort(("a1", "2024-03-01")), features, {"nothing": nothing})
    assert built["f0"].tolist() == [0]
    assert built["f1"].isna().all()
    assert built["f2"].tolist() == [0]


def test_the_result_is_the_cohort_in_order_with_the_features_in_the_order_asked() -> None:
    features = [feature("z", USE.total("events", 7)), feature("a", USE.recency("events"))]
    asked = cohort(("a2", "2024-03-01"), ("a1", "2024-03-01"), ("a1", "2024-02-01")).assign(label=1.0)
    built = build(company(EDGES), asked, features, SOURCES)
    assert list(built.columns) == ["account_id", "as_of", "z", "a"]
    assert built["account_id"].tolist() == ["a1", "a1", "a2"]
    assert [f"{day:%m-%d}" for day in built["as_of"]] == ["02-01", "03-01", "03-01"]
    assert [str(dtype) for dtype in built.dtypes[1:]] == ["datetime64[us]", "float64", "float64"]
    empty = build(company(EDGES), asked.iloc[:0], features, SOURCES)
    assert list(empty.columns) == list(built.columns)
    assert empty.empty


@pytest.mark.parametrize("as_of", ["2024-01-01", "2024-04-02"])
def test_an_as_of_outside_the_data_is_refused(as_of: str) -> None:
    with pytest.raises(TimeError, match=as_of):
        value_of(company(EDGES), USE.total("events", 28), as_of)


def test_a_time_of_day_is_no_as_of() -> None:
    with pytest.raises(TimeError, match="time of day"):
        value_of(company(EDGES), USE.total("events", 28), "2024-03-01 10:00")


def test_a_cohort_names_each_row_once_and_has_its_keys() -> None:
    with pytest.raises(InputError, match=r"\(a1, 2024-03-01 00:00:00\)"):
        build(company(EDGES), cohort(("a1", "2024-03-01"), ("a1", "2024-03-01")), [], SOURCES)
    with pytest.raises(InputError, match="account_id"):
        build(company(EDGES), pd.DataFrame({"as_of": [date(2024, 3, 1)]}), [], SOURCES)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (USE.total("errors", 28), "errors"),
        (USE.total("nonsense", 28), "days, events, quantity"),
        (USE.distinct("user_id", 28), "user_id"),
        (PAIR.total("events", 28), "pairs"),
        (TERMS.state("mrr"), "subscriptions"),
        (EventSource("other", lambda t: events_of(t, "consumption"), (), "consumption").total("days", 1), "other"),
    ],
)
def test_a_feature_that_cannot_be_computed_is_refused_with_what_there_is(value: Value, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        value_of(company(EDGES), value)


def test_sums_that_would_depend_on_the_order_of_rows_are_refused() -> None:
    floating = Measure("share", lambda rows: rows.quantity.cast("float64"))
    source = EventSource("use", lambda tables: events_of(tables, "consumption"), (floating,), "consumption")
    with pytest.raises(ConfigError, match=r"decimal\(18, 6\)"):
        build(company(EDGES), cohort(("a1", "2024-03-01")), [feature("f", source.total("share", 7))], {"use": source})
    states = (Aggregate("mrr", lambda rows: rows.mrr.cast("float64").mean()),)
    terms = StateSource("terms", in_force, states, "subscriptions")
    tables = company(EDGES, subscriptions=SUBSCRIPTIONS)
    with pytest.raises(ConfigError, match=r"decimal\(18, 6\)"):
        build(tables, cohort(("a1", "2024-03-01")), [feature("f", terms.state("mrr"))], {"terms": terms})


def test_progress_is_told_each_source_once() -> None:
    told: list[str] = []
    features = [feature("a", USE.total("events", 7)), feature("b", TERMS.state("mrr"))]
    tables = company(EDGES, subscriptions=SUBSCRIPTIONS)
    build(tables, cohort(("a1", "2024-03-01")), features, SOURCES, progress=told.append)
    assert told == ["terms", "use"]
    assert not [name for name in tables.connection.list_tables() if "scratch" in name]


# Much at once, and once for all ----------------------------------------------------------------------------------


def test_a_cohort_computed_in_pieces_of_its_as_ofs_has_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = company(EDGES, subscriptions=SUBSCRIPTIONS)
    features = [
        feature("use", USE.total("quantity", 28)),
        feature("last", USE.recency("events")),
        feature("paid", TERMS.state("mrr")),
        feature("place", Rank(USE.total("quantity", 28))),
    ]
    days = ("2024-02-05", "2024-02-16", "2024-02-28", "2024-03-01")
    asked = cohort(*((account, day) for account in ("a1", "a2", "nobody") for day in days))
    whole = build(tables, asked, features, SOURCES)
    told: list[str] = []
    monkeypatch.setattr(builder, "AT_ONCE", 7)  # three rows an as_of: two of them at a time
    pieces = build(tables, asked, features, SOURCES, progress=told.append)
    assert told == ["terms", "use", "terms", "use"]
    pd.testing.assert_frame_equal(pieces, whole, check_exact=True)
    monkeypatch.setattr(builder, "PORTION", 3)
    for portion, day in zip(portions(tables, asked, features, SOURCES), pd.to_datetime(days), strict=True):
        expected = whole[whole["as_of"] == day].reset_index(drop=True)
        pd.testing.assert_frame_equal(portion, expected, check_exact=True)
    with ExitStack() as until:
        shared = replace(tables, bench=Bench(until))
        pd.testing.assert_frame_equal(build(shared, asked, features, SOURCES), whole, check_exact=True)


def test_what_several_sources_are_made_of_is_computed_once() -> None:
    made: list[str] = []

    def periods(tables: Tables, cohort: ir.Table) -> ir.Table:
        def make() -> ir.Table:
            made.append("terms")
            return in_force(tables, cohort)

        return shared(tables, "terms", make, cohort)

    one, other = (replace(TERMS, name=name, rows=periods) for name in ("one", "other"))
    features = [feature("a", one.state("mrr")), feature("b", other.state("held"))]
    tables = company(EDGES, subscriptions=SUBSCRIPTIONS)
    built = build(tables, cohort(("a1", "2024-02-10")), features, {"one": one, "other": other})
    assert built[["a", "b"]].to_numpy().tolist() == [[150.15, 2.0]]
    assert made == ["terms"]

"""Which reasons a score is given, in which order, and what they are held against."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.feature import Distinct, Feature, Part, Rank, Recency, Score, State, Total, Window
from features.library.catalogue import LIBRARY
from serving.reasons import COLUMNS, REST, reasons
from serving.sense import troubles
from serving.top_reasons import leading, shown, telling_first
from serving.usual import Usual, usual

T = date(2025, 6, 30)


def feature(name: str, idea: str, phrase: str = "", **more: Any) -> Feature:
    phrase = phrase or f"{name} {{moved}} {{value}}"
    return Feature(
        name, State("s", name), unit="count", idea=idea, rung="consumption", purpose="service", phrase=phrase, **more
    )


def days(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts)).as_unit("us"))


def told(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
    """Contributions by idea: account, idea, leading feature, contribution, value."""
    frame = pd.DataFrame(rows, columns=["account_id", "idea", "feature", "contribution", "value"])
    return frame.assign(rung="consumption", as_of=pd.Timestamp(T).as_unit("us"))


NOTHING = Usual(pd.DataFrame().rename_axis("account_id"), pd.DataFrame())


def test_usual_is_the_median_of_at_least_two_earlier_as_ofs() -> None:
    history = pd.DataFrame(
        {
            "account_id": ["a", "a", "a", "a", "b", "b", "b", "c"],
            "as_of": days("2025-04-07", *["2025-05-05", "2025-06-02", "2025-06-30"] * 2, "2025-06-02"),
            "active": [11.0, 12.0, 9.0, 3.0, np.nan, 5.0, 5.0, 4.0],
        }
    )
    cohort = pd.DataFrame({"account_id": ["a", "b", "c", "d", "e"], "active": [3.0, 5.0, 1.0, 2.0, 8.0]})
    found = usual(history, cohort, [feature("active", "use")], T)
    rows = pd.DataFrame({"account_id": ["a", "b", "c", "z"], "feature": ["active"] * 4})
    own, others = found.of(rows)
    np.testing.assert_array_equal(own, [11.0, np.nan, np.nan, np.nan])  # b and c: one earlier value; z: none
    np.testing.assert_array_equal(others, [3.0] * 4)


def test_fewer_than_five_others_are_no_measure() -> None:
    cohort = pd.DataFrame({"account_id": list("abcd"), "active": [3.0, 5.0, 1.0, 2.0]})
    none = usual(pd.DataFrame({"account_id": [], "as_of": days(), "active": []}), cohort, [feature("active", "use")], T)
    assert np.isnan(none.of(pd.DataFrame({"account_id": ["a"], "feature": ["active"]}))[1]).all()


def test_a_pair_is_held_against_others_with_the_same_product() -> None:
    cohort = pd.DataFrame(
        {
            "account_id": [f"a{i}" for i in range(5)] * 2,
            "product": ["chat"] * 5 + ["mail"] * 5,
            "fit": [1.0, 2, 3, 4, 5, 10, 20, 30, 40, 50],
        }
    )
    history = cohort.assign(as_of=pd.Timestamp("2025-06-02")).head(0)
    found = usual(history, cohort, [feature("fit", "fit")], T)
    rows = pd.DataFrame({"account_id": ["a0", "a0"], "product": ["chat", "mail"], "feature": ["fit", "fit"]})
    np.testing.assert_array_equal(found.of(rows)[1], [3.0, 30.0])


def test_positions_go_by_size_and_then_by_name() -> None:
    table = reasons(
        told(("a", "use", "f", 0.2, 1), ("a", "breadth", "f", -0.9, 1), ("a", "joy", "f", 0.2, 1)),
        [NOTHING],
        [feature("f", "use")],
        "churn",
        0.0,
    )
    assert tuple(table.columns) == COLUMNS
    assert table["idea"].tolist() == ["breadth", "joy", "use"]
    assert table["position"].tolist() == [1, 2, 3]
    assert table["outcome"].unique().tolist() == ["churn"]


def test_points_add_up_to_the_distance_from_the_average_account() -> None:
    base = -1.0
    table = reasons(
        told(("a", "use", "f", 1.5, 1), ("a", "joy", "f", -0.3, 1), ("b", "use", "f", 0.0, 1)),
        [NOTHING],
        [feature("f", "use", actionable=True)],
        "churn",
        base,
    )
    sums = table.groupby("account_id")["points"].sum()
    average = 100 / (1 + np.exp(-base))
    np.testing.assert_allclose(sums, [100 / (1 + np.exp(-(base + 1.2))) - average, 0.0], atol=1e-9)
    assert (np.sign(table["points"]) == np.sign(table["contribution"])).all()
    assert table["actionable"].all()


def test_what_holds_it_back_is_kept_as_well_as_what_pushes_it_up() -> None:
    raising = [("a", f"up{n:02}", "f", 1.0 + n, 1.0) for n in range(12)]
    lowering = [("a", f"down{n}", "f", -0.1 * n, 1.0) for n in range(1, 6)]
    table = reasons(told(*raising, *lowering), [NOTHING], [feature("f", "use")], "churn", 0.0)
    assert table.loc[table["contribution"] < 0, "idea"].tolist() == ["down5", "down4", "down3"]


def test_ten_are_kept_and_besides_them_those_that_are_shown() -> None:
    lowering = [("a", f"i{n:02}", "f", -1.0 - n, 1.0) for n in range(12)]
    raising = [("a", f"up{n}", "f", 0.1 * n, 1.0) for n in range(1, 6)]
    table = reasons(told(*lowering, *raising), [NOTHING], [feature("f", "use")], "churn", 0.0)
    assert table["position"].tolist() == [*range(1, 11), 13, 14, 15, 18]
    assert leading(table).loc[("a", "churn"), "idea"] == "up5"


def test_what_is_not_kept_is_told_as_one_row_so_that_the_reasons_add_up() -> None:
    rows = [(key, f"i{n:02}", "f", 0.1 * n - 0.55, 1.0) for key in "ab" for n in range(14)]
    table = reasons(
        told(*rows, ("c", "i00", "f", 1.0, 1.0)), [NOTHING], [feature("f", "use", actionable=True)], "churn", -1.0
    )

    last = table.groupby("account_id").tail(1).set_index("account_id")
    assert last["idea"].tolist() == [REST, REST, "i00"]
    assert last.loc["a", ["position", "text", "feature"]].tolist() == [15, "All 4 other ideas together", ""]
    assert not last.loc["a", "actionable"]
    np.testing.assert_allclose(table.groupby("account_id")["contribution"].sum(), [1.4, 1.4, 1.0], atol=1e-12)
    start, score = (100 / (1 + np.exp(-odds)) for odds in (-1.0, 0.4))
    np.testing.assert_allclose(table.groupby("account_id")["points"].sum()["a"], score - start, atol=1e-9)
    assert REST not in leading(table)["idea"].tolist()
    assert not shown(table, several_outcomes=False).loc["a"].str.contains("other ideas").any()


def incidents() -> list[Feature]:
    """Days since the last incident, and the score by which fewer incidents are better."""
    since = feature("days_since_incident", "reliability", "The last incident was {value} ago", missing="unknown")
    since = replace(since, value=Recency("tickets", "incident"), unit="days", missing_phrase="No incident so far")
    part = Part("incidents_91d", Rank(Total("tickets", "incident", Window(91)), "everyone"), higher_is_better=False)
    return [since, replace(feature("score_base", "scores"), value=Score((part,)), taught=False), feature("f", "use")]


def test_long_without_trouble_is_no_plain_reason_to_leave_and_says_what_it_is_a_sign_of() -> None:
    others = Usual(NOTHING.own, pd.DataFrame({"days_since_incident": [100.0]}))
    rows = told(
        *(("a", "reliability", "days_since_incident", 0.9, 400.0), ("a", "use", "f", 0.2, 1)),
        *(("b", "reliability", "days_since_incident", 0.9, 10.0), ("b", "use", "f", 0.2, 1)),
        *(
            ("c", "reliability", "days_since_incident", -0.9, 10.0),
            ("d", "reliability", "days_since_incident", 0.9, np.nan),
        ),
    )

    table = reasons(rows, [others], incidents(), "churn", 0.0)

    first = table[table["idea"] == "reliability"].set_index("account_id")["text"]
    assert first.to_dict() == {
        "a": "The last incident was 400 days ago (others: 100 days); a sign of little use, not of trouble",
        "b": "The last incident was 10 days ago (others: 100 days)",
        "c": "The last incident was 10 days ago (others: 100 days); a sign of use, for all the trouble",
        "d": "No incident so far; a sign of little use, not of trouble",
    }
    one = shown(table, several_outcomes=False)["reason_1"]
    assert one["a"] == "f came to 1"
    assert one["b"] == "The last incident was 10 days ago (others: 100 days)"
    assert one["c"] == one["d"] == "Nothing that is known sets it apart from the others"
    assert leading(table)["idea"].tolist() == ["use", "reliability"]
    upgrade = reasons(rows, [others], incidents(), "upgrade", 0.0).set_index(["account_id", "idea"])["text"]
    assert upgrade["a", "reliability"] == "The last incident was 400 days ago (others: 100 days)"
    own = reasons(rows, [others], incidents(), "expansion", 0.0)
    assert not own["text"].str.contains("sign of").any()


def test_a_number_that_is_better_than_usual_or_others_and_worse_than_neither_is_no_plain_reason_to_leave() -> None:
    value = Total("use", "days", Window(28))
    part = Part("active", Rank(value, "everyone"), higher_is_better=True)
    features = [
        replace(feature("active", "use", "Active days {moved} {value}"), value=value),
        replace(feature("score_use", "scores"), value=Score((part,)), taught=False),
    ]
    reference = Usual(
        pd.DataFrame({"active": [10.0, 14.0, 12.0]}, index=pd.Index(["a", "b", "e"], name="account_id")),
        pd.DataFrame({"active": [11.0]}),
    )
    rows = told(*((key, "use", "active", 0.5, 12.0) for key in "abce"), ("d", "use", "active", -0.5, 3.0))

    table = reasons(rows, [reference], features, "churn", 0.0).set_index("account_id")["text"]

    assert table.to_dict() == {
        "a": "Active days rose to 12 (usually 10); taken alone a good sign",
        "b": "Active days came to 12 (others: 11)",
        "c": "Active days came to 12 (others: 11); taken alone a good sign",
        "d": "Active days came to 3 (others: 11); taken alone a bad sign",
        "e": "Active days stayed at 12 (others: 11); taken alone a good sign",
    }


def test_what_a_missing_value_means_decides_whether_it_reads_as_it_is_meant() -> None:
    """Nobody there speaks for staying, nothing answered for nothing: the first is a bad sign, the second is none."""
    people, answers = Distinct("use", "people", Window(28)), Total("answers", "count", Window(91))
    part = Part("people", Rank(people, "everyone"), higher_is_better=True)
    features = [
        replace(feature("score", "scores"), value=Score((part,)), taught=False),
        feature("kept", "people", missing_phrase="No user", actionable=True),
        feature("liked", "answers", missing_phrase="No answer", actionable=True),
        feature("met", "attention", missing_phrase="Never met", missing="unknown", actionable=True),
        feature("f", "use"),
    ]
    features[1] = replace(features[1], value=people / Distinct("use", "people", Window(91)))
    features[2] = replace(features[2], value=Total("answers", "points", Window(91)) / answers)
    features[3] = replace(features[3], value=Recency("contacts", "meeting"))
    others = Usual(NOTHING.own, pd.DataFrame({"kept": [0.8], "liked": [70.0], "met": [30.0]}))
    missing = [("people", "kept", 0.9), ("answers", "liked", 0.8), ("attention", "met", 0.7)]
    rows = [("a", idea, name, size, np.nan) for idea, name, size in missing]

    table = reasons(told(*rows, ("a", "use", "f", 0.2, 1)), [others], features, "upgrade", 0.0).set_index("idea")

    assert table["text"].tolist() == ["No user; taken alone a bad sign", "No answer", "Never met", "f came to 1"]
    assert table["against_sense"].tolist() == [True, False, False, False]
    assert table["telling"].tolist() == [False, False, True, True]
    assert table["actionable"].tolist() == [False, False, True, False]
    first = shown(table.reset_index(), several_outcomes=False).loc["a"]
    assert first.tolist()[:2] == ["Never met", "f came to 1"]
    leaves = reasons(told(*rows), [others], features, "churn", 0.0).set_index("idea")
    assert leaves["text"]["people"] == "No user"
    assert leaves["telling"].tolist() == [True, False, True]


def test_what_is_as_it_always_was_and_as_with_others_is_not_told_first() -> None:
    own = pd.DataFrame({"f": [10.0] * 3, "g": [10.0] * 3}, index=pd.Index(list("abc"), name="account_id"))
    usually = Usual(own, pd.DataFrame({"f": [10.2], "g": [20.0]}))
    features = [feature("f", "price"), feature("g", "seats")]
    rows = [("price", "f", 0.9), ("seats", "g", 0.2)]
    table = reasons(
        told(*(("a", idea, name, size, 10.0) for idea, name, size in rows), ("d", "price", "f", 0.9, 10.2)),
        [usually],
        features,
        "churn",
        0.0,
    )
    assert table["text"].tolist() == [
        "f stayed at 10 (as usual)",
        "g stayed at 10 (others: 20)",
        "f came to 10.2 (as others)",
    ]
    assert table["telling"].tolist() == [False, True, False]
    first = shown(table, several_outcomes=False)
    assert first.loc["a"].tolist()[0] == "g stayed at 10 (others: 20)"
    assert pd.isna(first.loc["a", "reason_2"])
    assert first.loc["d", "reason_1"] == "Nothing that is known sets it apart from the others"
    assert telling_first(table[table["account_id"] == "a"])["idea"].tolist() == ["seats", "price"]
    np.testing.assert_allclose(table["contribution"].sum(), 2.0)


def test_which_features_say_how_long_ago_trouble_was() -> None:
    assert troubles(LIBRARY.features) == {"days_since_incident", "days_since_error", "days_since_promise_broken"}


def test_a_number_stands_beside_the_accounts_own_and_the_others() -> None:
    active = feature("active", "use", "Active days {moved} {value} in the last 28")
    reference = Usual(
        pd.DataFrame({"active": [11.0]}, index=pd.Index(["a"], name="account_id")), pd.DataFrame({"active": [9.0]})
    )
    table = reasons(
        told(("a", "use", "active", 0.5, 3), ("b", "use", "active", 0.5, 3)), [reference], [active], "churn", 0.0
    )
    np.testing.assert_array_equal(table["usual"], [11.0, np.nan])
    assert table["peers"].tolist() == [9.0, 9.0]
    assert not table["actionable"].any()
    assert table["text"].tolist() == [
        "Active days fell to 3 in the last 28 (usually 11)",
        "Active days came to 3 in the last 28 (others: 9)",
    ]


def test_no_two_reasons_of_a_score_read_the_same() -> None:
    silent = [feature(name, name, missing_phrase="No answer so far") for name in ("joy", "low_effort")]
    both = told(("a", "joy", "joy", 0.5, np.nan), ("a", "low_effort", "low_effort", 0.2, np.nan))
    table = reasons(both, [NOTHING], silent, "churn", 0.0)
    assert table["text"].tolist() == ["No answer so far", "No answer so far [low effort]"]


def test_the_list_shows_first_what_raises_the_probability() -> None:
    table = reasons(
        told(("a", "use", "f", -2.0, 1), ("a", "joy", "g", 0.3, 2), ("a", "trust", "h", 0.9, 3)),
        [NOTHING],
        [feature("f", "use"), feature("g", "joy"), feature("h", "trust")],
        "churn",
        0.0,
    )
    one = shown(table, several_outcomes=False).loc["a"]
    assert one["reason_1"] == "h came to 3"
    assert one["reason_2"] == "g came to 2"
    assert one["reason_3"] == "Against leaving: f came to 1"
    assert leading(table).loc[("a", "churn")].tolist() == ["trust", "consumption"]
    several = shown(table, several_outcomes=True).loc["a"]
    assert several["reason_1"] == "Leaves: h came to 3"


def test_an_adoption_names_its_product() -> None:
    table = reasons(
        told(("a", "use", "f", 2.0, 1)).assign(product="Reports"), [NOTHING], [feature("f", "use")], "adoption", 0.0
    )
    assert table["product"].tolist() == ["Reports"]
    one = shown(table, several_outcomes=True).loc["a"]
    assert one["reason_1"] == "Takes on Reports: f came to 1"
    assert pd.isna(one["reason_2"])


def test_what_is_weak_is_no_reason() -> None:
    rows = told(
        ("a", "use", "f", 0.3, 1), ("a", "joy", "g", 0.09, 2), ("a", "trust", "h", -0.09, 3), ("b", "use", "f", 0.05, 1)
    )
    features = [feature("f", "use"), feature("g", "joy"), feature("h", "trust")]
    table = reasons(rows, [NOTHING], features, "churn", 0.0)
    assert len(table) == 4, "all are kept, for whom they interest"
    list_ = shown(table, several_outcomes=False)
    assert list_.loc["a", "reason_1"] == "f came to 1"
    assert list_.loc["a", ["reason_2", "reason_3"]].isna().all()
    assert list_.loc["b", "reason_1"] == "Nothing that is known sets it apart from the others"
    assert list(leading(table).index) == [("a", "churn")]


def test_where_nothing_raises_it_no_idea_leads() -> None:
    table = reasons(told(("a", "use", "f", -2.0, 1)), [NOTHING], [feature("f", "use")], "churn", 0.0)
    assert leading(table).empty
    assert shown(table, several_outcomes=False).loc["a", "reason_1"] == "Against leaving: f came to 1"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_kept_reasons_hold_the_ten_largest_and_the_three_that_raise_most(sizes: list[float]) -> None:
    table = reasons(
        told(*[("a", f"i{n:02}", "f", size, 1.0) for n, size in enumerate(sizes)]),
        [NOTHING],
        [feature("f", "use")],
        "churn",
        0.0,
    )
    assert table["position"].is_monotonic_increasing
    np.testing.assert_allclose(table["contribution"].sum(), sum(sizes), atol=1e-9)
    table = table[table["idea"] != REST]
    assert len(table) >= min(10, len(sizes))
    largest = sorted((abs(size) for size in sizes), reverse=True)[:10]
    assert table.loc[table["position"] <= 10, "contribution"].abs().tolist() == largest
    most = sorted((size for size in sizes if size > 0), reverse=True)[:3]
    assert sorted(table.loc[table["contribution"] > 0, "contribution"], reverse=True)[:3] == most
    assert table["text"].is_unique


def test_what_follows_the_calendar_has_no_usual_value() -> None:
    history = pd.DataFrame(
        {
            "account_id": ["a", "a", "b", "b", "c", "c"],
            "as_of": days(*["2025-05-05", "2025-06-02"] * 3),
            "ago": [344.0, 372.0, 3.0, 31.0, 2.0, 3.0],
            "ahead": [90.0, 62.0, 48.0, 20.0, 5.0, np.nan],
        }
    )
    cohort = pd.DataFrame({"account_id": ["a", "b", "c"], "ago": [400.0, 2.0, 31.0], "ahead": [34.0, 330.0, 9.0]})
    units: dict[str, Any] = {"unit": "days"}
    found = usual(history, cohort, [replace(feature(name, "time"), **units) for name in ("ago", "ahead")], T)
    rows = pd.DataFrame({"account_id": ["a", "b", "c"], "feature": ["ago"] * 3})
    np.testing.assert_array_equal(found.of(rows)[0], [np.nan, np.nan, 2.5])
    rows = rows.assign(feature="ahead")
    np.testing.assert_array_equal(found.of(rows)[0], [np.nan, np.nan, np.nan])  # c: one earlier value

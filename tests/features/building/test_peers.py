"""Ranks and scores: whom an account is compared with, and that a better part never lowers a score."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.building import peers
from features.building.builder import build
from features.families.consumption import consumption
from features.families.subscriptions import subscriptions
from features.feature import Feature, Part, Rank, Score, Value
from features.tables import Tables
from tests.text_tables import text_tables

SOURCES = {"consumption": consumption, "subscriptions": subscriptions}
AS_OF = "2024-03-01"
EVENTS = consumption.total("events", 28)
MRR = subscriptions.state("mrr")
MRR_OF_FOUR = """
    account_id | plan  | started_at | mrr
    a1         | basic | 2023-01-01 | 90
    a2         | basic | 2023-01-01 | 20
    a3         | basic | 2023-01-01 | 10
    a4         | basic | 2023-01-01 | 30
"""


@pytest.fixture(autouse=True)
def _few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that tables stay tiny."""
    monkeypatch.setattr(peers, "FEWEST", 2)


def company(uses: dict[str, int], subscribed: str = "", **more: str) -> Tables:
    """Accounts with so many uses each in February; `subscribed` are all of them unless named."""
    names = list(uses)
    rows = [f"{name} | 2024-02-{day + 2:02}" for name, count in uses.items() for day in range(count)]
    tables = {
        "accounts": "account_id | signed_up_at\n" + "\n".join(f"{name} | 2023-01-01" for name in names),
        "consumption": "account_id | occurred_at\n" + "\n".join([*rows, "a1 | 2023-06-01"]),
        "subscriptions": "account_id | plan | started_at | mrr\n"
        + "\n".join(f"{name} | basic | 2023-01-01 | 10" for name in (subscribed.split() or names)),
    }
    return text_tables(end=date(2024, 3, 2), **(tables | more))


def values(tables: Tables, value: Value, *names: str, missing: str = "zero", as_of: str = AS_OF) -> list[float]:
    """The value of each account."""
    feature = Feature("it", value, "count", "use", "consumption", "service", "", missing=missing)  # type: ignore[arg-type]
    cohort = pd.DataFrame({"account_id": names, "as_of": pd.Timestamp(as_of)})
    frame = build(tables, cohort, [feature], SOURCES).set_index("account_id")
    return [float(frame.at[name, "it"]) for name in names]


def test_a_rank_is_the_share_below_and_half_of_the_equal() -> None:
    tables = company({"a1": 0, "a2": 1, "a3": 1, "a4": 5})
    assert values(tables, Rank(EVENTS), "a1", "a2", "a3", "a4") == [0.125, 0.5, 0.5, 0.875]


def test_an_account_is_compared_with_all_who_are_active_not_with_those_asked_about() -> None:
    tables = company({"a1": 0, "a2": 1, "a3": 1, "a4": 5})
    assert values(tables, Rank(EVENTS), "a4") == [0.875]


def test_who_is_not_a_customer_is_ranked_but_nobody_is_compared_with_it() -> None:
    tables = company({"a1": 9, "a2": 1, "a3": 2}, subscribed="a2 a3")
    assert values(tables, Rank(EVENTS), "a1", "a2", "a3") == [1.0, 0.25, 0.75]


def test_a_departure_after_the_as_of_changes_no_rank() -> None:
    uses = {"a1": 1, "a2": 2, "a3": 3}
    ended = """
        account_id | plan  | started_at | ended_at   | mrr
        a1         | basic | 2023-01-01 | 2024-03-01 | 10
        a2         | basic | 2023-01-01 |            | 10
        a3         | basic | 2023-01-01 |            | 10
    """
    before = values(company(uses), Rank(EVENTS), "a1", "a2", "a3")
    assert values(company(uses, subscriptions=ended), Rank(EVENTS), "a1", "a2", "a3") == before


def test_what_is_not_known_has_no_rank_and_does_not_count_for_others() -> None:
    tables = company({"a1": 1, "a2": 2, "a3": 3}, subscribed="a2 a3")
    assert values(tables, Rank(MRR, zero=False), "a1", "a2", missing="unknown") == pytest.approx(
        [np.nan, 0.5], nan_ok=True
    )


def test_too_few_peers_give_no_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "FEWEST", 4)
    assert np.isnan(values(company({"a1": 1, "a2": 2, "a3": 3}), Rank(EVENTS), "a1")).all()


def test_peers_are_of_the_same_segment_and_about_the_same_tenure() -> None:
    accounts = """
        account_id | signed_up_at | segment
        a1         | 2023-01-01   | small
        a2         | 2022-05-01   | small
        a3         | 2023-01-01   | large
        a4         | 2024-02-01   | small
        a5         | 2024-02-05   | small
    """
    tables = company({"a1": 1, "a2": 2, "a3": 0, "a4": 9, "a5": 8}, accounts=accounts)
    declared = replace(tables, static=frozenset({"segment"}))
    among = values(declared, Rank(EVENTS, "peers"), "a1", "a2", "a3", "a4", "a5")
    assert among == pytest.approx([0.25, 0.75, np.nan, 0.75, 0.25], nan_ok=True)
    undated = values(tables, Rank(EVENTS, "peers"), "a1", "a2", "a3", "a4", "a5")
    assert undated == pytest.approx([1 / 2, 5 / 6, 1 / 6, 0.75, 0.25])


def test_a_segment_that_is_off_makes_no_peers_although_it_has_versions() -> None:
    accounts = """
        account_id | signed_up_at | valid_from | segment
        a1         | 2023-01-01   | 2023-01-01 | small
        a2         | 2023-01-01   | 2023-01-01 | small
        a3         | 2023-01-01   | 2023-01-01 | large
    """
    tables = company({"a1": 1, "a2": 2, "a3": 0}, accounts=accounts)
    dated = values(tables, Rank(EVENTS, "peers"), "a1", "a2", "a3")
    assert dated == pytest.approx([0.25, 0.75, np.nan], nan_ok=True)
    off = replace(tables, static=frozenset({"segment"}), barred=frozenset({"segment"}))
    assert values(off, Rank(EVENTS, "peers"), "a1", "a2", "a3") == pytest.approx([1 / 2, 5 / 6, 1 / 6])


def test_of_many_the_same_accounts_are_compared_with_at_every_as_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "MOST", 5)
    tables = company({f"a{number}": number % 20 for number in range(1, 40)})
    days = [pd.Timestamp("2024-02-20"), pd.Timestamp(AS_OF)]
    keys = pd.DataFrame({"account_id": "a1", "as_of": days})
    drawn = peers.with_peers(tables, keys).query("peer == 1").groupby("as_of")["account_id"].agg(set)
    assert [len(names) for names in drawn] == [5, 5]
    assert drawn.iloc[0] == drawn.iloc[1]


def test_a_score_is_the_rank_of_the_mean_of_the_ranks_that_are_known() -> None:
    tables = company({"a1": 0, "a2": 1, "a3": 1, "a4": 5}, subscribed="a2 a3 a4")
    more = Part("events", Rank(EVENTS), higher_is_better=True)
    less = Part("events", Rank(EVENTS), higher_is_better=False)
    unknown = Part("mrr", Rank(MRR, zero=False), higher_is_better=True)
    assert values(tables, Score((more,)), "a4") == pytest.approx([100 * 2.5 / 3])
    assert values(tables, Score((less,)), "a4") == pytest.approx([100 * 0.5 / 3])
    # the means of the four: 0 (mrr is not known), 5/12, 5/12, 8/12
    assert values(tables, Score((more, unknown)), "a1", "a2", "a3", "a4") == pytest.approx(
        [0, 100 / 3, 100 / 3, 250 / 3]
    )


def test_of_a_score_as_of_a_rank_half_of_the_accounts_have_more_than_the_middle() -> None:
    """Parts that pull apart leave all means near each other; a score of 75 has three in four below it even so."""
    tables = company({"a1": 0, "a2": 2, "a3": 3, "a4": 4}, subscriptions=MRR_OF_FOUR)
    apart = Score(tuple(Part(name, Rank(value), True) for name, value in (("events", EVENTS), ("mrr", MRR))))
    # ranks in events 1/8, 3/8, 5/8, 7/8 and in mrr 7/8, 3/8, 1/8, 5/8: means of 4/8, 3/8, 3/8, 6/8
    assert values(tables, apart, "a1", "a2", "a3", "a4") == [62.5, 25, 25, 87.5]


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=4, max_size=8), st.data())
def test_a_score_never_falls_when_a_part_gets_better(counts: list[int], data: st.DataObject) -> None:
    uses = {f"a{number}": count for number, count in enumerate(counts)}
    who = data.draw(st.sampled_from(sorted(uses)))
    better = uses | {who: uses[who] + data.draw(st.integers(1, 4))}
    score = Score(
        (
            Part("events", Rank(EVENTS), higher_is_better=True),
            Part("days_since_use", Rank(consumption.recency("events")), higher_is_better=False),
        )
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "FEWEST", 2)
        before, after = (values(company(of), score, who)[0] for of in (uses, better))
    assert not after < before


def test_ranks_of_several_days_do_not_mix() -> None:
    tables = company({"a1": 10, "a2": 3})
    cohort = pd.DataFrame({"account_id": ["a1", "a1"], "as_of": pd.to_datetime(["2024-02-03", AS_OF])})
    feature = Feature("it", Rank(EVENTS), "count", "use", "consumption", "service", "")
    frame = build(tables, cohort, [feature], SOURCES)
    assert list(frame["it"]) == [0.5, 0.75]
    assert list(frame["as_of"]) == [pd.Timestamp("2024-02-03"), pd.Timestamp("2024-02-03") + timedelta(days=27)]

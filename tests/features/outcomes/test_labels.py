"""Who is asked about each outcome, and whether it showed in the horizon."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from features.errors import ConfigError, TimeError
from features.outcomes.labels import label_days, labelled_cohort
from features.outcomes.outcome import Outcome
from features.tables import Tables
from tests.text_tables import text_tables

START, END = "2024-01-01", date(2024, 7, 1)
AS_OF = date(2024, 3, 1)
"""With a gap of 5 days and a horizon of 10, an outcome counts on [2024-03-06, 2024-03-16)."""


def outcome(kind: str, **settings: object) -> Outcome:
    return Outcome.model_validate({"name": "churn", "kind": kind, "gap_days": 5, "horizon_days": 10, **settings})


def labels(tables: Tables, asked: Outcome, *as_ofs: date, scoring: date = END) -> dict[str, float]:
    """The labels of the as_ofs before the scoring one, by key."""
    frame = labelled_cohort(tables, asked, as_ofs or (AS_OF,), scoring)
    frame = frame[frame["as_of"] < pd.Timestamp(scoring)]
    keys = [name for name in frame.columns if name not in {"label", "as_of"}]
    if len(as_ofs) > 1:
        frame = frame.assign(day=frame["as_of"].dt.strftime("%m-%d"))
        keys.append("day")
    return {" ".join(map(str, row[:-1])): row[-1] for row in frame[[*keys, "label"]].itertuples(index=False)}


def scored(tables: Tables, asked: Outcome, scoring: date) -> list[str]:
    """Who is asked about at the as_of at which we stand."""
    frame = labelled_cohort(tables, asked, (), scoring)
    assert frame["label"].isna().all()
    assert (frame["as_of"] == pd.Timestamp(scoring)).all()
    return [" ".join(row) for row in frame.drop(columns=["as_of", "label"]).itertuples(index=False)]


def company(**tables: str) -> Tables:
    """Tables whose accounts all signed up when the data begins."""
    text = "\n".join(tables.values())
    ids = sorted({line.split("|")[0].strip() for line in text.splitlines() if "|" in line})
    if "offer_id" in ids:
        ids = sorted({line.split("|")[1].strip() for line in text.splitlines() if "|" in line})
    known = [name for name in ids if name not in {"account_id", "plan", "product"}]
    accounts = "account_id | signed_up_at\n" + "\n".join(f"{name} | {START}" for name in known)
    if "subscriptions" not in tables and "consumption" not in tables:
        tables["consumption"] = f"account_id | occurred_at\n{known[0]} | {START}"
    return text_tables(end=END, check=False, accounts=accounts, **tables)


class TestSubscriptionEnd:
    def test_shows_on_the_days_of_the_horizon_only(self) -> None:
        tables = company(
            subscriptions="""
                account_id     | plan | started_at | ended_at
                before_as_of   | p    | 2024-01-01 | 2024-02-29 23:59
                first_gap_day  | p    | 2024-01-01 | 2024-03-01 00:00
                last_gap_day   | p    | 2024-01-01 | 2024-03-05 23:59
                first_day      | p    | 2024-01-01 | 2024-03-06 00:00
                last_day       | p    | 2024-01-01 | 2024-03-15 23:59
                day_after      | p    | 2024-01-01 | 2024-03-16 00:00
                open           | p    | 2024-01-01 |
                starts_on_as_of| p    | 2024-03-01 | 2024-03-10
            """
        )
        assert labels(tables, outcome("subscription_end")) == {
            "first_day": 1,
            "last_day": 1,
            "day_after": 0,
            "open": 0,
        }

    def test_is_undone_by_one_that_starts_within_the_grace_days(self) -> None:
        tables = company(
            subscriptions="""
                account_id | plan | started_at | ended_at
                at_once    | p    | 2024-01-01 | 2024-03-08
                at_once    | q    | 2024-03-08 |
                last_grace | p    | 2024-01-01 | 2024-03-08
                last_grace | p    | 2024-03-15 23:59 |
                too_late   | p    | 2024-01-01 | 2024-03-08
                too_late   | p    | 2024-03-16 |
                overlapped | p    | 2024-01-01 | 2024-03-08
                overlapped | q    | 2024-02-01 |
                both_end   | p    | 2024-01-01 | 2024-03-08
                both_end   | q    | 2024-02-01 | 2024-03-10
                both_later | p    | 2024-01-01 | 2024-03-08
                both_later | q    | 2024-02-01 | 2024-05-10
                ends_again | p    | 2024-01-01 | 2024-03-08
                ends_again | p    | 2024-03-10 | 2024-03-12
                empty_one  | p    | 2024-01-01 | 2024-03-08
                empty_one  | p    | 2024-03-08 | 2024-03-08
            """
        )
        assert labels(tables, outcome("subscription_end", grace_days=7)) == {
            "at_once": 0,
            "last_grace": 0,
            "too_late": 1,
            "overlapped": 0,
            "both_end": 1,
            "both_later": 0,
            "ends_again": 1,
            "empty_one": 1,
        }

    def test_is_not_asked_about_accounts_all_of_whose_subscriptions_are_under_known_notice(self) -> None:
        tables = company(
            subscriptions="""
                account_id     | plan | started_at | ended_at   | cancelled_at
                noticed        | p    | 2024-01-01 | 2024-03-10 | 2024-02-29
                noticed_on_day | p    | 2024-01-01 | 2024-03-10 | 2024-03-01
                one_of_two     | p    | 2024-01-01 | 2024-03-10 | 2024-02-01
                one_of_two     | q    | 2024-01-01 |            |
            """
        )
        assert labels(tables, outcome("subscription_end")) == {"noticed_on_day": 1, "one_of_two": 0}

    def test_at_the_scoring_as_of_a_planned_end_does_not_take_anyone_out(self) -> None:
        """A gap looks into the future; where we stand there is none to look at."""
        tables = company(
            subscriptions="""
                account_id | plan | started_at | ended_at
                ends_soon  | p    | 2024-01-01 | 2024-03-02
                open       | p    | 2024-01-01 |
            """
        )
        assert scored(tables, outcome("subscription_end"), AS_OF) == ["ends_soon", "open"]

    def test_is_certain_only_when_the_grace_days_have_passed(self) -> None:
        asked = outcome("subscription_end", grace_days=7)
        tables = company(
            subscriptions="""
                account_id | plan | started_at | ended_at
                returns    | p    | 2024-01-01 | 2024-03-15
                returns    | p    | 2024-03-22 23:59 |
            """
        )
        matures = date(2024, 3, 23)
        assert asked.horizon.matures(AS_OF) == matures
        assert labels(tables, asked, scoring=matures - timedelta(days=1)) == {}
        assert labels(tables, asked, scoring=matures) == {"returns": 0}


class TestInactivity:
    def test_is_no_consumption_in_the_horizon_of_those_active_before(self) -> None:
        tables = company(
            consumption="""
                account_id    | occurred_at
                silent        | 2024-02-20
                in_gap_only   | 2024-02-20
                in_gap_only   | 2024-03-05 23:59
                first_day     | 2024-02-20
                first_day     | 2024-03-06 00:00
                last_day      | 2024-02-20
                last_day      | 2024-03-15 23:59
                day_after     | 2024-02-20
                day_after     | 2024-03-16 00:00
                window_opens  | 2024-02-10 00:00
                long_inactive | 2024-02-09 23:59
                on_as_of      | 2024-03-01 00:00
            """
        )
        assert labels(tables, outcome("inactivity", active_days=20)) == {
            "silent": 1,
            "in_gap_only": 1,
            "first_day": 0,
            "last_day": 0,
            "day_after": 1,
            "window_opens": 1,
        }

    def test_use_recorded_late_makes_nobody_active_before_it_was_known(self) -> None:
        tables = company(
            consumption="""
                account_id | occurred_at | recorded_at
                in_time    | 2024-02-20  | 2024-02-29 12:00
                late       | 2024-02-20  | 2024-03-01 12:00
            """
        )
        assert labels(tables, outcome("inactivity")) == {"in_time": 1}


class TestTierUp:
    PLANS = """
        plan  | tier | family
        basic | 1    | suite
        pro   | 2    | suite
        max   | 3    | suite
        lab   | 1    | labs
        lab2  | 5    | labs
    """

    def test_is_a_start_on_a_higher_tier_than_any_in_force_just_before(self) -> None:
        tables = company(
            plans=self.PLANS,
            subscriptions="""
                account_id   | plan  | started_at       | ended_at
                stays        | basic | 2024-01-01       |
                same_instant | basic | 2024-01-01       | 2024-03-08 10:00
                same_instant | pro   | 2024-03-08 10:00 |
                next_second  | basic | 2024-01-01       | 2024-03-07 23:59:59
                next_second  | pro   | 2024-03-08       |
                after_pause  | basic | 2024-01-01       | 2024-03-07
                after_pause  | pro   | 2024-03-09       |
                beside       | basic | 2024-01-01       |
                beside       | pro   | 2024-03-08       |
                same_tier    | basic | 2024-01-01       |
                same_tier    | basic | 2024-03-08       |
                has_higher   | basic | 2024-01-01       |
                has_higher   | pro   | 2024-01-01       |
                has_higher   | pro   | 2024-03-08       |
                down         | pro   | 2024-01-01       | 2024-03-08
                down         | basic | 2024-03-08       |
                at_the_top   | max   | 2024-01-01       |
                in_gap       | basic | 2024-01-01       |
                in_gap       | pro   | 2024-03-05       |
                too_late     | basic | 2024-01-01       |
                too_late     | pro   | 2024-03-16       |
            """,
        )
        assert labels(tables, outcome("tier_up")) == {
            "stays": 0,
            "same_instant": 1,
            "next_second": 1,
            "after_pause": 0,
            "beside": 1,
            "same_tier": 0,
            "has_higher": 0,
            "down": 0,
            "too_late": 0,
        }

    def test_compares_tiers_of_one_family_only(self) -> None:
        tables = company(
            plans=self.PLANS,
            subscriptions="""
                account_id | plan  | started_at | ended_at
                new_family | basic | 2024-01-01 |
                new_family | lab2  | 2024-03-08 |
                top_of_one | max   | 2024-01-01 |
                top_of_one | lab   | 2024-01-01 |
                top_of_one | lab2  | 2024-03-08 |
            """,
        )
        assert labels(tables, outcome("tier_up")) == {"new_family": 0, "top_of_one": 1}

    def test_is_not_asked_where_the_higher_plan_is_not_yet_released(self) -> None:
        tables = company(
            plans="""
                plan  | tier | released_at
                basic | 1    |
                pro   | 2    | 2024-03-01
            """,
            subscriptions="""
                account_id | plan  | started_at
                a          | basic | 2024-01-01
            """,
        )
        next_day = AS_OF + timedelta(days=1)
        assert labels(tables, outcome("tier_up"), AS_OF, next_day) == {"a 03-02": 0}


class TestSpendUp:
    def test_is_recurring_revenue_up_by_at_least_the_share(self) -> None:
        tables = company(
            subscriptions="""
                account_id  | plan | started_at | ended_at   | mrr
                exactly     | p    | 2024-01-01 | 2024-03-08 | 100
                exactly     | p    | 2024-03-08 |            | 110
                just_below  | p    | 2024-01-01 | 2024-03-08 | 100
                just_below  | p    | 2024-03-08 |            | 109.99
                beside      | p    | 2024-01-01 |            | 100
                beside      | q    | 2024-03-15 |            | 10
                day_after   | p    | 2024-01-01 |            | 100
                day_after   | q    | 2024-03-16 |            | 10
                in_gap      | p    | 2024-01-01 |            | 100
                in_gap      | q    | 2024-03-01 |            | 10
                swapped     | p    | 2024-01-01 | 2024-03-10 | 100
                swapped     | q    | 2024-03-10 |            | 100
                down_and_up | p    | 2024-01-01 | 2024-03-02 | 100
                down_and_up | q    | 2024-03-08 |            | 105
                free        | p    | 2024-01-01 |            | 0
                free        | q    | 2024-03-08 |            | 50
                unknown     | p    | 2024-01-01 |            |
            """
        )
        assert labels(tables, outcome("spend_up", min_increase=0.1)) == {
            "exactly": 1,
            "just_below": 0,
            "beside": 1,
            "day_after": 0,
            "swapped": 0,
            "down_and_up": 0,
        }

    def test_without_mrr_compares_consumed_value_with_as_many_days_before(self) -> None:
        tables = company(
            consumption="""
                account_id | occurred_at      | value
                a_up       | 2024-02-20 00:00 | 100
                a_up       | 2024-03-06 00:00 | 60
                a_up       | 2024-03-15 23:59 | 50
                below      | 2024-02-29 23:59 | 100
                below      | 2024-03-10       | 109
                in_gap     | 2024-02-29       | 100
                in_gap     | 2024-03-05       | 500
                after      | 2024-02-29       | 100
                after      | 2024-03-16       | 500
                too_early  | 2024-02-19 23:59 | 100
                too_early  | 2024-03-10       | 500
            """
        )
        assert labels(tables, outcome("spend_up")) == {"a_up": 1, "below": 0, "in_gap": 0, "after": 0}

    def test_without_mrr_needs_a_horizons_length_of_data_before_the_as_of(self) -> None:
        tables = company(
            consumption=f"""
                account_id | occurred_at | value
                a          | {START}     | 100
                a          | 2024-01-10  | 100
                a          | 2024-06-30  | 100
            """
        )
        asked = outcome("spend_up")
        tenth, eleventh = date(2024, 1, 10), date(2024, 1, 11)
        assert label_days(tables, asked, (tenth, eleventh, END)) == (eleventh,)
        assert labels(tables, asked, tenth, eleventh) == {"a 01-11": 0}


class TestProductAdopted:
    def test_is_the_last_of_the_days_needed(self) -> None:
        tables = company(
            products="""
                product | launched_at
                core    |
                extra   |
                labs    | 2024-03-01
            """,
            consumption="""
                account_id | occurred_at      | product
                adopts     | 2024-02-20       | core
                adopts     | 2024-03-02       | extra
                adopts     | 2024-03-06 00:00 | extra
                two_times  | 2024-02-20       | core
                two_times  | 2024-03-06 08:00 | extra
                two_times  | 2024-03-06 20:00 | extra
                in_gap     | 2024-02-20       | core
                in_gap     | 2024-03-04       | extra
                in_gap     | 2024-03-05       | extra
                in_gap     | 2024-03-06       | extra
                too_late   | 2024-02-20       | core
                too_late   | 2024-03-10       | extra
                too_late   | 2024-03-16       | extra
                once_tried | 2024-02-20       | core
                once_tried | 2024-02-21       | extra
                once_tried | 2024-03-08       | extra
            """,
        )
        assert labels(tables, outcome("product_adopted", min_days=2)) == {
            "adopts extra": 1,
            "two_times extra": 0,
            "too_late extra": 0,
        }

    def test_leaves_out_a_pair_whose_earlier_use_was_only_recorded_later(self) -> None:
        """At the as_of nobody knew, but it was adopted already: neither a yes nor a no can be learned."""
        tables = company(
            consumption="""
                account_id | occurred_at | product | recorded_at
                a          | 2024-02-20  | core    |
                a          | 2024-02-21  | extra   | 2024-03-03
                b          | 2024-02-20  | extra   |
            """
        )
        assert labels(tables, outcome("product_adopted", min_days=1)) == {"b core": 0}

    def test_is_asked_of_active_accounts_only(self) -> None:
        tables = company(
            subscriptions="""
                account_id | plan | started_at | ended_at
                holds      | p    | 2024-01-01 |
                left       | p    | 2024-01-01 | 2024-02-01
            """,
            consumption="""
                account_id | occurred_at | product
                left       | 2024-01-15  | core
            """,
        )
        assert labels(tables, outcome("product_adopted")) == {"holds core": 0}


class TestOfferAccepted:
    OFFERS = """
        offer_id | account_id | offered_at       | kind      | target | accepted | responded_at     | treated
        o1       | yes_first  | 2024-03-01 09:00 | adoption  | labs   | true     | 2024-03-01 10:00 | true
        o2       | yes_last   | 2024-03-01 09:00 | adoption  | labs   | true     | 2024-03-10 23:59 | true
        o3       | yes_late   | 2024-03-01 09:00 | adoption  | labs   | true     | 2024-03-11       | true
        o4       | no         | 2024-03-01 09:00 | adoption  |        | false    | 2024-03-02       | true
        o5       | silent     | 2024-03-01 09:00 | adoption  | core   |          |                  |
        o6       | held_back  | 2024-03-01 09:00 | adoption  | core   | false    |                  | false
        o7       | yes_first  | 2024-03-01 09:00 | retention | rebate | true     | 2024-03-02       | true
        o8       | other_day  | 2024-03-03 09:00 | adoption  | core   | true     | 2024-03-04       | true
    """
    CONSUMPTION = """
        account_id | occurred_at
        no         | 2024-01-01
        no         | 2024-06-30
    """

    def asked(self, **settings: object) -> Outcome:
        return Outcome.model_validate(
            {"name": "adoption", "kind": "offer_accepted", "horizon_days": 10, "offer_kind": "adoption", **settings}
        )

    def tables(self) -> Tables:
        return company(offers=self.OFFERS, consumption=self.CONSUMPTION)

    def test_is_a_yes_within_the_horizon_of_the_offers_own_day(self) -> None:
        assert labels(self.tables(), self.asked()) == {
            "o1 yes_first labs": 1,
            "o2 yes_last labs": 1,
            "o3 yes_late labs": 0,
            "o4 no ": 0,
            "o5 silent core": 0,
        }

    def test_has_no_gap_unless_one_is_given(self) -> None:
        assert self.asked().gap_days == 0
        assert self.asked(gap_days=1).gap_days == 1
        assert "o1 yes_first labs" not in labels(self.tables(), self.asked(gap_days=1))

    def test_is_learned_on_the_offers_own_days(self) -> None:
        grid = (date(2024, 2, 1), date(2024, 3, 20))
        assert label_days(self.tables(), self.asked(), grid) == (date(2024, 3, 1), date(2024, 3, 3))
        only_early = (date(2024, 2, 1), date(2024, 3, 11))
        assert label_days(self.tables(), self.asked(), only_early) == (date(2024, 3, 1),)

    def test_is_asked_of_each_active_account_and_target_where_we_stand(self) -> None:
        tables = company(offers=self.OFFERS, consumption=self.CONSUMPTION)
        assert scored(tables, self.asked(), END) == [" no ", " no core", " no labs"]
        # The day of the offers themselves: none had been made before it.
        assert scored(tables, self.asked(), AS_OF) == []

    def test_forgets_targets_that_nobody_was_offered_for_a_year(self) -> None:
        tables = company(
            offers="""
                offer_id | account_id | offered_at | kind     | target  | accepted
                o1       | a          | 2023-07-02 | adoption | kept    | true
                o2       | a          | 2023-07-01 | adoption | dropped | true
            """,
            subscriptions="""
                account_id | plan | started_at
                a          | p    | 2023-06-01
            """,
        )
        standing = date(2024, 7, 1)
        assert scored(tables, self.asked(), standing) == [" a kept"]

    def test_counts_from_the_day_of_the_offer_where_nobody_says_when_it_was_accepted(self) -> None:
        tables = company(
            offers="""
                offer_id | account_id | offered_at | kind     | accepted
                o1       | a          | 2024-03-01 | adoption | true
            """
        )
        assert labels(tables, self.asked()) == {"o1 a ": 1}


class TestQuery:
    SUBSCRIPTIONS = """
        account_id | plan  | started_at
        a          | basic | 2024-01-01
        b          | basic | 2024-01-01
        b          | gold  | 2024-03-10
        c          | basic | 2024-01-01
        c          | gold  | 2024-03-02
    """

    def test_takes_the_companys_own_sql(self) -> None:
        query = "select account_id, started_at as occurred_at from subscriptions where plan = 'gold'"
        assert labels(company(subscriptions=self.SUBSCRIPTIONS), outcome("query", query=query)) == {"a": 0, "b": 1}

    @pytest.mark.parametrize("timezone", ["UTC", "America/New_York", "Pacific/Auckland"])
    @pytest.mark.parametrize(
        "occurred_at",
        [
            "opened_at",
            "date '2024-03-06' + cast(substr(ticket_id, 2, 2) as integer)",  # the day itself, as the query writes it
        ],
    )
    def test_a_date_is_that_day_in_any_time_zone(self, timezone: str, occurred_at: str) -> None:
        """The horizon is [2024-03-06, 2024-03-16); tickets come on the day before it, its first, its last, the next."""
        tables = text_tables(
            accounts="account_id | signed_up_at\na | 2024-01-01\nb | 2024-01-01\nc | 2024-01-01\nd | 2024-01-01",
            consumption="account_id | occurred_at\na | 2024-02-29\nb | 2024-02-29\nc | 2024-02-29\nd | 2024-02-29",
            tickets="""
                ticket_id | account_id | opened_at
                t-1       | a          | 2024-03-05
                t0        | b          | 2024-03-06
                t9        | c          | 2024-03-15
                t10       | d          | 2024-03-16
            """,
            timezone=timezone,
            end=END,
        )
        query = f"select account_id, {occurred_at} as occurred_at from tickets"
        assert labels(tables, outcome("query", query=query)) == {"b": 1, "c": 1, "d": 0}

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("select account_id from subscriptions", "yields account_id and occurred_at; it yields account_id"),
            (
                "select account_id, '2024-03-08' as occurred_at from subscriptions",
                "this one is of the type",
            ),
            ("select * from nowhere", "nowhere"),
            ("selct", "the engine says"),
        ],
    )
    def test_says_what_is_wrong_with_it(self, query: str, said: str) -> None:
        with pytest.raises(ConfigError, match=said):
            labels(company(subscriptions=self.SUBSCRIPTIONS), outcome("query", query=query))


class TestMaturity:
    SUBSCRIPTIONS = """
        account_id | plan | started_at | ended_at
        a          | p    | 2024-01-01 |
        b          | p    | 2024-01-01 | 2024-06-20
    """

    def test_leaves_out_as_ofs_whose_label_is_not_certain(self) -> None:
        tables = company(subscriptions=self.SUBSCRIPTIONS)
        asked = outcome("subscription_end", grace_days=7)
        days = [END - timedelta(days=21), END - timedelta(days=22), END - timedelta(days=23), END]
        assert set(labels(tables, asked, *days)) == {"a 06-09", "a 06-08", "b 06-09", "b 06-08"}
        assert label_days(tables, asked, days) == (date(2024, 6, 8), date(2024, 6, 9))

    def test_knows_nothing_from_the_scoring_as_of_on(self) -> None:
        """Standing at 2024-05-01, the end of 2024-06-20 has not happened, whatever the table says today."""
        tables = company(subscriptions=self.SUBSCRIPTIONS)
        frame = labelled_cohort(tables, outcome("subscription_end"), [AS_OF], date(2024, 5, 1))
        assert frame[["account_id", "label"]].fillna(-1).values.tolist() == [["a", 0], ["a", -1], ["b", 0], ["b", -1]]

    def test_refuses_where_no_as_of_is_mature(self) -> None:
        tables = company(subscriptions=self.SUBSCRIPTIONS)
        asked = outcome("subscription_end", horizon_days=300)
        with pytest.raises(TimeError, match=r"319 days after its as_of .* there are 182 days up to 2024-07-01"):
            label_days(tables, asked, tables.calendar.grid(END, 28, 28))

    def test_refuses_to_stand_outside_the_data(self) -> None:
        tables = company(subscriptions=self.SUBSCRIPTIONS)
        with pytest.raises(TimeError, match="up to 2024-07-01; asked for 2024-07-02"):
            labelled_cohort(tables, outcome("subscription_end"), [AS_OF], END + timedelta(days=1))


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("subscription_end", r"subscriptions \(ended_at\); there is none of these tables"),
        ("tier_up", r"subscriptions \(plan\) and plans \(tier\)"),
        ("spend_up", r"subscriptions \(mrr\) or consumption \(value\); there is consumption \(account_id, occurred_at"),
        ("product_adopted", r"consumption \(product\)"),
        ("offer_accepted", r"offers \(accepted\)"),
    ],
)
def test_an_outcome_says_what_it_needs(kind: str, needed: str) -> None:
    tables = company(consumption=f"account_id | occurred_at\na | {START}\na | 2024-06-30")
    asked = outcome(kind)
    with pytest.raises(ConfigError, match=needed):
        labelled_cohort(tables, asked, [AS_OF], END)
    with pytest.raises(ConfigError, match=needed):
        label_days(tables, asked, [AS_OF, END])


def test_the_cohort_has_sorted_keys_days_and_doubles() -> None:
    tables = company(
        consumption=f"account_id | occurred_at | product\nb | {START} | p\na | {START} | q\na | 2024-06-30 |"
    )
    frame = labelled_cohort(tables, outcome("product_adopted", active_days=300), [AS_OF], END)
    assert list(frame.columns) == ["account_id", "product", "as_of", "label"]
    assert frame.dtypes.astype(str).tolist() == ["str", "str", "datetime64[us]", "float64"]
    assert frame["account_id"].tolist() == ["a", "a", "b", "b"]
    assert frame["label"].isna().tolist() == [False, True, False, True]

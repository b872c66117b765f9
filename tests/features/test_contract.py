"""The contract says of every table what every later part relies on."""

from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt
import pandera.errors
import pandera.ibis as pa
import pytest

from features.clauses import INSTANT
from features.contract import (
    CONTRACT,
    columns_of,
    cost_of,
    dtype_of,
    event_of,
    fact_of,
    instants_of,
    is_required,
    key_of,
    values_of,
)
from tests.text_tables import text_tables

DESIGNED = {
    "accounts": "account_id signed_up_at name? owner? segment? region? industry? size? valid_from?",
    "subscriptions": "subscription_id? account_id plan started_at ended_at? cancelled_at? mrr? seats? term_months? "
    "renews_at? auto_renew? discount?",
    "plans": "plan tier family? list_price? released_at? seat_limit? quantity_limit?",
    "consumption": "account_id occurred_at product? user_id? quantity? value? status?",
    "products": "product family? core? launched_at? min_tier? market?",
    "satisfaction": "account_id occurred_at instrument score user_id?",
    "tickets": "ticket_id account_id opened_at kind? severity? promised_by? resolved_at? reopened?",
    "interactions": "account_id occurred_at kind direction?",
    "milestones": "account_id milestone due_at? reached_at? product?",
    "accessories": "account_id accessory attached_at detached_at?",
    "upgrade_paths": "from_plan to_plan available_at? new_capabilities? migration_hours?",
    "compatibility": "accessory plan works since?",
    "offers": "offer_id account_id offered_at kind target? channel? cost? assigned? treated? responded_at? accepted?",
    "overrides": "account_id outcome made_at expires_at made_by verdict note?",
}


def test_every_table_of_the_design_is_declared_and_no_other() -> None:
    assert list(CONTRACT) == list(DESIGNED)


@pytest.mark.parametrize("table", DESIGNED)
def test_a_table_has_the_columns_of_the_design(table: str) -> None:
    declared = {
        f"{name}{'' if column.required else '?'}"
        for name, column in columns_of(table).items()
        if name not in ("event_id", "recorded_at")
    }
    assert declared == set(DESIGNED[table].split())


@pytest.mark.parametrize("table", DESIGNED)
def test_a_table_with_an_event_time_may_have_event_id_and_recorded_at(table: str) -> None:
    has = {"event_id", "recorded_at"} <= set(columns_of(table))
    assert has == bool(event_of(table))


@pytest.mark.parametrize("table", DESIGNED)
def test_every_instant_says_what_kind_it_is(table: str) -> None:
    for column in columns_of(table):
        kind = fact_of(table, column, "instant")
        assert (kind in {"event", "late", "planned", "recorded"}) == (dtype_of(table, column) == INSTANT)


@pytest.mark.parametrize("table", DESIGNED)
def test_every_table_says_what_its_absence_costs(table: str) -> None:
    assert cost_of(table).endswith(".")


@pytest.mark.parametrize("table", DESIGNED)
def test_what_a_fact_names_is_a_column_of_the_same_table(table: str) -> None:
    names = set(columns_of(table))
    assert set(key_of(table)) <= names
    assert set(event_of(table)) <= names
    for column in names:
        facts = {fact_of(table, column, fact) for fact in ("notice", "after", "late_with")}
        assert facts - {None} <= names


def test_columns_that_are_filled_in_later_are_those_of_the_design() -> None:
    late = {column for table in CONTRACT for column in instants_of(table, "late")}
    assert late == {"ended_at", "cancelled_at", "resolved_at", "responded_at", "reached_at", "detached_at"}


def test_enumerations_are_those_of_the_design() -> None:
    assert values_of("consumption", "status") == ("ok", "error")
    assert values_of("products", "market") == ("early", "chasm", "tornado", "main_street")
    assert values_of("satisfaction", "instrument") == ("nps", "csat", "ces", "stars", "thumbs")
    assert values_of("tickets", "kind") == ("incident", "how_to", "billing", "complaint", "request")
    assert values_of("offers", "kind") == ("upgrade", "adoption", "retention")
    assert values_of("offers", "assigned") == ("random", "targeted")
    assert len(values_of("interactions", "kind")) == 7
    assert values_of("tickets", "severity") == ()


def test_types_keep_sums_exact() -> None:
    money = [("subscriptions", "mrr"), ("consumption", "value"), ("consumption", "quantity"), ("plans", "list_price")]
    assert {dtype_of(table, column) for table, column in money} == {dt.Decimal(18, 6)}
    assert dtype_of("satisfaction", "score") == dt.Decimal(9, 3)


def test_only_accounts_are_required() -> None:
    assert [table for table in CONTRACT if is_required(table)] == ["accounts"]


def test_a_table_that_was_read_satisfies_its_declaration() -> None:
    tables = text_tables(
        accounts="""
            account_id | signed_up_at
            a1         | 2024-01-01
        """,
        satisfaction="""
            account_id | occurred_at | instrument | score
            a1         | 2024-01-05  | nps        | 9
        """,
        consumption="""
            account_id | occurred_at | status
            a1         | 2024-01-05  | ok
            a1         | 2024-01-07  |
        """,
    )
    for name in tables:
        CONTRACT[name].validate(tables[name], lazy=True)


def test_pandera_itself_refuses_a_wrong_type() -> None:
    table = ibis.memtable({"plan": ["a"], "tier": ["one"]}, schema={"plan": "string", "tier": "string"})
    with pytest.raises(pandera.errors.SchemaError, match="tier"):
        CONTRACT["plans"].validate(table)


def test_the_declarations_are_panderas() -> None:
    assert all(isinstance(table, pa.DataFrameSchema) for table in CONTRACT.values())

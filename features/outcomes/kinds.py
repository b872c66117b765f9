"""The kinds of outcome, each one record: whom it is asked of, and the days on which it shows.

`features/outcomes/labels.py` takes all of them down one path: cohort, gap, horizon, maturity. Whom it is asked of uses
only what was known before each as_of; the days on which it shows use everything that is known at the as_of at which we
stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from features.cohort import active_accounts
from features.errors import ConfigError
from features.outcomes.adoption import acceptances, adoptions, new_pairs, offers
from features.outcomes.churn import consumers, ends, holders, uses
from features.outcomes.outcome import Kind, Outcome
from features.outcomes.question import Question
from features.outcomes.upgrade import below_the_top, has_revenue, rises, spenders, steps_up
from features.tables import Tables

Needs = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class OutcomeKind:
    """How one kind of outcome is asked about and how it shows."""

    keys: tuple[str, ...]
    """What a row of its cohort is, beside `as_of`."""
    needs: tuple[Needs, ...]
    """Tables and their columns without which it cannot be computed; any one of the alternatives is enough."""
    candidates: Callable[[Question], ir.Table]
    """One row per (keys, as_of) that it is asked about."""
    occurrences: Callable[[Question, ir.Table], ir.Table]
    """(question, candidates) -> one row each time it shows: keys and `day`; with `as_of` where it is measured against
    that one as_of only, and with `known_day` where it is known later than it shows."""
    absence: bool = False
    """Whether the outcome is that nothing shows in the horizon."""
    once: bool = False
    """Whether it can only happen once, so that one who has it behind them leaves the cohort."""
    compares: Callable[[Tables, Outcome], int] = lambda _tables, _outcome: 0
    """How many days of data before an as_of its rule compares with."""

    def possible(self, tables: Tables) -> bool:
        """Whether the company brings what it needs."""
        return any(_satisfied(tables, needs) for needs in self.needs)

    def require(self, tables: Tables, outcome: Outcome) -> None:
        """Refuses an outcome whose tables or columns are not there.

        Raises:
            ConfigError: naming what is needed and what is missing.
        """
        if self.possible(tables):
            return
        wanted = " or ".join(_spelled(needs) for needs in self.needs)
        raise ConfigError(
            f"outcomes.{outcome.name}: the kind {outcome.kind} needs {wanted}; "
            f"there is {_spelled({table: tables[table].columns for table in tables if _named(self.needs, table)})}. "
            f"Bring what is missing, choose another kind, or remove [outcomes.{outcome.name}]."
        )


def kind_of(outcome: Outcome) -> OutcomeKind:
    """The record of the outcome's kind.

    Raises:
        ConfigError: it is of a company's own file, and nobody has read that.
    """
    if outcome.rule is not None:
        return outcome.rule
    if outcome.kind not in KINDS:
        raise ConfigError(
            f"outcomes.{outcome.name}: the kind {outcome.kind} is of a company's own file, which was not read. Name "
            "the file in [features] files."
        )
    return KINDS[outcome.kind]


def default_outcomes(tables: Tables) -> dict[str, Outcome]:
    """The outcomes that the tables allow where the config names none, by name."""
    outcomes: dict[str, Outcome] = {}
    for name, kind in DEFAULTS:
        if name not in outcomes and KINDS[kind].possible(tables):
            outcomes[name] = Outcome.model_validate({"name": name, "kind": kind})
    return outcomes


def needed(outcomes: Iterable[Outcome]) -> frozenset[tuple[str, str]]:
    """The tables (with the column '') and columns that outcomes are told by, as far as they are there."""
    needs = [one for outcome in outcomes for one in kind_of(outcome).needs]
    return frozenset((table, column) for one in needs for table, columns in one.items() for column in ("", *columns))


def _satisfied(tables: Tables, needs: Needs) -> bool:
    return all(tables.has(table, *columns) for table, columns in needs.items())


def _named(alternatives: tuple[Needs, ...], table: str) -> bool:
    return any(table in needs for needs in alternatives)


def _spelled(needs: Mapping[str, tuple[str, ...]]) -> str:
    parts = [f"{table} ({', '.join(columns)})" if columns else table for table, columns in needs.items()]
    return " and ".join(parts) or "none of these tables"


def active(question: Question) -> ir.Table:
    """Every active account: with a subscription in force or, without any subscriptions, with use of late."""
    return active_accounts(question.tables, question.days)


def _asked_for(question: Question, _: ir.Table) -> ir.Table:
    """The days of the company's own query; its text decides what it looks at, so late rows are its own affair.

    Raises:
        ConfigError: the query does not run, or yields other columns.
    """
    outcome = question.outcome
    try:
        rows = question.tables.connection.sql(str(outcome.query))
    except Exception as error:
        raise ConfigError(
            f"outcomes.{outcome.name}.query is SQL over the contract's tables ({', '.join(question.tables)}); "
            f"the engine says: {error}. Correct the query."
        ) from error
    if not {"account_id", "occurred_at"} <= set(rows.columns):
        raise ConfigError(
            f"outcomes.{outcome.name}.query yields account_id and occurred_at; it yields {', '.join(rows.columns)}. "
            "Name its columns so."
        )
    if not (rows.occurred_at.type().is_timestamp() or rows.occurred_at.type().is_date()):
        raise ConfigError(
            f"outcomes.{outcome.name}.query yields an instant or a day as occurred_at; this one is of the type "
            f"{rows.occurred_at.type()}. Cast it."
        )
    # a date is that day wherever the company is; an instant is one of UTC
    dated = rows.occurred_at.type().is_date()
    day = rows.occurred_at if dated else question.tables.calendar.local_day(rows.occurred_at.cast("timestamp"))
    return rows.select(account_id=rows.account_id.cast("string"), day=day)


KINDS: Mapping[str, OutcomeKind] = {
    "subscription_end": OutcomeKind(("account_id",), ({"subscriptions": ("ended_at",)},), holders, ends),
    "inactivity": OutcomeKind(("account_id",), ({"consumption": ()},), consumers, uses, absence=True),
    "tier_up": OutcomeKind(
        ("account_id",), ({"subscriptions": ("plan",), "plans": ("tier",)},), below_the_top, steps_up
    ),
    "spend_up": OutcomeKind(
        ("account_id",),
        ({"subscriptions": ("mrr",)}, {"consumption": ("value",)}),
        spenders,
        rises,
        compares=lambda tables, outcome: 0 if has_revenue(tables) else outcome.horizon_days,
    ),
    "product_adopted": OutcomeKind(
        ("account_id", "product"), ({"consumption": ("product",)},), new_pairs, adoptions, once=True
    ),
    "offer_accepted": OutcomeKind(
        ("offer_id", "account_id", "product"), ({"offers": ("accepted",)},), offers, acceptances
    ),
    "query": OutcomeKind(("account_id",), ({"subscriptions": ()}, {"consumption": ()}), active, _asked_for),
}

DEFAULTS: tuple[tuple[str, Kind], ...] = (
    ("churn", "subscription_end"),
    ("churn", "inactivity"),
    ("upgrade", "tier_up"),
    ("upgrade", "spend_up"),
    ("adoption", "product_adopted"),
    ("adoption", "offer_accepted"),
)
"""What an outcome means to a company that does not say: the first kind that its tables allow."""

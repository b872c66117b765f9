"""A feature as one frozen record, and the small algebra in which its value is written.

A value is made of measures of one or more sources:

    consumption.total("events", 28)                                    # [as_of - 28, as_of)
    consumption.total("errors", 28) / consumption.total("events", 28)  # missing where there were no events
    consumption.total("events", 28) / consumption.total("events", 28, lag=28)
    consumption.recency("events")                                      # days since the last one
    consumption.distinct("user_id", 28)                                # how many different ones
    subscriptions.state("mrr")                                         # of what is in force at as_of
    Rank(consumption.total("events", 28), "peers")                     # the share of its peers below it
    Score((Part(Rank(...), higher_is_better=True), ...))               # 0 to 100

The builder (`features/building/builder.py`) finds the leaves of all features and makes one query a source for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir

from features.clock import Window
from features.tables import Tables

Key = Literal["account_id", "product"]
Rung = Literal["consumption", "satisfaction", "adoption", "loyalty", "trust"]
Layer = Literal["base", "efficiency", "joy"]
Moment = Literal["advantage", "ease", "compatibility", "quick_start"]
Purpose = Literal["service", "retention", "growth", "pricing"]
Unit = Literal["count", "days", "share", "ratio", "money", "points", "quantity", "flag", "hours", "months"]
Missing = Literal["zero", "unknown"]
Operator = Literal["+", "-", "/"]
Among = Literal["everyone", "peers"]


class Value:
    """What a feature is computed from: a leaf, or two values and an operator. Division by zero is missing."""

    def __add__(self, other: Value) -> Value:
        return Combined("+", self, other)

    def __sub__(self, other: Value) -> Value:
        return Combined("-", self, other)

    def __truediv__(self, other: Value) -> Value:
        return Combined("/", self, other)

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf below this value, repeats included."""
        raise NotImplementedError

    def ranks(self) -> Iterator[Rank]:
        """Every rank in this value, repeats included."""
        yield from ()


@dataclass(frozen=True)
class Combined(Value):
    """Two values and what joins them."""

    operator: Operator
    left: Value
    right: Value

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf below this value."""
        yield from self.left.leaves()
        yield from self.right.leaves()


@dataclass(frozen=True)
class Leaf(Value):
    """One column that one source's query yields."""

    source: str
    name: str
    """A measure, an entity or a state of that source."""

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf below this value."""
        yield self

    @property
    def column(self) -> str:
        """The name of the column in the source's result."""
        raise NotImplementedError


@dataclass(frozen=True)
class Total(Leaf):
    """Sum of a measure over the window; 0 where nothing happened."""

    window: Window

    @property
    def column(self) -> str:
        """The name of the column in the source\'s result."""
        return f"{self.source}.{self.name}.{self.window.days or 'ever'}.{self.window.lag}"


@dataclass(frozen=True)
class Recency(Leaf):
    """Days from the last day on which the measure was above 0 to `as_of` (at least 1); missing where there was none."""

    @property
    def column(self) -> str:
        """The name of the column in the source\'s result."""
        return f"{self.source}.{self.name}.recency"


@dataclass(frozen=True)
class Distinct(Leaf):
    """How many different values of an entity column were seen in `[as_of - days, as_of)`."""

    window: Window

    @property
    def column(self) -> str:
        """The name of the column in the source\'s result."""
        return f"{self.source}.{self.name}.distinct.{self.window.days or 'ever'}"


@dataclass(frozen=True)
class State(Leaf):
    """An aggregate over the rows that are in force at `as_of`; missing where none is."""

    @property
    def column(self) -> str:
        """The name of the column in the source\'s result."""
        return f"{self.source}.{self.name}.state"


@dataclass(frozen=True)
class Rank(Value):
    """The share of the accounts active at `as_of` whose value is lower, half of the equal ones counted; 0 to 1.

    Missing where the value is, and where too few others have one (see `features/building/peers.py`).
    """

    value: Value
    among: Among = "everyone"
    """Or only among those of the same segment and about the same tenure."""
    zero: bool = True
    """Whether totals and counts of nothing are 0."""

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf below this value."""
        yield from self.value.leaves()

    def ranks(self) -> Iterator[Rank]:
        """Itself: what it ranks has none of its own."""
        yield self


@dataclass(frozen=True)
class Part:
    """One part of a score."""

    feature: str
    """Whose value it is."""
    rank: Rank
    higher_is_better: bool


@dataclass(frozen=True)
class Score(Value):
    """0 to 100: the rank among everyone of the mean of its parts' ranks, turned round where less is better.

    The mean is over those parts that are known: it never falls when a part gets better. Missing where none is known.
    """

    parts: tuple[Part, ...]

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf below this value."""
        for part in self.parts:
            yield from part.rank.leaves()

    def ranks(self) -> Iterator[Rank]:
        """Those of its parts."""
        for part in self.parts:
            yield part.rank


@dataclass(frozen=True)
class Measure:
    """A number that each event has and that is summed over a day."""

    name: str
    expression: Callable[[ir.Table], ir.Value]
    """Of the source's rows; an integer or a decimal, so that sums do not depend on their order."""
    columns: tuple[str, ...] = ()
    """Columns of the contract without which it cannot be computed; `products.core` is one of another table."""


DAYS = "days"
"""The measure that every event source has: 1 for each day on which there was an event."""


@dataclass(frozen=True)
class EventSource:
    """Something that happens at an instant: rolled up to days, then summed over windows.

    Beside its own measures each source has `days`, on how many different days there was an event: `total("days", 28)`.
    """

    name: str
    rows: Callable[[Tables], ir.Table]
    """One row an event: the keys, `day`, `known_day` (both local dates, see `events_of`), and the contract's columns.
    A row of the contract that is filled in later becomes one event an instant (a ticket opened, a ticket resolved)."""
    measures: tuple[Measure, ...]
    table: str
    """The contract's table without which the source is not there."""
    columns: tuple[str, ...] = ()
    """Columns of that table without which the source is not there."""
    entities: tuple[str, ...] = ()
    """Columns whose different values are counted."""
    keys: tuple[Key, ...] = ("account_id",)
    apart: tuple[str, ...] = ()
    """Further columns by which its days are kept apart, where the company brings them; an event may lack them."""
    fold: Fold | None = None
    """How its days are made of a finer source's, where they are: then only those are kept, and events read for them."""
    by_day: bool = False
    """Whether its rows of a day are made only of those rows of `table` whose own event lies on that day, and of whole
    other tables. Then, of what is kept from build to build, only the days that changed are read anew."""

    def total(self, measure: str, days: int | None, lag: int = 0) -> Total:
        """Sum of a measure over `[as_of - lag - days, as_of - lag)`."""
        return Total(self.name, measure, Window(days, lag))

    def recency(self, measure: str) -> Recency:
        """Days since the measure was last above 0."""
        return Recency(self.name, measure)

    def distinct(self, entity: str, days: int | None) -> Distinct:
        """How many different values of the entity in `[as_of - days, as_of)`."""
        return Distinct(self.name, entity, Window(days))


@dataclass(frozen=True)
class Fold:
    """How the days of a source are made of those of a finer one, so that events are grouped once for several sources.

    What comes of it is what comes of the events (a test compares them).
    """

    of: EventSource
    rows: Callable[[Tables, ir.Table], ir.Table]
    """(tables, the days of `of`) -> rows with the source's keys, `day`, `known_day`, a column a measure and an entity;
    any number of them a day, and whole numbers never below 0. Entities that `of` has itself are taken from there, by
    the keys of the source."""


@dataclass(frozen=True)
class Aggregate:
    """A number over the rows of one key that are visible at `as_of`."""

    name: str
    expression: Callable[[ir.Table], ir.Value]
    """An aggregate over the source's rows joined to the cohort; `as_of` is one of their columns (a date)."""
    columns: tuple[str, ...] = ()
    """Optional columns of the contract without which it cannot be computed."""


@dataclass(frozen=True)
class StateSource:
    """Something that holds over a period: joined to the cohort as it was known at each `as_of`."""

    name: str
    rows: Callable[[Tables, ir.Table], ir.Table]
    """(tables, cohort of keys and `as_of`) -> one row a cohort row and contract row visible at its `as_of`."""
    states: tuple[Aggregate, ...]
    table: str
    columns: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ("account_id",)
    besides: tuple[str, ...] = ()
    """Columns of other tables that it looks at where they are there, and can do without: `offers.kind`."""

    def state(self, name: str) -> State:
        """That aggregate at `as_of`."""
        return State(self.name, name)


Source = EventSource | StateSource


@dataclass(frozen=True)
class Feature:
    """What is known of an account (or of an account and a product) at an instant, in one number."""

    name: str
    """Ends with its window where it has one: `active_days_28d`."""
    value: Value
    unit: Unit
    idea: str
    """Correlated features that tell the same story share one, and a reason is the sum over it: `use`, `breadth`, ..."""
    rung: Rung | None
    """None where it is on none: what an account is, rather than what it does."""
    purpose: str
    """What it is for: one of `features.purposes` or of those that a company adds; not allowed, it is never computed."""
    phrase: str
    """The reason's words: "Active days {moved} {value} in the last 28". `{moved}` becomes "fell to", "rose to" or
    "stayed at" against what is usual for the account; without it `{value}` is simply stated."""
    layer: Layer | None = None
    moment: Moment | None = None
    actionable: bool = False
    """Whether the company could act on it."""
    missing: Missing = "zero"
    """What no rows mean: nothing happened (`zero`), or nothing is known (`unknown`, left missing)."""
    missing_phrase: str = ""
    """The reason's words where the value is missing: "No satisfaction answer so far"."""
    about: Literal["account", "pair"] = "account"
    """`account`: one value an (account_id, as_of). `pair`: one an (account_id, product, as_of)."""
    description: str = ""
    taught: bool = True
    """Whether models learn from it; scores, being made of other features, are for people."""
    better: Literal["more", "less"] | None = None
    """Which way it is better, where neither a score nor what it is made of says so (`models/direction.py`)."""

    @property
    def window(self) -> Window | None:
        """The widest window of its leaves; None where it has none."""
        windows = [leaf.window for leaf in self.value.leaves() if isinstance(leaf, Total | Distinct)]
        return max(windows, key=lambda w: w.reach or 10**6, default=None)

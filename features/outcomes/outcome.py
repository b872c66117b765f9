"""Outcomes: what may happen to an account, each one record through one code path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from features.clock import ACTIVE_DAYS, Horizon
from features.suggestion import did_you_mean

if TYPE_CHECKING:
    from features.outcomes.kinds import OutcomeKind

Kind = Literal["subscription_end", "inactivity", "tier_up", "spend_up", "product_adopted", "offer_accepted", "query"]
Unit = Literal["account", "pair", "offer"]
OWN_KIND = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
"""A kind that a company's own file adds: the file's name without its ending, and the kind's."""
OfferKind = Literal["upgrade", "adoption", "retention"]


class Outcome(BaseModel):
    """The settings of one outcome, as `[outcomes.<name>]` of the config gives them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """`churn`, `upgrade`, `adoption`, or one that the company adds; the key of the config's table."""
    kind: str
    """How it shows: `subscription_end`, `inactivity`, `tier_up`, `spend_up`, `product_adopted`, `offer_accepted`,
    `query`, or a kind of the company's own file, such as `my_features.complaint`. See `features/outcomes/kinds.py`."""
    gap_days: int = Field(14, ge=0)
    """Days between as_of and the first day that counts: the time needed to act. An offer is the act itself, so for
    `offer_accepted` it is 0 unless given."""
    horizon_days: int = Field(90, ge=1)
    """Days that count."""
    grace_days: int = Field(14, ge=0)
    """`subscription_end`: days in which a following subscription undoes an end."""
    active_days: int = Field(ACTIVE_DAYS, ge=1)
    """An account is active that consumed within so many days before as_of: those whom `inactivity` is asked about, and,
    for a company without subscriptions, those whom the other kinds are asked about."""
    min_increase: float = Field(0.1, gt=0, le=100)
    """`spend_up`: by which share recurring revenue (or consumed value) must rise."""
    min_days: int = Field(3, ge=1)
    """`product_adopted`: on how many different days a product must be used."""
    offer_kind: OfferKind | None = None
    """`offer_accepted`: only offers of that kind; all of them where none is given."""
    query: str | None = None
    """`query`: SQL over the contract's tables that yields `account_id, occurred_at`."""
    _rule: Any = PrivateAttr(None)

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        if kind not in get_args(Kind) and not OWN_KIND.fullmatch(kind):
            meant = did_you_mean(kind, get_args(Kind), before="; ")
            raise ValueError(f"a kind is one of {', '.join(get_args(Kind))}, or <file>.<name> of an own file{meant}")
        return kind

    @model_validator(mode="before")
    @classmethod
    def _no_gap_before_an_offer(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("kind") == "offer_accepted" and "gap_days" not in values:
            return {**values, "gap_days": 0}
        return values

    @model_validator(mode="after")
    def _query_where_it_belongs(self) -> Outcome:
        if (self.kind == "query") != (self.query is not None):
            raise ValueError("query is given for the kind query, and for no other")
        return self

    @property
    def horizon(self) -> Horizon:
        """Gap, horizon and, for ends that a return can undo, the days that make them certain."""
        return Horizon(self.horizon_days, self.gap_days, self.grace_days if self.kind == "subscription_end" else 0)

    @property
    def unit(self) -> Unit:
        """What one row of its cohort is."""
        if self.rule is not None:
            return "pair" if "product" in self.rule.keys else "account"
        units: dict[str, Unit] = {"product_adopted": "pair", "offer_accepted": "offer"}
        return units.get(self.kind, "account")

    @property
    def rule(self) -> OutcomeKind | None:
        """The record of its kind where a company's own file adds that; see `features.outcomes.kinds.kind_of`."""
        found: OutcomeKind | None = self._rule
        return found

    def ruled_by(self, rule: OutcomeKind) -> Outcome:
        """The same outcome, which carries the record of its kind along."""
        bound = self.model_copy()
        bound._rule = rule
        return bound

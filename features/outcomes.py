"""Outcomes: what may happen to an account, each one record through one code path."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.clock import Horizon

Kind = Literal["subscription_end", "inactivity", "tier_up", "spend_up", "product_adopted", "offer_accepted", "query"]
Unit = Literal["account", "pair", "offer"]
OfferKind = Literal["upgrade", "adoption", "retention"]


class Outcome(BaseModel):
    """The settings of one outcome, as `[outcomes.<name>]` of the config gives them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """`churn`, `upgrade` or `adoption`; the key of the config's table."""
    kind: Kind
    """How it shows: see the table of outcomes in `features/outcome_kinds.py`."""
    gap_days: int = Field(14, ge=0)
    """Days between as_of and the first day that counts: the time needed to act. An offer is the act itself, so for
    `offer_accepted` it is 0 unless given."""
    horizon_days: int = Field(90, ge=1)
    """Days that count."""
    grace_days: int = Field(14, ge=0)
    """`subscription_end`: days in which a following subscription undoes an end."""
    active_days: int = Field(91, ge=1)
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
        units: dict[Kind, Unit] = {"product_adopted": "pair", "offer_accepted": "offer"}
        return units.get(self.kind, "account")

"""What features are for: every purpose, and the `[features]` of the config that says which of them are allowed.

Value is judged in use, by the customer; so only what serves a purpose that the company stands by is looked at. A
feature whose purpose is not allowed is never computed: its columns are not read for it, no rollup holds its measure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.suggestion import did_you_mean

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "service": "Serving the customer's own goal: what works and what does not, how help comes, what was promised",
        "retention": "Seeing that a customer may leave while something can still be done about it",
        "growth": "Seeing what else would serve a customer: more people, a higher plan, another product",
        "pricing": "Deciding what a customer pays: price, discount, what is got for it",
    }
)
"""The purposes of the catalogue; a company may name more in its config."""

NAME = r"^[a-z][a-z0-9_]*$"


class PurposeSettings(BaseModel):
    """What features may be used for: `[features.purposes]` of the config."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    allowed: tuple[str, ...] = Field(tuple(PURPOSES), min_length=1)
    """A feature or an attribute with any other purpose is never computed: nothing is read for it, and no model, reason
    or list knows of it."""
    own: dict[str, str] = {}
    """Purposes that the company adds, each with what it means: `own = { credit = "Deciding on terms of payment" }`.
    They too are allowed only by name."""

    @model_validator(mode="after")
    def _known(self) -> PurposeSettings:
        twice = sorted(set(self.own) & set(PURPOSES))
        if twice:
            raise ValueError(f"own adds purposes; {', '.join(twice)} is one already. Choose another name")
        for name in self.allowed:
            require_purpose(name, self.meanings)
        return self

    @property
    def meanings(self) -> Mapping[str, str]:
        """Every purpose that there is, allowed or not, with what it means."""
        return {**PURPOSES, **self.own}


def require_purpose(name: str, purposes: Collection[str]) -> None:
    """Whether there is such a purpose.

    Raises:
        ValueError: there is none of that name; the nearest is named.
    """
    if name not in purposes:
        meant = did_you_mean(name, purposes, after=" ")
        raise ValueError(
            f"there is no purpose {name!r}; {meant}Purposes: {', '.join(purposes)}; add one with `own` in "
            "[features.purposes]"
        )


class FeatureSettings(BaseModel):
    """What is computed of accounts, and for what: `[features]` of the config."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    purposes: PurposeSettings = PurposeSettings()
    files: tuple[str, ...] = ()
    """Files of the company's own that add features, sources, ideas and kinds of outcome, such as `my_features.py`;
    relative to the config. They are run as Python: see docs/cookbook.md."""
    protected: tuple[str, ...] = ()
    """Declared attributes that are features although they are protected: age, gender, nationality and the like (see
    `features/protected.py`). How well models do by each of them is then reported."""
    slices: tuple[str, ...] = ()
    """Declared attributes, and `segment`, `region`, `industry` or `size`, by which `holdfast metrics` reports how well
    models do. One that is off otherwise is read for this alone."""
    teach_scores: bool = False
    """Whether models learn from the scores of 0 to 100 too. They are made of other features, so that little is gained,
    and a reason that is a score does not say which of its parts it was."""

"""Attributes of accounts as the config declares them, and which of them are used: as features, or for reporting.

    [data.tables.accounts]
    attributes = ["industry", "age"]                                  # for the purpose `retention`
    attributes = { industry = "growth", age = "service" }             # each for its own
    attributes = { postcode = { purpose = "service", type = "text" } }

An attribute never changes, or has versions (`valid_from`). One whose purpose is not allowed, or that is protected
(`features/protected.py`) and not allowed by name, is not read at all, unless evaluation is to report by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from features.columns import DESCRIBING
from features.contract import columns_of
from features.errors import ConfigError
from features.protected import ground_of
from features.purposes import FeatureSettings, require_purpose
from features.suggestion import did_you_mean

NEVER = (
    *("account_id", "name", "signed_up_at", "valid_from", "event_id", "recorded_at", "known_at"),
    *("as_of", "day", "known_day", "version_day", "signed_up_day"),
)
"""Columns that tell accounts or their versions apart, and those that are added to them: no attributes."""
AttributeType = Literal["number", "text"]


class Attribute(BaseModel):
    """How one attribute is used."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    purpose: str = "retention"
    """What it is for; see `[features.purposes]`."""
    type: AttributeType | None = None
    """Without it as the column is typed; text of a CSV in which every value is a number is a number, unless one begins
    with a zero, as postcodes do."""
    used: bool = True
    """Whether anything may be computed of it. `false` where it is for people to read alone; an attribute whose purpose
    is not allowed, or that is protected, has it without being told."""


def attributes_of(given: Any) -> Any:
    """A list of names, or purposes or settings by name, as settings by name."""
    if isinstance(given, list | tuple):
        return {name: {} for name in given}
    if isinstance(given, Mapping):
        return {name: {"purpose": each} if isinstance(each, str) else each for name, each in given.items()}
    return given


@dataclass(frozen=True)
class Declared:
    """What of a company's attributes is used."""

    features: Mapping[str, Attribute]
    """Those that are computed, by name."""
    slices: tuple[str, ...]
    """Attributes and describing columns by which evaluation reports."""
    off: Mapping[str, str]
    """Why the others are not computed, by name."""

    @property
    def read(self) -> tuple[str, ...]:
        """The attributes and columns that are read for either use."""
        return (*self.features, *(name for name in self.slices if name not in self.features))


def declared(attributes: Mapping[str, Attribute], theirs: Mapping[str, str], settings: FeatureSettings) -> Declared:
    """What of the attributes is used under those settings; `theirs` says what columns are called where they come from.

    Raises:
        ConfigError: a name that is no attribute's, or an attribute that cannot be one.
    """
    _require(attributes, settings)
    grounds = {name: ground_of(name, theirs.get(name, name)) for name in attributes}
    off: dict[str, str] = {}
    for name, attribute in attributes.items():
        if not attribute.used:
            off[name] = "it is declared with used = false"
        elif attribute.purpose not in settings.purposes.allowed:
            off[name] = f"its purpose {attribute.purpose} is not allowed"
        elif grounds[name] and name not in settings.protected:
            off[name] = f'it is protected ({grounds[name]}); to allow it: [features] protected = ["{name}"]'
    on = {name: attribute for name, attribute in attributes.items() if name not in off}
    reported = [*settings.slices, *(name for name in on if grounds[name])]
    return Declared(on, tuple(dict.fromkeys(reported)), off)


def _require(attributes: Mapping[str, Attribute], settings: FeatureSettings) -> None:
    for name, attribute in attributes.items():
        if name in NEVER or "=" in name:
            raise ConfigError(
                f"data.tables.accounts.attributes: an attribute describes an account, and {name} cannot be one. Take "
                "it out."
            )
        if attribute.type is not None and name in columns_of("accounts"):
            raise ConfigError(
                f"data.tables.accounts.attributes.{name}: the contract says of what type {name} is. Take `type` out."
            )
        try:
            require_purpose(attribute.purpose, settings.purposes.meanings)
        except ValueError as error:
            raise ConfigError(f"data.tables.accounts.attributes.{name}: {error}.") from error
    known = {"protected": tuple(attributes), "slices": (*attributes, *DESCRIBING)}
    for key, names in known.items():
        for name in getattr(settings, key):
            if name not in names:
                meant = did_you_mean(name, names, after=" ")
                raise ConfigError(
                    f"features.{key} names attributes that [data.tables.accounts] declares; {name} is none. {meant}"
                    f"There are: {', '.join(dict.fromkeys(names)) or 'none'}."
                )

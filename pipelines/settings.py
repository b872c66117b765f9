"""The whole of `holdfast.toml` as one frozen object; the only place that reads the config file and the environment.

Every part is declared by the package that uses it (`DataSettings` in `features/data_settings.py`, `Outcome` in
`features/outcomes/outcome.py`, ...); here they only meet. An environment variable overrides the file:
`HOLDFAST_COMPANY__NAME`, `HOLDFAST_TRAINING__SEED`.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from features.contract import CONTRACT, columns_of
from features.data_settings import DataSettings, TableSource
from features.declared import Attribute, Declared, declared
from features.errors import ConfigError
from features.outcomes.outcome import Outcome
from features.purposes import FeatureSettings
from features.suggestion import did_you_mean
from models.training_settings import TrainingSettings
from serving.decision import DecisionSettings
from serving.hook import BriefSettings

CONFIG_NAME = "holdfast.toml"
OUTCOME_NAMES = ("churn", "upgrade", "adoption")


class Company(BaseModel):
    """Who this is about, and where its results live."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = Field("company", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")
    """Letters, digits, `_` and `-`: part of folder, run and model names."""
    currency: str = Field("EUR", min_length=1, max_length=8)
    """As amounts are written with; nothing is converted."""
    timezone: str = "UTC"
    """Places the day boundaries; every instant in the tables is UTC."""
    workspace: Path = Path(".holdfast")
    """Rollups, features, scores and published lists; relative to the config file."""
    mlruns: Path = Path("mlruns")
    """MLflow's database and artifacts; relative to the config file."""


def _named(outcomes: Any) -> Any:
    """Gives each `[outcomes.<name>]` its name, so that the name is written once."""
    if not isinstance(outcomes, Mapping):
        return outcomes
    return {name: {"name": name, **table} if isinstance(table, Mapping) else table for name, table in outcomes.items()}


class Settings(BaseSettings):
    """Everything that a run depends on beside the data and the code."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="HOLDFAST_", env_nested_delimiter="__", validate_default=False
    )

    company: Company = Company()
    data: DataSettings = DataSettings()
    outcomes: Annotated[dict[str, Outcome], BeforeValidator(_named)] = {}
    """By name; empty means: what the tables allow (see `features.outcomes.kinds.default_outcomes`)."""
    features: FeatureSettings = FeatureSettings()
    training: TrainingSettings = TrainingSettings()
    decision: DecisionSettings = DecisionSettings()
    brief: BriefSettings = BriefSettings()
    base: Path = Field(default=Path(), exclude=True)
    """The folder of the config file; every relative path starts there."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the library gives all five
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _known_names(self) -> Settings:
        for name, outcome in self.outcomes.items():
            self._known_outcome(name, outcome)
        for name in self.data.tables:
            if name not in CONTRACT:
                raise ValueError(f"data.tables.{name}: no such table in the contract{_nearest(name, CONTRACT)}")
        try:
            _ = self.declared
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return self

    def _known_outcome(self, name: str, outcome: Outcome) -> None:
        """Refuses a name that is probably another one misspelt, and a kind of a file that is not named."""
        file, own, _ = outcome.kind.partition(".")
        if name not in OUTCOME_NAMES:
            meant = did_you_mean(name, OUTCOME_NAMES, near=0.75, before="; ")
            if meant or not (own or outcome.kind == "query") or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(
                    f"outcomes.{name}: an outcome is one of {', '.join(OUTCOME_NAMES)}, or one of your own, of the "
                    f"kind query or of a kind of your own file{meant}"
                )
        if own and file not in {Path(each).stem for each in self.features.files}:
            raise ValueError(f"outcomes.{name}.kind: {outcome.kind} is of {file}.py, which [features] files lacks")

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        """The attributes of accounts that the config declares."""
        return self.data.tables.get("accounts", TableSource()).attributes

    @property
    def declared(self) -> Declared:
        """What of the attributes is used.

        Raises:
            ConfigError: a name that is no attribute's, or an attribute that cannot be one.
        """
        theirs = self.data.tables.get("accounts", TableSource()).columns
        return declared(self.attributes, theirs, self.features)

    @property
    def data_read(self) -> DataSettings:
        """`data` without the attributes that are off: they are not read.

        Those of the contract, such as `segment`, people read in the list; and evaluation may report by any. Nothing is
        computed of them: they are marked as not used.
        """
        source = self.data.tables.get("accounts")
        if source is None or not source.attributes:
            return self.data
        kept = {*self.declared.read, *columns_of("accounts")}
        read = {
            name: each if name in self.declared.features else each.model_copy(update={"used": False})
            for name, each in source.attributes.items()
            if name in kept
        }
        left = set(source.attributes) - set(read)
        columns = {ours: theirs for ours, theirs in source.columns.items() if ours not in left}
        accounts = source.model_copy(update={"attributes": read, "columns": columns})
        return self.data.model_copy(update={"tables": {**self.data.tables, "accounts": accounts}})

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """The names that outcomes may have, in the order in which they stand side by side."""
        return (*OUTCOME_NAMES, *sorted(set(self.outcomes) - set(OUTCOME_NAMES)))

    @property
    def workspace(self) -> Path:
        """Where rollups, features, scores and lists of this company live."""
        return self.base / self.company.workspace

    @property
    def mlruns(self) -> Path:
        """Where MLflow's database and artifacts live."""
        return self.base / self.company.mlruns

    @property
    def digest(self) -> str:
        """Of every setting that can change a result: where things are kept and how many threads work on it cannot."""
        content = self.model_dump(
            mode="json",
            exclude={
                "company": {"workspace", "mlruns"},
                "data": {"path", "memory_limit", "threads"},
                "training": {"threads"},
                "features": {"files"},
                "brief": True,
            },
        )
        content["features"]["files"] = [_content_digest(self.base / name) for name in self.features.files]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _content_digest(file: Path) -> str:
    """Of what a company's own file holds; empty where it is not there, which whoever reads it will say."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def load_settings(path: Path) -> Settings:
    """The settings in that file; a folder means its `holdfast.toml`.

    Raises:
        ConfigError: no such file, not TOML, an unknown key (the nearest known one is named) or a wrong value.
    """
    file = path / CONFIG_NAME if path.is_dir() else path
    if not file.is_file():
        raise ConfigError(
            f"A config is needed, and there is no {file}. "
            "Write one with `holdfast init`, name another with --config, or try `holdfast demo`."
        )
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}. Correct that place.") from error
    try:
        return Settings(**content, base=file.parent)
    except ValidationError as error:
        lines = "\n".join(_explain(item) for item in error.errors())
        raise ConfigError(f"{file} has settings that cannot be used:\n{lines}") from error


def _explain(item: Any) -> str:
    """One line for one finding of pydantic: the key, what was seen, what to do."""
    loc = [str(part) for part in item["loc"]]
    key = ".".join(loc) or "config"
    if item["type"] == "extra_forbidden":
        return f"  {key}: no such key{_nearest(loc[-1], _keys_beside(loc))} Remove it or correct its name."
    message = _wanted(item["type"], loc) or item["msg"].removeprefix("Value error, ")
    if not loc:
        return f"  {message}"
    return f"  {key}: {message}, seen {item['input']!r}. Correct the value."


def _wanted(finding: str, loc: list[str]) -> str:
    """What a key wants, where pydantic's own words speak of Python or in a regular expression."""
    if finding in ("tuple_type", "list_type"):
        return 'it is a list, written ["...", "..."]'
    if finding == "string_pattern_mismatch":
        return {
            "data.memory_limit": "it is a size such as 4GB or 512MB, or a share of the machine's memory such as 50%",
            "company.name": "it is made of letters, digits, _ and -, at most 63, and begins with a letter or a digit",
        }.get(".".join(loc), "")
    return ""


def _keys_beside(loc: list[str]) -> list[str]:
    """The keys that are known where an unknown one stands: each part leads one field or one named entry down."""
    annotation: Any = Settings
    for part in loc[:-1]:
        if hasattr(annotation, "model_fields"):
            field = annotation.model_fields.get(part)
            annotation = field.annotation if field else None
        else:
            annotation = get_args(annotation)[-1]
    return [name for name in getattr(annotation, "model_fields", {}) if name not in {"base", "name"} or len(loc) == 2]


def _nearest(word: str, known: Any) -> str:
    """`; did you mean X?` where something is near, else the known words."""
    there = f"; known here: {', '.join(sorted(known))}." if known else "."
    return did_you_mean(word, known, near=0.6, before="; ") or there

"""Every error that Holdfast raises on purpose.

HoldfastError
├── InputError          exit 2: the data or the config cannot be used as it is
│   ├── ConfigError         a key or value in holdfast.toml
│   ├── DataError           tables, columns or rows; carries one Fault a finding
│   └── TimeError           a window, gap or horizon that the data's span cannot support
├── RefusedError        exit 1: a check refused (promotion, training set too small, nothing to publish)
└── ServiceError        exit 3: a service that is needed is away (MLflow, Prefect, a database)

A message has three parts, in this order: the rule, what was seen, what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


class HoldfastError(Exception):
    """Anything that Holdfast raises on purpose; `exit_code` is what the command line ends with."""

    exit_code = 2


class InputError(HoldfastError):
    """The data or the config cannot be used as it is."""


class ConfigError(InputError):
    """A key or a value of the config is wrong."""


class TimeError(InputError):
    """A window, gap or horizon asks for data that is not there."""


class RefusedError(HoldfastError):
    """A check refused to let something through."""

    exit_code = 1


class ServiceError(HoldfastError):
    """A service that is needed did not answer."""

    exit_code = 3


@dataclass(frozen=True)
class Fault:
    """One finding about one table: which rule, how many rows, examples, and what to do."""

    table: str
    rule: str
    """Short name of the rule, as `--allow` takes it: `duplicate_key`, `unknown_account`, ..."""
    message: str
    remedy: str
    column: str | None = None
    rows: int | None = None
    """How many rows break the rule; None for a fault of structure."""
    examples: tuple[str, ...] = field(default=())

    @property
    def structural(self) -> bool:
        """Whether no row can be blamed; such a fault can never be allowed."""
        return self.rows is None

    def __str__(self) -> str:
        place = self.table if self.column is None else f"{self.table}.{self.column}"
        count = "" if self.rows is None else f" ({self.rows:,} row{'' if self.rows == 1 else 's'})"
        shown = f" For example: {'; '.join(self.examples)}." if self.examples else ""
        return f"{place}: {self.message}{count}.{shown} {self.remedy} [{self.rule}]"


class DataError(InputError):
    """Tables, columns or rows that break the contract."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

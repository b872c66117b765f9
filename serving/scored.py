"""What the models say about the accounts at one as_of, and the folder in which it waits for a list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from features.errors import RefusedError
from serving.files import read_parquet, write_parquet
from serving.frame_types import MOVE_TYPES, PRODUCT_TYPES, REASON_TYPES, account_types, no_moves, schema
from serving.kept import Kept, keep, kept


@dataclass(frozen=True)
class ScoredModel:
    """What a list says about the model behind one of its outcomes."""

    version: str
    """The scorer's digest."""
    base_rate: float


@dataclass(frozen=True)
class Scored:
    """Everything that the models say about the accounts at one as_of."""

    as_of: date
    accounts: pd.DataFrame
    """One row an account_id, sorted: `as_of`, its facts and `<outcome>_probability`, missing where it was not asked
    about; for outcomes of products also `<outcome>_product`, the likeliest one, whose probability that is."""
    products: pd.DataFrame
    """One row per (account_id, outcome, product): `probability` and `position` (1 = the account's likeliest)."""
    reasons: pd.DataFrame
    """One row per (account_id, outcome, idea), see `serving.reasons`."""
    models: Mapping[str, ScoredModel]
    """By outcome, in the order in which outcomes stand side by side."""
    kept: Mapping[str, Kept]
    """By outcome, what its scores came from."""
    moves: pd.DataFrame = field(default_factory=no_moves)
    """One row per (account_id, outcome, step), see `serving.moves`."""

    def write(self, folder: Path) -> None:
        """Write the frames, what is behind them and, last, `scored.json`: the same bytes for the same scores."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scored.json").unlink(missing_ok=True)
        write_parquet(self.accounts, schema(account_types(self.accounts)), folder / "accounts.parquet")
        write_parquet(self.products, schema(PRODUCT_TYPES), folder / "products.parquet")
        write_parquet(self.reasons, schema(REASON_TYPES), folder / "reasons.parquet")
        write_parquet(self.moves, schema(MOVE_TYPES), folder / "moves.parquet")
        keep(folder, self.kept)
        content = {"as_of": self.as_of.isoformat(), "models": {name: asdict(m) for name, m in self.models.items()}}
        (folder / "scored.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Scored:
        """Read what `write` wrote.

        Raises:
            RefusedError: nothing complete is there.
        """
        try:
            content = json.loads((folder / "scored.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise RefusedError(
                f"A list is made of finished scores; {folder} holds none. Run the scoring step first (holdfast score)."
            ) from error
        return cls(
            as_of=date.fromisoformat(content["as_of"]),
            accounts=read_parquet(folder / "accounts.parquet"),
            products=read_parquet(folder / "products.parquet"),
            reasons=read_parquet(folder / "reasons.parquet"),
            models={name: ScoredModel(**model) for name, model in content["models"].items()},
            kept=kept(folder),
            moves=read_parquet(folder / "moves.parquet"),
        )

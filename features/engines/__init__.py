"""The engines that a company's tables may be read, checked and computed on: DuckDB, Postgres, Spark.

Everything else speaks Ibis and knows no engine. What each engine does in a way of its own stands in its file (how it is
talked to and writes SQL, beside it): where tables are and how they are brought, how a relation is kept, how rows are
hashed, what it raises.
"""

from __future__ import annotations

from features.engines.engine import Engine, Place, engine_named, engine_of

__all__ = ["Engine", "Place", "engine_named", "engine_of"]

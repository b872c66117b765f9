"""`holdfast init`: a commented `holdfast.toml`, guessed from the files that are there."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.contract import CONTRACT
from features.errors import ConfigError

OTHER_NAMES = {
    "accounts": ("customers", "clients", "companies", "households", "organizations", "members", "buyers"),
    "subscriptions": ("contracts", "memberships", "licenses"),
    "consumption": ("usage", "events", "orders", "transactions", "activity", "log", "sessions", "purchases"),
    "satisfaction": ("surveys", "nps", "csat", "feedback", "ratings", "answers"),
    "tickets": ("support", "cases", "incidents", "issues", "support_tickets"),
    "interactions": ("meetings", "calls", "contacts", "touchpoints"),
    "offers": ("campaigns", "promotions"),
    "products": ("features", "modules", "items"),
    "account_id": ("customer_id", "client_id", "household_id", "company_id", "org_id", "account", "customer", "id"),
    "signed_up_at": ("signup_date", "created_at", "created", "registered_at", "start_date", "joined_at"),
    "occurred_at": ("timestamp", "ts", "time", "event_time", "date", "usage_date", "order_date", "created_at"),
    "started_at": ("start_date", "start", "begin_date", "begindate", "valid_from"),
    "ended_at": ("end_date", "end", "enddate", "churn_date", "valid_to"),
    "opened_at": ("created_at", "submitted_at", "open_date"),
    "resolved_at": ("closed_at", "solved_at", "close_date"),
    "mrr": ("mrr_amount", "monthly_revenue", "monthlycharges", "price"),
    "plan": ("plan_tier", "plan_name", "package", "type"),
    "product": ("feature_name", "feature", "item", "page", "product_id"),
    "quantity": ("usage_count", "count", "units", "qty"),
    "value": ("amount", "sales_value", "revenue", "usd"),
    "score": ("rating", "satisfaction_score", "answer"),
    "name": ("account_name", "customer_name", "company_name"),
    "user_id": ("user", "userid", "member_id"),
}
SUFFIXES = (".parquet", ".csv")


@dataclass(frozen=True)
class Match:
    """One file, the table that it seems to be, and the columns that go by another name there."""

    table: str
    file: str
    columns: dict[str, str]
    missing: tuple[str, ...]
    """Required columns for which nothing was found."""


def config_text(folder: Path, name: str = "acme") -> tuple[str, list[Match]]:
    """The text of a `holdfast.toml` for the data files of that folder (and its `data/`), and what was recognised.

    Raises:
        ConfigError: no Parquet or CSV file is there, or none that looks like a table of the contract.
    """
    data = folder / "data" if (folder / "data").is_dir() else folder
    files = sorted(path for path in data.iterdir() if path.suffix in SUFFIXES)
    if not files:
        raise ConfigError(
            f"`holdfast init` looks at data files, and {data} holds no Parquet or CSV file. "
            "Put one file a table there (accounts.parquet, consumption.csv, ...), or try `holdfast demo`."
        )
    matches = _one_a_table(match for path in files if (match := _match(path)) is not None)
    if not matches:
        raise ConfigError(
            f"None of the files in {data} looks like a table of the contract ({', '.join(CONTRACT)}); seen: "
            f"{', '.join(path.name for path in files)}. Rename a file, or write [data.tables] by hand."
        )
    path = "data" if data != folder else "."
    return _render(name, path, matches), matches


def _match(path: Path) -> Match | None:
    table = _closest(path.stem, CONTRACT)
    if table is None:
        return None
    theirs = _header(path)
    contract = CONTRACT[table]
    columns: dict[str, str] = {}
    free = list(theirs)
    wanted = list(contract.columns)
    for ours in [name for name in wanted if name in free]:
        free.remove(ours)
    for ours in wanted:
        if ours not in theirs and (found := _synonym(ours, free)) is not None:
            columns[ours] = found
            free.remove(found)
    missing = tuple(
        name
        for name, column in contract.columns.items()
        if column.required and name not in theirs and name not in columns
    )
    return Match(table, path.name, columns, missing)


def _one_a_table(matches: Iterable[Match]) -> list[Match]:
    """The best file for each table, in the contract's order: the one with the fewest columns missing, then by name."""
    best: dict[str, Match] = {}
    for match in matches:
        known = best.get(match.table)
        if known is None or (len(match.missing), match.file) < (len(known.missing), known.file):
            best[match.table] = match
    return [best[table] for table in CONTRACT if table in best]


def _words(name: str) -> str:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)  # CustomerID
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


def _closest(stem: str, tables: Iterable[str]) -> str | None:
    """The table that a file's name means: the name itself, a part of it, another name, or something close."""
    word = _words(stem)
    known = list(tables)
    for table in known:
        names = (table, *OTHER_NAMES.get(table, ()))
        if word in names or any(re.search(rf"(^|_){name}($|_)", word) for name in names):
            return table
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.75)
    return near[0] if near else None


def _synonym(ours: str, theirs: Sequence[str]) -> str | None:
    plain = {_words(name): name for name in theirs}
    for name in (ours, *OTHER_NAMES.get(ours, ())):
        if name in plain:
            return plain[name]
    return None


def _header(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return list(pq.read_schema(path).names)
    with path.open(newline="", encoding="utf-8-sig") as file:
        return next(csv.reader(file), [])


def _render(name: str, path: str, matches: Sequence[Match]) -> str:
    found = {match.table for match in matches}
    lines = [
        "# Written by `holdfast init`. Everything has a default; what is commented out shows it.",
        "# Next: `holdfast check` says whether the data can be used, `holdfast run` does the rest.",
        "",
        "[company]",
        f'name = "{name}"',
        '# currency = "EUR"',
        '# timezone = "UTC"              # places the day boundaries; instants are UTC',
        '# workspace = ".holdfast"       # features, scores, published lists',
        "",
        "[data]",
        f'path = "{path}"',
        "# end = 2026-06-30              # the data covers whole days before this one; default: found in the data",
        "",
    ]
    for match in matches:
        lines += _table_lines(match)
    return "\n".join([*lines, *_outcome_lines(found)]) + "\n"


def _table_lines(match: Match) -> list[str]:
    if not match.columns and not match.missing and Path(match.file).stem == match.table:
        return [f"# {match.file} bears the contract's names: nothing to say about it", ""]
    lines = [f"[data.tables.{match.table}]", f'file = "{match.file}"']
    if match.columns:
        pairs = ", ".join(f'{ours} = "{theirs}"' for ours, theirs in match.columns.items())
        lines.append(f"columns = {{ {pairs} }}    # ours = theirs: a guess, please check")
    if match.missing:
        lines.append(f"# still to be named in `columns`: {', '.join(match.missing)}")
    return [*lines, ""]


def _outcome_lines(found: set[str]) -> list[str]:
    churn = "subscription_end" if "subscriptions" in found else "inactivity"
    lines = ["[outcomes.churn]", f'kind = "{churn}"', "# gap_days = 14                 # the time needed to act"]
    lines += ["# horizon_days = 90             # how far ahead", ""]
    if {"subscriptions", "plans"} <= found:
        lines += ["[outcomes.upgrade]", 'kind = "tier_up"', ""]
    if "offers" in found:
        lines += ["[outcomes.adoption]", 'kind = "offer_accepted"', ""]
    elif "consumption" in found and "products" in found:
        lines += ["[outcomes.adoption]", 'kind = "product_adopted"', ""]
    return lines

"""The builder and the oracle asked the same questions, and the smallest company on which they do not agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import pandas as pd

from features.building.builder import build
from features.contract import columns_of
from features.errors import HoldfastError
from features.feature import Feature
from features.library.catalogue import LIBRARY, SOURCES, available
from tests.features.companies import Company, Row
from tests.features.oracle.algebra import Answers, Number, value_of
from tests.features.oracle.past import Asked, Past
from tests.features.oracle.registry import ORACLE

WHOLE = ("count", "days", "months", "flag")
"""Units in which both have to say exactly the same."""
TRIALS = 100
"""How often a company on which they differ is cut down, at most."""


@dataclass(frozen=True)
class Opinions:
    """What both say of one feature, for one account (or pair) at one as_of."""

    feature: Feature
    asked: Asked
    as_of: date
    built: float
    """NaN where it is missing."""
    expected: Number

    @property
    def agree(self) -> bool:
        """Whole numbers exactly, others to nine digits."""
        if self.expected is None:
            return math.isnan(self.built)
        if self.feature.unit in WHOLE and self.expected.denominator == 1:
            return self.built == self.expected
        return math.isclose(self.built, self.expected, rel_tol=1e-9, abs_tol=1e-9)

    def __str__(self) -> str:
        who = " and ".join(filter(None, self.asked))
        expected = "missing" if self.expected is None else f"{float(self.expected):.12g}"
        built = "missing" if math.isnan(self.built) else f"{self.built:.12g}"
        return f"{self.feature.name} of {who} at {self.as_of}: the oracle says {expected}, the builder {built}"


@dataclass(frozen=True)
class Question:
    """Whom and when both are asked about."""

    accounts: Sequence[str]
    products: Sequence[str]
    as_ofs: Sequence[date]

    def cohort(self, about: str) -> pd.DataFrame:
        """Everybody (with every product) at every as_of."""
        names = ["account_id", "as_of"] if about == "account" else ["account_id", "product", "as_of"]
        parts = {"account_id": self.accounts, "product": self.products, "as_of": self.as_ofs}
        frame = pd.DataFrame(product(*(parts[name] for name in names)), columns=names)
        return frame.assign(as_of=pd.to_datetime(frame["as_of"]).astype("datetime64[us]"))


def opinions(
    company: Company, question: Question, features: Sequence[Feature] | None = None, answers: Answers = ORACLE
) -> Iterator[Opinions]:
    """What both say of every feature (that the company has data for), one by one."""
    tables = company.tables()
    chosen = available(tables) if features is None else features
    pasts = {as_of: Past(company.brought, company.timezone, as_of, company.delays) for as_of in question.as_ofs}
    for about in ("account", "pair"):
        told = [feature for feature in chosen if feature.about == about]
        rows = build(tables, question.cohort(about), told, SOURCES).to_dict("records") if told else []
        for row, feature in product(rows, told):
            asked, as_of = Asked(row["account_id"], row.get("product", "")), row["as_of"].date()
            expected = value_of(feature.value, pasts[as_of], asked, feature.missing == "zero", answers)
            yield Opinions(feature, asked, as_of, row[feature.name], expected)


def explained(company: Company, difference: Opinions, answers: Answers = ORACLE) -> str:
    """The difference, and the rows of the smallest company found on which the two still differ."""
    asked, feature = difference.asked, difference.feature
    question = Question([asked.account], [asked.product], [difference.as_of])

    def differ(smaller: Company) -> bool:
        try:
            return not all(both.agree for both in opinions(smaller, question, [feature], answers))
        except HoldfastError:
            return False  # the feature, or the as_of, is gone with the rows

    needed = {"accounts", *(table for table, _ in LIBRARY.requirements(feature))}
    small = _smallest(company, _shortcuts(company, asked.account, needed), differ)
    now = next((both for both in opinions(small, question, [feature], answers) if not both.agree), difference)
    return f"{now}, in {small.timezone}\n{_written(small)}"


def _shortcuts(company: Company, account: str, needed: Collection[str]) -> Iterator[Mapping[str, list[Row]]]:
    """The rows of the tables that matter; of these, the rows of the account."""
    few = {table: rows for table, rows in company.rows.items() if table in needed}
    yield {table: [row for row in rows if row.get("account_id", account) == account] for table, rows in few.items()}
    yield few


def _smallest(
    company: Company, shortcuts: Iterable[Mapping[str, list[Row]]], differ: Callable[[Company], bool]
) -> Company:
    """A company with as few rows as can be found in so many trials, on which they still differ."""
    shorter = (replace(company, rows=rows) for rows in shortcuts)
    company = next((smaller for smaller in shorter if differ(smaller)), company)
    trials = iter(range(TRIALS))
    for table in company.rows:
        size = len(company.rows[table])
        while size:
            rows, start = company.rows[table], 0
            while start < len(rows):
                if next(trials, None) is None:
                    return company
                fewer = replace(company, rows={**company.rows, table: [*rows[:start], *rows[start + size :]]})
                if differ(fewer):
                    company, rows = fewer, fewer.rows[table]
                else:
                    start += size
            size //= 2
    return company


def _written(company: Company) -> str:
    return "\n\n".join(f"{name}\n{_text(name, rows)}" for name, rows in company.brought.items())


def _text(table: str, rows: Sequence[Row]) -> str:
    """Rows as a test writes them, without the columns that are blank throughout."""
    names = [name for name in columns_of(table) if any(row.get(name) is not None for row in rows)]
    cells: list[Mapping[str, str]] = [dict(zip(names, names, strict=True))]
    cells += [{name: "" if row.get(name) is None else str(row[name]) for name in names} for row in rows]
    wide = {name: max(len(row[name]) for row in cells) for name in names}
    return "\n".join("    " + " | ".join(row[name].ljust(wide[name]) for name in names).rstrip() for row in cells)

"""The guard of names: attributes of accounts that are called after the outcome, or after a model's answer.

A churn score or a lifetime value is worked out from what became of customers, and may still say so little about each
that no figure gives it away. What it is called does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from features.guards.finding import Finding
from features.guards.hindsight import tellings
from features.guards.telling import chance, too_few
from features.guards.undated import undated_attributes, undated_values

if TYPE_CHECKING:
    from features.tables import Tables

GUARD = "name"
OUTCOMES = ("churn", "attrit", "unsubscrib")
"""Beginnings of words that name the outcome, whatever stands beside them."""
ENDS = ("cancel", "terminat", "leav", "left", "exit", "end", "clos", "depart", "quit", "laps")
"""Beginnings of words that name it where a word of `FACTS` stands next to them: an end date, a reason for leaving."""
FACTS = frozenset({"at", "category", "cause", "code", "date", "day", "flag", "on", "reason", "status", "type"})
FILLING = frozenset({"for", "of"})
MODELS = ("classif", "clv", "cltv", "likelihood", "ltv", "posterior", "predict", "probab", "propensity")
"""Beginnings of words that name a model's answer, which learned from outcomes."""
PHRASES = ("lifetime value", "naive bayes")
BEYOND = 4.0
"""Standard errors by which a column must tell more than nothing: one that tells nothing does no harm."""


def called_after(name: str) -> str:
    """What a column is called after: "the outcome", "a model's answer", or nothing ("")."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    words = [word for word in words if word not in FILLING]
    if any(word.startswith(OUTCOMES) for word in words):
        return "the outcome"
    for one, other in pairwise(words):
        if any(a.startswith(ENDS) and b in FACTS for a, b in ((one, other), (other, one))):
            return "the outcome"
    if any(word.startswith(MODELS) for word in words) or any(phrase in " ".join(words) for phrase in PHRASES):
        return "a model's answer"
    return ""


def telling_names(tables: Tables, cohorts: Mapping[str, pd.DataFrame]) -> tuple[Finding, ...]:
    """The undated attributes that are called after an outcome or a model's answer, and tell of it beyond chance.

    `cohorts` has by outcome one row a member, with `account_id` and `label`; where none has enough labels, the name
    alone decides. `figure` is the largest area under the ROC curve, 0 where nothing could be told.
    """
    named = {name: called_after(name) for name in undated_attributes(tables)}
    named = {name: after for name, after in named.items() if after}
    if not named:
        return ()
    known = {name: rows[rows["label"].notna()] for name, rows in cohorts.items()}
    known = {name: rows for name, rows in known.items() if not too_few(rows["label"].to_numpy(dtype="float64"))}
    values = undated_values(tables)[["account_id", *named]]
    areas: dict[str, list[float]] = {name: [] for name in named}
    for rows in known.values():
        bound = 0.5 + BEYOND * chance(rows["label"].to_numpy(dtype="float64"))
        for name, told in tellings(values, rows).items():
            if told.auc > bound or told.decides:
                areas[name].append(told.auc)
    return tuple(_finding(name, named[name], areas[name]) for name in named if areas[name] or not known)


def _finding(column: str, after: str, areas: Sequence[float]) -> Finding:
    told = f"and tells outcomes beyond chance (AUC {max(areas):.3f})" if areas else "and no label is there to judge it"
    return Finding(
        GUARD,
        f"accounts.{column}",
        max(areas, default=0.0),
        "A column that says what became of an account, or what a model made of it, is written afterwards",
        f"accounts.{column} is called after {after}, {told}",
        "Find out when it is written; leave it out unless that was before each as_of",
    )

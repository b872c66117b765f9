"""Scoring: every account of a cohort with its calibrated probabilities, candidate products and reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.errors import InputError, RefusedError
from features.families.life_cycle import STAGES
from features.feature import Feature
from models.explanation import baseline, ideas
from serving.decision import DecisionSettings
from serving.frame_types import FACTS, PRODUCT_TYPES, REASON_TYPES, SCORE, STAGE, TERM
from serving.kept import Kept
from serving.moves import moves_of
from serving.notice import decided
from serving.reasons import KEPT, points_by_idea, reasons
from serving.scored import Scored, ScoredModel
from serving.usual import Usual, usual

if TYPE_CHECKING:
    from features.snapshot.snapshot import Snapshot
    from models.scorer import Scorer

KNOWN_OUTCOMES = ("churn", "upgrade", "adoption")
"""Their order wherever outcomes stand side by side; those that a company has added follow by name."""


def score(
    snapshot: Snapshot,
    scorers: Mapping[str, Scorer],
    features: Sequence[Feature],
    currency: str = "",
    decision: DecisionSettings = DecisionSettings(),  # noqa: B008 (frozen)
    told: Callable[[str, int, int], None] | None = None,
) -> Scored:
    """Score the snapshot's accounts with the given models; see `Scored`.

    `told` hears of which outcome how many of how many accounts are explained.

    Raises:
        RefusedError: there is no model.
        InputError: a model uses a feature that `features` does not tell about.
    """
    from models.dataset import scoring_rows

    cohorts = {name: scoring_rows(snapshot, name, scorer.features).frame for name, scorer in scorers.items()}
    accounts = snapshot.accounts_with(name for scorer in scorers.values() for name in scorer.features)
    facts = _with_scores(snapshot.facts, snapshot.scores, snapshot.as_of)
    found = scored(snapshot.as_of, scorers, cohorts, facts, accounts, snapshot.pairs, features, currency, told=told)
    return replace(found, moves=moves_of(found, accounts, features, decision, currency))


def scored(
    as_of: date,
    scorers: Mapping[str, Scorer],
    cohorts: Mapping[str, pd.DataFrame],
    facts: pd.DataFrame,
    accounts: pd.DataFrame,
    pairs: pd.DataFrame | None,
    features: Sequence[Feature],
    currency: str = "",
    reasons_kept: int = KEPT,
    told: Callable[[str, int, int], None] | None = None,
) -> Scored:
    """Score one cohort an outcome.

    Of an account that has given notice nothing is said that notice decides (`serving.notice`). `cohorts` have one row
    per account_id or (account_id, product) with the model's features; `accounts` and `pairs` are
    the feature frames of all as_ofs, from which what is usual is learnt.
    """
    if not scorers:
        raise RefusedError("A list has at least one outcome; no model was given to score with. Train and promote one.")
    probabilities, products, why = [], [], []
    rows: dict[str, Kept] = {}
    gone = _gone(facts, cohorts)
    for outcome in in_order(scorers):
        scorer, cohort = scorers[outcome], cohorts[outcome]
        if decided(outcome):
            cohort = cohort[~cohort["account_id"].isin(gone)]
        cohort = cohort.reset_index(drop=True).copy()  # in one piece
        cohort = cohort.assign(as_of=pd.Timestamp(as_of).as_unit("us"))
        cohort = cohort.assign(probability=scorer.probability(cohort.loc[:, list(scorer.features)]))
        if "product" in cohort.columns:
            candidates = _candidates(cohort, outcome)
            products.append(candidates)
            best = candidates.loc[candidates["position"] == 1, ["account_id", "product"]]
            chosen = cohort.merge(best, on=["account_id", "product"], validate="1:1").sort_values("account_id")
        else:
            chosen = cohort.sort_values("account_id")
        probabilities.append(_said(chosen, scorer, outcome))
        history = _usual(cohort, accounts, pairs, scorer, features, as_of)
        its = ideas(scorer, chosen, features, told=partial(told, outcome) if told else None)
        base = baseline(scorer)
        why.append(reasons(its, history, features, outcome, base, currency, reasons_kept))
        rows[outcome] = Kept(scorer, chosen.reset_index(drop=True), points_by_idea(its, base), _chance(base))
    facts = _with_stage(_with_term(facts, accounts, as_of), accounts, as_of)
    return Scored(
        as_of=as_of,
        accounts=_with_facts(probabilities, facts, as_of, gone),
        products=_concat(products, PRODUCT_TYPES),
        reasons=_concat(why, REASON_TYPES),
        models={name: ScoredModel(scorers[name].digest, scorers[name].base_rate) for name in in_order(scorers)},
        kept=rows,
    )


def in_order(outcomes: Mapping[str, object]) -> list[str]:
    """The outcomes' names in the order in which they stand side by side."""
    added = sorted(set(outcomes) - set(KNOWN_OUTCOMES))
    return [name for name in (*KNOWN_OUTCOMES, *added) if name in outcomes]


def _gone(facts: pd.DataFrame, cohorts: Mapping[str, pd.DataFrame]) -> list[str]:
    """The accounts of the cohorts that have given notice: of them nothing is predicted that notice decides."""
    there = {account for cohort in cohorts.values() for account in cohort["account_id"]}
    return [account for account in facts.loc[facts["under_notice"].astype("bool"), "account_id"] if account in there]


def _said(chosen: pd.DataFrame, scorer: Scorer, outcome: str) -> pd.DataFrame:
    """What the lists say of an outcome: its probability, between what it lies, and its product where it has one."""
    between = scorer.interval(chosen.loc[:, list(scorer.features)])
    if between is not None:
        chosen = chosen.assign(low=between[0], high=between[1])
    names = {name: f"{outcome}_{name}" for name in ("probability", "low", "high", "product")}
    columns = [column for column in ("account_id", *names) if column in chosen.columns]
    return chosen[columns].rename(columns=names)


def _chance(log_odds: float) -> float:
    from models.scorer import expit

    return float(expit(np.array(log_odds)))


def _candidates(cohort: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Every candidate product with its position, the likeliest first, equal ones by name."""
    ordered = cohort.sort_values(["account_id", "probability", "product"], ascending=[True, False, True], kind="stable")
    position = ordered.groupby("account_id").cumcount() + 1
    return ordered.assign(outcome=outcome, position=position).loc[:, list(PRODUCT_TYPES)]


def _usual(
    cohort: pd.DataFrame,
    accounts: pd.DataFrame,
    pairs: pd.DataFrame | None,
    scorer: Scorer,
    features: Sequence[Feature],
    as_of: date,
) -> list[Usual]:
    """What is usual for the model's features of accounts and, where there are any, of pairs."""
    used = [feature for feature in features if feature.name in set(scorer.features)]
    of_accounts = [feature for feature in used if feature.about == "account"]
    of_pairs = [feature for feature in used if feature.about == "pair"]
    once = cohort.drop_duplicates("account_id").drop(columns="product", errors="ignore")
    found = [usual(accounts, once, of_accounts, as_of)] if of_accounts else []
    if of_pairs and pairs is not None:
        found.append(usual(pairs, cohort, of_pairs, as_of))
    return found


def _with_term(facts: pd.DataFrame, accounts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The facts with the length of the account's term in months."""
    if TERM not in accounts.columns:
        return facts.assign(**{TERM: np.nan})
    now = accounts.loc[accounts["as_of"] == pd.Timestamp(as_of), ["account_id", TERM]]
    return facts.drop(columns=TERM, errors="ignore").merge(now, on="account_id", how="left", validate="1:1")


def _with_scores(facts: pd.DataFrame, scores: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The facts with how each account stands on every rung, in every layer and at every moment of truth, 0 to 100."""
    now = scores[scores["as_of"] == pd.Timestamp(as_of)].drop(columns="as_of")
    return facts.merge(now.rename(columns=str), on="account_id", how="left", validate="1:1")


def _with_stage(facts: pd.DataFrame, accounts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The facts with the stage of the life cycle that features tell, where all four of its flags are computed."""
    flags = {stage: f"{STAGE}_{stage}" for stage in STAGES}
    if not set(flags.values()) <= set(accounts.columns):
        return facts
    now = accounts[accounts["as_of"] == pd.Timestamp(as_of)]
    told = pd.Series(None, index=now.index, dtype="str")
    for stage, flag in flags.items():
        told = told.mask(now[flag] == 1, stage)
    return facts.merge(now[["account_id"]].assign(**{STAGE: told}), on="account_id", how="left", validate="1:1")


def _with_facts(
    probabilities: Sequence[pd.DataFrame], facts: pd.DataFrame, as_of: date, gone: Sequence[str]
) -> pd.DataFrame:
    """One row an account that has a probability, or has given notice: its facts and all outcomes' columns."""
    asked = [frame["account_id"].to_numpy(dtype=object) for frame in probabilities]
    ids = np.unique(np.concatenate([*asked, np.array(gone, dtype=object)]))
    accounts = pd.DataFrame({"account_id": pd.Series(ids, dtype="str")})
    unknown = accounts.loc[~accounts["account_id"].isin(facts["account_id"]), "account_id"]
    if len(unknown):
        raise InputError(
            f"Every scored account has its facts; {len(unknown):,} have none, for example "
            f"{', '.join(unknown.head(5))}. Build the features anew (holdfast features)."
        )
    scores = [name for name in facts.columns if name.startswith(SCORE)]
    stage = [STAGE] if STAGE in facts.columns else []
    accounts = accounts.merge(facts.loc[:, [*FACTS, TERM, *stage, *scores]], on="account_id", validate="1:1")
    accounts = accounts.assign(as_of=pd.Timestamp(as_of).as_unit("us"))
    for frame in probabilities:
        accounts = accounts.merge(frame, on="account_id", how="left", validate="1:1")
    return accounts


def _concat(frames: Sequence[pd.DataFrame], types: Mapping[str, str]) -> pd.DataFrame:
    """The frames below one another, sorted by account; with the right columns where there are none."""
    if not frames:
        kinds = {"string": "str", "double": "float64", "date32": "datetime64[us]", "int64": "int64", "bool": "bool"}
        return pd.DataFrame({name: pd.Series(dtype=kinds[kind]) for name, kind in types.items()})
    return pd.concat(frames, ignore_index=True).sort_values("account_id", kind="stable", ignore_index=True)

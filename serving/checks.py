"""The checks that a list passes before anybody can see it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from features.errors import RefusedError
from features.families.life_cycle import STAGES
from serving.decision import BANDS
from serving.lists import Lists
from serving.notice import NOTICE, decided
from serving.sense import ASIDES
from serving.sums import changes_that_do_not_add_up, moves_that_are_none, reasons_that_do_not_add_up

NEVER_MISSING = ("account_id", "as_of", "rank", "band", "stage", "play", "reason_1", "change", "model_versions")
REASON_NEVER_MISSING = (
    *("account_id", "as_of", "outcome", "position", "idea", "feature", "contribution", "text"),
    *("actionable", "against_sense", "telling"),
)


def check(
    lists: Lists,
    outcomes: Mapping[str, object],
    before: pd.DataFrame | None = None,
    actionable: Collection[str] | None = None,
) -> None:
    """Refuse lists that break a rule, naming every rule that is broken.

    `before` are the accounts of the list before, to which the changes lead back; `actionable` are the features that
    somebody can act on, which alone may be moved (not looked at where it is None).

    Raises:
        RefusedError: with one line a finding.
    """
    if lists.accounts.empty:
        raise RefusedError(
            f"A list has at least one account; none is left to score on {lists.as_of}. Look at the cohort: are there "
            "active accounts or subscriptions in force on that day? Nothing was published."
        )
    findings = [
        *_accounts(lists, list(outcomes)),
        *_products(lists),
        *_reasons(lists, list(outcomes)),
        *_not_to_be_told_first(lists),
    ]
    if not findings:  # sums of what is missing or there twice say nothing
        findings += reasons_that_do_not_add_up(lists, list(outcomes))
        findings += changes_that_do_not_add_up(lists, before)
        findings += moves_that_are_none(lists, actionable)
    if findings:
        raise RefusedError(
            f"A list passes all of its checks before it is published; that of {lists.as_of} does not:\n  "
            + "\n  ".join(findings)
            + "\nNothing was published; the list that was there before still stands. If its scores were "
            "made by an earlier version, score anew (holdfast score). Else this is a fault of Holdfast or of a feature "
            "or model that was added: report it with these lines."
        )


def _accounts(lists: Lists, outcomes: list[str]) -> Iterator[str]:
    accounts = lists.accounts
    yield from _missing(accounts, NEVER_MISSING, "scored_accounts")
    yield from _other_as_of(accounts, lists, "scored_accounts")
    repeated = accounts["account_id"].duplicated().sum()
    if repeated:
        yield f"scored_accounts: {repeated:,} accounts appear more than once"
    if accounts["rank"].tolist() != list(range(1, len(accounts) + 1)):
        yield f"scored_accounts: ranks are not 1 to {len(accounts):,} in the order of the rows"
    columns = [f"{outcome}_probability" for outcome in outcomes]
    absent = [column for column in columns if column not in accounts.columns]
    if absent:
        yield f"scored_accounts: no column {', '.join(absent)}"
        return
    for column in columns:
        yield from _outside(accounts[column].dropna(), f"scored_accounts.{column}")
    noticed = accounts["notice"].notna() if "notice" in accounts.columns else pd.Series(False, accounts.index)
    silent = (accounts[columns].isna().all(axis=1) & ~noticed).sum()
    if silent:
        yield f"scored_accounts: {silent:,} accounts have no probability at all"
    settled = accounts[[f"{outcome}_probability" for outcome in outcomes if decided(outcome)]].notna().any(axis=1)
    told = int((noticed & settled).sum())
    if told:
        yield f"scored_accounts: {told:,} accounts have given notice and are predicted all the same"
    if (noticed != (accounts["band"] == NOTICE)).any():
        yield f"scored_accounts.band: it is {NOTICE} for others than those that have given notice"
    for column, words in (("band", (*BANDS, NOTICE)), ("stage", STAGES)):
        other = sorted(set(accounts[column].dropna()) - set(words))
        if other:
            yield f"scored_accounts.{column}: {', '.join(other)} is none of {', '.join(words)}"
    for column in ("value_at_stake", "expected_value"):
        infinite = accounts[column].abs().eq(float("inf")).sum()
        if infinite:
            yield f"scored_accounts.{column}: {infinite:,} are infinite"


def _products(lists: Lists) -> Iterator[str]:
    products = lists.products
    yield from _missing(products, list(products.columns), "scored_products")
    yield from _other_as_of(products, lists, "scored_products")
    yield from _outside(products["probability"].dropna(), "scored_products.probability")
    repeated = products.duplicated(["account_id", "outcome", "product"]).sum()
    if repeated:
        yield f"scored_products: {repeated:,} pairs appear more than once"
    strangers = (~products["account_id"].isin(lists.accounts["account_id"])).sum()
    if strangers:
        yield f"scored_products: {strangers:,} rows are of accounts that are not on the list"


def _reasons(lists: Lists, outcomes: list[str]) -> Iterator[str]:
    reasons = lists.reasons
    yield from _missing(reasons, REASON_NEVER_MISSING, "reasons")
    yield from _other_as_of(reasons, lists, "reasons")
    repeated = reasons.duplicated(["account_id", "outcome", "idea"]).sum()
    if repeated:
        yield f"reasons: {repeated:,} ideas of a score appear more than once"
    for outcome in outcomes:
        column = f"{outcome}_probability"
        if column not in lists.accounts.columns:
            continue
        scored = lists.accounts.loc[lists.accounts[column].notna(), "account_id"]
        told = reasons.loc[reasons["outcome"] == outcome, "account_id"]
        without = scored[~scored.isin(told)]
        if len(without):
            yield f"reasons: {len(without):,} scores of {outcome} have none, such as that of {without.iloc[0]}"
        strangers = set(told) - set(scored)
        if strangers:
            yield f"reasons: {len(strangers):,} accounts have reasons for {outcome} and no score of it"


def _not_to_be_told_first(lists: Lists) -> Iterator[str]:
    """What reads against common sense is neither told first nor to be acted on; the list's reasons are told first."""
    reasons = lists.reasons
    if not {"against_sense", "telling", "actionable"} <= set(reasons.columns):
        return
    against = reasons["against_sense"].eq(True)
    wrong = int((against & (reasons["telling"].eq(True) | reasons["actionable"].eq(True))).sum())
    if wrong:
        yield f"reasons: {wrong:,} read against common sense and are to be told first, or to be acted on"
    silent = int((reasons["text"].str.contains("|".join(map(re.escape, ASIDES))) != against).sum())
    if silent:
        yield f"reasons: {silent:,} read against common sense and do not say so, or the reverse"
    first = lists.accounts.melt("account_id", ["reason_1", "reason_2", "reason_3"], value_name="first").dropna()
    last = reasons.loc[~reasons["telling"].eq(True), ["account_id", "text"]]
    both = first.merge(last, on="account_id")
    told = sum(words.endswith(text) for words, text in zip(both["first"], both["text"], strict=True))
    if told:
        yield f"scored_accounts: {told:,} of the first reasons are not worth telling first (serving.sense)"


def _missing(frame: pd.DataFrame, columns: tuple[str, ...] | list[str], name: str) -> Iterator[str]:
    for column in columns:
        if column not in frame.columns:
            yield f"{name}: no column {column}"
            continue
        count = frame[column].isna().sum()
        if count:
            yield f"{name}.{column}: {count:,} are missing"


def _other_as_of(frame: pd.DataFrame, lists: Lists, name: str) -> Iterator[str]:
    other = (frame["as_of"] != pd.Timestamp(lists.as_of)).sum()
    if other:
        yield f"{name}.as_of: {other:,} are not {lists.as_of}"


def _outside(probabilities: pd.Series[float], name: str) -> Iterator[str]:
    outside = (~probabilities.between(0, 1)).sum()
    if outside:
        yield f"{name}: {outside:,} lie outside 0 to 1"

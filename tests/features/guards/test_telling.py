"""How much one column tells of an outcome: by value, by being missing, each account by the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.guards.telling import NONE, area, binned, chance, telling, too_few

ACCOUNTS = pd.Series([f"a{number:03}" for number in range(400)])
LABELS = np.array([1.0 if number % 5 == 0 else 0.0 for number in range(400)])


def test_the_area_counts_pairs_and_half_of_equal_ones() -> None:
    # positives 3 and 1 against negatives 2 and 1: won, won, lost, equal
    assert area(np.array([3.0, 1.0, 2.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0])) == (1 + 1 + 0 + 0.5) / 4


def test_chance_is_the_standard_error_of_ranks() -> None:
    assert chance(LABELS) == pytest.approx(np.sqrt(401 / (12 * 80 * 320)))


def test_a_value_that_only_one_account_bears_tells_nothing() -> None:
    told = telling(ACCOUNTS, LABELS, ACCOUNTS)
    assert (told.auc, told.caught) == (0.5, 0.0)


def test_an_accounts_own_rows_do_not_tell_of_it() -> None:
    twice = pd.concat([ACCOUNTS, ACCOUNTS], ignore_index=True)
    assert telling(twice, np.tile(LABELS, 2), twice).auc == 0.5


def test_a_number_that_grows_with_the_risk_tells_in_bins() -> None:
    told = telling(pd.Series(np.where(LABELS == 1, 1000.0, 0.0) + np.arange(400)), LABELS, ACCOUNTS)
    assert told.auc > 0.95
    assert told.decides


def test_values_that_decide_for_some_are_pure_though_the_area_is_small() -> None:
    """A reason is noted for one in four of those who left; the rest have none, like those who stayed."""
    reason = pd.Series(np.where(np.arange(400) % 20 == 0, "price", None))
    told = telling(reason, LABELS, ACCOUNTS)
    assert told.auc < 0.7
    assert (told.caught, told.pure) == (0.25, 1.0)
    assert told.decides


def test_being_missing_is_a_value() -> None:
    contact = pd.Series(np.where(LABELS == 1, None, "somebody"))
    assert telling(contact, LABELS, ACCOUNTS).auc == 1.0


def test_the_rarer_class_may_be_those_without_the_outcome() -> None:
    told = telling(pd.Series(np.where(LABELS == 1, "stays", "goes")), 1 - LABELS, ACCOUNTS)
    assert (told.caught, told.pure) == (1.0, 1.0)


def test_bins_keep_a_common_number_apart() -> None:
    fees = pd.Series([0.0] * 60 + list(range(1, 41)) + [np.nan])
    groups = binned(fees)
    assert groups[0] == "0.0"
    assert groups.iloc[-1] == NONE
    assert groups[60:100].nunique() == 20
    assert set(groups[60:100]) & {"0.0", NONE} == set()


def test_few_rows_of_a_class_are_too_few() -> None:
    assert too_few(LABELS[:95])
    assert not too_few(LABELS[:100])

"""A data set joins labels with the features of their account and pair, sorted by key, and refuses what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError, RefusedError
from features.outcomes.sample import Sample
from models.dataset import dataset_of, scoring_rows, training_rows


def table(text: str) -> pd.DataFrame:
    """A little `a | b` table; a blank is missing."""
    lines = "\n".join("|".join(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines())
    kinds = dict.fromkeys(("account_id", "product", "offer_id"), "str")
    frame = pd.read_csv(StringIO(lines), sep="|", dtype=kinds, parse_dates=["as_of"])
    for key in set(kinds) & set(frame.columns):
        frame[key] = frame[key].fillna("")
    return frame.assign(as_of=frame["as_of"].astype("datetime64[us]"))


ACCOUNTS = table("""
    account_id | as_of      | events_28d | recency
    b          | 2024-01-01 | 3          | 2
    a          | 2024-01-01 | 5          |
    a          | 2024-02-01 | 6          | 1
    c          | 2024-02-01 | 7          | 9
""")
PAIRS = table("""
    account_id | product | as_of      | tried
    a          | chat    | 2024-01-01 | 1
    a          | mail    | 2024-01-01 | 0
""")
CHURN = table("""
    account_id | as_of      | label
    b          | 2024-01-01 | 1
    a          | 2024-01-01 | 0
    c          | 2024-02-01 |
    a          | 2024-02-01 |
""")


@dataclass(frozen=True)
class Built:
    """What a snapshot gives to read."""

    accounts: pd.DataFrame
    pairs: pd.DataFrame
    churn: pd.DataFrame
    as_of: date = date(2024, 2, 1)
    samples: Mapping[str, Sample] = field(default_factory=dict)

    def labels(self, outcome: str) -> pd.DataFrame:
        return {"churn": self.churn}[outcome]


BUILT = Built(ACCOUNTS, PAIRS, CHURN)


def test_training_rows_are_those_whose_outcome_is_known() -> None:
    rows = training_rows(BUILT, "churn")  # type: ignore[arg-type]

    assert rows.keys == ("account_id", "as_of")
    assert rows.features == ("events_28d", "recency")
    assert rows.frame["account_id"].tolist() == ["a", "b"]
    assert rows.labels.tolist() == [0, 1]
    assert rows.matrix["events_28d"].tolist() == [5, 3]
    assert np.isnan(rows.matrix["recency"].iloc[0])
    assert set(rows.matrix.dtypes) == {np.dtype("float64")}
    assert rows.as_ofs == (date(2024, 1, 1),)


def test_scoring_rows_are_those_of_the_day_on_which_we_stand() -> None:
    rows = scoring_rows(BUILT, "churn")  # type: ignore[arg-type]

    assert rows.frame["account_id"].tolist() == ["a", "c"]
    assert rows.frame["label"].isna().all()
    assert rows.as_ofs == (date(2024, 2, 1),)


def test_without_a_known_outcome_there_is_nothing_to_train_on() -> None:
    with pytest.raises(RefusedError, match="of 2 rows of 'churn' none is"):
        training_rows(Built(ACCOUNTS, PAIRS, CHURN.tail(2)), "churn")  # type: ignore[arg-type]


def test_an_offer_without_a_product_has_no_pair_features() -> None:
    offers = table("""
        offer_id | account_id | product | as_of      | label
        2        | a          |         | 2024-01-01 | 1
        1        | a          | chat    | 2024-01-01 | 0
        3        | b          | chat    | 2024-01-01 | 0
    """)
    rows = dataset_of("adoption", offers, ACCOUNTS, PAIRS)

    assert rows.keys == ("account_id", "as_of", "product", "offer_id")
    assert rows.features == ("events_28d", "recency", "tried")
    assert rows.frame["offer_id"].tolist() == ["2", "1", "3"]
    np.testing.assert_array_equal(rows.matrix["tried"], [np.nan, 1, np.nan])
    np.testing.assert_array_equal(rows.matrix["events_28d"], [5, 5, 3])


def test_the_order_of_the_rows_that_come_changes_nothing() -> None:
    shuffled = dataset_of("churn", CHURN.iloc[::-1], ACCOUNTS.iloc[[2, 0, 3, 1]])

    pd.testing.assert_frame_equal(shuffled.frame, dataset_of("churn", CHURN, ACCOUNTS).frame)
    assert shuffled.digest == dataset_of("churn", CHURN, ACCOUNTS).digest


def test_the_digest_changes_with_any_value() -> None:
    other = ACCOUNTS.assign(events_28d=[3.0, 5.0, 6.0, 7.5])

    assert dataset_of("churn", CHURN, other).digest != dataset_of("churn", CHURN, ACCOUNTS).digest


def test_rows_of_some_days() -> None:
    rows = dataset_of("churn", CHURN, ACCOUNTS)

    assert len(rows) == 4
    assert len(rows.at([date(2024, 1, 1)])) == 2
    assert len(rows.at([])) == 0


@pytest.mark.parametrize(
    ("labels", "accounts", "words"),
    [
        (CHURN, ACCOUNTS.head(3), "1 have none, such as account_id c"),
        (pd.concat([CHURN, CHURN.head(1)]), ACCOUNTS, "one row of labels of 'churn'.*account_id b"),
        (CHURN, pd.concat([ACCOUNTS, ACCOUNTS.head(1)]), "one row of features.*account_id b"),
        (CHURN.assign(label=2.0), ACCOUNTS, "4 of 'churn' are not, such as 2.0"),
        (CHURN, ACCOUNTS.assign(recency=np.inf), "infinite somewhere: recency"),
        (CHURN, ACCOUNTS.assign(recency="old"), "no numbers: recency"),
    ],
)
def test_what_does_not_fit_is_refused(labels: pd.DataFrame, accounts: pd.DataFrame, words: str) -> None:
    with pytest.raises(InputError, match=words):
        dataset_of("churn", labels, accounts)


def test_a_model_is_given_a_view_of_the_rows() -> None:
    rows = training_rows(BUILT, "churn")  # type: ignore[arg-type]
    assert np.shares_memory(rows.matrix.to_numpy(), rows.frame["recency"].to_numpy())
    assert rows.sorted() is rows

    turned = replace(rows, frame=rows.frame.iloc[::-1], features=("recency", "events_28d"))
    assert turned.matrix.columns.tolist() == ["recency", "events_28d"]
    pd.testing.assert_frame_equal(turned.sorted().frame, rows.frame)

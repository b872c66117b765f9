"""Whoever stands at an as_of sees the same cohorts and labels, whatever becomes of the rows that are not known yet."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import ibis
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.clock import Calendar
from features.outcomes.labels import label_days, labelled_cohort
from features.outcomes.outcome import Kind, Outcome
from features.tables import Tables

START, AS_OF, END = date(2024, 1, 1), date(2024, 5, 1), date(2024, 7, 1)
PAST = (date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 12), date(2024, 3, 20))
NOW = datetime(2024, 5, 1)
ACCOUNTS = tuple(f"a{number}" for number in range(30))
PRODUCTS, PLANS = ("core", "extra", "labs", "maps", "mail", "chat"), ("basic", "pro", "max")
LATE = {"subscriptions": ("ended_at", "cancelled_at"), "offers": ("responded_at",)}
"""Columns that are filled in later."""
NOTICE = {"ended_at": "cancelled_at"}
"""What announces an end, which then is known."""
DELAYS = {"subscriptions": timedelta(days=9, hours=6), "offers": timedelta(days=9, hours=6)}
"""How late tables arrive in the companies of which some do."""
NONE: Mapping[str, timedelta] = {}
EVENT = {
    "accounts": "signed_up_at",
    "subscriptions": "started_at",
    "consumption": "occurred_at",
    "offers": "offered_at",
    "products": "launched_at",
    "plans": "released_at",
}
KINDS: tuple[Kind, ...] = (
    "subscription_end",
    "inactivity",
    "tier_up",
    "spend_up",
    "product_adopted",
    "offer_accepted",
)
"""All but `query`, whose text decides what it looks at."""
Frames = dict[str, pd.DataFrame]


def world(seed: int) -> Frames:
    """A small company whose rows lie on both sides of the as_of; some before it are recorded only after."""
    pick = random.Random(seed)

    def day(first: date = START, last: date = END) -> datetime:
        minutes = pick.randrange(int((last - first).days * 24 * 60))
        return datetime(first.year, first.month, first.day) + timedelta(minutes=minutes)

    def recorded(at: datetime) -> datetime | None:
        return at + timedelta(days=pick.randrange(40)) if pick.random() < 0.3 else None

    def events(count: int, **columns: object) -> pd.DataFrame:
        rows = []
        for _ in range(count):
            at = day()
            rows.append({"account_id": pick.choice(ACCOUNTS), "at": at, "recorded_at": recorded(at)})
        return pd.DataFrame(rows).astype({"recorded_at": "datetime64[us]"}).assign(**columns)

    consumption = events(500).rename(columns={"at": "occurred_at"})
    consumption["product"] = [pick.choice(PRODUCTS) for _ in range(500)]
    consumption["value"] = [pick.randrange(1, 50) for _ in range(500)]
    subscriptions = events(80).rename(columns={"at": "started_at"})
    subscriptions["plan"] = [pick.choice(PLANS) for _ in range(80)]
    subscriptions["mrr"] = [pick.randrange(0, 200) for _ in range(80)]
    ended = [
        at + timedelta(days=pick.randrange(1, 120)) if pick.random() < 0.7 else None
        for at in subscriptions["started_at"]
    ]
    subscriptions["ended_at"] = pd.Series(ended, dtype="datetime64[us]")
    subscriptions["cancelled_at"] = subscriptions["ended_at"] - pd.to_timedelta(
        [pick.randrange(0, 20) for _ in range(80)], unit="D"
    )
    offers = events(120, kind="adoption").rename(columns={"at": "offered_at"})
    offers["offer_id"] = [f"o{n}" for n in range(120)]
    offers["target"] = [pick.choice(PRODUCTS) for _ in range(120)]
    offers["responded_at"] = [at + timedelta(days=pick.randrange(1, 30)) for at in offers["offered_at"]]
    offers["accepted"] = [pick.random() < 0.5 for _ in range(120)]
    accounts = pd.DataFrame({"account_id": ACCOUNTS, "signed_up_at": [day(START, AS_OF) for _ in ACCOUNTS]})
    products = pd.DataFrame({"product": PRODUCTS, "launched_at": [datetime(2023, 1, 1)] * 4 + [day(), day()]})
    plans = pd.DataFrame(
        {"plan": PLANS, "tier": [1, 2, 3], "released_at": [datetime(2023, 1, 1), datetime(2023, 1, 1), day()]}
    )
    frames = {
        "accounts": accounts,
        "subscriptions": subscriptions,
        "consumption": consumption,
        "offers": offers,
        "products": products,
        "plans": plans,
    }
    # One row that holds the data's first day whatever is edited.
    first = pd.DataFrame(
        {"account_id": ["a1"], "occurred_at": [datetime(2024, 1, 1)], "product": ["core"], "value": [1]}
    )
    frames["consumption"] = pd.concat([frames["consumption"], first], ignore_index=True)
    return frames


def edited(frames: Frames, seed: int, delays: Mapping[str, timedelta] = NONE) -> Frames:
    """The same company with another future: rows unknown at the as_of deleted, moved or rewritten, all shuffled."""
    pick = random.Random(seed)
    return {name: _edit(name, frame, pick, delays.get(name, timedelta(0))) for name, frame in frames.items()}


def _edit(name: str, frame: pd.DataFrame, pick: random.Random, delay: timedelta) -> pd.DataFrame:
    rows = []
    for row in frame.to_dict("records"):
        recorded = row.get("recorded_at")
        late = delay if pd.isna(recorded) else timedelta(0)
        instants = [row[EVENT[name]] + late, recorded]
        if any(pd.notna(at) and at >= NOW for at in instants):
            if pick.random() < 0.4:
                continue
            row = _rewritten(row, EVENT[name], pick)
        unheard = [column for column in LATE.get(name, ()) if pd.isna(row[column]) or row[column] + late >= NOW]
        for column in unheard:
            if pd.isna(row[column]) or row[column] >= NOW or NOTICE.get(column, column) in unheard:
                row[column] = pick.choice([pd.NaT, _later(pick)])
                if column == "responded_at":
                    row["accepted"] = pd.notna(row[column]) and pick.random() < 0.5
        rows.append(row)
    pick.shuffle(rows)
    return pd.DataFrame(rows, columns=frame.columns).astype(frame.dtypes.to_dict())


def _rewritten(row: dict[str, object], event: str, pick: random.Random) -> dict[str, object]:
    """The row with other contents, still unknown at the as_of."""
    swaps = {
        "account_id": ACCOUNTS,
        "target": PRODUCTS,
        "mrr": (0, 1000),
        "value": (1, 1000),
        "accepted": (True, False),
    }
    if "tier" in row:
        swaps = {"tier": (0, 9)}
    elif "launched_at" not in row and "signed_up_at" not in row:
        swaps |= {"product": PRODUCTS, "plan": PLANS}
    else:
        swaps = {}
    changed = {column: pick.choice(swaps[column]) if column in swaps else value for column, value in row.items()}
    return {**changed, event: _later(pick)}


def _later(pick: random.Random) -> datetime:
    return NOW + timedelta(minutes=pick.randrange(60 * 24 * 60))


def _opened(frames: Frames, kind: Kind, delays: Mapping[str, timedelta] = NONE) -> Tables:
    """The frames as tables, in the contract's types; without subscriptions for the kind that asks about use alone."""
    connection = ibis.duckdb.connect()
    tables = {}
    for name, frame in frames.items():
        if kind != "inactivity" or name != "subscriptions":
            event = frame[EVENT[name]]
            delayed = event + delays.get(name, timedelta(0))
            known = frame["recorded_at"].fillna(delayed).clip(lower=event) if "recorded_at" in frame else delayed
            connection.con.register(name, frame.assign(known_at=known))
            tables[name] = connection.table(name)
    return Tables(connection, tables, Calendar(START, END), digest="", delays=delays)


def _cohort(frames: Frames, kind: Kind, delays: Mapping[str, timedelta] = NONE) -> pd.DataFrame:
    asked = Outcome(name="churn", kind=kind, gap_days=3, horizon_days=25, grace_days=5, min_days=2, active_days=30)
    tables = _opened(frames, kind, delays)
    return labelled_cohort(tables, asked, label_days(tables, asked, (*PAST, AS_OF)), AS_OF)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a smaller seed is no smaller company
    suppress_health_check=[HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6), other=st.integers(0, 10**6))
def test_an_edited_future_changes_no_cohort_and_no_label(kind: Kind, seed: int, other: int) -> None:
    frames = world(seed)
    pd.testing.assert_frame_equal(_cohort(frames, kind), _cohort(edited(frames, other), kind))


@pytest.mark.parametrize("kind", ["subscription_end", "tier_up", "spend_up", "offer_accepted"])
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6), other=st.integers(0, 10**6))
def test_nor_does_one_of_tables_that_arrive_late(kind: Kind, seed: int, other: int) -> None:
    frames = world(seed)
    late = edited(frames, other, DELAYS)
    pd.testing.assert_frame_equal(_cohort(frames, kind, DELAYS), _cohort(late, kind, DELAYS))


@pytest.mark.parametrize("kind", ["subscription_end", "product_adopted"])
def test_the_as_ofs_know_nothing_of_each_other(kind: Kind) -> None:
    asked = Outcome(name="churn", kind=kind, gap_days=3, horizon_days=25, grace_days=5, min_days=2)
    tables = _opened(world(1), kind)
    together = labelled_cohort(tables, asked, PAST, AS_OF)
    apart = pd.concat([labelled_cohort(tables, asked, [day], AS_OF) for day in PAST]).drop_duplicates()
    order = [name for name in together.columns if name != "label"]
    pd.testing.assert_frame_equal(together, apart.sort_values(order, ignore_index=True))


def test_the_companies_are_not_empty() -> None:
    """The properties above would hold of nothing, too."""
    for kind in KINDS:
        frame = _cohort(world(5), kind)
        assert frame["label"].nunique() == 2, kind
        assert frame["label"].isna().any(), kind


def test_that_a_table_arrives_late_makes_a_difference() -> None:
    for kind in ("subscription_end", "tier_up", "spend_up", "offer_accepted"):
        assert not _cohort(world(5), kind).equals(_cohort(world(5), kind, DELAYS)), kind

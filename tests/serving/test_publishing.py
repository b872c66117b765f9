"""A reader sees the old list or the new one, whole; never half of one, whatever happens on the way."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import RefusedError, ServiceError
from serving.account import explain
from serving.account_text import as_json, as_text
from serving.decision import DecisionSettings
from serving.lists import Lists, make_lists
from serving.manifest import Manifest, Model, Record, sha256
from serving.published import previous, published
from serving.publishing import Publication, publish
from serving.reasons import REST
from serving.scored import Scored
from tests.serving.conftest import T

STEPS = [
    "check",
    "sweep",
    "write scored_accounts",
    "write scored_products",
    "write reasons",
    "write changes",
    "write moves",
    "write drivers",
    "write accounts.html",
    "write the manifest",
    "move into place",
    "commit",
    "remove what nobody reads",
    "latest",
    "done",
]
PAGES = {"accounts.html": "<!doctype html>\n<p>Zoë</p>\n"}


@pytest.fixture
def lists(company: Scored) -> Lists:
    return make_lists(company, None, DecisionSettings())


@pytest.fixture
def other(lists: Lists) -> Lists:
    """Another list of the same as_of."""
    return replace(lists, accounts=lists.accounts.assign(owner="somebody else"))


@pytest.fixture
def record(company: Scored) -> Record:
    judged = {"beats": ("prevalence",), "metrics": {"auc": math.nan}}
    models = {
        name: Model(version=model.version, base_rate=model.base_rate, **judged)  # type: ignore[arg-type]
        for name, model in company.models.items()
    }
    refused = {"upgrade": "not better than no skill"}
    return Record(
        company="acme", data_digest="d", config_digest="c", code_revision="v1", models=models, refused=refused
    )


def at(lists: Lists, day: date) -> Lists:
    """The same list at another as_of."""
    moved = {name: getattr(lists, name).assign(as_of=pd.Timestamp(day)) for name in ("accounts", "products", "reasons")}
    return Lists(as_of=day, **moved)


def content(workspace: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(workspace)): path.read_bytes() for path in sorted(workspace.rglob("*")) if path.is_file()
    }


def owner(workspace: Path, as_of: date | None = None) -> str:
    return str(published(workspace, as_of).accounts.set_index("account_id").loc["a10", "owner"])


class CrashError(Exception):
    pass


def crash_at(name: str) -> object:
    def step(seen: str) -> None:
        if seen == name:
            raise CrashError(name)

    return step


def test_what_is_published(tmp_path: Path, lists: Lists, record: Record) -> None:
    done = publish(tmp_path, lists, record, PAGES)
    assert (done.folder, done.unchanged) == (tmp_path / "published" / "2025-06-30", False)
    assert sorted(path.name for path in done.folder.iterdir()) == [
        "accounts.html",
        "changes.parquet",
        "drivers.parquet",
        "manifest.json",
        "moves.parquet",
        "reasons.parquet",
        "scored_accounts.csv",
        "scored_accounts.parquet",
        "scored_accounts.xlsx",
        "scored_products.parquet",
    ]
    assert (tmp_path / "published" / "latest" / "manifest.json").read_bytes() == done.manifest.as_bytes()
    manifest = json.loads((done.folder / "manifest.json").read_text())
    assert manifest["accounts"] == 60
    assert manifest["record"]["refused"] == {"upgrade": "not better than no skill"}
    assert manifest["record"]["models"]["churn"]["beats"] == ["prevalence"]
    assert manifest["record"]["models"]["churn"]["metrics"] == {"auc": None}
    assert manifest["files"]["scored_accounts.csv"]["rows"] == 60


def test_what_is_read_is_what_was_published(tmp_path: Path, lists: Lists, record: Record) -> None:
    publish(tmp_path, lists, record)
    for as_of in (None, T):
        found = published(tmp_path, as_of)
        pd.testing.assert_frame_equal(found.accounts, lists.accounts)
        pd.testing.assert_frame_equal(found.products, lists.products)
        pd.testing.assert_frame_equal(found.reasons, lists.reasons)
        assert found.as_of == T


def test_the_same_again_changes_nothing_and_says_so(tmp_path: Path, lists: Lists, record: Record) -> None:
    first = publish(tmp_path, lists, record, PAGES)
    before = content(tmp_path)
    inode = first.folder.resolve().stat().st_ino
    again = publish(tmp_path, lists, record, PAGES)
    assert again.unchanged
    assert content(tmp_path) == before
    assert again.folder.resolve().stat().st_ino == inode


def test_the_same_in_another_workspace_is_the_same_bytes(tmp_path: Path, lists: Lists, record: Record) -> None:
    publish(tmp_path / "one", lists, record, PAGES)
    publish(tmp_path / "two", lists, record, PAGES)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_another_list_replaces_the_first_whole(tmp_path: Path, lists: Lists, other: Lists, record: Record) -> None:
    publish(tmp_path, lists, record, PAGES)
    done = publish(tmp_path, other, record)
    assert not done.unchanged
    assert owner(tmp_path, T) == owner(tmp_path) == "somebody else"
    assert not (done.folder / "accounts.html").exists()
    assert len(list((tmp_path / "published" / ".lists").iterdir())) == 2  # the replaced one stays for its readers
    publish(tmp_path, lists, record)
    publish(tmp_path, other, record)
    assert len(list((tmp_path / "published" / ".lists").iterdir())) == 2


def test_a_reader_sees_the_old_list_until_it_sees_the_new_one(
    tmp_path: Path, lists: Lists, other: Lists, record: Record
) -> None:
    publish(tmp_path, lists, record)
    old, seen = owner(tmp_path), []
    publish(tmp_path, other, record, PAGES, step=lambda name: seen.append((name, owner(tmp_path, T), owner(tmp_path))))
    assert [name for name, _, _ in seen] == STEPS
    for name, of_day, latest in seen:
        assert of_day == latest == (old if STEPS.index(name) <= STEPS.index("commit") else "somebody else")


def test_an_open_reader_keeps_its_list(tmp_path: Path, lists: Lists, other: Lists, record: Record) -> None:
    publish(tmp_path, lists, record)
    reader = published(tmp_path)
    publish(tmp_path, other, record)
    pd.testing.assert_frame_equal(reader.accounts, lists.accounts)


@pytest.mark.parametrize("where", STEPS)
def test_a_crash_anywhere_leaves_a_whole_list_and_can_be_done_again(
    where: str, tmp_path: Path, lists: Lists, other: Lists, record: Record
) -> None:
    publish(tmp_path, lists, record)
    old = owner(tmp_path)
    with pytest.raises(CrashError):
        publish(tmp_path, other, record, PAGES, step=crash_at(where))  # type: ignore[arg-type]
    committed = STEPS.index(where) > STEPS.index("commit")
    assert owner(tmp_path) == owner(tmp_path, T) == ("somebody else" if committed else old)
    again = publish(tmp_path, other, record, PAGES)
    assert again.unchanged == committed
    assert owner(tmp_path) == "somebody else"
    assert not list((tmp_path / "published" / ".lists").glob("staging*"))


@pytest.mark.parametrize("where", STEPS)
def test_a_crash_of_the_very_first_one_leaves_nothing_or_all(
    where: str, tmp_path: Path, lists: Lists, record: Record
) -> None:
    with pytest.raises(CrashError):
        publish(tmp_path, lists, record, PAGES, step=crash_at(where))  # type: ignore[arg-type]
    if STEPS.index(where) <= STEPS.index("commit"):
        with pytest.raises(RefusedError, match="published: none"):
            published(tmp_path, T)
    else:
        assert len(published(tmp_path, T).accounts) == 60
    publish(tmp_path, lists, record, PAGES)
    assert len(published(tmp_path).accounts) == 60


def test_latest_is_the_newest_as_of_whatever_came_last(tmp_path: Path, lists: Lists, record: Record) -> None:
    publish(tmp_path, lists, record)
    publish(tmp_path, at(lists, date(2025, 6, 2)), record)
    assert published(tmp_path).as_of == T
    publish(tmp_path, at(lists, date(2025, 7, 28)), record)
    assert published(tmp_path).as_of == date(2025, 7, 28)
    found = previous(tmp_path, T)
    assert found is not None
    assert found.as_of == date(2025, 6, 2)
    assert previous(tmp_path, date(2025, 6, 2)) is None


def test_the_folder_may_be_moved(tmp_path: Path, lists: Lists, record: Record) -> None:
    publish(tmp_path / "here", lists, record)
    (tmp_path / "here").rename(tmp_path / "there")
    assert len(published(tmp_path / "there").accounts) == 60


@pytest.mark.parametrize("file", ["scored_accounts.csv", "scored_accounts.parquet", "reasons.parquet", "manifest.json"])
def test_a_damaged_list_is_refused_and_mended_by_publishing_again(
    file: str, tmp_path: Path, lists: Lists, record: Record
) -> None:
    folder = publish(tmp_path, lists, record).folder
    (folder / file).write_bytes((folder / file).read_bytes()[:-1])
    with pytest.raises(RefusedError, match=f"{file} (is missing or )?was changed"):
        published(tmp_path)
    assert not publish(tmp_path, lists, record).unchanged
    assert len(published(tmp_path).accounts) == 60


def test_a_manifest_that_was_rewritten_is_damage(tmp_path: Path, lists: Lists, record: Record) -> None:
    done = publish(tmp_path, lists, record)
    forged = done.manifest.model_copy(update={"accounts": 61})
    (done.folder / "manifest.json").write_bytes(forged.as_bytes())
    with pytest.raises(RefusedError, match=r"manifest\.json is missing or was changed"):
        published(tmp_path)


def test_a_missing_file_is_damage(tmp_path: Path, lists: Lists, record: Record) -> None:
    folder = publish(tmp_path, lists, record).folder
    (folder / "reasons.parquet").unlink()
    with pytest.raises(RefusedError, match=r"reasons\.parquet is missing"):
        published(tmp_path)


def test_two_cannot_publish_at_once(tmp_path: Path, lists: Lists, other: Lists, record: Record) -> None:
    def second(name: str) -> None:
        if name == "commit":
            with pytest.raises(RefusedError, match="somebody else is publishing"):
                publish(tmp_path, other, record)

    publish(tmp_path, lists, record, step=second)
    assert owner(tmp_path) != "somebody else"
    publish(tmp_path, other, record)  # the lock is free again
    assert owner(tmp_path) == "somebody else"


def test_a_folder_in_the_way_is_named(tmp_path: Path, lists: Lists, record: Record) -> None:
    (tmp_path / "published" / "2025-06-30" / "mine").mkdir(parents=True)
    with pytest.raises(ServiceError, match="2025-06-30 cannot be one here"):
        publish(tmp_path, lists, record)


def test_nobody_to_score_is_refused(tmp_path: Path, lists: Lists, record: Record) -> None:
    empty = replace(lists, accounts=lists.accounts.iloc[:0], reasons=lists.reasons.iloc[:0])
    with pytest.raises(RefusedError, match="at least one account"):
        publish(tmp_path, empty, record)
    assert not (tmp_path / "published").exists()


def broken(lists: Lists, name: str, **columns: object) -> Lists:
    return replace(lists, **{name: getattr(lists, name).assign(**columns)})  # type: ignore[arg-type]


def off(lists: Lists, column: str) -> Lists:
    """One reason of one account's churn a little off."""
    reasons = lists.reasons
    one = (reasons["account_id"] == "a10") & (reasons["outcome"] == "churn") & (reasons["position"] == 1)
    return replace(lists, reasons=reasons.assign(**{column: reasons[column].mask(one, reasons[column] + 1e-3)}))


FIRST = np.arange(60) == 0


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        (lambda x: broken(x, "accounts", account_id="a00"), "59 accounts appear more than once"),
        (lambda x: broken(x, "accounts", churn_probability=1.5), "60 lie outside 0 to 1"),
        (lambda x: broken(x, "accounts", churn_probability=-0.1), "churn_probability: 60 lie outside"),
        (lambda x: broken(x, "accounts", churn_probability=np.nan, adoption_probability=np.nan), "no probability"),
        (lambda x: broken(x, "accounts", rank=1), "ranks are not 1 to 60"),
        (lambda x: replace(x, accounts=x.accounts.iloc[::-1]), "ranks are not 1 to 60"),
        (lambda x: broken(x, "accounts", play=x.accounts["play"].mask(FIRST)), r"scored_accounts\.play: 1 are missing"),
        (lambda x: broken(x, "accounts", reason_1=None), r"reason_1: 60 are missing"),
        (lambda x: broken(x, "accounts", band="so-so"), "so-so is none of high, elevated, usual"),
        (lambda x: broken(x, "accounts", value_at_stake=np.inf), "60 are infinite"),
        (lambda x: broken(x, "accounts", as_of=pd.Timestamp("2025-07-01")), "60 are not 2025-06-30"),
        (lambda x: replace(x, accounts=x.accounts.drop(columns="churn_probability")), "no column churn_probability"),
        (lambda x: replace(x, reasons=x.reasons.query("account_id != 'a10'")), "such as that of a10"),
        (lambda x: broken(x, "reasons", contribution=np.nan), r"reasons\.contribution: \d+ are missing"),
        (lambda x: replace(x, reasons=pd.concat([x.reasons] * 2)), "appear more than once"),
        (lambda x: replace(x, accounts=x.accounts.query("rank < 60")), "(reasons for churn and no|rows are of acc)"),
        (lambda x: off(x, "contribution"), "reasons.contribution: of 1 scores of churn they do not lead"),
        (lambda x: off(x, "points"), "reasons.points: of 1 scores of churn .* such as those of a10"),
        (lambda x: broken(x, "reasons", telling=False), "of the first reasons are not worth telling first"),
        (lambda x: broken(x, "reasons", against_sense=True, telling=False), "against common sense and do not say so"),
        (lambda x: broken(x, "reasons", against_sense=True, telling=True), "are to be told first, or to be acted on"),
        (lambda x: replace(x, reasons=x.reasons.drop(columns="telling")), "reasons: no column telling"),
        (lambda x: broken(x, "products", probability=2.0), r"scored_products\.probability: 100 lie outside"),
        (lambda x: broken(x, "products", product="chat"), "50 pairs appear more than once"),
    ],
)  # fmt: skip
def test_a_list_with_a_fault_is_not_published(
    fault: object, finding: str, tmp_path: Path, lists: Lists, record: Record
) -> None:
    publish(tmp_path, lists, record)
    before = content(tmp_path)
    with pytest.raises(RefusedError, match=finding):
        publish(tmp_path, fault(lists), record)  # type: ignore[operator]
    assert content(tmp_path) == before


def moves(lists: Lists) -> pd.DataFrame:
    """Two steps that bring the likeliest account to leave under the bound."""
    worst = lists.accounts.nlargest(1, "churn_probability").iloc[0]
    steps = pd.DataFrame({"step": [1, 2], "part": 1, "probability": [worst["churn_probability"] * 0.8, 0.01]})
    steps = steps.assign(account_id=worst["account_id"], outcome="churn", idea="use", feature="active_days_28d")
    steps = steps.assign(value=2.0, to=9.0, similar=7, bound=0.05, text="Active days came to 9", enough=[False, True])
    return steps.astype(dict.fromkeys(("account_id", "outcome", "idea", "feature", "text"), "str"))


def test_moves_are_published_where_each_leads_on_and_can_be_acted_on(
    tmp_path: Path, lists: Lists, record: Record
) -> None:
    made = replace(lists, moves=moves(lists))
    publish(tmp_path, made, record, actionable={"active_days_28d"})
    assert len(published(tmp_path).moves) == 2
    with pytest.raises(RefusedError, match="moves: active_days_28d can be acted on by nobody"):
        publish(tmp_path, made, record, actionable={"open_tickets"})


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        ({"step": [1, 3]}, "steps are not 1, 2"),
        ({"part": [1, 2]}, "parts of a step are not 1, 2"),
        ({"probability": [0.999999, 0.01]}, "1 steps lead away from their bound"),
        ({"enough": [False, False]}, "1 say wrongly whether the bound is reached"),
        ({"similar": [0, 7]}, "1 were done by none of a hundred similar accounts"),
    ],
)
def test_moves_that_are_none_are_not_published(
    fault: dict[str, list[object]], finding: str, tmp_path: Path, lists: Lists, record: Record
) -> None:
    with pytest.raises(RefusedError, match=finding):
        publish(tmp_path, replace(lists, moves=moves(lists).assign(**fault)), record)


def test_a_list_of_before_there_were_moves_and_changes_is_read_all_the_same(
    tmp_path: Path, lists: Lists, record: Record
) -> None:
    folder = publish(tmp_path, lists, record).folder
    for name in ("moves.parquet", "changes.parquet", "drivers.parquet"):
        (folder / name).unlink()
    reasons = pd.read_parquet(folder / "reasons.parquet").query(f"idea != {REST!r}").drop(columns=["points", "peers"])
    reasons.to_parquet(folder / "reasons.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {
        name: {**told, "sha256": sha256(folder / name), "bytes": (folder / name).stat().st_size}
        for name, told in manifest["files"].items()
        if (folder / name).is_file()
    }
    old = Manifest.model_validate(manifest)
    (folder / "manifest.json").write_bytes(old.as_bytes())
    named = folder.resolve().rename(folder.resolve().with_name(f"{T}.{old.digest}"))
    folder.unlink()
    folder.symlink_to(Path(".lists") / named.name)

    text = as_text(explain("a10", published(tmp_path), None))

    assert "odds " in text
    assert "What would" not in text
    assert json.dumps(as_json(explain("a10", published(tmp_path), None)), allow_nan=False)


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"none yet \(published: none\)\. Run `holdfast run` first"):
        published(tmp_path)


def test_other_days_are_named(tmp_path: Path, lists: Lists, record: Record) -> None:
    publish(tmp_path, lists, record)
    with pytest.raises(RefusedError, match=r"none of 2025-01-01 \(published: 2025-06-30\)"):
        published(tmp_path, date(2025, 1, 1))


def test_a_publication_tells_where_it_is(tmp_path: Path, lists: Lists, record: Record) -> None:
    done = publish(tmp_path, lists, record)
    assert isinstance(done, Publication)
    link = done.folder.readlink()
    assert not link.is_absolute()
    assert os.fspath(link) == f".lists/2025-06-30.{done.manifest.digest}"

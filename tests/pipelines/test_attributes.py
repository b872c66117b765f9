"""Declared attributes on the whole path: learned from, told, reported by, and still answered a month later."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from features.errors import RefusedError
from pipelines import explaining, model_commands, steps
from pipelines.company import open_company
from pipelines.progress import Progress
from pipelines.settings import Settings, load_settings
from pipelines.slices import read_slices
from pipelines.speakers import champions
from tests.pipelines.shop import FIRST, LATER


def copied(folder: Path, to: Path, old: str = "", new: str = "") -> Settings:
    """The same company in another folder, with its models; a piece of its config exchanged."""
    shutil.copytree(folder, to)
    config = to / "holdfast.toml"
    config.write_text(config.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return load_settings(config)


def test_attributes_are_features_but_for_the_protected_one(shop: Path) -> None:
    snapshot = steps.snapshot_of(load_settings(shop), FIRST)
    assert [name for name in snapshot.features if name.startswith("attribute_")] == [
        "attribute_channel=agent",
        "attribute_channel=shop",
        "attribute_channel=web",
        "attribute_employees",
    ]


def test_the_protected_one_is_kept_for_reporting_alone(shop: Path) -> None:
    snapshot = steps.snapshot_of(load_settings(shop), FIRST)
    assert list(snapshot.attributes.columns) == ["account_id", "as_of", "channel", "age", "region"]
    settings = copied(shop, shop.parent / "unreported", 'slices = ["age", "region"]', "")
    assert list(open_company(settings)["accounts"].columns) == [
        *["account_id", "signed_up_at", "region", "channel", "employees", "known_at"]
    ]


def test_metrics_tell_how_good_it_is_part_by_part(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model_commands.metrics(shop, as_json=True)
    churn = json.loads(capsys.readouterr().out)["churn"]
    assert [part["attribute"] for part in churn["slices"]] == ["age"] * 4 + ["region"] * 2
    regions = [part for part in churn["slices"] if part["attribute"] == "region"]
    assert sum(part["n"] for part in regions) == churn["n"]
    assert sum(part["positives"] for part in regions) == churn["positives"]
    model_commands.metrics(shop, as_json=False)
    assert "churn, part by part" in capsys.readouterr().out


def test_without_slices_metrics_have_no_parts(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = copied(shop, shop.parent / "whole", 'slices = ["age", "region"]', "")
    model_commands.metrics(settings.base, as_json=True)
    assert "slices" not in json.loads(capsys.readouterr().out)["churn"]


def test_a_list_names_them_among_the_reasons_and_shows_them(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = copied(shop, shop.parent / "listed")
    steps.publish(settings, FIRST, steps.score(settings, FIRST, Progress()), Progress())
    latest = settings.workspace / "published" / "latest"
    reasons = pd.read_parquet(latest / "reasons.parquet")
    told = reasons[reasons["idea"] == "attributes"]
    agents = told[(told["feature"] == "attribute_channel=agent") & (told["value"] == 1)]
    assert agents["text"].str.startswith("Channel is agent: yes").all()
    assert (agents["contribution"] > 0).all()
    explaining.explain(agents["account_id"].iloc[0], settings.base, None, as_json=False)
    explained = capsys.readouterr().out
    assert "Behind attribute_channel=agent" in explained
    assert "channel" in explained.partition("Behind attribute_channel=agent")[2]


def test_a_month_later_values_have_come_and_gone_and_the_model_still_speaks(shop: Path) -> None:
    settings = copied(shop, shop.parent / "later")
    file = settings.base / "data" / "accounts.csv"
    accounts = pd.read_csv(file)
    agents, shops = (accounts.index[accounts["channel"] == channel] for channel in ("agent", "shop"))
    accounts.loc[agents[15:], "channel"] = "partner"  # agent has become rare, partner is new
    accounts.loc[shops, "channel"] = "web"  # shop is gone
    accounts.to_csv(file, index=False)

    snapshot = steps.build(settings, LATER, frozenset(), Progress())
    standing = champions(settings, snapshot)["churn"]
    steps.score(settings, LATER, Progress())

    flags = [name for name in snapshot.features if name.startswith("attribute_channel")]
    assert flags == ["attribute_channel=partner", "attribute_channel=web"]
    assert {"attribute_channel=agent", "attribute_channel=shop"} <= set(standing.scorer.features)
    frame = snapshot.accounts_with(standing.scorer.features)
    now = frame[frame["as_of"] == pd.Timestamp(LATER)].set_index("account_id")
    assert set(now.index[now["attribute_channel=agent"] == 1]) <= set(accounts.loc[agents[:15], "account_id"])
    assert now["attribute_channel=shop"].sum() == 0


def test_a_later_model_is_held_against_the_one_before_although_a_value_became_rare(shop: Path) -> None:
    settings = load_settings(shop.parent / "later")
    steps.train(settings, LATER, Progress())
    from pipelines.speakers import registry_of

    newest = registry_of(settings).versions("churn")[0]
    assert newest.as_of == LATER
    assert "last_champion" in newest.baselines
    assert not any("could not be judged" in note for note in newest.verdict.notes)


def test_a_protected_attribute_that_is_allowed_by_name_is_reported_by(shop: Path) -> None:
    settings = copied(shop, shop.parent / "allowed", 'slices = ["age", "region"]', 'protected = ["age"]')
    snapshot = steps.build(settings, FIRST, frozenset(), Progress())
    steps.train(settings, FIRST, Progress())
    from pipelines.speakers import registry_of

    digest = registry_of(settings).versions("churn")[0].digest
    assert "attribute_age" in snapshot.features
    assert {part.attribute for part in read_slices(settings, "churn", digest)} == {"age"}


def test_a_purpose_that_is_withdrawn_silences_the_model(shop: Path) -> None:
    choice = '[features.purposes]\nallowed = ["service", "retention", "pricing"]\n\n[outcomes.churn]'
    settings = copied(shop, shop.parent / "withdrawn", "[outcomes.churn]", choice)
    snapshot = steps.build(settings, FIRST, frozenset(), Progress())
    assert "channel" not in snapshot.attributes.columns
    with pytest.raises(RefusedError, match=r"attribute_channel=agent"):
        steps.score(settings, FIRST, Progress())

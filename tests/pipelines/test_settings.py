"""`holdfast.toml`: everything has a default, nothing unknown passes, and the message names the nearest known key."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import ConfigError
from features.reading.opening import columns_brought, read_company
from pipelines.settings import Settings, load_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "holdfast.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_config_is_all_defaults(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, ""))

    assert settings.company.currency == "EUR"
    assert settings.company.timezone == "UTC"
    assert settings.outcomes == {}
    assert settings.workspace == tmp_path / ".holdfast"
    assert settings.mlruns == tmp_path / "mlruns"


def test_a_folder_means_its_holdfast_toml(tmp_path: Path) -> None:
    written(tmp_path, '[company]\nname = "acme"')

    assert load_settings(tmp_path).company.name == "acme"


def test_an_outcome_takes_its_name_from_its_table(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, '[outcomes.churn]\nkind = "inactivity"\nhorizon_days = 60'))

    assert settings.outcomes["churn"].name == "churn"
    assert settings.outcomes["churn"].horizon.total == 14 + 60


def test_an_outcome_of_the_companys_own_stands_after_the_others(tmp_path: Path) -> None:
    own = '[features]\nfiles = ["ours.py"]\n[outcomes.pause]\nkind = "ours.pause"\n'
    settings = load_settings(written(tmp_path, own + '[outcomes.fraud]\nkind = "query"\nquery = "select 1"'))

    assert settings.outcome_names == ("churn", "upgrade", "adoption", "fraud", "pause")


def test_the_digest_is_of_what_own_files_hold(tmp_path: Path) -> None:
    def digest(name: str, content: str) -> str:
        (tmp_path / name).write_text(content, encoding="utf-8")
        return load_settings(written(tmp_path, f'[features]\nfiles = ["{name}"]')).digest

    assert digest("ours.py", "FEATURES = ()") == digest("theirs.py", "FEATURES = ()")
    assert digest("ours.py", "FEATURES = ()") != digest("ours.py", "FEATURES = []")


@pytest.mark.parametrize(
    ("purposes", "slices", "usable", "read"),
    [
        ("service, retention", "", {"segment", "industry"}, {"segment", "industry", "vat"}),
        ("retention", "", {"industry"}, {"segment", "industry"}),
        ("retention", "segment, vat", {"industry"}, {"segment", "industry", "vat"}),
    ],
)
def test_what_is_off_is_for_people_and_reports_alone(
    tmp_path: Path, purposes: str, slices: str, usable: set[str], read: set[str]
) -> None:
    def names(text: str) -> list[str]:
        return [name for name in text.split(", ") if name]

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "accounts.csv").write_text(
        "account_id,signed_up_at,valid_from,segment,industry,vat\na1,2024-01-01,2024-01-01,small,retail,x\n",
        encoding="utf-8",
    )
    settings = load_settings(
        written(
            tmp_path,
            "[data.tables.accounts]\n"
            'attributes = { segment = "service", industry = "retention", vat = "service" }\n'
            f"[features]\nslices = {names(slices)}\n[features.purposes]\nallowed = {names(purposes)}\n",
        )
    )
    there = read_company(settings.data_read, settings.base)
    assert set(there.drafts["accounts"].columns) & {"segment", "industry", "vat"} == read
    assert {name for name in ("segment", "industry") if there.columns.has("accounts", name)} == usable
    brought = columns_brought(settings.data_read, settings.base)
    assert {name for name in ("segment", "industry") if brought.has("accounts", name)} == usable


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[compny]\nname = "x"', "compny: no such key; did you mean company?"),
        ('[company]\ncurency = "EUR"', "company.curency: no such key; did you mean currency?"),
        ('[outcomes.churn]\nkind = "inactivity"\nhorizon = 3', "did you mean horizon_days?"),
        ('[outcomes.chrn]\nkind = "inactivity"', "outcomes.chrn: an outcome is one of churn, upgrade, adoption"),
        ('[outcomes.churn]\nkind = "leaving"', "outcomes.churn.kind"),
        ('[outcomes.churn]\nkind = "inactivty"', "did you mean inactivity?"),
        ('[outcomes.churned]\nkind = "query"\nquery = "select 1"', "of your own file; did you mean churn?"),
        ('[outcomes.pause]\nkind = "inactivity"', "or one of your own, of the kind query"),
        ('[outcomes.pause]\nkind = "ours.pause"', "ours.pause is of ours.py, which [features] files lacks"),
        ('[data.tables.acounts]\nfile = "a.csv"', "no such table in the contract; did you mean accounts?"),
        ('[data.tables.accounts]\nfil = "a.csv"', "did you mean file?"),
        ("[company]\ntimezone = ", "is not valid TOML"),
        ('[company]\nname = "a company / b"', "company.name: it is made of letters, digits, _ and -"),
        ("[training]\nseed = 'many'", "training.seed"),
        ("[decision]\nunknown = 1", "decision.unknown: no such key"),
        ('[features.purposes]\nallowed = ["retension"]', "did you mean retention?"),
        ('[features.purposes]\nalowed = ["retention"]', "features.purposes.alowed: no such key; did you mean allowed?"),
        ('[features.purposes]\nallowed = "service"', 'allowed: it is a list, written ["...", "..."]'),
        ('[data]\nmemory_limit = "lots"', "data.memory_limit: it is a size such as 4GB"),
        ("[features.purposes]\ngrowth = false", "features.purposes.growth: no such key; known here: allowed, own."),
    ],
)
def test_what_is_wrong_is_named_with_a_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_settings(written(tmp_path, text))

    assert message in str(raised.value)
    assert "holdfast.toml" in str(raised.value)


def test_no_config_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holdfast init"):
        load_settings(tmp_path)


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_COMPANY__NAME", "other")

    assert load_settings(written(tmp_path, '[company]\nname = "acme"\ncurrency = "USD"')).company.name == "other"


def test_the_digest_is_of_what_can_change_a_result() -> None:
    plain = Settings()

    assert plain.digest == Settings(company={"workspace": "elsewhere"}).digest
    assert plain.digest == Settings(training={"threads": 1}).digest
    assert plain.digest == Settings(brief={"hook": "my_llm:say"}).digest
    assert plain.digest != Settings(training={"seed": plain.training.seed + 1}).digest
    assert plain.digest != Settings(company={"timezone": "Europe/Berlin"}).digest
    assert plain.digest != Settings(features={"purposes": {"allowed": ["service"]}}).digest

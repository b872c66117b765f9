"""The command as a person meets it: what it refuses before it begins, and the tables that it prints."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from features.errors import ConfigError, InputError
from pipelines.yardsticks.accuracy import accuracy
from pipelines.yardsticks.command import plan
from pipelines.yardsticks.effects import spread
from pipelines.yardsticks.faithfulness import faithfulness
from pipelines.yardsticks.hidden import Visible
from pipelines.yardsticks.result import KEPT_AS, Measured, Plan, Result
from pipelines.yardsticks.tables import blocks
from tests.pipelines.yardsticks.worlds import world


def asked(scenario: str, reachable: int) -> Plan:
    return plan(scenario, 2000, reachable, 4, 10, 7, Path("somewhere"), leaks=False)


def test_an_unknown_setting_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        InputError, match=r"settings software, service_contract, cable, car; sofware is none.*software\?"
    ):
        asked("sofware", 0)
    with pytest.raises(InputError, match=r"bakery is none\.$"):
        asked("bakery", 0)


def test_a_larger_company_is_larger() -> None:
    with pytest.raises(ConfigError, match="above --accounts 2,000, or 0 for none; seen 2,000"):
        asked("car", 2000)
    assert asked("car", 2001).reachable == 2001
    assert asked("car", 0).reachable == 0


@pytest.fixture(scope="module")
def result() -> Result:
    """One outcome measured with everything, one refused."""
    known = world(300)
    between = ((known.predictions["probability"] + known.truth["probability"]) / 2).to_numpy()
    found = accuracy(known.predictions, known.truth, "churn", reachable=between, resamples=100)
    keys = known.predictions[["account_id", "as_of"]]
    random = np.random.default_rng(0)
    told = pd.concat(keys.assign(idea=idea, contribution=random.normal(size=600)) for idea in ("use", "price"))
    true = pd.concat(keys.assign(driver=name, contribution=random.normal(size=600)) for name in ("habit", "luck"))
    reasons = faithfulness(told, true, {"habit": ("use",), "luck": ()}, keys.iloc[:60], resamples=100)
    offers = known.truth.assign(kind="retention", people="persuadable", without=0.2, effect=random.normal(0, 0.03, 600))
    offers["with"] = offers["without"] + offers["effect"]
    measured = Measured((date(2026, 1, 1), date(2026, 1, 29)), found, reasons, "promoted: better than all", ("a note",))
    return Result(
        plan=Plan("software", 300, Path("somewhere"), reachable=3000),
        outcomes={"churn": measured},
        refused={"upgrade": "too few positives"},
        failed={},
        spread=spread(offers, resamples=100),
        hidden=Visible(
            outcome="churn",
            taught=151,
            judged=149,
            table=pd.DataFrame(
                {
                    "state": ["need_level", "budget"],
                    "r_squared": [0.625, -0.01],
                    "low": [0.5, -0.02],
                    "high": [0.75, 0.03],
                    "rows": [298, 298],
                }
            ),
            constant=("price_shock",),
        ),
        leaks=pd.DataFrame(
            {
                "type": ["time leak", "none"],
                "planted": ["a column from tomorrow", "nothing: false alarms"],
                "inflation": [0.1234, 0.0],
                "caught_by": ["edit the future (x)", ""],
                "caught": [True, False],
            }
        ),
    )


def test_the_tables_tell_everything(result: Result) -> None:
    console = Console(width=250, record=True, quiet=False, file=None)
    with console.capture() as shown:
        for block in blocks(result):
            console.print(block)
    text = shown.get()

    for said in (
        "software: 300 accounts, the reachable limit by 3,000",
        "churn, as of 2026-01-01 and 2026-01-29: 600 rows of 300 accounts",
        "best baseline",
        "expected log loss",
        "log odds correlation",
        "global order raising",
        "Kendall's tau",
        "luck",
        "promoted: better than all",
        "Note: a note",
        "upgrade: no model. too few positives",
        "features of churn's test rows tell; learned from 151 accounts, judged on 149 others",
        "0.62 [0.50, 0.75]",
        "left out, since they do not vary: price shock",
        "Offers are not modelled yet",
        "better left asleep",
        "1 of 1 caught",
        "+0.123",
    ):
        assert said in text, said
    assert text.index(" oracle ") < text.index(" one state ")
    assert text.index(" need level ") < text.index(" budget ")


def test_the_result_is_kept_as_it_is_printed(result: Result, tmp_path: Path) -> None:
    file = result.keep(tmp_path / ".holdfast")

    content = json.loads(file.read_text(encoding="utf-8"))

    assert file.name == KEPT_AS
    assert content == json.loads(json.dumps(result.as_json()))
    assert set(content["outcomes"]) == {"churn"}
    assert content["refused"] == {"upgrade": "too few positives"}
    assert [row["state"] for row in content["hidden_states"]["table"]] == ["need_level", "budget"]
    assert content["hidden_states"]["constant"] == ["price_shock"]
    assert content["effects"]["estimated"] is None
    assert content["effects"]["true"]["retention"]["rows"] == 600
    assert [row["caught"] for row in content["leaks"]] == [True, False]

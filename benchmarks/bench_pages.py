"""How long a browser takes to open the accounts page of 50,000 accounts, and what else people wait for on it.

    python -m benchmarks.bench_pages [--accounts 50000] [--browser /usr/bin/chromium] [--times 5] [--out FILE]

The company is generated: owners, segments, three outcomes, eight reasons and a year of weeks and moments an account.
Prints the seconds to write the page, its size, and of each wait the median and the longest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from features.accounts.timeline import WEEKS
from serving.decision import BANDS
from serving.lists import Lists
from serving.manifest import Model, Record
from serving.pages.accounts import accounts_html
from serving.pages.details import SCORES
from serving.pages.material import Behind, Happened, Material
from serving.plays import PLAYS

T = date(2025, 6, 30)
OUTCOMES = ("churn", "upgrade", "adoption")
REASONS, MOMENTS, PRODUCTS = 8, 25, 5
PHRASES = (
    "Active days fell to {} in the last 28 (usually {})",
    "Of the users of the last 91 days, {}% were active in the last 28 (usually {}%)",
    "Satisfaction over the last 91 days came to {} of 100 points (others: {})",
    "Promised dates missed rose to {} in the last 91 days (usually {})",
    "Seats in use came to {}% of those paid for over the last 28 days (others: {}%)",
)
KINDS = ("answer", "ticket_opened", "ticket_resolved", "contact", "offer_made", "step_reached")
WAITS = {
    "list": "open the list (its first rows painted)",
    "whole": "read the whole page, every account's details too",
    "filter": "filter by free text",
    "sort": "sort by a column",
    "account": "open an account",
}


def main(arguments: list[str]) -> None:
    """Generate, write, open, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args(arguments)

    made = company(options.accounts)
    with tempfile.TemporaryDirectory() as folder:
        file = options.out or Path(folder) / "accounts.html"
        start = time.perf_counter()
        file.write_text(accounts_html(made), encoding="utf-8")
        sys.stdout.write(f"{options.accounts:,} accounts: written in {time.perf_counter() - start:.1f} s, ")
        sys.stdout.write(f"{file.stat().st_size / 1e6:.1f} MB\n")
        for name, seconds in waits(file, options.browser, options.times).items():
            sys.stdout.write(f"  {WAITS[name]}: {statistics.median(seconds):.2f} s, at most {max(seconds):.2f} s\n")


def waits(file: Path, browser: str, times: int) -> dict[str, list[float]]:
    """Seconds of each wait, one a visit; every visit has a browser of its own, with nothing kept from before."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {name: [] for name in WAITS}
    with sync_playwright() as player:
        for _ in range(times):
            opened = player.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = opened.new_page(viewport={"width": 1366, "height": 768})
            page.goto(file.resolve().as_uri(), wait_until="commit")
            page.wait_for_selector("#accounts tbody tr a", timeout=60_000)
            page.wait_for_load_state("load", timeout=60_000)
            found["list"].append(page.evaluate("performance.getEntriesByName('list-shown')[0].startTime") / 1000)
            found["whole"].append(
                page.evaluate("performance.timing.loadEventEnd - performance.timing.fetchStart") / 1000
            )
            start = time.perf_counter()
            page.fill("#find", "account 4999")
            page.wait_for_selector("#count:has-text(' of ')")
            found["filter"].append(time.perf_counter() - start)
            page.click("#clear")
            start = time.perf_counter()
            page.click("th[data-column=value]")
            page.wait_for_selector("th[data-column=value][aria-sort]")
            found["sort"].append(time.perf_counter() - start)
            start = time.perf_counter()
            page.click("#accounts tbody tr a >> nth=3")
            page.wait_for_selector("#timeline svg")
            found["account"].append(time.perf_counter() - start)
            opened.close()
    return found


def company(accounts: int) -> Material:
    """What a page of so many accounts is made from; the same for the same number."""
    rng = np.random.default_rng(7)
    ids = pd.Series([f"A{n:06}" for n in range(accounts)], dtype="str")
    plays = sorted(PLAYS.values())
    frame = pd.DataFrame({"account_id": ids, "name": "Account " + ids.str[1:] + " Holding", "as_of": pd.Timestamp(T)})
    frame["owner"] = _drawn(rng, [f"team {n}" for n in range(40)], accounts)
    frame["segment"] = _drawn(rng, ["small", "mid-market", "large"], accounts)
    for name in OUTCOMES:
        frame[f"{name}_probability"] = rng.beta(1, 12, accounts)
    frame["adoption_product"] = _drawn(rng, [f"product {n}" for n in range(PRODUCTS)], accounts)
    frame["value_at_stake"] = rng.lognormal(9, 1, accounts).round(2)
    frame["expected_value"] = (frame["value_at_stake"] * frame["churn_probability"]).round(2)
    frame["rank"] = np.arange(1, accounts + 1)
    frame["band"] = _drawn(rng, list(BANDS), accounts)
    frame["stage"] = _drawn(rng, ["using", "disposing"], accounts)
    frame["play"] = _drawn(rng, plays, accounts)
    for name in (name for group in SCORES.values() for name in group):
        frame[f"score_{name}"] = rng.uniform(0, 100, accounts)
    reasons = _reasons(rng, ids)
    first = reasons.drop_duplicates("account_id").set_index("account_id")["text"]
    frame["notice"], frame["ends_on"] = pd.Series(None, index=frame.index, dtype="str"), pd.NaT
    frame["reason_1"] = ("Churn: " + frame["account_id"].map(first)).astype("str")
    frame["change"] = _drawn(rng, ["new", *(f"up {n} points" for n in range(2, 30))], accounts)
    lists = Lists(T, frame, _products(rng, ids), reasons)
    facts = frame[["account_id"]].assign(plan="pro", tenure_days=rng.integers(10, 2000, accounts), days_to_renewal=30.0)
    record = Record(
        company="benchmark",
        currency="EUR",
        data_digest="",
        config_digest="",
        code_revision="",
        models={name: Model(version=f"{name}-1", base_rate=0.08) for name in OUTCOMES},
    )
    behind = {"active_days_28d": Behind("consumption", 28)}
    return Material(lists, record, facts, _happened(rng, ids), behind=behind)


def _drawn(rng: np.random.Generator, values: list[str], count: int) -> pd.Series[str]:
    return pd.Series(np.array(values, dtype=object)[rng.integers(0, len(values), count)], dtype="str")


def _reasons(rng: np.random.Generator, ids: pd.Series[str]) -> pd.DataFrame:
    """Eight an account and outcome, seven of ten of which push."""
    count = len(ids) * len(OUTCOMES) * REASONS
    phrases, numbers = rng.integers(0, len(PHRASES), count), rng.integers(0, 100, (count, 2))
    texts = [PHRASES[p].format(a, b) for p, (a, b) in zip(phrases.tolist(), numbers.tolist(), strict=True)]
    place = np.arange(count)
    return pd.DataFrame(
        {
            "account_id": ids.repeat(len(OUTCOMES) * REASONS).reset_index(drop=True),
            "outcome": np.array(OUTCOMES, dtype=object)[place // REASONS % len(OUTCOMES)],
            "position": place % REASONS + 1,
            "idea": [f"idea {n}" for n in (place % REASONS).tolist()],
            "feature": "active_days_28d",
            "contribution": rng.exponential(0.4, count) * np.where(rng.random(count) < 0.7, 1, -1),
            "actionable": True,
            "against_sense": False,
            "telling": True,
            "text": pd.Series(texts, dtype="str"),
            "product": None,
        }
    )


def _products(rng: np.random.Generator, ids: pd.Series[str]) -> pd.DataFrame:
    count = len(ids) * PRODUCTS
    place = np.arange(count) % PRODUCTS
    return pd.DataFrame(
        {
            "account_id": ids.repeat(PRODUCTS).reset_index(drop=True),
            "product": [f"product {n}" for n in place.tolist()],
            "outcome": "adoption",
            "position": place + 1,
            "probability": rng.beta(1, 12, count),
        }
    )


def _happened(rng: np.random.Generator, ids: pd.Series[str]) -> Happened:
    weeks = pd.DataFrame(
        {
            "account_id": ids.repeat(WEEKS).reset_index(drop=True),
            "week": np.tile(np.arange(WEEKS), len(ids)),
            "uses": rng.poisson(rng.lognormal(3, 1, len(ids)).repeat(WEEKS)),
        }
    )
    count = len(ids) * MOMENTS
    days = [T - timedelta(days=n) for n in range(1, 365)]
    moments = pd.DataFrame(
        {
            "account_id": ids.repeat(MOMENTS).reset_index(drop=True),
            "day": np.array(days, dtype=object)[rng.integers(0, len(days), count)],
            "kind": _drawn(rng, list(KINDS), count),
            "what": _drawn(rng, ["nps", "incident", "how_to", "call"], count),
            "detail": None,
            "number": rng.integers(0, 11, count).astype("float64"),
        }
    ).sort_values(["account_id", "day"], kind="stable", ignore_index=True)
    overrides = pd.DataFrame(columns=["account_id", "outcome", "verdict", "made_by", "made_on", "expires_on", "note"])
    return Happened(weeks, moments, overrides, ("uses", *KINDS), T)


if __name__ == "__main__":
    main(sys.argv[1:])

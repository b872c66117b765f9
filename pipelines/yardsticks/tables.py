"""The yardsticks as a person reads them: a few tables an outcome, then the offers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import pandas as pd
from rich.table import Table

from models.evaluation import Evaluation, Interval
from pipelines.printing import metrics_table, simple_table
from pipelines.yardsticks.accuracy import ORACLE, OURS, REACHABLE, Accuracy
from pipelines.yardsticks.agreement import Agreement
from pipelines.yardsticks.distance import MEASURES as DISTANCES
from pipelines.yardsticks.effects import FIFTHS, PEOPLE, Spread
from pipelines.yardsticks.faithfulness import Faithfulness
from pipelines.yardsticks.figures import Share
from pipelines.yardsticks.hidden import Visible
from pipelines.yardsticks.leaks import CLEAN
from pipelines.yardsticks.result import NOT_MODELLED, Measured, Result
from pipelines.yardsticks.stability import Stability, Survival
from pipelines.yardsticks.ways import MEASURES as REASONED

FIRST = (OURS, REACHABLE, ORACLE)
"""In this order, then the baselines."""


def blocks(result: Result) -> Iterator[str | Table]:
    """Text and tables, in the order in which they are printed."""
    plan = result.plan
    larger = f", the reachable limit by {plan.reachable:,}" if plan.reachable else ""
    yield f"{plan.scenario}: {plan.accounts:,} accounts{larger}, seed {plan.seed}"
    for name, measured in result.outcomes.items():
        yield from _outcome(name, measured)
    for name, why in result.refused.items():
        yield f"\n{name}: no model. {why}"
    if result.hidden is not None:
        yield from _hidden(result.hidden)
    yield f"\n{NOT_MODELLED}"
    if result.spread:
        yield "What there is to win: true gains in probability, by fifths of the true gain"
        yield offers_table(result.spread)

    if result.leaks is not None:
        real = result.leaks[result.leaks["type"] != CLEAN]
        yield f"\nLeaks planted one at a time: {int(real['caught'].sum())} of {len(real)} caught"
        yield leaks_table(result.leaks)


def leaks_table(found: pd.DataFrame) -> Table:
    """A row a leak, the last about the company without any."""
    rows = [
        [row["type"], row["planted"], f"{row['inflation']:+.3f}", row["caught_by"] or "nothing"]
        for row in found.to_dict("records")
    ]
    return simple_table(["leak", "planted", "AUC too high by", "caught by"], rows)


def _outcome(name: str, measured: Measured) -> Iterator[str | Table]:
    found = measured.accuracy
    ours = found.judged[OURS]
    days = " and ".join(str(day) for day in measured.as_ofs)
    yield (
        f"\n{name}, as of {days}: {ours.n:,} rows of {found.accounts:,} accounts, {ours.positives:,} positives "
        f"({ours.base_rate:.1%})"
    )
    if found.contradicted:
        yield f"left out: {found.contradicted:,} rows whose truth is certain of what their label denies"
    yield metrics_table(name, _in_order(found.judged), "")
    yield "\nShares of what is reachable and possible; more is better in every row"
    yield shares_table(found)
    yield (
        "share of the reachable: (ours - best) / (reachable - best), best being the best baseline; of the possible: "
        "with the oracle instead. Not told where there is no room between best and limit"
    )
    yield from _untold(found)
    yield f"\nDistance to the true probability, which has an error of {found.truth_error:.4f} itself"
    yield distances_table(found)
    if measured.faithfulness:
        yield from _reasons(measured.faithfulness)
    if measured.stability:
        yield from _stable(measured.stability)
    yield f"{measured.decision}\n" + "".join(f"Note: {note}\n" for note in measured.notes)


def _reasons(found: Faithfulness) -> Iterator[str | Table]:
    judged = found.everyone
    yield (
        f"\nReasons against true drivers: {judged.rows:,} rows of {judged.accounts:,} accounts; left out "
        f"{found.without_driver:,} that nothing raises and {found.without_reason:,} without a reason"
    )
    yield reasons_table(found)
    yield (
        "true share: true reasons among those given; first true: the first of them is; recall: true drivers that a "
        "reason shows. Ours over this: how many times as often ours are true, for everyone; at most: if all ours were"
    )
    yield (
        f"\nDrivers on the whole, mean log-odds either way: Kendall's tau {interval(found.drivers.kendall, 2)}, "
        f"Spearman {interval(found.drivers.spearman, 2)}"
    )
    yield drivers_table(found.drivers)


def _stable(found: Stability) -> Iterator[str | Table]:
    yield (
        f"\nReasons that survive when the model is taught anew, {found.replicates} times on accounts drawn with "
        f"replacement: {found.rows:,} test rows with a reason, {found.ideas} ideas to choose from"
    )
    rows = [
        ["of a row's top three", _survival(found.resampled)],
        ["its first reason, still in the three", _survival(found.first)],
        ["of the top three, in the top tenth of rows", _survival(found.top_tenth)],
        ["of a row's top three, same rows and another seed", f"{found.another_seed:.2f}"],
        ["control: as many ideas at random", f"{found.random:.2f}"],
    ]
    yield simple_table(["survives", "mean share [least, most]"], rows)


def _survival(share: Survival) -> str:
    return f"{share.value:.2f} [{share.low:.2f}, {share.high:.2f}]"


def _in_order(judged: Mapping[str, Evaluation]) -> dict[str, Evaluation]:
    return {name: judged[name] for name in (*FIRST, *judged) if name in judged}


def shares_table(found: Accuracy) -> Table:
    """A row a metric: the best baseline, and the shares of the reachable and of the possible."""
    rows = [
        [
            metric.replace("_", " "),
            shares.baseline.replace("_", " "),
            _share(shares.reachable),
            _share(shares.possible),
            interval(shares.possible.gained, 4),
            interval(shares.reachable.room, 4) if shares.reachable else "",
            interval(shares.possible.room, 4),
        ]
        for metric, shares in found.shares.items()
    ]
    heads = ["metric", "best baseline", "share of the reachable", "share of the possible"]
    heads += ["ours - best", "reachable - best", "oracle - best"]
    return simple_table(heads, rows)


def _untold(found: Accuracy) -> Iterator[str]:
    for metric, shares in found.shares.items():
        for share in (shares.reachable, shares.possible):
            if share is not None and share.untold:
                yield f"Not told by {metric.replace('_', ' ')}: {share.untold}."


def _share(share: Share | None) -> str:
    if share is None:
        return "not asked for"
    return interval(share.share, 2) if share.share else "not told"


def distances_table(found: Accuracy) -> Table:
    """A row a column of probabilities: how far it lies from the truth."""
    rows = [
        [name.replace("_", " "), *(interval(found.distances[name].measures[key], 4) for key in DISTANCES)]
        for name in (*FIRST, *found.distances)
        if name in found.distances
    ]
    seen = {row[0]: row for row in rows}
    heads = ["", *(key.replace("_", " ") for key in DISTANCES)]
    return simple_table(heads, list(seen.values()))


def reasons_table(found: Faithfulness) -> Table:
    """A row a way of giving reasons: everyone, and those whom people see."""
    groups = [("everyone", found.everyone)] + ([("top tenth", found.top_tenth)] if found.top_tenth else [])
    heads = [f"{who}: {key.replace('_', ' ')}" for who, _ in groups for key in REASONED]
    rows = []
    for way in found.everyone.measures:
        cells = [interval(judged.measures[way][key], 2) for _, judged in groups for key in REASONED]
        ratio, bound = found.everyone.ratios.get(way), found.everyone.bounds.get(way)
        told = [interval(ratio, 2), f"{bound.value:.2f}"] if ratio and bound else ["", ""]
        rows.append([way.replace("_", " "), *cells, *told])
    return simple_table(["reasons by", *heads, "ours over this", "at most"], rows)


def drivers_table(found: Agreement) -> Table:
    """A row a driver: its mean size by the truth and by the model."""
    rows = [
        [row["driver"], row["ideas"] or "none", f"{row['truth']:.3f}", f"{row['model']:.3f}"]
        for row in found.table.to_dict("records")
    ]
    return simple_table(["driver", "ideas that show it", "in truth, log-odds", "by the model, log-odds"], rows)


def _hidden(found: Visible) -> Iterator[str | Table]:
    yield (
        f"\nHidden states: how much of each the features of {found.outcome}'s test rows tell; learned from "
        f"{found.taught:,} accounts, judged on {found.judged:,} others"
    )
    yield states_table(found)
    yield "R squared: 1 where the features tell it exactly, 0 where no better than its mean"
    if found.constant:
        yield f"left out, since they do not vary: {', '.join(found.constant).replace('_', ' ')}"


def states_table(found: Visible) -> Table:
    """A row a hidden state, the best told first: the share of its variance that the features tell."""
    rows = []
    for row in found.table.to_dict("records"):
        told = Interval(row["r_squared"], row["low"], row["high"])
        rows.append([row["state"].replace("_", " "), interval(told, 2), f"{row['rows']:,}"])
    return simple_table(["hidden state", "R squared", "rows"], rows)


def offers_table(spreads: Mapping[str, Spread]) -> Table:
    """A row a kind of offer: what choosing whom to approach can win, and the mean gain of each kind of people."""
    heads = ["offer", "rows", "mean gain", "of the best fifth", *(f"fifth {n + 1}" for n in range(1, FIFTHS))]
    heads += PEOPLE
    rows = [
        [
            kind,
            f"{one.rows:,}",
            f"{one.mean.value:.3f}",
            *(f"{fifth.value:.3f}" for fifth in one.fifths),
            *(f"{one.kinds[name].mean.value:.3f} ({one.kinds[name].share.value:.0%})" for name in PEOPLE),
        ]
        for kind, one in spreads.items()
    ]
    return simple_table(heads, rows)


def interval(figure: Interval, digits: int) -> str:
    """The figure with its interval, or a dash where it has none."""
    if not math.isfinite(figure.value):
        return "-"
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"

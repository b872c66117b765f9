"""What the benchmark of features prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.company import accounts_of

LEAST = 0.02
"""Of a build, what a phase takes at least to have a line of its own."""
ORDER = ("read and mark", "labels", "cohort", "rollup", "leaves", "join", "ranks", "facts and timeline", "output")
"""Phases in the order of a build; `rollup` and `leaves` are those of many sources."""


def printed(events: int, bare: Mapping[str, Any], built: Mapping[str, Any]) -> str:
    """One size: the bare GROUP BY, the build phase by phase, the new day."""
    made = built["account_features"] + built["pair_features"]
    lines = [
        f"{bare['events']:,} events in {accounts_of(events):,} accounts; {built['computed']} of the catalogue's "
        f"{built['of']} features ({made} taught), {built['accounts']:,} rows of accounts at {built['as_ofs']} as_of, "
        f"{built['pairs']:,} of pairs",
        "",
        f"{'':34}{'clock s':>10}{'cpu s':>10}{'of bare':>9}",
        _line("GROUP BY account, product, day", bare["took"], bare),
    ]
    shrunk = (
        f"    to {bare['rows']:,} rows, {bare['events'] / bare['rows']:.2f} times fewer; peak {bare['peak']:.2f} GiB"
    )
    lines += [shrunk, _line("whole build", built["took"], bare)]
    lines += _phases(built["phases"], built["took"], bare)
    lines.append(f"    peak memory {built['peak']:.2f} GiB; rollups {built['rollups_bytes'] / 2**20:,.0f} MiB on disk")
    day = built["new_day"]
    share = day["took"][1] / built["took"][1]
    lines.append(_line("one new day", day["took"], bare))
    lines.append(f"    {share:.1%} of the whole build; {day['accounts']:,} accounts at one as_of")
    lines += _phases(day["phases"], day["took"], bare)
    return "\n".join([*lines, ""])


def subset_printed(events: int, found: Mapping[str, Any]) -> str:
    """The same features three ways."""
    ours = found["ours"]
    lines = [f"{ours['features']} features at 12 as_of, {events:,} events", ""]
    lines.append(f"{'':34}{'clock s':>10}{'cpu s':>10}{'of ours':>9}{'peak GiB':>10}{'values differ':>15}")
    for way, title in (("ours", "Holdfast"), ("pandas", "pandas"), ("featuretools", "Featuretools 1.31")):
        one = found[way]
        if "skipped" in one:
            lines.append(f"{title:34} skipped: {one['skipped']}")
            continue
        differ = "" if way == "ours" else f"{one['differing']:,}"
        lines.append(f"{_line(title, one['took'], ours)}{one['peak']:10.2f}{differ:>15}")
    return "\n".join([*lines, ""])


def growth(builds: Mapping[int, Mapping[str, Any]]) -> str:
    """All sizes beside each other; growth is of a build's time beside that of its events, from the size before."""
    lines = [
        f"{'events':>14}{'bare cpu s':>12}{'build cpu s':>13}{'ratio':>8}{'new day':>9}{'peak GiB':>10}{'growth':>8}"
    ]
    before: tuple[int, float] | None = None
    for events, found in builds.items():
        bare, built = found["bare"]["took"][1], found["build"]["took"][1]
        grown = f"{built / before[1] / (events / before[0]):8.2f}" if before else ""
        day = found["build"]["new_day"]["took"][1] / built
        peak = found["build"]["peak"]
        lines.append(f"{events:14,}{bare:12.1f}{built:13.1f}{built / bare:8.2f}{day:9.1%}{peak:10.2f}{grown}")
        before = (events, built)
    return "\n".join([*lines, ""])


def _phases(phases: Mapping[str, Sequence[float]], whole: Sequence[float], bare: Mapping[str, Any]) -> list[str]:
    """A line a phase; of many sources the largest, and the others together."""
    lines, rest = [], dict(phases)
    for name in ORDER:
        inside = {key: took for key, took in phases.items() if key == name or key.startswith(f"{name} ")}
        if not inside:
            continue
        for key in inside:
            rest.pop(key)
        title = {"rollup": "rollups", "leaves": "leaves of sources"}.get(name, name)
        lines.append(_line(f"  {title}", _sum(inside.values()), bare))
        if name in ("rollup", "leaves"):
            large = {key: took for key, took in inside.items() if took[1] >= LEAST * whole[1]}
            for key, took in sorted(large.items(), key=lambda item: -item[1][1]):
                lines.append(_line(f"    {key.removeprefix(name + ' ')}", took, bare))
            few = [took for key, took in inside.items() if key not in large]
            if few:
                lines.append(_line(f"    {len(few)} others", _sum(few), bare))
    return [*lines, _line("  other", _sum(rest.values()), bare)]


def _sum(all_of_them: Any) -> tuple[float, float]:
    seconds = list(all_of_them)
    return sum(one[0] for one in seconds), sum(one[1] for one in seconds)


def _line(title: str, took: Sequence[float], beside: Mapping[str, Any]) -> str:
    return f"{title:34}{took[0]:10.2f}{took[1]:10.2f}{took[1] / beside['took'][1]:9.2f}"

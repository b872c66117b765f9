"""How long features take: beside DuckDB's bare GROUP BY, beside pandas and Featuretools, and for one new day.

    python -m benchmarks.bench_features [--events 30000000 ...] [--subset-events 3000000] [--threads 2] [--memory 2GB]
        [--folder FOLDER] [--featuretools PYTHON] [--json FILE]

Of each number of events, on a company's tables made as use really comes (`benchmarks/company.py`): the whole
catalogue, built as a run does at 12 as_of, and a new day after it, against the bare GROUP BY account, product, day of
the same files with the same threads and memory. Then 20 features three ways (`benchmarks/subset.py`), compared value by
value.

Each runs in a process of its own, one after the other, and has its own peak of memory. Seconds are told by the clock
and of the processors, ratios of the latter: other work on the machine leaves them as they are. A folder that is named
is kept, with the events in it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import company, subset
from benchmarks.figures import growth, printed, subset_printed

ROOT = Path(__file__).resolve().parents[1]
FEATURETOOLS = ROOT / ".venv-featuretools" / "bin" / "python"


def main(arguments: list[str]) -> None:
    """Generate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="*", default=[30_000_000])
    parser.add_argument("--subset-events", type=int, default=3_000_000, help="0: no comparison of a subset")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="2GB", help="what the engine may hold; the process holds more")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--featuretools", type=Path, default=FEATURETOOLS, help="a Python that has it")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"threads": options.threads, "memory": options.memory, "builds": {}}
    with tempfile.TemporaryDirectory() as aside:
        root = options.folder or Path(aside)
        for events in options.events:
            folder = _company(root, events)
            given = (str(folder), str(events), str(options.threads), options.memory)
            bare = _run([sys.executable, "-m", "benchmarks.full_build", "bare", *given])
            built = _run([sys.executable, "-m", "benchmarks.full_build", "build", *given])
            found["builds"][events] = {"bare": bare, "build": built}
            _say(printed(events, bare, built))
        if options.subset_events:
            folder = _company(root, options.subset_events)
            found["subset"] = _subset(folder, options.threads, options.memory, options.featuretools)
            _say(subset_printed(options.subset_events, found["subset"]))
        if len(options.events) > 1:
            _say(growth(found["builds"]))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def _company(root: Path, events: int) -> Path:
    folder = root / f"{events:_}"
    company.write(folder, events)
    (folder / "data" / "consumption" / f"{company.END}.parquet").unlink(missing_ok=True)  # of a run before
    return folder


def _subset(folder: Path, threads: int, memory: str, featuretools: Path) -> Mapping[str, Any]:
    """Three ways, and how many values differ from ours."""
    outs = {way: folder / f"{way}.parquet" for way in ("ours", "pandas", "featuretools")}
    found: dict[str, Any] = {}
    for way in ("ours", "pandas"):
        command = [sys.executable, "-m", "benchmarks.subset", way, str(folder), str(threads), memory, str(outs[way])]
        found[way] = _run(command)
    if featuretools.is_file():
        lists = (",".join(map(str, subset.WINDOWS)), ",".join(subset.as_of_days()))
        script = str(ROOT / "benchmarks" / "in_featuretools.py")
        found["featuretools"] = _run([str(featuretools), script, str(folder), str(outs["featuretools"]), *lists])
    else:
        found["featuretools"] = {"skipped": f"no {featuretools}: `make featuretools` makes that environment"}
    for way in ("pandas", "featuretools"):
        if "took" in found[way]:
            found[way]["differing"] = subset.differing(outs["ours"], outs[way])
    return found


def _run(command: Sequence[str]) -> dict[str, Any]:
    """The JSON that is the last line of what a process prints.

    Raises:
        CalledProcessError: it failed; what it said stands on standard error.
    """
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

"""`holdfast explain ACCOUNT`: one account of a published list, with the rows behind its largest reasons."""

from __future__ import annotations

from pathlib import Path

from pipelines.commands import parse_day
from pipelines.one_account import one_account
from pipelines.printing import print_json, print_text
from pipelines.progress import Progress
from pipelines.settings import load_settings


def explain(account: str, config: Path, as_of: str | None, as_json: bool) -> None:
    """One account of a published list: scores, reasons, what changed, and the rows behind the largest reasons."""
    from features.accounts.evidence import evidence
    from serving.account import features_behind
    from serving.account_text import as_json as account_json
    from serving.account_text import as_text

    one = one_account(load_settings(config), account, parse_day(as_of))
    report = one.report()
    with Progress().step("read the rows behind the reasons"):
        tables, library = one.company(features_behind(report))
        known = {feature.name: feature for feature in library.on if not library.lacks(tables, feature)}
        rows = {
            name: evidence(tables, known[name], report.account_id, report.as_of, sources=library.sources)
            for name in features_behind(report)
            if name in known and known[name].about == "account"
        }
    report = one.report(rows)
    if as_json:
        print_json(account_json(report))
    else:
        print_text(as_text(report))

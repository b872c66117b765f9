"""`holdfast explain ACCOUNT`: one account of a published list, with the rows behind its largest reasons."""

from __future__ import annotations

from pathlib import Path

from pipelines.commands import parse_day, print_json, print_text
from pipelines.progress import Progress
from pipelines.settings import load_settings


def explain(account: str, config: Path, as_of: str | None, as_json: bool) -> None:
    """One account of a published list: scores, reasons, what changed, and the rows behind the largest reasons."""
    from features.evidence import evidence
    from features.faults import ROW_RULES
    from pipelines.steps import library_of, memory_of, open_company
    from serving.account import explain as explain_account
    from serving.account import features_behind
    from serving.account_text import as_json as account_json
    from serving.account_text import as_text
    from serving.published import previous, published

    settings = load_settings(config)
    current = published(settings.workspace, parse_day(as_of))
    before = previous(settings.workspace, current.as_of)
    report = explain_account(account, current, before)
    with Progress().step("read the rows behind the reasons"):
        tables = open_company(
            settings, frozenset(ROW_RULES), memory_of(settings)
        )  # what the list rejected is not shown
        library = library_of(settings, features_behind(report))
        known = {feature.name: feature for feature in library.on if not library.lacks(tables, feature)}
        rows = {
            name: evidence(tables, known[name], report.account_id, current.as_of, sources=library.sources)
            for name in features_behind(report)
            if name in known and known[name].about == "account"
        }
    report = explain_account(account, current, before, rows)
    if as_json:
        print_json(account_json(report))
    else:
        print_text(as_text(report))

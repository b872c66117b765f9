"""Peers: the accounts that one is compared with."""

from __future__ import annotations

from features.feature import Among
from tests.features.oracle.past import Asked, Past, Row
from tests.features.oracle.terms import in_force

FEWEST = 10
"""Peers with a value, without which a rank among them says nothing."""


def peers(past: Past, asked: Asked, among: Among) -> list[str]:
    """Everybody active, or only those of the same segment and about the same tenure as the account."""
    everyone = past.once("everyone", lambda: {account: sort_of(past, account) for account in active_accounts(past)})
    mine = sort_of(past, asked.account)
    return [account for account, sort in everyone.items() if among == "everyone" or sort == mine]


def latest_version(past: Past, account: str) -> Row | None:
    """The version of an account that began last, of those known; None where none is."""
    versions = past.seen("accounts", account_id=account)
    dated = [version for version in versions if version["valid_from"] is not None]
    if dated:
        return max(dated, key=lambda version: version["valid_from"])
    return versions[0] if versions else None


def sort_of(past: Past, account: str) -> tuple[str | None, int] | None:
    """An account's segment, and its tenure in three steps, by the latest version of it; None where it is not known."""
    latest = latest_version(past, account)
    if latest is None:
        return None
    tenure = past.ago(latest["signed_up_at"])
    return segment_of(past, account), (tenure >= 91) + (tenure >= 364)


def segment_of(past: Past, account: str) -> str | None:
    """The segment of its latest version; None where the company does not date its versions."""
    latest = latest_version(past, account)
    dated = any("valid_from" in version for version in past.rows["accounts"])
    return latest["segment"] if latest is not None and dated else None


def active_accounts(past: Past) -> list[str]:
    """Every known account that is active, in the order of their ids."""
    known = {version["account_id"] for version in past.seen("accounts")}
    return past.once("active", lambda: [account for account in sorted(known) if _is_active(past, account)])


def _is_active(past: Past, account: str) -> bool:
    """With a subscription in force or, where the company brings none, with use in the last 91 days."""
    if "subscriptions" in past.rows:
        return bool(in_force(past, Asked(account)))
    return any(past.ago(use["occurred_at"]) <= 91 for use in past.seen("consumption", account_id=account))

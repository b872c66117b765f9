"""The models that may speak as of a day, and why an outcome without one is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.errors import RefusedError
from pipelines.refusals import read_refusals
from pipelines.settings import Settings

if TYPE_CHECKING:
    from features.snapshot.snapshot import Snapshot
    from models.registry import Champion, Registry


def registry_of(settings: Settings) -> Registry:
    """This company's models."""
    from models.registry import Registry

    return Registry(settings.mlruns, settings.company.name)


def champions(settings: Settings, snapshot: Snapshot) -> dict[str, Champion]:
    """By outcome, the model that may speak as of the snapshot's day; an outcome without one is absent.

    A champion that rests on features which are not there any more, such as those of a purpose that is no longer
    allowed, is silent.

    Raises:
        RefusedError: no outcome has one.
    """
    registry = registry_of(settings)
    found = {name: registry.champion(name, snapshot.as_of) for name in snapshot.outcomes}
    standing = {
        name: champion for name, champion in found.items() if champion is not None and not _lacking(champion, snapshot)
    }
    if not standing:
        reasons = "; ".join(f"{name}: {why}" for name, why in refused(settings, snapshot).items())
        raise RefusedError(
            f"A list is made of models that were promoted, and as of {snapshot.as_of} no outcome has one ({reasons}). "
            "Look at `holdfast models` for the evidence and at `holdfast check` for the data. Nothing was published."
        )
    return standing


def refused(settings: Settings, snapshot: Snapshot) -> dict[str, str]:
    """By outcome without a model that may speak as of the snapshot's day, why that is so."""
    registry = registry_of(settings)
    reasons = {}
    for name in snapshot.outcomes:
        champion = registry.champion(name, snapshot.as_of)
        lacking = _lacking(champion, snapshot) if champion is not None else ""
        if champion is not None and not lacking:
            continue
        tried = [version for version in registry.versions(name) if version.as_of <= snapshot.as_of]
        untrained = read_refusals(settings, snapshot.as_of).get(name, "no model was trained yet")
        why = tried[0].decision.reason if tried else f"Not trained: {untrained}"
        reasons[name] = lacking or why
    return reasons


def _lacking(champion: Champion, snapshot: Snapshot) -> str:
    """Why the champion cannot speak of this snapshot: it rests on features that are not there; empty where it can."""
    there = {*snapshot.accounts_with(champion.scorer.features).columns, *snapshot.pair_features}
    missing = [name for name in champion.scorer.features if name not in there]
    if not missing:
        return ""
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return (
        f"The champion {champion.digest} rests on features that are not computed any more: {', '.join(missing[:5])}"
        f"{more}. Allow their purposes again, bring their tables again, or train anew: `holdfast run`."
    )

"""Whether a newly trained model may speak: better than no skill, and not worse than what there is already.

No skill is an area under the ROC curve of 0.5 and an average precision of the base rate; both intervals have to lie
wholly above. A model without any signal clears the first by luck in about one case of forty; the second is a check on
the rows that are ranked highest, which are the ones that somebody calls, and both together are cleared less often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.evaluation import Evaluation, Interval

NO_SKILL_AUC = 0.5


@dataclass(frozen=True)
class Decision:
    """Whether a model becomes champion, why, and how it stands beside each baseline (by paired AUC difference)."""

    promoted: bool
    reason: str
    beats: tuple[str, ...] = ()
    """Better beyond noise."""
    equals: tuple[str, ...] = ()
    """Neither better nor worse beyond noise."""
    loses_to: tuple[str, ...] = ()
    """Worse beyond noise."""

    def as_json(self) -> dict[str, object]:
        """Every field by name."""
        return {
            "promoted": self.promoted,
            "reason": self.reason,
            "beats": list(self.beats),
            "equals": list(self.equals),
            "loses_to": list(self.loses_to),
        }


def decide(evaluation: Evaluation, comparisons: Mapping[str, Interval], *, orders_validation: bool = True) -> Decision:
    """The rule of promotion.

    `comparisons` holds, by baseline, the paired interval of our AUC minus its. A model is promoted if its AUC's
    interval lies above 0.5, its average precision's above the base rate of the test, and no comparison, the last
    champion's included, lies wholly below 0. `orders_validation` is whether its higher scores were likelier on
    validation too: skill on the test alone, after none on the days before it, is luck.
    """
    auc, precision = evaluation.metrics["auc"], evaluation.metrics["average_precision"]
    beats = tuple(name for name, difference in comparisons.items() if difference.low > 0)
    loses_to = tuple(name for name, difference in comparisons.items() if difference.high < 0)
    equals = tuple(name for name in comparisons if name not in {*beats, *loses_to})
    faults = []
    if not orders_validation:
        faults.append("on validation, the days before the test, higher scores were not likelier")
    if not auc.low > NO_SKILL_AUC:
        faults.append(f"AUC {_told(auc)} is not above 0.5, which is no skill")
    if not precision.low > evaluation.base_rate:
        faults.append(f"average precision {_told(precision)} is not above the base rate {evaluation.base_rate:.3f}")
    faults += [
        f"worse than {name.replace('_', ' ')} by {_told(_negative(comparisons[name]))} of AUC" for name in loses_to
    ]
    if faults:
        return Decision(False, f"Refused: {'; '.join(faults)}.", beats, equals, loses_to)
    reason = (
        f"Promoted: AUC {_told(auc)} is above 0.5, average precision {_told(precision)} is above the base rate "
        f"{evaluation.base_rate:.3f}; {_beside(beats, equals)}."
    )
    return Decision(True, reason, beats, equals, loses_to)


def _beside(beats: tuple[str, ...], equals: tuple[str, ...]) -> str:
    better = f"better than {_words(beats)}" if beats else ""
    same = f"within noise of {_words(equals)}" if equals else ""
    return " and ".join(part for part in (better, same) if part) or "compared with nothing"


def _words(names: tuple[str, ...]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _told(interval: Interval) -> str:
    return f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _negative(interval: Interval) -> Interval:
    return Interval(-interval.value, -interval.high, -interval.low)

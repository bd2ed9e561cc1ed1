"""Judges by the base once more, in other processes: what differs there is not the change's doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from replaykit.gate.against_base import Judged, Unsteady
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.gate.sameness import is_the_same, is_unsteady
from replaykit.perturb.axes import CONTROL, axis_named
from replaykit.verdict import Outcome, Verdict

__all__ = ["with_unsteady"]

_HASH_SEED = "hash seed"
_SEED, _OTHER_SEED = "1", "2"


def with_unsteady(judged: Sequence[Judged], request: Request) -> list[Judged]:
    """The same, marked where the base fails as the change does in some of its runs and not in all.

    Args:
        judged: Fixtures under both codes.
        request: What the base was asked.
    """
    blamed = [each for each in judged if each.base is not None and _is_blamed(each)]
    if not blamed:
        return [*judged]
    files = {each.asked: request.files[each.asked] for each in blamed}
    once = _again(request, files, _SEED)
    # What passes twice at the base is the change's; the others show what makes the difference.
    doubtful = {
        each.asked: files[each.asked]
        for each in blamed
        if each.asked in once and not _passed(each.base, once[each.asked])
    }
    if not doubtful:
        return [*judged]
    twice, other = _again(request, doubtful, _SEED), _again(request, doubtful, _OTHER_SEED)
    return [_marked(each, once, twice, other) if each.asked in doubtful else each for each in judged]


def _passed(*runs: Verdict | None) -> bool:
    return all(run is not None and run.outcome is Outcome.CONSISTENT for run in runs)


def _is_blamed(each: Judged) -> bool:
    return each.head.outcome is not Outcome.CONSISTENT and not each.is_known


def _again(request: Request, files: Mapping[str, object], seed: str) -> Mapping[str, Verdict]:
    asked = replace(request, files={key: request.files[key] for key in files})
    return judged_elsewhere(asked, what="the base, once more", env={"PYTHONHASHSEED": seed}).verdicts


def _marked(
    each: Judged, once: Mapping[str, Verdict], twice: Mapping[str, Verdict], other: Mapping[str, Verdict]
) -> Judged:
    key = each.asked
    again = [run[key] for run in (once, twice, other) if key in run]
    if each.base is None or not is_unsteady([each.base, *again], each.head, each.fail_on):
        return each
    by_seed = len(again) == 3 and (
        is_the_same(again[0], again[1], each.fail_on) and not is_the_same(again[0], again[2], each.fail_on)
    )
    axis = axis_named(_HASH_SEED if by_seed else CONTROL)
    return replace(each, unsteady=Unsteady(changed=axis.changes, cure=axis.cure))

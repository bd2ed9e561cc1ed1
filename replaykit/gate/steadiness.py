"""Judges by the base once more, in other processes: what differs there is not the change's doing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from replaykit.gate.against_base import Judged, Unsteady
from replaykit.gate.base_verdicts import Request, judged_elsewhere
from replaykit.gate.sameness import can_be_unsteady, is_the_same, is_unsteady
from replaykit.perturb.axes import CONTROL, axis_named
from replaykit.verdict import Outcome, Verdict

__all__ = ["with_unsteady"]

_HASH_SEED = "hash seed"
_SEED, _OTHER_SEED = "1", "2"


def with_unsteady(judged: Sequence[Judged], request: Request, added: Collection[str] = ()) -> list[Judged]:
    """The same, marked where the base fails as the change does in some of its runs and not in all.

    Each run needs a process of its own: what differs from one to the next is what there is to find.

    Args:
        judged: Fixtures under both codes.
        request: What the base was asked.
        added: Keys of fixtures that came with the change: nothing that the base makes of them excuses it.
    """
    blamed = [each for each in judged if each.asked not in added and _is_blamed(each)]
    if not blamed:
        return [*judged]
    once = _again(request, [each.asked for each in blamed], _SEED)
    # What passes twice at the base is the change's; the others show what makes the difference.
    doubtful = [each for each in blamed if each.asked in once and not _passed(each.base, once[each.asked])]
    if not doubtful:
        return [*judged]
    twice = _again(request, [each.asked for each in doubtful], _SEED)
    # Where two runs of one hash seed differ, the seed is not what makes the difference.
    steady = [each for each in doubtful if _is_same_twice(each, once, twice)]
    other = _again(request, [each.asked for each in steady], _OTHER_SEED) if steady else {}
    asked = {each.asked for each in doubtful}
    return [_marked(each, once, twice, other) if each.asked in asked else each for each in judged]


def _passed(*runs: Verdict | None) -> bool:
    return all(run is not None and run.outcome is Outcome.CONSISTENT for run in runs)


def _is_blamed(each: Judged) -> bool:
    if each.base is None or each.head.outcome is Outcome.CONSISTENT or each.is_known:
        return False
    return can_be_unsteady(each.head)


def _again(request: Request, asked: Sequence[str], seed: str) -> Mapping[str, Verdict]:
    same = replace(request, files={key: request.files[key] for key in asked})
    return judged_elsewhere(same, what="the base, once more", env={"PYTHONHASHSEED": seed}).verdicts


def _is_same_twice(each: Judged, once: Mapping[str, Verdict], twice: Mapping[str, Verdict]) -> bool:
    key = each.asked
    return key in once and key in twice and is_the_same(once[key], twice[key], each.fail_on)


def _marked(
    each: Judged, once: Mapping[str, Verdict], twice: Mapping[str, Verdict], other: Mapping[str, Verdict]
) -> Judged:
    key = each.asked
    again = [run[key] for run in (once, twice, other) if key in run]
    if each.base is None or not is_unsteady([each.base, *again], each.head, each.fail_on):
        return each
    by_seed = (
        key in other
        and _is_same_twice(each, once, twice)
        and not is_the_same(once[key], other[key], each.fail_on)
    )
    axis = axis_named(_HASH_SEED if by_seed else CONTROL)
    return replace(each, unsteady=Unsteady(changed=axis.changes, cure=axis.cure))

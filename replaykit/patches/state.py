"""From what is known of a patch to where it stands: the rules, pure.

Temporal's rules (https://docs.temporal.io/develop/python/workflows/versioning), stated by what they protect:

- The old branch may go (`deprecate_patch` in the place of `patched`) once no run has taken it.
- The call may go once no run carries its marker; one that `deprecate_patch` wrote asks for nothing.
- A run that has not reached the call holds nothing back: it gets the marker there.
- A run that is pinned to a deployment version never meets this code.

A closed run is replayed too, when it is queried or reset, until its retention ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone

from replaykit.capture import VisibleRun
from replaykit.patches.patch import Evidence, Patch, Seen, State, Took

__all__ = ["describe", "judge"]

_NAMED = 3
"""Runs that a line names."""
_LATEST = datetime.max.replace(tzinfo=timezone.utc)
_CONTINUED_BY = "see that no worker of older code polls its task queue"


def judge(evidence: Evidence, *, open_only: bool = False) -> Patch:
    """Where a patch stands.

    Args:
        evidence: What is known of it.
        open_only: Closed runs hold nothing back: they are neither queried nor reset.
    """
    names = {call.name for call in evidence.calls}
    if "patched" in names:
        return _patched(evidence, open_only)
    if "deprecate_patch" in names:
        return _deprecated(evidence, open_only)
    return _gone(evidence, open_only)


def _patched(evidence: Evidence, open_only: bool) -> Patch:
    held = _held(evidence, lambda seen: seen.took in (Took.OLD, Took.UNKNOWN), open_only)
    needs = _needed(evidence, held)
    marked = [seen for seen in _everything(evidence) if seen.took in (Took.MARKED, Took.DEPRECATED)]
    if not marked:
        where = "no run and no fixture carries" if evidence.runs is not None else "no fixture carries"
        return Patch(
            evidence=evidence,
            state=State.NEW,
            reason=f"{where} its marker yet",
            advice="Deploy it. Runs that took the old branch go on with it.",
            needs=needs,
            held_by=held,
        )
    if evidence.runs is None:
        return _not_asked(evidence, State.ACTIVE, "whether a run still takes the old branch", needs)
    unseen = _unseen(evidence, open_only)
    if held or unseen:
        return Patch(
            evidence=evidence,
            state=State.ACTIVE,
            reason=f"{_counted(held, _PAST_THE_CALL, unseen)}{_oldest(held)}",
            advice=_wait(held, "keep both branches", open_only),
            needs=needs,
            held_by=held,
        )
    count = sum(seen.took is Took.NOT_REACHED and _is_open(seen) for seen in evidence.runs)
    others = f"; {_runs(count, 'open ')} without it {_has(count)} not reached the call" if count else ""
    return Patch(
        evidence=evidence,
        state=State.MAY_BE_DEPRECATED,
        reason=f"no {_which(open_only)} took the old branch{others}",
        advice=f"First {_CONTINUED_BY}. Then delete the old branch, and call "
        f'workflow.deprecate_patch("{evidence.patch_id}") in the place of workflow.patched.'
        f"{_spent(evidence, Took.OLD)}",
        needs=needs,
    )


def _deprecated(evidence: Evidence, open_only: bool) -> Patch:
    broken = _held(evidence, lambda seen: seen.took is Took.OLD and seen.diverged, open_only)
    if broken:
        return Patch(
            evidence=evidence,
            state=State.REMOVED_TOO_EARLY,
            reason=f"the old branch is gone, and {_counted(broken, _TOOK_OLD)}{_oldest(broken)}",
            advice=f'Put the old branch back: if workflow.patched("{evidence.patch_id}"): ... else: ...',
            held_by=broken,
        )
    held = _held(evidence, lambda seen: seen.took is Took.MARKED, open_only)
    needs = _needed(evidence, held)
    if evidence.runs is None:
        return _not_asked(evidence, State.DEPRECATED, "whether a run still carries its marker", needs)
    unseen = _unseen(evidence, open_only)
    if held or unseen:
        return Patch(
            evidence=evidence,
            state=State.DEPRECATED,
            reason=f"{_counted(held, _CARRIES, unseen)}{_oldest(held)}",
            advice=_wait(held, "keep the call of deprecate_patch", open_only),
            needs=needs,
            held_by=held,
        )
    return Patch(
        evidence=evidence,
        state=State.MAY_BE_REMOVED,
        reason=f"no {_which(open_only)} carries a marker that asks for it",
        advice=f"First {_CONTINUED_BY}. Then delete the call of deprecate_patch."
        f"{_spent(evidence, Took.MARKED)}",
        needs=needs,
    )


def _gone(evidence: Evidence, open_only: bool) -> Patch:
    # A call with a computed id may be its own: then only what diverges shows that it is not.
    sure = not evidence.computed
    held = _held(evidence, lambda seen: seen.took is Took.MARKED and (sure or seen.diverged), open_only)
    if held:
        return Patch(
            evidence=evidence,
            state=State.REMOVED_TOO_EARLY,
            reason=f"no call of it is left, and {_counted(held, _CARRIES)}{_oldest(held)}",
            advice=f'Put workflow.deprecate_patch("{evidence.patch_id}") back where the call was.',
            held_by=held,
        )
    if not sure:
        places = ", ".join(dict.fromkeys(call.place for call in evidence.computed))
        return Patch(
            evidence=evidence,
            state=State.UNKNOWN_IN_CODE,
            reason=f"no call names it, but ids are computed at {places}",
            advice="Name it in a literal or a constant there, so that its life can be followed.",
        )
    fixtures = [seen for seen in evidence.fixtures if seen.took is Took.MARKED]
    kept = f"; {_many(len(fixtures), 'fixture')} {_carry(len(fixtures))} its marker" if fixtures else ""
    if evidence.runs is None:
        return _not_asked(evidence, State.UNKNOWN_IN_CODE, "whether a run still carries its marker", None)
    unseen = _unseen(evidence, open_only)
    limited = f" of those looked at; {unseen}" if unseen else ""
    return Patch(
        evidence=evidence,
        state=State.UNKNOWN_IN_CODE,
        reason=f"no call of it, and no {_which(open_only)} needs one{limited}{kept}",
        advice="Delete the fixtures that carry its marker: no run is like them any more."
        if fixtures
        else "Nothing.",
    )


def _spent(evidence: Evidence, took: Took) -> str:
    """What becomes of the fixtures that diverge once the step is taken."""
    files = [seen.fixture for seen in evidence.fixtures if seen.took is took and seen.fixture]
    if not files:
        return ""
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    it = "it" if len(files) == 1 else "them"
    return (
        f" Delete {', '.join(files[:_NAMED])}{more} too: no run is like {it} any more. "
        f'The gate wants {it} waived: rule = "deleted-fixture", in a change of its own before that one, '
        "judged with --accept-weaker-policy."
    )


def _not_asked(evidence: Evidence, state: State, what: str, needs: str | None) -> Patch:
    marked = sum(seen.took is Took.MARKED for seen in evidence.fixtures)
    call = "no call of it, and " if state is State.UNKNOWN_IN_CODE else ""
    return Patch(
        evidence=evidence,
        state=state,
        reason=f"{call}{_many(marked, 'fixture')} {_carry(marked)} its marker; the service was not asked",
        advice=f"Ask the service {what}: --address HOST:PORT, or --service for the configured one.",
        needs=needs,
    )


def _needed(evidence: Evidence, held: Sequence[Seen]) -> str | None:
    """The fixture that would reach a branch that none reaches."""
    took = {seen.took for seen in evidence.fixtures}
    asked = evidence.runs is not None
    runs = evidence.runs or ()
    patched = any(call.name == "patched" for call in evidence.calls)
    if patched and Took.OLD not in took:
        candidates = [seen for seen in held if seen.took is Took.OLD]
        if candidates:
            return f"needs a pre-patch fixture: capture one of {_named(candidates)}"
        if not asked:
            return "needs a pre-patch fixture: capture a run that went past the call before it was there"
    if Took.MARKED not in took and not (patched and Took.DEPRECATED in took):
        candidates = _sorted(seen for seen in runs if seen.took is Took.MARKED)
        if candidates:
            return f"needs a fixture with the marker: capture one of {_named(candidates)}"
        if not asked and patched:
            return "needs a fixture with the marker: capture a run of the patched code"
    return None


def _held(evidence: Evidence, by: Callable[[Seen], bool], open_only: bool) -> tuple[Seen, ...]:
    """The runs that meet this code and that the predicate is true of, open ones first, then the oldest."""
    return tuple(
        _sorted(
            seen
            for seen in evidence.runs or ()
            if by(seen) and not (seen.run and seen.run.pinned) and (_is_open(seen) or not open_only)
        )
    )


def _sorted(seen: Iterable[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda one: (not _is_open(one), (one.run and one.run.started) or _LATEST))


def _everything(evidence: Evidence) -> tuple[Seen, ...]:
    return (*evidence.fixtures, *(evidence.runs or ()))


def _is_open(seen: Seen) -> bool:
    return seen.run is not None and seen.run.is_open


def _unseen(evidence: Evidence, open_only: bool) -> str:
    """The runs that were not looked at, in words; empty for none."""
    counts = ((evidence.open_not_seen, "open"), (0 if open_only else evidence.closed_not_seen, "closed"))
    runs = " and ".join(_runs(count, f"{kind} ") for count, kind in counts if count)
    return f"{runs} not looked at" if runs else ""


_TOOK_OLD = ("took it", "took it")
_PAST_THE_CALL = ("took the old branch", "took the old branch")
_CARRIES = ("carries its marker", "carry its marker")


def _counted(held: Sequence[Seen], does: tuple[str, str], unseen: str = "") -> str:
    """`2 open and 1 closed run took the old branch, (1 of them perhaps: a replay did not show it)`."""
    split = Counter(_is_open(seen) for seen in held)
    counts = [f"{split[kind]} {name}" for kind, name in ((True, "open"), (False, "closed")) if split[kind]]
    doubtful = sum(seen.took is Took.UNKNOWN for seen in held)
    parts = []
    if held:
        noun = "run" if len(held) == 1 else "runs"
        doubt = f" ({doubtful} of them perhaps: a replay did not show it)" if doubtful else ""
        parts.append(f"{' and '.join(counts)} {noun} {does[len(held) != 1]}{doubt}")
    return "; ".join([*parts, unseen] if unseen else parts)


def _oldest(held: Sequence[Seen]) -> str:
    runs = [seen.run for seen in held if seen.run is not None]
    return f"; the oldest: {describe(min(runs, key=lambda run: run.started or _LATEST))}" if runs else ""


def describe(run: VisibleRun) -> str:
    """`order-17 (open, since 2026-01-02 03:04 UTC, shop:1.2)`."""
    since = f", since {run.started:%Y-%m-%d %H:%M} UTC" if run.started else ""
    version = f", {run.version}" if run.version else ""
    return f"{run.workflow_id} ({'open' if run.is_open else 'closed'}{since}{version})"


def _wait(held: Sequence[Seen], keep: str, open_only: bool) -> str:
    if any(map(_is_open, held)):
        return f"Wait until they have ended, and {keep}."
    if held:
        return (
            f"No open run needs it; queries and resets of these closed runs do until their retention ends. "
            f"Wait, and {keep}; or --open-only, if they are neither queried nor reset."
        )
    more = "" if open_only else ", or --open-only if closed runs are neither queried nor reset"
    return f"Look at more: --most N{more}. Until then {keep}."


def _which(open_only: bool) -> str:
    return "open run" if open_only else "open run and no closed one in retention"


def _named(seen: Sequence[Seen]) -> str:
    names = list(dict.fromkeys(one.run.workflow_id for one in seen if one.run is not None))
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")


def _runs(count: int, kind: str = "") -> str:
    return f"{count} {kind}run{'' if count == 1 else 's'}"


def _many(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _carry(count: int) -> str:
    return "carries" if count == 1 else "carry"


def _has(count: int) -> str:
    return "has" if count == 1 else "have"

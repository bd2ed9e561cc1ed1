"""What is known of a patch, and what follows from it: frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from replaykit.capture import VisibleRun
from replaykit.code.patch_calls import PatchCall
from replaykit.words import Word

__all__ = ["Evidence", "Patch", "Seen", "State", "Took"]


class State(Word):
    """Where a patch stands in its life."""

    NEW = "new", "Its marker is nowhere yet.", "Deploy it."
    ACTIVE = (
        "active",
        "Runs took its old branch, and go on with it, are queried or are reset.",
        "Keep both branches.",
    )
    MAY_BE_DEPRECATED = (
        "may be deprecated",
        "No run needs its old branch any more.",
        "Delete the old branch, and call deprecate_patch in the place of patched.",
    )
    DEPRECATED = (
        "deprecated",
        "The code calls deprecate_patch, and runs still carry its marker.",
        "Keep the call.",
    )
    MAY_BE_REMOVED = (
        "may be removed",
        "The code calls deprecate_patch, and no run carries a marker that asks for it.",
        "Delete the call.",
    )
    REMOVED_TOO_EARLY = (
        "removed too early",
        "A run needs the patch call, or its old branch, and the code has it no more: that run gets stuck.",
        "Put back what is gone.",
    )
    UNKNOWN_IN_CODE = (
        "unknown in code",
        "A fixture or a run carries its marker, and no call names it; no run needs one.",
        "Delete the fixtures that carry its marker. Where ids are computed, name them in a literal.",
    )


class Took(Word):
    """What a run has done at a patch."""

    MARKED = (
        "marked",
        "Its history holds the marker, so it took the new branch and its replay asks for the call.",
    )
    DEPRECATED = "deprecated marker", "Its history holds a marker that asks for nothing."
    OLD = (
        "old branch",
        "It went past the call without a marker, so it took the old branch and takes it in every replay.",
    )
    NOT_REACHED = (
        "not reached",
        "It has not reached the call. When it does, it gets the marker and takes the new branch.",
    )
    UNKNOWN = (
        "unknown",
        "Its history holds no marker, and a replay did not show whether it has reached the call.",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a run, or a fixture, has done at one patch."""

    took: Took
    diverged: bool = False
    """Whether a replay under the present code diverged."""
    run: VisibleRun | None = None
    fixture: str | None = None
    """Path of the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All that three sources show of one patch of one worker."""

    patch_id: str
    worker: str
    calls: tuple[PatchCall, ...] = ()
    computed: tuple[PatchCall, ...] = ()
    """Calls of this worker whose id is computed: one of them may be this patch's."""
    fixtures: tuple[Seen, ...] = ()
    runs: tuple[Seen, ...] | None = None
    """Of the service; None where it was not asked."""
    open_not_seen: int = 0
    """Open runs whose history was not looked at, where visibility alone does not show what they did."""
    closed_not_seen: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """One patch: where it stands, why, and what to do."""

    evidence: Evidence
    state: State
    reason: str
    advice: str
    needs: str | None = None
    """The fixture that is missing: a branch of it that none reaches."""
    held_by: tuple[Seen, ...] = ()
    """The runs that hold the next step back, or that are broken; the oldest first."""

"""The result of one replay: Outcome, Reason, Divergence, Drift, Verdict."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from replaykit.verdict.since import Since
from replaykit.words import Word

if TYPE_CHECKING:
    from replaykit.history import TimelineRow

__all__ = [
    "Divergence",
    "Drift",
    "Outcome",
    "Reason",
    "Severity",
    "SourceLine",
    "AlignedStep",
    "SuggestionKind",
    "Verdict",
]


class Outcome(Word):
    """The four answers to "does this History still fit the code?"."""

    CONSISTENT = (
        "consistent",
        "Every recorded command was produced again; in strict mode with the same attributes.",
    )
    DRIFTED = "drifted", "Strict mode only: the commands match, their attributes do not."
    DIVERGED = "diverged", "Temporal would raise a nondeterminism error."
    UNJUDGED = "unjudged", "No verdict was possible; a reason is given."


class Reason(Word):
    """Why a History is unjudged."""

    UNREADABLE = (
        "unreadable",
        "The file is not an event history, or not in a form that replaykit reads.",
        "Capture the run again: replaykit capture WORKFLOW_ID.",
    )
    INVALID_HISTORY = (
        "invalid_history",
        "An event history, but damaged: Core would hang, panic or answer nonsense.",
        "Export the whole history again, from its first event on: replaykit capture WORKFLOW_ID.",
    )
    UNKNOWN_WORKFLOW = (
        "unknown_workflow",
        "No workflow class of that type is configured.",
        "Add its module to workflows of [tool.replaykit], or name it with --workflows MODULE.",
    )
    UNDECODABLE_PAYLOAD = (
        "undecodable_payload",
        "The configured data converter cannot read a payload of the History.",
        "Configure the worker's own: data_converter of [tool.replaykit].",
    )
    WORKFLOW_TASK_FAILED = (
        "workflow_task_failed",
        "The workflow code raised; a sandbox violation is one of these.",
        "Fix the line that raised. An exception that is to fail the workflow belongs in "
        "workflow_failure_exception_types.",
    )
    VACUOUS = (
        "vacuous",
        "The History holds no command, so nothing was compared.",
        "Capture the run again once it has asked for something, or another one of its type.",
    )
    TIMED_OUT = (
        "timed_out",
        "The replay did not finish within its deadline, or the code never yielded.",
        "Look at the line that is named; where the History is just long, give more time: --timeout SECONDS.",
    )
    CRASHED = (
        "crashed",
        "The code ended the process that replayed this History, or the SDK, Core or replaykit broke down.",
        "Look at the line that is named. Where there is none, run it with --verbose; another release of "
        "temporalio may read it. Please report it.",
    )


class Severity(Word):
    """How much a Drift matters."""

    BEHAVIOURAL = "behavioural", "The workflow does something else: another timeout, argument or result."
    COSMETIC = "cosmetic", "It does the same: a summary or another text for people differs."


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceLine:
    """A line of the user's code."""

    file: str
    """Path as the interpreter knows it, relative to the project where it lies inside it."""
    line: int
    """Counted from 1."""
    function: str
    """Name of the function or method that the line is in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InterceptorLine:
    """A line of an interceptor that stands between the workflow's line and the SDK."""

    file: str
    """As in `SourceLine`."""
    line: int
    """Counted from 1."""
    function: str
    """Name of the method."""
    asked: bool
    """Whether the interceptor asked for it itself, rather than let pass what the workflow asked for."""


class SuggestionKind(str, enum.Enum):
    """What sort of advice `Divergence.suggestion` is."""

    PATCH = "patch"
    """Guard the change with `workflow.patched`; the suggestion holds the snippet."""
    REORDERED = "reordered"
    """The same commands are asked for in another order."""
    KEEP_DEPRECATE_PATCH = "keep_deprecate_patch"
    """The History was recorded after a patch whose path is still there: keep a `deprecate_patch` call."""
    REMOVED_TOO_EARLY = "removed_too_early"
    """A patched path is gone while the History still carries the patch's marker."""
    DEPRECATED_TOO_EARLY = "deprecated_too_early"
    """`deprecate_patch` stands in the code while the History is from before the patch."""
    KEEP_HANDLER = "keep_handler"
    """A signal or update came for which the code has no handler."""
    INTERCEPTOR = "interceptor"
    """An interceptor, not the workflow, asks for it."""
    SHIFTED_DRAW = "shifted_draw"
    """A value is drawn before the differing one that was not when the History was recorded, or no longer."""
    SDK = "sdk"
    """The SDK, not the workflow code, is the likely cause."""
    TRIED = "tried"
    """Code that was tried before it was shown: see `replaykit fix`. All other advice is a hint."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class AlignedStep:
    """One recorded command event beside the command that the code asked for in its place."""

    event_id: int | None
    """None where no recorded event stands opposite the command."""
    recorded: str | None
    """Label of the event, such as `ActivityTaskScheduled process_payment`."""
    produced: str | None
    """Label of the command, such as `ScheduleActivity process_payment`; None for nothing."""
    source: SourceLine | None = None
    """The line of the user's code that asked for it."""
    matches: bool = True
    """Whether the command is what the event records."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Divergence:
    """The first place where the code asked for something else than was recorded."""

    event_id: int | None
    """Id of the recorded event that the code did not fit; None where Core names none."""
    recorded: str | None
    """What the History holds there, such as `ActivityTaskScheduled process_payment`; None for nothing."""
    produced: str | None
    """What the code asked for, such as `ScheduleActivity validate_order`; None for nothing."""
    source: SourceLine | None = None
    """The line that asked for it, where known: for an end of the workflow, the `return`. Where nothing was
    produced, the line of the last command; where there was none, the first of `waiting`. Where another
    value that is drawn before it shifts an id, the line of that draw."""
    message: str
    """One readable line; never Core's debug dump."""
    suggestion: str | None = None
    """What to do about it; may be several lines, with code."""
    suggestion_kind: SuggestionKind | None = None
    """What sort of advice that is; None where there is none, or one of no such sort."""
    before: tuple[AlignedStep, ...] = ()
    """The last commands (three at most) that still matched, oldest first."""
    after: tuple[AlignedStep, ...] = ()
    """What came next (three rows at most) on both sides; unpaired, so `matches` is False."""
    interceptor: InterceptorLine | None = None
    """The user's own interceptor that the command came through, or any that asked for it itself."""
    waiting: tuple[SourceLine, ...] = ()
    """Where nothing was produced: the lines that the code waits at, `run` first (three at most)."""
    disagreement: str | None = None
    """Set where Core and our own alignment see the divergence at different events. Core decides."""
    stopped_at: int | None = None
    """Id of the event at which Temporal itself stops, where arguments show that the change is at an earlier
    one, `event_id`: Temporal compares none, and takes one command for another. None where it is the same."""
    raw: str
    """Core's own text, whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One attribute of one command that differs from the recorded one; Temporal accepts it in silence."""

    event_id: int | None
    """Id of the command event; None for a command that has none (the tail of an open History)."""
    field: str
    """Kind and attribute, such as `activity.start_to_close_timeout` or `workflow.result`."""
    recorded: object
    """The recorded value, decoded: JSON-like, with a `TimeSpan` for a duration, or a readable string."""
    produced: object
    """The value that the code gave, in the same form."""
    severity: Severity
    """How much it matters."""
    source: SourceLine | None = None
    """The line that asked for the command, where known. Where another value that is drawn before it shifts
    this one, the line of that draw; `suggestion` has more."""
    message: str | None = None
    """One readable line, where the two values are not clear alone: for what the tail asks for."""
    suggestion: str | None = None
    """What to do about it, where something particular is to be done; may be several lines, with code."""
    axis: str | None = None
    """The condition that the value depends on, such as `wall clock`: it differs from one replay of the same
    code to the next. None for a value that does not, or where that was not tried."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The result of one replay of one History.

    A `consistent` verdict means that the *recorded* commands were produced again. It covers neither
    attributes (outside strict mode) nor what the code does after the last recorded event.
    """

    history: str
    """Path of the fixture, or another name of where the History came from."""
    workflow_type: str | None = None
    """As the History has it; None, as for the ids too, where it has none or could not be read."""
    workflow_id: str | None = None
    """As the History has it."""
    run_id: str | None = None
    """This run's true id, of a reset run too."""
    outcome: Outcome
    """The answer."""
    reason: Reason | None = None
    """Set exactly where the outcome is `unjudged`."""
    message: str | None = None
    """One readable line for an outcome that is not `consistent`."""
    detail: str | None = None
    """The whole text that the message is made of (Core's, or a traceback of the code), for `--verbose`."""
    source: SourceLine | None = None
    """For `workflow_task_failed` and `timed_out`: the line of the user's code, where known."""
    event_id: int | None = None
    """For `undecodable_payload`: id of the event that holds the payload, where known."""
    argument: int | None = None
    """Which of the payloads of that event it is, counted from 1."""
    commands_compared: int = 0
    """Recorded commands that the code produced again; for `diverged`, those before the divergence."""
    duration_s: float = 0.0
    """Wall clock of this replay, in seconds."""
    divergence: Divergence | None = None
    """Set exactly where the outcome is `diverged`."""
    drifts: tuple[Drift, ...] = ()
    """In strict mode, all attributes that differ; cosmetic ones can stand in a `consistent` Verdict."""
    ignored_by_preset: Mapping[str, int] = field(default_factory=dict)
    """By name of a preset, how many attributes differ that it has strict mode leave out."""
    steps: tuple[AlignedStep, ...] = ()
    """The whole alignment, where the check was asked for evidence; after a divergence it is unpaired."""
    timeline: tuple[TimelineRow, ...] = ()
    """All events of the History, where the check was asked for evidence."""
    worker: str | None = None
    """Name of the worker that runs its workflow; None where there is none, or more than one."""
    foreign_encodings: tuple[str, ...] = ()
    """Payload encodings in the History, such as `binary/encrypted`, that its worker cannot read."""
    markers: tuple[str, ...] = ()
    """Ids of the patches whose marker, not a deprecated one, the History carries; sorted."""
    stuck: str | None = None
    """The event by which its last workflow task failed or timed out before it was captured, with the cause;
    None where that task completed, or is open."""
    since: Since | None = None
    """Since which commit runs of it get stuck; None where they do not, or where that was not looked for."""
    kept: bool = False
    """Whether this is the answer of an earlier replay, because nothing has changed that it depends on: see
    `replaykit replay --changed`. Then `duration_s` is of that one."""

    def __post_init__(self) -> None:
        if (self.reason is not None) != (self.outcome is Outcome.UNJUDGED):
            raise ValueError(f"reason {self.reason!r} does not go with outcome {self.outcome.value!r}")
        if (self.divergence is not None) != (self.outcome is Outcome.DIVERGED):
            raise ValueError(f"a divergence does not go with outcome {self.outcome.value!r}")

    @property
    def is_consistent(self) -> bool:
        """Whether the History still fits the code."""
        return self.outcome is Outcome.CONSISTENT

    @property
    def wedges(self) -> bool:
        """Whether a run of this History would get stuck under the code."""
        return self.outcome is Outcome.DIVERGED or self.reason in _WEDGING


_WEDGING = (Reason.WORKFLOW_TASK_FAILED, Reason.UNDECODABLE_PAYLOAD, Reason.TIMED_OUT)

"""The recording runner: a WorkflowRunner that keeps what the code asked for while Core judges it.

It also gives the code the identity that it ran under. In a plain replay `workflow.info()` answers with the
task queue `replay-<build_id>` and, for a reset run, with the original run id: code that derives ids from
them would diverge without having been changed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import DataConverter
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

from replaykit.code.user_code import NOWHERE, Asked, note_interceptors
from replaykit.history import History
from replaykit.replay.command_lines import noting_sources
from replaykit.replay.commands import Command, command_of
from replaykit.replay.converting import ConverterError
from replaykit.replay.end_state import EndState, end_state_of
from replaykit.replay.payload_types import Undecoded, Untyped, noting_conversions
from replaykit.replay.raised import CodeFailure, failure_in, failure_of
from replaykit.replay.sdk.instance import Instance, forget_contexts, wrap_conversions, wrap_random
from replaykit.replay.sdk.replayer import GuardedRunner
from replaykit.replay.warm import Warmth, instance_maker
from replaykit.replay.watching import Blocked, Watch

__all__ = [
    "Activate",
    "Around",
    "AroundDraws",
    "Made",
    "Recorder",
    "Recording",
    "RecordingRunner",
    "Warmth",
    "has_codec",
]


def has_codec(converter: DataConverter) -> bool:
    """Whether payloads in a History differ in form from those in a command."""
    return converter.payload_codec is not None or getattr(converter, "external_storage", None) is not None


@dataclass(kw_only=True, slots=True)
class Recording:
    """What one replay of one History asked for, as it goes."""

    commands: list[Command] = field(default_factory=list)
    tasks: int = 0
    """Activations so far."""
    failure: CodeFailure | None = None
    """The first failed workflow task."""
    raised: list[BaseException] = field(default_factory=list)
    """What was made a failure since the last activation began, in order."""
    outside: list[BaseException] = field(default_factory=list)
    """What the SDK raised around the activations: the codec's errors, and the deadlock detector's."""
    converter_errors: list[ConverterError] = field(default_factory=list)
    """What the codec and the failure converter raised, in order."""
    lost: CodeFailure | None = None
    """The first exception that ended a task and that the SDK does not look at: it is no `Exception`."""
    is_over: bool = False
    """Whether the run is being evicted."""
    undecoded: Undecoded | None = None
    """The first payload that did not decode."""
    untyped: list[Untyped] = field(default_factory=list)
    """Payloads that the SDK gave to the code without type hints."""
    blocked: Blocked | None = None
    """The first activation that took longer than a worker gives it."""
    draws: int = 0
    """How often the code was given the generator of its run."""
    sources: list[Asked] = field(default_factory=list)
    """Of the commands of the activation that runs now, in order."""
    replaying: list[bool] = field(default_factory=list)
    """By activation: whether the History holds the end of its workflow task."""
    started: list[int] = field(default_factory=list)
    """By activation: id of the WorkflowTaskStarted event that it is of."""
    flags: set[int] = field(default_factory=set)
    """The SDK's internal flags that the code used, as a WorkflowTaskCompleted event records them."""
    data_converter: DataConverter | None = None
    """The worker's, as its plugins left it."""
    end_state: EndState | None = None
    """Where the code stood when the replay was over; None where that is not known."""

    def kept(self, message: WorkflowCommand) -> WorkflowCommand:
        """The message as the code made it: the SDK lets the codec work on the one that it has."""
        converter = self.data_converter
        if converter is None or not has_codec(converter):
            return message
        copy = WorkflowCommand()
        copy.CopyFrom(message)
        return copy


Activate: TypeAlias = Callable[[WorkflowActivation], WorkflowActivationCompletion]
Made: TypeAlias = Callable[[WorkflowRunner, WorkflowInstanceDetails], None]
AroundDraws: TypeAlias = Callable[[Recording, Callable[..., Any]], Callable[..., Any]]
"""Given the method that gives out the run's generator: what is called in place of it."""
Around: TypeAlias = Callable[[Activate, WorkflowActivation], WorkflowActivationCompletion]


@dataclass(kw_only=True, slots=True)
class Recorder:
    """Where a running replay's Recording is kept. A Replayer runs one History at a time."""

    history: History | None = None
    recording: Recording = field(default_factory=Recording)
    data_converter: DataConverter | None = None
    """Of the Replayer."""
    around: Around | None = None
    """Stands between Core and the code: is given the code's own `activate`, and what Core asks of it."""
    made: Made | None = None
    """Called for each instance, with the runner that makes it and what it is made of."""

    around_draws: AroundDraws | None = None
    """For the replay that runs now; by default draws are counted."""
    is_watched: bool = False
    """Whether an activation that takes long is looked at, in a plain replay."""
    is_warm: bool = False
    """Whether the modules of sandboxes are kept from run to run; else each run imports its own."""
    warmth: Warmth = field(default_factory=Warmth)
    """What is kept of them."""
    watch: Watch = field(init=False)
    """Knows where the code is while an activation runs."""

    def __post_init__(self) -> None:
        self.watch = Watch(is_looking=self.is_watched and self.around is None)

    def converts_with(self, converter: DataConverter | None) -> None:
        """Called once the Replayer's data converter is known."""
        self.data_converter = self.recording.data_converter = converter

    def note_raised(self, error: BaseException) -> None:
        """Keep an exception that is being made a failure."""
        recording = self.recording
        (recording.raised if self.watch.runs_here() else recording.outside).append(error)

    def note_converter_error(self, error: ConverterError) -> None:
        """Keep what a part of the data converter raised."""
        self.recording.converter_errors.append(error)

    def begin(self, history: History, around_draws: AroundDraws | None = None) -> Recording:
        """Start a new Recording for a History that is about to be replayed."""
        self.history, self.around_draws = history, around_draws
        self.recording = Recording(data_converter=self.data_converter)
        return self.recording


class RecordingRunner(GuardedRunner):
    """Wraps a runner; on each instance that it makes, `activate` also records.

    Workflow classes are not imported beforehand as the SDK's runners do: an import that fails there ends
    the Replayer for every History, here it fails the Histories of that workflow alone.
    """

    def __init__(
        self,
        inner: WorkflowRunner,
        recorder: Recorder,
        *,
        deadlock_timeout_s: float | None,
    ) -> None:
        self.inner = inner
        self._make_instance = instance_maker(inner, recorder.warmth if recorder.is_warm else None)
        self.recorder = recorder
        self.deadlock_timeout_s = deadlock_timeout_s

    def prepare_workflow(self, defn: Any) -> None:
        """Nothing: see the class."""

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        self.inner.set_worker_level_failure_exception_types(types)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Make an instance that records and that knows the identity it was recorded under."""
        recording = self.recorder.recording
        history = self.recorder.history
        insides: list[Instance] = []
        if history is not None:
            det = dataclasses.replace(det, info=_with_identity(det.info, history))
            if self.recorder.made is not None:
                self.recorder.made(self.inner, det)
            note_interceptors(det.interceptor_classes)
            on_instance = partial(_note_instance, recording, insides, self.recorder.around_draws)
            on_lost = partial(_note_lost, recording)
            noting = noting_sources(recording.sources.append, on_instance, on_lost)
            det = dataclasses.replace(det, interceptor_classes=[*det.interceptor_classes, noting])
        try:
            instance = self._make_instance(det)
        except Exception as error:
            recording.failure = recording.failure or failure_of(error, while_handling=True)
            raise
        converter = self.recorder.data_converter
        if converter is not None and not has_codec(converter):
            forget_contexts(instance)
        inner_activate = instance.activate
        around = self.recorder.around
        between = inner_activate if around is None else partial(around, inner_activate)

        watch = self.recorder.watch

        def activate(act: WorkflowActivation) -> WorkflowActivationCompletion:
            if any(job.HasField("remove_from_cache") for job in act.jobs):
                recording.is_over = True
                # The last moment to look: the eviction ends every task. It may be tried more than once.
                while insides:
                    recording.end_state = end_state_of(insides.pop())
                return watch.over(lambda: inner_activate(act))[0]
            completion, blocked = watch.over(lambda: _recorded(between, act, recording))
            recording.blocked = recording.blocked or blocked
            return completion

        instance.activate = activate  # type: ignore[method-assign]
        return instance


def _note_instance(
    recording: Recording,
    insides: list[Instance],
    around_draws: AroundDraws | None,
    instance: Instance,
) -> None:
    insides.append(instance)
    wrap_random(instance, partial(around_draws or _counted, recording))

    def note_undecoded(undecoded: Undecoded) -> None:
        recording.undecoded = recording.undecoded or undecoded

    wrap_conversions(
        instance, lambda convert: noting_conversions(convert, note_undecoded, recording.untyped.append)
    )


def _counted(recording: Recording, draw: Callable[..., Any]) -> Callable[..., Any]:
    def counting_draw(*args: Any, **kwargs: Any) -> Any:
        recording.draws += 1
        return draw(*args, **kwargs)

    return counting_draw


def _note_lost(recording: Recording, error: BaseException) -> None:
    if recording.lost is None and not recording.is_over:
        recording.lost = failure_of(error, while_handling=True)


def _with_identity(info: Info, history: History) -> Info:
    return dataclasses.replace(
        info,
        namespace=history.namespace or info.namespace,
        task_queue=history.task_queue or info.task_queue,
        run_id=history.run_id or info.run_id,
    )


def _recorded(
    activate: Activate,
    act: WorkflowActivation,
    recording: Recording,
) -> WorkflowActivationCompletion:
    recording.sources.clear()
    recording.raised.clear()
    try:
        completion = activate(act)
    except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
        # Let through, it would end the event loop of the Replayer, which would then wait for ever.
        message = f"workflow code raised {type(error).__name__}({', '.join(map(repr, error.args))})"
        recording.failure = recording.failure or dataclasses.replace(
            failure_of(error, while_handling=True), message=message
        )
        raise RuntimeError(message) from error
    except Exception as error:  # of what the SDK does around the code's own tasks
        # While it made a failure of something, that is what the code raised: this came of it.
        recording.failure = recording.failure or failure_of(
            next(iter(recording.raised[-1:]), error), while_handling=True
        )
        raise
    messages = completion.successful.commands
    noted = recording.sources if len(recording.sources) == len(messages) else [NOWHERE] * len(messages)
    for produced, asked in zip(messages, noted, strict=True):
        command = command_of(recording.kept(produced), task=recording.tasks, asked=asked)
        if command is not None:
            recording.commands.append(command)
    recording.tasks += 1
    recording.replaying.append(act.is_replaying)
    recording.started.append(act.history_length)
    recording.flags.update(completion.successful.used_internal_flags)
    if completion.HasField("failed") and recording.failure is None:
        recording.failure = failure_in(completion, recording.raised)
    recording.raised.clear()  # a traceback keeps all that its frames hold
    return completion

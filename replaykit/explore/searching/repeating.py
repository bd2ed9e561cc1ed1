"""The same stories under two codes: what does each ask for?

A story is grown by the first code, and goes to the second as it is. It goes as bytes, for its values are of
the user's own classes, and whoever compares the two has none of them.
"""

from __future__ import annotations

import pickle
import random
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from google.protobuf.message import Message
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.config import Config
from replaykit.errors import ValuesError
from replaykit.explore.growing.engine import Engine, Turn
from replaykit.explore.growing.grow import Grown, Scripted, grow
from replaykit.explore.growing.heard import Heard
from replaykit.explore.growing.lines import Lines
from replaykit.explore.growing.service import Encoder, Ledger, LocalMarker, LocalOutcome
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Scenario, Step
from replaykit.explore.searching.growers import FromStart
from replaykit.explore.values.choosers import Sampled
from replaykit.explore.workflows import Key, able_workflows, values_of
from replaykit.replay.recorder import Recording

__all__ = ["Repeater", "Run", "ToRepeat", "Repeated"]

_LEAST = 3
"""Stories that are grown whatever the time: on a busy machine one alone can take all of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToRepeat:
    """Stories of one workflow; the answer is `Repeated`."""

    workflow: Key
    stories: Sequence[bytes] = ()
    """As `Run` has them; none to grow new ones."""
    count: int = 0
    """How many to grow at most."""
    seconds: float = 5.0
    """After so long no more are grown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One story, and what the code asked for in it."""

    story: bytes
    asked: tuple[bytes, ...]
    """Each command but those about patches, in order; and how the run ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeated:
    """The runs, in the order of their stories."""

    runs: tuple[Run, ...] = ()
    problem: str = ""
    """Why there are none."""


class Repeater:
    """Grows stories by the code of this process, and repeats those of another.

    Args:
        config: The project.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._workflows = {each.key: each for each in able_workflows(config)[0]}

    def runs(self, question: ToRepeat) -> Repeated:
        """The runs that were asked for."""
        asked = question.workflow[:2]  # that it is a dynamic one, its histories do not show
        workflow = next((each for key, each in self._workflows.items() if key[:2] == asked), None)
        if workflow is None:
            return Repeated(problem="no worker has it")
        warm = Warm(workflow.worker, root=self._config.root, timeout_s=self._config.timeout_s)
        with closing(warm), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # runs end in the middle of handlers: the SDK warns of each
            engine = _Listening(warm)
            try:
                values = values_of(self._config, workflow.workflow_class, engine.encoder)
            except ValuesError as error:
                return Repeated(problem=str(error))
            grower = FromStart(engine, workflow.workflow_class, values, workflow.workflow_type)
            runs = _repeated(engine, question) if question.stories else _grown(engine, grower, question)
            return Repeated(runs=tuple(runs))


def _grown(engine: _Listening, grower: FromStart, question: ToRepeat) -> Iterator[Run]:
    until, rng = time.monotonic() + question.seconds, random.Random(0)
    for number in range(question.count):
        if number >= _LEAST and time.monotonic() > until:
            return
        grown = grower.fresh(Sampled(rng))
        if not grown.problem and grown.is_started and not grown.scenario.opening.predates:
            # Run again like all others: what it came to be is not always what was chosen first.
            yield _run(engine, grown.scenario)


def _repeated(engine: _Listening, question: ToRepeat) -> Iterator[Run]:
    for story in question.stories:
        yield _run(engine, pickle.loads(story))  # from our own child


def _run(engine: _Listening, scenario: Scenario) -> Run:
    engine.asked.clear()
    grown = grow(engine, scenario.opening, Scripted(scenario.steps))
    return Run(story=pickle.dumps(scenario), asked=(*engine.asked, _end(grown)))


def _end(grown: Grown) -> bytes:
    failure = str(grown.failure.message) if grown.failure is not None else ""
    return repr((failure, grown.problem, grown.refused is not None)).encode()


class _Listening:
    """An engine that notes what the code asks for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.asked: list[bytes] = []

    @property
    def heard(self) -> Heard:
        return self._engine.heard

    @property
    def lines(self) -> Lines:
        return self._engine.lines

    @property
    def encoder(self) -> Encoder:
        return self._engine.encoder

    def ask(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Turn:
        turn = self._engine.ask(ledger, outcomes, queries)
        if not turn.waiting:
            self.asked += filter(None, map(_bytes, turn.asked))
        return turn

    def asked_again(
        self, ledger: Ledger, outcomes: Sequence[LocalOutcome], queries: Sequence[tuple[int, Step]]
    ) -> Recording:
        return self._engine.asked_again(ledger, outcomes, queries)

    def close(self) -> None:
        self._engine.close()


def _bytes(asked: WorkflowCommand | LocalMarker) -> bytes:
    """A command as bytes, the same for equal commands; none for what is about a patch."""
    message = asked.command if isinstance(asked, LocalMarker) else asked
    if isinstance(message, WorkflowCommand) and message.HasField("set_patch_marker"):
        return b""
    copied = type(message)()
    copied.CopyFrom(message)
    _forget_places(copied)
    return bytes(copied.SerializeToString(deterministic=True))


def _forget_places(message: Message) -> None:
    """Take stacks and numbers of events out: these move with lines, and with markers of patches."""
    for field, value in message.ListFields():
        if field.name == "stack_trace" or field.name.endswith("_event_id"):
            message.ClearField(field.name)
        elif isinstance(value, Message):
            _forget_places(value)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for each in value:
                _forget_places(each)

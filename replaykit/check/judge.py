"""The seam between what asks for Verdicts and what makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, Union

from replaykit.check.known import Fixture, Registered
from replaykit.config import Config
from replaykit.errors import HistoryError, InvalidHistoryError
from replaykit.limits import Limits
from replaykit.paths import display
from replaykit.trust import Finding
from replaykit.verdict import Outcome, Reason, Verdict

if TYPE_CHECKING:
    from temporalio.api.history.v1 import HistoryEvent

    from replaykit.history import History

__all__ = [
    "Given",
    "Judge",
    "Judgeable",
    "Named",
    "OnVerdict",
    "SdkHistory",
    "history_in",
    "judgeable",
    "name_of",
    "one_by_one",
    "unread",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A History, and what its Verdict calls it."""

    history: History
    """What to judge."""
    name: str
    """What stands in `Verdict.history`."""


class SdkHistory(Protocol):
    """A `temporalio.client.WorkflowHistory`, and whatever else holds the events of one run."""

    @property
    def workflow_id(self) -> str:
        """Of the run."""

    @property
    def events(self) -> Sequence[HistoryEvent]:
        """All of them, in order."""


Judgeable: TypeAlias = Union[Path, "History", Named]
"""A fixture's path, or a History; without a name it is called by the file or the workflow id that it has."""
Given: TypeAlias = Judgeable | SdkHistory
"""The same, or a history as the SDK has it."""
OnVerdict: TypeAlias = Callable[[Verdict], object]
"""Called with each Verdict as soon as there is one."""


def judgeable(given: Given) -> Judgeable:
    """What is judged: a history of the SDK's as one of ours."""
    if isinstance(given, (Path, Named)):
        return given
    from replaykit.history import History, history_of_events

    if isinstance(given, History):
        return given
    try:
        events, workflow_id = given.events, given.workflow_id
    except AttributeError:
        raise TypeError(
            f"expected a path, a replaykit.History or a temporalio.client.WorkflowHistory, "
            f"got {type(given).__name__}"
        ) from None
    return history_of_events(events, workflow_id=workflow_id)


def name_of(source: Judgeable) -> str:
    """What the Verdict on a source calls it, where no other name is given."""
    if isinstance(source, Path):
        return display(source)
    if isinstance(source, Named):
        return source.name
    return display(source.path) if source.path else source.workflow_id or "history"


def one_by_one(
    judge: Callable[[Given], Verdict], sources: Iterable[Given], on_verdict: OnVerdict | None = None
) -> Iterator[Verdict]:
    """What `Judge.judge_all` gives where one source is judged after the other.

    Args:
        judge: Judges one.
        sources: All of them.
        on_verdict: See there.
    """
    for source in sources:
        verdict = judge(source)
        if on_verdict is not None:
            on_verdict(verdict)
        yield verdict


def history_in(source: Judgeable, limits: Limits) -> History | None:
    """The History of a source that was not judged; None where it cannot be read.

    Args:
        source: It.
        limits: For a file.
    """
    if isinstance(source, Path):
        from replaykit.history import read_history

        try:
            return read_history(source, limits=limits)
        except HistoryError:
            return None
    return source.history if isinstance(source, Named) else source


def unread(name: str, error: HistoryError, *, duration_s: float = 0.0) -> Verdict:
    """The Verdict on a file that cannot be read.

    Args:
        name: What it calls the file.
        error: Why it cannot be read.
        duration_s: How long that took to find out.
    """
    invalid = isinstance(error, InvalidHistoryError)
    return Verdict(
        history=name,
        outcome=Outcome.UNJUDGED,
        reason=Reason.INVALID_HISTORY if invalid else Reason.UNREADABLE,
        message=str(error),
        duration_s=duration_s,
    )


class Judge(Protocol):
    """Turns Histories into Verdicts: in this process, or in another one.

    It is kept open between calls, so that code is imported and Replayers are started once.
    """

    @property
    def config(self) -> Config:
        """What it judges with."""

    def registered(self, *, whole: bool) -> Sequence[Registered]:
        """Every workflow of its workers; where `whole`, all of them are loaded for it."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was noticed about the code meanwhile: globals that a run changed."""

    def files(self) -> Sequence[str]:
        """The files of the user's that its code was loaded from so far."""

    def judge_all(
        self, sources: Iterable[Given], *, on_verdict: OnVerdict | None = None
    ) -> Iterator[Verdict]:
        """One Verdict for each source, in their order; `on_verdict` has each as soon as it is there.

        Never raises for what a History or the code does: a file that cannot be read is an unjudged Verdict.
        """

    def judge(self, given: Given, *, name: str | None = None) -> Verdict:
        """The Verdict of one source, under that name where one is given."""

    def known(self, path: Path) -> Fixture:
        """What is known of a file without a replay."""

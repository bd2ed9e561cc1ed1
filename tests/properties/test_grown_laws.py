"""Laws of grown histories: those of recorded ones hold for them too, and Core agrees with the verdicts."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from replaykit.capture import quiet_runtime
from replaykit.check.mutation import Mutation, MutationKind, mutations
from replaykit.config import StrictPolicy
from replaykit.explore import Grown, histories
from replaykit.history import History, command_events, has_commands, parse_history, validate
from replaykit.replay.session import ReplaySession
from replaykit.verdict import Outcome, Reason
from tests.explore.gallery_workflows import ROOT, Subject, subjects
from tests.gallery.blocks.children import NamingParentWorkflow
from tests.gallery.blocks.reset import ShipmentWorkflow
from tests.history.forms import FORMS
from tests.properties import LAWS
from tests.properties.test_replay_laws import cut, sound_cuts

CERTAIN = tuple(kind for kind in MutationKind if kind is not MutationKind.PATCH_REMOVED)

pytestmark = pytest.mark.filterwarnings(
    *map("ignore::temporalio.workflow.Unfinished{}HandlersWarning".format, ("Update", "Signal"))
)


@functools.cache
def growing(subject: Subject) -> SearchStrategy[Grown]:
    return histories(subject.workflow, workflow_runner=UnsandboxedWorkflowRunner())


@st.composite
def grown(draw: st.DrawFn) -> tuple[Subject, History]:
    """A workflow of the gallery and a history of it that came to no harm."""
    subject = draw(st.sampled_from(subjects()))
    found = draw(growing(subject))
    assume(not found.failure and not found.problem)
    return subject, found.history


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Subject, Mutation]:
    subject, history = draw(grown())
    every = [mutation for mutation in mutations(history) if mutation.certain]
    assume(every)
    return subject, draw(st.sampled_from(every))


class Sessions:
    """One session for each workflow: starting a Replayer costs more than a replay."""

    def __init__(self) -> None:
        self._sessions: dict[Subject, ReplaySession] = {}

    def of(self, subject: Subject) -> ReplaySession:
        if subject not in self._sessions:
            self._sessions[subject] = ReplaySession(
                subject.worker, root=ROOT, timeout_s=20, strict=StrictPolicy()
            )
        return self._sessions[subject]

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()


@pytest.fixture(scope="module")
def sessions() -> Iterator[Sessions]:
    sessions = Sessions()
    yield sessions
    sessions.close()


class TestPrefixLaw:
    """Each sound prefix of a grown History is consistent, attributes too, or vacuous without a command."""

    @pytest.mark.weekly
    @LAWS
    @given(data=st.data())
    def test_it_is_consistent_or_vacuous(self, sessions: Sessions, data: st.DataObject) -> None:
        subject, history = data.draw(grown())
        length = data.draw(st.sampled_from([*sound_cuts(history), len(history.events)]))
        prefix = history if length == len(history.events) else cut(history, length)
        validate(prefix)
        verdict = sessions.of(subject).judge(prefix, name=subject.name)
        if has_commands(prefix):
            assert verdict.outcome is Outcome.CONSISTENT, (subject.name, length, verdict.message)
            assert verdict.commands_compared == len(command_events(prefix))
        else:
            assert verdict.reason is Reason.VACUOUS


class TestMutationLaw:
    """A command of a grown History that was dropped, added or renamed is found where it was changed."""

    @pytest.mark.weekly
    @LAWS
    @given(drawn=mutated())
    def test_it_is_refused_where_it_was_changed(
        self, sessions: Sessions, drawn: tuple[Subject, Mutation]
    ) -> None:
        subject, mutation = drawn
        validate(mutation.history)
        verdict = sessions.of(subject).judge(mutation.history, name=mutation.what)
        assert verdict.outcome is Outcome.DIVERGED, (subject.name, mutation.what, verdict.message)
        assert verdict.divergence is not None
        assert verdict.divergence.event_id == mutation.event_id


class TestAlignmentLaw:
    """The alignment and Core agree on a grown History, changed or not."""

    @pytest.mark.exhaustive
    @LAWS
    @given(data=st.data())
    def test_core_agrees(self, sessions: Sessions, data: st.DataObject) -> None:
        if data.draw(st.booleans()):
            subject, mutation = data.draw(mutated())
            history = mutation.history
        else:
            subject, history = data.draw(grown())
        assume(subject.workflow not in _ELSEWHERE)
        verdict = sessions.of(subject).judge(history, name=subject.name)
        refused = asyncio.run(_is_refused(subject, history))
        assert (verdict.outcome is Outcome.DIVERGED) == refused, (subject.name, verdict.message)
        if verdict.divergence is not None:
            assert verdict.divergence.disagreement is None, verdict.divergence.disagreement


_ELSEWHERE = (NamingParentWorkflow, ShipmentWorkflow)
"""They name children by namespace, task queue or run id, and a plain loop gives them others."""


async def _is_refused(subject: Subject, history: History) -> bool:
    replayer = Replayer(
        workflows=[subject.workflow],
        namespace=history.namespace or "default",
        build_id="laws",
        runtime=quiet_runtime(),
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    plain = WorkflowHistory(history.workflow_id or "", history.events)
    result = await asyncio.wait_for(replayer.replay_workflow(plain, raise_on_replay_failure=False), 20)
    return result.replay_failure is not None


class TestRoundTripLaw:
    """Whatever form a grown History is written in, the same events are read back."""

    @pytest.mark.weekly
    @LAWS
    @given(drawn=grown(), form=st.sampled_from(list(FORMS)))
    def test_every_form_reads_to_the_same_events(self, drawn: tuple[Subject, History], form: str) -> None:
        subject, history = drawn
        read = parse_history(FORMS[form](history), where=f"{subject.name}, {form}")
        if form == "unset as null":
            # `{"header": {"fields": null}}` is an empty header, and no header in the original.
            read.events[0].workflow_execution_started_event_attributes.ClearField("header")
        assert list(read.events) == list(history.events)
        assert (read.workflow_type, read.workflow_id) == (history.workflow_type, history.workflow_id)

"""Laws of a verdict, over every place of every gallery history."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.history.v1 import HistoryEvent

from replaykit.check import Check
from replaykit.check.mutation import Mutation, MutationKind, mutations
from replaykit.history import History, command_events, has_commands, is_command_event, validate
from replaykit.replay.commands import recorded_in
from replaykit.replay.kinds import SCHEDULE_LOCAL_ACTIVITY, CommandKind
from replaykit.verdict import Outcome, Reason
from tests.check.gallery import CONFIG, MUTABLE, named
from tests.properties import LAWS

CERTAIN = [kind for kind in MutationKind if kind is not MutationKind.PATCH_REMOVED]


@functools.cache
def places(kind: MutationKind) -> tuple[tuple[Mutation, ...], ...]:
    """By history that has any, its mutations of that kind."""
    found = (tuple(mutation for mutation in _all_of(index) if mutation.kind is kind) for index in _INDICES)
    return tuple(filter(None, found))


_INDICES = range(len(MUTABLE))


@functools.cache
def _all_of(index: int) -> tuple[Mutation, ...]:
    return tuple(mutations(MUTABLE[index]))


@st.composite
def mutated(draw: st.DrawFn, kind: MutationKind) -> Mutation:
    return draw(st.sampled_from(draw(st.sampled_from(places(kind)))))


def sound_cuts(history: History) -> list[int]:
    """Lengths of the prefixes that a service could have answered with: no batch of commands is cut.

    But none before a local activity: the Core of temporalio 1.24 and 1.25 wants to run it there for real, and
    the replay times out.
    """
    events = history.events
    return [
        length
        for length in range(1, len(events))
        if not is_command_event(events[length]) and _next_kind(events[length:]) is not SCHEDULE_LOCAL_ACTIVITY
    ]


def _next_kind(events: Sequence[HistoryEvent]) -> CommandKind | None:
    return next((recorded.kind for recorded in map(recorded_in, events) if recorded is not None), None)


def cut(history: History, length: int) -> History:
    return dataclasses.replace(history, events=history.events[:length], status="RUNNING")


@st.composite
def prefixes(draw: st.DrawFn) -> History:
    history = draw(st.sampled_from(MUTABLE))
    return cut(history, draw(st.sampled_from(sound_cuts(history))))


@pytest.fixture(scope="module")
def judging() -> Iterator[Check]:
    with Check(CONFIG) as check:
        yield check


@pytest.mark.parametrize("kind", CERTAIN)
class TestMutationLaw:
    """A dropped, added or renamed command of a History is never `consistent` where Core compares it."""

    @pytest.mark.sampled(6)
    @pytest.mark.thinned(6)
    def test_it_is_refused_where_it_was_changed(self, judging: Check, kind: MutationKind) -> None:
        @LAWS
        @given(mutation=mutated(kind))
        def law(mutation: Mutation) -> None:
            validate(mutation.history)
            verdict = judging.judge(mutation.history, name=mutation.what)
            assert verdict.outcome is Outcome.DIVERGED, (mutation.what, verdict.message)
            assert verdict.divergence is not None
            assert verdict.divergence.event_id == mutation.event_id

        law()


class TestPrefixLaw:
    """Each sound prefix of a consistent History is consistent, and vacuous where it holds no command."""

    @LAWS
    @given(prefix=prefixes())
    def test_it_is_consistent_or_vacuous(self, judging: Check, prefix: History) -> None:
        validate(prefix)
        verdict = judging.judge(prefix)
        if has_commands(prefix):
            assert verdict.outcome is Outcome.CONSISTENT, (named(prefix), len(prefix.events), verdict.message)
            assert verdict.commands_compared == len(command_events(prefix))
        else:
            assert verdict.reason is Reason.VACUOUS


class TestPrefixOfAMutationLaw:
    """A History that diverges at an event is consistent up to it, and no longer prefix is."""

    @pytest.mark.exhaustive
    @LAWS
    @given(data=st.data(), kind=st.sampled_from(CERTAIN))
    def test_it_turns_red_with_the_changed_event(
        self, judging: Check, data: st.DataObject, kind: MutationKind
    ) -> None:
        mutation = data.draw(mutated(kind))
        cuts = [*sound_cuts(mutation.history), len(mutation.history.events)]
        prefix = cut(mutation.history, data.draw(st.sampled_from(cuts)))
        if len(prefix.events) == len(mutation.history.events):
            prefix = mutation.history
        verdict = judging.judge(prefix)
        if len(prefix.events) >= mutation.event_id:
            assert verdict.outcome is Outcome.DIVERGED, verdict.message
        else:  # a dropped command too: it is the tail of an open History, where Core compares nothing
            expected = None if has_commands(prefix) else Reason.VACUOUS
            assert (verdict.reason, verdict.divergence) == (expected, None), verdict.message

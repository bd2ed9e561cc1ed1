"""Interceptors under exploration: line and advice are the workflow's, or name the interceptor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.worker import UnsandboxedWorkflowRunner

from replaykit.explore import Counterexample, assert_deterministic, compatible
from replaykit.explore.counterexample import NothingExplored
from replaykit.explore.growing.grow import Grown
from replaykit.explore.scenario import Opening, Scenario
from replaykit.explore.searching.summary import story_of
from replaykit.replay.raised import CodeFailure
from replaykit.verdict import InterceptorLine, Outcome, Reason, SuggestionKind, Verdict
from tests.explore import intercepted
from tests.replay import tracing
from tests.replay.samples import ROOT, data_processing

THIS = "tests/explore/intercepted.py"
TRACING = "tests/replay/tracing.py"
OTHERS = pytest.mark.exhaustive


def found(explore: Callable[..., None], interceptor: Any, *classes: type, **named: type) -> Counterexample:
    options = {"max_examples": 10, "workflow_runner": UnsandboxedWorkflowRunner()}
    with pytest.raises(Counterexample) as raised:
        explore(*classes, **named, **options, interceptors=[interceptor])
    return raised.value


def line_of(text: str) -> int:
    lines = Path(intercepted.__file__).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def place(verdict: Verdict) -> tuple[str, int, str]:
    source = verdict.divergence.source if verdict.divergence is not None else verdict.source
    assert source is not None, verdict
    return source.file, source.line, source.function


INTERCEPTORS = [
    pytest.param(tracing.Twice(), id="wraps twice"),
    pytest.param(tracing.Own(), id="the user's own", marks=OTHERS),
    pytest.param(TracingInterceptor(), id="OpenTelemetry's", marks=OTHERS),
    pytest.param(tracing.Reporting(), id="Sentry's way", marks=OTHERS),
    pytest.param(tracing.Auditing(), id="schedules an activity before each", marks=OTHERS),
    pytest.param(tracing.Starting(), id="schedules an activity at the beginning", marks=OTHERS),
]


@pytest.mark.parametrize("interceptor", INTERCEPTORS)
def test_an_unguarded_change_has_the_line_and_the_advice_of_the_workflow(interceptor: Any) -> None:
    raised = found(compatible, interceptor, old=intercepted.Before, new=intercepted.After)
    assert raised.verdict.outcome is Outcome.DIVERGED
    assert place(raised.verdict) == (THIS, line_of("# the changed call"), "run")
    divergence = raised.verdict.divergence
    assert divergence is not None
    assert divergence.suggestion_kind is SuggestionKind.PATCH
    assert 'if workflow.patched("refund"):' in (divergence.suggestion or "")
    assert "self.next" not in str(raised)
    assert f"{THIS}:{line_of('# the changed call')}" in str(raised)


@pytest.mark.exhaustive
@pytest.mark.parametrize("interceptor", INTERCEPTORS)
def test_what_the_new_code_raises_has_the_line_of_the_workflow(interceptor: Any) -> None:
    raised = found(compatible, interceptor, old=intercepted.Before, new=intercepted.Raising)
    assert raised.verdict.reason is Reason.WORKFLOW_TASK_FAILED
    assert place(raised.verdict) == (THIS, line_of('["b"]'), "run")


@pytest.mark.exhaustive
@pytest.mark.parametrize("interceptor", INTERCEPTORS)
@pytest.mark.thinned(3)
def test_code_that_differs_from_itself_has_the_line_of_the_workflow(interceptor: Any) -> None:
    raised = found(assert_deterministic, interceptor, intercepted.Unsteady)
    assert place(raised.verdict) == (THIS, line_of("# not steady"), "run")
    assert "the same code answers differently each time" in " ".join(str(raised).split())


def test_an_interceptor_that_differs_from_itself_is_blamed_in_place_of_the_workflow() -> None:
    raised = found(assert_deterministic, tracing.Unsteady(), intercepted.Before)
    divergence = raised.verdict.divergence
    assert divergence is not None
    assert divergence.interceptor is not None
    assert (divergence.interceptor.file, divergence.interceptor.asked) == (TRACING, True)
    assert f"nothing was changed: the interceptor at {TRACING}:{divergence.interceptor.line}, and not" in (
        divergence.suggestion or ""
    )
    assert "patched" not in str(raised)


def test_where_no_grown_history_is_replayed_by_its_own_code_there_is_no_green() -> None:
    """Each was left out, so nothing was compared."""
    options: dict[str, Any] = {"max_examples": 10, "workflow_runner": UnsandboxedWorkflowRunner()}
    with pytest.raises(NothingExplored) as raised:
        compatible(
            old=intercepted.Before, new=intercepted.After, interceptors=[tracing.Unsteady()], **options
        )
    text = str(raised.value)
    assert text.startswith(
        "nothing of Before was explored: of 10 scenarios none is replayed even by the code"
    )


@pytest.mark.exhaustive
def test_an_interceptor_that_raises_is_no_line_of_the_workflow() -> None:
    options: dict[str, Any] = {"max_examples": 10, "workflow_runner": UnsandboxedWorkflowRunner()}
    with pytest.raises(NothingExplored) as raised:
        assert_deterministic(intercepted.Before, interceptors=[tracing.Raising()], **options)
    text = str(raised.value)
    assert "LookupError: no tenant in the headers, through interceptor " in text
    assert f" at {TRACING}" not in text


@pytest.mark.parametrize("is_interceptors", [True, False])
def test_a_story_has_no_line_of_an_interceptor(is_interceptors: bool) -> None:
    """Its stack has one, and no line of the workflow."""
    stack = f'Traceback (most recent call last):\n  File "{ROOT / TRACING}", line 3, in execute_workflow\n'
    line = InterceptorLine(file=str(ROOT / TRACING), line=3, function="execute_workflow", asked=False)
    failure = CodeFailure(
        error_type="LookupError",
        message="no tenant",
        stack=stack,
        interceptor=line if is_interceptors else None,
    )
    grown = Grown(
        history=data_processing(),
        scenario=Scenario(opening=Opening(workflow_type="Intercepted"), steps=()),
        failure=failure,
    )
    story = story_of(grown, ROOT)
    assert (story.source is None) == is_interceptors
    assert story.note.endswith(f", through interceptor {TRACING}:3 in execute_workflow") == is_interceptors

"""Interceptors stand between the workflow's line and the SDK: line and advice are the workflow's."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio import workflow
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.exceptions import ApplicationError

from replaykit.config import StrictPolicy, WorkerConfig
from replaykit.explore.growing.lines import Lines
from replaykit.replay.session import ReplaySession
from replaykit.replay.workers import Worker
from replaykit.report.github import annotation_lines
from replaykit.report.html.as_html import render_html
from replaykit.report.report_issues import issues_of
from replaykit.verdict import Divergence, Outcome, Reason, Report, SuggestionKind, Verdict
from tests.replay import tracing
from tests.replay.samples import ROOT, data_processing
from tests.replay.trouble import TIMEOUT

INTERCEPTORS = [tracing.Own(), tracing.Twice(), tracing.Reporting(), TracingInterceptor()]
NAMES = ["own", "twice", "Sentry's way", "OpenTelemetry's"]
THIS = "tests/replay/test_interceptors.py"


@workflow.defn(name="Traced", sandboxed=False)
class Traced:
    """Asks for something else than the History holds."""

    @workflow.run
    async def run(self, source: str) -> str:
        return str(
            await workflow.execute_activity("validate", source, start_to_close_timeout=TIMEOUT)
        )  # the call


@workflow.defn(name="TracedTogether", sandboxed=False)
class TracedTogether:
    """Asks in tasks of their own, where no line of the workflow is on the stack."""

    @workflow.run
    async def run(self, source: str) -> None:
        await asyncio.gather(
            workflow.execute_activity("validate", source, start_to_close_timeout=TIMEOUT),
            workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT),
        )


@workflow.defn(name="TracedDrift", sandboxed=False)
class TracedDrift:
    """Fits the History but for an argument."""

    @workflow.run
    async def run(self, source: str) -> str:
        first = await workflow.execute_activity("extract_rows", "another", start_to_close_timeout=TIMEOUT)
        return str(await workflow.execute_activity("load_total", first, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="TracedRaise", sandboxed=False)
class TracedRaise:
    @workflow.run
    async def run(self, source: str) -> str:
        return {"a": source}["b"]


@workflow.defn(name="TracedShort", sandboxed=False)
class TracedShort:
    """Returns after the first activity of the History."""

    @workflow.run
    async def run(self, source: str) -> str:
        return str(await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT))


@workflow.defn(name="TracedFail", sandboxed=False)
class TracedFail:
    """Fails after the first activity of the History."""

    @workflow.run
    async def run(self, source: str) -> None:
        await workflow.execute_activity("extract_rows", source, start_to_close_timeout=TIMEOUT)
        raise ApplicationError("declined")


@workflow.defn(name="TracedSleep", sandboxed=False)
class TracedSleep:
    """Sleeps itself."""

    @workflow.run
    async def run(self, source: str) -> None:
        await asyncio.sleep(5)  # its own


def judged(cls: type, interceptor: Any, *, strict: bool = False) -> Verdict:
    worker = Worker(
        config=WorkerConfig(),
        workflows=(cls,),
        names=(cls.__name__,),
        has_dynamic=False,
        interceptors=(interceptor,),
    )
    policy = StrictPolicy() if strict else None
    with ReplaySession(worker, root=ROOT, timeout_s=30, strict=policy) as session:
        return session.judge(data_processing(cls.__name__), name="one.json")


def line_of(cls: type, text: str) -> int:
    """The number of the line in this file, below the head of a class, that has a text."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    head = next(at for at, line in enumerate(lines) if line == f"class {cls.__name__}:")
    return next(at for at in range(head, len(lines)) if text in lines[at]) + 1


def diverged(verdict: Verdict) -> Divergence:
    assert verdict.outcome is Outcome.DIVERGED, verdict
    assert verdict.divergence is not None
    return verdict.divergence


@pytest.mark.parametrize("interceptor", INTERCEPTORS, ids=NAMES)
def test_line_and_cure_of_a_divergence_are_the_workflows(interceptor: Any) -> None:
    divergence = diverged(judged(Traced, interceptor))
    assert divergence.source is not None
    assert (divergence.source.file, divergence.source.function) == (THIS, "run")
    assert divergence.source.line == line_of(Traced, "execute_activity")
    assert divergence.suggestion is not None
    assert 'execute_activity("validate"' in divergence.suggestion.replace("'", '"')
    assert "self.next" not in divergence.suggestion


@pytest.mark.parametrize("interceptor", INTERCEPTORS, ids=NAMES)
def test_in_a_task_of_its_own_the_line_that_made_the_task_stands_in(interceptor: Any) -> None:
    divergence = diverged(judged(TracedTogether, interceptor))
    assert divergence.source is not None
    assert divergence.source.line == line_of(TracedTogether, "asyncio.gather")
    assert divergence.interceptor is None or not divergence.interceptor.asked


@pytest.mark.parametrize("interceptor", INTERCEPTORS, ids=NAMES)
def test_the_line_of_a_drift_is_the_workflows(interceptor: Any) -> None:
    verdict = judged(TracedDrift, interceptor, strict=True)
    assert verdict.outcome is Outcome.DRIFTED, verdict
    drift = next(each for each in verdict.drifts if each.field.startswith("activity.arguments"))
    assert drift.source is not None
    assert (drift.source.file, drift.source.line) == (THIS, line_of(TracedDrift, '"extract_rows"'))


@pytest.mark.parametrize("interceptor", INTERCEPTORS, ids=NAMES)
def test_the_line_of_what_the_code_raised_is_the_workflows(interceptor: Any) -> None:
    verdict = judged(TracedRaise, interceptor)
    assert verdict.reason is Reason.WORKFLOW_TASK_FAILED
    assert verdict.source is not None
    assert (verdict.source.file, verdict.source.line) == (THIS, line_of(TracedRaise, '["b"]'))


def test_the_users_own_interceptor_is_named_apart() -> None:
    verdict = judged(Traced, tracing.Own())
    interceptor = diverged(verdict).interceptor
    assert interceptor is not None
    assert (interceptor.file, interceptor.asked) == ("tests/replay/tracing.py", False)
    assert f", through interceptor tests/replay/tracing.py:{interceptor.line} in " in (verdict.message or "")


def test_an_interceptor_that_asks_itself_is_named_and_no_line_is_guarded_for_it() -> None:
    verdict = judged(Traced, tracing.Auditing())
    divergence = diverged(verdict)
    assert divergence.produced == "ScheduleActivity audit"
    assert divergence.source is not None
    assert (divergence.source.file, divergence.source.function) == (THIS, "run")
    interceptor = divergence.interceptor
    assert interceptor is not None
    assert (interceptor.file, interceptor.function, interceptor.asked) == (
        "tests/replay/tracing.py",
        "start_activity",
        True,
    )
    assert divergence.suggestion_kind is SuggestionKind.INTERCEPTOR
    assert "patched" not in (divergence.suggestion or "")
    assert "asked for by interceptor tests/replay/tracing.py:" in (verdict.message or "")


def test_where_no_line_of_the_workflow_led_to_it_the_interceptor_alone_is_named() -> None:
    divergence = diverged(judged(Traced, tracing.Starting()))
    assert divergence.source is None
    assert divergence.interceptor is not None
    assert (divergence.interceptor.function, divergence.interceptor.asked) == ("execute_workflow", True)
    assert divergence.suggestion_kind is SuggestionKind.INTERCEPTOR


@pytest.mark.parametrize("how", ["sleep", "wait_for", "call_later"])
@pytest.mark.parametrize(
    ("cls", "when"),
    [(Traced, "before"), (TracedShort, "after"), (TracedFail, "after")],
    ids=["before the workflow", "after it returned", "after it failed"],
)
def test_an_interceptor_that_waits_is_named_and_no_line_of_the_workflow_is(
    cls: type, when: str, how: str
) -> None:
    verdict = judged(cls, tracing.Sleeping(when, how))
    divergence = diverged(verdict)
    assert divergence.produced == "StartTimer 5 s"
    assert divergence.source is None
    assert divergence.interceptor is not None
    assert (divergence.interceptor.file, divergence.interceptor.asked) == ("tests/replay/tracing.py", True)
    assert divergence.suggestion_kind is SuggestionKind.INTERCEPTOR
    assert "asked for by interceptor tests/replay/tracing.py:" in (verdict.message or "")


def test_the_workflows_own_timer_is_its_own_whatever_interceptors_do() -> None:
    divergence = diverged(judged(TracedSleep, tracing.Sleeping("after")))
    assert divergence.source is not None
    assert divergence.source.line == line_of(TracedSleep, "# its own")
    assert divergence.interceptor is None
    assert divergence.suggestion_kind is SuggestionKind.PATCH


def test_a_name_that_an_interceptor_changed_is_not_guarded_in_the_workflow() -> None:
    divergence = diverged(judged(TracedShort, tracing.Upper()))
    assert divergence.produced == "ScheduleActivity EXTRACT_ROWS"
    assert divergence.suggestion_kind is SuggestionKind.INTERCEPTOR
    assert (divergence.suggestion or "").startswith(
        "the workflow still asks for 'extract_rows', and the interceptor at tracing.py:"
    )
    assert "patched" not in (divergence.suggestion or "")


def test_an_interceptor_that_raises_is_named_and_no_line_of_the_workflow_is() -> None:
    verdict = judged(Traced, tracing.Raising())
    assert verdict.reason is Reason.WORKFLOW_TASK_FAILED
    assert verdict.source is None
    assert (verdict.message or "").startswith(
        "the code raised LookupError: no tenant in the headers, through interceptor tests/replay/tracing.py:"
    )


@pytest.mark.parametrize("interceptor", [tracing.Upper(), tracing.Own()], ids=["changes it", "does not"])
def test_a_name_that_the_workflow_changed_is_guarded_there(interceptor: Any) -> None:
    divergence = diverged(judged(Traced, interceptor))
    assert divergence.suggestion_kind is SuggestionKind.PATCH
    assert 'patched("validate")' in (divergence.suggestion or "")


def test_explore_counts_no_line_of_an_interceptor() -> None:
    judged(Traced, tracing.Own())  # its classes are known from then on
    lines = Lines()
    lines.is_wanted = True
    with contextlib.suppress(AttributeError):
        lines.of(lambda: tracing._OwnOutbound(cast(Any, None)).start_activity(cast(Any, None)))
    inside = {line for file, line in lines.seen if Path(file).name == "tracing.py"}
    assert inside, "the helper of its module is traced"
    assert not inside & _lines_of(tracing._OwnOutbound)


def _lines_of(cls: type) -> set[int]:
    source, first = inspect.getsourcelines(cls)
    return set(range(first, first + len(source)))


# What people see of it


ASKING = [tracing.Auditing(), tracing.Starting()]


@pytest.mark.parametrize("interceptor", [*INTERCEPTORS, tracing.Auditing()], ids=[*NAMES, "asks itself"])
def test_annotation_and_page_point_at_the_workflows_line(interceptor: Any) -> None:
    report = Report.of([judged(Traced, interceptor)])
    (annotation,) = annotation_lines(issues_of(report))
    line = line_of(Traced, "execute_activity")
    assert f"file={THIS},line={line}," in annotation
    assert f'"source":{{"file":"{THIS}","line":{line},"function":"run","excerpt":' in render_html(report)


@pytest.mark.parametrize("interceptor", ASKING, ids=["before each", "at the beginning"])
def test_annotation_and_page_name_an_interceptor_that_asks_itself(interceptor: Any) -> None:
    verdict = judged(Traced, interceptor)
    asked = diverged(verdict).interceptor
    assert asked is not None
    report = Report.of([verdict])
    (annotation,) = annotation_lines(issues_of(report))
    place = f"{asked.file}:{asked.line} in {asked.function}"
    assert place in annotation
    assert place in render_html(report)
    assert f"file={asked.file}" not in annotation, "the annotation stands at no line of an interceptor"

"""What pytest tells at its end: the summary, and the HTML page of `--replay-html`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.plugin.items import COMMANDS, OUTCOME
from replaykit.plugin.replays import REPLAYS, Replays

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from replaykit.report.html import Answer

__all__ = ["HtmlReport", "add_html_report", "summarise"]


def add_html_report(config: pytest.Config) -> None:
    """Have the page written at the end of the run.

    Raises:
        pytest.UsageError: It could not be written there.
    """
    from replaykit.errors import ReplaykitError
    from replaykit.report.outputs import check_target

    report = HtmlReport(config)
    try:
        check_target(report.target)
    except ReplaykitError as error:
        raise pytest.UsageError(str(error)) from error
    config.pluginmanager.register(report, "replaykit-html")


class HtmlReport:
    """`--replay-html`: gathers what the tests' reports carry, in xdist's controller those of its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self.target = Path(config.invocation_params.dir, config.getoption("replay_html"))
        self._began = time.perf_counter()
        self._entries: dict[tuple[str, str], list[str]] = {}  # a test that is run again replaces its own
        self._answers: dict[str, list[Answer]] = {}
        self._reported: dict[str, dict[str, Any]] = {}
        self._written = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._reported[report.nodeid] = dict(report.user_properties)
        if hasattr(report, "replaykit_entries"):
            self._entries[report.nodeid, str(report.when)] = report.replaykit_entries
        if hasattr(report, "replaykit_answers"):
            self._answers[report.nodeid] = report.replaykit_answers

    @pytest.hookimpl(trylast=True)  # behind xdist, whose workers tell which workflows there are
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        import json

        from replaykit.errors import ReplaykitError
        from replaykit.plugin.gates import findings_in
        from replaykit.report.html import Page
        from replaykit.report.outputs import write_report

        entries = [json.loads(text) for texts in self._entries.values() for text in texts]
        replays = session.config.stash.get(REPLAYS, None)
        reported = list(self._reported.values())
        findings = findings_in(replays.config, replays.registered, reported) if replays is not None else ()
        page = Page(
            entries=entries,
            duration_s=time.perf_counter() - self._began,
            findings=findings,
            answers=[answer for answers in self._answers.values() for answer in answers],
            strict=replays is not None and replays.config.strict,
        )
        try:
            write_report(page, "html", str(self.target), say=self._say)
        except ReplaykitError as error:
            self._written = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _say(self, line: str) -> None:
        self._written = f"replaykit: {line}"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        terminalreporter.write_line(self._written)


def summarise(reporter: TerminalReporter, replays: Replays) -> None:
    from replaykit.plugin.gates import PERTURBATION, SELF_TEST, findings_in
    from replaykit.report.corpus_rows import finding_blocks
    from replaykit.report.rows import plain_lines
    from replaykit.report.summary import summary_line
    from replaykit.verdict import Outcome

    outcomes: list[Outcome] = []
    commands, seconds = 0, 0.0
    reported: list[dict[str, Any]] = []
    for report in (report for reports in reporter.stats.values() for report in reports):
        properties = dict(getattr(report, "user_properties", ()))
        if properties and getattr(report, "when", None) == "call":
            reported.append(properties)
        if OUTCOME in properties and report.when == "call":
            outcomes.append(Outcome(properties[OUTCOME]))
            commands += properties[COMMANDS]
            seconds += report.duration
    if outcomes:
        counts = {outcome: outcomes.count(outcome) for outcome in Outcome}
        reporter.write_sep("-", "replaykit")
        reporter.write_line(summary_line(counts, commands, seconds, strict=replays.config.strict))
        for block in finding_blocks(findings_in(replays.config, replays.registered, reported)):
            for line in plain_lines(block.whole):
                reporter.write_line(line)
        for label in (SELF_TEST, PERTURBATION):
            for answer in (properties[label] for properties in reported if label in properties):
                reporter.write_line(answer)

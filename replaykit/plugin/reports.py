"""What pytest reports at its end: the summary, and the HTML page of `--replay-html`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.plugin.gates import PERTURBATION, REQUIRED, SELF_TEST
from replaykit.plugin.properties import fixtures_in
from replaykit.plugin.replays import REPLAYS, Replays
from replaykit.visible import visible

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from replaykit.report.html import Answer
    from replaykit.trust import Finding

__all__ = ["HtmlReport", "add_html_report", "summarise"]

_OTHER_FILES = {
    "--junit-xml": "xmlpath",
    "--log-file": "log_file",
    "--html": "htmlpath",
    "--report-log": "report_log",
    "--json-report-file": "json_report_file",
}
"""Options of pytest and of well-known plugins that name a file to write, with where pytest keeps them."""


def add_html_report(config: pytest.Config) -> None:
    """Have the page written at the end of the run.

    Raises:
        pytest.UsageError: It could not be written there, or another option of pytest writes there.
    """
    from replaykit.errors import ReplaykitError
    from replaykit.report.outputs import check_target, place_of_file

    if config.getoption("replay_html") == "-":
        raise pytest.UsageError("--replay-html: standard output is for pytest's own report. Name a file")
    report = HtmlReport(config)
    for option, name in _OTHER_FILES.items():
        other = config.getoption(name, None)
        if isinstance(other, str) and place_of_file(
            Path(config.invocation_params.dir, other)
        ) == place_of_file(report.target):
            raise pytest.UsageError(
                f"{option} and --replay-html name the same file, and one would overwrite the other: {other}. "
                "Give each a file of its own"
            )
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

    @pytest.hookimpl(trylast=True)  # after xdist, whose workers send which workflows there are
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        import json

        from replaykit.errors import ReplaykitError
        from replaykit.report.html import Page
        from replaykit.report.outputs import write_report

        entries = [json.loads(text) for texts in self._entries.values() for text in texts]
        replays = session.config.stash.get(REPLAYS, None)
        reported = list(self._reported.values())
        since = replays.since(fixtures_in(reported)) if replays is not None else {}
        for entry in entries:
            if (found := since.get(entry["summary"]["history"])) is not None:
                entry["story"]["since"] = found.in_words()
        findings = _findings(replays, reported) if replays is not None else ()
        page = Page(
            entries=entries,
            duration_s=time.perf_counter() - self._began,
            findings=findings,
            answers=[answer for answers in self._answers.values() for answer in answers],
            strict=replays is not None and replays.config.compares_attributes,
        )
        try:
            write_report(page, "html", str(self.target), announce=self._announce)
        except ReplaykitError as error:
            self._written = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _announce(self, line: str) -> None:
        self._written = f"replaykit: {line}"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        terminalreporter.write_line(visible(self._written))


def summarise(reporter: TerminalReporter, replays: Replays) -> None:
    """Print what the replays of the run came to, where there were any."""
    from replaykit.report.corpus_rows import finding_blocks
    from replaykit.report.rows import plain_lines
    from replaykit.report.summary import ALL_IGNORED, HINTS, summary_line
    from replaykit.verdict import Outcome

    calls = [
        report
        for reports in reporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
    ]
    reported = [dict(getattr(report, "user_properties", ())) for report in calls]
    fixtures = fixtures_in(reported)
    if not fixtures:
        return
    counts = Counter(fixture.outcome for fixture in fixtures)
    commands = sum(fixture.commands_compared for fixture in fixtures)
    seconds = sum(
        report.duration for report, each in zip(calls, reported, strict=True) if fixtures_in([each])
    )
    kept = sum(fixture.kept for fixture in fixtures)
    reporter.write_sep("-", "replaykit")
    by_outcome = {outcome: counts[outcome] for outcome in Outcome}
    strict = replays.config.compares_attributes
    reporter.write_line(summary_line(by_outcome, commands, seconds, strict=strict, kept=kept))
    since = replays.since(fixtures)
    for name, types in ((each.history, each.workflow_type) for each in fixtures if each.history in since):
        reporter.write_line(
            visible(f"{types} does not replay since {since[name].in_words(time.time())}: {name}")
        )
    if by_outcome[Outcome.DIVERGED]:
        reporter.write_line(HINTS)
    if replays.config.strict and not strict:
        reporter.write_line(ALL_IGNORED)
    for block in finding_blocks(_findings(replays, reported)):
        for line in plain_lines(block.whole):
            reporter.write_line(line)
    for label in (SELF_TEST, PERTURBATION):
        for answer in (properties[label] for properties in reported if label in properties):
            reporter.write_line(visible(answer))


def _findings(replays: Replays, reported: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """The findings of a pytest run; `reported` are the properties of every report."""
    from replaykit.check import others_of
    from replaykit.check.corpus import as_narrowed, findings_of

    fixtures = fixtures_in(reported)
    has_own_test = any(REQUIRED in properties for properties in reported)
    whole = not has_own_test and not others_of(
        replays.config, [Path(fixture.history) for fixture in fixtures]
    )
    found = findings_of(replays.registered(whole=whole), fixtures, whole=whole)
    return (*as_narrowed(replays.config, found), *replays.findings)

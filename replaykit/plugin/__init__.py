"""The pytest plugin: options, items, fixtures, summary. Imports the engine inside hooks.

Every pytest run of an environment that has replaykit loads this module, so it costs nothing until asked.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ReprFileLocation

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo, TerminalRepr
    from _pytest.terminal import TerminalReporter

    from replaykit.check import Check
    from replaykit.config import Config
    from replaykit.history import History
    from replaykit.plugin.gates import GateItem
    from replaykit.replay.corpus import Registered
    from replaykit.verdict import Verdict

__all__: list[str] = []

_OUTCOME = "replaykit_outcome"
_COMMANDS = "replaykit_commands_compared"
_REGISTERED = "replaykit_registered"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("replaykit", "replay of Temporal workflow histories (replaykit)")
    group.addoption(
        "--replay-histories",
        action="append",
        metavar="PATH",
        help="Replay the histories below PATH, one test each. Repeatable.",
    )
    group.addoption(
        "--replay-workflows",
        action="append",
        metavar="MODULE[:CLASS]",
        help="Workflow code, in place of what [tool.replaykit] names. Repeatable.",
    )
    group.addoption(
        "--replay-worker", metavar="NAME", help="Judge every history by this [[tool.replaykit.worker]]."
    )
    group.addoption(
        "--replay-strict",
        action="store_true",
        help="Compare the attributes of every command too, and what an open history's tail asks for.",
    )
    group.addoption(
        "--replay-html",
        metavar="FILE",
        help="Write a report of all replayed histories as one HTML page, with their timelines.",
    )
    group.addoption(
        "--replay-timeout", type=_seconds, metavar="SECONDS", help="Deadline of each replay (default: 60)."
    )
    group.addoption(
        "--replay-debug",
        action="store_true",
        help="No deadline and no deadlock detector, so that breakpoint() in workflow code works.",
    )
    group.addoption(
        "--replay-require-fixtures",
        action="store_true",
        help="One more test, which fails where a workflow has no fixture at all.",
    )
    group.addoption(
        "--replay-self-test",
        action="store_true",
        help="One more test, which fails unless mutated histories of each workflow type turn red.",
    )
    parser.addini(
        "replay_histories", "Paths of histories to replay, one test each.", type="paths", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "replay: a recorded workflow history, replayed against the code.")
    if config.getoption("replay_html") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_HtmlReport(config), "replaykit-html")
    paths = _asked(config)
    if not paths:
        if config.getoption("replay_self_test") or config.getoption("replay_require_fixtures"):
            raise pytest.UsageError("no histories are named. Add --replay-histories PATH")
        return
    from replaykit.errors import ReplaykitError

    try:
        config.stash[_REPLAYS] = _Replays(config, paths)
    except ReplaykitError as error:
        raise pytest.UsageError(str(error)) from error
    if config.getoption("replay_histories") or config.args_source is not config.ArgsSource.ARGS:
        _add_to_arguments(config, paths)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _REPLAYS in config.stash:
        config.stash[_REPLAYS].close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    return config.stash[_REPLAYS].header() if _REPLAYS in config.stash else []


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    replays = parent.config.stash.get(_REPLAYS, None)
    if replays is None or file_path.resolve() not in replays.fixtures:
        return None
    file: _HistoryFile = _HistoryFile.from_parent(parent, path=file_path)
    return file


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    if any(isinstance(item, _HistoryItem) for item in items):
        items += session.config.stash[_REPLAYS].gates(session)


def pytest_collection_finish(session: pytest.Session) -> None:
    if any(isinstance(item, _HistoryItem) for item in session.items):
        _load_code(session.config)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    if _REPLAYS in item.config.stash and (entries := item.config.stash[_REPLAYS].taken()):
        outcome.get_result().replaykit_entries = entries


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    if _REPLAYS in config.stash:
        _summarise(terminalreporter, config.stash[_REPLAYS])


def pytest_sessionfinish(session: pytest.Session) -> None:
    replays = session.config.stash.get(_REPLAYS, None)
    if replays is not None and hasattr(session.config, "workeroutput"):
        names = [(entry.worker, entry.workflow_type) for entry in replays.registered]
        session.config.workeroutput[_REGISTERED] = names


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of pytest-xdist ended: it knows the workflows, and the one that prints does not."""
    replays = node.config.stash.get(_REPLAYS, None)
    if replays is not None:
        replays.learn(getattr(node, "workeroutput", {}).get(_REGISTERED, ()))


@pytest.fixture(scope="session")
def replay(pytestconfig: pytest.Config) -> Iterator[Callable[[str | Path | History], Verdict]]:
    """Judge one history: `verdict = replay("histories/OrderWorkflow/order-17--6279184bd1cf.json")`.

    Takes a path (relative to the current folder, or to pytest's root) or a History; answers with a Verdict.
    Works in async tests too: the replay has an event loop of its own.
    """
    replays = pytestconfig.stash.setdefault(_REPLAYS, _Replays(pytestconfig, []))

    def judge(history: str | Path | History) -> Verdict:
        if not isinstance(history, (str, Path)):
            return replays.noted(replays.check.judge(history))
        path = Path(history)
        return replays.noted(
            replays.check.judge_file(path if path.exists() else pytestconfig.rootpath / path)
        )

    yield judge
    replays.close()


class _Replays:
    """What one pytest session knows about replays."""

    def __init__(self, config: pytest.Config, paths: list[Path]) -> None:
        from replaykit.check import fixtures_of
        from replaykit.config import load_config

        self._pytest = config
        self._paths = paths
        self._check: Check | None = None
        self._entries: list[str] = []
        self.registered: tuple[Registered, ...] = ()
        self.config: Config = self._with_options(load_config(config.rootpath))
        found = fixtures_of(self.config, paths) if paths else ()
        self.fixtures = frozenset(path.resolve() for path in found)

    def _with_options(self, config: Config) -> Config:
        option = self._pytest.getoption
        if option("replay_timeout") is not None:
            config = dataclasses.replace(config, timeout_s=option("replay_timeout"))
        if option("replay_strict"):
            config = dataclasses.replace(config, strict=True)
        if option("replay_require_fixtures"):
            config = dataclasses.replace(config, require_fixtures=True)
        if option("replay_worker") is not None:
            config = config.with_worker(option("replay_worker"))
        return config.with_workflows(option("replay_workflows")) if option("replay_workflows") else config

    @property
    def check(self) -> Check:
        """The engine; workflow code is imported at the first use."""
        if self._check is None:
            from replaykit.check import Check

            option = self._pytest.getoption
            evidence = bool(option("replay_html"))
            self._check = Check(self.config, debug=option("replay_debug"), evidence=evidence)
            self.registered = self._check.registered
        return self._check

    def header(self) -> list[str]:
        from replaykit.check import display

        count = len(self.fixtures)
        places = ", ".join(display(path) for path in self._paths)
        return [f"replaykit: {count} {'history' if count == 1 else 'histories'} in {places}"]

    def noted(self, verdict: Verdict) -> Verdict:
        """The Verdict, its part of the HTML report kept for the report of the running test."""
        if self._pytest.getoption("replay_html"):
            import json

            from replaykit.report.html import entry_of

            self._entries.append(json.dumps(entry_of(verdict, root=self.config.root)))
        return verdict

    def taken(self) -> list[str]:
        """What was noted since the last call, as text: an xdist worker sends nothing richer."""
        entries, self._entries = self._entries, []
        return entries

    def gates(self, session: pytest.Session) -> Iterator[GateItem]:
        """The items about all fixtures together that were asked for."""
        from replaykit.plugin.gates import REQUIRED, SELF_TEST, GateItem, fixtures_answer, self_test_answer

        fixtures = sorted(self.fixtures)
        if self.config.require_fixtures:
            yield GateItem.from_parent(
                session,
                name="require-fixtures",
                ask=lambda: fixtures_answer(self.check, fixtures),
                label=REQUIRED,
            )
        if self._pytest.getoption("replay_self_test"):
            yield GateItem.from_parent(
                session,
                name="self-test",
                ask=lambda: self_test_answer(self.config, fixtures),
                label=SELF_TEST,
            )

    def learn(self, names: Iterable[Sequence[str]]) -> None:
        """Take over from another process which workflows there are."""
        from replaykit.replay.corpus import Registered

        self.registered = self.registered or tuple(
            Registered(worker=worker, workflow_type=workflow_type) for worker, workflow_type in names
        )

    def close(self) -> None:
        if self._check is not None:
            self._check.close()
            self._check = None


_REPLAYS = pytest.StashKey[_Replays]()


class _HtmlReport:
    """`--replay-html`: gathers what the tests' reports carry, in xdist's controller those of its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._target = Path(config.invocation_params.dir, config.getoption("replay_html"))
        self._began = time.perf_counter()
        self._entries: dict[tuple[str, str], list[str]] = {}  # a test that is run again replaces its own
        self._reported: dict[str, dict[str, Any]] = {}
        self._written = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._reported[report.nodeid] = dict(report.user_properties)
        if hasattr(report, "replaykit_entries"):
            self._entries[report.nodeid, str(report.when)] = report.replaykit_entries

    @pytest.hookimpl(trylast=True)  # behind xdist, whose workers tell which workflows there are
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        import json

        from replaykit.check import display
        from replaykit.errors import ReplaykitError
        from replaykit.history.whole_file import write_whole
        from replaykit.plugin.gates import findings_in
        from replaykit.report.html import render_page

        entries = [json.loads(text) for texts in self._entries.values() for text in texts]
        replays = session.config.stash.get(_REPLAYS, None)
        reported = list(self._reported.values())
        findings = findings_in(replays.config, replays.registered, reported) if replays is not None else ()
        page = render_page(entries, duration_s=time.perf_counter() - self._began, findings=findings)
        try:
            write_whole(self._target, page.encode())
        except ReplaykitError as error:
            self._written = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        else:
            self._written = f"HTML report: {display(self._target)}"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        terminalreporter.write_line(self._written)


class _NotConsistent(Exception):
    """Carries the Verdict of a failed item to its report."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message or verdict.outcome.value)
        self.verdict = verdict


class _HistoryFile(pytest.File):
    """A fixture file: one history, one item."""

    def collect(self) -> Iterator[pytest.Item]:
        yield _HistoryItem.from_parent(self, name="replay")


class _HistoryItem(pytest.Item):
    """The replay of one history."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker("replay")
        # pytest's own -k does not look at folders, and the folder is the workflow type.
        self.extra_keyword_matches.update({self.path.parent.name, self.path.name})

    def runtest(self) -> None:
        from replaykit.plugin.gates import facts_of

        replays = self.config.stash[_REPLAYS]
        with self._terminal_for_debugger():
            verdict = replays.noted(replays.check.judge_file(self.path))
        self.user_properties += [
            (_OUTCOME, verdict.outcome.value),
            (_COMMANDS, verdict.commands_compared),
            *facts_of(verdict),
        ]
        if not verdict.is_consistent:
            raise _NotConsistent(verdict)

    @contextmanager
    def _terminal_for_debugger(self) -> Iterator[None]:
        capture = self.config.pluginmanager.getplugin("capturemanager")
        if not self.config.getoption("replay_debug") or capture is None:
            yield
            return
        capture.suspend(in_=True)
        try:
            yield
        finally:
            capture.resume()

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        from replaykit.errors import ReplaykitError

        if isinstance(excinfo.value, _NotConsistent):
            from replaykit.plugin.gates import Block
            from replaykit.report.block import block, headline

            verdict = excinfo.value.verdict
            short = f"{headline(verdict)}: {verdict.message}"
            crash = ReprFileLocation(path=str(self.path), lineno=1, message=short)
            return Block(block(verdict, verbose=self.config.option.verbose > 1), crash)
        if isinstance(excinfo.value, ReplaykitError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"replay of {self.path.parent.name}/{self.path.name}"


def _seconds(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise ValueError(text)
    return value


def _asked(config: pytest.Config) -> list[Path]:
    """The paths of the option, else those of the ini file, absolute."""
    option = config.getoption("replay_histories")
    if option:
        return [Path(config.invocation_params.dir, path) for path in option]
    return list(config.getini("replay_histories"))


def _add_to_arguments(config: pytest.Config, paths: list[Path]) -> None:
    """Have pytest collect the paths too, unless an argument already covers or narrows them.

    Before pytest 9 a folder and one inside it, both as arguments, lose what else the outer one holds.
    """
    for path in paths:
        given = [Path(config.invocation_params.dir, argument.split("::")[0]) for argument in config.args]
        if not any(_overlap(path, other) for other in given):
            config.args.append(str(path))


def _overlap(one: Path, other: Path) -> bool:
    one, other = one.resolve(), other.resolve()
    return one == other or one in other.parents or other in one.parents


def _load_code(config: pytest.Config) -> None:
    """Import the workflow code before the first item runs: what is wrong with it is said once.

    An xdist worker cannot end the run; there each item says it.
    """
    from replaykit.errors import ReplaykitError

    try:
        _ = config.stash[_REPLAYS].check
    except ReplaykitError as error:
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(str(error)) from error


def _summarise(reporter: TerminalReporter, replays: _Replays) -> None:
    from replaykit.plugin.gates import SELF_TEST, finding_lines_of
    from replaykit.report.block import summary_line
    from replaykit.verdict import Outcome

    outcomes: list[Outcome] = []
    commands, seconds = 0, 0.0
    reported: list[dict[str, Any]] = []
    for report in (report for reports in reporter.stats.values() for report in reports):
        properties = dict(getattr(report, "user_properties", ()))
        if properties and getattr(report, "when", None) == "call":
            reported.append(properties)
        if _OUTCOME in properties and report.when == "call":
            outcomes.append(Outcome(properties[_OUTCOME]))
            commands += properties[_COMMANDS]
            seconds += report.duration
    if outcomes:
        counts = {outcome: outcomes.count(outcome) for outcome in Outcome}
        reporter.write_sep("-", "replaykit")
        reporter.write_line(summary_line(counts, commands, seconds))
        for line in finding_lines_of(replays.config, replays.registered, reported):
            reporter.write_line(line)
        for answer in (properties[SELF_TEST] for properties in reported if SELF_TEST in properties):
            reporter.write_line(answer)

"""The pytest plugin: options, items, fixtures, summary. Imports the engine inside hooks.

Every pytest run of an environment that has replaykit loads this module, so it costs nothing until asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo
    from _pytest._io import TerminalWriter
    from _pytest.terminal import TerminalReporter

    from replaykit.check import Check
    from replaykit.config import Config
    from replaykit.history import History
    from replaykit.verdict import Verdict

__all__: list[str] = []

_OUTCOME = "replaykit_outcome"
_COMMANDS = "replaykit_commands_compared"


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
        "--replay-timeout", type=_seconds, metavar="SECONDS", help="Deadline of each replay (default: 60)."
    )
    group.addoption(
        "--replay-debug",
        action="store_true",
        help="No deadline and no deadlock detector, so that breakpoint() in workflow code works.",
    )
    parser.addini(
        "replay_histories", "Paths of histories to replay, one test each.", type="paths", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "replay: a recorded workflow history, replayed against the code.")
    paths = _asked(config)
    if not paths:
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


def pytest_collection_finish(session: pytest.Session) -> None:
    if any(isinstance(item, _HistoryItem) for item in session.items):
        _load_code(session.config)


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    if _REPLAYS in config.stash:
        _summarise(terminalreporter)


@pytest.fixture(scope="session")
def replay(pytestconfig: pytest.Config) -> Iterator[Callable[[str | Path | History], Verdict]]:
    """Judge one history: `verdict = replay("histories/OrderWorkflow/order-17--6279184bd1cf.json")`.

    Takes a path (relative to the current folder, or to pytest's root) or a History; answers with a Verdict.
    Works in async tests too: the replay has an event loop of its own.
    """
    replays = pytestconfig.stash.setdefault(_REPLAYS, _Replays(pytestconfig, []))

    def judge(history: str | Path | History) -> Verdict:
        if not isinstance(history, (str, Path)):
            return replays.check.judge(history)
        path = Path(history)
        return replays.check.judge_file(path if path.exists() else pytestconfig.rootpath / path)

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
        self.config: Config = self._with_options(load_config(config.rootpath))
        found = fixtures_of(self.config, paths) if paths else ()
        self.fixtures = frozenset(path.resolve() for path in found)

    def _with_options(self, config: Config) -> Config:
        option = self._pytest.getoption
        if option("replay_timeout") is not None:
            config = dataclasses.replace(config, timeout_s=option("replay_timeout"))
        if option("replay_worker") is not None:
            config = config.with_worker(option("replay_worker"))
        return config.with_workflows(option("replay_workflows")) if option("replay_workflows") else config

    @property
    def check(self) -> Check:
        """The engine; workflow code is imported at the first use."""
        if self._check is None:
            from replaykit.check import Check

            self._check = Check(self.config, debug=self._pytest.getoption("replay_debug"))
        return self._check

    def header(self) -> list[str]:
        from replaykit.check import display

        count = len(self.fixtures)
        places = ", ".join(display(path) for path in self._paths)
        return [f"replaykit: {count} {'history' if count == 1 else 'histories'} in {places}"]

    def close(self) -> None:
        if self._check is not None:
            self._check.close()
            self._check = None


_REPLAYS = pytest.StashKey[_Replays]()


class _NotConsistent(Exception):
    """Carries the Verdict of a failed item to its report."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message or verdict.outcome.value)
        self.verdict = verdict


class _Block(TerminalRepr):
    """A failure as pytest prints it: the block, and one line for the short summary."""

    def __init__(self, lines: list[str], crash: ReprFileLocation) -> None:
        self.lines = lines
        self.reprcrash = crash

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def toterminal(self, tw: TerminalWriter) -> None:
        tw.line(self.lines[0], red=True, bold=True)
        for line in self.lines[1:]:
            tw.line(line)


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
        replays = self.config.stash[_REPLAYS]
        with self._terminal_for_debugger():
            verdict = replays.check.judge_file(self.path)
        self.user_properties += [
            (_OUTCOME, verdict.outcome.value),
            (_COMMANDS, verdict.commands_compared),
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
            from replaykit.report.block import block, headline

            verdict = excinfo.value.verdict
            short = f"{headline(verdict)}: {verdict.message}"
            crash = ReprFileLocation(path=str(self.path), lineno=1, message=short)
            return _Block(block(verdict, verbose=self.config.option.verbose > 1), crash)
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


def _summarise(reporter: TerminalReporter) -> None:
    from replaykit.report.block import summary_line
    from replaykit.verdict import Outcome

    outcomes: list[Outcome] = []
    commands, seconds = 0, 0.0
    for report in (report for reports in reporter.stats.values() for report in reports):
        properties = dict(getattr(report, "user_properties", ()))
        if _OUTCOME in properties and report.when == "call":
            outcomes.append(Outcome(properties[_OUTCOME]))
            commands += properties[_COMMANDS]
            seconds += report.duration
    if outcomes:
        counts = {outcome: outcomes.count(outcome) for outcome in Outcome}
        reporter.write_sep("-", "replaykit")
        reporter.write_line(summary_line(counts, commands, seconds))

"""The pytest plugin: options, items, fixtures, summary. Imports the engine inside hooks.

Every pytest run of an environment that has replaykit loads this module, so it costs nothing until asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.plugin.replays import (
    REPLAYS,
    Replays,
    add_to_arguments,
    asked,
    check_collected,
    load_code,
)

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from replaykit.history import History
    from replaykit.verdict import Verdict

__all__: list[str] = []

_REGISTERED = "replaykit_registered"
_BLOCK = "replaykit_block"


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
        help="One more test, which fails unless histories that are made wrong on purpose diverge.",
    )
    group.addoption(
        "--replay-perturb",
        action="store_true",
        help="One more test, which fails where histories come out otherwise under changed conditions: hash "
        "seed, clock, environment, warm process and more.",
    )
    parser.addini(
        "replay_histories", "Paths of histories to replay, one test each.", type="paths", default=[]
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "replay: a recorded workflow history, replayed against the code.")
    if config.getoption("replay_html") and not hasattr(config, "workerinput"):
        from replaykit.plugin.reports import add_html_report

        add_html_report(config)
    paths = asked(config)
    if not paths:
        if any(map(config.getoption, ("replay_self_test", "replay_require_fixtures", "replay_perturb"))):
            raise pytest.UsageError("no histories are named. Add --replay-histories PATH")
        return
    from replaykit.errors import ReplaykitError

    try:
        config.stash[REPLAYS] = Replays(config, paths)
    except ReplaykitError as error:
        raise pytest.UsageError(str(error)) from error
    if config.getoption("replay_histories") or config.args_source is not config.ArgsSource.ARGS:
        add_to_arguments(config, config.stash[REPLAYS])


def pytest_unconfigure(config: pytest.Config) -> None:
    if REPLAYS in config.stash:
        config.stash[REPLAYS].close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    return config.stash[REPLAYS].header() if REPLAYS in config.stash else []


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A workflow type may be called `build`, as folders that pytest passes over are."""
    replays = config.stash.get(REPLAYS, None)
    if replays is None or config.getoption("ignore", None) or config.getoption("ignore_glob", None):
        return None
    return False if collection_path.is_dir() and replays.leads_to_a_fixture(collection_path) else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    replays = parent.config.stash.get(REPLAYS, None)
    if replays is None or file_path.resolve() not in replays.fixtures:
        return None
    from replaykit.plugin.items import HistoryFile

    file: HistoryFile = HistoryFile.from_parent(parent, path=file_path)
    return file


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    if REPLAYS not in session.config.stash:
        return
    histories = _histories_among(items)
    check_collected(session.config, {item.path.resolve() for item in histories})
    if histories:
        items += session.config.stash[REPLAYS].gates(session)


def pytest_collection_finish(session: pytest.Session) -> None:
    if REPLAYS in session.config.stash and _histories_among(session.items):
        load_code(session.config)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    if REPLAYS in item.config.stash:
        vars(outcome.get_result()).update(item.config.stash[REPLAYS].taken())


@pytest.hookimpl(hookwrapper=True)
def pytest_report_to_serializable(config: pytest.Config, report: Any) -> Iterator[None]:
    """A process of pytest-xdist sends its reports as plain data, in which a block would be mere text."""
    outcome: Any = yield
    if REPLAYS in config.stash and (data := outcome.get_result()) is not None:
        from replaykit.plugin.gates import Told

        if isinstance(report.longrepr, Told):
            data[_BLOCK] = report.longrepr.as_data()


@pytest.hookimpl(hookwrapper=True)
def pytest_report_from_serializable(data: dict[str, Any]) -> Iterator[None]:
    block = data.pop(_BLOCK, None)
    outcome: Any = yield
    if block is not None:
        from replaykit.plugin.gates import Told

        outcome.get_result().longrepr = Told.of_data(block)


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    if REPLAYS in config.stash:
        from replaykit.plugin.reports import summarise

        summarise(terminalreporter, config.stash[REPLAYS])


def pytest_sessionfinish(session: pytest.Session) -> None:
    replays = session.config.stash.get(REPLAYS, None)
    if replays is not None and hasattr(session.config, "workeroutput"):
        names = [(entry.worker, entry.workflow_type) for entry in replays.registered]
        session.config.workeroutput[_REGISTERED] = names


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of pytest-xdist ended: it knows the workflows, and the one that prints does not."""
    replays = node.config.stash.get(REPLAYS, None)
    if replays is not None:
        replays.learn(getattr(node, "workeroutput", {}).get(_REGISTERED, ()))


@pytest.fixture(scope="session")
def replay(pytestconfig: pytest.Config) -> Iterator[Callable[[str | Path | History], Verdict]]:
    """Judge one history: `verdict = replay("histories/OrderWorkflow/order-17--6279184bd1cf.json")`.

    Takes a path (relative to the current folder, or to pytest's root) or a History; answers with a Verdict.
    Works in async tests too: the replay has an event loop of its own.
    """
    if REPLAYS not in pytestconfig.stash:
        pytestconfig.stash[REPLAYS] = Replays(pytestconfig, [])
    replays = pytestconfig.stash[REPLAYS]

    def judge(history: str | Path | History) -> Verdict:
        if not isinstance(history, (str, Path)):
            return replays.noted(replays.check.judge(history))
        path = Path(history)
        return replays.noted(
            replays.check.judge_file(path if path.exists() else pytestconfig.rootpath / path)
        )

    yield judge
    replays.close()


def _histories_among(items: list[pytest.Item]) -> list[pytest.Item]:
    from replaykit.plugin.items import HistoryItem

    return [item for item in items if isinstance(item, HistoryItem)]


def _seconds(text: str) -> float:
    from replaykit.config import is_deadline

    value = float(text)
    if not is_deadline(value):
        raise ValueError(text)
    return value

"""The pytest plugin: hooks that hand over to the modules of this room, and the `replay` fixture.

Every pytest run of an environment that has replaykit loads this module, so it costs nothing until asked:
what pytest needs in every run is imported here, the rest inside hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.plugin.options import add_options
from replaykit.plugin.replays import REPLAYS, Replays
from replaykit.plugin.starting import start
from replaykit.plugin.watchdog import keep_stderr

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from replaykit.check import Given
    from replaykit.verdict import Verdict

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "replay: a recorded workflow history, replayed against the code.")
    keep_stderr(config)
    start(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if REPLAYS in config.stash:
        config.stash[REPLAYS].close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    return config.stash[REPLAYS].header() if REPLAYS in config.stash else []


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A workflow type may be called `build`, as folders that pytest passes over are."""
    replays = config.stash.get(REPLAYS, None)
    return False if replays is not None and replays.insists_on(collection_path) else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if REPLAYS not in parent.config.stash:
        return None
    from replaykit.plugin.collecting import collected

    return collected(file_path, parent)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    if REPLAYS in session.config.stash:
        from replaykit.plugin.collecting import complete

        complete(session, items)


def pytest_collection_finish(session: pytest.Session) -> None:
    if REPLAYS in session.config.stash:
        from replaykit.plugin.collecting import load_code

        load_code(session)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    if REPLAYS in item.config.stash:
        vars(outcome.get_result()).update(item.config.stash[REPLAYS].taken())


@pytest.hookimpl(hookwrapper=True)
def pytest_report_to_serializable(config: pytest.Config, report: Any) -> Iterator[None]:
    outcome: Any = yield
    if REPLAYS in config.stash:
        from replaykit.plugin.failures import send

        send(report, outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_report_from_serializable(config: pytest.Config) -> Iterator[None]:
    outcome: Any = yield
    if REPLAYS in config.stash:
        from replaykit.plugin.failures import receive

        receive(outcome.get_result())


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    if REPLAYS in config.stash:
        from replaykit.plugin.reports import summarise

        summarise(terminalreporter, config.stash[REPLAYS])


def pytest_sessionfinish(session: pytest.Session) -> None:
    if REPLAYS in session.config.stash and hasattr(session.config, "workeroutput"):
        session.config.stash[REPLAYS].send(session.config.workeroutput)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of pytest-xdist ended: it knows the workflows, and the one that prints does not."""
    if REPLAYS in node.config.stash:
        node.config.stash[REPLAYS].learn(getattr(node, "workeroutput", {}))


@pytest.fixture(scope="session")
def replay(pytestconfig: pytest.Config) -> Iterator[Callable[[str | Path | Given], Verdict]]:
    """Judge one history: `verdict = replay("histories/OrderWorkflow/order-17--6279184bd1cf.json")`.

    Takes a path (relative to the current folder, or to pytest's root), a History, or what the SDK's
    `handle.fetch_history()` answers with; gives a Verdict.
    Works in async tests too: the replay has an event loop of its own.
    """
    if REPLAYS not in pytestconfig.stash:
        pytestconfig.stash[REPLAYS] = Replays(pytestconfig, [])
    yield pytestconfig.stash[REPLAYS].judge
    pytestconfig.stash[REPLAYS].close()

"""A fixture as pytest sees it: one file, one history, one item."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.plugin.failures import PrintedBlock
from replaykit.plugin.properties import properties_of
from replaykit.plugin.replays import REPLAYS
from replaykit.visible import visible_in_line

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo, TerminalRepr

    from replaykit.verdict import Verdict

__all__ = ["HistoryFile", "HistoryItem"]


class NotConsistent(Exception):
    """Carries the Verdict of a failed item to its report."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message or verdict.outcome.value)
        self.verdict = verdict


class HistoryFile(pytest.File):
    """A fixture file: one history, one item."""

    def __init__(self, *, path: Path, parent: pytest.Collector, **kwargs: Any) -> None:
        shown = _visible_id(path, parent.config.rootpath)
        if shown is not None:
            kwargs["nodeid"] = shown
        super().__init__(path=path, parent=parent, **kwargs)

    def collect(self) -> Iterator[pytest.Item]:
        yield HistoryItem.from_parent(self, name="replay")


def _visible_id(path: Path, root: Path) -> str | None:
    """What pytest is to print in the place of the path; None where its own id will do."""
    usual = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    shown = visible_in_line(usual)
    # In an id `::` and `[` have a meaning, and other names stay as they are.
    return shown.replace("::", r":\x3a").replace("[", r"\x5b") if shown != usual else None


class HistoryItem(pytest.Item):
    """The replay of one history."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker("replay")
        # pytest's own -k does not look at folders, and the folder is the workflow type.
        self.extra_keyword_matches.update({self.path.parent.name, self.path.name})

    def runtest(self) -> None:
        with self._terminal_for_debugger():
            verdict = self.config.stash[REPLAYS].judge(self.path)
        self.user_properties += properties_of(verdict)
        if not verdict.is_consistent:
            raise NotConsistent(verdict)

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

        if isinstance(excinfo.value, NotConsistent):
            from replaykit.report.verdict_rows import block_of, headline

            verdict = excinfo.value.verdict
            block = block_of(verdict, verbose=self.config.option.verbose > 1)
            return PrintedBlock.of(block, path=self.path, short=f"{headline(verdict)}: {verdict.message}")
        if isinstance(excinfo.value, ReplaykitError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        name = visible_in_line(f"replay of {self.path.parent.name}/{self.path.name}")
        return Path(visible_in_line(str(self.path))), 0, name

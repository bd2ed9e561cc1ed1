"""A failure as pytest prints it, also where another process of pytest-xdist prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _pytest._code.code import ReprFileLocation, TerminalRepr

from replaykit.visible import visible, visible_in_line

if TYPE_CHECKING:
    from _pytest._io import TerminalWriter

    from replaykit.report.rows import Block

__all__ = ["PrintedBlock", "receive", "send"]

_BLOCK = "replaykit_block"


class PrintedBlock(TerminalRepr):
    """A failure as pytest prints it: headline and lines of a block, and one line for the short summary."""

    def __init__(self, head: str, lines: Sequence[str], crash: ReprFileLocation) -> None:
        self.head = visible_in_line(head)
        self.lines = [visible_in_line(line) for line in lines]
        self.reprcrash = ReprFileLocation(visible_in_line(crash.path), crash.lineno, visible(crash.message))

    @classmethod
    def of(cls, block: Block, *, path: Path, short: str) -> PrintedBlock:
        """What pytest prints of a block.

        Args:
            block: The failure.
            path: The file that pytest names with it.
            short: The line for the short summary.
        """
        from replaykit.report.rows import plain_lines

        crash = ReprFileLocation(path=str(path), lineno=1, message=short)
        return cls(block.head.line, plain_lines(block.rows), crash)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> PrintedBlock:
        """The one that `as_data` was made from, in another process."""
        crash = ReprFileLocation(path=data["path"], lineno=data["lineno"], message=data["message"])
        return cls(data["head"], data["lines"], crash)

    def as_data(self) -> dict[str, Any]:
        """All of it as plain data."""
        crash = self.reprcrash
        return {
            "head": self.head,
            "lines": list(self.lines),
            "path": crash.path,
            "lineno": crash.lineno,
            "message": crash.message,
        }

    def __str__(self) -> str:
        return "\n".join((self.head, *self.lines))

    def toterminal(self, tw: TerminalWriter) -> None:
        tw.line(self.head, red=True, bold=True)
        for line in self.lines:
            tw.line(line)


def send(report: Any, data: dict[str, Any] | None) -> None:
    """Add the block of a report to the plain data that pytest-xdist sends of it: there it is mere text."""
    if data is not None and isinstance(report.longrepr, PrintedBlock):
        data[_BLOCK] = report.longrepr.as_data()


def receive(report: Any) -> None:
    """Give a report that came from another process the block back that `send` added to its data."""
    block = vars(report).pop(_BLOCK, None) if report is not None else None
    if block is not None:
        report.longrepr = PrintedBlock.of_data(block)

"""Errors that mean replaykit could not judge: each names what is wrong, where, and the cure.

A divergence is never an exception: it is a value, see `replaykit.verdict`.
"""

from __future__ import annotations

from replaykit.visible import visible

__all__ = [
    "ConfigError",
    "HistoryError",
    "HistoryGoneError",
    "InvalidHistoryError",
    "ReplaykitError",
    "ServiceError",
    "UnreadableHistoryError",
    "ValuesError",
    "WorkflowCodeError",
]


class ReplaykitError(Exception):
    """Root of everything that replaykit raises.

    Args:
        what: What is wrong, in one sentence without a full stop.
        where: The file, option or place in a file that it is wrong at.
        cure: What to do about it, as one sentence or a command to type.
    """

    def __init__(self, what: str, *, where: str | None = None, cure: str | None = None) -> None:
        self.what = what
        self.where = where
        self.cure = cure
        super().__init__(what, where, cure)

    def __str__(self) -> str:
        where, cure = self.where and _bounded(self.where, 400), self.cure and _bounded(self.cure, 1_000)
        message = f"{where}: {self.what}" if where else self.what
        return visible(f"{message}. {cure}" if cure else message)


class ConfigError(ReplaykitError):
    """The configuration or the command line asks for something that cannot be."""


class HistoryError(ReplaykitError):
    """A History cannot be used. See the two kinds below."""


class UnreadableHistoryError(HistoryError):
    """The bytes are not a Temporal event history in a form that replaykit reads."""


class InvalidHistoryError(HistoryError):
    """The bytes are an event history, but a damaged one that must not reach Core."""


class WorkflowCodeError(ReplaykitError):
    """The workflow code cannot be found or imported, or is ambiguous."""


class ValuesError(ReplaykitError):
    """No value can be made for a type hint, or the data converter cannot carry it."""


class ServiceError(ReplaykitError):
    """A Temporal service cannot be reached, or refuses what was asked of it."""


class HistoryGoneError(ServiceError):
    """The service lists a run, but has no events of it: it was deleted, or its retention has ended."""


def _bounded(text: str, most: int) -> str:
    """An id can be of any length, and both place and cure can name one."""
    return text if len(text) <= most else f"{text[:most]}..."

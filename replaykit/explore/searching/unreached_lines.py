"""Which lines of a workflow class no scenario reached."""

from __future__ import annotations

from collections.abc import Collection

from replaykit.code.classes import file_of, statement_lines

__all__ = ["unreached_lines"]


def unreached_lines(workflow: type, reached: Collection[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """File and number of the statements inside a class's methods that never ran, in order.

    Args:
        workflow: The class.
        reached: File and number of the lines that ran.
    """
    file = file_of(workflow) or ""
    ran = {line for name, line in reached if name == file}
    return tuple((file, line) for line in sorted(statement_lines(workflow) - ran))

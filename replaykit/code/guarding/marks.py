"""Comments above what comes back."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

__all__ = ["marked"]


def marked(node: cst.BaseStatement, mark: str, *, blank: int) -> cst.BaseStatement:
    """A statement with a comment above it, and empty lines above that.

    Args:
        node: The statement; comments of its own stay.
        mark: The comment's text.
        blank: How many empty lines.
    """
    lines = [line for line in getattr(node, "leading_lines", ()) if line.comment is not None]
    above: Sequence[cst.EmptyLine] = [
        *(cst.EmptyLine(indent=False) for _ in range(blank)),
        cst.EmptyLine(comment=cst.Comment(f"# {mark}")),
        *lines,
    ]
    return node.with_changes(leading_lines=above)

"""One place where the code of a change is not that of its base."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst

__all__ = ["Form", "Hunk", "HunkKind", "Rewrite"]


class HunkKind(enum.Enum):
    """What can be done about a difference."""

    STATEMENTS = "statements"
    """Statements in the place of others, or of none: each side has its own branch."""
    EXPRESSION = "expression"
    """A condition, what a loop goes over, or a value: each side has its own value."""
    METHOD = "method"
    """A method that only the base has: it comes back."""
    NAME = "name"
    """What the service knows a class or a method by: it comes back."""


class Form(enum.Enum):
    """How a hunk is written."""

    GUARDED = "guarded"
    """By a patch: new runs do what the change does, older ones what the base does."""
    AS_BASE = "as base"
    """As in the base, for all runs: of a patch that the change has misused."""
    AS_PATCHED = "as patched"
    """By the patch that the change itself deprecates, or has the wrong way round."""


Rewrite = Callable[[cst.CSTNode, cst.BaseExpression], cst.CSTNode]
"""Makes a node of the head one that has both sides, given it and what asks for the patch."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Hunk:
    """One difference, with the nodes of both sides. Each is itself alone: two never compare equal."""

    kind: HunkKind
    file: str
    """Of the head, relative to the folder of both trees, with `/`."""
    function: str
    """Its name with those of its classes; that of a class where a method comes back."""
    line: int
    """In the head's file, counted from 1."""
    base: tuple[cst.CSTNode, ...] = ()
    """What the base has there."""
    head: tuple[cst.CSTNode, ...] = ()
    """What the head has there."""
    block: cst.CSTNode | None = None
    """Of statements, and of a method: the body that they stand in."""
    start: int = 0
    """Of statements: the number of the first in that body, counted from 0."""
    rewrite: Rewrite | None = None
    """Of an expression whose two sides are more than one value each."""
    about: str = ""
    """What it is about, where the nodes do not show that: a constant's name with its value."""
    owner: str = ""
    """Of a method: the class of the base that has it."""
    patched: frozenset[str] = frozenset()
    """Ids of patches that the base's side asks about."""
    deprecated: frozenset[str] = frozenset()
    """Ids of patches that the head's side deprecates, and the base's does not know."""
    inverted: frozenset[str] = frozenset()
    """Ids of patches that the head's side asks about the wrong way round: `if not workflow.patched(...)`."""
    is_old: bool = False
    """Whether only runs from before a patch of the base come there: what these did cannot be changed."""
    brings: tuple[tuple[str, str, cst.FunctionDef], ...] = ()
    """Functions of the base that come back under another name: file, class of the head or nothing, and it."""
    adds: tuple[cst.SimpleStatementLine, ...] = ()
    """Statements that go to the top of the module with it."""
    loops: tuple[cst.CSTNode, ...] = ()
    """Statements of the head that it stands in and that repeat it, from the outside in."""

    @property
    def can_ask(self) -> bool:
        """Whether a patch can decide about it; what comes back is there for all runs."""
        return self.kind in (HunkKind.STATEMENTS, HunkKind.EXPRESSION)

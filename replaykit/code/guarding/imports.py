"""Imports that come back."""

from __future__ import annotations

import sys

import libcst as cst

from replaykit.code.guarding.texts import code_of, is_docstring

__all__ = ["imported_from", "module_in", "with_import"]


def imported_from(statement: cst.CSTNode, name: str) -> cst.ImportFrom | None:
    """The `from ... import` in a statement that binds a name; None where it is none."""
    for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
        if isinstance(small, cst.ImportFrom) and _alias(small, name) is not None:
            return small
    return None


def module_in(node: cst.ImportFrom) -> str:
    """The module that names are taken from, its dots in front included."""
    return "." * len(node.relative) + (code_of(node.module) if node.module is not None else "")


def original_name(node: cst.ImportFrom, name: str) -> str:
    """What a name is called where it is taken from."""
    alias = _alias(node, name)
    return code_of(alias.name) if alias is not None else name


def with_import(module: cst.Module, statement: cst.SimpleStatementLine, name: str) -> cst.Module:
    """A module that imports one name more: by an import that is there, or by a line of its own.

    Args:
        module: The module.
        statement: What binds the name in the base.
        name: The name.
    """
    found = imported_from(statement, name)
    if found is None:
        return _with_line(module, statement.with_changes(leading_lines=()))
    alias = _alias(found, name)
    assert alias is not None
    adding = _Adding(module_in(found), alias)
    changed = module.visit(adding)
    assert isinstance(changed, cst.Module)
    if adding.is_done:
        return changed
    alone = found.with_changes(
        names=[alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)], lpar=None, rpar=None
    )
    return _with_line(module, statement.with_changes(body=[alone], leading_lines=()))


def _alias(node: cst.ImportFrom, name: str) -> cst.ImportAlias | None:
    for alias in () if isinstance(node.names, cst.ImportStar) else node.names:
        bound = alias.asname.name if alias.asname is not None else alias.name
        if code_of(bound).strip() == name:
            return alias
    return None


class _Adding(cst.CSTTransformer):
    """Adds a name to the first import from a module, in the order of the alphabet where that has one."""

    def __init__(self, module: str, alias: cst.ImportAlias) -> None:
        super().__init__()
        self._module = module
        self._alias = alias
        self.is_done = False

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        names = updated_node.names
        if self.is_done or isinstance(names, cst.ImportStar) or module_in(updated_node) != self._module:
            return updated_node
        self.is_done = True
        own = [code_of(each.name) for each in names]
        name = code_of(self._alias.name)
        place = (
            next((n for n, other in enumerate(own) if other > name), len(own))
            if own == sorted(own)
            else len(own)
        )
        commas = [each.comma for each in names if isinstance(each.comma, cst.Comma)]
        between = (
            commas[0] if commas and len(names) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        )
        listed = list(names)
        if place == len(listed):
            last = listed[-1]
            listed[-1] = last.with_changes(comma=between)
            return updated_node.with_changes(names=[*listed, self._alias.with_changes(comma=last.comma)])
        listed.insert(place, self._alias.with_changes(comma=between))
        return updated_node.with_changes(names=listed)


def _is_of_python(statement: cst.CSTNode) -> bool:
    """Whether a line imports from the standard library."""
    for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
        if isinstance(small, cst.ImportFrom):
            return module_in(small).partition(".")[0] in sys.stdlib_module_names - {"__future__"}
        if isinstance(small, cst.Import):
            return code_of(small.names[0].name).partition(".")[0] in sys.stdlib_module_names
    return False


def _with_line(module: cst.Module, line: cst.SimpleStatementLine) -> cst.Module:
    body = list(module.body)
    imports = [
        number
        for number, each in enumerate(body)
        if isinstance(each, cst.SimpleStatementLine)
        and any(isinstance(small, (cst.Import, cst.ImportFrom)) for small in each.body)
    ]
    if _is_of_python(line):
        imports = [number for number in imports if _is_of_python(body[number])] or imports
    place = imports[-1] + 1 if imports else sum(map(is_docstring, body[:1]))
    if not imports and place < len(body) and isinstance(body[place], (cst.FunctionDef, cst.ClassDef)):
        following = body[place]
        blank = [cst.EmptyLine(indent=False)] * 2
        body[place] = following.with_changes(leading_lines=[*blank, *getattr(following, "leading_lines", ())])
    return module.with_changes(body=[*body[:place], line, *body[place:]])

"""What statements of the base use, and the head does not have, comes back: imports, functions, methods."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.imports import imported_from, with_import
from replaykit.code.guarding.marks import marked
from replaykit.code.guarding.texts import code_of, names_in
from replaykit.code.guarding.tree import Tree, bound_by, lineage, workflow_type_in

__all__ = ["Needs", "with_what_is_needed"]

_BUILTINS = frozenset(dir(builtins))


class Needs:
    """What comes back to one module of the head.

    Args:
        base: The module before.
        head: The module now.
        classes: By class of the head, that of the base which it was.
    """

    def __init__(self, base: Tree, head: Tree, classes: Mapping[str, str]) -> None:
        self._base = base
        self._head = head
        self._now = {before: now for now, before in classes.items()}
        self.top: dict[str, cst.CSTNode] = {}
        """By name, statements for the top of the module."""
        self.methods: dict[tuple[str, str], cst.FunctionDef] = {}
        """By class of the head and name."""
        self.fields: dict[tuple[str, str], cst.SimpleStatementLine] = {}
        """By class of the head and name of an attribute, the statement that gives it its value."""
        self.made: dict[str, cst.SimpleStatementLine] = {}
        """By name, what is new at the top of the module."""

    def __bool__(self) -> bool:
        return bool(self.top or self.methods or self.fields or self.made)

    @property
    def imports(self) -> Iterator[tuple[str, cst.ImportFrom]]:
        """The imports among them that take one name from a module."""
        for name, statement in self.top.items():
            found = imported_from(statement, name)
            if found is not None:
                yield name, found

    def add(self, nodes: Iterable[cst.CSTNode], owner: str) -> None:
        """Take in what statements of the base use.

        Args:
            nodes: They.
            owner: The class of the base whose code they are; empty for none.
        """
        waiting = [(node, owner) for node in nodes]
        while waiting:
            node, whose = waiting.pop()
            waiting += [(self.top[name], "") for name in sorted(names_in([node])) if self.take(name)]
            waiting += self._methods(node, whose)
            waiting += self._fields(node, whose)

    def make(self, statement: cst.SimpleStatementLine) -> None:
        """Have a statement at the top of the module, once.

        Args:
            statement: An import, or what gives a name a value.
        """
        (name,) = bound_by(statement)
        if name not in self._head.bound:
            self.made[name] = statement

    def bring(self, function: cst.FunctionDef, owner: str, base_class: str) -> None:
        """Have a function come back under the name that it has.

        Args:
            function: Of the base, renamed.
            owner: The class of the head that it goes into; empty for the top of the module.
            base_class: The class of the base that had it.
        """
        name = function.name.value
        if owner:
            self.methods[owner, name] = function
        else:
            self.top[name] = function
        self.add([function], base_class)

    def import_beside(self, name: str, used: cst.CSTNode) -> None:
        """Import a name from where the one that stands in its place is imported from.

        Args:
            name: What has come back there.
            used: The head's call of the other one; where that is of a module, there is nothing to import.
        """
        function = used.func if isinstance(used, cst.Call) else used
        if not isinstance(function, cst.Name):
            return
        statement = self._head.bound.get(function.value)
        found = imported_from(statement, function.value) if statement is not None else None
        if found is not None and isinstance(statement, cst.SimpleStatementLine):
            alias = cst.ImportAlias(name=cst.Name(name))
            self.top[name] = statement.with_changes(
                body=[found.with_changes(names=[alias], lpar=None, rpar=None)]
            )

    def take(self, name: str) -> bool:
        """Have what the base binds to a name come back.

        Args:
            name: At the top of the module.

        Returns:
            Whether it does, and did not before.
        """
        statement = self._base.bound.get(name)
        if statement is None or name in self._head.bound or name in self.top or name in _BUILTINS:
            return False
        self.top[name] = statement
        return True

    def _methods(self, node: cst.CSTNode, owner: str) -> Iterator[tuple[cst.FunctionDef, str]]:
        for name in _own_attributes(node):
            found = self._method(owner, name)
            if found is None:
                continue
            method, home = found
            now = self._now.get(home) or self._now.get(owner) or ""
            if not now or _has(self._head, now, name) or (now, name) in self.methods:
                continue
            self.methods[now, name] = method
            yield method, home

    def _fields(self, node: cst.CSTNode, owner: str) -> Iterator[tuple[cst.CSTNode, str]]:
        now = self._now.get(owner, "")
        own = self._head.classes.get(now)
        if own is None or any(_init_with_parameters(each) for each in lineage(self._head, now)):
            return
        known = {name for each in lineage(self._head, now) for name in _assigned(each)}
        for name in _own_attributes(node):
            statement = self._field(owner, name)
            if statement is not None and name not in known and (now, name) not in self.fields:
                self.fields[now, name] = statement
                yield statement, owner

    def _field(self, owner: str, name: str) -> cst.SimpleStatementLine | None:
        for each in lineage(self._base, owner):
            for method in each.body.body:
                if isinstance(method, cst.FunctionDef) and method.name.value == "__init__":
                    for statement in method.body.body:
                        if isinstance(statement, cst.SimpleStatementLine) and name in _assigned(statement):
                            return statement
        return None

    def _method(self, owner: str, name: str) -> tuple[cst.FunctionDef, str] | None:
        node = self._base.classes.get(owner)
        if node is None:
            return None
        for each in node.body.body:
            if isinstance(each, cst.FunctionDef) and each.name.value == name:
                return each, owner
        found = (self._method(code_of(b.value), name) for b in node.bases if code_of(b.value) != owner)
        return next(filter(None, found), None)


def _assigned(node: cst.CSTNode) -> set[str]:
    """The attributes of `self` that code gives a value."""
    target = m.Attribute(value=m.Name("self"))
    stores = m.findall(node, m.AssignTarget(target=target) | m.AnnAssign(target=target))
    return {each.target.attr.value for each in stores}  # type: ignore[attr-defined]


def _init_with_parameters(node: cst.ClassDef) -> bool:
    """Whether a class is made from the arguments of its run: what follows from them is not known here."""
    return any(
        isinstance(each, cst.FunctionDef)
        and each.name.value == "__init__"
        and len(each.params.params) + len(each.params.kwonly_params) > 1
        for each in node.body.body
    )


def _own_attributes(node: cst.CSTNode) -> list[str]:
    found = m.findall(node, m.Attribute(value=m.Name("self") | m.Name("cls")))
    return sorted({each.attr.value for each in found if isinstance(each, cst.Attribute)})


def _has(tree: Tree, owner: str, name: str) -> bool:
    node = tree.classes.get(owner)
    if node is None:
        return False
    own = any(isinstance(each, cst.FunctionDef) and each.name.value == name for each in node.body.body)
    return own or any(_has(tree, code_of(b.value), name) for b in node.bases if code_of(b.value) != owner)


def with_what_is_needed(module: cst.Module, needs: Needs, mark: str) -> cst.Module:
    """A module with what comes back to it.

    Args:
        module: Of the head, with its guards.
        needs: What comes back.
        mark: A comment above each function, class and constant of it.
    """
    for name, statement in (*needs.made.items(), *needs.top.items()):
        if isinstance(statement, cst.SimpleStatementLine) and _is_import(statement):
            module = with_import(module, statement, name)
    others: list[cst.BaseStatement] = [
        each.with_changes(leading_lines=[cst.EmptyLine(indent=False), *each.leading_lines])
        for each in needs.made.values()
        if not _is_import(each)
    ]
    others += [
        marked(each, mark, blank=2)
        for each in dict.fromkeys(needs.top.values())
        if not _is_import(each) and isinstance(each, cst.BaseStatement)
    ]
    if others:
        body = list(module.body)
        place = next((n for n, each in enumerate(body) if _is_workflow(each)), len(body))
        module = module.with_changes(body=[*body[:place], *others, *body[place:]])
    for (owner, _), method in needs.methods.items():
        changed = module.visit(_WithMethod(owner, marked(method, mark, blank=1)))
        assert isinstance(changed, cst.Module)
        module = changed
    owners = dict.fromkeys(owner for owner, _ in needs.fields)
    for owner in owners:
        fields = [statement for (each, _), statement in needs.fields.items() if each == owner]
        changed = module.visit(_WithFields(owner, fields, mark))
        assert isinstance(changed, cst.Module)
        module = changed
    return module


def _is_import(node: cst.CSTNode) -> bool:
    return m.matches(node, m.SimpleStatementLine(body=[m.Import() | m.ImportFrom()]))


def _is_workflow(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.ClassDef) and workflow_type_in(node) is not None


class _WithFields(cst.CSTTransformer):
    """Gives attributes of a class their first value in its `__init__`, which is made where there is none."""

    def __init__(self, owner: str, fields: Sequence[cst.SimpleStatementLine], mark: str) -> None:
        super().__init__()
        self._owner = owner
        self._fields = [marked(fields[0], mark, blank=0), *fields[1:]]

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        if original_node.name.value != self._owner or not isinstance(updated_node.body, cst.IndentedBlock):
            return updated_node
        body = list(updated_node.body.body)
        for place, each in enumerate(body):
            if isinstance(each, cst.FunctionDef) and each.name.value == "__init__":
                inside = each.body.with_changes(body=[*each.body.body, *self._fields])
                body[place] = each.with_changes(body=inside)
                break
        else:
            place = next((n for n, each in enumerate(body) if isinstance(each, cst.FunctionDef)), len(body))
            body.insert(place, self._init(bool(updated_node.bases)))
            if place + 1 < len(body) and isinstance(body[place + 1], cst.FunctionDef):
                following = body[place + 1]
                spaced = [cst.EmptyLine(indent=False), *getattr(following, "leading_lines", ())]
                body[place + 1] = following.with_changes(leading_lines=spaced)
        return updated_node.with_changes(body=updated_node.body.with_changes(body=body))

    def _init(self, has_bases: bool) -> cst.FunctionDef:
        made = cst.parse_statement("def __init__(self) -> None:\n    super().__init__()\n")
        assert isinstance(made, cst.FunctionDef)
        first = made.body.body if has_bases else ()
        return made.with_changes(body=cst.IndentedBlock(body=[*first, *self._fields]))


class _WithMethod(cst.CSTTransformer):
    def __init__(self, owner: str, method: cst.BaseStatement) -> None:
        super().__init__()
        self._owner = owner
        self._method = method

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        if original_node.name.value != self._owner or not isinstance(updated_node.body, cst.IndentedBlock):
            return updated_node
        body = updated_node.body
        return updated_node.with_changes(body=body.with_changes(body=[*body.body, self._method]))

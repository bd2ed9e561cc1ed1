"""All that differs between the files of a base and those of a change, and these with guards in them."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import libcst as cst

from replaykit.code.guarding.composing import Sides, composed
from replaykit.code.guarding.constants import Constants, Settled, changed_constants
from replaykit.code.guarding.decorators import changed_decorators
from replaykit.code.guarding.differing import Grain, Where
from replaykit.code.guarding.handlers import lost_entries
from replaykit.code.guarding.hunks import Hunk
from replaykit.code.guarding.imports import module_in, original_name
from replaykit.code.guarding.in_function import hunks_in
from replaykit.code.guarding.lifting import lifted, reshaped_methods
from replaykit.code.guarding.pairing import classes_before, function_before, name_before
from replaykit.code.guarding.reach import Place, out_of_reach
from replaykit.code.guarding.texts import code_of, names_in, plain_body
from replaykit.code.guarding.tree import Function, Tree, parsed
from replaykit.code.guarding.writing import Guard

__all__ = ["Changes"]

_MARK = "\ufeff"
"""A byte order mark, which the parser takes away."""


class Changes:
    """The files of a change, beside the same of its base.

    Args:
        base: By path, the text of each file of the base that the change alters or deletes; its line ends as
            they are in the file.
        head: The same of the change. A file that was renamed has its new path on both sides.
    """

    def __init__(self, base: Mapping[str, str], head: Mapping[str, str]) -> None:
        self._base = _trees(base)
        self._head = _trees(head)
        self._texts = dict(base)
        self._marked = {file for file, text in head.items() if text.startswith(_MARK)}
        self._both = [file for file in self._head if file in self._base]
        self._classes = {file: classes_before(self._base[file], self._head[file]) for file in self._both}
        self._constants = {
            file: changed_constants(self._base[file], self._head[file], self._classes[file])
            for file in self._both
        }
        self._refused = out_of_reach(self._head)
        self.known_patches = frozenset().union(*(each.patches for each in self._base.values()))
        """Ids of patches that the base asks about, as far as these files show them."""
        self.patches = self.known_patches.union(*(each.patches for each in self._head.values()))
        """Those that either side asks about."""

    @property
    def is_any(self) -> bool:
        """Whether code differs at all."""
        return bool(self.hunks(Grain(whole=True)))

    @property
    def obstacles(self) -> list[str]:
        """What differs and no guard can have both sides of, a sentence each."""
        return [
            text
            for file in self._both
            for text in changed_decorators(self._base[file], self._head[file], self._classes[file], file=file)
        ]

    def hunks(self, grain: Grain) -> list[Hunk]:
        """The differences, in the order of the files and their lines.

        Args:
            grain: How small they are to be.
        """
        return [hunk for file in self._both for hunk in self._in_file(file, grain)]

    def _in_file(self, file: str, grain: Grain) -> Iterator[Hunk]:
        base, head, classes = self._base[file], self._head[file], self._classes[file]
        constants = self._seen_in(file)
        reshaped = reshaped_methods(base, self._head, classes, constants, self._refused, file=file)
        for name, function in head.functions.items():
            if function.is_activity:
                continue
            was = function_before(base, function, classes)
            if Place(file, name) in self._refused:
                yield from self._lifted(Place(file, name), was, function)
                continue
            where = Where(
                file=file, function=name, line=head.lines.get(function.node, 1), lines=dict(head.lines)
            )
            owner, _, own = name.rpartition(".")
            methods = reshaped.get(owner)
            if methods is not None and own in methods.before:  # only new runs come there
                continue
            hunks = hunks_in(was, function, constants, where, grain, known=self.known_patches)
            yield from hunks if methods is None else map(methods.seen_by, hunks)
        yield from lost_entries(base, head, classes, file=file)

    def _lifted(self, place: Place, was: Function | None, now: Function) -> Iterator[Hunk]:
        """A changed function that cannot ask about a patch: those that call it do."""
        if was is None:
            return
        settled = Settled(self._seen_in(place.file), now.owner.name.value if now.owner is not None else None)
        node = was.node.with_changes(body=settled(was.node.body))
        if plain_body(node.body.body) == plain_body(now.node.body.body):
            return
        was = replace(was, node=node)
        owner = name_before(place.function, self._classes[place.file]).rpartition(".")[0]
        yield from lifted(place, was, self._head, self._refused, base_class=owner)

    def _seen_in(self, file: str) -> Constants:
        """The changed constants of a file, and those that it imports."""
        own = self._constants[file]
        names = dict(own.names)
        attributes, defaults = dict(own.attributes), dict(own.defaults)
        for local, (other, name) in self._imported(self._head[file]).items():
            theirs = self._constants.get(other)
            if theirs is None:
                continue
            if name in theirs.names and self._is_known(theirs.names[name], file):
                names[local] = theirs.names[name]
            if name in theirs.defaults:
                defaults[local] = theirs.defaults[name]
            for (owner, attribute), value in theirs.attributes.items():
                if owner == name and self._is_known(value, file):
                    attributes[local, attribute] = value
            if not name:  # the module itself
                attributes |= {(local, n): v for n, v in theirs.names.items() if self._is_known(v, file)}
        return Constants(names=names, attributes=attributes, defaults=defaults)

    def _is_known(self, value: cst.BaseExpression, file: str) -> bool:
        """Whether all that a value is made of has the same name in a file."""
        return names_in([value]) <= self._head[file].bound.keys() | set(dir(builtins))

    def _imported(self, tree: Tree) -> Mapping[str, tuple[str, str]]:
        """By local name, the file and the name there that an import makes of it; "" for the module."""
        found: dict[str, tuple[str, str]] = {}
        for local, statement in tree.bound.items():
            for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
                if isinstance(small, cst.Import):
                    dotted = next((code_of(a.name) for a in small.names if _binds(a, local)), None)
                    file = self._file_of(dotted) if dotted is not None else None
                    if file is not None:
                        found[local] = (file, "")
                if isinstance(small, cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
                    name = original_name(small, local)
                    module = module_in(small).lstrip(".")
                    file = self._file_of(module)
                    if file is not None:
                        found[local] = (file, name)
                    elif (file := self._file_of(f"{module}.{name}".lstrip("."))) is not None:
                        found[local] = (file, "")
        return found

    def _file_of(self, module: str) -> str | None:
        """The one file whose path ends like a module's name."""
        place = module.replace(".", "/")
        files = {*self._base, *self._head}
        fits = [
            file
            for file in files
            if place
            and f"/{PurePosixPath(file).with_suffix('')}".removesuffix("/__init__").endswith(f"/{place}")
        ]
        return fits[0] if len(fits) == 1 else None

    def written(self, guards: Sequence[Guard], *, mark: str) -> Mapping[str, str]:
        """By path, the text of each file that guards change.

        Args:
            guards: Each about one of the hunks, of one grain.
            mark: A comment above what comes back from the base.
        """
        sides = Sides(self._base, self._head, self._classes, self._imported)
        texts = {**composed(sides, guards, mark)}
        for file in texts:
            if file not in self._head:
                texts[file] = self._texts[file]
            elif file in self._marked:
                texts[file] = f"{_MARK}{texts[file]}"
        return texts


def _trees(texts: Mapping[str, str]) -> dict[str, Tree]:
    trees = {file: parsed(text) for file, text in texts.items()}
    return {file: tree for file, tree in trees.items() if tree is not None}


def _binds(alias: cst.ImportAlias, local: str) -> bool:
    """Whether `import ...` makes a module of ours known by a name alone."""
    if alias.asname is not None:
        return code_of(alias.asname.name).strip() == local
    return code_of(alias.name) == local

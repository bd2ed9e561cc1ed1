"""All that differs between the files of a base and those of a change, and these with guards in them."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.bringing_back import Needs, with_what_is_needed
from replaykit.code.guarding.constants import Constants, Settled, changed_constants
from replaykit.code.guarding.differing import Grain, Where, differences
from replaykit.code.guarding.handlers import lost_handlers
from replaykit.code.guarding.hunks import Hunk
from replaykit.code.guarding.imports import module_in, original_name
from replaykit.code.guarding.lifting import lifted
from replaykit.code.guarding.patch_words import patched_in
from replaykit.code.guarding.reach import Place, out_of_reach
from replaykit.code.guarding.speech import speech_of, with_speech
from replaykit.code.guarding.texts import code_of, names_in, plain_body
from replaykit.code.guarding.tree import Function, Tree, parsed, workflow_type_in
from replaykit.code.guarding.uses import uses_of
from replaykit.code.guarding.writing import Guard, written

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
        self._classes = {file: _classes(self._base[file], self._head[file]) for file in self._both}
        self._constants = {
            file: changed_constants(self._base[file], self._head[file], self._classes[file])
            for file in self._both
        }
        self._refused = out_of_reach(self._head)
        self.known_patches = frozenset().union(*(patched_in([tree.module]) for tree in self._base.values()))
        """Ids of patches that the base asks about, as far as these files show them."""
        self.patches = self.known_patches.union(*(patched_in([each.module]) for each in self._head.values()))
        """Those that either side asks about."""

    @property
    def is_any(self) -> bool:
        """Whether code differs at all."""
        return bool(self.hunks(Grain(whole=True)))

    def hunks(self, grain: Grain) -> list[Hunk]:
        """The differences, in the order of the files and their lines.

        Args:
            grain: How small they are to be.
        """
        return [hunk for file in self._both for hunk in self._in_file(file, grain)]

    def _in_file(self, file: str, grain: Grain) -> Iterator[Hunk]:
        base, head, classes = self._base[file], self._head[file], self._classes[file]
        constants = self._seen_in(file)
        for name, function in head.functions.items():
            if function.is_activity:
                continue
            was = base.functions.get(_name_before(name, classes))
            if Place(file, name) in self._refused:
                yield from self._lifted(Place(file, name), was, function)
                continue
            owner = function.owner.name.value if function.owner is not None else None
            taken: set[cst.CSTNode] = set()
            if was is not None:
                where = Where(
                    file=file,
                    function=name,
                    line=head.lines.get(function.node, 1),
                    lines=dict(head.lines),
                )
                settled = Settled(constants, owner)
                for hunk in differences(
                    was.node.body, function.node.body, where, grain, known=self.known_patches
                ):
                    taken.update(each for node in hunk.head for each in _below(node))
                    yield replace(hunk, base=tuple(map(settled, hunk.base)))
            if constants:
                lines = head.lines
                for hunk in uses_of(constants, function, file=file, lines=lines):
                    if hunk.head[0] not in taken:
                        yield hunk
        yield from lost_handlers(base, head, classes, file=file)

    def _lifted(self, place: Place, was: Function | None, now: Function) -> Iterator[Hunk]:
        """A changed function that cannot ask about a patch: those that call it do."""
        if was is None:
            return
        settled = Settled(self._seen_in(place.file), now.owner.name.value if now.owner is not None else None)
        node = was.node.with_changes(body=settled(was.node.body))
        if plain_body(node.body.body) == plain_body(now.node.body.body):
            return
        was = replace(was, node=node)
        owner = _name_before(place.function, self._classes[place.file]).rpartition(".")[0]
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
        needs = self._needs(guards)
        by_file: dict[str, list[Guard]] = {file: [] for file, each in needs.items() if each}
        for guard in guards:
            by_file.setdefault(guard.hunk.file, []).append(guard)
        texts: dict[str, str] = {}
        for file, own in by_file.items():
            if file not in self._head:
                texts[file] = self._texts[file]
                continue
            module = self._head[file].module
            speech = speech_of(self._head[file])
            module = written(module, own, speech, mark)
            if file in needs:
                module = with_what_is_needed(module, needs[file], mark)
            if own:
                module = with_speech(module, speech)
            texts[file] = f"{_MARK}{module.code}" if file in self._marked else module.code
        return texts

    def _needs(self, guards: Sequence[Guard]) -> dict[str, Needs]:
        needs = {file: Needs(self._base[file], self._head[file], self._classes[file]) for file in self._both}
        for guard in guards:
            hunk = guard.hunk
            owner = hunk.owner or _name_before(hunk.function, self._classes[hunk.file]).rpartition(".")[0]
            needs[hunk.file].add(hunk.base, owner)
            for file, home, back in hunk.brings:
                needs[file].bring(back, home, hunk.owner)
                if file != hunk.file:
                    needs[hunk.file].import_beside(back.name.value, hunk.head[0])
        waiting = list(needs)
        while waiting:
            file = waiting.pop()
            for name, other, theirs in list(self._from_elsewhere(file, needs[file], guards)):
                if other not in needs:
                    if other in self._base and other not in self._head:
                        needs[other] = Needs(self._base[other], self._base[other], {})
                        needs[other].top[name] = self._base[other].module.body[0]
                    continue
                if needs[other].take(theirs):
                    needs[other].add([needs[other].top[theirs]], "")
                    waiting.append(other)
        return needs

    def _from_elsewhere(
        self, file: str, needs: Needs, guards: Sequence[Guard]
    ) -> Iterator[tuple[str, str, str]]:
        """What a file's base uses of other files: local name, file, and name there."""
        imported = self._imported(self._base[file])
        for name, _ in needs.imports:
            if name in imported and imported[name][1]:
                yield (name, *imported[name])
        nodes = [node for guard in guards if guard.hunk.file == file for node in guard.hunk.base]
        for node in (*nodes, *needs.top.values(), *needs.methods.values(), *needs.fields.values()):
            for each in m.findall(node, m.Attribute(value=m.Name())):
                assert isinstance(each, cst.Attribute)
                assert isinstance(each.value, cst.Name)
                other, name = imported.get(each.value.value, ("", "-"))
                if other and not name:
                    yield each.value.value, other, each.attr.value


def _trees(texts: Mapping[str, str]) -> dict[str, Tree]:
    trees = {file: parsed(text) for file, text in texts.items()}
    return {file: tree for file, tree in trees.items() if tree is not None}


def _classes(base: Tree, head: Tree) -> dict[str, str]:
    """By class of the head, that of the base which it was: of its name, or of its workflow type."""
    found = {name: name for name in head.classes if name in base.classes}
    for name, node in head.classes.items():
        kind = workflow_type_in(node)
        was = base.class_of_type(kind) if kind is not None and name not in found else None
        if was is not None and was.name.value not in found.values():
            found[name] = was.name.value
    return found


def _name_before(name: str, classes: Mapping[str, str]) -> str:
    owner, dot, own = name.rpartition(".")
    return f"{classes.get(owner, owner)}{dot}{own}"


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _below(child)


def _binds(alias: cst.ImportAlias, local: str) -> bool:
    """Whether `import ...` makes a module of ours known by a name alone."""
    if alias.asname is not None:
        return code_of(alias.asname.name).strip() == local
    return code_of(alias.name) == local

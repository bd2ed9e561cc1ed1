"""The files of a change with guards in them, and with what these need of the base."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m

from replaykit.code.guarding.bringing_back import Needs, with_what_is_needed
from replaykit.code.guarding.pairing import name_before
from replaykit.code.guarding.speech import speech_of, with_speech
from replaykit.code.guarding.tree import Tree
from replaykit.code.guarding.writing import Guard, written

__all__ = ["Sides", "composed"]


class Sides(NamedTuple):
    """The modules of both sides, by file."""

    base: Mapping[str, Tree]
    head: Mapping[str, Tree]
    classes: Mapping[str, Mapping[str, str]]
    """Of the files that both have: by class of the head, that of the base which it was."""
    imported: Callable[[Tree], Mapping[str, tuple[str, str]]]
    """By local name, the file and the name there that an import makes of it."""


def composed(sides: Sides, guards: Sequence[Guard], mark: str) -> Mapping[str, str]:
    """By file, the code of each that guards change; of one that comes back whole, its code in the base.

    Args:
        sides: The modules.
        guards: Each about one of the hunks, of one grain.
        mark: A comment above what comes back from the base.
    """
    needs = _needs(sides, guards)
    by_file: dict[str, list[Guard]] = {file: [] for file, each in needs.items() if each}
    for guard in guards:
        by_file.setdefault(guard.hunk.file, []).append(guard)
    texts: dict[str, str] = {}
    for file, own in by_file.items():
        if file not in sides.head:
            texts[file] = sides.base[file].module.code
            continue
        speech = speech_of(sides.head[file])
        module = written(sides.head[file].module, own, speech, mark)
        if file in needs:
            module = with_what_is_needed(module, needs[file], mark)
        texts[file] = with_speech(module, speech).code if own else module.code
    return texts


def _needs(sides: Sides, guards: Sequence[Guard]) -> dict[str, Needs]:
    needs = {
        file: Needs(sides.base[file], sides.head[file], classes) for file, classes in sides.classes.items()
    }
    for guard in guards:
        hunk = guard.hunk
        owner = hunk.owner or name_before(hunk.function, sides.classes[hunk.file]).rpartition(".")[0]
        needs[hunk.file].add(hunk.base, owner)
        for statement in hunk.adds:
            needs[hunk.file].make(statement)
        for file, home, back in hunk.brings:
            needs[file].bring(back, home, hunk.owner)
            if file != hunk.file:
                needs[hunk.file].import_beside(back.name.value, hunk.head[0])
    waiting = list(needs)
    while waiting:
        file = waiting.pop()
        for name, other, theirs in list(_from_elsewhere(sides, file, needs[file], guards)):
            if other not in needs:
                if other in sides.base and other not in sides.head:
                    needs[other] = Needs(sides.base[other], sides.base[other], {})
                    needs[other].top[name] = sides.base[other].module.body[0]
                continue
            if needs[other].take(theirs):
                needs[other].add([needs[other].top[theirs]], "")
                waiting.append(other)
    return needs


def _from_elsewhere(
    sides: Sides, file: str, needs: Needs, guards: Sequence[Guard]
) -> Iterator[tuple[str, str, str]]:
    """What a file's base uses of other files: local name, file, and name there."""
    imported = sides.imported(sides.base[file])
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

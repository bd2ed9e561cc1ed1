"""What a change does to the code of workflows, and what fixtures show of the patches in it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.check import Registered
from replaykit.code.changed import changed_workflows, removed_patches, removed_unread
from replaykit.code.changed_lines import changed_lines
from replaykit.code.reachable import Running, WorkflowCode, reached_below
from replaykit.config import Config
from replaykit.gate.base_code import BaseCode
from replaykit.gate.facts import Facts
from replaykit.gate.patch_child import taken
from replaykit.gate.patches import questions_of
from replaykit.gate.reach_child import going_through
from replaykit.gate.requirements import Asked, asked_by, patches_asked_for
from replaykit.gate.unconfigured import Unconfigured, added_unconfigured
from replaykit.patches.patch import Took
from replaykit.revisions import git

__all__ = ["CodeChange", "code_change_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeChange:
    """The code of both sides compared."""

    changed: frozenset[str] = frozenset()
    """Types of the workflows that the change alters."""
    removed_patches: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By workflow type, the patches whose old branch the change takes away."""
    removed_unread: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By workflow type, what calls of `patched` that the change takes away were given, where that is no id
    that can be read."""
    asked: tuple[Asked, ...] = ()
    """What a fixture has to show."""
    shown_by: frozenset[str] = frozenset()
    """Keys of the new fixtures whose runs go through the changed code."""
    unconfigured: tuple[Unconfigured, ...] = ()
    """Workflows that it adds to the source, and that no worker runs."""
    taken: Mapping[str, Mapping[str, Took]] = field(default_factory=dict)
    """By key of a fixture and id of a patch, which branch its run took."""


def code_change_of(
    config: Config,
    code: BaseCode | None,
    facts: Mapping[str, Facts],
    before: Sequence[Facts],
    paths: Sequence[Path],
    *,
    registered: Sequence[Registered],
    at_base: Sequence[Registered] = (),
    added: Collection[str] = (),
) -> CodeChange:
    """Compare the code of a change with that of its base.

    Args:
        config: The change's.
        code: Where the base's code lies; None for no base.
        facts: The fixtures of the change, by key.
        before: Those of the base.
        paths: What the user named: then other fixtures may show what the policy asks for.
        registered: What the workers of the change run.
        at_base: What those of the base do.
        added: Keys of the fixtures that came with the change.
    """
    here = _folders(config, code)
    now = _reached(config.root, here, registered)
    was: Mapping[str, WorkflowCode] = {}
    if code is not None:
        moved = [code.trees.counterpart(folder) for folder in here]
        was = _reached(code.root, [folder for folder in moved if folder is not None], at_base)
    removed = removed_patches(now, was)
    asked = () if paths else asked_by(config.gate.requires, facts.values(), before)
    questions = questions_of(facts, removed, patches_asked_for(asked), now, was)
    then = taken(config, code, questions.at_base)
    today = taken(config, None, questions.at_head)
    changed = frozenset(changed_workflows(now, was))
    recorded = {(each.run_id, length) for each in before for length in range(each.events + 1)}
    new = {
        key: facts[key].path
        for key in added
        # The same run as far as the base has it, or less of it, is nothing new.
        if facts[key].workflow_type in changed and (facts[key].run_id, facts[key].events) not in recorded
    }
    lines = changed_lines([*_files(code)]) if code is not None and new else {}
    return CodeChange(
        changed=changed,
        shown_by=going_through(config, lines, new),
        removed_patches=removed,
        removed_unread=removed_unread(now, was),
        unconfigured=() if code is None else added_unconfigured(config, code.root, registered),
        asked=asked,
        taken={key: {**then.get(key, {}), **today.get(key, {})} for key in (*then, *today)},
    )


def _files(code: BaseCode) -> Iterator[tuple[Path, Path | None]]:
    """The Python files of the change, each with the base's: what uses changed names lies in any of them."""
    listed = git(code.trees.here, "ls-files", "--cached", "--others", "--exclude-standard", "-z") or ""
    for name in listed.split("\0"):
        path = code.trees.here / name
        if name.endswith(".py") and path.is_file():
            old = code.place_of(path) if path.is_relative_to(code.head_root) else code.trees.there / name
            yield path, old if old.is_file() else None


def _reached(
    root: Path, folders: Sequence[Path], registered: Sequence[Registered]
) -> Mapping[str, WorkflowCode]:
    running: list[Running] = []
    unloaded: list[tuple[str, str]] = []
    for each in registered:
        if each.code is not None and each.code.file is not None:
            running.append(
                Running(
                    worker=each.worker,
                    workflow_type=each.workflow_type or each.code.class_name,
                    module=each.code.module,
                    class_name=each.code.class_name,
                    file=Path(each.code.file),
                )
            )
        elif each.workflow_type is not None:
            unloaded.append((each.worker, each.workflow_type))
    return reached_below(root, folders, running, unloaded)


def _folders(config: Config, code: BaseCode | None) -> list[Path]:
    """The folders of the repository that modules are imported from, besides the project and its `src`."""
    named = [config.root / path for worker in (config.shared, *config.workers) for path in worker.path]
    if code is not None:
        named += [Path(entry) for entry in sys.path if entry and code.trees.counterpart(entry) is not None]
    return [folder for folder in named if "site-packages" not in folder.parts]

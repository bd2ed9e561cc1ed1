"""The process that answers which branch recorded runs took at patches: by the base's code or the change's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from replaykit.check import NoWorker, Workers
from replaykit.config import Config
from replaykit.errors import HistoryError, ReplaykitError
from replaykit.gate.base_child import CodeToRun, at_base, config_of
from replaykit.gate.base_code import BaseCode
from replaykit.history import read_history
from replaykit.patches.answers import Answering
from replaykit.patches.patch import Took
from replaykit.processes import Children, Parent, Program, to_answer, to_load

__all__ = ["main", "taken"]


def taken(
    config: Config, code: BaseCode | None, questions: Mapping[str, tuple[Path, frozenset[str]]]
) -> Mapping[str, Mapping[str, Took]]:
    """What runs did at patches, in a process of its own.

    Args:
        config: The change's.
        code: Where the base's code lies; None for the change's own.
        questions: By key, a fixture and the ids to ask about.

    Returns:
        By key and id; nothing where the code does not load, or does not survive the replay.
    """
    if not questions:
        return {}
    with TemporaryDirectory(prefix="replaykit-notes-") as folder:
        root = config.root if code is None else code.root
        program = Program(
            function="replaykit.gate.patch_child:main",
            what="the process that looks at patches",
            opening=CodeToRun(root=root, head=config, code=code, notes=Path(folder, "modules")),
            loading_s=to_load(config.timeout_s),
            env={} if code is None else code.env(),
        )
        with Children() as children:
            child = children.of(program)
            found: dict[str, Mapping[str, Took]] = {}
            for key, (path, ids) in questions.items():
                # Code that does not load, or does not survive a replay, is an Issue of its own.
                with suppress(ReplaykitError):
                    if not child.is_running:
                        child.start()
                    child.send((path, tuple(sorted(ids))))
                    found[key] = child.hear(to_answer(config.timeout_s))
            return found


def main(parent: Parent) -> None:
    """Answer for one fixture after the other."""
    opening: CodeToRun = parent.receive()
    os.chdir(opening.root)
    asking = at_base(parent, opening)
    config = config_of(opening.root, opening.head)
    workers = Workers(config)
    asking.send(None)
    while True:
        path, ids = parent.receive()
        asking.send(_took(workers, config, opening, path, ids))


def _took(
    workers: Workers, config: Config, opening: CodeToRun, path: Path, ids: tuple[str, ...]
) -> Mapping[str, Took]:
    try:
        history = read_history(path, limits=config.limits)
    except HistoryError:
        return {}
    worker = workers.of(opening.placed(history))
    if isinstance(worker, NoWorker):
        return {}
    with Answering(worker, root=config.root, timeout_s=config.timeout_s) as answering:
        found, _ = answering.took(history, ids)
    return found

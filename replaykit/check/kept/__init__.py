"""Verdicts of earlier checks, which still hold where nothing has changed that they depend on.

`surroundings`, `project` and what `replaykit.code.needed` reads of the source say what a Verdict depends on;
what the processes that judged have opened is added to it. `memory` is the file, `answers` decides.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace

from replaykit.check.judge import Judge
from replaykit.check.kept.answers import Answers, Decision
from replaykit.check.kept.judge import KeptCheck
from replaykit.check.kept.memory import Memory
from replaykit.check.kept.project import Project
from replaykit.config import Config

__all__ = ["Decision", "KeptCheck", "kept_check"]


def kept_check(
    config: Config,
    make: Callable[[Config], AbstractContextManager[Judge]],
    *,
    door: str,
    seed: int | None = None,
    loaded: Iterable[str] = (),
    traced: bool = True,
) -> KeptCheck:
    """The Judge that answers from before where nothing has changed.

    Args:
        config: What to judge with.
        make: Makes what judges the rest, on the import path of this process; given the Config, which has it
            note what is opened.
        door: Who has it judge, in a word: each has its own memory.
        seed: The hash seed that was asked for; None where any will do.
        loaded: Files of the user's that stand around the code, such as a conftest.py: they count for all.
        traced: Whether all that the code opens is seen; else what may open a file is always replayed.
    """
    config = replace(config, changed=True)
    path = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100  # "" is the current folder
    files = tuple(loaded)

    def look(memory: Memory) -> Project:
        return Project(
            config, path=path, door=door, seed=seed, loaded=files, known=memory.needs, traced=traced
        )

    return KeptCheck(config, Answers(config, door, look), lambda: make(config))

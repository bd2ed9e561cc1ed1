"""The program of a process that judges."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from replaykit.check.questions import ToLoad
from replaykit.config import Config
from replaykit.processes import Program, to_answer, to_load

__all__ = ["judging_child", "judging_child_here"]


def judging_child_here(
    config: Config, *, evidence: bool = False, on_output: Callable[[bytes], None] | None = None
) -> Program:
    """The Program of a child that judges by the code of this folder, imported as this process would.

    Args:
        config: What it judges with.
        evidence: Put the whole alignment and the timeline into each Verdict.
        on_output: Given what the code prints.
    """
    return judging_child(
        config,
        opening=ToLoad(config=config, evidence=evidence),
        path=[os.path.abspath(path) for path in sys.path],  # noqa: PTH100  # "" is the current folder
        on_output=on_output,
    )


def judging_child(
    config: Config,
    *,
    what: str = "the replay process",
    function: str = "replaykit.check.inside_child:main",
    opening: object,
    path: Sequence[str] | None = None,
    env: Mapping[str, str] | None = None,
    on_output: Callable[[bytes], None] | None = None,
) -> Program:
    """The Program of a child that judges.

    Args:
        config: Its deadlines are these.
        what: What it stands for, in messages.
        function: What it runs: a function that ends in `serve`.
        opening: What that function receives first.
        path: Its `sys.path`; by default what Python makes of the environment.
        env: Environment variables besides our own.
        on_output: Given what the code prints.
    """
    return Program(
        function=function,
        what=what,
        opening=opening,
        loading_s=to_load(config.timeout_s),
        silence_s=to_answer(config.timeout_s),
        env=env or {},
        path=path,
        on_output=on_output,
    )

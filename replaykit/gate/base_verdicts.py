"""Judges fixtures in processes of their own: by the base's code, or by another release of the SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from replaykit.check import PoolCheck, Registered
from replaykit.check.hash_seeds import VARIABLE
from replaykit.check.programs import judging_child
from replaykit.config import Config
from replaykit.errors import ReplaykitError
from replaykit.gate.base_child import CodeToRun
from replaykit.gate.base_code import BaseCode
from replaykit.gate.notes import Notes, noted
from replaykit.temporary import temporary_folder
from replaykit.verdict import Verdict

__all__ = ["Answer", "Request", "judged_elsewhere"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be judged, and by what."""

    root: Path
    """The project whose code judges."""
    head: Config
    """The configuration of the change, for a base that has none; strictness is always its."""
    files: Mapping[str, Path]
    """Fixtures, each under a key; absolute paths, for the process has another current folder."""
    code: BaseCode | None = None
    """Where the code lies in a base's tree; None for the code that is checked out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The result."""

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By key; none at all where nothing could be judged. What the process did not survive is unjudged."""
    registered: tuple[Registered, ...] = ()
    """What the code registers."""
    sdk: str = ""
    """Release of temporalio."""
    error: str | None = None
    """Why nothing could be judged: the code does not load."""
    modules: Notes = field(default=Notes())
    """Those from outside the base's tree."""

    @property
    def workflow_types(self) -> frozenset[str | None]:
        """The types that it registers; None for a dynamic workflow."""
        return frozenset(entry.workflow_type for entry in self.registered)


def judged_elsewhere(request: Request, *, what: str, env: Mapping[str, str] | None = None) -> Answer:
    """Judge fixtures in new processes, in one where the hash seed is given.

    Args:
        request: What to judge.
        what: What a process stands for, for messages.
        env: Environment variables besides our own.
    """
    with temporary_folder("notes") as folder:
        notes = folder / "modules"
        answer = _judged(
            request, notes, what, {**(env or {}), **(request.code.env() if request.code else {})}
        )
        return replace(answer, modules=noted(notes))


def _judged(request: Request, notes: Path, what: str, env: Mapping[str, str]) -> Answer:
    program = judging_child(
        request.head,
        what=what,
        function="replaykit.gate.base_child:main",
        opening=CodeToRun(root=request.root, head=request.head, code=request.code, notes=notes),
        env=env,
    )
    config, seed = request.head, env.get(VARIABLE)
    if seed is not None:  # what came of it is compared with another run under it
        config = replace(config, jobs=1)
    with PoolCheck(config, program=program, seed=None if seed is None else int(seed)) as judge:
        try:
            loaded = judge.loaded
        except ReplaykitError as error:
            return Answer(error=str(error))
        verdicts = dict(zip(request.files, judge.judge_files(request.files), strict=True))
        registered = judge.registered(whole=True)
    return Answer(verdicts=verdicts, registered=tuple(registered), sdk=loaded.sdk)

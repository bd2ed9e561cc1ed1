"""What the process that tries code is asked: values alone, which load neither the SDK nor LibCST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replaykit.explore.searching.head import Question
    from replaykit.explore.searching.repeating import ToRepeat

__all__ = ["Candidate", "Ready", "ToGrow", "ToJudgeGrown", "ToTry"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """The code to judge by from now on; the answer is `Ready`."""

    texts: Mapping[str, str]
    """By absolute path, what stands for a file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """The code can be asked."""

    problem: str = ""
    """Why it cannot; empty where it can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToTry:
    """A fixture to judge; the answer is a Verdict."""

    path: Path
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToGrow:
    """Stories to grow or to repeat; the answer is a `Repeated`."""

    question: ToRepeat


@dataclass(frozen=True, kw_only=True, slots=True)
class ToJudgeGrown:
    """A grown History to judge; the answer is a Verdict."""

    question: Question

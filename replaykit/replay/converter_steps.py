"""What a data converter does for the SDK, step by step, and what to do about one that does not come back.

Without temporalio: a process that only asks another one for Verdicts reads stacks with it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

__all__ = [
    "STEPS",
    "ConverterStep",
    "cure_of_loss",
    "cure_of_silence",
    "is_guard",
    "step_in",
    "step_in_stack",
]

_CODEC = "codec"
_FAILURE_CONVERTER = "failure converter"
_GUARD = Path(__file__).with_name("converting.py")
_FRAME = re.compile(r'^  File "(.*)", line \d+,? in (.*)$', re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConverterStep:
    """What a data converter was doing."""

    part: str
    """`codec` or `failure converter`."""
    is_reading: bool
    """Whether it read what the History holds, rather than wrote what the code asked for."""

    @property
    def is_of_codec(self) -> bool:
        """Whether the codec does it."""
        return self.part == _CODEC


STEPS: Mapping[str, ConverterStep] = {
    "encode": ConverterStep(part=_CODEC, is_reading=False),
    "encode_wrapper": ConverterStep(part=_CODEC, is_reading=False),
    "encode_failure": ConverterStep(part=_CODEC, is_reading=False),
    "decode": ConverterStep(part=_CODEC, is_reading=True),
    "decode_wrapper": ConverterStep(part=_CODEC, is_reading=True),
    "decode_failure": ConverterStep(part=_CODEC, is_reading=True),
    "to_failure": ConverterStep(part=_FAILURE_CONVERTER, is_reading=False),
    "from_failure": ConverterStep(part=_FAILURE_CONVERTER, is_reading=True),
}
"""By the name of a function of `converting.py`, through which the SDK calls what the worker configured."""


def is_guard(code: CodeType) -> bool:
    """Whether code is of `converting.py`: what lies inside of it on a stack is the converter's own."""
    return code.co_filename == str(_GUARD)


def step_in(codes: Iterable[CodeType]) -> ConverterStep | None:
    """What the data converter was doing on a stack, or where an exception came through; None for nothing."""
    names = (code.co_name for code in codes if is_guard(code))
    return next((STEPS[name] for name in names if name in STEPS), None)


def step_in_stack(stack: str) -> ConverterStep | None:
    """The same of a stack as faulthandler writes it, in another process."""
    names = (name for file, name in _FRAME.findall(stack) if Path(file) == _GUARD)
    return next((STEPS[name] for name in names if name in STEPS), None)


def cure_of_loss(step: ConverterStep) -> str:
    """What there is to do about a step that ended its process, or held it up altogether."""
    return f"A worker would be lost there too: let the {step.part} raise an Exception, and wait for nothing"


def cure_of_silence(step: ConverterStep) -> str:
    """What there is to do about a step that gives no answer."""
    if step.is_of_codec:
        return (
            "Where the codec asks a key service: can that be reached from here? Give its own call a "
            "deadline, or configure a codec that needs none"
        )
    return "Let the failure converter return without waiting for anything"

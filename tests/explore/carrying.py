"""Whether a data converter can carry the values of a hint there and back."""

from __future__ import annotations

import random
from typing import Any

from temporalio.converter import DataConverter, PayloadConverter

from replaykit.errors import ValuesError
from replaykit.explore.values.hints import bare, name_of
from replaykit.explore.values.shapes import Shape

__all__ = ["ensure_carried"]

_PROBES = 20


def ensure_carried(shape: Shape, converter: DataConverter) -> None:
    """Send values of a shape through the payload converter and back; the codec is left out.

    Raises:
        ValuesError: One of them is not carried. It names the innermost hint that is not.
    """
    if shape.arguments:
        for argument in shape.parts:
            ensure_carried(argument, converter)
    hints = [bare(hint) for hint in shape.hints]
    error = _refusal(shape, hints, converter.payload_converter)
    if error is None:
        return
    guilty = next((part for part in shape.parts if _is_guilty(part, converter.payload_converter)), shape)
    whole, inner = (" or ".join(map(name_of, place.hints)) for place in (shape, guilty))
    inside = "" if guilty is shape or inner == whole else f", which is inside {whole}"
    raise ValuesError(
        f"the data converter does not carry {inner}{inside}: {type(error).__name__}: {error}",
        where=guilty.where,
        cure="The worker would fail at it too. temporalio.contrib.pydantic carries more types; "
        "or change the hint, or give what is carried: Values(types={...}).",
    ) from error


def _is_guilty(part: Shape, converter: PayloadConverter) -> bool:
    return _refusal(part, [bare(hint) for hint in part.hints], converter) is not None


def _refusal(shape: Shape, hints: list[Any], converter: PayloadConverter) -> Exception | None:
    rng = random.Random(0)
    for value in (shape.simplest(), *(shape.sample(rng) for _ in range(_PROBES))):
        values = list(value) if shape.arguments else [value]
        try:
            converter.from_payloads(converter.to_payloads(values), hints[: len(values)])
        except Exception as error:
            return error
    return None

"""What the code raised is kept, however hard it is to show."""

from __future__ import annotations

import itertools

import pytest

from replaykit.replay.raised import failure_of


class TextRaises(Exception):
    def __str__(self) -> str:
        raise LookupError("no text")

    __repr__ = __str__


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def chain(length: int, *, is_circle: bool = False) -> BaseException:
    errors = [ValueError(str(number)) for number in range(length)]
    for error, cause in itertools.pairwise(errors):
        error.__cause__ = cause
    if is_circle:
        errors[-1].__cause__ = errors[0]
    return errors[0]


def test_a_text_that_raises_hides_nothing() -> None:
    failure = failure_of(raised(TextRaises()))
    assert failure.error_type == "TextRaises"
    assert failure.message == "(its text cannot be made: LookupError)"
    assert "test_raised.py" in failure.stack


def test_a_cause_with_such_a_text() -> None:
    error = ValueError("outer")
    error.__cause__ = TextRaises()
    assert failure_of(raised(error)).causes == ("TextRaises: (its text cannot be made: LookupError)",)


@pytest.mark.parametrize("is_circle", [True, False])
def test_causes_of_any_number(is_circle: bool) -> None:
    failure = failure_of(raised(chain(3_000, is_circle=is_circle)))
    assert failure.causes == tuple(f"ValueError: {number}" for number in range(1, 11))


def test_a_short_circle_is_gone_round_once() -> None:
    assert failure_of(raised(chain(2, is_circle=True))).causes == ("ValueError: 1",)


def test_a_group_comes_before_its_cause() -> None:
    inner = type("Group", (Exception,), {"exceptions": (KeyError("a"), KeyError("b"))})("both")
    inner.__cause__ = ValueError("cause")
    assert failure_of(raised(inner)).causes == ("KeyError: 'a'", "KeyError: 'b'", "ValueError: cause")


def test_what_is_no_sequence_of_exceptions_is_no_group() -> None:
    odd = type("Odd", (Exception,), {"exceptions": 3})("odd")
    assert failure_of(raised(odd)).causes == ()


def test_a_long_text_is_cut() -> None:
    failure = failure_of(raised(ValueError("x" * 1_000_000)))
    assert failure.message.endswith("... (1,000,000 characters)")
    assert len(failure.message) < 11_000
    assert len(failure.stack) < 12_000

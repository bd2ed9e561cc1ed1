"""Core's sentences, as temporalio 1.35 writes them, and what is read from each."""

from __future__ import annotations

import pytest

from replaykit.replay.core_text import read_core_text


def dump(message: str) -> str:
    """The Rust debug dump that Core wraps around a sentence."""
    return (
        "Workflow activation completion failed: Failure { failure: Some(Failure { message: "
        f'"[TMPRL1100] Nondeterminism error: {message}", source: "", stack_trace: "", '
        "encoded_attributes: None, cause: None, failure_info: Some(ApplicationFailureInfo(..)) }), "
        "force_cause: NonDeterministicError }"
    )


@pytest.mark.parametrize(
    ("message", "sentence", "event_id", "event_name", "patch"),
    [
        (
            "Activity type of scheduled event 'a' does not match activity type of activity command 'b'",
            "Activity type of scheduled event 'a' does not match activity type of activity command 'b'",
            None,
            None,
            None,
        ),
        (
            "Timer machine does not handle this event: HistoryEvent(id: 5, ActivityTaskScheduled)",
            "Timer machine does not handle this event: event 5 (ActivityTaskScheduled)",
            5,
            "ActivityTaskScheduled",
            None,
        ),
        (
            "No command scheduled for event HistoryEvent(id: 11, TimerStarted)",
            "No command scheduled for event 11 (TimerStarted)",
            11,
            "TimerStarted",
            None,
        ),
        (
            "During event handling, this event had an initial command ID but we could not find a matching "
            "command for it: HistoryEvent { event_id: 7, event_time: None, event_type: TimerFired }",
            "During event handling, this event had an initial command ID but we could not find a matching "
            "command for it: event 7",
            7,
            None,
            None,
        ),
        (
            "Non-deprecated patch marker encountered for change my-patch, but there is no corresponding "
            "change command!",
            "Non-deprecated patch marker encountered for change my-patch, but there is no corresponding "
            "change command!",
            None,
            None,
            "my-patch",
        ),
    ],
)
def test_known_sentences(
    message: str, sentence: str, event_id: int | None, event_name: str | None, patch: str | None
) -> None:
    text = read_core_text(dump(message))
    assert (text.sentence, text.patch) == (sentence, patch)
    assert (text.event_id, text.event_name) == (event_id, event_name)


def test_an_unknown_text_is_its_own_sentence() -> None:
    assert read_core_text("8: something\n  else entirely").sentence == "8: something else entirely"


def test_quotes_inside_a_message_survive() -> None:
    raw = r'4: failed: Failure { message: "no \"key\" here", cause: Some(Failure { message: "inner" }) }'
    assert read_core_text(raw).sentence == 'no "key" here'

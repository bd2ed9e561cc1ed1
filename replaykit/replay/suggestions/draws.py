"""Values that are drawn from the run's generator where the recorded run drew none, or no longer."""

from __future__ import annotations

from collections.abc import Sequence

from replaykit.code.statements import statement_at
from replaykit.replay.suggestions.value import Suggestion
from replaykit.verdict import SourceLine, SuggestionKind

__all__ = ["drawn_less", "drawn_more"]

_MOST_LINES = 3
_OF_WORDS = {1: "workflow.random().getrandbits(32)", 2: "workflow.random().random()", 4: "workflow.uuid4()"}


def drawn_more(call: str, source: SourceLine, *, shown: SourceLine, also: Sequence[SourceLine]) -> Suggestion:
    """The code draws once more than it did.

    Args:
        call: What its line calls for it.
        source: The line, its file as the interpreter knows it.
        shown: The same as a Verdict names it.
        also: Other lines whose draw would explain it as well.
    """
    statement = statement_at(source)
    code = statement.shown(most_lines=_MOST_LINES) if statement is not None else [f"...  # {call}"]
    other = f" It does so without the one at {' or at '.join(map(_place, also))} too." if also else ""
    guarded = [*(f"    {line}" for line in code), "else:", "    ...  # as it was, without that draw"]
    lines = ['if workflow.patched("another-draw"):', *guarded]
    return Suggestion(
        kind=SuggestionKind.SHIFTED_DRAW,
        text="\n".join(
            [
                f"`{call}` at {_place(shown)} draws a value that the recorded run did not: the values drawn "
                "after it are shifted. This was tried: without that draw the recorded value comes out."
                f"{other} Draw it after them, or guard it:",
                *(f"    {line}" for line in lines),
            ]
        ),
    )


def drawn_less(call: str, *, shown: SourceLine, words: int) -> Suggestion:
    """The code no longer draws what it drew.

    Args:
        call: What the line calls that draws next.
        shown: That line, as a Verdict names it.
        words: How much was drawn before it: words of 32 bits.
    """
    return Suggestion(
        kind=SuggestionKind.SHIFTED_DRAW,
        text="\n".join(
            [
                f"the recorded run drew a value before `{call}` at {_place(shown)} that this code does not: "
                "the values drawn from there on are shifted. This was tried: with one more draw the recorded "
                "value comes out. Keep the draw for the runs that have it:",
                '    if not workflow.patched("one-draw-less"):',
                f"        {_OF_WORDS[words]}",
            ]
        ),
    )


def _place(source: SourceLine) -> str:
    return f"{source.file}:{source.line}"

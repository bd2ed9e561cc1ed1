"""What becomes of the code that a hint shows, pasted where it points: what `replaykit fix` is compared with.

Where a snippet has `...` for what was recorded, the statement of the base that asked for it takes its place,
as a careful user would do it. A hint without code has nothing to paste.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from replaykit.check import Check
from replaykit.code.statements import Statement, statement_at
from replaykit.config import Config, WorkerConfig
from replaykit.errors import WorkflowCodeError
from replaykit.verdict import Outcome, SourceLine, SuggestionKind, Verdict
from tests.fix.sides import fixture_of, sides_of
from tests.pairs.pair import Pair

__all__ = ["Pasting", "pasted"]

_GAP = re.compile(r"^(\s*)\.\.\.  # (.*?)(?:,? (?:first, )?as it was)?$")


class Pasting:
    """Judges pairs with the hint of their divergence pasted.

    Args:
        folder: An empty one, from which modules can be imported.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def is_cure(self, pair: Pair) -> bool:
        """Whether the recorded run replays strictly with it."""
        base, head = sides_of(pair)
        fixture = fixture_of(pair)
        hint, at_base = self._verdict(head, fixture), self._verdict(base, fixture)
        assert hint is not None
        assert at_base is not None
        text = pasted(head, hint, at_base, self._folder)
        verdict = self._verdict(text, fixture) if text is not None else None
        return verdict is not None and verdict.outcome is Outcome.CONSISTENT

    def _verdict(self, code: str, fixture: Path) -> Verdict | None:
        """What code makes of a history; None for code that cannot be imported."""
        self._count += 1
        module = f"pasted_{self._count}"
        (self._folder / f"{module}.py").write_text(code)
        worker = WorkerConfig(workflows=(f"{module}:Flow",))
        config = Config(root=self._folder, workers=(worker,), shared=worker, strict=True, timeout_s=20)
        try:
            with Check(config, evidence=True) as check:
                return check.judge(fixture)
        except WorkflowCodeError:
            return None


def pasted(head: str, hint: Verdict, base: Verdict, root: Path) -> str | None:
    """The change's code with a hint's snippet in it; None where the hint shows no code.

    Args:
        head: The text of its file.
        hint: The change's Verdict.
        base: The base's, with evidence: it shows which line asked for each event.
        root: Where the files of both lie.
    """
    divergence = hint.divergence
    assert divergence is not None
    code = [line for line in (divergence.suggestion or "").splitlines() if line.startswith("    ")]
    if not code or "patched(" not in "\n".join(code) or divergence.source is None:
        return None
    snippet = textwrap.dedent("\n".join(code)).splitlines()
    olds = {step.recorded: _found(step.source, root) for step in base.steps if step.recorded}
    lines = head.splitlines()
    here = _found(divergence.source, root)
    if here is None:
        return None
    filled = [each for line in snippet for each in _filled(line, olds)]
    whole = _flat("\n".join(snippet))
    first = lines[here.first - 1]
    indent = first[: len(first) - len(first.lstrip())]
    block = [f"{indent}{line}" if line else "" for line in filled]
    is_replaced = _flat("\n".join(here.lines)) in whole
    rest = lines[here.last :] if is_replaced else lines[here.first - 1 :]
    if divergence.suggestion_kind is SuggestionKind.REORDERED:
        rest = _without(rest, whole)
    return "\n".join([*lines[: here.first - 1], *block, *rest]) + "\n"


def _found(source: SourceLine | None, root: Path) -> Statement | None:
    return statement_at(replace(source, file=str(root / source.file))) if source is not None else None


def _filled(line: str, olds: dict[str, Statement | None]) -> list[str]:
    """A line of a snippet, or what stands for its gap."""
    gap = _GAP.match(line)
    if gap is None:
        return [line]
    statement = olds.get(gap.group(2))
    if statement is None:
        return [f"{gap.group(1)}pass"]
    return [f"{gap.group(1)}{each}" for each in statement.lines]


def _without(lines: Sequence[str], snippet: str) -> list[str]:
    """The lines below a snippet of two statements in two orders, without the other one of them."""
    kept, gone = [], False
    for line in lines:
        flat = _flat(line)
        if not gone and flat.startswith("await ") and flat.endswith(")") and flat in snippet:
            gone = True
            continue
        kept.append(line)
    return kept


def _flat(code: str) -> str:
    return " ".join(code.split())

"""Test items about the corpus as a whole, beside those of single histories.

Part of the plugin: it too imports the engine inside of functions only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from replaykit.plugin.failures import PrintedBlock

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo, TerminalRepr

    from replaykit.check import Check
    from replaykit.report.rows import Block

__all__ = [
    "PERTURBATION",
    "REQUIRED",
    "SELF_TEST",
    "Answer",
    "GateItem",
    "fixtures_answer",
    "perturbation_answer",
    "self_test_answer",
]

SELF_TEST = "replaykit_self_test"
REQUIRED = "replaykit_required_fixtures"
PERTURBATION = "replaykit_perturbation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The result of an item about the corpus."""

    block: Block
    fails: bool


class _Failed(Exception):
    """Carries the Answer of a failed item to its report."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.block.head.line)
        self.answer = answer


class GateItem(pytest.Item):
    """One question about all fixtures together.

    Args:
        ask: Answers it; called once, when the item runs.
        label: Name of the property that keeps the answer's headline in the item's report.
    """

    def __init__(self, *, ask: Callable[[], Answer], label: str, **kwargs: Any) -> None:
        super().__init__(nodeid=f"replaykit::{kwargs['name']}", **kwargs)
        self.ask = ask
        self.label = label
        self.add_marker("replay")

    def runtest(self) -> None:
        answer = self.ask()
        self.user_properties.append((self.label, answer.block.head.line))
        if answer.fails:
            raise _Failed(answer)

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        from replaykit.errors import ReplaykitError

        if isinstance(excinfo.value, _Failed):
            block = excinfo.value.answer.block
            return PrintedBlock.of(block, path=self.path, short=block.head.line)
        if isinstance(excinfo.value, ReplaykitError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.nodeid


def self_test_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether mutated histories turn red."""
    from replaykit.check.self_test import self_test
    from replaykit.report.corpus_rows import self_test_block

    result = self_test(check, fixtures)
    return Answer(block=self_test_block(result), fails=result.is_broken)


def fixtures_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether every workflow has a fixture."""
    from replaykit.check import others_of
    from replaykit.check.corpus import findings_of
    from replaykit.report.corpus_rows import finding_blocks
    from replaykit.report.rows import Block, Head

    asked = tuple(fixtures)
    known = [check.known(path) for path in (*asked, *others_of(check.config, asked))]
    registered = check.registered(whole=True)
    findings = [f for f in findings_of(registered, known, whole=True, required=True) if f.fails]
    blocks = finding_blocks(findings) or [Block(head=Head(text="every workflow has a fixture"))]
    first, *more = blocks
    rows = (*first.rows, *(row for block in more for row in block.whole))
    return Answer(block=Block(head=first.head, rows=rows), fails=bool(findings))


def perturbation_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether the code asks for the same commands under changed conditions."""
    from replaykit.perturb import Case, perturb
    from replaykit.report.perturbation_rows import perturbation_block

    cases = Case.all_of((path, check.known(path)) for path in fixtures)
    result = perturb(check.config, cases)
    return Answer(block=perturbation_block(result), fails=result.exit_code != 0)

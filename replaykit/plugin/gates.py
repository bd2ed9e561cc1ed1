"""What pytest is told beside single histories: test items about the corpus as a whole, and its findings.

Part of the plugin: it too imports the engine inside of functions only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo
    from _pytest._io import TerminalWriter

    from replaykit.check import Check, Registered
    from replaykit.config import Config
    from replaykit.report.rows import Block
    from replaykit.trust import Finding
    from replaykit.verdict import Verdict

__all__ = [
    "Answer",
    "GateItem",
    "Told",
    "facts_of",
    "findings_in",
    "fixtures_answer",
    "perturbation_answer",
    "self_test_answer",
]

_HISTORY = "replaykit_history"
_TYPE = "replaykit_workflow_type"
_WORKER = "replaykit_worker"
_ENCODINGS = "replaykit_foreign_encodings"
SELF_TEST = "replaykit_self_test"
REQUIRED = "replaykit_required_fixtures"
PERTURBATION = "replaykit_perturbation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an item about the corpus says."""

    block: Block
    fails: bool


class Told(TerminalRepr):
    """A failure as pytest prints it: headline and lines of a block, and one line for the short summary."""

    def __init__(self, head: str, lines: Sequence[str], crash: ReprFileLocation) -> None:
        self.head = head
        self.lines = lines
        self.reprcrash = crash

    @classmethod
    def of(cls, block: Block, *, path: Path, short: str) -> Told:
        """What pytest prints of a block.

        Args:
            block: The failure.
            path: The file that pytest names with it.
            short: The line for the short summary.
        """
        from replaykit.report.rows import plain_lines

        crash = ReprFileLocation(path=str(path), lineno=1, message=short)
        return cls(block.head.line, plain_lines(block.rows), crash)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Told:
        """The one that `as_data` was made from, in another process."""
        crash = ReprFileLocation(path=data["path"], lineno=data["lineno"], message=data["message"])
        return cls(data["head"], data["lines"], crash)

    def as_data(self) -> dict[str, Any]:
        """All of it as plain data."""
        crash = self.reprcrash
        return {
            "head": self.head,
            "lines": list(self.lines),
            "path": crash.path,
            "lineno": crash.lineno,
            "message": crash.message,
        }

    def __str__(self) -> str:
        return "\n".join((self.head, *self.lines))

    def toterminal(self, tw: TerminalWriter) -> None:
        tw.line(self.head, red=True, bold=True)
        for line in self.lines:
            tw.line(line)


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
            return Told.of(block, path=self.path, short=block.head.line)
        if isinstance(excinfo.value, ReplaykitError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.nodeid


def self_test_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether mutated histories turn red."""
    from replaykit.check.self_test import self_test
    from replaykit.report.corpus_rows import self_test_block

    result = self_test(check, check.workers, fixtures)
    return Answer(block=self_test_block(result), fails=result.is_broken)


def fixtures_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether every workflow has a fixture."""
    from replaykit.check import Fixture, others_of
    from replaykit.check.corpus import findings_of
    from replaykit.report.corpus_rows import finding_blocks
    from replaykit.report.rows import Block, Head

    asked = tuple(fixtures)
    known = [Fixture.at(path, check.workers) for path in (*asked, *others_of(check.config, asked))]
    findings = [f for f in findings_of(check.workers.registered, known, whole=True, required=True) if f.fails]
    blocks = finding_blocks(findings) or [Block(head=Head(text="every workflow has a fixture"))]
    first, *more = blocks
    rows = (*first.rows, *(row for block in more for row in block.whole))
    return Answer(block=Block(head=first.head, rows=rows), fails=bool(findings))


def perturbation_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether histories come out the same under changed conditions."""
    from replaykit.check import Fixture
    from replaykit.perturb import Case, perturb
    from replaykit.report.perturbation_rows import perturbation_block

    cases = Case.all_of((path, Fixture.at(path, check.workers)) for path in fixtures)
    result = perturb(check.config, cases)
    return Answer(block=perturbation_block(result), fails=result.exit_code != 0)


def facts_of(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """What the report of an item has to keep for `findings_in`, in words that every process can send."""
    yield _HISTORY, verdict.history
    for name, value in (
        (_TYPE, verdict.workflow_type),
        (_WORKER, verdict.worker),
        (_ENCODINGS, ", ".join(verdict.foreign_encodings)),
    ):
        if value:
            yield name, value


def findings_in(
    config: Config, registered: Sequence[Registered], reported: Sequence[Mapping[str, Any]]
) -> tuple[Finding, ...]:
    """The findings of a pytest run.

    Args:
        config: The project's.
        registered: Every workflow of every worker.
        reported: The properties of every report.
    """
    from replaykit.check import Fixture, others_of
    from replaykit.check.corpus import as_narrowed, findings_of

    fixtures = [
        Fixture(
            history=properties[_HISTORY],
            workflow_type=properties.get(_TYPE),
            worker=properties.get(_WORKER),
            foreign_encodings=tuple(filter(None, properties.get(_ENCODINGS, "").split(", "))),
        )
        for properties in reported
        if _HISTORY in properties
    ]
    told_already = any(REQUIRED in properties for properties in reported)
    whole = not told_already and not others_of(config, [Path(fixture.history) for fixture in fixtures])
    return as_narrowed(config, findings_of(registered, fixtures, whole=whole))

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
    from replaykit.trust import Finding
    from replaykit.verdict import Verdict

__all__ = [
    "Answer",
    "Block",
    "GateItem",
    "facts_of",
    "finding_lines_of",
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

    lines: Sequence[str]
    """To print; the first one stands for all where there is room for one."""
    fails: bool


class Block(TerminalRepr):
    """A failure as pytest prints it: the block, and one line for the short summary."""

    def __init__(self, lines: Sequence[str], crash: ReprFileLocation) -> None:
        self.lines = lines
        self.reprcrash = crash

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Block:
        """The block that `as_data` was made from, in another process."""
        crash = ReprFileLocation(path=data["path"], lineno=data["lineno"], message=data["message"])
        return cls(data["lines"], crash)

    def as_data(self) -> dict[str, Any]:
        """All of it as plain data."""
        crash = self.reprcrash
        return {
            "lines": list(self.lines),
            "path": crash.path,
            "lineno": crash.lineno,
            "message": crash.message,
        }

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def toterminal(self, tw: TerminalWriter) -> None:
        tw.line(self.lines[0], red=True, bold=True)
        for line in self.lines[1:]:
            tw.line(line)


class _Failed(Exception):
    """Carries the Answer of a failed item to its report."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.lines[0])
        self.answer = answer


class GateItem(pytest.Item):
    """One question about all fixtures together.

    Args:
        ask: Answers it; called once, when the item runs.
        label: Name of the property that keeps the answer's first line in the item's report.
    """

    def __init__(self, *, ask: Callable[[], Answer], label: str, **kwargs: Any) -> None:
        super().__init__(nodeid=f"replaykit::{kwargs['name']}", **kwargs)
        self.ask = ask
        self.label = label
        self.add_marker("replay")

    def runtest(self) -> None:
        answer = self.ask()
        if answer.lines:
            self.user_properties.append((self.label, answer.lines[0]))
        if answer.fails:
            raise _Failed(answer)

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        from replaykit.errors import ReplaykitError

        if isinstance(excinfo.value, _Failed):
            lines = excinfo.value.answer.lines
            return Block(lines, ReprFileLocation(path=str(self.path), lineno=1, message=lines[0]))
        if isinstance(excinfo.value, ReplaykitError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.nodeid


def self_test_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether mutated histories turn red."""
    from replaykit.check.self_test import self_test
    from replaykit.report.trust import self_test_lines

    result = self_test(check, check.workers, fixtures)
    return Answer(lines=self_test_lines(result), fails=result.is_broken)


def fixtures_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether every workflow has a fixture."""
    from replaykit.check import Fixture, others_of
    from replaykit.check.corpus import findings_of
    from replaykit.report.trust import finding_lines

    asked = tuple(fixtures)
    known = [Fixture.at(path, check.workers) for path in (*asked, *others_of(check.config, asked))]
    findings = [f for f in findings_of(check.workers.registered, known, whole=True, required=True) if f.fails]
    lines = finding_lines(findings) or ["every workflow has a fixture"]
    return Answer(lines=lines, fails=bool(findings))


def perturbation_answer(check: Check, fixtures: Iterable[Path]) -> Answer:
    """Whether histories come out the same under changed conditions."""
    from replaykit.check import Fixture
    from replaykit.perturb import Case, perturb
    from replaykit.report.perturbation import perturbation_lines

    cases = Case.all_of((path, Fixture.at(path, check.workers)) for path in fixtures)
    result = perturb(check.config, cases)
    return Answer(lines=perturbation_lines(result), fails=result.exit_code != 0)


def facts_of(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """What the report of an item has to keep for `finding_lines_of`, in words that every process can send."""
    yield _HISTORY, verdict.history
    for name, value in (
        (_TYPE, verdict.workflow_type),
        (_WORKER, verdict.worker),
        (_ENCODINGS, ", ".join(verdict.foreign_encodings)),
    ):
        if value:
            yield name, value


def finding_lines_of(
    config: Config, registered: Sequence[Registered], reported: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The findings of a pytest run, as lines; arguments as of `findings_in`."""
    from replaykit.report.trust import finding_lines

    return finding_lines(findings_in(config, registered, reported))


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

"""Findings about the corpus and the answer of a self-test as plain lines: what both doors print."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from replaykit.trust import Finding, FindingKind, MutatedHistory, SelfTest
from replaykit.verdict import Report

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["finding_lines", "print_trust", "self_test_lines"]

_WIDTH = 80
_SHOWN = 10
"""Fixtures and mutated Histories listed one by one; the JSON report has them all."""


def print_trust(report: Report, console: Console) -> None:
    """Print what a Report says beside its Verdicts; nothing where there is nothing."""
    if report.findings:
        style = "magenta" if any(finding.fails for finding in report.findings) else "yellow"
        _print(finding_lines(report.findings), console, style)
    if report.self_test is not None:
        _print(self_test_lines(report.self_test), console, "red" if report.self_test.is_broken else "green")


def finding_lines(findings: Iterable[Finding]) -> list[str]:
    """The Findings, kind by kind: a heading, the names, the cure."""
    by_kind: dict[FindingKind, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)
    lines: list[str] = []
    for kind, found in by_kind.items():
        lines.append(_heading(kind, found))
        lines += _workflows(found) if kind is FindingKind.WORKFLOW_WITHOUT_FIXTURE else _fixtures(found)
        lines += [f"  {line}" for line in found[0].cure.splitlines()]
    return lines


def self_test_lines(self_test: SelfTest) -> list[str]:
    """What was done and what it means; where something stayed green, which workflow type and which change.

    The first line says it all where there is room for one.
    """
    if not self_test.mutated:
        return [
            "self-test failed: it had nothing to change",
            *_wrapped(
                "It takes a fixture that the code is consistent with, and there is none of any workflow type."
            ),
        ]
    total, red = len(self_test.mutated), sum(each.red for each in self_test.mutated)
    green = [each for each in self_test.mutated if not each.red]
    if self_test.is_broken:
        lines = [f"self-test failed: {len(green)} of {total} histories made wrong on purpose did not diverge"]
        lines += _wrapped(f"{_made_of(self_test)}:")
        lines += _not_red(green)
        lines += _wrapped(
            "A green of this gate says nothing: something answers in place of Temporal's comparison. "
            "Look at the interceptors, plugins and "
            "workflow_runner of the worker; without any, this is a fault of replaykit: please report it."
        )
    else:
        lines = [f"self-test passed: {_of_wrong(red, total)} diverged{'' if green else ', as it must'}"]
        lines += _wrapped(f"This gate can turn red. {_made_of(self_test)}.")
        lines += _not_red(green)
        if green:
            lines += _wrapped("The code asks for the same commands without these: no fault of the gate.")
    if self_test.untested:
        names = ", ".join(self_test.untested)
        lines += _wrapped(f"Not tested, for want of a fixture that the code is consistent with: {names}")
    return lines


def _heading(kind: FindingKind, found: Sequence[Finding]) -> str:
    count, one = len(found), len(found) == 1
    if kind is FindingKind.WORKFLOW_WITHOUT_FIXTURE:
        verdict = (
            "so this check fails" if found[0].fails else "so nothing guards " + ("it" if one else "them")
        )
        return f"{_count(count, 'workflow')} {'has' if one else 'have'} no fixture, {verdict}:"
    if kind is FindingKind.LEFT_OUT:
        subject = "1 history is" if one else f"{count} histories are"
        return f"{subject} of workflows that this run leaves out:"
    subject = _count(count, "fixture")
    if kind is FindingKind.FIXTURE_WITHOUT_WORKFLOW:
        return f"{subject} {'is' if one else 'are'} stale: no configured worker runs the workflow:"
    return f"{subject} {'holds' if one else 'hold'} payloads that the data converter cannot read:"


def _workflows(found: Iterable[Finding]) -> Iterator[str]:
    by_worker: dict[str | None, list[str]] = defaultdict(list)
    for finding in found:
        by_worker[finding.worker].append(finding.subject)
    for worker, names in by_worker.items():
        prefix = "" if worker in (None, "default") else f"worker {worker}: "
        yield from _wrapped(f"{prefix}{', '.join(names)}")


def _fixtures(found: Sequence[Finding]) -> Iterator[str]:
    for finding in found[:_SHOWN]:
        yield f"  {finding.subject}" + (f": {finding.detail}" if finding.detail else "")
    if len(found) > _SHOWN:
        yield f"  and {len(found) - _SHOWN} more"


def _not_red(mutated: Sequence[MutatedHistory]) -> Iterator[str]:
    for each in mutated[:_SHOWN]:
        worker = "" if each.worker in (None, "default") else f" of worker {each.worker}"
        yield f"  {each.workflow_type}{worker}: {each.what}: {each.answer}"
        yield f"    event {each.event_id} of a changed {each.history}"
    if len(mutated) > _SHOWN:
        yield f"  and {len(mutated) - _SHOWN} more"


def _of_wrong(red: int, total: int) -> str:
    if total == 1:
        return "the one history made wrong on purpose"
    every = "each of" if red == total else f"{red} of"
    return f"{every} {total} histories made wrong on purpose"


def _made_of(self_test: SelfTest) -> str:
    types = _count(len(self_test.workflow_types), "workflow type")
    return (
        f"The histories are copies of fixtures ({types}), each with a command renamed, dropped, "
        "added or replaced"
    )


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _print(lines: Sequence[str], console: Console, style: str) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(lines[0], style=f"bold {style}"))
    for line in lines[1:]:
        console.print(Text(line))

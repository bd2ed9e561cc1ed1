"""Findings about the corpus and the answer of a self-test as blocks: what both doors print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from replaykit.report.phrases import counted
from replaykit.report.rows import Block, Head, Line, paragraph
from replaykit.trust import Finding, FindingKind, MutatedHistory, SelfTest

__all__ = ["finding_blocks", "self_test_block"]

_SHOWN = 10
"""Fixtures and mutated Histories listed one by one; the JSON report has them all."""


def finding_blocks(findings: Iterable[Finding]) -> list[Block]:
    """The Findings, one block for each kind: a heading, the names, the cure."""
    by_kind: dict[FindingKind, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)
    return [_of_kind(kind, found) for kind, found in by_kind.items()]


def _of_kind(kind: FindingKind, found: Sequence[Finding]) -> Block:
    style = "bold magenta" if any(finding.fails for finding in found) else "bold yellow"
    names = _workflows(found) if kind is FindingKind.WORKFLOW_WITHOUT_FIXTURE else _fixtures(found)
    cure = (Line(text=line, indent=2) for line in found[0].cure.splitlines())
    return Block(head=Head(text=_heading(kind, found), style=style), rows=(*names, *cure))


def self_test_block(self_test: SelfTest) -> Block:
    """What was done and what it means; where something stayed green, which workflow type and which change."""
    style = "bold red" if self_test.is_broken else "bold green"
    return Block(head=Head(text=_answer(self_test), style=style), rows=tuple(_account(self_test)))


def _answer(self_test: SelfTest) -> str:
    total, green = len(self_test.mutated), sum(not each.red for each in self_test.mutated)
    if not total:
        return "self-test failed: it had nothing to change"
    if self_test.is_broken:
        return f"self-test failed: {green} of {total} histories made wrong on purpose did not diverge"
    return f"self-test passed: {_of_wrong(total - green, total)} diverged{'' if green else ', as it must'}"


def _account(self_test: SelfTest) -> Iterator[Line]:
    if not self_test.mutated:
        yield paragraph(
            "It takes a fixture that the code is consistent with, and there is none of any workflow type."
        )
        return
    green = [each for each in self_test.mutated if not each.red]
    if self_test.is_broken:
        yield paragraph(f"{_made_of(self_test)}:")
        yield from _not_red(green)
        yield paragraph(
            "A green of this gate proves nothing: something answers in place of Temporal's comparison. "
            "Look at the interceptors, plugins and "
            "workflow_runner of the worker; without any, this is a fault of replaykit: please report it."
        )
    else:
        yield paragraph(f"This gate can turn red. {_made_of(self_test)}.")
        yield from _not_red(green)
        if green:
            yield paragraph("The code asks for the same commands without these: no fault of the gate.")
    if self_test.untested:
        names = ", ".join(self_test.untested)
        yield paragraph(f"Not tested, for lack of a fixture that the code is consistent with: {names}")


def _heading(kind: FindingKind, found: Sequence[Finding]) -> str:
    count, one = len(found), len(found) == 1
    if kind is FindingKind.WORKFLOW_WITHOUT_FIXTURE:
        verdict = (
            "so this check fails" if found[0].fails else "so nothing guards " + ("it" if one else "them")
        )
        return f"{counted(count, 'workflow')} {'has' if one else 'have'} no fixture, {verdict}:"
    if kind is FindingKind.LEFT_OUT:
        subject = "1 history is" if one else f"{count} histories are"
        return f"{subject} of workflows that this run leaves out:"
    if kind is FindingKind.SHARED_STATE:
        return f"{counted(count, 'global')} changed during a run, and other runs of the worker see it:"
    if kind is FindingKind.HASH_SEED:
        subject, verb = ("1 history", "depends") if one else (f"{count} histories", "depend")
        return f"{subject} {verb} on the hash seed, and so on which process a worker happens to have:"
    subject = counted(count, "fixture")
    if kind is FindingKind.STUCK:
        return f"{subject} {'ends' if one else 'end'} in a failed workflow task that this code comes past:"
    if kind is FindingKind.FIXTURE_WITHOUT_WORKFLOW:
        return f"{subject} {'is' if one else 'are'} stale: no configured worker runs the workflow:"
    return f"{subject} {'holds' if one else 'hold'} payloads that the data converter cannot read:"


def _workflows(found: Iterable[Finding]) -> Iterator[Line]:
    by_worker: dict[str | None, list[str]] = defaultdict(list)
    for finding in found:
        by_worker[finding.worker].append(finding.subject)
    for worker, names in by_worker.items():
        prefix = "" if worker in (None, "default") else f"worker {worker}: "
        yield paragraph(f"{prefix}{', '.join(names)}")


def _fixtures(found: Sequence[Finding]) -> Iterator[Line]:
    for finding in found[:_SHOWN]:
        yield Line(text=f"{finding.subject}{f': {finding.detail}' if finding.detail else ''}", indent=2)
    if len(found) > _SHOWN:
        yield Line(text=f"and {len(found) - _SHOWN} more", indent=2)


def _not_red(mutated: Sequence[MutatedHistory]) -> Iterator[Line]:
    for each in mutated[:_SHOWN]:
        worker = "" if each.worker in (None, "default") else f" of worker {each.worker}"
        yield Line(text=f"{each.workflow_type}{worker}: {each.what}: {each.answer}", indent=2)
        yield Line(text=f"event {each.event_id} of a changed {each.history}", indent=4)
    if len(mutated) > _SHOWN:
        yield Line(text=f"and {len(mutated) - _SHOWN} more", indent=2)


def _of_wrong(red: int, total: int) -> str:
    if total == 1:
        return "the one history made wrong on purpose"
    every = "each of" if red == total else f"{red} of"
    return f"{every} {total} histories made wrong on purpose"


def _made_of(self_test: SelfTest) -> str:
    types = counted(len(self_test.workflow_types), "workflow type")
    return (
        f"The histories are copies of fixtures ({types}), each with a command renamed, dropped, "
        "added or replaced"
    )

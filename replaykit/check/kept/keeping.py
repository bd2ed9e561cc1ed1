"""Keeps the Verdicts of a check for the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.check.fixtures import configured_fixtures
from replaykit.check.kept.answers import Answers, Decision
from replaykit.check.kept.memory import Entry, Memory, today, updated
from replaykit.check.kept.running import code_of, registered_data, running
from replaykit.check.kept.surroundings import digest_of_parts, state_of
from replaykit.check.kept.verdict_data import data_of
from replaykit.check.known import Registered
from replaykit.paths import display, real
from replaykit.trust import Finding
from replaykit.verdict import Verdict

__all__ = ["Ran", "keep"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What a check has replayed, and what came of it."""

    judged: Mapping[Path, tuple[Decision, Verdict]]
    """What was decided about each fixture that was replayed, and its Verdict."""
    answered: Sequence[Path]
    """The fixtures that were not."""
    registered: Sequence[Registered]
    """Every workflow of the workers."""
    files: frozenset[str]
    """What the processes that judged have loaded and opened."""
    findings: Sequence[Finding]
    """What was noticed about the code meanwhile."""

    @property
    def outside(self) -> str | None:
        """What the code did that no file shows, if anything."""
        return min((name.strip("<>") for name in self.files if name.startswith("<")), default=None)

    def noticed(self, verdict: Verdict) -> bool:
        """Whether a Verdict alone would be half of the answer: something was found that comes with it."""
        verdicts = [each for _, each in self.judged.values()]
        return any(
            _is_about(finding, verdict) or not any(_is_about(finding, each) for each in verdicts)
            for finding in self.findings
        )


def keep(answers: Answers, ran: Ran) -> None:
    """Keep what was judged, unless the project changed meanwhile."""
    after = answers.look(answers.memory)
    if after.common != answers.project.common or after.whole != answers.project.whole:
        return
    reads = answers.states(_opened(answers, ran))
    entries: dict[str, Entry] = {}
    parts = {answers.common: after.common, digest_of_parts(reads): reads}
    for path, (decision, verdict) in ran.judged.items():
        worker = verdict.worker or ""
        module, note = _module_and_note(answers, ran, verdict)
        own = after.of(worker, module) if module else {}
        if state_of(path) != decision.content or (module and own != answers.now(worker, module)[0]):
            continue
        parts[digest_of_parts(own)] = own
        entries[answers.key(path)] = Entry(
            content=decision.content,
            outcome=verdict.outcome.value,
            worker=worker,
            module=module,
            running=running(ran.registered, verdict),
            parts=(answers.common, digest_of_parts(own), digest_of_parts(reads)),
            verdict=None if note else data_of(verdict),
            note=note,
            used=today(),
        )
    before = {name for digest in _read_before(answers, ran) for name in answers.memory.parts.get(digest, ())}
    all_reads = answers.states({*reads, *before})
    whole = after.whole
    parts |= {digest_of_parts(each): each for each in (whole, all_reads)}
    registered = {
        "parts": [answers.common, digest_of_parts(whole), digest_of_parts(all_reads)],
        "workflows": [registered_data(each) for each in ran.registered],
    }
    used = {answers.key(path) for path in ran.answered}
    needs = {key: after.needed.known[key] for key in after.needed.used}

    def changed(there: Memory) -> Memory:
        """What is in the file, which another process may just have written."""
        again = {name: replace(entry, used=today()) for name, entry in there.entries.items() if name in used}
        return Memory(
            entries={**there.entries, **again, **entries},
            parts={**there.parts, **parts},
            registered={} if ran.outside else registered,
            needs=needs,
        )

    updated(answers.file, changed)


def _opened(answers: Answers, ran: Ran) -> Iterable[str]:
    """What was opened that no import shows: it counts for each Verdict of these processes."""
    histories = {real(path) for path in (*ran.judged, *ran.answered, *configured_fixtures(answers.config))}
    shown = {real(path) for path in answers.project.paths}
    opened = {real(name) for name in ran.files if not name.startswith("<")}
    return [f"read {display(path, answers.config.root)}" for path in sorted(opened - histories - shown)]


def _read_before(answers: Answers, ran: Ran) -> set[str]:
    """Digests of what was opened when the answered fixtures were judged."""
    known = answers.memory.entries
    return {known[key].parts[-1] for key in map(answers.key, ran.answered) if key in known}


def _module_and_note(answers: Answers, ran: Ran, verdict: Verdict) -> tuple[str, str]:
    """The module that ran a History, empty where that is not known; and why its Verdict is not kept."""
    code = code_of(ran.registered, verdict)
    if code is None or not answers.project.has(verdict.worker or "", code.module, code.file):
        return "", f"it was {verdict.outcome}, and it is not known what ran it"
    if code.file not in ran.files:
        return "", "it is not known what was loaded for it"
    if not verdict.is_consistent:
        return code.module, f"it was {verdict.outcome}"
    if ran.outside is not None:
        return code.module, f"its code {ran.outside}"
    if ran.noticed(verdict):
        return code.module, "something was noticed about its code"
    return code.module, "" if data_of(verdict) is not None else "not all of its verdict can be kept"


def _is_about(finding: Finding, verdict: Verdict) -> bool:
    if finding.worker == verdict.worker and finding.detail == verdict.workflow_type:
        return True
    return finding.subject == verdict.history

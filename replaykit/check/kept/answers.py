"""Which fixtures are answered from an earlier check, and what is kept for the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.check.kept.memory import Entry, Memory, memory_place
from replaykit.check.kept.project import Project
from replaykit.check.kept.running import registered_of, running
from replaykit.check.kept.surroundings import Parts, digest_of_parts, state_of
from replaykit.check.kept.verdict_data import verdict_of
from replaykit.check.kept.why import words_of_changes
from replaykit.check.known import Fixture, Registered
from replaykit.config import Config
from replaykit.paths import display, real
from replaykit.verdict import Verdict

__all__ = ["Answers", "Decision"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What is done about one fixture."""

    history: str
    """As its Verdict calls it."""
    content: str
    """What stands for its bytes."""
    verdict: Verdict | None
    """The one of an earlier check, which still holds; None for one that has to be replayed."""
    why: str
    """Why it is replayed, or that it is answered from before."""


ANSWERED = "answered from before"


class Answers:
    """What is known of earlier checks of a project.

    Args:
        config: The project.
        door: Who has its Histories judged, in a word.
        look: Looks at the project as it is now, given what is known of its files.
    """

    def __init__(self, config: Config, door: str, look: Callable[[Memory], Project]) -> None:
        self.config = config
        self.file = memory_place(config.root, door)
        self.memory = Memory.read(self.file)
        self.look = look
        self.project = look(self.memory)
        self._parts_of: dict[tuple[str, str], tuple[Parts, str | None]] = {}
        self._digests: dict[int, str] = {}
        self._reads: dict[str, str | None] = {}
        self.common = digest_of_parts(self.project.common)

    def decide(self, path: Path) -> Decision:
        """Answer one fixture from before, or say why it has to be replayed."""
        name, content = self.key(path), state_of(path)
        entry = self.memory.entries.get(name)
        why = self._why_not(entry, content)
        verdict = None
        if entry is not None and entry.verdict is not None and why is None:
            try:
                verdict = replace(verdict_of(entry.verdict), history=display(path), kept=True)
            except (KeyError, TypeError, ValueError):
                why = "what was kept of it cannot be read"
        return Decision(
            history=display(path), content=content, verdict=verdict, why=ANSWERED if why is None else why
        )

    def _why_not(self, entry: Entry | None, content: str) -> str | None:
        if entry is None:
            return "new history"
        if entry.content != content:
            return "the history itself changed"
        if not entry.module:
            return entry.note
        now, unclear = self.now(entry.worker, entry.module)
        if unclear is not None:
            return unclear
        common, own, read = entry.parts
        if common != self.common or own != self._digest(now) or self._read_now(read) != read:
            return self._changes(entry, now)
        return entry.note or None

    def _changes(self, entry: Entry, now: Parts) -> str:
        before = [self.memory.parts.get(digest) for digest in entry.parts]
        if None in before:
            return "what it depended on is not known any more"
        whole = {name: value for parts in before if parts is not None for name, value in parts.items()}
        reads = self.states(name for name in whole if name.startswith("read "))
        return words_of_changes(whole, {**self.project.common, **now, **reads})

    def now(self, worker: str, module: str) -> tuple[Parts, str | None]:
        key = (worker, module)
        if key not in self._parts_of:
            self._parts_of[key] = self.project.of(*key), self.project.unclear(*key)
        return self._parts_of[key]

    def _digest(self, parts: Parts) -> str:
        if id(parts) not in self._digests:
            self._digests[id(parts)] = digest_of_parts(parts)
        return self._digests[id(parts)]

    def _read_now(self, digest: str) -> str | None:
        """What stands for the files that were opened then, as they are now."""
        if digest not in self._reads:
            before = self.memory.parts.get(digest)
            self._reads[digest] = None if before is None else digest_of_parts(self.states(before))
        return self._reads[digest]

    def states(self, names: Iterable[str]) -> Parts:
        root = self.config.root
        return {name: state_of(root / name.removeprefix("read ")) for name in names}

    def registered(self) -> tuple[Registered, ...] | None:
        """Every workflow of the workers, as an earlier check found them; None where that may not hold."""
        known = self.memory.registered
        if self.project.unclear_whole is not None or not known:
            return None
        try:
            common, whole, read = known["parts"]
            if (common, whole) != (self.common, digest_of_parts(self.project.whole)):
                return None
            return tuple(map(registered_of, known["workflows"])) if self._read_now(read) == read else None
        except (KeyError, TypeError, ValueError):
            return None

    def still_run(self, decision: Decision, path: Path, registered: Sequence[Registered]) -> bool:
        """Whether the workers, as they were just loaded, run the workflow of a fixture as they did then."""
        entry = self.memory.entries[self.key(path)]
        verdict = decision.verdict
        return verdict is not None and entry.running == running(registered, verdict)

    def known(self, path: Path) -> Fixture | None:
        """What is known of a fixture without a replay; None where it has to be read."""
        verdict = self.decide(path).verdict
        if verdict is None:
            return None
        return Fixture(history=verdict.history, workflow_type=verdict.workflow_type, worker=verdict.worker)

    def key(self, path: Path) -> str:
        return display(real(path), self.config.root)

"""The result of a whole check: the Verdicts, and what comes with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from replaykit.trust import Finding, SelfTest
from replaykit.verdict.verdict import Outcome, SourceLine, Verdict

__all__ = ["BrokenRun", "Instability", "Perturbation", "Report"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Instability:
    """Two replays of one History that asked for different commands, and the condition that was changed."""

    history: str
    """Path of the fixture."""
    workflow_type: str | None
    """As the History has it."""
    axis: str
    """Name of what was changed, such as `hash seed`."""
    changed: str
    """What that is, in words."""
    command: int | None
    """Number of the first command that differs, counted from 1; None where only the end differs."""
    event_id: int | None
    """Id of the event that records this command; None where none does."""
    field: str | None
    """The attribute that differs, such as `arguments[0]`; None where it is the command itself."""
    usual: str
    """What the code asked for in the unchanged run."""
    perturbed: str
    """What it asked for under the changed condition."""
    source: SourceLine | None = None
    """The line that asked for the command, where known."""
    cure: str
    """What to do about code that depends on this condition."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenRun:
    """A perturbed run without a result: its process ended, or a replay did not."""

    axis: str
    """What was changed in it."""
    history: str | None
    """The History that it broke at; None where no code was loaded."""
    message: str
    """Why, in one readable line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Perturbation:
    """The result of replays under changed conditions."""

    histories: int
    """How many were compared."""
    rounds: int
    """How many runs were compared with the first one."""
    duration_s: float = 0.0
    """Wall clock of all runs, in seconds."""
    instabilities: tuple[Instability, ...] = ()
    """What differs, and the one condition that was changed."""
    broken: tuple[BrokenRun, ...] = ()
    """The runs without a result."""

    @property
    def exit_code(self) -> int:
        """0 nothing differs; 1 something does; 2 a run broke, or there was nothing to compare."""
        if self.instabilities:
            return 1
        return 2 if self.broken or not self.histories else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All Verdicts of one check, in the order in which they were asked for."""

    verdicts: tuple[Verdict, ...]
    """One for each History."""
    duration_s: float = 0.0
    """Wall clock of the whole check, in seconds."""
    findings: tuple[Finding, ...] = ()
    """What was found about the corpus of fixtures, beside the Verdicts."""
    self_test: SelfTest | None = None
    """Whether this gate can go red at all, where that was asked."""
    strict: bool = False
    """Whether attributes were compared too."""
    perturbation: Perturbation | None = None
    """The result of replays under changed conditions, where that was asked for."""
    hash_seeds: tuple[int, ...] = ()
    """PYTHONHASHSEED of each process that judged, the usual one first; none where one was not our own."""

    @classmethod
    def of(
        cls, verdicts: Iterable[Verdict], *, duration_s: float = 0.0, findings: Iterable[Finding] = ()
    ) -> Report:
        """A Report of Verdicts that were made one by one.

        Args:
            verdicts: In the order in which they shall be reported.
            duration_s: Wall clock of the whole check, in seconds.
            findings: What was found about the corpus of fixtures.

        Returns:
            The Report, without a self-test and without perturbed runs.
        """
        return cls(verdicts=tuple(verdicts), duration_s=duration_s, findings=tuple(findings))

    def count(self, outcome: Outcome) -> int:
        """Count the Verdicts of one kind.

        Args:
            outcome: The kind.

        Returns:
            The number of Histories with that outcome.
        """
        return sum(verdict.outcome is outcome for verdict in self.verdicts)

    @property
    def kept(self) -> int:
        """How many Verdicts are of an earlier replay."""
        return sum(verdict.kept for verdict in self.verdicts)

    @property
    def commands_compared(self) -> int:
        """How many recorded commands the code produced again, over all Histories."""
        return sum(verdict.commands_compared for verdict in self.verdicts)

    @property
    def ignored_by_preset(self) -> Mapping[str, int]:
        """By name of a preset, how many attributes differ that it leaves out, over all Histories."""
        total: Counter[str] = Counter()
        for verdict in self.verdicts:
            total.update(verdict.ignored_by_preset)
        return total

    @property
    def exit_code(self) -> int:
        """0 all consistent; 1 something diverged or drifted, or asked for other commands when perturbed; 2
        something unjudged, nothing to replay, a Finding that fails the check, or a self-test that shows the
        gate to be broken.

        A divergence outweighs an unjudged History: it is certain.
        """
        perturbed = self.perturbation.exit_code if self.perturbation is not None else 0
        if self.count(Outcome.DIVERGED) or self.count(Outcome.DRIFTED) or perturbed == 1:
            return 1
        if self.count(Outcome.UNJUDGED) or not self.verdicts:
            return 2
        if perturbed or any(finding.fails for finding in self.findings):
            return 2
        return 2 if self.self_test is not None and self.self_test.is_broken else 0

"""How far a green can be trusted, as data: Findings about the corpus, and the answer of a self-test.

Frozen values and nothing else; `replaykit.verdict.Report` carries them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["Finding", "FindingKind", "MutatedHistory", "SelfTest"]


class FindingKind(str, enum.Enum):
    """What is wrong with a corpus of fixtures."""

    WORKFLOW_WITHOUT_FIXTURE = "workflow_without_fixture"
    """A worker runs this workflow, and no fixture guards it."""
    FIXTURE_WITHOUT_WORKFLOW = "fixture_without_workflow"
    """Stale: no configured worker runs the workflow of this fixture."""
    LEFT_OUT = "left_out"
    """The command line chose other workflows than that of this fixture."""
    FOREIGN_ENCODING = "foreign_encoding"
    """Its payloads were written by a codec or converter that is not configured."""
    SHARED_STATE = "shared_state"
    """A run changed a global of a module that all runs of its worker share."""
    HASH_SEED = "hash_seed"
    """It fails under some hash seeds alone: its code depends on the order of a set."""
    STUCK = "stuck"
    """Its last workflow task failed when it was captured; the code of this check comes past that."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing about the corpus that no Verdict shows."""

    kind: FindingKind
    """What is wrong."""
    subject: str
    """The workflow type, the fixture's path, or the global's dotted name."""
    worker: str | None = None
    """Name of the worker that it is about; None where it is about no single one."""
    detail: str = ""
    """What exactly, where the kind and the subject leave it open: the workflow type, the encodings."""
    message: str
    """One readable line."""
    cure: str
    """What to do about it, in lines that can be copied whole."""
    fails: bool = False
    """Whether the check is not green because of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MutatedHistory:
    """One History that the code cannot have made, and how it was judged."""

    history: str
    """The fixture that it was made from."""
    workflow_type: str
    """As the fixture has it."""
    worker: str | None = None
    """Name of the worker that judged it."""
    mutation: str
    """What kind of change, such as `renamed`."""
    what: str
    """The change itself, such as `activity process_payment renamed`."""
    event_id: int
    """Where it was changed."""
    certain: bool
    """Whether Temporal always refuses it. Else sound code can accept it: an old branch of the same shape."""
    red: bool
    """Whether it was judged `diverged`."""
    answer: str
    """How it was judged, such as `consistent` or `unjudged (timed_out)`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfTest:
    """Whether this gate goes red where it must: every workflow type has to refuse wrong Histories."""

    mutated: tuple[MutatedHistory, ...]
    """Every wrong History that was tried."""
    untested: tuple[str, ...] = ()
    """Workflow types without a fixture that the code is consistent with: nothing can be made from those."""

    @property
    def workflow_types(self) -> tuple[tuple[str | None, str], ...]:
        """Worker and type of the workflows that were tested, in order."""
        return tuple(dict.fromkeys((each.worker, each.workflow_type) for each in self.mutated))

    @property
    def blind(self) -> tuple[tuple[str | None, str], ...]:
        """The workflow types for which not one mutated History turned red."""
        seeing = {(each.worker, each.workflow_type) for each in self.mutated if each.red}
        return tuple(key for key in self.workflow_types if key not in seeing)

    @property
    def escaped(self) -> tuple[MutatedHistory, ...]:
        """The mutated Histories that Temporal always refuses, and that were not judged `diverged`."""
        return tuple(each for each in self.mutated if each.certain and not each.red)

    @property
    def is_broken(self) -> bool:
        """Whether a green of this gate means nothing: something escaped, or nothing could be tested."""
        return not self.mutated or bool(self.escaped or self.blind)

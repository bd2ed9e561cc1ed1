"""The source files of a change, beside the same of its base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.code.sources import MAX_BYTES
from replaykit.revisions import git

__all__ = ["Materials", "materials_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Materials:
    """Texts by path, relative to the repository; a file that was renamed has its new path on both sides."""

    repository: Path
    base: Mapping[str, str] = field(default_factory=dict)
    head: Mapping[str, str] = field(default_factory=dict)

    def absolute(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Texts by absolute path.

        Args:
            texts: By relative path.
        """
        return {str(self.repository / file): text for file, text in texts.items()}


def materials_of(repository: Path, tree: Path, commit: str, loaded: Iterable[str]) -> Materials:
    """Read the Python files that a change alters, renames or deletes.

    Args:
        repository: Its top folder, with the change checked out.
        tree: The base's tree.
        commit: The base.
        loaded: Files that the change's workflow code was loaded from: of those that both sides have, others
            are left out.

    Raises:
        RevisionError: git refuses.
    """
    used = {str(Path(path).resolve()) for path in loaded}
    base: dict[str, str] = {}
    head: dict[str, str] = {}
    for before, after in _changed(repository, commit):
        was = _text(tree / before)
        now = _text(repository / after)
        if was is None or (now is not None and str((repository / after).resolve()) not in used):
            continue
        base[after] = was
        if now is not None:
            head[after] = now
    return Materials(repository=repository, base=base, head=head)


def _changed(repository: Path, commit: str) -> list[tuple[str, str]]:
    """Old and new path of each Python file of the base that is not as it was."""
    listed = git(repository, "diff", "--find-renames", "--name-status", "-z", commit, "--", "*.py") or ""
    fields = iter(listed.split("\0"))
    found: list[tuple[str, str]] = []
    for status in fields:
        if not status:
            continue
        before = next(fields)
        after = next(fields) if status[0] in "RC" else before
        if status[0] in "MRDT":
            found.append((before, after))
    return found


def _text(path: Path) -> str | None:
    """A file's text with its line ends as they are; None where it is none that can be changed."""
    try:
        data = path.read_bytes()
        return data.decode() if len(data) <= MAX_BYTES else None
    except (OSError, UnicodeDecodeError):
        return None

"""The source files of a change, beside the same of its base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from replaykit.code.sources import MAX_BYTES
from replaykit.code.type_fields import moved_fields
from replaykit.revisions import git

__all__ = ["Materials", "materials_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Materials:
    """Texts by path, relative to the repository; a file that was renamed has its new path on both sides."""

    repository: Path
    base: Mapping[str, str] = field(default_factory=dict)
    head: Mapping[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    """Names of fields that a class of one side alone has."""

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
    for file, text in _others(repository, used, [*base]):
        base[file] = head[file] = text
    return Materials(repository=repository, base=base, head=head, fields=moved_fields(base, head))


def _others(repository: Path, used: Iterable[str], changed: Sequence[str]) -> list[tuple[str, str]]:
    """The unchanged files that name a changed one, for they may go by what changed there."""
    words = {_module_word(file) for file in changed}
    found = []
    for path in sorted(used):
        if not Path(path).is_relative_to(repository) or not path.endswith(".py"):
            continue
        file = Path(path).relative_to(repository).as_posix()
        text = _text(Path(path)) if file not in changed else None
        if text is not None and any(word in text for word in words):
            found.append((file, text))
    return found


def _module_word(file: str) -> str:
    """The last word of a module's name."""
    path = Path(file)
    return path.parent.name if path.name == "__init__.py" else path.stem


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

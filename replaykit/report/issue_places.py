"""Where tools show an Issue, and how they know it again: shared by the formats of CI services."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from replaykit.issue import Issue, Issues

__all__ = ["fingerprints", "in_repository", "place_of"]

_PROJECT_FILE = "pyproject.toml"


def in_repository(issues: Issues, *, root: Path, repository: Path | None) -> Issues:
    """The same Issues with `file` as a CI service wants it: relative to the repository, with slashes.

    Args:
        issues: With files relative to the project, or to the current folder.
        root: The project.
        repository: Its repository's top folder; None for none, and then the project stands for it.
    """
    top = (repository or root).resolve()
    placed = []
    for issue in issues.issues:
        file = _relative(issue.file or issue.history, root, top)
        if file is not None:
            placed.append(replace(issue, file=file))
            continue
        # A line of an installed package is nothing that the service could show.
        file = _relative(issue.history, root, top) or _relative(_PROJECT_FILE, root, top)
        placed.append(replace(issue, file=file, line=None))
    return replace(issues, issues=tuple(placed))


def _relative(file: str | None, root: Path, top: Path) -> str | None:
    if file is None:
        return None
    from_root, from_here = (Path(os.path.normpath(base.resolve() / file)) for base in (root, Path.cwd()))
    at_hand = from_here.exists() and not from_root.exists() and from_here.is_relative_to(top)
    path = from_here if at_hand else from_root
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else None


def place_of(issue: Issue) -> tuple[str, int]:
    """File and line, for formats that cannot do without: the project's own file where none is known."""
    return issue.file or issue.history or _PROJECT_FILE, issue.line or 1


def fingerprints(issues: Sequence[Issue]) -> list[str]:
    """A name for each Issue that stays when lines move and words change; none of them twice."""
    seen: Counter[str] = Counter()
    names = []
    for issue in issues:
        subject = (issue.history or "", issue.workflow_type or "")
        key = "\0".join((issue.rule, *(subject if any(subject) else (issue.title,))))
        seen[key] += 1
        text = f"{key}\0{seen[key]}"
        names.append(hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest())
    return names

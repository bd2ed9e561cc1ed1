"""Writing reports: to a file whole or not at all, to standard output, and for GitHub."""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from replaykit.errors import ConfigError
from replaykit.history.whole_file import write_whole
from replaykit.issue import Issues
from replaykit.paths import display
from replaykit.visible import visible_in_json

if TYPE_CHECKING:
    from replaykit.report.reporters import Form

__all__ = ["Outputs", "check_target", "place_of_file", "write_outputs", "write_report"]

STDOUT = "-"
_STDOUT_TOO = frozenset({"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})
_JSON = frozenset({"json", "gitlab", "sarif"})
"""Formats whose text is JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outputs:
    """What was asked for."""

    github: bool = False
    """Annotations, and the job summary."""
    files: Mapping[Form, str] = field(default_factory=dict)
    """A path or `-`, by a key of `REPORTERS`."""

    def also(self, subject: type, targets: Mapping[str, str | None]) -> Outputs:
        """With reports of one more thing; a target of None asks for nothing."""
        more = {
            (subject, form): STDOUT if target in _STDOUT_TOO else target
            for form, target in targets.items()
            if target is not None
        }
        return Outputs(github=self.github, files={**self.files, **more})

    @property
    def to_stdout(self) -> int:
        """How many of them want standard output for themselves."""
        return list(self.files.values()).count(STDOUT)

    def check(self, others: Mapping[str, Iterable[str | os.PathLike[str]]] | None = None) -> None:
        """Make sure that all of it can be written, before anything is judged.

        Args:
            others: By option or argument, the files and folders that the command reads or writes besides.

        Raises:
            ConfigError: One of them cannot, or two are for one place.
        """
        taken: dict[str, str] = {
            place_of_file(path): name for name, paths in (others or {}).items() for path in paths
        }
        for (_, form), target in self.files.items():
            option, place = f"--{form}", target if target == STDOUT else place_of_file(target)
            if place in taken:
                raise _both(taken[place], option, target)
            taken[place] = option
        for target in self.files.values():
            check_target(target)


def _both(first: str, second: str, target: str) -> ConfigError:
    if target == STDOUT:
        return ConfigError(
            f"standard output holds one report, and {first} and {second} both ask for it",
            cure="Give one of them a file.",
        )
    return ConfigError(
        f"{first} and {second} name the same file, and one would overwrite the other",
        where=target,
        cure="Give each a file of its own.",
    )


def place_of_file(path: str | os.PathLike[str]) -> str:
    """What two names of one file have in common: links are followed, and case counts where the system's does.

    Args:
        path: Of a file that need not exist.
    """
    return os.path.normcase(os.path.realpath(path))


def check_target(target: str | os.PathLike[str]) -> None:
    """Make sure that a report can go there, before anything is judged.

    Args:
        target: A path, or `-`.

    Raises:
        ConfigError: Its folder is not there, or it is a folder itself.
    """
    folder = Path(target).parent
    if not os.path.isdir(folder):
        raise ConfigError(
            f"the folder {folder} does not exist",
            where=os.fspath(target),
            cure=f"Create it: mkdir -p {shlex.quote(str(folder))}",
        )
    if os.path.isdir(target):
        raise ConfigError("cannot be written: it is a folder", where=os.fspath(target), cure="Name a file")


def write_report(subject: object, form: str, target: str, *, announce: Callable[[str], None]) -> None:
    """Write one report to a file whole, or to standard output where the target is `-`.

    Args:
        subject: What a command produced.
        form: The format; with the subject's type, a key of `REPORTERS`.
        target: A path, or `-`.
        announce: Called with `wrote PATH` once a file is written.

    Raises:
        ReplaykitError: The file cannot be written; nothing is left half-written.
    """
    from replaykit.report.reporters import REPORTERS  # all of them: most runs write no report

    text = REPORTERS[type(subject), form](subject)
    if form in _JSON:
        text = visible_in_json(text)
    # A surrogate (of a file name that is not UTF-8, of a broken payload) becomes a valid escape of JSON.
    data = text.encode("utf-8", "backslashreplace")
    if target != STDOUT:
        if _is_stream(Path(target)):
            Path(target).write_bytes(data)
        else:
            write_whole(Path(target), data)
        announce(f"wrote {display(target)}")
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(data.decode())


def _is_stream(path: Path) -> bool:
    """Whether a path is a device or a pipe: no file may take its place."""
    return path.exists() and not path.is_file()


def write_outputs(
    outputs: Outputs,
    *subjects: object,
    root: Path,
    repository: Path | None,
    announce: Callable[[str], None],
    annotate: Callable[[str], None],
) -> None:
    """Write all that was asked for of what a command produced.

    Args:
        outputs: What was asked for.
        subjects: What there is to write; Issues with files relative to the project.
        root: The project.
        repository: The top folder of its git repository; None where it has none.
        announce: Called with `wrote PATH` for each file.
        annotate: Called with each line that GitHub reads.

    Raises:
        ReplaykitError: A file cannot be written; nothing is left half-written.
    """
    from replaykit.report.github import annotation_lines, append_summary
    from replaykit.report.issue_places import in_repository

    placed = {type(subject): subject for subject in subjects}
    issues = placed.get(Issues)
    if isinstance(issues, Issues):
        placed[Issues] = issues = in_repository(issues, root=root, repository=repository)
    for (kind, form), target in outputs.files.items():
        if kind in placed:
            write_report(placed[kind], form, target, announce=announce)
    if outputs.github and isinstance(issues, Issues):
        append_summary(issues, os.environ)
        for line in annotation_lines(issues):
            annotate(line)

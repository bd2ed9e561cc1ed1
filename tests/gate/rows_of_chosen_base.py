"""Ways of a change to choose what it is judged against, and of a build to judge the target in its place."""

from __future__ import annotations

from collections.abc import Callable

from tests.gate.fooling import Row
from tests.gate.repository import CHANGED, FIXTURE, Repository

__all__ = ["ROWS"]

_BASE = '\n[tool.replaykit.gate]\nbase = "{}"\n'


def renamed(base: str, *, trunk: bool, more: bool = True) -> Callable[[Repository], None]:
    """The change breaks, and has a base of its own choice; a harmless commit follows.

    Args:
        base: What the change writes in the place of the name of the default branch.
        trunk: The default branch is one that git does not know as that: the policy alone names it.
        more: Whether the harmless commit follows.
    """

    def make(repository: Repository) -> None:
        default = "trunk" if trunk else "main"
        repository.agreed_policy(_BASE.format(default))
        if trunk:
            repository.git("branch", "--move", "main", "trunk")
        repository.code(CHANGED)
        table = repository.root / "pyproject.toml"
        text = table.read_text(encoding="utf-8")
        table.write_text(text.replace(f'"{default}"', f'"{base}"'), encoding="utf-8")
        repository.commit()
        if more:
            (repository.root / "NOTES.txt").write_text("harmless", encoding="utf-8")
            repository.commit()

    return make


def target_is_checked_out(*, detached: bool = False, report: bool = False) -> Callable[[Repository], None]:
    """The change breaks, and what the build has checked out is the branch that it goes to."""

    def make(repository: Repository) -> None:
        repository.code(CHANGED)
        repository.remove(FIXTURE)
        repository.commit()
        repository.git("checkout", "--quiet", *(["--detach"] if detached else []), "main")
        if report:
            (repository.root / "report.json").write_text("{}", encoding="utf-8")

    return make


_HOLDS_ALL = "the base origin/main holds all that is checked out, so nothing would be judged"
_GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "change"}

ROWS = (
    Row(
        name="a default branch that the policy alone names",
        make=renamed("trunk", trunk=True),
        exit_code=1,
        rule="new-divergence",
        text="base trunk ",
        absent="weakened-policy",
    ),
    Row(
        name="a change that names no base where git knows no default branch",
        make=renamed("none", trunk=True),
        exit_code=2,
        text="no default branch is known here",
    ),
    Row(
        name="a change that names its own last commit but one where git knows no default branch",
        make=renamed("HEAD^", trunk=True),
        exit_code=2,
        text="no default branch is known here",
    ),
    Row(
        name="a change that names its own branch where git knows no default branch",
        make=renamed("change", trunk=True),
        exit_code=2,
        text="only this change itself names change as its base",
        absent="inherited",
    ),
    Row(
        name="a change that names its own last commit but one",
        make=renamed("HEAD^", trunk=False),
        exit_code=1,
        rule="new-divergence",
        text="gate.base: main in the base, HEAD^ in this change",
        absent="inherited",
    ),
    Row(
        name="a change that names its own branch",
        make=renamed("change", trunk=False),
        exit_code=1,
        rule="new-divergence",
        text="gate.base: main in the base, change in this change",
        absent="inherited",
    ),
    Row(
        name="a change that names no base in the place of the one of its base",
        make=renamed("none", trunk=False, more=False),
        exit_code=1,
        rule="weakened-policy",
        text="gate.base: main in the base, none in this change",
    ),
    Row(
        name="the target of a pull request is checked out",
        make=target_is_checked_out(),
        exit_code=2,
        text=_HOLDS_ALL,
        env={**_GITHUB, "GITHUB_EVENT_NAME": "pull_request_target"},
    ),
    Row(
        name="the target of a pull request is checked out, without a branch and with an old report",
        make=target_is_checked_out(detached=True, report=True),
        exit_code=2,
        text=_HOLDS_ALL,
        env={**_GITHUB, "GITHUB_EVENT_NAME": "pull_request"},
    ),
    Row(
        name="the target of a merge request is checked out",
        make=target_is_checked_out(),
        exit_code=2,
        text=_HOLDS_ALL,
        env={"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"},
    ),
    Row(
        name="the target of a change is checked out",
        make=target_is_checked_out(),
        exit_code=2,
        text=_HOLDS_ALL,
        env={"CHANGE_TARGET": "main"},
    ),
)

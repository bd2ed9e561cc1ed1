"""Ways to have a base judged by another code than its own, or by none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.gate.fooling import Row, site_of
from tests.gate.repository import CHANGED, UNCHANGED, Repository

__all__ = ["ROWS"]

_FROM_STEPS = UNCHANGED.replace(
    '        rows = await workflow.execute_activity("extract_rows", source, start_to_close_timeout=SOON)\n',
    "        rows = await steps.extract(source)\n",
).replace(
    "SOON = ",
    "with workflow.unsafe.imports_passed_through():\n    import steps\n\nSOON = ",
)
"""The workflow's first command comes from another module."""
_STEPS = """\
from datetime import timedelta

from temporalio import workflow


async def extract(source: str) -> list[str]:
    return await workflow.execute_activity(
        "extract_rows", source, start_to_close_timeout=timedelta(seconds=10)
    )
"""
_CHANGED_STEPS = _STEPS.replace('"extract_rows"', '"read_rows"')


def on_main(repository: Repository, change: Callable[[], object]) -> None:
    """Make a change that both sides have."""
    change()
    repository.commit("both sides")
    repository.git("branch", "--force", "main", "HEAD")


def helper_in(folder: str, *, installed: str = "") -> Callable[[Repository], None]:
    """The module `steps` lies in a folder that only the environment names; the change alters it."""

    def make(repository: Repository) -> None:
        home = repository.root / folder

        def both() -> None:
            home.mkdir(parents=True)
            (home / "steps.py").write_text(_STEPS, encoding="utf-8")
            repository.code(_FROM_STEPS)

        on_main(repository, both)
        if installed:
            site = site_of(repository)
            for name, text in _INSTALLED[installed](home).items():
                (site / name).write_text(text, encoding="utf-8")
        (home / "steps.py").write_text(_CHANGED_STEPS, encoding="utf-8")
        repository.commit()

    return make


def _pth(home: Path) -> dict[str, str]:
    return {"_project.pth": f"{home}\n"}


def _setuptools(home: Path) -> dict[str, str]:
    finder = "__editable___project_1_0_finder"
    return {
        "__editable__.project-1.0.pth": f"import {finder}; {finder}.install()\n",
        f"{finder}.py": _FINDER.format(mapping={"steps": str(home / "steps")}),
    }


def _at_start(home: Path) -> dict[str, str]:
    """Imports the module before any code of ours runs."""
    return {"_project.pth": f"import sys; sys.path.append({str(home)!r}); import steps\n"}


_INSTALLED: dict[str, Callable[[Path], dict[str, str]]] = {
    "pth": _pth,
    "setuptools": _setuptools,
    "at start": _at_start,
}
_FINDER = """\
import sys
from importlib.util import spec_from_file_location

MAPPING = {mapping!r}


class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            return spec_from_file_location(fullname, MAPPING[fullname] + ".py")


def install():
    sys.meta_path.append(_EditableFinder)
"""


def generated(repository: Repository) -> None:
    """A helper that git does not track: there is one version of it, and the base had another."""
    home = repository.root / "generated"

    def both() -> None:
        repository.code(_FROM_STEPS)
        (repository.root / ".gitignore").write_text("generated/\n", encoding="utf-8")

    on_main(repository, both)
    (repository.root / "NOTES.txt").write_text("harmless", encoding="utf-8")
    repository.commit()
    home.mkdir()
    (home / "steps.py").write_text(_CHANGED_STEPS, encoding="utf-8")


def by_absolute_path(repository: Repository) -> None:
    """A loader of the project's own that goes by a path of this machine."""
    home = repository.root / "helpers"
    load = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('steps', {str(home / 'steps.py')!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "sys.modules['steps'] = module\n"
        "spec.loader.exec_module(module)\n"
    )

    def both() -> None:
        home.mkdir()
        (home / "steps.py").write_text(_STEPS, encoding="utf-8")
        (repository.root / "loading.py").write_text(load, encoding="utf-8")
        repository.code(_FROM_STEPS.replace("    import steps\n", "    import loading\n    import steps\n"))

    on_main(repository, both)
    (home / "steps.py").write_text(_CHANGED_STEPS, encoding="utf-8")


def another_clone(repository: Repository) -> None:
    """What is installed is another clone of the repository, so that no side's code is judged."""
    helper_in("lib")(repository)
    other = repository.root.parent / f"{repository.root.name}-other"
    repository.git("clone", "--quiet", "--branch=main", str(repository.root), str(other))
    (site_of(repository) / "_project.pth").write_text(f"{other / 'lib'}\n", encoding="utf-8")


def moved_project(old: str, new: str, *, rename: bool = False) -> Callable[[Repository], None]:
    """The whole project moves, and its code changes."""

    def make(repository: Repository) -> None:
        root = repository.root

        def both() -> None:
            (root / old).mkdir(parents=True)
            with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
                file.write('\n[project]\nname = "orders"\nversion = "1.0"\n')
            for name in ("flows.py", "pyproject.toml", "histories"):
                (root / name).rename(root / old / name)

        on_main(repository, both)
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        (root / old).rename(root / new)
        (root / new / "flows.py").write_text(CHANGED, encoding="utf-8")
        if rename:  # so much of it changes that git sees no rename
            table = (root / new / "pyproject.toml").read_text(encoding="utf-8")
            more = "\n".join(f"# line {number} of a long comment" for number in range(40))
            (root / new / "pyproject.toml").write_text(f"{more}\n{table}", encoding="utf-8")
        repository.commit()

    return make


def project_that_is_new(repository: Repository) -> None:
    (repository.root / "other").mkdir()
    for name in ("flows.py", "histories"):
        (repository.root / name).rename(repository.root / "other" / name)
    (repository.root / "other" / "pyproject.toml").write_text(
        '[project]\nname = "other"\n[tool.replaykit]\nworkflows = ["flows"]\n', encoding="utf-8"
    )
    repository.commit()


def merged(repository: Repository) -> None:
    """The change is on `main` already, and nothing else is there."""
    repository.code(CHANGED)
    repository.commit()
    repository.git("branch", "--force", "main", "HEAD")


def two_pushed(repository: Repository) -> None:
    """Two commits are pushed to `main`: the first breaks, the last is harmless."""
    repository.code(CHANGED)
    repository.commit()
    (repository.root / "NOTES.txt").write_text("harmless", encoding="utf-8")
    repository.commit()
    before = repository.git("rev-parse", "main")
    repository.git("branch", "--force", "main", "HEAD")
    repository.git("checkout", "--quiet", "main")
    event = repository.root / ".git" / "event.json"
    event.write_text(f'{{"before": "{before}"}}', encoding="utf-8")


_GITHUB = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "{root}/.git/event.json"}
_SITE = {"PYTHONPATH": "{root}/.installed/site-packages"}

ROWS = (
    Row(
        name="a helper on PYTHONPATH",
        make=helper_in("lib"),
        exit_code=1,
        rule="new-divergence",
        absent="inherited",
        env={"PYTHONPATH": "{root}/lib"},
    ),
    Row(
        name="a helper of an editable install by a .pth file",
        make=helper_in("packages/helpers", installed="pth"),
        exit_code=1,
        rule="new-divergence",
        absent="inherited",
        env=_SITE,
    ),
    Row(
        name="a helper of an editable install by a finder",
        make=helper_in("packages/helpers", installed="setuptools"),
        exit_code=1,
        rule="new-divergence",
        absent="inherited",
        env=_SITE,
    ),
    Row(
        name="a helper that the environment imports at its start",
        make=helper_in("packages/helpers", installed="at start"),
        exit_code=1,
        rule="new-divergence",
        absent="inherited",
        env=_SITE,
    ),
    Row(
        name="a sibling package",
        make=helper_in("sibling/src"),
        exit_code=1,
        rule="new-divergence",
        absent="inherited",
        env={"PYTHONPATH": "{root}/sibling/src"},
    ),
    Row(
        name="a helper that git does not track",
        make=generated,
        exit_code=2,
        rule="base-of-mixed-code",
        text="steps generated/steps.py cure: Commit a file that git does not track",
        env={"PYTHONPATH": "{root}/generated"},
    ),
    Row(
        name="a helper that is loaded by an absolute path",
        make=by_absolute_path,
        exit_code=2,
        rule="base-of-mixed-code",
        text="steps helpers/steps.py",
    ),
    Row(
        name="an editable install of another clone",
        make=another_clone,
        exit_code=2,
        rule="base-of-mixed-code",
        text="from another copy of this project in",
        env=_SITE,
    ),
    Row(
        name="a project that moved",
        make=moved_project("svc", "services/svc"),
        exit_code=1,
        rule="new-divergence",
        absent="of a fixture that came with the change",
        folder="services/svc",
    ),
    Row(
        name="a project that moved and whose pyproject.toml changed",
        make=moved_project("svc", "services/svc", rename=True),
        exit_code=1,
        rule="new-divergence",
        absent="base-not-judged",
        folder="services/svc",
    ),
    Row(
        name="a project that the base has not",
        make=project_that_is_new,
        exit_code=2,
        text="has no project other, there or at another place",
        folder="other",
    ),
    Row(
        name="HEAD as its own base",
        make=merged,
        exit_code=2,
        text="the base HEAD holds all that is checked out",
        arguments=("--base", "HEAD"),
    ),
    Row(
        name="a change that is on the default branch already",
        make=merged,
        exit_code=1,
        rule="new-divergence",
        text="base HEAD^ ",
    ),
    Row(
        name="a push of two commits, the last of which is harmless",
        make=two_pushed,
        exit_code=1,
        rule="new-divergence",
        text="2 commits, before the push, from GitHub Actions",
        env=_GITHUB,
    ),
)

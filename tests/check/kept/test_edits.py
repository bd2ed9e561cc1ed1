"""What is replayed again after an edit, and what is not."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from replaykit.check import ChildCheck, check, fixtures_of, kept_check
from replaykit.config import load_config
from tests.check.kept.project import FIRST, SECOND, write, write_fixture, write_project

Edit = Callable[[Path, pytest.MonkeyPatch], object]


@dataclass(frozen=True)
class Project:
    root: Path

    def decisions(self, door: str = "command") -> dict[str, str]:
        """By workflow type of each fixture, what is done about it."""
        config = load_config(self.root)
        judge = kept_check(config, lambda config: pytest.fail("nothing is judged here"), door=door)
        found = {path: judge.decide(path) for path in fixtures_of(config)}
        return {path.parent.name: each.why for path, each in found.items()}

    def check(self) -> int:
        """Judge what has to be; returns how many were replayed."""
        config = load_config(self.root)
        with kept_check(config, ChildCheck, door="command") as judge:
            report = check(judge)
        assert report.exit_code == 0, [verdict.message for verdict in report.verdicts]
        return len(report.verdicts) - report.kept


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project that was judged once; what a test does to it is undone."""
    root = tmp_path_factory.mktemp("judged").resolve()
    write_project(root / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        patch.setenv("LOCALAPPDATA", str(root / "cache"))
        patch.setattr(sys, "path", [*sys.path, str(root / "project" / "site-packages")])
        patch.chdir(root / "project")
        project = Project(root / "project")
        assert project.check() == 2
        yield project


@pytest.fixture
def project(judged: Project) -> Iterator[Project]:
    everything = judged.root.parent
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(everything, kept, dirs_exist_ok=True)
        yield judged
        for folder in everything.iterdir():  # the current folder stays
            for each in folder.iterdir():
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        shutil.copytree(kept, everything, dirs_exist_ok=True)


def changed(name: str, old: str, new: str) -> Edit:
    def edit(root: Path, patch: pytest.MonkeyPatch) -> None:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        write(root, name, text.replace(old, new))

    return edit


def added(name: str, text: str) -> Edit:
    def edit(root: Path, patch: pytest.MonkeyPatch) -> None:
        before = (root / name).read_text(encoding="utf-8") if (root / name).exists() else ""
        write(root, name, before + text)

    return edit


def removed(name: str) -> Edit:
    return lambda root, patch: (root / name).unlink()


def renamed(name: str, new: str) -> Edit:
    return lambda root, patch: (root / name).rename(root / new)


def both(first: Edit, second: Edit) -> Edit:
    return lambda root, patch: (first(root, patch), second(root, patch))


def setting(line: str) -> Edit:
    return changed("pyproject.toml", "[tool.replaykit]\n", f"[tool.replaykit]\n{line}\n")


def variable(name: str) -> Edit:
    return lambda root, patch: patch.setenv(name, "7")


BOTH = {FIRST, SECOND}
CALLED = "\n\ndef called(name):\n    return "

AFFECTED: dict[str, tuple[Edit, set[str], str]] = {
    # What the code of one workflow is made of
    "helper function": (changed("app/prices.py", "* 2", "* 3"), {FIRST}, "app/prices.py changed"),
    "constant of a module below": (
        added("app/constants.py", "SIX = 6\n"),
        {FIRST},
        "app/constants.py changed",
    ),
    "relative import": (added("app/rules.py", "X = 1\n"), {FIRST}, "app/rules.py changed"),
    "import in a function": (added("app/late.py", "X = 1\n"), {FIRST}, "app/late.py changed"),
    "import by a literal name": (added("app/literal.py", "X = 1\n"), {FIRST}, "app/literal.py changed"),
    "namespace package": (added("app/spaces/inner.py", "X = 1\n"), {FIRST}, "app/spaces/inner.py changed"),
    "module by a star": (added("app/package/part.py", "X = 1\n"), {FIRST}, "app/package/part.py changed"),
    "comment": (added("app/prices.py", "# why\n"), {FIRST}, "app/prices.py changed"),
    "activity": (added("app/activities.py", "X = 1\n"), {FIRST}, "app/activities.py changed"),
    "file removed": (removed("app/late.py"), {FIRST}, "app/late.py is gone"),
    "another workflow": (added("app/second.py", "X = 1\n"), {SECOND}, "app/second.py changed"),
    "no Python any more": (added("app/prices.py", "def (\n"), BOTH, "app/prices.py is no Python that parses"),
    "new import of Python's own": (
        changed("app/prices.py", "def", "import decimal\n\n\ndef"),
        {FIRST},
        "app/prices.py changed",
    ),
    "new import of a library": (
        changed("app/prices.py", "def", "import fakelib\n\n\ndef"),
        BOTH,
        "imported libraries changed",
    ),
    # What all workflows share
    "package": (added("app/__init__.py", "X = 1\n"), BOTH, "app/__init__.py changed"),
    "setup function": (added("app/boot.py", "X = 1\n"), BOTH, "app/boot.py changed"),
    "module of the setup function": (added("app/table.py", "X = 1\n"), BOTH, "app/table.py changed"),
    "data converter": (added("app/codec.py", "X = 1\n"), BOTH, "app/codec.py changed"),
    "interceptor": (added("app/hooks.py", "X = 1\n"), BOTH, "app/hooks.py changed"),
    "module that changes others": (added("app/plugins.py", "X = 1\n"), BOTH, "app/plugins.py changed"),
    "module that is changed by another": (
        added("app/registry.py", "X = 1\n"),
        BOTH,
        "app/registry.py changed",
    ),
    "data file": (added("app/table.txt", "more"), BOTH, "app/table.txt, which the code opens, changed"),
    "data file removed": (removed("app/table.txt"), BOTH, "app/table.txt, which the code opens, is gone"),
    # Where modules are looked for
    "shadowed by a new file": (added("before/app/prices.py", ""), {FIRST}, "before/app/prices.py is new"),
    "shadowed package": (added("app/prices/__init__.py", ""), {FIRST}, "app/prices/__init__.py is new"),
    "shadowed module of Python": (added("datetime.py", ""), BOTH, "datetime.py is new"),
    "shadowed module of a library": (added("google.py", ""), BOTH, "google.py is new"),
    "compiled module": (added("app/prices.abi3.so", ""), BOTH, "app/prices.abi3.so is no source"),
    "import path": (lambda root, patch: patch.syspath_prepend(root / "scripts"), BOTH, "import path changed"),
    "other current folder": (
        lambda root, patch: patch.chdir(root / "scripts"),
        BOTH,
        "current folder changed",
    ),
    "link that finds modules itself": (
        both(added("site-packages/__editable___x_finder.py", ""), added("app/prices.py", "import nowhere\n")),
        BOTH,
        "nowhere is imported, and in no folder of the import path",
    ),
    "link of the import path": (added("site-packages/x.pth", "/x\n"), BOTH, "x.pth is new"),
    # What is installed and set
    "release of a package": (
        renamed("site-packages/fakelib-1.0.dist-info", "site-packages/fakelib-1.1.dist-info"),
        BOTH,
        "fakelib 1.0 -> 1.1",
    ),
    "same release of a package": (
        added("site-packages/fakelib-1.0.dist-info/RECORD", "new\n"),
        BOTH,
        "fakelib 1.0 was installed again",
    ),
    "new package": (added("site-packages/more-2.dist-info/RECORD", ""), BOTH, "more 2 is new"),
    "release of Python": (lambda root, patch: patch.setattr(sys, "version", "4.0"), BOTH, "Python changed"),
    "replaykit": (
        lambda root, patch: patch.setattr("replaykit.check.kept.surroundings._own_parts", dict),
        BOTH,
        "replaykit's own code changed",
    ),
    "variable that is read": (variable("ORDER_LIMIT"), {FIRST}, "environment variable ORDER_LIMIT changed"),
    "variable of Python": (variable("PYTHONHASHSEED"), BOTH, "environment variable PYTHONHASHSEED changed"),
    "time zone": (variable("TZ"), BOTH, "environment variable TZ changed"),
    # The configuration
    "strict mode": (setting("strict = true"), BOTH, "strict of the configuration changed"),
    "timeout": (setting("timeout = 5"), BOTH, "timeout_s of the configuration changed"),
    "sandbox": (setting('sandbox = "fresh"'), BOTH, "warm of the configuration changed"),
    "limits": (setting("limits = { events = 9 }"), BOTH, "limits of the configuration changed"),
    "workers": (
        changed("pyproject.toml", 'interceptors = ["app.hooks:Hooks"]\n', ""),
        BOTH,
        "workers of the conf",
    ),
    # What is not clear
    "import by a variable": (
        added("app/prices.py", f"import importlib\n{CALLED}importlib.import_module(name)\n"),
        {FIRST},
        "app/prices.py imports a module by a name that is made at run time",
    ),
    "__import__": (
        added("app/prices.py", f"{CALLED}__import__(name)\n"),
        {FIRST},
        "app/prices.py imports a module by a name that is made at run time",
    ),
    "exec": (added("app/rules.py", f"{CALLED}exec(name)\n"), {FIRST}, "app/rules.py runs code that is made"),
    "eval": (added("app/rules.py", f"{CALLED}eval(name)\n"), {FIRST}, "app/rules.py runs code that is made"),
    "environment as a whole": (
        added("app/rules.py", f"{CALLED}dict(os.environ)\n"),
        {FIRST},
        "app/rules.py reads the environment by names of run time",
    ),
    "variable by a variable": (
        added("app/rules.py", f"{CALLED}os.getenv(name)\n"),
        {FIRST},
        "app/rules.py reads the environment by names of run time",
    ),
    "folder listed": (
        added("app/rules.py", f"{CALLED}os.listdir(name)\n"),
        {FIRST},
        "app/rules.py looks which files there are",
    ),
    "files found": (
        added("app/rules.py", f"import pathlib\n{CALLED}[*pathlib.Path(name).glob('*')]\n"),
        {FIRST},
        "app/rules.py looks which files there are",
    ),
    "import path in code": (
        added("app/rules.py", f"import sys\n{CALLED}sys.path\n"),
        {FIRST},
        "app/rules.py reads or changes the import path",
    ),
    "data of a package": (
        added("app/rules.py", f"import pkgutil\n{CALLED}pkgutil.get_data('app', name)\n"),
        {FIRST},
        "app/rules.py loads modules in a way of its own",
    ),
    "resources": (
        added("app/rules.py", f"from importlib import resources\n{CALLED}resources.files(name)\n"),
        {FIRST},
        "app/rules.py loads modules in a way of its own",
    ),
    "entry points": (
        added("app/rules.py", f"from importlib.metadata import entry_points as found\n{CALLED}found()\n"),
        {FIRST},
        "app/rules.py loads modules in a way of its own",
    ),
    "settings by a library": (
        added("app/rules.py", "from pydantic_settings import BaseSettings\n"),
        BOTH,
        "app/rules.py has its settings read by a library",
    ),
    "time at import": (
        added("app/rules.py", "import datetime\n\nNOW = datetime.datetime.now()\n"),
        BOTH,
        "app/rules.py asks for the time, for chance or for its machine while it is imported",
    ),
    # The fixtures
    "history edited": (
        changed(f"histories/{FIRST}/run.json", '"data-processing"', '"data-processing-2"'),
        {FIRST},
        "the history itself changed",
    ),
    "history renamed": (
        renamed(f"histories/{SECOND}/run.json", f"histories/{SECOND}/another.json"),
        {SECOND},
        "new history",
    ),
}


@pytest.mark.parametrize("edit", AFFECTED)
def test_what_an_edit_can_affect_is_replayed(
    project: Project, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    change, types, why = AFFECTED[edit]
    change(project.root, monkeypatch)
    decisions = project.decisions()
    assert {name for name, reason in decisions.items() if reason != "answered from before"} == types, (
        decisions
    )
    assert all(why in decisions[name] for name in types), decisions


UNAFFECTED: dict[str, Edit] = {
    "nothing": lambda root, patch: None,
    "file that is not imported": added("scripts/report.py", "X = 1\n"),
    "text beside the code": added("README.md", "more\n"),
    "table of another tool": changed("pyproject.toml", "x = 1", "x = 2"),
    "comment in the configuration": added("pyproject.toml", "# why\n"),
    "blame": setting("blame = false"),
    "changed": setting("changed = true"),
    "fixtures are required": setting("require_fixtures = true"),
    "gate": added("pyproject.toml", '[tool.replaykit.gate]\nbase = "main"\n'),
    "explore": added("pyproject.toml", '[tool.replaykit.explore]\nlearn = ["x"]\n'),
    "variable that nobody reads": variable("SOME_ID_OF_THE_BUILD"),
    "same bytes again": changed("app/prices.py", "* 2", "* 2"),
    "folder of bytecode": added("app/__pycache__/prices.cpython-311.pyc", "x"),
}


@pytest.mark.parametrize("edit", UNAFFECTED)
def test_what_an_edit_cannot_affect_is_answered(
    project: Project, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    UNAFFECTED[edit](project.root, monkeypatch)
    assert set(project.decisions().values()) == {"answered from before"}


def test_a_new_history_is_replayed_and_the_others_are_not(project: Project) -> None:
    write_fixture(project.root, FIRST, "second-run")
    assert project.check() == 1
    assert project.check() == 0


def test_each_door_has_a_memory_of_its_own(project: Project) -> None:
    assert set(project.decisions(door="pytest").values()) == {"new history"}


def test_an_edit_that_is_taken_back_needs_no_replay_where_nothing_was_judged_meanwhile(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed("app/prices.py", "* 2", "* 3")(project.root, monkeypatch)
    assert project.decisions()[FIRST] != "answered from before"
    changed("app/prices.py", "* 3", "* 2")(project.root, monkeypatch)
    assert project.check() == 0

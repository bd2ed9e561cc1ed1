"""Patch calls are found in the source, with the branches that they guard."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from replaykit.code.patch_calls import PatchCall, find_patch_calls
from replaykit.config import Config, WorkerConfig
from replaykit.replay.workers import load_worker

HEAD = """\
from temporalio import workflow


@workflow.defn
class Order:
    @workflow.run
    async def run(self) -> None:
"""
FIRST = HEAD.count("\n") + 1
"""Line that the body of `run` begins at."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to import modules from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def calls_in(project: Path, *workflows: str, **sources: str) -> tuple[PatchCall, ...]:
    for name, source in sources.items():
        path = project.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    worker = WorkerConfig(workflows=workflows or ("flows",))
    return find_patch_calls(load_worker(Config(root=project, workers=(worker,)), worker).types, project)


def body(text: str) -> str:
    return HEAD + textwrap.indent(textwrap.dedent(text), " " * 8)


def branches(call: PatchCall) -> list[tuple[str | None, str | None]]:
    """New and old lines, counted from the first of `run`."""

    def shifted(lines: object) -> str | None:
        if lines is None:
            return None
        return "-".join(str(int(part) - FIRST + 1) for part in str(lines).split("-"))

    return [(shifted(guard.new), shifted(guard.old)) for guard in call.guards]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if workflow.patched('p'):\n    a = 1\n    b = 2\nelse:\n    a = 3", [("2-3", "5")]),
        ("if workflow.patched('p'):\n    a = 1", [("2", None)]),
        ("if not workflow.patched('p'):\n    a = 1\nelse:\n    a = 2\n    b = 3", [("4-5", "2")]),
        ("if not workflow.patched('p'):\n    a = 1\n    return\na = 2\nb = 3", [("4-5", "2-3")]),
        ("if workflow.patched('p') and 1:\n    a = 1", [("2", None)]),
        ("a = 1 if workflow.patched('p') else (\n    2)", [("1", "2")]),
        (
            "new = workflow.patched('p')\nif new:\n    a = 1\nif not new:\n    a = 2",
            [("3", None), (None, "5")],
        ),
        ("old = not workflow.patched('p')\nif old:\n    a = 1\nelse:\n    a = 2", [("5", "3")]),
        ("if (new := workflow.patched('p')):\n    a = 1", [("2", None)]),
        ("if 0:\n    pass\nelif workflow.patched('p'):\n    a = 1\nelse:\n    a = 2", [("4", "6")]),
        ("self.new = workflow.patched('p')\nif self.new:\n    a = 1", [("3", None)]),
        ("workflow.patched('p')", []),
        ("print(workflow.patched('p'))", []),
    ],
)
def test_branches(project: Path, text: str, expected: list[tuple[str | None, str | None]]) -> None:
    (call,) = calls_in(project, flows=body(text))
    assert (call.name, call.patch_id, call.file, call.function) == ("patched", "p", "flows.py", "run")
    assert call.workflows == {"Order"}
    assert branches(call) == expected


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from temporalio import workflow as wf", "wf.patched('p')"),
        ("import temporalio.workflow", "temporalio.workflow.patched('p')"),
        ("import temporalio.workflow as tw", "tw.patched('p')"),
        ("import temporalio", "temporalio.workflow.patched('p')"),
        ("from temporalio.workflow import patched", "patched('p')"),
        ("from temporalio.workflow import patched as is_new", "is_new(id='p')"),
        ("from compat import wf", "wf.patched('p')"),
        ("from compat import is_new", "is_new('p')"),
    ],
)
def test_aliases(project: Path, imports: str, call: str) -> None:
    compat = "from temporalio import workflow as wf\nfrom temporalio.workflow import patched as is_new\n"
    (found,) = calls_in(project, flows=f"{imports}\n{body(f'if {call}: pass')}", compat=compat)
    assert (found.name, found.patch_id) == ("patched", "p")


_IDS = """\
import enum
from typing import ClassVar, Final

THERE = 'there'
VERSION: Final = 2


class Patch:
    VALIDATE = 'validate'

    class Inner:
        DEEP: ClassVar[str] = 'deep'


class Names(str, enum.Enum):
    PAY = 'pay'
"""
_TOP = """\
import enum
import ids
import ids as short
from ids import THERE, Names, Patch as Ids
HERE = 'here'
TWICE = 'a'
TWICE = 'b'
if HERE == 'x':
    EITHER = 'a'
else:
    EITHER = 'b'
MADE = str(1)
SHORT = ids.Patch
LOOP = LOOP2 = None
LOOP = LOOP2
class Kind(enum.Enum):
    ONE = 'one'
class Auto(enum.Enum):
    ONE = enum.auto()
class Common:
    INHERITED = 'inherited'
    HIDDEN = 'of the base'
def outer(HERE):
    return workflow.patched(HERE)
"""
_OWN = """\
    OWN = 'own'
    HIDDEN = 'of the class'
    JOINED = OWN + '-2'
    SET = 'set'
    FLAGS = ['a']

    def __init__(self) -> None:
        self.SET = str(2)
        self.made = 'x'

"""


@pytest.mark.parametrize(
    ("call", "patch_id"),
    [
        ("HERE", "here"),
        ("THERE", "there"),
        ("ids.THERE", "there"),
        ("short.THERE", "there"),
        ("ids.Patch.VALIDATE", "validate"),
        ("Ids.VALIDATE", "validate"),
        ("SHORT.VALIDATE", "validate"),
        ("ids.Patch.Inner.DEEP", "deep"),
        ("Kind.ONE.value", "one"),
        ("Kind.ONE.name", "ONE"),
        ("Names.PAY", "pay"),
        ("Names.PAY.value", "pay"),
        ("self.OWN", "own"),
        ("type(self).OWN", "own"),
        ("self.__class__.OWN", "own"),
        ("Order.OWN", "own"),
        ("self.INHERITED", "inherited"),
        ("Order.INHERITED", "inherited"),
        ("type(self).HIDDEN", "of the class"),
        ("self.JOINED", "own-2"),
        ("HERE + '-2'", "here-2"),
        ("'a' 'b'", "ab"),
        ("f'{HERE}-2'", "here-2"),
        ("f'{self.OWN}-v{ids.VERSION}'", "own-v2"),
        ("f'{Kind.ONE.value}'", "one"),
        ("f'{Kind.ONE}'", None),
        ("f'{HERE!r}'", None),
        ("f'{HERE:>9}'", None),
        ("TWICE", None),
        ("EITHER", None),
        ("MADE", None),
        ("LOOP", None),
        ("Auto.ONE.value", None),
        ("self.SET", None),
        ("self.made", None),
        ("self.FLAGS", None),
        ("self.NOWHERE", None),
        ("ids.VERSION", None),
        ("ids.NOWHERE", None),
        ("str(1)", None),
        ("unknown", None),
        ("Kind['ONE'].value", None),
    ],
)
def test_ids(project: Path, call: str, patch_id: str | None) -> None:
    text = body(f"workflow.patched({call})").replace("class Order:\n", f"class Order(Common):\n{_OWN}")
    top, _, rest = text.partition("@workflow.defn")
    found = calls_in(project, flows=f"{top}{_TOP}\n@workflow.defn{rest}", ids=_IDS)
    assert [each.patch_id for each in found if each.function == "run"] == [patch_id]
    assert [each.patch_id for each in found if each.function == "outer"] == [None], "a parameter hides a name"


@pytest.mark.parametrize(
    ("text", "patch_id"),
    [
        ("NEW = 'local'\nworkflow.patched(NEW)", "local"),
        ("NEW: str = HERE + '-2'\nworkflow.patched(NEW)", "here-2"),
        ("kinds = Kind\nworkflow.patched(kinds.ONE)", "one"),
        ("for NEW in ('a', 'b'):\n    workflow.patched(NEW)", None),
        ("NEW = 'a'\nNEW += 'b'\nworkflow.patched(NEW)", None),
        ("HERE = str(1)\nworkflow.patched(HERE)", None),
        ("global HERE\nHERE = 'b'\nworkflow.patched(HERE)", None),
        ("is_new = workflow.patched\nis_new(HERE)", "here"),
        ("[workflow.patched(HERE) for HERE in 'ab']", None),
    ],
)
def test_ids_of_names_inside_a_function(project: Path, text: str, patch_id: str | None) -> None:
    top = "HERE = 'here'\nclass Kind:\n    ONE = 'one'\n"
    (call,) = calls_in(project, flows=top + body(text))
    assert call.patch_id == patch_id


@pytest.mark.parametrize(
    ("top", "call"),
    [
        ("is_new = workflow.patched", "is_new('p')"),
        ("from temporalio.workflow import *", "patched('p')"),
        ("from compat import *", "is_new('p')"),
        ("import compat\nis_old = compat.is_new", "is_old('p')"),
    ],
)
def test_a_call_by_another_name_is_one(project: Path, top: str, call: str) -> None:
    compat = "from temporalio import workflow as wf\nis_new = wf.patched\n"
    (found,) = calls_in(project, flows=body(call).replace("\n\n\n", f"\n{top}\n\n\n", 1), compat=compat)
    assert (found.name, found.patch_id) == ("patched", "p")


def test_a_base_gives_each_workflow_the_id_of_its_own(project: Path) -> None:
    flows = """\
from temporalio import workflow

class Common:
    PATCH = "common"

    def step(self) -> None:
        workflow.patched(self.PATCH)

@workflow.defn
class One(Common):
    @workflow.run
    async def run(self) -> None: ...

@workflow.defn
class Two(Common):
    PATCH = "two"

    @workflow.run
    async def run(self) -> None: ...

@workflow.defn
class Three(Common):
    PATCH = str(3)

    @workflow.run
    async def run(self) -> None: ...
"""
    found = {call.patch_id: call.workflows for call in calls_in(project, flows=flows)}
    assert found == {"common": {"One"}, "two": {"Two"}, None: {"Three"}}


def test_helpers_of_the_project(project: Path) -> None:
    flows = "from app.steps import pay\n" + body("await pay()")
    steps = "from app import deep\n\nasync def pay() -> None:\n    deep.go()\n"
    deep = "from temporalio import workflow\n\ndef go() -> None:\n    workflow.deprecate_patch('deep')\n"
    (call,) = calls_in(project, flows=flows, app____init__="", app__steps=steps, app__deep=deep)
    assert (call.name, call.patch_id, call.place, call.function) == (
        "deprecate_patch",
        "deep",
        "app/deep.py:4",
        "go",
    )
    assert call.workflows == {"Order"}


def test_relative_imports(project: Path) -> None:
    flows = "from .steps import go\n" + body("go()")
    steps = "from temporalio.workflow import patched\n\ndef go() -> bool:\n    return patched('p')\n"
    (call,) = calls_in(project, "app.flows", app____init__="", app__flows=flows, app__steps=steps)
    assert call.place == "app/steps.py:4"


def test_a_call_belongs_to_the_workflows_that_can_come_to_it(project: Path) -> None:
    flows = """\
from temporalio import workflow

def shared() -> None:
    workflow.patched("shared")

class Common:
    def step(self) -> None:
        workflow.patched("common")

@workflow.defn
class One(Common):
    @workflow.run
    async def run(self) -> None:
        workflow.patched("one")

@workflow.defn(name="second")
class Two:
    @workflow.run
    async def run(self) -> None:
        workflow.deprecate_patch("two")
"""
    found = {call.patch_id: call.workflows for call in calls_in(project, flows=flows)}
    assert found == {
        "shared": {"One", "second"},
        "common": {"One"},
        "one": {"One"},
        "two": {"second"},
    }


def test_a_workflow_of_another_worker_is_left_out(project: Path) -> None:
    child = body("workflow.patched('child')").replace("Order", "Child")
    helper = "class Helper:\n    def step(self) -> None:\n        workflow.patched('helper')\n"
    flows = "from child import Child\n" + body("Child().run()\nworkflow.patched('own')")
    found = calls_in(project, "flows:Order", flows=flows, child=child + "\n" + helper)
    assert {call.patch_id: call.workflows for call in found} == {"own": {"Order"}, "helper": {"Order"}}


def test_other_functions_of_that_name_are_none(project: Path) -> None:
    source = "def patched(x): return x\n" + body("patched('p')\nself.patched('q')\nprint('workflow.patched')")
    assert calls_in(project, flows=source) == ()

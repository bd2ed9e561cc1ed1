"""Which workflows a change alters, read from the trees of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from replaykit.code.changed import changed_workflows, removed_patches, removed_unread
from replaykit.code.definitions import workflow_places
from replaykit.code.reachable import Running, WorkflowCode, reached_below

CODE = """\
from temporalio import workflow

LIMIT = 10


def total(parts: list[int]) -> int:
    return sum(parts)


@workflow.defn
class Order:
    @workflow.run
    async def run(self) -> int:
        return total([1])


@workflow.defn(name="billing")
class Invoice:
    @workflow.run
    async def run(self) -> int:
        return 2
"""


RATES = """\
\"\"\"What things cost.\"\"\"

import enum

LIMIT = 10
UNUSED = 1
LIMITS = {"a": 1}
LIMITS["b"] = 2


class Patch(enum.Enum):
    NEW = "new" + "-rates"


def rate(part: int) -> int:
    return inner(part)


def inner(part: int) -> int:
    return part * LIMIT


def nobody_calls() -> int:
    return UNUSED
"""
WIDE = """\
from app import rates
from app.acts import charge
from app.bases import Base as Parent
from app.child import Child
from temporalio import workflow
from temporalio.workflow import patched


@workflow.defn
class Wide(Parent):
    @workflow.run
    async def run(self) -> int:
        if patched(rates.Patch.NEW.value) and workflow.patched("other"):
            workflow.deprecate_patch("old")
        await workflow.execute_child_workflow(Child.run, 1)
        await workflow.execute_activity(charge, rates.rate(1))
        from app import late

        return late.VALUE + rates.LIMITS["a"]


@workflow.defn
class Alone:
    @workflow.run
    async def run(self) -> int:
        return 1
"""
FILES = {
    "src/app/__init__.py": "",
    "src/app/wide.py": WIDE,
    "src/app/rates.py": RATES,
    "src/app/late.py": "VALUE = 1\n",
    "src/app/bases.py": "from app.more import *\n\n\nclass Base:\n    value = of_star\n",
    "src/app/more.py": "of_star = 3\n",
    "src/app/acts.py": "from temporalio import activity\n\n\n@activity.defn\n"
    "async def charge(amount: int) -> int:\n    return amount + 1\n",
    "src/app/child.py": "from temporalio import workflow\n\n\n@workflow.defn\nclass Child:\n"
    "    @workflow.run\n    async def run(self, part: int) -> int:\n        return part + 1\n",
}


def reached(root: Path, files: Mapping[str, str]) -> Mapping[str, WorkflowCode]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return reached_below(root)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("return 2", "return 3", {"billing"}),
        ("return 2", "return 2  # unchanged", set()),
        ("return 2", "return (\n            2\n        )", set()),
        ("return 2", '"""Two."""\n        return 2', set()),
        ("sum(parts)", "max(parts)", {"Order"}),
        ("LIMIT = 10", "LIMIT = 11", set()),
        ("class Order", "class Purchase", set()),
        ('(name="billing")', "", set()),
        ("return 2", "return (", set()),
    ],
    ids=[
        "class",
        "comment",
        "layout",
        "docstring",
        "function beside it",
        "constant that nothing uses",
        "renamed class",
        "renamed type",
        "broken file",
    ],
)
def test_a_changed_workflow_is_one_whose_code_differs(
    tmp_path: Path, old: str, new: str, changed: set[str]
) -> None:
    assert old in CODE
    before = reached(tmp_path / "base", {"flows.py": CODE})
    now = reached(tmp_path / "head", {"flows.py": CODE.replace(old, new)})
    assert changed_workflows(now, before) == changed


@pytest.mark.parametrize(
    ("file", "old", "new", "is_changed"),
    [
        ("rates.py", "part * LIMIT", "part + LIMIT", True),
        ("rates.py", "LIMIT = 10", "LIMIT = 11", True),
        ("rates.py", '["b"] = 2', '["b"] = 3', True),
        ("rates.py", "UNUSED = 1", "UNUSED = 2", False),
        ("rates.py", "return UNUSED", "return 0", False),
        ("rates.py", "What things cost", "Prices", False),
        ("late.py", "VALUE = 1", "VALUE = 2", True),
        ("bases.py", "value = of_star", "value = 4", True),
        ("more.py", "of_star = 3", "of_star = 4", True),
        ("acts.py", "amount + 1", "amount + 2", False),
        ("acts.py", "amount: int", "amount: float", True),
        ("child.py", "part + 1", "part + 2", False),
        ("child.py", "part: int", "part: str", True),
        ("wide.py", "import patched", "import random as patched", True),
        ("wide.py", "from app.child", "# more\nfrom app.child", False),
    ],
)
def test_what_a_workflow_uses_is_its_code(
    tmp_path: Path, file: str, old: str, new: str, is_changed: bool
) -> None:
    text = FILES[f"src/app/{file}"]
    assert old in text
    before = reached(tmp_path / "base", FILES)
    now = reached(tmp_path / "head", {**FILES, f"src/app/{file}": text.replace(old, new)})
    assert changed_workflows(now, before) - {"Child"} == ({"Wide"} if is_changed else set())


def test_code_that_only_moves_is_not_changed(tmp_path: Path) -> None:
    before = reached(tmp_path / "base", FILES)
    moved = {name: text for name, text in FILES.items() if "rates.py" not in name}
    moved["src/app/prices.py"] = RATES
    moved["src/app/wide.py"] = WIDE.replace("import rates", "import prices as rates")
    assert changed_workflows(reached(tmp_path / "head", moved), before) == set()


def test_a_sibling_package_is_looked_into(tmp_path: Path) -> None:
    text = CODE.replace("LIMIT = 10", "from shared import helper\n").replace("sum(parts)", "helper(parts)")
    sides = []
    for side in ("base", "head"):
        (tmp_path / side / "shared").mkdir(parents=True)
        (tmp_path / side / "shared" / "shared.py").write_text(
            f"def helper(parts):\n    return '{side}'\n", encoding="utf-8"
        )
        (tmp_path / side / "project").mkdir()
        (tmp_path / side / "project" / "flows.py").write_text(text, encoding="utf-8")
        sides.append(reached_below(tmp_path / side / "project", [tmp_path / side / "shared"]))
    assert changed_workflows(sides[1], sides[0]) == {"Order"}


def test_patch_calls_are_found_by_the_ids_that_they_name(tmp_path: Path) -> None:
    wide = reached(tmp_path, FILES)["Wide"]
    assert wide.patched == {"new-rates", "other"}
    assert wide.deprecated == {"old"}


@pytest.mark.parametrize(
    "new",
    ['workflow.deprecate_patch("other")', "True", 'workflow.patched("another")'],
    ids=["deprecated", "gone", "renamed"],
)
def test_a_patch_whose_old_branch_is_gone(tmp_path: Path, new: str) -> None:
    before = reached(tmp_path / "base", FILES)
    text = WIDE.replace('workflow.patched("other")', new)
    now = reached(tmp_path / "head", {**FILES, "src/app/wide.py": text})
    assert removed_patches(now, before) == {"Wide": {"other"}}
    assert removed_patches(before, before) == {}


def test_places_are_by_type_from_the_project(tmp_path: Path) -> None:
    (tmp_path / "src" / "app").mkdir(parents=True)
    (tmp_path / "src" / "app" / "flows.py").write_text(CODE, encoding="utf-8")
    assert workflow_places(tmp_path) == {
        "Order": ("src/app/flows.py", 11),
        "billing": ("src/app/flows.py", 18),
    }


def run_by(worker: str, file: Path, module: str, workflow_type: str = "Wide") -> Running:
    return Running(worker=worker, workflow_type=workflow_type, module=module, class_name="Wide", file=file)


def test_a_copy_that_no_worker_runs_is_none_of_a_workflow(tmp_path: Path) -> None:
    files = {**FILES, "old/copy.py": WIDE.replace('"other"', '"kept"')}
    assert reached(tmp_path, files)["Wide"].patched == {"new-rates", "other", "kept"}, "nothing else is known"
    running = [run_by("a", tmp_path / "src/app/wide.py", "app.wide")]
    assert reached_below(tmp_path, (), running)["Wide"].patched == {"new-rates", "other"}


def test_the_file_that_a_link_leads_to_is_what_runs(tmp_path: Path) -> None:
    without = WIDE.replace('workflow.patched("other")', "True")
    reached(tmp_path, {**FILES, "versions/v2.py": without})
    (tmp_path / "src/app/current.py").symlink_to("../../versions/v2.py")
    running = [run_by("a", tmp_path / "src/app/current.py", "app.current")]
    assert reached_below(tmp_path, (), running)["Wide"].patched == {"new-rates"}


def test_a_workflow_of_which_only_the_source_is_known_is_found_there(tmp_path: Path) -> None:
    reached(tmp_path, FILES)
    found = reached_below(tmp_path, (), (), [("a", "Wide")])
    assert found["Wide"].patched_by == {"a": {"new-rates", "other"}}
    assert "Child" in found, "one that no worker runs is compared all the same"


def test_a_patch_that_one_of_two_workers_drops(tmp_path: Path) -> None:
    sides = []
    for side, text in (("base", WIDE), ("head", WIDE.replace('workflow.patched("other")', "True"))):
        root = tmp_path / side
        reached(root, {**FILES, "src/app/eu.py": WIDE, "src/app/us.py": text})
        running = [run_by(worker, root / f"src/app/{worker}.py", f"app.{worker}") for worker in ("eu", "us")]
        sides.append(reached_below(root, (), running))
    assert removed_patches(sides[1], sides[0]) == {"Wide": {"other"}}
    assert removed_patches(sides[0], sides[0]) == {}


_BY_CLASS = """\
from temporalio import workflow
from app.ids import Ids


class Common:
    PATCH = "common"

    def step(self) -> None:
        workflow.patched(self.PATCH)
        workflow.patched(f"{Ids.PAY.value}-{type(self).NUMBER}")


@workflow.defn
class Flow(Common):
    PATCH = "own"
    NUMBER = 2

    @workflow.run
    async def run(self, name: str) -> None:
        self.step()
        workflow.patched(name)
        workflow.deprecate_patch(str(1))
"""
_OF_CLASS = {
    "app/__init__.py": "",
    "app/flows.py": _BY_CLASS,
    "app/ids.py": "import enum\n\n\nclass Ids(enum.Enum):\n    PAY = 'pay'\n",
}


def test_ids_of_attributes_are_those_of_the_workflow_that_runs(tmp_path: Path) -> None:
    flow = reached(tmp_path, _OF_CLASS)["Flow"]
    assert flow.patched == {"own", "pay-2"}
    assert flow.unread == ("name",), "a deprecated one has no old branch"


def test_another_id_in_another_module_drops_a_patch(tmp_path: Path) -> None:
    before = reached(tmp_path / "base", _OF_CLASS)
    now = reached(
        tmp_path / "head", {**_OF_CLASS, "app/ids.py": _OF_CLASS["app/ids.py"].replace("'pay'", "'pays'")}
    )
    assert removed_patches(now, before) == {"Flow": {"pay-2"}}
    assert removed_unread(now, before) == {}


@pytest.mark.parametrize("new", ["pass", "workflow.patched(other(name))", "workflow.deprecate_patch(name)"])
def test_a_call_that_cannot_be_read_does_not_go_in_silence(tmp_path: Path, new: str) -> None:
    before = reached(tmp_path / "base", _OF_CLASS)
    text = _BY_CLASS.replace("workflow.patched(name)", new)
    now = reached(tmp_path / "head", {**_OF_CLASS, "app/flows.py": text})
    assert removed_unread(now, before) == {"Flow": {"name"}}
    assert removed_unread(before, before) == {}

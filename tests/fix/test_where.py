"""Where a guard stands: not where no patch can be asked about; and under one patch where a run needs that."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from textwrap import dedent

from replaykit.code.guarding.changes import Changes
from replaykit.code.guarding.differing import Grain
from replaykit.code.guarding.writing import Guard
from replaykit.fix.plans import ids_of, named

FLOW = """
from temporalio import workflow

{imports}

@workflow.defn
class Flow:
    ready = False

{body}
"""


def _flow(body: str, imports: str = "") -> str:
    lines = dedent(body).strip("\n").splitlines()
    return FLOW.format(imports=imports, body="\n".join(f"    {line}".rstrip() for line in lines))


def _guarded(base: Mapping[str, str], head: Mapping[str, str]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The files with every hunk guarded, and the ids of the patches."""
    changes = Changes(base, head)
    hunks = [Guard(hunk=hunk) for hunk in changes.hunks(Grain())]
    guards = named(hunks, changes.patches, None, every=hunks)
    texts = changes.written(guards, mark="Kept.")
    for text in texts.values():
        ast.parse(text)
    return texts, ids_of(guards)


HELPER = """
@workflow.run
async def run(self) -> None:
    for step in self.steps():
        await workflow.execute_activity(step)

@workflow.query
def plan(self) -> list[str]:
    return self.steps()

def steps(self) -> list[str]:
    return {steps}
"""


def test_a_helper_that_a_query_uses_is_guarded_where_the_workflow_calls_it() -> None:
    base, head = (_flow(HELPER.format(steps=steps)) for steps in ('["pay"]', '["check", "pay"]'))
    texts, ids = _guarded({"flows.py": base}, {"flows.py": head})
    assert ids == ("steps-changed",)
    text = texts["flows.py"]
    assert 'in (self.steps() if workflow.patched("steps-changed") else self.steps_before()):' in text
    assert text.count("patched(") == 1
    assert '    # Kept.\n    def steps_before(self) -> list[str]:\n        return ["pay"]\n' in text


def test_a_module_that_knows_nothing_of_workflows_asks_about_no_patch() -> None:
    plan = "def needed() -> list[str]:\n    return {}\n"
    flow = _flow(
        """
        @workflow.run
        async def run(self) -> None:
            for step in needed():
                await workflow.execute_activity(step)
        """,
        "from plan import needed",
    )
    base = {"plan.py": plan.format('["pay"]'), "flows.py": flow}
    head = {"plan.py": plan.format('["check", "pay"]'), "flows.py": flow}
    texts, _ = _guarded(base, head)
    assert "patched" not in texts["plan.py"]
    assert 'def needed_before() -> list[str]:\n    return ["pay"]\n' in texts["plan.py"]
    assert "from plan import needed, needed_before\n" in texts["flows.py"]
    assert 'in (needed() if workflow.patched("needed-changed") else needed_before()):' in texts["flows.py"]


def test_an_activity_asks_about_no_patch() -> None:
    """Nor does what it calls, though the module is one of workflows."""
    code = """
        @workflow.run
        async def run(self) -> None:
            await workflow.execute_activity(report, limit())
        """
    around = "from temporalio import activity\n\n\ndef limit() -> int:\n    return {}\n\n\n"
    around += "@activity.defn\nasync def report(n: int) -> None:\n    print(n, limit())\n"
    base, head = (_flow(code, around.format(number)) for number in (1, 2))
    texts, _ = _guarded({"flows.py": base}, {"flows.py": head})
    assert 'report, (limit() if workflow.patched("limit-changed") else limit_before())' in texts["flows.py"]
    assert texts["flows.py"].count("patched(") == 1


def test_a_setting_of_another_module_is_guarded_where_it_is_used() -> None:
    body = """
        @workflow.run
        async def run(self) -> None:
            for number in range({name}):
                await workflow.execute_activity("item", number)
        """
    for name, imports in (
        ("settings.COUNT", "import settings"),
        ("COUNT", "from settings import COUNT"),
        ("COUNT", "from .settings import COUNT"),
        ("config.COUNT", "from app import settings as config"),
    ):
        flow = _flow(body.format(name=name), imports)
        base = {"app/settings.py": "COUNT = 3\n", "app/flows.py": flow}
        texts, ids = _guarded(base, {**base, "app/settings.py": "COUNT = 2\n"})
        assert f'range({name} if workflow.patched("count") else 3)' in texts["app/flows.py"], imports
        assert ids == ("count",)
        assert "app/settings.py" not in texts


def test_what_hands_a_value_to_another_place_has_one_patch_with_it() -> None:
    """A run that is between the two must not be old at the first and new at the second."""
    steps = """
from temporalio import workflow


async def ship(state: dict) -> None:
{new}    await workflow.execute_activity("ship")
"""
    new = '    held = state.get("hold")\n    await workflow.execute_activity("check", held)\n'
    body = """
        @workflow.run
        async def run(self) -> None:
            self.state = {{}}
            {new}await workflow.execute_activity("pay")
            await ship(self.state)
        """
    first = 'self.state["hold"] = await workflow.execute_activity("hold")\n            '
    imports = "from steps import ship"
    base = {"steps.py": steps.format(new=""), "flows.py": _flow(body.format(new=""), imports)}
    head = {"steps.py": steps.format(new=new), "flows.py": _flow(body.format(new=first), imports)}
    texts, ids = _guarded(base, head)
    assert len(ids) == 1
    assert all(f'patched("{ids[0]}")' in text for text in texts.values())


def test_only_what_is_new_in_a_case_is_guarded() -> None:
    body = """
        @workflow.run
        async def run(self, kind: str) -> None:
            match kind:
                case "a":
                    {new}await workflow.execute_activity("a")
                case _:
                    await workflow.execute_activity("b")
        """
    new = 'await workflow.execute_activity("check")\n                    '
    base, head = (_flow(body.format(new=each)) for each in ("", new))
    texts, _ = _guarded({"flows.py": base}, {"flows.py": head})
    assert texts["flows.py"].count('execute_activity("b")') == 1
    assert 'if workflow.patched("check"):\n                    await' in texts["flows.py"]


def test_a_handler_that_comes_back_is_marked_and_has_no_patch() -> None:
    body = """
        @workflow.run
        async def run(self) -> None:
            await workflow.wait_condition(lambda: self.ready)

        @workflow.signal
        def {name}(self) -> None:
            self.ready = True
        """
    base, head = (_flow(body.format(name=name)) for name in ("packed", "done"))
    texts, ids = _guarded({"flows.py": base}, {"flows.py": head})
    assert ids == ()
    assert "    # Kept.\n    @workflow.signal\n    def packed(self) -> None:" in texts["flows.py"]
    assert "    def done(self) -> None:" in texts["flows.py"]

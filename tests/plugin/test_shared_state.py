"""State that one history leaves in passed-through modules costs no other history its verdict."""

from __future__ import annotations

import pytest

from tests.plugin.project import UNCHANGED, write_project

LEAKY = UNCHANGED.replace(
    "from temporalio import workflow\n",
    "from temporalio import workflow\n\nwith workflow.unsafe.imports_passed_through():\n    import leaky\n",
).replace(
    "        rows = await",
    "        if leaky.SEEN:\n"
    "            return len(leaky.SEEN)\n"
    "        leaky.SEEN.append(source)\n"
    "        rows = await",
)


@pytest.mark.exhaustive
@pytest.mark.parametrize("arguments", [["-n", "2"], ["-n", "0"]])
def test_each_history_is_judged_as_the_first_one(pytester: pytest.Pytester, arguments: list[str]) -> None:
    write_project(pytester.path, code=LEAKY, copies=4)
    pytester.path.joinpath("leaky.py").write_text("SEEN = []\n", encoding="utf-8")
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "--replay-histories", "histories", *arguments, timeout=120
    )
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        [
            "1 global changed during a run, and other runs of the worker see it:",
            "  leaky.SEEN: DataProcessingWorkflow",
        ]
    )

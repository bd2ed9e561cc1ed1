"""Shapes of a change, each with the code that is to come of it; tried on runs that the base has grown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from replaykit.code.guarding.changes import Changes
from replaykit.config import load_config
from replaykit.fix.materials import materials_of
from replaykit.fix.run import is_stuck
from replaykit.fix.search import Search
from replaykit.fix.trial import Trial
from replaykit.revisions import checked_out
from replaykit.verdict import Outcome, Verdict
from tests.fix.shapes import FOLDER, project_of, shapes

WRONG_WAY_ROUND = {"exchanged_branches_of_a_patch", "inverted_patch"}
"""Shapes in which new runs take the wrong side of a patch, and the right one with the cure."""


def test_no_shape_is_left_out() -> None:
    assert len(shapes()) == len(list(FOLDER.iterdir())) >= 50
    assert all(shape.base != shape.head != shape.cured for shape in shapes().values())


@pytest.mark.sampled(12)
@pytest.mark.thinned(2)
@pytest.mark.parametrize("name", sorted(shapes()))
def test_the_smallest_guard_is_found(tmp_path: Path, name: str) -> None:
    shape = shapes()[name]
    folder = project_of(shape, tmp_path / "project")
    fixtures = {path.name: path for path in sorted((folder / "histories").iterdir())}
    with Trial(replace(load_config(folder), strict=True)) as trial:

        def judged(code: Mapping[str, str]) -> Mapping[str, Verdict]:
            texts = {str(folder / name): text for name, text in code.items()}
            return {verdict.history: verdict for verdict in trial.judged(texts, fixtures)}

        base, head = judged(shape.base), judged(shape.head)
        assert {verdict.outcome for verdict in base.values()} <= {Outcome.CONSISTENT, Outcome.UNJUDGED}
        broken = {name: path for name, path in fixtures.items() if is_stuck(head[name])}
        assert broken, "the change breaks nothing, so there is nothing to show"
        with checked_out(folder, "main") as tree:
            materials = materials_of(folder, tree, "main", [str(folder / name) for name in shape.head])
        search = Search(
            trial=trial,
            changes=Changes(materials.base, materials.head),
            materials=materials,
            fixtures=broken,
            at_base=base,
        )
        found = next(search.found())
        assert {**shape.head, **found.texts} == shape.cured
        assert found.plan.turns == (name in WRONG_WAY_ROUND), (
            "new runs are to do what the change does, or not"
        )
        cured = judged(shape.cured)
    assert {cured[name].outcome for name in broken} == {Outcome.CONSISTENT}


def test_what_guards_nothing_and_what_guards_another_place_is_no_cure(tmp_path: Path) -> None:
    """Core accepts another guard of the same kind of call; the arguments show that it is the wrong one."""
    shape = shapes()["inserted_call_of_a_type_that_occurs_again"]
    folder = project_of(shape, tmp_path / "project")
    fixtures = {path.name: path for path in sorted((folder / "histories").iterdir())}
    head = shape.head["flows.py"]
    calls = [line for line in head.splitlines() if '"charge"' in line]
    assert len(calls) == 3

    def guarded(line: str) -> str:
        return head.replace(line, f'        if workflow.patched("p"):\n    {line}', 1)

    with Trial(replace(load_config(folder), strict=True)) as trial:

        def outcomes(code: str) -> set[Outcome]:
            texts = {str(folder / "flows.py"): code}
            return {verdict.outcome for verdict in trial.judged(texts, fixtures)}

        assert Outcome.DIVERGED in outcomes(head)
        assert Outcome.DRIFTED in outcomes(guarded(calls[0]))
        assert outcomes(guarded(calls[1])) == {Outcome.CONSISTENT}
        assert Outcome.DIVERGED in outcomes(f"{head}\n# a guard that guards nothing\n")

"""Every pair of old and new code that diverges: with the guard that is found it replays, attributes too.

`python -m tests.fix.pairs` does the same by the command, with everything else that is tried.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from replaykit.code.guarding.changes import Changes
from replaykit.code.guarding.hunks import Form
from replaykit.config import Config, WorkerConfig
from replaykit.fix.materials import Materials
from replaykit.fix.search import Search
from replaykit.fix.trial import Trial
from replaykit.verdict import Outcome
from tests.fix.sides import FILE, fixture_of, sides_of
from tests.pairs.judging import is_refused
from tests.pairs.pair import Pair
from tests.pairs.table import PAIRS

UNSAFE = [pair for pair in PAIRS if pair.diverges]
PUT_RIGHT = {
    "patches.DeprecatedTooEarly",
    "patches.WrongWayRound",
    "patches.CallRemoved",
    "patches.IdChanged",
    "patches.DeprecatedUnderOtherId",
    "patches.PathRemoved",
    "patches.MovedBeforeAwait",
    "patches.FromSecondRound",
    "patches.OneIdPerRound",
}
"""Pairs that misuse a patch: first it is tried to put that right."""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Trial, Path]]:
    """One process that tries the code of all pairs, as texts that stand for one file."""
    folder = tmp_path_factory.mktemp("pairs")
    (folder / FILE).write_text("")
    worker = WorkerConfig(workflows=("flows:Flow",))
    config = Config(root=folder, workers=(worker,), strict=True, timeout_s=20)
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(str(folder))
        with Trial(replace(config, shared=worker)) as made:
            yield made, folder


@pytest.mark.sampled(25)
@pytest.mark.thinned(5)
@pytest.mark.parametrize("pair", UNSAFE, ids=lambda pair: pair.new)
def test_a_guard_is_found_for_every_change(trial: tuple[Trial, Path], pair: Pair) -> None:
    if not is_refused(pair):
        pytest.skip("the Core of this temporalio does not compare that")
    judge, folder = trial
    base, head = sides_of(pair)
    fixtures = {pair.new: fixture_of(pair)}

    def judged(code: str) -> Outcome:
        (verdict,) = judge.judged({str(folder / FILE): code}, fixtures)
        return verdict.outcome

    assert judged(head) is Outcome.DIVERGED
    texts = ({FILE: base}, {FILE: head})
    (at_base,) = judge.judged({str(folder / FILE): base}, fixtures)
    assert at_base.outcome is Outcome.CONSISTENT
    search = Search(
        trial=judge,
        changes=Changes(*texts),
        materials=Materials(repository=folder, base=texts[0], head=texts[1]),
        fixtures=fixtures,
        at_base={pair.new: at_base},
    )
    found = next(search.found())
    ast.parse(found.texts[FILE])
    assert judged(found.texts[FILE]) is Outcome.CONSISTENT
    assert (pair.new in PUT_RIGHT) == any(guard.form is not Form.GUARDED for guard in found.guards)

"""Histories that are grown over the gallery: the same warm and cold, sound, and of every kind of step."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from replaykit.config import StrictPolicy
from replaykit.explore.growing import jobs
from replaykit.explore.growing.cold import Cold
from replaykit.explore.growing.engine import Engine
from replaykit.explore.growing.grow import Grown, grow
from replaykit.explore.growing.service.subjects import SILENT
from replaykit.explore.growing.warm import Warm
from replaykit.explore.scenario import Opening, StepKind
from replaykit.history import validate
from replaykit.replay.session import ReplaySession
from tests.explore.directing import AtRandom
from tests.explore.gallery_workflows import ROOT, Subject, subjects

_SEEDS = range(3)


def _grown(engine: Engine, subject: Subject, seed: int) -> Grown:
    own = subject.name
    opening = Opening(
        workflow_type=subject.workflow_type,
        values=subject.input(random.Random(seed), own),
        workflow_id=own,  # one for all: a warm engine takes only a new input
        run_timeout=timedelta(hours=1) if seed % 3 == 2 else None,
    )
    director = AtRandom(subject.workflow, seed, draws=subject.draws(own))
    return grow(engine, opening, director, most_steps=25)


def _bytes(grown: Grown) -> list[bytes]:
    return [event.SerializeToString(deterministic=True) for event in grown.history.events]


@pytest.mark.exhaustive
def test_warm_and_cold_engines_grow_the_same() -> None:
    for subject in subjects():
        warm, cold = Warm(subject.worker, root=ROOT), Cold(subject.worker, root=ROOT)
        for seed in _SEEDS:
            ours, theirs = _grown(warm, subject, seed), _grown(cold, subject, seed)
            assert ours.scenario == theirs.scenario, (subject.name, seed)
            assert _bytes(ours) == _bytes(theirs), (subject.name, seed)
        warm.close()
        cold.close()


def test_a_job_made_wrong_by_hand_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: a warm instance that never hears of a signal grows differently."""
    monkeypatch.setattr(jobs, "SILENT", SILENT | {"WorkflowExecutionSignaled"})
    with pytest.raises(AssertionError):
        test_warm_and_cold_engines_grow_the_same()


@pytest.mark.exhaustive
def test_grown_histories_are_sound() -> None:
    for subject in subjects():
        engine = Cold(subject.worker, root=ROOT)
        with ReplaySession(subject.worker, root=ROOT, timeout_s=20, strict=StrictPolicy()) as session:
            for seed in _SEEDS:
                grown = _grown(engine, subject, seed)
                if grown.failure or grown.problem:
                    continue
                validate(grown.history)
                verdict = session.judge(grown.history, name=subject.name)
                fine = str(verdict.outcome) == "consistent" or str(verdict.reason) == "vacuous"
                assert fine, f"{subject.name}, seed {seed}: {verdict.message}\n{grown.scenario}"
        engine.close()


@pytest.mark.exhaustive
def test_every_kind_of_step_occurs() -> None:
    missing = set(StepKind) - {StepKind.PAUSED, StepKind.REASSIGNED}  # test_circumstances has operators
    engines = {subject: Warm(subject.worker, root=ROOT) for subject in subjects()}
    for seed in range(20):
        for subject, engine in engines.items():
            missing -= {step.kind for step in _grown(engine, subject, seed).scenario.steps}
        if not missing:
            break
    for engine in engines.values():
        engine.close()
    assert not missing

"""Which classes the workers run, as data that can be kept and compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from replaykit.check.known import Registered, RunBy
from replaykit.code.needed import digest_of
from replaykit.verdict import Verdict

__all__ = ["code_of", "registered_data", "registered_of", "running"]


def _of_type(registered: Sequence[Registered], verdict: Verdict) -> list[Registered]:
    """What can be taken for the workflow of a History: those of its type, and dynamic ones."""
    return [each for each in registered if each.workflow_type in (verdict.workflow_type, None)]


def code_of(registered: Sequence[Registered], verdict: Verdict) -> RunBy | None:
    theirs = [each for each in _of_type(registered, verdict) if each.worker == verdict.worker]
    theirs.sort(key=lambda each: each.workflow_type is None)
    return theirs[0].code if theirs else None


def running(registered: Sequence[Registered], verdict: Verdict) -> str:
    found = [registered_data(each) for each in _of_type(registered, verdict)]
    return digest_of(b"\n".join(sorted(map(orjson.dumps, found))))


def registered_data(each: Registered) -> list[Any]:
    code = each.code
    place = None if code is None else [code.module, code.class_name, code.file]
    return [each.worker, each.workflow_type, place]


def registered_of(data: Sequence[Any]) -> Registered:
    worker, workflow_type, place = data
    code = None if place is None else RunBy(module=place[0], class_name=place[1], file=place[2])
    return Registered(worker=worker, workflow_type=workflow_type, code=code)

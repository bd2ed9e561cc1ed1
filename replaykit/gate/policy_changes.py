"""What a change does to the policy that it is judged by: each setting that became weaker. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase

from replaykit.code.definitions import Definition
from replaykit.config import Config, StrictPolicy, StrictRules, Waiver, WorkerConfig
from replaykit.gate.against_base import DEFAULT_LEVELS
from replaykit.limits import Limits
from replaykit.verdict import Severity

__all__ = ["Weaker", "changed_workers", "strongest", "weaker_settings"]

_LEVELS = ("ignore", "warn", "fail")
_LIMITS = tuple(each.name for each in fields(Limits))
_SEVERITIES = (Severity.BEHAVIOURAL, Severity.COSMETIC)
"""From the one that fails on least."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weaker:
    """A setting that asks for less in the change than in its base."""

    key: str
    """As pyproject.toml has it, below `[tool.replaykit]`."""
    before: str
    """The base's value, in words."""
    now: str
    """The change's."""
    is_overruled: bool = True
    """Whether the base's value can judge the change in place of its own."""


def weaker_settings(
    base: Config, head: Config, defined: Sequence[Definition], *, is_strict: bool
) -> Iterator[Weaker]:
    """Every setting that became weaker, in the order of the file.

    Args:
        base: The configuration of the base.
        head: That of the change, without its command line.
        defined: The workflow classes that the change's source has.
        is_strict: Whether the command line, or the base, has attributes compared.
    """
    if base.strict and not head.strict:
        yield Weaker(key="strict", before="on", now="off")
    if is_strict:
        yield from _strict(base.strict_policy, head.strict_policy)
    if base.require_fixtures and not head.require_fixtures:
        yield Weaker(key="require_fixtures", before="true", now="false")
    if head.timeout_s < base.timeout_s:
        yield Weaker(key="timeout", before=f"{base.timeout_s:g} s", now=f"{head.timeout_s:g} s")
    for name in _LIMITS:
        before, now = str(getattr(base.limits, name)), str(getattr(head.limits, name))
        if float(now) < float(before):
            yield Weaker(key=f"limits.{name}", before=before, now=now)
    yield from _workflows(base, head, defined)
    for key, before in _levels(base).items():
        now = _levels(head)[key]
        if _LEVELS.index(now) < _LEVELS.index(before):
            yield Weaker(key=f"gate.{key}", before=before, now=now)
    if head.gate.min_commands < base.gate.min_commands:
        yield Weaker(
            key="gate.min_commands", before=str(base.gate.min_commands), now=str(head.gate.min_commands)
        )
    for text in base.gate.requires:
        if text not in head.gate.requires:
            yield Weaker(key="gate.requires", before=text, now="nothing in its place")
    for waiver in head.gate.waivers:
        known = _known(waiver, base.gate.waivers)
        if known is None or waiver.until > known.until:
            before = "none" if known is None else f"until {known.until}"
            yield Weaker(key=f"gate.waiver of {_about(waiver)}", before=before, now=f"until {waiver.until}")


def strongest(base: Config, head: Config, *, is_strict: bool) -> Config:
    """The change's Config, with the base's value for each setting that became weaker.

    Args:
        base: The configuration of the base.
        head: That of the change.
        is_strict: As above.
    """
    waivers = [
        replace(waiver, until=min(waiver.until, known.until))
        for waiver in head.gate.waivers
        if (known := _known(waiver, base.gate.waivers)) is not None
    ]
    levels = {
        key: max(before, _levels(head)[key], key=_LEVELS.index) for key, before in _levels(base).items()
    }
    limits = {name: max(getattr(base.limits, name), getattr(head.limits, name)) for name in _LIMITS}
    rules = _stricter(base.strict_policy, head.strict_policy)
    return replace(
        head,
        strict=base.strict or head.strict,
        strict_policy=rules if is_strict else head.strict_policy,
        require_fixtures=base.require_fixtures or head.require_fixtures,
        timeout_s=max(base.timeout_s, head.timeout_s),
        limits=replace(head.limits, **limits),
        gate=replace(
            head.gate,
            levels=levels,
            min_commands=max(base.gate.min_commands, head.gate.min_commands),
            requires=tuple(dict.fromkeys((*base.gate.requires, *head.gate.requires))),
            waivers=tuple(waivers),
        ),
    )


def changed_workers(base: Config, head: Config) -> Iterator[str]:
    """What a change does to the settings of a worker that decide how its code is judged, in words.

    They have to be those of the worker that runs in production, which nothing here knows.

    Args:
        base: The configuration of the base.
        head: That of the change.
    """
    names = ("task_queues", "data_converter", "interceptors", "plugins", "workflow_runner")
    before = {worker.name: worker for worker in base.workers}
    for worker in head.workers:
        known = before.get(worker.name)
        for key in (*names, "workflow_failure_exception_types", "path", "setup") if known is not None else ():
            was, now = _words(getattr(known, key)), _words(getattr(worker, key))
            if was != now:
                whose = "" if worker.name == "default" else f"worker {worker.name}: "
                yield f"{whose}{key} is {now}, and {was} in the base"


def _strict(base: StrictPolicy, head: StrictPolicy) -> Iterator[Weaker]:
    yield from _rules("strict", base.rules, head.rules)
    for name in sorted({*base.workflows, *head.workflows}):
        yield from _rules(f"strict.workflows.{name}", base.of(name), head.of(name), but=head.rules)


def _rules(
    key: str, base: StrictRules, head: StrictRules, *, but: StrictRules | None = None
) -> Iterator[Weaker]:
    """What the rules leave out beyond the base's, but for what `but` leaves out already."""
    but = but or StrictRules()
    added = [p for p in head.ignore if not _is_covered(p, base.ignore) and p not in but.ignore]
    if added:
        yield Weaker(key=f"{key}.ignore", before=_words(base.ignore), now=f"{', '.join(added)} too")
    presets = [name for name in head.presets if name not in (*base.presets, *but.presets)]
    if presets:
        yield Weaker(key=f"{key}.presets", before=_words(base.presets), now=f"{', '.join(presets)} too")
    if _SEVERITIES.index(head.fail_on) < _SEVERITIES.index(base.fail_on):
        yield Weaker(key=f"{key}.fail_on", before=base.fail_on.value, now=head.fail_on.value)


def _stricter(base: StrictPolicy, head: StrictPolicy) -> StrictPolicy:
    return StrictPolicy(
        rules=_stricter_rules(base.rules, head.rules),
        workflows={
            name: _stricter_rules(base.of(name), head.of(name))
            for name in sorted({*base.workflows, *head.workflows})
        },
    )


def _stricter_rules(base: StrictRules, head: StrictRules) -> StrictRules:
    return StrictRules(
        ignore=tuple(pattern for pattern in head.ignore if _is_covered(pattern, base.ignore)),
        presets=tuple(name for name in head.presets if name in base.presets),
        fail_on=max(base.fail_on, head.fail_on, key=_SEVERITIES.index),
    )


def _workflows(base: Config, head: Config, defined: Sequence[Definition]) -> Iterator[Weaker]:
    """Classes that the source still has, that the base judged, and that no worker of the change names."""
    for worker in base.workers:
        whose = "" if worker.name == "default" else f"worker {worker.name}: "
        for each in defined:
            if _names(worker, each) and not any(_names(other, each) for other in head.workers):
                yield Weaker(
                    key=f"{whose}workflows",
                    before=f"{each.module}:{each.class_name} is judged",
                    now="no longer named",
                    is_overruled=False,
                )


def _names(worker: WorkerConfig, definition: Definition) -> bool:
    for spec in worker.workflows:
        _, colon, name = spec.partition(":")
        if definition.is_covered_by(spec) and (not colon or name == definition.class_name):
            return True
    return False


def _levels(config: Config) -> Mapping[str, str]:
    """The level of each kind of issue."""
    return {**DEFAULT_LEVELS, **config.gate.levels}


def _known(waiver: Waiver, waivers: Iterable[Waiver]) -> Waiver | None:
    """The waiver that holds longest of those about all that this one is about."""
    wider = [
        each
        for each in waivers
        if _is_covered(waiver.rule, (each.rule,))
        and _is_covered(waiver.history, (each.history,))
        and _is_covered(waiver.workflow, (each.workflow,))
    ]
    return max(wider, key=lambda each: each.until, default=None)


def _is_covered(pattern: str, by: Iterable[str]) -> bool:
    """Whether all that a pattern fits is fitted by one of others."""
    return any(fnmatchcase(pattern, each) for each in by)


def _about(waiver: Waiver) -> str:
    parts = (("rule", waiver.rule), ("history", waiver.history), ("workflow", waiver.workflow))
    return ", ".join(f"{name} {value}" for name, value in parts if value != "*")


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)

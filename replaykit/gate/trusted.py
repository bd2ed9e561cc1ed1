"""What a change is judged by: its base, and the policy. What the change itself reports of both is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from replaykit.code.definitions import find_definitions
from replaykit.config import Config, load_config
from replaykit.errors import ReplaykitError
from replaykit.gate.against_base import RULES, Levels
from replaykit.gate.base_code import base_code_of
from replaykit.gate.base_revision import Base, base_of, is_branch
from replaykit.gate.policy_changes import Weaker, changed_workers, strongest, weaker_settings
from replaykit.gate.waivers import ensure_known
from replaykit.issue import Issue, Level
from replaykit.revisions import RevisionError, checked_out

__all__ = ["Trusted", "trusted"]

_NONE = "none"
"""What stands for no base."""
_FOUND = "found by itself"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trusted:
    """What a change is judged by."""

    base: Base | None
    config: Config
    """The change's, with what its base's policy overrules in it."""
    issues: tuple[Issue, ...] = ()
    """What the change did to its own gate."""


def trusted(
    config: Config,
    repository: Path,
    asked: str | None,
    environ: Mapping[str, str],
    *,
    strict: bool | None = None,
    accept_weaker: bool = False,
) -> Trusted:
    """Find the base, and compare its policy with that of the change: a weaker one is not believed in silence.

    Args:
        config: The change's.
        repository: The top folder of its git repository.
        asked: The base that the command line names; `none` for none, None to find it.
        environ: Environment variables: those of a CI are looked at.
        strict: What the command line has for strict mode; None where it has nothing.
        accept_weaker: Apply a weaker policy, and warn.

    Raises:
        RevisionError: The base is not here, or is what is checked out.
        ConfigError: A waiver is about a rule that there is not.
    """
    ensure_known(config.gate.waivers, RULES)
    if asked == _NONE:
        return Trusted(base=None, config=config)
    found = None if asked else _found(config, repository, environ)
    before = None if found is None else _config_at(config, repository, found)
    weaker: list[Weaker] = []
    named = asked or config.gate.base
    if before is not None and not asked and before.gate.base != named:
        weaker = [Weaker(key="gate.base", before=before.gate.base or _FOUND, now=named or _FOUND)]
        if not (accept_weaker or _is_allowed(before)):
            named = before.gate.base
    if named == _NONE:
        base = None
    elif named is None:
        assert found is not None
        base = found
    else:
        base = base_of(repository, named, environ)
        before = _config_at(config, repository, base)
    if before is None:  # nor can it judge anything, which is an Issue of its own
        return Trusted(base=base, config=config)
    here = load_config(config.root)
    is_strict = before.strict if strict is None else strict
    found_weaker = weaker_settings(before, here, find_definitions(config.root), is_strict=is_strict)
    # A change that brings replaykit in weakens nothing but what would hold without a policy.
    if before.file is not None:
        weaker += found_weaker
    else:
        of_gate = (each for each in found_weaker if each.key.startswith("gate."))
        weaker += [replace(each, before=f"{each.before} by default") for each in of_gate]
    level = Level.WARN if accept_weaker else Levels.of(before.gate.levels).weakened_policy
    is_applied = level is not Level.FAIL
    issues = [*_issues(weaker, level, is_applied=is_applied), *_of_workers(before, here)]
    if not is_applied:
        config = _overruled(strongest(before, here, is_strict=is_strict), config)
    return Trusted(base=base, config=config, issues=tuple(issues))


def _found(config: Config, repository: Path, environ: Mapping[str, str]) -> Base:
    """The base as it is found without the change's own word for it; else the branch that the change names."""
    try:
        return base_of(repository, None, environ)
    except RevisionError:
        named = config.gate.base
        if named is None or not is_branch(repository, named):  # such as HEAD^, which moves with the change
            raise
        base = base_of(repository, named, environ)
        if base.name == named and base.commit != base.head:
            return base
        raise RevisionError(
            f"only this change itself names {named} as its base, and {named} holds all that is checked out",
            where="[tool.replaykit.gate] base",
            cure="Name what the change is judged against: --base REV. Or let git know the default branch: "
            "git remote set-head origin --auto",
        ) from None


def _config_at(config: Config, repository: Path, base: Base) -> Config | None:
    """The base's configuration, as paths of the base's tree, or what holds where it has none.

    None where it cannot be read, or there is no such project.
    """
    with checked_out(repository, base.commit) as tree:
        try:
            found = load_config(base_code_of(repository, tree, config.root, base.commit).root)
        except ReplaykitError:
            return None
        is_own = found.file is not None and found.root.is_relative_to(tree)
        return found if is_own else Config(root=found.root)


def _is_allowed(base: Config) -> bool:
    return Levels.of(base.gate.levels).weakened_policy is not Level.FAIL


def _overruled(strong: Config, config: Config) -> Config:
    """The Config of the command line over the stronger one of both files."""
    return replace(
        config,
        strict=strong.strict,
        strict_policy=strong.strict_policy,
        require_fixtures=strong.require_fixtures,
        timeout_s=strong.timeout_s,
        limits=strong.limits,
        gate=strong.gate,
    )


def _issues(weaker: Sequence[Weaker], level: Level, *, is_applied: bool) -> Iterator[Issue]:
    for each in weaker:
        judged = (
            "The change is judged by its own value."
            if is_applied or not each.is_overruled
            else "The change is judged by the base's value."
        )
        yield Issue(
            rule="weakened-policy",
            level=level,
            title=f"{each.key}: {each.before} in the base, {each.now} in this change",
            text=judged,
            cure="Put it back. Where it is meant, agree on it in a change of its own, judged with "
            "--accept-weaker-policy; or have the base allow it for all changes: "
            'weakened_policy = "warn" in [tool.replaykit.gate].',
            file="pyproject.toml",
        )


def _of_workers(base: Config, here: Config) -> Iterator[Issue]:
    for text in changed_workers(base, here):
        yield Issue(
            rule="changed-worker",
            level=Level.NOTE,
            title=text,
            cure="The check has to have what the worker in production has.",
            file="pyproject.toml",
        )

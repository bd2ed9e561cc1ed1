"""What fixtures have to show, by the policy and by their own metadata. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from replaykit.config.requirements import REQUIREMENTS, Requirement, parse_requirement
from replaykit.gate.facts import Facts
from replaykit.gate.waivers import waive
from replaykit.issue import Issue, Level
from replaykit.patches.patch import Took
from replaykit.paths import display
from replaykit.verdict import Outcome, Verdict

__all__ = ["Asked", "asked_by", "of_requirements", "patches_asked_for"]

_POLICY = "[tool.replaykit.gate] requires"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Something that a fixture has to show."""

    text: str
    """As it was written."""
    by: str
    """Who asks for it: the policy, or a fixture."""

    @property
    def requirement(self) -> Requirement | None:
        """What it means; None for nothing."""
        try:
            return parse_requirement(self.text)
        except ValueError:
            return None


def asked_by(policy: Sequence[str], now: Iterable[Facts], before: Iterable[Facts]) -> tuple[Asked, ...]:
    """All that is asked for, each once.

    Args:
        policy: Of the configuration.
        now: The fixtures of the change.
        before: Those of the base: what one of them was kept for stays asked for when it is gone.
    """
    found = dict.fromkeys(policy, _POLICY)
    for each in now:
        for text in each.requires:
            found.setdefault(text, display(each.path))
    for each in before:
        for text in each.requires:
            found.setdefault(text, f"{each.path.name} of the base")
    return tuple(Asked(text=text, by=by) for text, by in found.items())


def patches_asked_for(asked: Iterable[Asked]) -> frozenset[str]:
    """Ids of the patches of which a run on the old branch is asked for.

    Args:
        asked: What is asked for.
    """
    wanted = (each.requirement for each in asked)
    return frozenset(each.subject for each in wanted if each is not None and each.kind == "pre-patch")


def of_requirements(
    asked: Iterable[Asked],
    facts: Mapping[str, Facts],
    verdicts: Mapping[str, Verdict],
    taken: Mapping[str, Mapping[str, Took]],
) -> Iterator[Issue]:
    """What no fixture shows that could be judged.

    Args:
        asked: What is asked for.
        facts: The fixtures of the change, by key.
        verdicts: Of its code, by key.
        taken: By key and id, which branch the runs of fixtures took.
    """
    judged = [key for key in facts if key in verdicts and verdicts[key].outcome is not Outcome.UNJUDGED]
    for each in asked:
        wanted = each.requirement
        if wanted is None:
            yield _unmet(each, f"{each.by}: {each.text!r} is nothing that a fixture can show", _FORMS)
        elif not any(_meets(wanted, facts[key], taken.get(key, {})) for key in judged):
            meaning = next(
                meaning for form, meaning in REQUIREMENTS.items() if form.startswith(f"{wanted.kind}:")
            )
            yield _unmet(
                each,
                f"no fixture that was judged shows {wanted}, which {each.by} asks for",
                f"Bring such a fixture back, or capture one: {meaning}. Where none is needed any more, take "
                f"{each.text!r} out there; where the base asks for it, {waive('requirement-not-met')}.",
            )


_FORMS = f"Write one of {', '.join(REQUIREMENTS)}."


def _unmet(asked: Asked, title: str, cure: str) -> Issue:
    return Issue(rule="requirement-not-met", level=Level.FAIL, title=title, cure=cure, file="pyproject.toml")


def _meets(wanted: Requirement, facts: Facts, took: Mapping[str, Took]) -> bool:
    if wanted.kind == "workflow":
        return facts.workflow_type == wanted.subject
    if wanted.kind == "open":
        return facts.is_open and facts.workflow_type == wanted.subject
    if wanted.kind == "ending":
        return facts.status == wanted.subject
    if wanted.kind == "patch":
        return wanted.subject in facts.patches
    return took.get(wanted.subject) is Took.OLD

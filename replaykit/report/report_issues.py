"""A replay's Report as Issues: there is no base to compare with, so all that is not consistent counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from replaykit.errors import ReplaykitError
from replaykit.issue import Issue, Issues, Level
from replaykit.report.corpus_rows import self_test_block
from replaykit.report.issue_kinds import kind_of
from replaykit.report.rows import plain_lines
from replaykit.report.verdict_rows import advice_rows, block_of, by_weight, cure_of
from replaykit.trust import FindingKind
from replaykit.verdict import Outcome, Perturbation, Report, Verdict
from replaykit.visible import visible

__all__ = ["RULES", "issue_of", "issues_of", "issues_of_error", "title_of"]

RULES: Mapping[str, str] = {
    "divergence": "The code asks for other commands than a history recorded: running workflows of this shape "
    "would get stuck.",
    "drift": "The code asks for recorded commands with other attributes.",
    "unjudged": "A history could not be judged.",
    "unstable": "A replay comes out differently when a condition is changed that it must not depend on.",
    "perturbed-run-broke": "A replay under changed conditions gave no answer: it broke, or never ended.",
    "self-test": "The check does not turn red for histories that were made wrong on purpose.",
    "workflow-without-fixture": "A worker runs a workflow that no recorded history guards.",
    "fixture-without-workflow": "No configured worker runs the workflow of a fixture.",
    "left-out": "The command line chose other workflows than that of a fixture.",
    "stuck": "The last workflow task of a history failed when it was captured; this code comes past it.",
    "foreign-encoding": "Payloads were written by a codec or converter that is not configured.",
    "shared-state": "A run changed a global of a module that all runs of its worker share: the next run can "
    "take another path because of it.",
}
_OUTCOMES = {Outcome.DIVERGED: "divergence", Outcome.DRIFTED: "drift", Outcome.UNJUDGED: "unjudged"}
_OF_FIXTURES = frozenset({FindingKind.FIXTURE_WITHOUT_WORKFLOW, FindingKind.LEFT_OUT})
_WORDS = {0: "passed", 1: "failed"}


def issues_of(report: Report) -> Issues:
    """All that a replay has to report about the code, in the form of the gate's Issues.

    Args:
        report: Of `check`, with whatever it was asked for beside the Verdicts.
    """
    found = [*_of_verdicts(report), *_of_findings(report)]
    if report.perturbation is not None:
        found += _of_perturbation(report.perturbation)
    if report.self_test is not None and report.self_test.is_broken:
        block = self_test_block(report.self_test)
        text = "\n".join(plain_lines(block.rows))
        found.append(
            Issue(rule="self-test", level=Level.FAIL, title=block.head.line, text=text, unjudged=True)
        )
    consistent = [verdict.history for verdict in report.verdicts if verdict.is_consistent]
    outcomes = (f"{report.count(outcome)} {outcome}" for outcome in Outcome if report.count(outcome))
    return Issues(
        name="replaykit replay",
        headline=f"replay {_WORDS.get(report.exit_code, 'could not judge')}: "
        f"{', '.join(outcomes) or 'no history'}",
        exit_code=report.exit_code,
        issues=tuple(found),
        facts={
            "histories": str(len(report.verdicts)),
            "commands compared": str(report.commands_compared),
            "seconds": f"{report.duration_s:.1f}",
        },
        passed=tuple(consistent),
        rules=RULES,
    )


def issues_of_error(name: str, error: ReplaykitError) -> Issues:
    """What a check that could not run reports: its error, as the one Issue.

    Args:
        name: Which check, such as `replaykit gate`.
        error: Why it could not.
    """
    text = f"{error.where}: {error.what}" if error.where else error.what
    title, _, more = text.partition("\n")
    issue = Issue(
        rule="not-run", level=Level.FAIL, title=title, text=more, cure=error.cure or None, unjudged=True
    )
    return Issues(
        name=name,
        headline=f"{name.removeprefix('replaykit ')} could not judge: {title}",
        exit_code=2,
        issues=(issue,),
        rules={"not-run": "The check could not run, so nothing was judged."},
    )


def title_of(verdict: Verdict) -> str:
    """A Verdict in one line, without a full stop."""
    what = verdict.message or str(verdict.outcome)
    first = visible(what).splitlines()[0].rstrip(".")
    return f"{verdict.workflow_type or 'history'} {verdict.outcome}: {first}"


def issue_of(verdict: Verdict, rule: str, level: Level, title: str) -> Issue:
    """The Issues of one Verdict that is not consistent, at the line of code that it names."""
    divergence, block = verdict.divergence, block_of(verdict)
    cure = cure_of(verdict)
    source = divergence.source if divergence is not None else verdict.source
    if source is None and verdict.drifts:
        source = by_weight(verdict.drifts)[0].source
    return Issue(
        rule=rule,
        level=level,
        title=title,
        head=block.head.line,
        text="\n".join(plain_lines(block.rows)),
        long_text="\n".join(plain_lines(block_of(verdict, verbose=True).rows)),
        cure=cure,
        cure_in_text=cure is not None,
        advice="\n".join(plain_lines(advice_rows(verdict))),
        kind=kind_of(verdict),
        file=source.file if source is not None else verdict.history,
        line=source.line if source is not None else None,
        history=verdict.history,
        workflow_type=verdict.workflow_type,
        unjudged=verdict.outcome is Outcome.UNJUDGED,
    )


def _of_verdicts(report: Report) -> Iterator[Issue]:
    for verdict in report.verdicts:
        if not verdict.is_consistent:
            yield issue_of(verdict, _OUTCOMES[verdict.outcome], Level.FAIL, title_of(verdict))


def _of_findings(report: Report) -> Iterator[Issue]:
    histories = {verdict.history for verdict in report.verdicts}
    for finding in report.findings:
        history = finding.subject if finding.subject in histories or finding.kind in _OF_FIXTURES else None
        yield Issue(
            rule=finding.kind.value.replace("_", "-"),
            level=Level.FAIL if finding.fails else Level.WARN,
            title=finding.message.rstrip("."),
            cure=finding.cure,
            file=history,
            history=history,
            workflow_type=finding.subject if history is None else None,
            unjudged=finding.fails,
        )


def _of_perturbation(perturbation: Perturbation) -> Iterator[Issue]:
    for each in perturbation.instabilities:
        yield Issue(
            rule="unstable",
            level=Level.FAIL,
            title=f"{each.workflow_type or 'history'} asks for different commands under changed "
            f"conditions: {each.axis}",
            text=f"changed: {each.changed}\nbefore:  {each.usual}\nthen:    {each.perturbed}",
            cure=each.cure,
            file=each.source.file if each.source is not None else each.history,
            line=each.source.line if each.source is not None else None,
            history=each.history,
            workflow_type=each.workflow_type,
        )
    for broken in perturbation.broken:
        yield Issue(
            rule="perturbed-run-broke",
            level=Level.FAIL,
            title=f"a replay under changed conditions gave no answer: {broken.axis}",
            text=broken.message,
            file=broken.history,
            history=broken.history,
            unjudged=True,
        )

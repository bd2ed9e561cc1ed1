"""Issues as JUnit XML: one test case for each history, and for each other thing to report.

A case keeps its name from run to run and has one result: of two cases with one name GitLab drops one, and of
a failure and an error in one case Jenkins shows one.

The elements are those that Jenkins's xunit plugin names in its `junit-10.xsd`; other readers know them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree

from replaykit.issue import Issue, Issues, Level
from replaykit.visible import visible

__all__ = ["render_junit"]


def render_junit(issues: Issues) -> str:
    """The whole document.

    What could not be judged is an error; what only warns is output; what was there before is skipped.
    """
    about: dict[str, list[Issue]] = {history: [] for history in issues.passed}
    for issue in issues.issues:
        about.setdefault(issue.history or issue.workflow_type or issue.title, []).append(issue)
    cases = [_case(issues.name, subject, found) for subject, found in about.items()]
    tags = Counter(case[0].tag for case in cases if len(case))
    counts = {"tests": str(len(cases)), "failures": str(tags["failure"]), "errors": str(tags["error"])}
    top = ElementTree.Element("testsuites", {"name": visible(issues.name), **counts})
    suite = ElementTree.SubElement(
        top,
        "testsuite",
        {"name": visible(issues.name), **counts, "skipped": str(tags["skipped"])},
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in issues.facts.items():
        ElementTree.SubElement(properties, "property", {"name": visible(name), "value": visible(value)})
    suite.extend(cases)
    ElementTree.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(top, encoding="unicode")}\n'


def _case(check: str, subject: str, found: Sequence[Issue]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"classname": visible(check), "name": visible(subject)})
    failing = sorted((i for i in found if i.level is Level.FAIL), key=lambda issue: issue.unjudged)
    result = failing or [issue for issue in found if issue.level is Level.NOTE]
    if result:
        tag = "skipped" if not failing else "error" if failing[0].unjudged else "failure"
        message = "; ".join(issue.title for issue in result)
        attributes = {"type": result[0].rule, "message": visible(message)}
        ElementTree.SubElement(case, tag, attributes).text = visible("\n\n".join(map(_story, result)))
    rest = [f"{issue.title}\n{_story(issue)}" for issue in found if issue not in result]
    if rest:
        ElementTree.SubElement(case, "system-out").text = visible("\n\n".join(rest))
    return case


def _story(issue: Issue) -> str:
    line = f":{issue.line}" if issue.line is not None else ""
    place = f"at {issue.file}{line}" if issue.file else ""
    cure = f"cure: {issue.cure_apart}" if issue.cure_apart else ""
    return "\n".join(part for part in (place, issue.story, cure) if part)

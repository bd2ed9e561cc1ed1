"""Issues as JUnit XML: one test case for each history and each thing to say.

The elements are those that Jenkins's xunit plugin names in its `junit-10.xsd`; other readers know them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from replaykit.report.issue import Issue, Issues, Level
from replaykit.report.placing import clean

__all__ = ["render_junit"]


def render_junit(issues: Issues) -> str:
    """The whole document. What only warns is a passed case with output; what was there before is skipped."""
    cases = [*_passed(issues), *_told(issues)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(len(issues.at(Level.FAIL))),
        "errors": "0",
    }
    top = ElementTree.Element("testsuites", {"name": clean(issues.name), **counts})
    suite = ElementTree.SubElement(
        top,
        "testsuite",
        {"name": clean(issues.name), **counts, "skipped": str(len(issues.at(Level.NOTE)))},
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in issues.facts.items():
        ElementTree.SubElement(properties, "property", {"name": clean(name), "value": clean(value)})
    suite.extend(cases)
    ElementTree.indent(top)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(top, encoding="unicode")}\n'


def _passed(issues: Issues) -> Iterator[ElementTree.Element]:
    for name in issues.passed:
        yield _case(issues, name)


def _told(issues: Issues) -> Iterator[ElementTree.Element]:
    used = set(issues.passed)
    for issue in issues.issues:
        subject = issue.history or issue.workflow_type or issue.title
        name = f"{subject} ({issue.rule})" if subject in used else subject
        used.add(name)
        case = _case(issues, name)
        if issue.level is Level.WARN:
            ElementTree.SubElement(case, "system-out").text = clean(f"{issue.title}\n{_story(issue)}")
        else:
            tag = "failure" if issue.level is Level.FAIL else "skipped"
            told = {"type": issue.rule, "message": clean(issue.title)}
            ElementTree.SubElement(case, tag, told).text = clean(_story(issue))
        yield case


def _case(issues: Issues, name: str) -> ElementTree.Element:
    return ElementTree.Element("testcase", {"classname": clean(issues.name), "name": clean(name)})


def _story(issue: Issue) -> str:
    line = f":{issue.line}" if issue.line is not None else ""
    place = f"at {issue.file}{line}" if issue.file else ""
    cure = f"cure: {issue.cure_apart}" if issue.cure_apart else ""
    return "\n".join(part for part in (place, issue.text, cure) if part)

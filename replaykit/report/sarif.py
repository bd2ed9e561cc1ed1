"""Issues as SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from replaykit.issue import Issue, Issues, Level
from replaykit.report.document import installed_version
from replaykit.report.issue_places import fingerprints, place_of
from replaykit.visible import visible

__all__ = ["render_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.FAIL: "error", Level.WARN: "warning", Level.NOTE: "note"}


def render_sarif(issues: Issues) -> str:
    """The whole log, with one run and a trailing newline."""
    rules = list(dict.fromkeys([*issues.rules, *(issue.rule for issue in issues.issues)]))
    version = installed_version("temporal-replaykit")
    named = zip(issues.issues, fingerprints(issues.issues), strict=True)
    run = {
        "tool": {
            "driver": {
                "name": "replaykit",
                **({"version": version} if version is not None else {}),
                "rules": [_rule(rule, issues) for rule in rules],
            }
        },
        # 2 means that something could not be judged: the tool did not do all that it was asked for.
        "invocations": [{"executionSuccessful": issues.exit_code != 2, "exitCode": issues.exit_code}],
        "automationDetails": {"id": f"{issues.name.replace(' ', '-')}/"},
        "results": [_result(issue, rules.index(issue.rule), name) for issue, name in named],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: str, issues: Issues) -> dict[str, Any]:
    sentence = visible(issues.rules.get(rule, rule))
    # Of several cures, each result has its own; the rule's help is one example, without the code of one.
    own = (issue for issue in issues.issues if issue.rule == rule and issue.cure and not issue.diff)
    text = sentence
    if (first := next(own, None)) is not None:
        lead = "A hint, for example" if first.is_hint else "For example"
        text = f"{sentence}\n\n{lead}: {visible(first.cure or '').splitlines()[0]}"
    # One word would be its id over again, which Microsoft's validator refuses (SARIF1001).
    name = {"name": "".join(word.capitalize() for word in rule.split("-"))} if "-" in rule else {}
    return {
        "id": rule,
        **name,
        "shortDescription": {"text": sentence},
        "fullDescription": {"text": sentence},
        "help": {"text": text},
    }


def _result(issue: Issue, index: int, fingerprint: str) -> dict[str, Any]:
    file, line = place_of(issue)
    cure = f"cure: {issue.cure_apart}" if issue.cure_apart else ""
    message = "\n".join(part for part in (issue.title, issue.story, cure) if part)
    return {
        "ruleId": issue.rule,
        "ruleIndex": index,
        "level": _LEVELS[issue.level],
        "message": {"text": _plain(visible(message))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(file), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": line},
                }
            }
        ],
        "partialFingerprints": {"replaykit/v1": fingerprint},
        **({"fixes": [_fix(issue)]} if issue.replacements else {}),
    }


def _fix(issue: Issue) -> dict[str, Any]:
    """A cure that was tried, as a tool can apply it."""
    changes = []
    for file in dict.fromkeys(each.file for each in issue.replacements):
        own = [each for each in issue.replacements if each.file == file]
        changes.append(
            {
                "artifactLocation": {"uri": _uri(file), "uriBaseId": "%SRCROOT%"},
                "replacements": [
                    {
                        # From the first column of a line to that of another: whole lines.
                        "deletedRegion": {
                            "startLine": each.first,
                            "startColumn": 1,
                            "endLine": max(each.last + 1, each.first),
                            "endColumn": 1,
                        },
                        "insertedContent": {"text": each.text},
                    }
                    for each in own
                ],
            }
        )
    first = (issue.cure or "").splitlines()[0]
    return {"description": {"text": _plain(visible(first))}, "artifactChanges": changes}


def _plain(text: str) -> str:
    """A text in which nothing is a placeholder or a link.

    Every brace is doubled, of a placeholder or not (SARIF 2.1.0, section 3.11.5; links are in 3.11.6).
    """
    linkless = re.sub(r"\[(?=[^\[\]]*\]\()", r"\\[", text)
    return linkless.replace("{", "{{").replace("}", "}}")


def _uri(file: str) -> str:
    return quote(file.replace("\\", "/"), errors="backslashreplace")

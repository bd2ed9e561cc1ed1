"""Which revision a change is judged against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from replaykit.gate.base_revision import base_of
from replaykit.revisions import RevisionError
from tests.gate.repository import CHANGED, Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.with_project(tmp_path)
    made.code(CHANGED)
    made.commit()
    return made


def test_where_the_change_left_the_default_branch(repository: Repository) -> None:
    left = repository.git("rev-parse", "main")
    repository.git("checkout", "--quiet", "main")
    (repository.root / "later.txt").write_text("main went on", encoding="utf-8")
    repository.commit("later")
    repository.git("checkout", "--quiet", "change")
    base = base_of(repository.root, None, {})
    assert (base.commit, base.name, base.how) == (left, "main", "the default branch")


@pytest.mark.parametrize(
    ("variables", "how"),
    [
        ({"GITHUB_BASE_REF": "release"}, "the target in GitHub Actions"),
        ({"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "release"}, "the target in GitLab CI"),
        ({"BUILDKITE_PULL_REQUEST_BASE_BRANCH": "release"}, "the target in Buildkite"),
        ({"CHANGE_TARGET": "release"}, "the target in Jenkins"),
        ({"REPLAYKIT_BASE_BRANCH": "release"}, "the target in CircleCI"),
    ],
)
def test_the_target_that_a_ci_names(repository: Repository, variables: Mapping[str, str], how: str) -> None:
    repository.git("branch", "release", "main")
    repository.git("branch", "--move", "main", "trunk")
    base = base_of(repository.root, None, variables)
    assert (base.commit, base.name, base.how) == (
        repository.git("rev-parse", "release"),
        "origin/release",
        how,
    )


def test_the_commit_that_gitlab_names(repository: Repository) -> None:
    commit = repository.git("rev-parse", "main")
    base = base_of(repository.root, None, {"CI_MERGE_REQUEST_DIFF_BASE_SHA": commit})
    assert (base.commit, base.how) == (commit, "from GitLab CI")


def test_a_buildkite_build_of_no_pull_request(repository: Repository) -> None:
    base = base_of(repository.root, None, {"BUILDKITE_PULL_REQUEST_BASE_BRANCH": ""})
    assert base.how == "the default branch"


def test_on_the_default_branch_its_last_commit_is_the_change(repository: Repository) -> None:
    parent = repository.git("rev-parse", "main")
    repository.git("branch", "--force", "main", "change")
    repository.git("checkout", "--quiet", "main")
    base = base_of(repository.root, None, {})
    assert (base.commit, base.name, base.how) == (parent, "HEAD^", "main is checked out")


def pushed(repository: Repository, count: int = 3) -> str:
    """Check out `main` after a push of so many commits to it; the commit that was there before."""
    before = repository.git("rev-parse", "main")
    for number in range(count - 1):
        (repository.root / f"{number}.txt").write_text("more", encoding="utf-8")
        repository.commit("more")
    repository.git("branch", "--force", "main", "change")
    repository.git("checkout", "--quiet", "main")
    return before


def github_event(folder: Path, text: str) -> dict[str, str]:
    """What GitHub sets for a push."""
    path = folder / ".git" / "event.json"
    path.write_text(text, encoding="utf-8")
    return {"GITHUB_EVENT_PATH": str(path), "GITHUB_EVENT_NAME": "push"}


@pytest.mark.parametrize("ci", ["GitHub Actions", "GitLab CI", "Jenkins", "CircleCI"])
def test_a_push_is_judged_from_what_was_there_before_it(repository: Repository, ci: str) -> None:
    before = pushed(repository)
    variables = {
        "GitHub Actions": github_event(repository.root, json.dumps({"before": before})),
        "GitLab CI": {"CI_COMMIT_BEFORE_SHA": before},
        "Jenkins": {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": before},
        "CircleCI": {"REPLAYKIT_BEFORE_COMMIT": before},
    }[ci]
    base = base_of(repository.root, None, variables)
    assert (base.commit, base.how) == (before, f"before the push, from {ci}")
    head = repository.git("rev-parse", "HEAD")
    assert base.range == f"main {before[:12]}..{head[:12]}, 3 commits, before the push, from {ci}"


@pytest.mark.parametrize("before", ["0" * 40, "", "head"])
def test_a_push_that_found_nothing_there(repository: Repository, before: str) -> None:
    pushed(repository)
    before = repository.git("rev-parse", "HEAD") if before == "head" else before
    base = base_of(repository.root, None, {"CI_COMMIT_BEFORE_SHA": before})
    assert (base.commit, base.name) == (repository.git("rev-parse", "HEAD^"), "HEAD^")


def test_a_push_to_a_branch_is_judged_from_where_it_left_the_default_branch(repository: Repository) -> None:
    """An earlier push of the same branch may have brought what breaks."""
    left, before = repository.git("rev-parse", "main"), repository.git("rev-parse", "HEAD")
    (repository.root / "more.txt").write_text("more", encoding="utf-8")
    repository.commit("more")
    base = base_of(repository.root, None, {"CI_COMMIT_BEFORE_SHA": before})
    assert (base.commit, base.commits) == (left, 2)


def test_what_was_there_before_a_push_and_is_not_in_the_clone(repository: Repository) -> None:
    pushed(repository)
    gone = "12" * 20
    with pytest.raises(RevisionError, match=f"git fetch origin {gone}"):
        base_of(repository.root, None, {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": gone})


@pytest.mark.parametrize("text", ["{", ""])
def test_a_push_that_github_does_not_describe(repository: Repository, text: str) -> None:
    pushed(repository)
    with pytest.raises(RevisionError, match="what was there before it is unknown"):
        base_of(repository.root, None, github_event(repository.root, text))


def test_another_event_of_github_names_no_push(repository: Repository) -> None:
    pushed(repository)
    variables = {**github_event(repository.root, "{"), "GITHUB_EVENT_NAME": "schedule"}
    assert base_of(repository.root, None, variables).name == "HEAD^"


@pytest.mark.parametrize("variable", ["CI_DEFAULT_BRANCH", "BUILDKITE_PIPELINE_DEFAULT_BRANCH"])
def test_the_default_branch_that_a_ci_names(repository: Repository, variable: str) -> None:
    repository.git("branch", "develop", "main")
    assert base_of(repository.root, None, {variable: "develop"}).name == "develop"


@pytest.mark.parametrize("asked", ["HEAD", "@", "change^0", "a-tag", "sha"])
def test_what_is_checked_out_is_never_its_own_base(repository: Repository, asked: str) -> None:
    repository.git("tag", "a-tag")
    asked = repository.git("rev-parse", "HEAD") if asked == "sha" else asked
    with pytest.raises(RevisionError, match="holds all that is checked out") as caught:
        base_of(repository.root, asked, {})
    assert "git fetch origin main" in (caught.value.cure or "")
    repository.code(CHANGED + "# more")
    base = base_of(repository.root, asked, {})
    assert (base.commit, base.is_dirty) == (repository.git("rev-parse", "HEAD"), True)
    assert "0 commits and changes that are not committed" in base.range


def test_a_report_of_an_earlier_check_is_no_change(repository: Repository) -> None:
    (repository.root / "report.json").write_text("{}", encoding="utf-8")
    with pytest.raises(RevisionError, match="holds all that is checked out"):
        base_of(repository.root, "HEAD", {})


def test_a_new_source_file_is_a_change_over_what_is_checked_out(repository: Repository) -> None:
    (repository.root / "new.py").write_text("", encoding="utf-8")
    assert base_of(repository.root, "HEAD", {}).commit == repository.git("rev-parse", "HEAD")


def test_a_merge_base_that_is_what_is_checked_out(repository: Repository) -> None:
    """GitLab names the start of a merge request that holds nothing."""
    commit = repository.git("rev-parse", "HEAD")
    with pytest.raises(RevisionError, match="holds all that is checked out"):
        base_of(repository.root, None, {"CI_MERGE_REQUEST_DIFF_BASE_SHA": commit})


def test_a_shallow_clone_of_the_default_branch(repository: Repository, tmp_path: Path) -> None:
    repository.git("branch", "--force", "main", "change")
    clone = repository.shallow_clone(tmp_path / ".git" / "clone", branch="main")
    with pytest.raises(RevisionError, match="holds one commit alone") as caught:
        base_of(clone.root, None, {})
    assert "git fetch --unshallow origin" in (caught.value.cure or "")
    clone.git("fetch", "--unshallow", "origin")
    assert base_of(clone.root, None, {}).name == "HEAD^"


def test_the_first_commit_has_no_base(tmp_path: Path) -> None:
    repository = Repository.with_project(tmp_path)
    repository.git("checkout", "--quiet", "main^")
    with pytest.raises(RevisionError, match="the first commit of the repository") as caught:
        base_of(repository.root, None, {})
    assert "--base none" in (caught.value.cure or "")


def test_the_remote_branch_goes_before_a_local_one(repository: Repository) -> None:
    repository.git("update-ref", "refs/remotes/origin/main", repository.git("rev-parse", "change"))
    repository.git("checkout", "--quiet", "-b", "more")
    (repository.root / "more.txt").write_text("more", encoding="utf-8")
    repository.commit("more")
    assert base_of(repository.root, None, {}).commit == repository.git("rev-parse", "change")


def test_an_asked_revision(repository: Repository) -> None:
    base = base_of(repository.root, "main", {"GITHUB_BASE_REF": "elsewhere"})
    assert (base.name, base.how) == ("main", "asked for")


@pytest.mark.parametrize("asked", ["nope", "--help", ""])
def test_what_is_not_there(repository: Repository, asked: str) -> None:
    if not asked:
        repository.git("branch", "--move", "main", "trunk")
    with pytest.raises(RevisionError, match=r"no (revision|default branch)"):
        base_of(repository.root, asked or None, {})


def test_a_target_that_was_not_fetched(repository: Repository) -> None:
    with pytest.raises(RevisionError, match="git fetch origin release:refs/remotes/origin/release"):
        base_of(repository.root, None, {"GITHUB_BASE_REF": "release"})

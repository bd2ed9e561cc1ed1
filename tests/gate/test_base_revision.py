"""Which revision a change is judged against."""

from __future__ import annotations

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

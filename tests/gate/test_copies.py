"""Which loaded modules are copies of the project's own, and which are only named alike."""

from __future__ import annotations

import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from replaykit.code.relocating import Loaded
from replaykit.config import load_config
from replaykit.gate.copies import copies_among, issues_of_copies, project_of
from tests.gate.repository import Repository

_OWN = "LIMIT = 1\n"
_OTHER = "LIMIT = 2\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A project with a package in a folder that is no import path by itself."""
    (tmp_path / "repository").mkdir()
    made = Repository.with_project(tmp_path / "repository")
    for name in ("acme/__init__.py", "acme/rates.py", "json/__init__.py", "single.py"):
        file = made.root / "packages" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_OWN, encoding="utf-8")
    (made.root / "setup.cfg").write_text("[metadata]\nname = Acme.Orders\n", encoding="utf-8")
    made.commit()
    return made


Installed = Callable[..., Loaded]


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Writes a module into a folder, and a distribution that owns it."""

    def install(
        name: str = "acme.rates",
        *,
        text: str = _OTHER,
        distribution: str = "",
        origin: str = "",
        folder: str = "site-packages",
    ) -> Loaded:
        site = tmp_path / folder
        file = site / f"{name.replace('.', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if distribution:
            about = site / f"{distribution}-1.dist-info"
            about.mkdir()
            (about / "METADATA").write_text(f"Name: {distribution}\nVersion: 1\n", encoding="utf-8")
            (about / "RECORD").write_text(f"{file.relative_to(site).as_posix()},,\n", encoding="utf-8")
            if origin:
                (about / "direct_url.json").write_text(f'{{"url": "{origin}"}}', encoding="utf-8")
        return Loaded(name=name, file=str(file))

    return install


def copies(repository: Repository, module: Loaded) -> list[str]:
    project = project_of(load_config(repository.root), repository.root)
    found = list(copies_among([module], project))
    return [each.source for each in found]


def test_a_copy_that_nobody_installed(repository: Repository, installed: Installed) -> None:
    assert copies(repository, installed()) == ["packages/acme/rates.py"]


def test_a_copy_that_is_the_same(repository: Repository, installed: Installed) -> None:
    assert copies(repository, installed(text=_OWN)) == []


def test_a_distribution_by_the_name_of_the_project(repository: Repository, installed: Installed) -> None:
    assert copies(repository, installed(distribution="acme_orders")) == ["packages/acme/rates.py"]


def test_a_distribution_that_was_made_of_the_repository(repository: Repository, installed: Installed) -> None:
    origin = (repository.root / "packages").as_uri()
    assert copies(repository, installed(distribution="rates", origin=origin)) == ["packages/acme/rates.py"]


def test_a_distribution_that_holds_configured_workflows(repository: Repository, installed: Installed) -> None:
    table = repository.root / "pyproject.toml"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace('"flows"', '"flows", "acme.flows"'), encoding="utf-8")
    assert copies(repository, installed(distribution="rates")) == ["packages/acme/rates.py"]


def test_a_library(repository: Repository, installed: Installed) -> None:
    assert copies(repository, installed(distribution="some_library")) == []


def test_a_module_of_the_standard_library(repository: Repository) -> None:
    file = Path(sysconfig.get_paths()["stdlib"], "json", "__init__.py")
    assert copies(repository, Loaded(name="json", file=str(file))) == []


def test_a_single_module_elsewhere_is_only_named_alike(repository: Repository, installed: Installed) -> None:
    assert copies(repository, installed("single", folder="shared")) == []
    assert copies(repository, installed("single")) == ["packages/single.py"]


def test_a_module_of_the_change_in_the_base_is_no_copy(repository: Repository, tmp_path: Path) -> None:
    """That the base loads it is wrong too, and has another cure."""
    tree = tmp_path / "tree"
    repository.git("clone", "--quiet", str(repository.root), str(tree))
    file = repository.root / "packages" / "acme" / "rates.py"
    file.write_text(_OTHER, encoding="utf-8")
    project = project_of(load_config(repository.root), repository.root, tree, "HEAD")
    assert list(copies_among([Loaded(name="acme.rates", file=str(file))], project, base=tree)) == []


def test_the_message_has_the_folder_to_name(repository: Repository, installed: Installed) -> None:
    project = project_of(load_config(repository.root), repository.root)
    found = list(copies_among([installed()], project))
    (issue,) = issues_of_copies(found, repository.root / "packages" / "acme")
    assert issue.unjudged
    assert "the change was judged with 1 module from an installed copy of this project" in issue.title
    assert "acme.rates" in issue.text
    assert "and not packages/acme/rates.py" in issue.text
    assert 'path = [".."] in [tool.replaykit]' in (issue.cure or "")

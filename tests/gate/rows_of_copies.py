"""Ways to have both sides judged by one installed copy of the project."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.gate.fooling import Row, site_of
from tests.gate.repository import UNCHANGED, Repository
from tests.gate.rows_of_base import on_main

__all__ = ["ROWS"]

_STEPS = """\
from datetime import timedelta

from temporalio import workflow


async def extract(source: str) -> list[str]:
    return await workflow.execute_activity(
        "extract_rows", source, start_to_close_timeout=timedelta(seconds=10)
    )
"""
_CHANGED_STEPS = _STEPS.replace('"extract_rows"', '"read_rows"')


def calling(module: str) -> str:
    """The workflow, whose first command comes from a module."""
    imported = f"with workflow.unsafe.imports_passed_through():\n    from {module} import extract\n\nSOON = "
    return UNCHANGED.replace("SOON = ", imported).replace(
        'workflow.execute_activity("extract_rows", source, start_to_close_timeout=SOON)', "extract(source)"
    )


def installed(
    *,
    copy_of: str = "change",
    distribution: str = "",
    project: str = "",
    inside: bool = True,
    then: Callable[[Repository], object] | None = None,
) -> Callable[[Repository], None]:
    """A package of the repository, imported by the workflow, is installed as a copy; the change alters it.

    Args:
        copy_of: The side that it was installed from.
        distribution: What is installed; a bare folder where it is empty.
        project: How the package's own pyproject.toml calls it; without one where it is empty.
        inside: Whether what is installed lies in the repository, as a virtual environment often does.
        then: What the change does in the place of altering the package.
    """

    def make(repository: Repository) -> None:
        root = repository.root
        package = root / "packages" / "acme_steps"

        def both() -> None:
            package.mkdir(parents=True)
            (package / "__init__.py").write_text("", encoding="utf-8")
            (package / "first.py").write_text(_STEPS, encoding="utf-8")
            if project:
                table = f'[project]\nname = "{project}"\nversion = "1"\n'
                (root / "packages" / "pyproject.toml").write_text(table, encoding="utf-8")
            repository.code(calling("acme_steps.first"))

        on_main(repository, both)
        site = site_of(repository)
        if not inside:
            site = root.parent / "elsewhere" / "site-packages"
            site.mkdir(parents=True)
            (root / ".installed" / "site-packages" / "_more.pth").write_text(f"{site}\n", encoding="utf-8")
        if copy_of == "base":
            _install(package, site, distribution)
        if then is None:
            (package / "first.py").write_text(_CHANGED_STEPS, encoding="utf-8")
        else:
            then(repository)
        repository.commit()
        if copy_of == "change":
            _install(package, site, distribution)

    return make


def _install(package: Path, site: Path, distribution: str) -> None:
    shutil.copytree(package, site / package.name)
    if distribution:
        about = site / f"{distribution.replace('-', '_')}-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1\n", encoding="utf-8"
        )
        files = [file.relative_to(site).as_posix() for file in (site / package.name).rglob("*.py")]
        (about / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")


def workflows_installed(repository: Repository) -> None:
    """The very module of the workflows is one of a package that is installed as a copy."""
    root = repository.root
    package = root / "lib" / "acme_flows"

    def both() -> None:
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(UNCHANGED, encoding="utf-8")
        repository.remove("flows.py")
        table = (root / "pyproject.toml").read_text(encoding="utf-8")
        (root / "pyproject.toml").write_text(table.replace('"flows"', '"acme_flows"'), encoding="utf-8")

    on_main(repository, both)
    text = UNCHANGED.replace('"extract_rows"', '"read_rows"')
    (package / "__init__.py").write_text(text, encoding="utf-8")
    repository.commit()
    _install(package, site_of(repository), "acme-flows")


def named_folder(repository: Repository) -> None:
    """Both sides name the folder of the package: the copy is never loaded."""
    table = (repository.root / "pyproject.toml").read_text(encoding="utf-8")
    (repository.root / "pyproject.toml").write_text(f'{table}path = ["packages"]\n', encoding="utf-8")


def with_named_folder(repository: Repository) -> None:
    on_main(repository, lambda: named_folder(repository))
    installed(distribution="acme-steps", project="acme-steps")(repository)


def harmless(repository: Repository) -> None:
    (repository.root / "NOTES.txt").write_text("harmless", encoding="utf-8")


def taken_out(repository: Repository) -> None:
    """The package goes, and the copy of it stays installed."""
    repository.remove("packages/acme_steps")


_SITE = {"PYTHONPATH": "{root}/.installed/site-packages"}
_CURE = 'path = ["packages"] in [tool.replaykit]'

ROWS = (
    Row(
        name="a helper that is installed as a copy of the change",
        make=installed(distribution="acme-steps", project="acme-steps"),
        exit_code=2,
        rule="base-of-mixed-code",
        text="nothing shows whether the base has it too: DataProcessingWorkflow diverged",
        absent="inherited: ",
        env=_SITE,
    ),
    Row(
        name="a helper that is installed as a copy of the base",
        make=installed(copy_of="base", distribution="acme-steps", project="acme-steps"),
        exit_code=2,
        rule="base-of-mixed-code",
        text="the change was judged with 1 module from an installed copy",
        env=_SITE,
    ),
    Row(
        name="a helper that is installed as a copy, and how to have the own one judged",
        make=installed(copy_of="base", distribution="acme-steps", project="acme-steps"),
        exit_code=2,
        text=_CURE,
        env=_SITE,
    ),
    Row(
        name="a helper that was copied into a folder of packages",
        make=installed(copy_of="base"),
        exit_code=2,
        rule="base-of-mixed-code",
        text=_CURE,
        env=_SITE,
    ),
    Row(
        name="a helper that is installed as a copy outside the repository",
        make=installed(copy_of="base", distribution="acme-steps", project="Acme_Steps", inside=False),
        exit_code=2,
        rule="base-of-mixed-code",
        text=_CURE,
        env=_SITE,
    ),
    Row(
        name="a helper that is installed as a copy, and no base",
        make=installed(copy_of="base", distribution="acme-steps", project="acme-steps"),
        exit_code=2,
        rule="base-of-mixed-code",
        arguments=("--base", "none"),
        env=_SITE,
    ),
    Row(
        name="workflows that are installed as a copy",
        make=workflows_installed,
        exit_code=2,
        rule="base-of-mixed-code",
        text='path = ["lib"] in [tool.replaykit]',
        env=_SITE,
    ),
    Row(
        name="a helper that the change takes out and that stays installed",
        make=installed(copy_of="base", distribution="acme-steps", project="acme-steps", then=taken_out),
        exit_code=2,
        rule="base-of-mixed-code",
        text="the change was judged with 2 modules from an installed copy",
        env=_SITE,
    ),
    Row(
        name="a copy that is the same as both sides",
        make=installed(copy_of="base", distribution="acme-steps", project="acme-steps", then=harmless),
        exit_code=0,
        absent="base-of-mixed-code",
        env=_SITE,
    ),
    Row(
        name="a copy that is installed and not loaded",
        make=with_named_folder,
        exit_code=1,
        rule="new-divergence",
        absent="base-of-mixed-code",
        env=_SITE,
    ),
    Row(
        name="a library that the repository has a changed copy of",
        make=installed(copy_of="base", distribution="some-library"),
        exit_code=0,
        absent="base-of-mixed-code",
        env=_SITE,
    ),
)

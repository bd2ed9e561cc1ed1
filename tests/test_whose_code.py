"""Whose code a file is goes by where, and as what, it was loaded."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import temporalio

from replaykit import whose_code
from replaykit.whose_code import is_user_code, is_users_path, own_modules, part_of_sdk

_ASK = """\
import pathlib, site
from replaykit.whose_code import is_user_code

file = pathlib.Path(site.getusersitepackages(), "package.py")
file.parent.mkdir(parents=True)
file.touch()
print(is_user_code(str(file)))
"""


@pytest.fixture(autouse=True)
def _answers_of_this_test_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(whose_code, "_named", set(whose_code._named))
    caches = (is_user_code, is_users_path, part_of_sdk, whose_code._temporalio, whose_code._distributed)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def _write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _distribution(folder: Path, name: str, files: list[str]) -> None:
    info = folder / f"{name}-1.0.dist-info"
    _write(info / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    _write(info / "RECORD", "".join(f"{file},,\n" for file in [*files, f"{info.name}/RECORD"]))


def test_a_file_of_the_project_is_the_users(tmp_path: Path) -> None:
    assert is_user_code(str(_write(tmp_path / "app.py")))
    assert not is_user_code("<string>")
    gone = str(tmp_path / "gone.py")
    assert (is_users_path(gone), is_user_code(gone)) == (True, False)


def test_packages_of_this_environment_and_of_its_base_are_not() -> None:
    base = sysconfig.get_paths(vars={"base": sys.base_prefix, "platbase": sys.base_exec_prefix})
    installed = [*Path(base["purelib"]).glob("*/*.py")][:1]  # none where the base has no packages
    for file in (pytest.__file__, os.__file__, *installed):
        assert not is_user_code(str(file))


def test_packages_of_the_user_are_not(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _ASK],
        env={**os.environ, "PYTHONUSERBASE": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert answer.stdout == "False\n"


def test_a_workflow_that_is_installed_is_the_users_where_the_configuration_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_packages = tmp_path / "venv" / "lib" / "site-packages"
    flow = _write(site_packages / "shop_of_test" / "flow.py")
    helper = _write(site_packages / "shop_of_test" / "helper.py")
    other = _write(site_packages / "library_of_test" / "core.py")
    _write(site_packages / "shop_of_test" / "__init__.py")
    monkeypatch.syspath_prepend(site_packages)
    assert not is_user_code(str(flow))
    own_modules(["shop_of_test.flow"])
    assert is_user_code(str(flow))
    assert is_user_code(str(helper))
    assert not is_user_code(str(other))


def test_a_single_module_that_is_installed_is_itself_alone_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_packages = tmp_path / "site-packages"
    flow = _write(site_packages / "flow_of_test.py")
    other = _write(site_packages / "other_of_test.py")
    monkeypatch.syspath_prepend(site_packages)
    own_modules(["flow_of_test"])
    assert is_user_code(str(flow))
    assert not is_user_code(str(other))


def test_what_pip_put_into_a_folder_beside_the_users_code_is_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = _write(tmp_path / "flow.py")
    library = _write(tmp_path / "library_of_test" / "core.py")
    _distribution(tmp_path, "library-of-test", ["library_of_test/core.py"])
    monkeypatch.syspath_prepend(tmp_path)
    assert is_user_code(str(flow))
    assert not is_user_code(str(library))


def test_an_editable_install_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = _write(tmp_path / "src" / "app_of_test" / "flow.py")
    site_packages = tmp_path / "site-packages"
    _write(site_packages / "__editable__.app_of_test.pth", str(tmp_path / "src"))
    _distribution(site_packages, "app-of-test", ["__editable__.app_of_test.pth"])
    monkeypatch.syspath_prepend(site_packages)
    monkeypatch.syspath_prepend(tmp_path / "src")
    assert is_user_code(str(source))


def test_temporalio_is_where_it_was_loaded_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sdk" / "temporalio"
    worker = _write(folder / "worker" / "_workflow_instance.py")
    api = _write(folder / "workflow.py")
    monkeypatch.setattr(temporalio, "__path__", [str(folder)])
    whose_code._temporalio.cache_clear()
    assert not is_user_code(str(worker))
    assert part_of_sdk(str(api)) == "workflow.py"


def test_a_project_in_a_folder_of_that_name_is_not_temporalio(tmp_path: Path) -> None:
    flow = _write(tmp_path / "temporalio" / "workflows.py")
    assert is_user_code(str(flow))
    assert part_of_sdk(str(flow)) is None


def test_code_in_an_archive_is_the_users_and_a_package_in_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "app.pex"
    info = "library_of_test-1.0.dist-info"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("flow.py", "")
        file.writestr("library_of_test/core.py", "")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: library-of-test\nVersion: 1.0\n")
        file.writestr(f"{info}/RECORD", "library_of_test/core.py,,\n")
    monkeypatch.syspath_prepend(archive)
    assert is_user_code(str(archive / "flow.py"))
    assert not is_user_code(str(archive / "library_of_test" / "core.py"))

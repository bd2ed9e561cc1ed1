"""The folder of fixtures: nothing in it is lost, half written or touched without need."""

from __future__ import annotations

import copy
import dataclasses
import gzip
import os
import re
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from replaykit.errors import ReplaykitError, UnreadableHistoryError
from replaykit.history import Action, History, Saved, Source, Store, dump_history, find_fixtures, read_history
from tests.history.builders import two_activities

FULL = two_activities()
LATER = datetime(2030, 1, 1, tzinfo=timezone.utc)


def running(length: int) -> History:
    return dataclasses.replace(FULL, events=FULL.events[:length], status="RUNNING")


def altered() -> History:
    """The same run with another activity: no service would record that."""
    events = [copy.deepcopy(event) for event in FULL.events]
    events[10].activity_task_scheduled_event_attributes.activity_type.name = "refund"
    return dataclasses.replace(FULL, events=tuple(events))


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "histories")


def test_a_new_history_is_written_whole(store: Store) -> None:
    saved = store.save(FULL)
    path = store.root / "OrderWorkflow" / "order-17--6279184bd1cf.json"
    assert saved == Saved(path=path, action=Action.WRITTEN)
    assert saved.action == "written"
    assert store.path_of(FULL) == path
    assert path.read_bytes() == dump_history(FULL)
    assert files(store.root) == ["OrderWorkflow/order-17--6279184bd1cf.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode bits")
def test_a_fixture_is_readable_by_others_as_the_umask_allows(store: Store) -> None:
    umask = os.umask(0o022)
    try:
        path = store.save(FULL).path
    finally:
        os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("force", [False, True])
def test_the_same_but_for_the_time_of_capture_is_left_alone(store: Store, force: bool) -> None:
    path = store.save(FULL).path
    before = path.read_bytes()
    os.utime(path, (1_000_000, 1_000_000))
    saved = store.save(dataclasses.replace(FULL, captured_at=LATER), force=force)
    assert saved == Saved(path=path, action=Action.UNCHANGED)
    assert path.read_bytes() == before
    assert path.stat().st_mtime == 1_000_000


def test_what_was_read_from_the_file_is_unchanged(store: Store) -> None:
    path = store.save(FULL).path
    assert store.save(read_history(path)).action is Action.UNCHANGED


def test_a_run_that_went_on_is_updated(store: Store) -> None:
    store.save(running(9))
    saved = store.save(FULL)
    assert saved.action is Action.UPDATED
    assert read_history(saved.path).events == FULL.events
    assert len(files(store.root)) == 1


def test_an_import_does_not_forget_what_a_capture_knew(store: Store) -> None:
    path = store.save(FULL).path
    unknowing = dataclasses.replace(FULL, namespace=None, sdk=None, status=None)
    assert store.save(unknowing).action is Action.UNCHANGED
    store.save(dataclasses.replace(unknowing, source=Source.IMPORT))
    assert (read_history(path).namespace, read_history(path).source) == ("default", Source.IMPORT)


@pytest.mark.parametrize(
    ("there", "then", "message"),
    [
        (altered(), FULL, "a fixture of this run is there that differs from event 11 on"),
        (FULL, running(9), "a fixture of this run is there that goes further (17 events, not 9)"),
        (
            FULL,
            dataclasses.replace(FULL, run_id="11111111-1111-1111-1111-6279184bd1cf"),
            "the fixture of another run is there (workflow order-17, run ",
        ),
    ],
)
def test_a_file_that_differs_is_refused_unless_by_force(
    store: Store, there: History, then: History, message: str
) -> None:
    path = store.save(there).path
    before = path.read_bytes()
    with pytest.raises(ReplaykitError) as caught:
        store.save(then)
    assert message in caught.value.what
    assert "--force" in str(caught.value)
    assert caught.value.where == str(path)
    assert path.read_bytes() == before

    assert store.save(then, force=True) == Saved(path=path, action=Action.UPDATED)
    assert read_history(path).events == then.events


@pytest.mark.parametrize(
    "content", [b"", b"not json", b'{"replaykit": {"formatVersion": 2}}', dump_history(FULL)[:500]]
)
@pytest.mark.parametrize("force", [False, True])
def test_a_file_that_cannot_be_read_is_never_overwritten(store: Store, content: bytes, force: bool) -> None:
    path = store.path_of(FULL)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(ReplaykitError, match="cannot be read, so it is left alone"):
        store.save(FULL, force=force)
    assert path.read_bytes() == content


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege on Windows")
def test_a_dangling_link_is_not_replaced(store: Store) -> None:
    path = store.path_of(FULL)
    path.parent.mkdir(parents=True)
    path.symlink_to("nowhere")
    with pytest.raises(ReplaykitError, match="cannot be read, so it is left alone"):
        store.save(FULL, force=True)
    assert path.is_symlink()


def test_a_folder_in_the_way_is_left_alone(store: Store) -> None:
    store.path_of(FULL).mkdir(parents=True)
    with pytest.raises(ReplaykitError):
        store.save(FULL, force=True)
    assert store.path_of(FULL).is_dir()


def test_the_packed_twin_is_kept_packed(store: Store) -> None:
    plain = store.save(running(9)).path
    packed = plain.with_name(f"{plain.name}.gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    before = packed.read_bytes()

    assert store.path_of(FULL) == packed
    assert store.save(running(9)) == Saved(path=packed, action=Action.UNCHANGED)
    assert packed.read_bytes() == before
    assert store.save(FULL) == Saved(path=packed, action=Action.UPDATED)
    assert read_history(packed).events == FULL.events
    assert files(store.root) == [f"OrderWorkflow/{packed.name}"]
    # The bytes hold no time of day.
    first = packed.read_bytes()
    assert first[4:8] == b"\x00\x00\x00\x00"


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, SystemExit, OSError, MemoryError])
@pytest.mark.parametrize("moment", ["fsync", "replace"])
@pytest.mark.parametrize("there", [False, True])
def test_interrupted_at_any_moment_nothing_is_half_written(
    store: Store, monkeypatch: pytest.MonkeyPatch, trouble: type[BaseException], moment: str, there: bool
) -> None:
    if there:
        store.save(running(9))
    before = {name: (store.root / name).read_bytes() for name in files(store.root)}

    def interrupt(*_: object, **__: object) -> None:
        temporary = [path.name for path in (store.root / "OrderWorkflow").glob(".*.tmp")]
        assert len(temporary) == 1
        assert re.fullmatch(r"\.order-17--6279184bd1cf\.json\.[0-9a-f]{8}\.tmp", temporary[0])
        raise trouble

    if moment == "fsync":
        monkeypatch.setattr(os, "fsync", interrupt)
    else:
        monkeypatch.setattr(Path, "replace", interrupt)
    expected = ReplaykitError if trouble is OSError else trouble
    with pytest.raises(expected):
        store.save(FULL)
    monkeypatch.undo()
    assert {name: (store.root / name).read_bytes() for name in files(store.root)} == before


def test_a_file_system_that_refuses_is_reported(tmp_path: Path) -> None:
    (tmp_path / "histories").write_text("a file where the folder should be")
    with pytest.raises(ReplaykitError, match="cannot be written"):
        Store(tmp_path / "histories").save(FULL)


# --- finding


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")


def test_folders_are_searched_in_sorted_order_without_hidden_things(tmp_path: Path) -> None:
    touch(
        tmp_path, "B/2.json", "B/1.json.gz", "A/x/deep.json", "a.JSON", "B/notes.txt", "B/.hidden.json",
        ".git/x.json", "B/.order.json.0a1b.tmp", "B/history.bin", "z.json",
    )  # fmt: skip
    found = find_fixtures([tmp_path])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == sorted(
        ["A/x/deep.json", "B/1.json.gz", "B/2.json", "a.JSON", "z.json"]
    )


def test_files_are_taken_as_they_are_and_in_the_order_given(tmp_path: Path) -> None:
    touch(tmp_path, "one.bin", ".hidden.json", "f/a.json", "f/b.json")
    asked = [tmp_path / "one.bin", tmp_path / "f" / "b.json", tmp_path / "f", tmp_path / ".hidden.json"]
    assert find_fixtures(asked) == (
        tmp_path / "one.bin",
        tmp_path / "f" / "b.json",
        tmp_path / "f" / "a.json",
        tmp_path / ".hidden.json",
    )


def test_duplicates_are_folded_however_they_are_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "f/a.json")
    monkeypatch.chdir(tmp_path)
    spelled = [Path("f"), Path("f/a.json"), tmp_path / "f", Path("f/../f/a.json")]
    assert find_fixtures(spelled) == (Path("f/a.json"),)


def test_an_empty_folder_has_no_fixtures_and_stdin_is_passed_on(tmp_path: Path) -> None:
    assert find_fixtures([tmp_path]) == ()
    assert find_fixtures([]) == ()
    assert find_fixtures([Path("-")]) == (Path("-"),)


def test_a_missing_path_is_an_error_and_not_nothing(tmp_path: Path) -> None:
    with pytest.raises(ReplaykitError, match="there is no such file or folder") as caught:
        find_fixtures([tmp_path, tmp_path / "no"])
    assert caught.value.where == str(tmp_path / "no")


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege on Windows")
def test_a_folder_that_contains_itself_is_searched_once(tmp_path: Path) -> None:
    touch(tmp_path, "f/a.json")
    (tmp_path / "f" / "loop").symlink_to(tmp_path / "f")
    assert find_fixtures([tmp_path]) == (tmp_path / "f" / "a.json",)


def test_a_folder_that_cannot_be_read_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    touch(tmp_path, "open.json")
    assert find_fixtures([tmp_path]) == (tmp_path / "closed", tmp_path / "open.json")
    with pytest.raises(UnreadableHistoryError, match="closed: cannot be read: Permission denied"):
        read_history(tmp_path / "closed")

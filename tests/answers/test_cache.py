"""What `cache` says and does."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from imgtar.answers.cache import cache_content
from imgtar.cache.row_store import FILE_NAME, RowStore
from imgtar.cli.main import run
from imgtar.contract.cache import CacheRemoved
from imgtar.errors import InputError
from tests.builders import file, oci_archive, tar


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A cache of four rows."""
    store = RowStore(str(tmp_path / "cache"))
    for number in range(4):
        store.put(b"%d" % number, bytes(20_000))
    store.close()
    return str(tmp_path / "cache")


def test_info_says_what_is_there(folder: str) -> None:
    document = cache_content("info", folder, 0).document
    assert (document.path, document.rows, document.bytes) == (f"{folder}/{FILE_NAME}", 4, 80_000)
    assert document.file_bytes > 80_000
    assert document.removed is None


def test_prune_makes_room(folder: str) -> None:
    document = cache_content("prune", folder, 70_000).document
    assert (document.rows, document.bytes) == (2, 40_000)
    assert document.file_bytes <= 70_000 + 4096
    assert document.removed == CacheRemoved(rows=2, bytes=40_000)
    assert cache_content("prune", folder, 1 << 30).document.removed == CacheRemoved(rows=0, bytes=0)
    assert cache_content("prune", folder, 0).document.rows == 0


def test_a_cache_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    for action in ("info", "prune"):
        document = cache_content(action, str(tmp_path / "none"), 0).document
        assert (document.rows, document.bytes, document.file_bytes) == (0, 0, 0)
    assert not (tmp_path / "none").exists()


def test_the_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_content("info", None, 0).document.path == f"{tmp_path}/xdg/imgtar/{FILE_NAME}"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_content("info", None, 0).document.path == f"{tmp_path}/.cache/imgtar/{FILE_NAME}"


def test_what_others_may_write_to_is_refused(folder: str) -> None:
    os.chmod(folder, 0o777)
    for action in ("info", "prune"):
        with pytest.raises(InputError, match="this user alone"):
            cache_content(action, folder, 0)


def printed(capsysbinary: pytest.CaptureFixture[bytes], *argv: str) -> tuple[int, bytes]:
    code = run([*argv])
    return code, capsysbinary.readouterr().out


def test_the_option_and_the_command(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    """`--cache` alone takes no value: the archive may follow it."""
    path, folder = tmp_path / "image.tar", tmp_path / "cache"
    path.write_bytes(oci_archive([tar(file("a", b"x"))], compression="gzip"))
    os.environ["XDG_CACHE_HOME"], before = str(tmp_path), os.environ.get("XDG_CACHE_HOME")
    try:
        alone = printed(capsysbinary, "inspect", str(path), "--format", "json")
        for option in ("--cache", f"--cache={folder}"):
            for _ in range(2):
                assert printed(capsysbinary, "inspect", option, str(path), "--format", "json") == alone
        for place in ((), (str(folder),)):
            code, out = printed(capsysbinary, "cache", "info", *place, "--format", "json")
            assert (code, json.loads(out)["rows"]) == (0, 2)  # the scan, and its packages
        code, out = printed(capsysbinary, "cache", "prune", "--format", "json")
        assert json.loads(out)["removed"]["rows"] == 2
    finally:
        del os.environ["XDG_CACHE_HOME"]
        os.environ |= {} if before is None else {"XDG_CACHE_HOME": before}


def test_usage(capsysbinary: pytest.CaptureFixture[bytes], folder: str) -> None:
    assert run(["cache", "info", "--max-size", "1MB", folder]) == 2
    assert run(["cache", "prune", "--max-size", "much", folder]) == 2
    assert run(["cache", "forget", folder]) == 2
    os.chmod(folder, 0o777)
    assert run(["cache", "info", folder, "--format", "json"]) == 3
    assert json.loads(capsysbinary.readouterr().out)["error"]["code"] == "input.cache"


def test_a_folder_that_gets_no_cache_is_no_empty_one(
    capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    """Whoever asks why nothing gets faster hears it."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "file").write_bytes(b"")
    for name, code in (("open", 3), ("file", 3), ("none", 0)):
        assert run(["cache", "info", str(tmp_path / name)]) == code
    assert capsysbinary.readouterr().err.count(b"no cache that this user alone may write to") == 2

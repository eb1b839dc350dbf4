"""An archive that passes once and is needed twice: a temporary file without a name, and the same answers."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from imgtar.answers.opening import open_session
from imgtar.answers.options import FILES, InspectOptions
from imgtar.answers.session import Session
from imgtar.errors import InputError, OutputError
from imgtar.limits import DEFAULT
from tests.builders import COMPRESS, docker_save, file, gzip, oci_archive, tar, whiteout
from tests.cli.command import environment

LAYERS = [tar(file("a", b"first" * 900), file("b", b"x" * 700)), tar(whiteout("b"), file("c", b"y" * 800))]
SAVED = docker_save(LAYERS)


class Spooled:
    """A session with what it was told of a temporary file."""

    def __init__(self, path: Path, content: bytes, **options: object) -> None:
        path.write_bytes(content)
        self.told: list[str] = []
        self.session = open_session(path, InspectOptions(spool=self.told.append, **options))  # type: ignore[arg-type]


def read(session: Session) -> list[bytes]:
    session.read(FILES)
    tree = session.tree(0)
    wanted = [(tree.entry(path).scan_layer, tree.entry(path).member) for path in sorted(tree)]
    return [
        b"".join(piece for piece in body.pieces() if isinstance(piece, bytes)) for body in session.bodies(0, wanted)
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    found = tmp_path / "temporary"
    found.mkdir()
    monkeypatch.setenv("TMPDIR", str(found))
    return found


@pytest.mark.parametrize("compression", ["gzip", "zstd", "xz", "bzip2"])
@pytest.mark.parametrize("archive", [SAVED, oci_archive(LAYERS, compression="gzip")], ids=["docker", "oci"])
def test_a_compressed_archive_gives_its_bodies(archive: bytes, compression: str, tmp_path: Path, folder: Path) -> None:
    spooled = Spooled(tmp_path / "packed", COMPRESS[compression](archive))
    assert read(spooled.session) == [b"first" * 900, b"y" * 800]
    assert spooled.told == [str(folder)]
    assert os.listdir(folder) == []
    assert spooled.session.envelope.complete
    source = spooled.session.envelope.source
    assert (source.container, source.compression, source.size) == (
        "tar",
        compression,
        len(COMPRESS[compression](archive)),
    )


def test_what_can_be_read_by_offset_is_not_copied(tmp_path: Path, folder: Path) -> None:
    spooled = Spooled(tmp_path / "plain", SAVED)
    assert read(spooled.session) == [b"first" * 900, b"y" * 800]
    assert spooled.told == []


def test_a_pipe_gives_its_bodies_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    script = (
        "import imgtar; told = []\n"
        "session = imgtar.open_session('-', imgtar.InspectOptions(spool=told.append))\n"
        "from tests.archive.index.test_spooled import read\n"
        "print(told, session.envelope.source.container, session.envelope.complete, read(session)[1])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        input=SAVED,
        env=environment({"TMPDIR": str(folder)}),
        capture_output=True,
        check=True,
    )
    assert run.stdout.decode().strip() == f"{[str(folder)]} stream True {b'y' * 800!r}"
    assert os.listdir(folder) == []


def test_the_limit_ends_the_copy(tmp_path: Path, folder: Path) -> None:
    limits = msgspec.structs.replace(DEFAULT, spool_bytes=len(SAVED) - 1)
    spooled = Spooled(tmp_path / "packed", gzip(SAVED), limits=limits)
    codes = [finding.code for finding in spooled.session.findings]
    assert "limit.spool-bytes" in codes
    assert "tar.truncated" not in codes
    enough = msgspec.structs.replace(DEFAULT, spool_bytes=len(SAVED))
    assert Spooled(tmp_path / "packed", gzip(SAVED), limits=enough).session.envelope.complete


def test_a_cut_stream_is_told_once(tmp_path: Path, folder: Path) -> None:
    packed = gzip(SAVED)
    cut = Spooled(tmp_path / "packed", packed[: len(packed) // 2])
    piped = open_session(tmp_path / "packed")
    assert [finding.code for finding in cut.session.findings] == [finding.code for finding in piped.findings]
    assert not cut.session.envelope.complete


def test_a_file_that_changes_after_the_copy_is_told(tmp_path: Path, folder: Path) -> None:
    spooled = Spooled(tmp_path / "packed", gzip(SAVED))
    with (tmp_path / "packed").open("ab") as changed:
        changed.write(b"x")
    assert "input.changed" in [finding.code for finding in spooled.session.findings]


def _full(_descriptor: int, _chunk: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "broken",
    [
        lambda patch: patch.setattr(os, "write", _full),
        lambda patch: patch.setenv("TMPDIR", "/nowhere/at/all"),
    ],
    ids=["full", "no directory"],
)
def test_a_copy_that_cannot_be_written_is_an_error_of_the_output(
    broken: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packed").write_bytes(gzip(SAVED))
    broken(monkeypatch)
    with pytest.raises(OutputError, match="temporary file"):
        open_session(tmp_path / "packed", InspectOptions(spool=lambda _: None))


def test_where_no_file_can_be_without_a_name_its_name_goes_at_once(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on some network file systems, and on systems without O_TMPFILE."""
    named = []
    real = os.open

    def refusing(path: str, flags: int, *arguments: object, **more: object) -> int:
        if path == str(folder):
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        if str(path).startswith(str(folder)):
            named.append(path)
        return real(path, flags, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refusing)
    spooled = Spooled(tmp_path / "packed", gzip(SAVED))
    assert len(named) == 1
    assert os.listdir(folder) == []
    assert read(spooled.session) == [b"first" * 900, b"y" * 800]


def test_nothing_is_left_open(tmp_path: Path, folder: Path) -> None:
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for content in (gzip(SAVED), gzip(SAVED)[:200], gzip(b"no tar" * 200)):
        with contextlib.suppress(InputError):
            _ = Spooled(tmp_path / "packed", content).session.images
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before

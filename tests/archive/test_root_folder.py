"""A directory that is a root filesystem: what is listed, what is left out, and what happens when it changes."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtar import InspectOptions, open_session
from imgtar.answers.session import Session
from imgtar.archive.catalog.records import OtherRecord
from imgtar.archive.input.folder import OpenFolder
from imgtar.archive.input.root_folder import RootFolder
from imgtar.extraction.folders import remove_tree
from imgtar.findings import FindingLog
from imgtar.formats.tar import ExactMember
from imgtar.limits import DEFAULT, LimitReached, Limits, Meter

ROOT = os.geteuid() == 0
OPTIONS = InspectOptions(root_filesystem=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_bytes(b"root:x:0:0::/:/bin/sh\n")
    return root


def listed(root: Path, limits: Limits = DEFAULT) -> tuple[dict[bytes, ExactMember], list[str]]:
    log = FindingLog()
    folder = RootFolder(str(root), OpenFolder.opened(str(root)), Meter(limits))
    return {member.name: member for member in folder.members(log)}, [finding.code for finding in log]


def codes(session: Session) -> dict[str, str]:
    return {row.code: row.effect for row in session.finding_rows}


def contents(session: Session, *paths: bytes) -> list[bytes]:
    tree = session.tree(0)
    entries = [tree.entry(path) for path in paths]
    bodies = session.bodies(0, [(entry.scan_layer, entry.member) for entry in entries])
    return [b"".join(body.chunks()) for body in bodies]


def test_entries_are_what_a_tar_would_hold(folder: Path) -> None:
    (folder / "bin").symlink_to("usr/bin")
    (folder / "b\udcff").write_bytes(b"latin")
    os.mkfifo(folder / "pipe", 0o600)
    os.chmod(folder / "etc/passwd", 0o4640)
    os.utime(folder / "etc/passwd", ns=(0, 1_500_000_000_123_456_789))
    members, found = listed(folder)
    assert list(members) == [b"bin", b"b\xff", b"etc", b"pipe", b"etc/passwd"]
    assert found == []
    passwd = members[b"etc/passwd"]
    assert (passwd.type, passwd.size, passwd.mode, passwd.mtime) == ("file", 22, 0o4640, 1_500_000_000)
    assert passwd.extra is not None
    assert passwd.extra.mtime_ns == 123_456_789
    assert (members[b"bin"].type, members[b"bin"].link, members[b"bin"].size) == ("symlink", b"usr/bin", 0)
    assert members[b"pipe"].type == "fifo"


def test_nothing_but_the_bytes_that_are_asked_for_is_read(folder: Path) -> None:
    """A pipe without a writer would block, a device would be opened, a link would lead out."""
    os.mkfifo(folder / "etc/pipe")
    (folder / "etc/shadow").symlink_to("/etc/passwd")
    (folder / "etc/loop").symlink_to("loop")
    session = open_session(folder, OPTIONS)
    assert session.archive.catalog.form == "rootfs"
    assert set(session.tree(0)) == {b"etc", b"etc/passwd", b"etc/pipe", b"etc/shadow", b"etc/loop"}
    assert contents(session, b"etc/passwd") == [b"root:x:0:0::/:/bin/sh\n"]
    assert session.findings == ()


def test_names_of_one_file_are_hard_links(folder: Path) -> None:
    os.link(folder / "etc/passwd", folder / "a")
    session = open_session(folder, OPTIONS)
    tree = session.tree(0)
    assert (tree.entry(b"a").type, tree.entry(b"etc/passwd").type) == ("file", "hardlink")
    assert tree.entry(b"etc/passwd").link == b"a"
    assert contents(session, b"etc/passwd") == [b"root:x:0:0::/:/bin/sh\n"]


def test_sockets_are_left_out(folder: Path) -> None:
    with contextlib.chdir(folder), socket.socket(socket.AF_UNIX) as made:
        made.bind("s")
        assert b"s" not in listed(folder)[0]


@pytest.mark.skipif(not ROOT, reason="makes devices")
def test_devices_are_listed_and_not_opened(folder: Path) -> None:
    with contextlib.suppress(PermissionError):
        os.mknod(folder / "null", 0o20666, os.makedev(1, 3))
        member = listed(folder)[0][b"null"]
        assert member.extra is not None
        assert (member.type, member.extra.device) == ("char", (1, 3))


def test_only_portable_attributes_are_kept(folder: Path) -> None:
    try:
        os.setxattr(folder / "etc/passwd", "user.note", b"x")
    except OSError:
        pytest.skip("no attributes on this file system")
    with contextlib.suppress(OSError):
        os.setxattr(folder / "etc/passwd", "trusted.machine", b"y")
    extra = listed(folder)[0][b"etc/passwd"].extra
    assert extra is not None
    assert extra.xattrs == {b"user.note": b"x"}


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    if ROOT:
        os.seteuid(65534)
    try:
        yield
    finally:
        if ROOT:
            os.seteuid(0)


def test_what_may_not_be_read_is_a_finding(folder: Path) -> None:
    (folder / "secret").mkdir()
    (folder / "secret/x").write_bytes(b"x")
    (folder / "key").write_bytes(b"key")
    for parent in (folder, *folder.parents[:4]):  # one more where several workers run the tests
        with contextlib.suppress(PermissionError):
            os.chmod(parent, 0o755)
    os.chmod(folder / "secret", 0)
    os.chmod(folder / "key", 0)
    with unprivileged():
        session = open_session(folder, OPTIONS)
        session.tree(0)
        assert codes(session) == {"rootfs.unreadable": "incomplete"}
        assert [row.where.path for row in session.finding_rows] == ["/key", "/secret"]
        assert not session.envelope.complete
        assert contents(session, b"key") == [b""]
    os.chmod(folder / "secret", 0o700)


def test_a_file_that_changes_meanwhile_is_a_finding(folder: Path) -> None:
    session = open_session(folder, OPTIONS)
    session.tree(0)
    (folder / "etc/passwd").write_bytes(b"root::0:0::/:/bin/sh\n+")
    assert contents(session, b"etc/passwd") == [b""]
    assert session.archive.index.changed()


@pytest.mark.parametrize("kind", ["link", "pipe", "gone"])
def test_a_file_that_becomes_something_else_is_not_opened(kind: str, folder: Path) -> None:
    session = open_session(folder, OPTIONS)
    session.tree(0)
    (folder / "etc/passwd").unlink()
    if kind == "link":
        (folder / "etc/passwd").symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(folder / "etc/passwd")
    assert contents(session, b"etc/passwd") == [b""]
    assert session.archive.index.changed()


def test_a_directory_that_becomes_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/passwd").write_bytes(b"root:x:0:0::/:/bin/sh\n")
    session = open_session(folder, OPTIONS)
    session.tree(0)
    (folder / "etc").rename(tmp_path / "moved")
    (folder / "etc").symlink_to(tmp_path / "elsewhere")
    assert contents(session, b"etc/passwd") == [b""]
    log = FindingLog()
    opened = RootFolder(str(folder), OpenFolder.opened(str(folder)), Meter(DEFAULT))
    assert {member.name for member in opened.members(log)} == {b"etc"}


def test_deep_directories_are_listed(folder: Path) -> None:
    below = os.open(folder, os.O_DIRECTORY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=below)
        inner = os.open("d", os.O_DIRECTORY, dir_fd=below)
        os.close(below)
        below = inner
    os.close(below)
    members, found = listed(folder)
    above = OpenFolder.opened(str(folder.parent))
    remove_tree(b"root", folder=above.descriptor)
    assert (len(members), found) == (1502, [])


def test_limits_stop_the_listing(folder: Path) -> None:
    for number in range(20):
        (folder / f"f{number}").touch()
    with pytest.raises(LimitReached):
        listed(folder, Limits(layer_entries=10))
    session = open_session(folder, InspectOptions(root_filesystem=True, limits=Limits(layer_entries=10)))
    session.tree(0)
    assert codes(session) == {"limit.layer-entries": "limit"}


def test_a_mounted_file_system_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "proc").mkdir()
    (folder / "proc/1").mkdir()
    true_stat = os.stat

    class Mounted:
        def __init__(self, status: os.stat_result) -> None:
            self._status = status
            self.st_dev = status.st_dev + 1

        def __getattr__(self, name: str) -> object:
            return getattr(self._status, name)

    def stat(name: str, **options: object) -> object:
        status = true_stat(name, **options)  # type: ignore[arg-type]
        return Mounted(status) if name == "proc" else status

    monkeypatch.setattr(os, "stat", stat)
    members, found = listed(folder)
    assert b"proc" in members
    assert b"proc/1" not in members
    assert found == ["rootfs.other-filesystem"]


def test_a_layout_of_images_stays_one(fixtures: Path) -> None:
    session = open_session(fixtures / "s5-oci", OPTIONS)
    assert session.archive.catalog.form == "oci-layout"
    assert not any(isinstance(other, OtherRecord) for other in session.archive.catalog.other)


def test_an_extracted_image_has_the_files_of_the_image(fixtures: Path, tmp_path: Path) -> None:
    line = ("extract", fixtures / "mysql.tar", "--output", tmp_path / "out", "--quiet", "--exact")
    subprocess.run([sys.executable, "-m", "imgtar", *map(str, line)], check=True, capture_output=True)
    image, extracted = open_session(fixtures / "mysql.tar"), open_session(tmp_path / "out", OPTIONS)
    files = {
        path: entry.size
        for path in image.tree(0)
        if (entry := image.tree(0).entry(path)).type in ("file", "hardlink", "dir", "symlink")
    }
    assert {path: extracted.tree(0).entry(path).size for path in files} == files
    regular = [path for path in files if image.tree(0).entry(path).member.type == "file"]
    for path in regular:
        assert contents(extracted, path) == contents(image, path)

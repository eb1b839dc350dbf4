"""The tar of extract as other readers see it, and a directory packed again: both are what imgtar lists."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import imgtar
from tests.builders import device, directory, docker_save, fifo, file, hardlink, layer, sparse_1_0, symlink
from tests.extraction.extracting import Facts, extract, stored, tar_of, tar_tree
from tests.formats.tar.differential.oracle import Gotar, go_is_here, of_go
from tests.oracles import build
from tests.paths import FIXTURES

LONG = "long/" * 30 + "name"
ODD = docker_save(
    [
        layer(
            directory("d", mode=0o1777, mtime=0),
            file("d/plain", b"x" * 1000, uid=5, gid=6, mode=0o4755),
            file("ids", b"", uid=3_000_000, gid=2**31),
            file("old", b"", mtime=-5),
            file("new", b"", mtime=8**11 + 1),
            file("fraction", b"", pax_records={"mtime": "1.25"}),
            file("before", b"", pax_records={"mtime": "-1.5"}),
            file(LONG, b"long"),
            symlink("to-long", LONG),
            hardlink("a-link-to-long", LONG),
            file("caf\u00e9", b"utf-8"),
            file(b"latin-\xe9", b"latin"),
            file(b"\xff" * 150, b"latin and long"),
            file("attributes", b"", xattrs={"user.a": b"1", "security.capability": b"\1\0\0\2" + bytes(16)}),
            device("null", 1, 3),
            device("disk", 8, 1, typeflag=b"4"),
            fifo("pipe"),
            sparse_1_0("sparse", 100_000, [(50_000, b"middle")]),
        )
    ]
)
ARCHIVES = {
    "odd": ODD,
    **{name: FIXTURES / name for name in ("mysql.tar", "d26c-mysqlish.tar", "p5-oci-archive.tar", "s5-oci")},
}


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gotar]:
    if not go_is_here():
        pytest.skip("go is not installed")
    program = Gotar(build("gotar", tmp_path_factory.getbasetemp().parent))
    yield program
    program.close()


def listed(path: Path) -> dict[bytes, Any]:
    """What imgtar lists, by the bytes of the path; broken links are no files."""
    entries = imgtar.inspect(str(path)).files(0)
    raw = {(base64.b64decode(one.path_b64) if one.path_b64 else one.path.encode()).lstrip(b"/"): one for one in entries}
    return {name: one for name, one in raw.items() if one.type != "unknown"}


@pytest.mark.parametrize("name", ARCHIVES)
def test_go_reads_what_imgtar_lists(name: str, go: Gotar, tmp_path: Path) -> None:
    path = stored(ARCHIVES[name], tmp_path)
    members, error = go.list(tar_of(path, tmp_path))
    assert error == ""
    wanted = listed(path)
    read = {one["name"].rstrip(b"/"): one for one in map(of_go, members)}
    assert list(read) == sorted(wanted)
    for raw, member in read.items():
        entry = wanted[raw]
        assert (member["mode"], member["uid"], member["gid"]) == (int(entry.mode, 8), entry.uid, entry.gid), raw
        assert member["mtime"] == (entry.mtime or 0, entry.mtime_ns or 0), raw
        attributes = {key.decode(): base64.b64encode(value).decode() for key, value in member["xattrs"].items()}
        assert attributes == (entry.xattrs or {}), raw
        if member["type"] == "file":
            assert member["size"] == entry.size, raw
        if member["device"] is not None:
            assert list(member["device"]) == entry.device


@pytest.mark.parametrize("name", ARCHIVES)
def test_gnu_tar_reads_it_and_finds_nothing_odd(name: str, tmp_path: Path) -> None:
    if shutil.which("tar") is None:
        pytest.skip("GNU tar is not installed")
    path = stored(ARCHIVES[name], tmp_path)
    content = tar_of(path, tmp_path)
    ran = subprocess.run(
        ["tar", "-tf", "-", "--quoting-style=literal"], input=content, capture_output=True, check=False
    )
    ignored = b"tar: Ignoring unknown extended header keyword 'hdrcharset'\n"  # POSIX has it; of a long name, not UTF-8
    assert (ran.returncode, ran.stderr) == (0, ignored if name == "odd" else b"")
    found = listed(path)
    wanted = (path + (b"/" if entry.type == "dir" else b"") for path, entry in sorted(found.items()))
    assert ran.stdout == b"".join(line + b"\n" for line in wanted)


@pytest.mark.parametrize("name", ["mysql.tar", "d26c-mysqlish.tar", "p5-oci-archive.tar"])
def test_a_directory_packed_again_is_the_tar(name: str, tmp_path: Path) -> None:
    if shutil.which("tar") is None:
        pytest.skip("GNU tar is not installed")
    assert extract(FIXTURES / name, tmp_path, "--exact") == 0
    pack = ["tar", "--format=pax", "--numeric-owner", "-C", str(tmp_path / "out"), "-cf", "-", "."]
    packed = subprocess.run(pack, capture_output=True, check=True).stdout
    ours = {path: essence(facts) for path, facts in tar_tree(tar_of(FIXTURES / name, tmp_path)).items()}
    again = {path.removeprefix(b"./"): essence(facts) for path, facts in tar_tree(packed).items() if path != b"."}
    assert again == {path: facts for path, facts in ours.items() if facts["type"] != "special"}


def essence(facts: Facts) -> Facts:
    """What does not depend on who extracts and which name of a file comes first."""
    kept = {key: value for key, value in facts.items() if key in ("type", "mode", "size", "sha256", "link")}
    if facts["type"] != "dir":
        kept["mtime"] = int(facts["mtime"])
    return kept


def test_the_bytes_are_the_same_every_time_and_for_every_form(tmp_path: Path) -> None:
    names = ("mysql.tar", "d20-classic-mysqlish.tar.gz", "d20-classic-mysqlish.tar.zst", "mysql.tar")
    assert len({tar_of(FIXTURES / name, tmp_path) for name in names}) == 1


def test_whiteouts_are_not_in_it(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(tar_of(FIXTURES / "mysql.tar", tmp_path))) as tar:
        assert not [name for name in tar.getnames() if "/.wh." in f"/{name}"]

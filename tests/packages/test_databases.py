"""Package databases: their paths, and the files that they name with digests."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from imgtar.packages import python
from imgtar.packages.databases import FORMATS, database_format
from imgtar.packages.package_file import PackageFile

FIXTURES = Path(__file__).parent.parent / "fixtures" / "packages"
SHA256 = hashlib.sha256(b"x").digest()
SHA1 = hashlib.sha1(b"x").digest()
MD5 = hashlib.md5(b"x").digest()
URL_SAFE = base64.urlsafe_b64encode(SHA256).rstrip(b"=")


def named(path: bytes, content: bytes) -> list[PackageFile]:
    known = database_format(path)
    assert known is not None
    return list(known.package_files(path, content))


def test_fixture_of_dpkg() -> None:
    listed = named(b"var/lib/dpkg/info/hostname.list", (FIXTURES / "hostname.list").read_bytes())
    summed = named(b"var/lib/dpkg/info/hostname.md5sums", (FIXTURES / "hostname.md5sums").read_bytes())
    assert len(listed) == 19  # all but the root
    assert {file.digest for file in listed} == {b""}
    assert listed[1] == PackageFile(b"bin/hostname")
    assert summed[0] == PackageFile(b"bin/hostname", bytes.fromhex("84663f46a29817d9b0641f960a551cdb"))
    assert {file.path for file in summed} < {file.path for file in listed}
    status = named(b"var/lib/dpkg/status", (FIXTURES / "bash.status").read_bytes())
    assert [file.path.decode() for file in status] == [
        "etc/bash.bashrc",
        "etc/skel/.bash_logout",
        "etc/skel/.bashrc",
        "etc/skel/.profile",
    ]
    assert status[0].digest.hex() == "89269e1298235f1b12b4c16e4065ad0d"


def test_fixture_of_python() -> None:
    content = (FIXTURES / "typing_extensions.RECORD").read_bytes()
    files = named(b"usr/lib/python3/site-packages/typing_extensions-4.16.0.dist-info/RECORD", content)
    by_name = {file.path.removeprefix(b"usr/lib/python3/site-packages/"): len(file.digest) for file in files}
    assert by_name[b"typing_extensions.py"] == 32
    assert by_name[b"typing_extensions-4.16.0.dist-info/RECORD"] == 0
    assert len(files) == len(content.splitlines())


DPKG = b"var/lib/dpkg/info/a.md5sums"
LIST = b"var/lib/dpkg/info/a.list"
STATUS = b"var/lib/dpkg/status"
APK = b"lib/apk/db/installed"
RECORD = b"venv/lib/a-1.dist-info/RECORD"
RPM = b"var/lib/rpm/rpmdb.sqlite"  # in rpm/test_database.py
META = b"opt/conda/conda-meta/a-1-0.json"


def meta(*files: dict[str, object]) -> bytes:
    return json.dumps({"name": "a", "paths_data": {"paths": files, "paths_version": 1}}).encode()


@pytest.mark.parametrize(
    ("path", "content", "files"),
    [
        (DPKG, MD5.hex().encode() + b"  usr/bin/a b\n", [(b"usr/bin/a b", MD5)]),
        (DPKG, b"no digest  usr/bin/a\n\xff\n\n", []),
        (DPKG, MD5.hex().encode() + b"  ../../etc/shadow\n", []),
        (b"var/lib/dpkg/status.d/base.md5sums", MD5.hex().encode() + b"  a\n", [(b"a", MD5)]),
        (LIST, b"/.\n/usr\n/etc/a.conf\n/usr/a\n", [(b"usr", b""), (b"usr/a", b"")]),
        (STATUS, b"Package: a\nConffiles:\n /etc/a " + MD5.hex().encode() + b" obsolete\n /etc/b newconffile\n",
         [(b"etc/a", MD5)]),
        (STATUS, b"Description: x\n /etc/a " + MD5.hex().encode() + b"\n", []),
        (APK, b"P:a\nF:\nR:a\nF:etc/b\nM:0:0:755\nR:c\na:0:0:644\nZ:Q1" + base64.b64encode(SHA1) + b"\n\nP:z\n",
         [(b"a", b""), (b"etc/b/c", SHA1)]),
        (APK, b"F:a\nR:b\nZ:Q2" + base64.b64encode(SHA256), [(b"a/b", SHA256)]),
        (APK, b"F:..\nR:b\nF:a\nR:b\nZ:Q1!\n", [(b"a/b", b"")]),
        (RECORD, b"a.py,sha256=" + URL_SAFE + b",1\r\n", [(b"venv/lib/a.py", SHA256)]),
        (RECORD, b'"a, ""b"".py",sha256=' + URL_SAFE + b",1\n", [(b'venv/lib/a, "b".py', SHA256)]),
        (RECORD, b"../bin/a,sha256=" + URL_SAFE + b",1\n", [(b"venv/bin/a", SHA256)]),
        (RECORD, b"/etc/a,sha256=" + URL_SAFE + b",1\n", [(b"etc/a", SHA256)]),
        (RECORD, b"../../../a,sha256=" + URL_SAFE + b",1\n", []),  # out of the root
        (RECORD, b"__pycache__/a.cpython-311.pyc,,\n", [(b"venv/lib/__pycache__/a.cpython-311.pyc", b"")]),
        (RECORD, b"../bin/a,,\n/etc/a,,\n..,,\n.,,\n", []),  # without a digest only below its folder
        (RECORD, b"a,md5=" + URL_SAFE + b",\nb,sha256=!,\nc,sha256=YQ,\nd\n\0,sha256=" + URL_SAFE + b",\n", []),
        (META, meta({"_path": "lib/a", "sha256": SHA256.hex()}), [(b"opt/conda/lib/a", SHA256)]),
        (META, meta({"_path": "a", "sha256": "00" * 32, "sha256_in_prefix": SHA256.hex()}),
         [(b"opt/conda/a", SHA256)]),
        (META, meta({"_path": "a"}, {"_path": "../a", "sha256": SHA256.hex()}, {"_path": "/a", "sha256": "00" * 32}),
         []),
        (META, b"[" * 100_000, []),
        (META, b'{"paths_data":{"paths":[{"_path":"\xff"}]}}', []),
        (b"conda-meta/a.json", meta({"_path": "a", "sha256": SHA256.hex()}), [(b"a", SHA256)]),
        (b"opt/conda/pkgs/a-1/info/paths.json",
         json.dumps({"paths": [{"_path": "lib/a", "sha256": SHA256.hex()}]}).encode(),
         [(b"opt/conda/pkgs/a-1/lib/a", SHA256)]),
    ],
)  # fmt: skip
def test_files(path: bytes, content: bytes, files: list[tuple[bytes, bytes]]) -> None:
    assert named(path, content) == [PackageFile(*file) for file in files]


@pytest.mark.parametrize(
    "path",
    [
        b"srv/var/lib/dpkg/info/a.list",
        b"var/lib/dpkg/info/a.postinst",
        b"var/lib/dpkg/status-old",
        b"srv/lib/apk/db/installed",
        b"srv/RECORD",
        b"srv/conda-meta/history",
        b"srv/a.json",
        b"srv/rpm/Packages",
        b"var/lib/rpm/Packages.lock",
        b"srv/my-conda-meta/a.json",
        b"srv/info/paths.json",
    ],
)
def test_no_database(path: bytes) -> None:
    assert database_format(path) is None


def test_each_format_has_a_case_here() -> None:
    here = {database_format(path) for path in (DPKG, LIST, STATUS, APK, RECORD, META, RPM)}
    assert here == set(FORMATS)


@pytest.mark.parametrize(
    ("content", "own"),
    [
        (b'{"url": "file:///app", "dir_info": {}}', True),
        (b'{"url": "https://git.example/a", "vcs_info": {"vcs": "git"}}', True),
        (b'{"url": "file:///wheels/a.whl", "archive_info": {"hash": "sha256=0"}}', False),
        (b"{}", False),
        (b"[" * 100_000, True),
        (b"\xff", True),
    ],
)
def test_where_a_python_project_came_from(content: bytes, own: bool) -> None:
    assert python.is_own(content) == own
    assert python.is_origin(b"lib/a-1.dist-info/direct_url.json")
    assert not python.is_origin(b"lib/a-1/direct_url.json")

"""Class P: package databases, which any image can forge."""

from __future__ import annotations

import struct

from tests.builders import docker_save, file, tar
from tests.hostile.case import MIB, Case
from tests.hostile.shapes import one
from tests.packages.programs import go_program, jar, rust_program
from tests.packages.rpm.test_database import berkeley, header, ndb, sqlite

URL = b"https://user:" + b"Kd8sPq2mZx" + b"@db.internal.net/"
SECRET = file("lib/a.py", URL)
RECORD = "lib/a-1.dist-info/RECORD"
META = "opt/conda/conda-meta/a.json"
DIGEST = b"sha256=" + b"A" * 43


def _records(path: str, content: bytes) -> bytes:
    """An image with a secret, and with this database."""
    return one(SECRET, file(path, content))


def _in_a_deep_folder() -> bytes:
    folder = "d/" * 2000
    return one(SECRET, file(f"{folder}a-1.dist-info/RECORD", b"a,,\n" * 100_000))


def _nested() -> bytes:
    folder = "node_modules/a/" * 1000
    files = [file(f"{folder}{number}.js", URL) for number in range(8)]
    return one(*files, file(f"{folder}package.json", b"{}"))


def _rpm_of_circles() -> bytes:
    content = bytearray(berkeley([header([(b"/", b"a", b"0" * 64)], 100_000)]))
    for start in range(512, len(content), 512):
        content[start + 16 : start + 20] = struct.pack("<I", 2)
    return one(SECRET, file("var/lib/rpm/Packages", bytes(content)))


def _rpm_of_one_blob() -> bytes:
    """65,000 slots name one header of a megabyte."""
    slots = struct.pack("<4s3I", b"Slot", 1, 65536, 0) * 65_000
    head = struct.pack("<4s3I", b"RpmP", 0, 1, 255) + bytes(16)
    blob = header([(b"/" + b"d" * 1000 + b"/", b"%d" % number, b"0" * 64) for number in range(10_000)])
    content = (head + slots).ljust(MIB, b"\0") + struct.pack("<4s3I", b"BlbS", 1, 1, len(blob)) + blob
    return one(SECRET, file("var/lib/rpm/Packages.db", content))


def _rpm_of_garbage() -> bytes:
    containers = (("rpmdb.sqlite", sqlite), ("Packages.db", ndb), ("Packages", berkeley))
    return one(*(file(f"var/lib/rpm/{name}", made([b"\xff" * 5000])) for name, made in containers))


def _rows(row: bytes, count: int) -> bytes:
    return b"".join(row % number for number in range(count))


def _one_name() -> bytes:
    """Every package has one name, in each layer another version, and every list names one path."""

    def status(number: int) -> bytes:
        return file(
            "var/lib/dpkg/status", b"".join(b"Package: a\nVersion: %d-%d\n\n" % (number, at) for at in range(20_000))
        )

    lists = [file(f"var/lib/dpkg/info/a:{number}.list", b"/lib/a.py\n" * 100) for number in range(500)]
    return docker_save([tar(SECRET, status(number), *lists) for number in range(4)])


def _archives() -> bytes:
    inner = jar([])
    return one(file("a.jar", jar([(f"{number}.jar", inner) for number in range(10_000)])))


def _programs() -> bytes:
    padding = bytes(64 << 10)
    large = bytearray(rust_program() + padding)
    for at in range(len(large) - len(padding) - 256 + 32, len(large) - len(padding), 64):
        large[at : at + 8] = struct.pack("<Q", 1 << 32)
    far = go_program(b"\xff Go buildinf:\x08\x02".ljust(32, b"\0") + b"\xff" * 40)
    return one(
        file("rust", bytes(large)), file("go", far + padding), file("elf", b"\x7fELF\x02\x01" + b"\xff" * len(padding))
    )


def _names() -> bytes:
    name = b"\x1b[31m\xe2\x80\xae::error::%0a\r\x07|<b>=1+1"
    text = b"Package: " + name + b"\nVersion: " + name + b"\nArchitecture: \xff\n"
    system = b'ID="' + name + b'"\nPRETTY_NAME="' + name + b'"\n'
    return one(file("var/lib/dpkg/status.d/\x1b[2J", text), file("etc/os-release", system), file(name, b"x"))


LIMIT = ("limit.package-list-bytes",)
APK = "lib/apk/db/installed"
MD5SUMS = "var/lib/dpkg/info/a.md5sums"
CASES = (
    Case("P01-a-million-rows", lambda: _records(RECORD, _rows(b"%d,,\n", 1_000_000)), (0,), cpu=30),
    Case(
        "P02-one-row-again-and-again", lambda: _records(RECORD, (b"a.py," + DIGEST + b",1\n") * 100_000), (0,), cpu=30
    ),
    Case("P03-many-digests-of-one-path", lambda: _records(MD5SUMS, _rows(b"%032x  lib/a.py\n", 100_000)), (0,), cpu=30),
    Case("P04-out-of-the-root", lambda: _records(RECORD, b"../" * 500_000 + b"a," + DIGEST + b",1\n"), (0,)),
    Case("P05-short-rows-in-a-deep-folder", _in_a_deep_folder, (0, 5), LIMIT, cpu=30),
    Case("P06-a-thousand-packages-in-each-other", _nested, (0,)),
    Case("P07-deep-json", lambda: _records(META, b'{"paths_data":' * 100_000), (0,)),
    Case("P08-a-folder-of-megabytes", lambda: _records(APK, b"F:" + b"a/" * MIB + b"\nR:b" * 99), (0, 5), LIMIT),
    Case("P09-pages-in-circles", _rpm_of_circles, (0,)),
    Case("P10-one-header-of-many-slots", _rpm_of_one_blob, (0,), cpu=30),
    Case(
        "P12-a-million-packages",
        lambda: one(file("var/lib/dpkg/status", _rows(b"Package: p%d\nVersion: 1\n\n", 1_000_000))),
        (0,),
        cpu=30,
    ),
    Case("P13-one-name-again-and-again", _one_name, (0,), cpu=30),
    Case("P14-a-field-of-megabytes", lambda: one(file(APK, b"P:" + b"a" * (40 * MIB) + b"\nV:1\n\nP:b\nV:1\n")), (0,)),
    Case("P15-ten-thousand-archives-in-one", _archives, (0,), cpu=30),
    Case("P16-sections-of-gigabytes", _programs, (0,)),
    Case("P17-names-for-a-terminal", _names, (0,)),
    Case("P11-no-header-in-each-container", _rpm_of_garbage, (0,)),
)

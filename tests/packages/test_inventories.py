"""Databases of installed packages: which packages each names, and what damaged and hostile ones give."""

from __future__ import annotations

import lzma
import posixpath
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from imgtar.packages.installed import joined, plain_lines
from imgtar.packages.inventories import FORMATS, PROGRAMS, InventoryFormat, inventory_format
from imgtar.packages.package_file import inside
from tests.growth import assert_linear
from tests.packages.programs import CRATES, MODULES, elf, go_program, inline, jar, pointed, properties, rust_program
from tests.packages.rpm.test_database import berkeley, header, ndb, sqlite

FIXTURES = Path(__file__).parent.parent / "fixtures" / "packages"
STATUS = b"var/lib/dpkg/status"
DISTROLESS = b"var/lib/dpkg/status.d/base"
LIST = b"var/lib/dpkg/info/libc6:amd64.list"
APK = b"lib/apk/db/installed"
RPM = b"usr/lib/sysimage/rpm/"
SITE = b"usr/lib/python3/site-packages/"
NPM = b"app/node_modules/@a/b/package.json"
JAR = b"opt/app-1.0.jar"
# A value that goes on in the next line, and a section about one package of the archive.
MANIFEST = (
    b"Manifest-Version: 1.0\r\nImplementation-Title: An application, with words\r\n"
    b"Implementation-Vendor-Id: org.exam\r\n ple.team\r\nImplementation-Version: 3.1\r\n .4\r\n"
    b"\r\nName: jakarta/servlet/\r\nImplementation-Version: 6.0\r\n"
)
GO, RUST = PROGRAMS

Facts = tuple[str, ...]


def facts_of(known: InventoryFormat, path: bytes, content: bytes) -> tuple[list[Facts], str]:
    """Name, version and what else is stated of each package, and the problem."""
    found = known.installed(path, content)
    facts = [
        tuple(text for text in (one.name, one.version, one.arch, one.source, one.license) if text)
        + tuple(one.files.decode().split("\0")[:-1])
        for one in found.packages
    ]
    return facts, found.problem


def read(path: bytes, content: bytes) -> tuple[list[Facts], str]:
    known = inventory_format(path)
    assert known is not None
    return facts_of(known, path, content)


def test_real_databases() -> None:
    bash, problem = read(STATUS, (FIXTURES / "bash.status").read_bytes())
    assert [one[:3] for one in bash] == [("bash", "5.2.15-2+b8", "amd64")]
    assert not problem
    listed, _ = read(b"var/lib/dpkg/info/hostname.list", (FIXTURES / "hostname.list").read_bytes())
    assert listed[0][:3] == ("hostname", "bin", "bin/hostname")
    rpms, problem = read(RPM + b"rpmdb.sqlite", lzma.decompress((FIXTURES / "rpmdb.sqlite.xz").read_bytes()))
    assert [one[:2] for one in rpms] == [("imgtar-fixture", "1-1")]
    assert "usr/share/imgtar-fixture/one" in rpms[0]
    assert not problem
    record, _ = read(
        SITE + b"typing_extensions-4.16.0.dist-info/RECORD", (FIXTURES / "typing_extensions.RECORD").read_bytes()
    )
    assert record[0][0] == "typing-extensions"
    assert "usr/lib/python3/site-packages/typing_extensions.py" in record[0]


BASE = b"Package: base\nVersion: 1\nArchitecture: all\nSource: src (1.0)\n"


@pytest.mark.parametrize(
    ("path", "content", "packages", "problem"),
    [
        (STATUS, b"Package: a\nStatus: install ok installed\nVersion: 1:2-3\nDescription: x\n Package: no\n\n",
         [("a", "1:2-3")], ""),
        (STATUS, b"Package: a\nStatus: deinstall ok config-files\nVersion: 1\n", [], ""),
        (STATUS, b"Package: a\nStatus: purge ok not-installed\n", [], ""),
        (STATUS, b"Package: a\nStatus: install ok half-configured\nVersion: 1\n", [("a", "1")], ""),
        (STATUS, b"Version: 1\n\nPackage: a\n\n" + BASE, [("base", "1", "all", "src")],
         "2 paragraphs without a name or a version"),
        (STATUS, b"", [], ""),
        (DISTROLESS, BASE, [("base", "1", "all", "src")], ""),
        (DISTROLESS + b".md5sums", b"0" * 32 + b"  usr/bin/a\n", [("base", "usr/bin/a")], ""),
        (LIST, b"/.\n/usr\n/usr/lib/a b\n/../../x\n", [("libc6", "amd64", "usr", "usr/lib/a b")], ""),
        (b"var/lib/dpkg/diversions", b"/bin/sh\n/bin/sh.distrib\ndash\n/half\n", [("dash", "bin/sh", "bin/sh.distrib")],
         ""),
        (APK, b"P:musl\nV:1.2-r0\nA:x86_64\no:musl\nL:MIT\nF:lib\nR:ld.so\nF:\nR:a\n\nP:b\nV:2\n\n\n",
         [("musl", "1.2-r0", "x86_64", "musl", "MIT", "lib/ld.so", "a"), ("b", "2")], ""),
        (APK, b"V:1\nF:a\nR:b\n", [], "1 paragraphs without a name or a version"),
        (SITE + b"A_b-1.dist-info/METADATA", b"Name: A_b.c\r\nVersion: 1\r\nLicense: MIT\r\n\r\nName: no\r\n",
         [("a-b-c", "1", "MIT")], ""),
        (SITE + b"a.egg-info/PKG-INFO", b"Name: a\nVersion: 2\nLicense-Expression: Zlib\n", [("a", "2", "Zlib")], ""),
        (SITE + b"a-2.egg-info", b"Name: a\nVersion: 2\n", [("a", "2")], ""),
        (SITE + b"a-2.egg-info", b"\xff\n\n", [], "metadata without a name or a version"),
        (b"v/a_b-1.dist-info/RECORD", b'a.py,sha256=x,1\n"b,""c""",,\n../../bin/a,,\n../../../x,,\nd\n',
         [("a-b", "v/a.py", 'v/b,"c"', "v/d")], ""),
        (NPM, b'\xef\xbb\xbf{"name":"@a/b","version":"1.0.0","license":"ISC"}', [("@a/b", "1.0.0", "ISC")], ""),
        (b"usr/share/nodejs/@a/b/package.json", b'{"name":"@a/b","version":"2"}', [("@a/b", "2")], ""),
        (NPM, b'{"type":"module"}', [], ""),
        (NPM, b'{"name":"a","version":"1","license":{"type":"MIT"}}', [("a", "1")], ""),
        (NPM, b"[" * 100_000, [], "package.json that cannot be read"),
        (NPM, b'{"name":1}', [], "package.json that cannot be read"),
        (JAR, jar([properties("org.a", "app", "2.0"), ("META-INF/MANIFEST.MF", b"Implementation-Version: 9\n")]),
         [("org.a:app", "2.0")], ""),
        (JAR, jar([("META-INF/MANIFEST.MF", b"Bundle-SymbolicName: org.b;x\r\nBundle-Version: 3\r\n")]),
         [("app", "1.0")], ""),
        (b"opt/app.jar", jar([("META-INF/MANIFEST.MF", MANIFEST)]), [("org.example.team:app", "3.1.4")], ""),
        (b"opt/app.jar", jar([("META-INF/MANIFEST.MF", b"Implementation-Vendor-Id: A & B\nBundle-Version: 2\n")]),
         [("app", "2")], ""),
        (JAR, jar([properties("g", "in", "1"), properties("g", "app", "1.0")]), [("g:app", "1.0"), ("g:in", "1")], ""),
        (b"opt/app.jar", jar([properties("g", "in", "1"), properties("g", "app", "1")]),
         [("g:app", "1"), ("g:in", "1")], ""),
        (JAR, jar([]), [("app", "1.0")], ""),
        (JAR, jar([("BOOT-INF/lib/in.jar", jar([properties("g", "in", "1")])), properties("g", "out", "1")]),
         [("g:out", "1"), ("g:in", "1")], ""),
        (JAR, b"PK", [], "an archive that cannot be read"),
        (JAR, jar([properties("g", "a", "1")], zipfile.ZIP_LZMA), [("app", "1.0")],
         "entries that are too large, or compressed in a way that is not read"),
    ],
)  # fmt: skip
def test_packages(path: bytes, content: bytes, packages: list[Facts], problem: str) -> None:
    assert read(path, content) == (packages, problem)


def test_each_format_has_a_case_here() -> None:
    paths = (STATUS, APK, RPM + b"Packages", SITE + b"a.egg-info", NPM, JAR)
    assert tuple(map(inventory_format, paths)) == FORMATS


@pytest.mark.parametrize(
    "path",
    [
        b"srv/var/lib/dpkg/status",
        b"var/lib/dpkg/info/a.md5sums",
        b"srv/installed",
        b"srv/Packages",
        b"srv/METADATA",
        b"app/package.json",
        b"srv/usr/share/nodejs/a/package.json",
        b"usr/share/nodejs/a/lib/package.json",
        b"app/node_modules/package.json",
        b"app/node_modules/a/lib/package.json",
        b"app/old_node_modules/a/package.json",
        b"app/node_modules/.cache/package.json",
        b"srv/a.jar.txt",
    ],
)
def test_no_inventory(path: bytes) -> None:
    assert inventory_format(path) is None


RPM_FACTS: dict[str, tuple[int, int, bytes]] = {
    "1001": (6, 1, b"2.0\0"), "1002": (6, 1, b"3.el9\0"), "1003": (4, 1, struct.pack(">I", 7)),
    "1014": (6, 1, b"MIT\0"), "1022": (6, 1, b"x86_64\0"), "1044": (6, 1, b"p-2.0-3.el9.src.rpm\0"),
}  # fmt: skip


def test_a_header_of_rpm_says_all_of_a_package_and_names_files_without_a_digest() -> None:
    whole = header([(b"/usr/", b"a", b""), (b"/", b"b", b"")], 1, **RPM_FACTS)
    packages, problem = read(RPM + b"Packages.db", ndb([whole]))
    assert packages == [("p", "7:2.0-3.el9", "x86_64", "p-2.0-3.el9.src.rpm", "MIT", "usr/a", "b")]
    assert not problem


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (b"rpmdb.sqlite", sqlite([b"\xff" * 40])),
        (b"rpmdb.sqlite", sqlite([header([], 900, **RPM_FACTS)], 512)[:1024]),
        (b"Packages.db", ndb([header([], 0, **RPM_FACTS)])),
        (b"Packages.db", ndb([header([], 9, **RPM_FACTS)])[:-16]),
        (b"Packages", berkeley([header([], 900, **RPM_FACTS)])[:-512]),
    ],
)
def test_damaged_headers_of_rpm_are_a_problem(name: bytes, content: bytes) -> None:
    packages, problem = read(RPM + name, content)
    assert not packages
    assert problem == "1 headers that cannot be read"


@pytest.mark.parametrize("name", [b"rpmdb.sqlite", b"Packages.db", b"Packages"])
def test_what_is_no_database_of_rpm_is_a_problem(name: bytes) -> None:
    assert read(RPM + name, b"no database" * 99)[1]
    assert read(RPM + name, b"x")[1]


MODULES_FOUND = [
    ("example.org/app", "v1.2.3"),
    ("golang.org/x/text", "v0.14.0"),
    ("github.com/new/lib", "v1.0.1"),
]


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (go_program(), "1.22.1"),
        (elf({b".go.buildinfo": inline()}, wide=False, order=">"), "1.22.1"),
        (elf({b".data": inline()}), "1.22.1"),  # without the section: the begin of the data
        (pointed(), "1.17.13"),
        (pointed(order=">"), "1.17.13"),
        (pointed(wide=False), "1.17.13"),
    ],
)
def test_modules_of_go(content: bytes, version: str) -> None:
    assert facts_of(GO, b"app", content) == ([*MODULES_FOUND, ("stdlib", version)], "")


def test_a_module_of_go_that_a_folder_replaces_keeps_its_name() -> None:
    replaced = "".join(f"dep\tg/{folder}\tv1.0.0\n=>\t{folder}\t\n" for folder in ("./a", "../b", "/c"))
    found = facts_of(GO, b"app", go_program(inline(modules=replaced)))
    assert found[0][:-1] == [("g/./a", "(devel)"), ("g/../b", "(devel)"), ("g//c", "(devel)")]


@pytest.mark.parametrize(
    "content",
    [
        go_program(inline()[:40]),
        go_program(b"\xff Go buildinf:\x08\x02".ljust(32, b"\0") + b"\xff" * 40),  # a text of 2**64 bytes
        go_program(b"\xff Go buildinf:\x08\x00" + b"\xff" * 16),  # pointers to nowhere
        go_program(b"\xff Go buildinf:\x00\x00" + bytes(16)),
        go_program(inline("perl5")),
        go_program(b"x" * 64),
    ],
)
def test_a_damaged_section_of_go_is_a_problem(content: bytes) -> None:
    assert facts_of(GO, b"app", content) == ([], "its section .go.buildinfo is damaged")


def test_a_program_without_modules() -> None:
    for content in (elf({b".text": b"x"}), b"\x7fELF", b"", b"#!/bin/sh\n"):
        assert facts_of(GO, b"app", content) == ([], "")
        assert facts_of(RUST, b"app", content) == ([], "")
    assert facts_of(GO, b"app", go_program(inline(modules=""))) == ([("stdlib", "1.22.1")], "")
    assert facts_of(GO, b"app", go_program(inline(modules="dep\n" + MODULES)))[1] == "1 modules without a name"


def test_sections_that_lead_out_of_the_file_are_not_there() -> None:
    """A section of 4 GiB, tables beyond the end, and every cut."""
    whole = rust_program()
    large = bytearray(whole)
    rows = len(large) - 4 * 64
    large[rows + 2 * 64 + 32 : rows + 2 * 64 + 40] = struct.pack("<Q", 1 << 32)
    assert facts_of(RUST, b"app", bytes(large)) == ([], "")
    for end in range(0, len(whole) - 64, 7):
        assert not facts_of(RUST, b"app", whole[:end])[0]
        GO.installed(b"app", go_program()[:end])


def test_crates_of_rust() -> None:
    found = facts_of(RUST, b"app", rust_program())
    assert found == ([("app", "0.1.0"), ("serde", "1.0.200")], "")
    assert CRATES[1]["kind"] == "build"  # which is not in the program


@pytest.mark.parametrize(
    "document",
    [b"no zlib", {"packages": [{"name": 1}]}, [], zlib.compress(b" " * (9 << 20) + b"{}"), zlib.compress(b"[" * 9999)],
)
def test_a_damaged_section_of_rust_is_a_problem(document: object) -> None:
    assert facts_of(RUST, b"app", rust_program(document)) == ([], "its section .dep-v0 is damaged")


def test_archives_in_archives_end() -> None:
    nested = jar([properties("g", "a4", "1")])
    for level in (3, 2, 1, 0):
        nested = jar([("in.jar", nested), properties("g", f"a{level}", "1")])
    packages, problem = read(JAR, nested)
    assert [one[0] for one in packages] == ["g:a0", "g:a1", "g:a2", "g:a3"]
    assert problem == "archives in it that are too many or too deep"
    many, problem = read(JAR, jar([(f"{number}.jar", jar([])) for number in range(2001)]))
    assert len(many) == 1
    assert problem == "archives in it that are too many or too deep"


def test_an_archive_that_unpacks_to_much_is_a_problem() -> None:
    packages, problem = read(JAR, jar([("in.jar", b"PK\3\4" + bytes(33 << 20)), properties("g", "a", "1")]))
    assert packages == [("g:a", "1")]
    assert problem == "entries that are too large"
    assert read(JAR, jar([("META-INF/MANIFEST.MF", bytes(2 << 20))])) == (
        [("app", "1.0")],
        "entries that are too large",
    )
    assert read(JAR, b"PK\1\2" * 100_001)[1] == "more than 100000 entries"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (STATUS, b"Package: a\nStatus: install ok installed\nVersion: 1\n\n"),
        (STATUS, b"Package: "),
        (APK, b"P:a\nV:1\nF:b\nR:c\n\n"),
        (SITE + b"a.egg-info/PKG-INFO", b"Name: a\nVersion: 1\n"),
        (b"v/a-1.dist-info/RECORD", b"a,,\n"),
        (LIST, b"/usr/bin/a\n"),
    ],
)
def test_growth(path: bytes, content: bytes) -> None:
    assert_linear(lambda size: lambda: read(path, content * size), 50)


def test_a_field_that_is_too_long_is_shortened() -> None:
    packages, _ = read(STATUS, b"Package: " + b"a" * (1 << 20) + b"\nVersion: \xff1\n")
    assert packages == [("a" * 512, "\\xff1")]


def test_a_list_that_is_plain_says_at_once_what_its_lines_say_one_by_one() -> None:
    chance = random.Random(0)
    parts = [b"a", b"usr", b".", b"..", b".x", b"..y", b"...", b"", b"b c", b"\\", b"\xff"]
    plain = 0
    for _ in range(3000):
        lines = [b"/" + b"/".join(chance.choices(parts, weights=[9, 9, 1, 1, 2, 2, 2, 1, 2, 2, 2], k=2)) for _ in "abc"]
        content = (b"/.\n" if chance.random() < 0.5 else b"") + b"\n".join(lines) + b"\n"
        content = chance.choice([content, content, content, content[:-1], content.replace(b"\n", b"\r\n", 1)])
        expected = joined(inside(b"", line) for line in content.splitlines())
        found = plain_lines(content)
        plain += found is not None
        assert found in (None, expected)
    assert plain > 300
    assert plain_lines(b"/.\n/usr\n/usr/bin/x\n") == b"usr\0usr/bin/x\0"


def test_a_name_is_cleaned_only_where_that_changes_it() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        name = bytes(chance.choices(b"a./", weights=[3, 2, 2], k=chance.randint(1, 7)))
        found = inside(b"f", name)
        expected = posixpath.normpath(posixpath.join(b"/f", name)).lstrip(b"/")
        steps = [part for part in name.split(b"/") if part not in (b"", b".")]
        if found is not None:
            assert found == expected, name
        else:
            assert not steps or b".." in steps

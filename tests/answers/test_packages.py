"""`packages`: which layer installed, upgraded and removed what, and whose the stored bytes are."""

from __future__ import annotations

import json
import random
import zlib
from pathlib import Path

import msgspec
import pytest

from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING
from imgtar.answers.packages import packages_content
from imgtar.errors import InputError
from imgtar.limits import DEFAULT
from tests.answers.asking import content_of
from tests.answers.inventories import asked, dpkg, listed, lives, only, owned
from tests.builders import directory, docker_save, file, gzip, hardlink, layer, oci_archive, opaque, symlink, whiteout
from tests.packages.programs import elf, go_program, inline, jar, pointed, properties, rust_program
from tests.packages.rpm.test_database import header, sqlite
from tests.packages.test_inventories import RPM_FACTS
from tests.paths import FIXTURES

ENDINGS = (".tar", ".tar.gz", ".tar.zst", "-dir", "-oci")
RECORDED = sorted(path for path in FIXTURES.iterdir() if path.name.endswith(ENDINGS) and path.name != "d20-export.tar")
CRATE = zlib.compress(b'{"packages":[{"name":"a","version":"1","root":true}]}')
LAYERS = [
    layer(dpkg("a=1", "b=1", "c=1"), listed("a", "usr/a"), listed("b", "usr/b"), file("usr/a", b"a" * 10),
          file("usr/b", b"b" * 20), file("usr/own", b"o" * 5)),
    layer(dpkg("a=2", "b=1", "c=1", "d=1"), listed("a", "usr/a"), listed("d:amd64", "usr/d"), file("usr/a", b"A" * 30),
          file("usr/d", b"d" * 40)),
    layer(dpkg("a=2", "c=1", "d=1", "b=1=config-files"), whiteout("usr/b"), whiteout("var/lib/dpkg/info/b.list")),
    layer(whiteout("var/lib/dpkg/status"), file("usr/d", b"D" * 50)),
]  # fmt: skip


def test_a_package_is_installed_upgraded_removed_and_its_database_deleted(tmp_path: Path) -> None:
    document = asked(LAYERS, tmp_path)
    assert lives(document) == [
        ("a", "1", "upgraded", 0, 1),
        ("a", "2", "database-deleted", 1, None),
        ("b", "1", "removed", 0, 2),
        ("c", "1", "database-deleted", 0, None),
        ("d", "1", "database-deleted", 1, None),
    ]
    assert document.packages[1].upgraded_from == "1"
    assert owned(document) == {"a 1": {"0": 10}, "a 2": {"1": 30}, "b 1": {"0": 20}, "d 1": {"1": 40, "3": 50}}
    assert [(row.name, row.bytes.dead) for row in document.packages if row.bytes.dead] == [
        ("a", 10),
        ("b", 20),
        ("d", 40),
    ]
    assert [(row.installed, row.upgraded, row.removed) for row in document.layers] == [
        (3, 0, 0), (1, 1, 0), (0, 0, 1), (0, 0, 0),
    ]  # fmt: skip
    assert document.totals.packages == 3
    [deleted] = [row for row in document.findings if row.code == "packages.database-deleted"]
    assert (deleted.where.layer, deleted.severity, deleted.effect) == (3, "medium", "none")
    assert deleted.message == "/var/lib/dpkg/status is deleted; 3 packages in it are listed as of layer 2"
    assert document.coverage[0] == type(document.coverage[0])(
        type="deb", database="/var/lib/dpkg/status", state="deleted", packages=3
    )


def test_the_packages_of_each_layer_are_those_of_dpkg_query(tmp_path: Path) -> None:
    """An image that dpkg made, with what its own query printed after each step."""
    archive = FIXTURES / "packages" / "dpkg-layers.tar.gz"
    for index, told in enumerate(json.loads((FIXTURES / "packages" / "dpkg-layers.json").read_bytes())):
        document = asked(archive, tmp_path, upto=index)
        there = [row for row in document.packages if row.state in ("installed", "database-deleted")]
        if told is None:
            assert {row.state for row in there} == {"database-deleted"}
            assert document.coverage[0].state == "deleted"
        else:
            assert "".join(f"{row.name} {row.version} {row.state}\n" for row in there) == told
    assert owned(document) == {
        "greeter 1.0-1": {"0": 11508}, "greeter 1.1-1": {"1": 12750}, "greeter-data 1.0-1": {"1": 45000},
        "libgreet 0.9-3": {"0": 30000},
    }  # fmt: skip


def test_a_database_that_comes_back_goes_on(tmp_path: Path) -> None:
    again = layer(dpkg("a=2", "c=1", "e=1"))
    document = asked([*LAYERS, again], tmp_path)
    assert lives(document)[1] == ("a", "2", "installed", 1, None)
    assert lives(document)[-1] == ("e", "1", "installed", 4, None)
    assert document.coverage[0].state == "read"


def test_a_view(tmp_path: Path) -> None:
    assert lives(asked(LAYERS, tmp_path, upto=0)) == [
        ("a", "1", "installed", 0, None), ("b", "1", "installed", 0, None), ("c", "1", "installed", 0, None),
    ]  # fmt: skip
    one = asked(LAYERS, tmp_path, layer=1)
    assert [(row.name, row.version) for row in one.packages] == [("a", "1"), ("a", "2"), ("d", "1")]
    assert [row.index for row in one.layers] == [1]
    assert one.totals.stored_bytes == one.layers[0].stored_bytes
    with pytest.raises(InputError, match="no layer 9"):
        asked(LAYERS, tmp_path, layer=9)


@pytest.mark.parametrize("form", ["plain", "gzip", "pipe"])
def test_every_form_gives_the_same_packages(form: str, tmp_path: Path) -> None:
    expected = asked(LAYERS, tmp_path)
    archive = oci_archive(LAYERS) if form == "plain" else oci_archive(LAYERS, compression="gzip")
    document = asked(gzip(archive) if form == "pipe" else archive, tmp_path)
    assert document.packages == expected.packages
    assert document.unowned == expected.unowned


@pytest.mark.slow
@pytest.mark.parametrize("archive", RECORDED, ids=lambda path: path.name)
def test_owned_and_unowned_bytes_are_the_stored_bytes_of_inspect(archive: Path, tmp_path: Path) -> None:
    session = open_session(archive)
    if len(session.outlines) > 1:
        pytest.skip("several images")
    session.read(EVERYTHING)
    [image] = session.document.images
    document = asked(archive, tmp_path)
    assert document.totals.stored_bytes == image.totals.stored_bytes
    assert document.totals.owned_bytes + document.totals.unowned_bytes == image.totals.stored_bytes


NAMES = ["usr/a", "usr/b", "usr/c/d", "e", "usr/c/f"]


@pytest.mark.parametrize("seed", range(40))
def test_the_sum_holds_for_every_layer_of_random_images(seed: int, tmp_path: Path) -> None:
    """Overwritten, deleted, linked, repeated and replaced files; lists that come, change and go."""
    chance = random.Random(seed)
    layers = []
    for number in range(5):
        members = [dpkg(*(f"{name}={chance.randint(1, 2)}" for name in "ab" if chance.random() < 0.7))]
        members += [listed(name, *chance.sample(NAMES, 2)) for name in "ab" if chance.random() < 0.5]
        for _ in range(6):
            path = chance.choice(NAMES)
            kinds = [
                file(path, bytes([number]) * chance.randint(0, 99)), file(path, b"x"), whiteout(path), opaque("usr/c"),
                hardlink(f"{path}.link", path), hardlink(path, chance.choice(NAMES)), symlink(path, "usr"),
                directory("usr/c/"),
            ]  # fmt: skip
            members.append(chance.choice(kinds))
        layers.append(layer(*members))
    document = asked(layers, tmp_path)
    session = open_session(tmp_path / "image.tar")
    session.read(EVERYTHING)
    scans = [one.scan for one in session.images[0].layers]
    assert [row.stored_bytes for row in document.layers] == [scan.stored_bytes if scan else 0 for scan in scans]
    assert document.totals.dead_bytes <= session.document.images[0].totals.wasted_bytes


def test_directories_that_are_links_and_diversions_are_followed(tmp_path: Path) -> None:
    document = asked(
        [
            layer(directory("usr/"), directory("usr/bin/"), symlink("bin", "usr/bin"), file("usr/bin/x", b"x" * 7),
                  dpkg("a=1", "dash=1"), listed("a", "bin/x", "bin/sh"), listed("dash", "bin/sh"),
                  file("var/lib/dpkg/diversions", b"/bin/sh\n/bin/sh.distrib\ndash\n"),
                  file("usr/bin/sh", b"s" * 9), file("usr/bin/sh.distrib", b"d" * 11)),
        ],
        tmp_path,
    )  # fmt: skip
    assert owned(document) == {"a 1": {"0": 18}, "dash 1": {"0": 9}}


def test_directories_lead_through_links_that_lead_on_and_through_what_nobody_stores(tmp_path: Path) -> None:
    document = asked(
        [
            layer(directory("real/"), directory("real/deep/"), symlink("a", "b"), symlink("b", "real"),
                  symlink("real/back", "../a/deep"), symlink("round", "round"), symlink("gone", "nowhere"),
                  file("real/deep/x", b"1"), file("real/deep/y", b"22"), file("real/deep/z", b"333"),
                  file("w", b"4444"), dpkg("p=1"),
                  listed("p", "a/deep/x", "a/back/y", "b/none/../deep/z", "round/w", "gone/w", "no/such/place/w")),
        ],
        tmp_path,
    )  # fmt: skip
    assert owned(document) == {"p 1": {"0": 6}}


def test_a_diversion_moves_nothing_in_the_layers_below_it(tmp_path: Path) -> None:
    document = asked(
        [
            layer(directory("usr/"), file("usr/a", b"x" * 7), dpkg("p=1"), listed("p", "usr/a")),
            layer(dpkg("p=1", "q=1"), listed("q", "usr/a"), file("usr/a", b"q" * 9), file("usr/a.distrib", b"x" * 11),
                  file("var/lib/dpkg/diversions", b"/usr/a\n/usr/a.distrib\nq\n")),
        ],
        tmp_path,
    )  # fmt: skip
    assert owned(document) == {"p 1": {"0": 7, "1": 11}, "q 1": {"1": 9}}


def test_packages_of_distroless(tmp_path: Path) -> None:
    text = b"Package: base\nVersion: 1\nArchitecture: all\n"
    document = asked(
        [layer(file("var/lib/dpkg/status.d/base", text), file("etc/a", b"123"),
               file("var/lib/dpkg/status.d/base.md5sums", b"0" * 32 + b"  etc/a\n")),
         layer(whiteout("var/lib/dpkg/status.d/base"))],
        tmp_path,
    )  # fmt: skip
    assert lives(document) == [("base", "1", "database-deleted", 0, None)]
    assert owned(document) == {"base 1": {"0": 3}}


def test_apk_and_rpm_own_files_and_move_their_database(tmp_path: Path) -> None:
    apk = b"P:musl\nV:1-r0\nA:x86_64\nF:lib\nR:ld\n\n"
    rpm = sqlite([header([(b"/usr/", b"r", b"")], 1, **RPM_FACTS)])
    document = asked(
        [layer(file("lib/apk/db/installed", apk), file("lib/ld", b"12"), file("var/lib/rpm/rpmdb.sqlite", rpm),
               file("usr/r", b"1"), file("etc/os-release", b"ID=alpine\nVERSION_ID=3.22\n")),
         layer(whiteout("lib/apk/db/installed"), file("usr/lib/apk/db/installed", apk))],
        tmp_path,
    )  # fmt: skip
    assert lives(document) == [
        ("musl", "1-r0", "installed", 0, None),
        ("p", "7:2.0-3.el9", "installed", 0, None),
    ]
    assert owned(document) == {"musl 1-r0": {"0": 2}, "p 7:2.0-3.el9": {"0": 1}}
    assert document.packages[0].purl == "pkg:apk/alpine/musl@1-r0?arch=x86_64&distro=alpine-3.22"
    assert document.packages[1].purl == (
        "pkg:rpm/alpine/p@2.0-3.el9?arch=x86_64&epoch=7&distro=alpine-3.22&upstream=p-2.0-3.el9.src.rpm"
    )
    assert not [row for row in document.findings if row.code == "packages.database-deleted"]
    assert document.os is not None
    assert document.os.id == "alpine"


def test_a_database_beside_a_log_is_said_in_each_layer_that_leaves_both(tmp_path: Path) -> None:
    """SQLite writes into the log first. Other files and other layers say nothing."""
    database = file("var/lib/rpm/rpmdb.sqlite", sqlite([header([(b"/usr/", b"r", b"")], 1, **RPM_FACTS)]))
    log, empty = (file("var/lib/rpm/rpmdb.sqlite-wal", content) for content in (b"w" * 32, b""))
    document = asked(
        [
            layer(database, empty), layer(log), layer(file("usr/r", b"1")), layer(database),
            layer(whiteout("var/lib/rpm/rpmdb.sqlite-wal")), layer(database),
            layer(log, whiteout("var/lib/rpm/rpmdb.sqlite")),
            layer(symlink("var/lib/rpm/rpmdb.sqlite-wal", "x"), database),
        ],
        tmp_path,
    )  # fmt: skip
    found = [row for row in document.findings if row.code == "packages.stale-database"]
    assert [(row.where.layer, row.where.path) for row in found] == [
        (1, "/var/lib/rpm/rpmdb.sqlite"), (3, "/var/lib/rpm/rpmdb.sqlite"),
    ]  # fmt: skip
    assert found[0].message.startswith("/var/lib/rpm/rpmdb.sqlite-wal has 32 bytes beside /var/lib/rpm/rpmdb.sqlite")
    assert not document.complete


SITE = "usr/lib/python3/dist-packages/"


def project(name: str, version: str, files: str) -> list[bytes]:
    folder = f"{SITE}{name}-{version}.dist-info/"
    metadata = f"Name: {name}\nVersion: {version}\n".encode()
    return [file(f"{folder}METADATA", metadata), file(f"{folder}RECORD", f"{files},,\n".encode())]


def test_a_project_of_python_is_upgraded_in_its_folder(tmp_path: Path) -> None:
    document = asked(
        [layer(*project("A_b", "1", "a.py"), file(f"{SITE}a.py", b"12345")),
         layer(opaque(f"{SITE}A_b-1.dist-info"), whiteout(f"{SITE}A_b-1.dist-info"), *project("A_b", "2", "a.py"),
               file(f"{SITE}a.py", b"1"))],
        tmp_path, types=("python",),
    )  # fmt: skip
    assert lives(document) == [("a-b", "1", "upgraded", 0, 1), ("a-b", "2", "installed", 1, None)]
    assert [row.bytes.by_layer.keys() for row in document.packages] == [{"0"}, {"1"}]
    assert document.packages[0].location == "/usr/lib/python3/dist-packages"
    assert document.totals.unowned_bytes == 0


def test_what_a_package_of_the_system_brings_is_counted_once(tmp_path: Path) -> None:
    paths = [f"{SITE}a.py", f"{SITE}a-1.dist-info/METADATA", f"{SITE}a-1.dist-info/RECORD"]
    document = asked(
        [
            layer(
                dpkg("python3-a=1"), listed("python3-a", *paths), *project("a", "1", "a.py"), file(f"{SITE}a.py", b"1")
            )
        ],
        tmp_path,
    )
    deb, python = document.packages
    assert (deb.type, python.type, python.owner) == ("deb", "python", "python3-a")
    assert deb.bytes.owned
    assert not python.bytes.owned


def test_packages_of_npm_own_their_folders(tmp_path: Path) -> None:
    def manifest(name: str, version: str) -> bytes:
        return msgspec.json.encode({"name": name, "version": version})

    outer = "app/node_modules/@s/a/"
    document = asked(
        [layer(file(f"{outer}package.json", manifest("@s/a", "1")), file(f"{outer}lib/x.js", b"123"),
               file(f"{outer}node_modules/b/package.json", manifest("b", "2")),
               file(f"{outer}node_modules/b/y.js", b"4567"), file("app/z.js", b"8")),
         layer(whiteout(f"{outer}node_modules/b"))],
        tmp_path, types=("npm",),
    )  # fmt: skip
    assert lives(document) == [("@s/a", "1", "installed", 0, None), ("b", "2", "removed", 0, 1)]
    assert document.totals.unowned_bytes == 1
    assert [row.purl for row in document.packages] == ["pkg:npm/%40s/a@1", "pkg:npm/b@2"]


def test_programs_and_archives_own_themselves(tmp_path: Path) -> None:
    padding = bytes(64 << 10)
    go, rust, java = go_program() + padding, rust_program() + padding, jar([properties("g", "a", "1")])
    document = asked([layer(file("go", go), file("rust", rust), file("a.jar", java), file("none", padding))], tmp_path)
    by_type: dict[str, list[str]] = {}
    for row in document.packages:
        by_type.setdefault(row.type, []).append(row.name)
    assert by_type == {
        "java": ["g:a"],
        "go": ["example.org/app", "github.com/new/lib", "golang.org/x/text", "stdlib"],
        "rust": ["app", "serde"],
    }
    assert owned(document) == {
        "g:a 1": {"0": len(java)}, "example.org/app v1.2.3": {"0": len(go)}, "app 0.1.0": {"0": len(rust)},
    }  # fmt: skip
    assert document.packages[0].location == "/a.jar"
    assert document.totals.unowned_bytes == len(padding)


@pytest.mark.parametrize("padding", [64 << 10, 300 << 10])
def test_a_program_is_read_by_its_parts_as_it_is_read_whole(padding: int, tmp_path: Path) -> None:
    """In a plain layer the parts of a program are read where they lie, in a compressed one its bytes pass."""
    zeros = bytes(padding)
    text = elf({b".text": zeros})
    programs = {
        "go": elf({b".text": zeros, b".go.buildinfo": inline()}), "old": pointed() + zeros,
        "rust": elf({b".text": zeros, b".dep-v0": CRATE}), "none": text, "damaged": text[:64] + b"\xff" * padding,
        "broken": elf({b".text": zeros, b".go.buildinfo": inline()[:40]}), "script": b"#!/bin/sh\n" + zeros,
    }  # fmt: skip
    members = layer(*(file(name, content) for name, content in programs.items()))
    cut = members[: -(len(programs["script"]) + 2000)]
    for tar in (members, cut):
        plain = asked(oci_archive([tar]), tmp_path)
        passing = asked(oci_archive([tar], compression="gzip"), tmp_path)
        assert plain.packages == passing.packages
        assert plain.unowned == passing.unowned
        assert [row.message for row in plain.findings if row.code.startswith("packages.")] == [
            row.message for row in passing.findings if row.code.startswith("packages.")
        ]
    assert {row.location for row in asked([members], tmp_path).packages} == {"/go", "/old", "/rust"}


def test_a_program_above_the_limit_is_named(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(DEFAULT, inside_bytes=70_000)
    document = asked([layer(file("go", go_program() + bytes(80_000)))], tmp_path, limits)
    assert not document.packages
    [finding] = [row for row in document.findings if row.code == "packages.large-program"]
    assert (finding.where.path, finding.effect) == ("/go", "none")
    assert document.complete


def test_no_database_is_said(tmp_path: Path) -> None:
    document = asked([layer(file("a", b"1"), file("usr/ruby/a.gemspec", b"x"))], tmp_path)
    assert {(row.type, row.state) for row in document.coverage} >= {("deb", "absent"), ("gem", "unsupported")}
    assert document.totals.packages == 0
    assert document.os is None


@pytest.mark.parametrize(
    ("path", "content", "effect"),
    [
        ("var/lib/dpkg/status", b"no fields", "incomplete"),
        ("var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0" + b"\xff" * 999, "incomplete"),
        ("app/node_modules/a/package.json", b"{", "none"),
        ("app/a.jar", b"PK\3\4", "none"),
    ],
)
def test_a_database_that_cannot_be_read_is_said(path: str, content: bytes, effect: str, tmp_path: Path) -> None:
    document = asked([layer(file(path, content))], tmp_path)
    [finding] = [row for row in document.findings if row.code == "packages.unreadable-database"]
    assert (finding.where.path, finding.effect) == (f"/{path}", effect)
    assert [row.state for row in document.coverage if row.state != "absent"] == ["unreadable"]
    assert document.complete == (effect == "none")


def test_a_cut_database_is_said(tmp_path: Path) -> None:
    """The tar ends inside the database."""
    whole = layer(dpkg(*(f"p{number}=1" for number in range(200))))
    document = asked([whole[:2048]], tmp_path)
    assert "packages.unreadable-database" in {row.code for row in document.findings}


def test_the_limit_of_databases(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(DEFAULT, package_list_bytes=9_000)
    many = dpkg(*(f"p{number}=1" for number in range(60)))
    document = asked([layer(many)], tmp_path, limits)
    assert 0 < len(document.packages) < 60
    assert "limit.package-list-bytes" in {row.code for row in document.findings}
    large = asked([layer(dpkg(*(f"p{number}=1" for number in range(400))))], tmp_path, limits)
    assert not large.packages
    assert "limit.package-list-bytes" in {row.code for row in large.findings}


def test_types_are_chosen(tmp_path: Path) -> None:
    document = asked(LAYERS, tmp_path, types=("apk",))
    assert not document.packages
    assert [row.type for row in document.coverage] == ["apk"]


def test_without_the_search_of_the_session_nothing_is_known(tmp_path: Path) -> None:
    assert not content_of(packages_content, docker_save(LAYERS), tmp_path).document.packages


def test_several_versions_of_one_name_stay_apart(tmp_path: Path) -> None:
    """Keys of RPM have one name and many versions."""
    two = [layer(dpkg("k=1", "k=2")), layer(dpkg("k=2", "k=3", "k=4"))]
    document = asked(two, tmp_path)
    assert lives(document) == [
        ("k", "1", "upgraded", 0, 1), ("k", "2", "installed", 0, None), ("k", "3", "installed", 1, None),
        ("k", "4", "installed", 1, None),
    ]  # fmt: skip
    assert sorted(row.upgraded_from or "" for row in document.packages) == ["", "", "", "1"]
    assert only(asked([layer(dpkg("k=1=not-installed", "l=1"))], tmp_path)).name == "l"

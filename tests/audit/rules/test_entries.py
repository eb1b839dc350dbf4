"""The rules on the entries of layers: what is found, in which layer, and what became of it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtar.audit.rules.entries import LEFTOVER_NAMES, SENSITIVE_NAMES, capabilities, has_telling_name
from tests.audit.audited import audited, audited_bytes, codes, of
from tests.builders import device, directory, docker_save, file, header, layer, oci_archive, whiteout
from tests.paths import FIXTURES


def test_setuid_in_its_layer_with_its_end(tmp_path: Path) -> None:
    layers = [
        layer(file("bin/su", b"x", mode=0o4755), file("bin/wall", b"x", mode=0o2755)),
        layer(file("bin/su", b"x", mode=0o4755), whiteout("bin/wall")),
        layer(file("usr/x", b"y", mode=0o6755)),
    ]
    rows = of(audited_bytes(docker_save(layers), tmp_path), "layer.setuid")
    found = {(row.where.layer, row.where.path): row.where.removed_in for row in rows}
    assert found == {(0, "/bin/su"): 1, (0, "/bin/wall"): 1, (1, "/bin/su"): None, (2, "/usr/x"): None}
    assert all("CIS-DI-0008" in row.references for row in rows)


def test_directories_are_not_setuid(tmp_path: Path) -> None:
    content = layer(directory("var/mail/", mode=0o2775))
    assert "layer.setuid" not in codes(audited_bytes(docker_save([content]), tmp_path))


@pytest.mark.parametrize(
    ("member", "found"),
    [
        (directory("open/", mode=0o777), True),
        (directory("tmp/", mode=0o1777), False),
        (file("open", b"", mode=0o666), True),
        (file("shut", b"", mode=0o664), False),
    ],
)
def test_world_writable(member: bytes, found: bool, tmp_path: Path) -> None:
    assert ("layer.world-writable" in codes(audited_bytes(docker_save([layer(member)]), tmp_path))) == found


def test_modes_of_hostile_headers(tmp_path: Path) -> None:
    """E36: setuid root sh, 07777, a mode beyond its twelve bits, a negative one."""
    members = (
        file("sh", b"x", mode=0o4755),
        file("all", b"x", mode=0o7777),
        file("big", b"x", mode=0o7777777),
        header("minus", mode=struct.pack(">q", -1)),
    )
    rows = audited_bytes(docker_save([layer(*members)]), tmp_path)
    assert {row.where.path for row in of(rows, "layer.setuid")} >= {"/sh", "/all", "/big"}
    assert all(row.effect == "none" for row in rows)


def test_devices(tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(device("dev/x", 7, 200, typeflag=b"4"))]), tmp_path)
    [row] = of(rows, "layer.device")
    assert (row.where.path, row.message) == ("/dev/x", "/dev/x is a block device 7:200")


def test_owners(tmp_path: Path) -> None:
    content = layer(
        file("etc/passwd", b"root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n"),
        file("far", b"", uid=3_000_000),
        file("named", b"", uid=1000),
        file("lost", b"", uid=1001),
        file("lost2", b"", uid=1001),
    )
    rows = audited_bytes(docker_save([content]), tmp_path)
    assert [row.where.path for row in of(rows, "layer.odd-owner")] == ["/far"]
    [lost] = of(rows, "layer.unowned")
    assert lost.message.startswith("/lost belongs to the uid 1001")
    assert lost.message.endswith("in the final filesystem: 2")


def test_without_passwd_nobody_is_unowned(tmp_path: Path) -> None:
    assert "layer.unowned" not in codes(audited_bytes(docker_save([layer(file("a", b"", uid=5))]), tmp_path))


@pytest.mark.parametrize(
    "path",
    [
        "srv/.git/HEAD",
        "root/.bash_history",
        "var/lib/apt/lists/deb_Packages",
        "var/cache/apk/APKINDEX.tar.gz",
        "core.1234",
        "root/.npm/_cacache/x",
    ],
)
def test_leftovers(path: str, tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(file(path, b"x"))]), tmp_path)
    assert [row.where.path for row in of(rows, "layer.leftover")] == [f"/{path}"]


@pytest.mark.parametrize(
    "path",
    [".env", "srv/app.env", "srv/.env.production", "root/.ssh/id_ed25519", "root/.npmrc", "srv/tls.pem", "x.p12"],
)
def test_sensitive_names(path: str, tmp_path: Path) -> None:
    rows = audited_bytes(docker_save([layer(file(path, b"x"))]), tmp_path)
    assert [row.where.path for row in of(rows, "layer.sensitive-file")] == [f"/{path}"]


@pytest.mark.parametrize(
    "path",
    ["srv/.env.example", "srv/environment", "root/.ssh/id_rsa.pub", "etc/ssl/certs/ca.pem", "usr/share/x/cert.pem",
     "usr/lib/python3/core.py", "srv/core/x", "srv/my.gitHEAD", "srv/.gitignore"],
)  # fmt: skip
def test_names_that_are_fine(path: str, tmp_path: Path) -> None:
    found = codes(audited_bytes(docker_save([layer(file(path, b"x"))]), tmp_path))
    assert not found & {"layer.leftover", "layer.sensitive-file"}


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0), ["cap_net_bind_service"]),
        (struct.pack("<5I", 0x02000001, 1 << 12 | 1 << 13, 0, 1 << 7, 0), ["cap_net_admin", "cap_net_raw", "cap_bpf"]),
        (struct.pack("<6I", 0x03000001, 1 << 21, 0, 0, 0, 1000), ["cap_sys_admin"]),
        (struct.pack("<3I", 0x01000000, 1, 0), ["cap_chown"]),
        (struct.pack("<5I", 0x02000000, 0, 0, 1 << 31, 0), ["capability 63"]),
        (struct.pack("<5I", 0x02000000, 0, 0, 0, 0), ["none"]),
        (b"", ["(unreadable)"]),
        (b"\xff" * 20, ["(unreadable)"]),
    ],
)
def test_capabilities(value: bytes, names: list[str]) -> None:
    """linux/capability.h, vfs_cap_data; names as `getcap` prints them."""
    assert capabilities(value) == names


def test_a_shared_base_is_told_once() -> None:
    rows = audited(FIXTURES / "d20-two-images-shared.tar")
    places = [(row.code, row.where.layer, row.where.path) for row in rows if row.where.path]
    assert len(places) == len(set(places))


def test_all_forms_say_the_same(tmp_path: Path) -> None:
    layers = [layer(file("a", b"x", mode=0o4755)), layer(whiteout("a"))]
    plain = audited_bytes(docker_save(layers), tmp_path)
    for compression in ("none", "gzip", "zstd"):
        other = audited_bytes(oci_archive(layers, compression=compression), tmp_path)
        assert of(plain, "layer.setuid")[0].message == of(other, "layer.setuid")[0].message


PARTS = """
.git HEAD .svn .hg .bash_history .python_history lists archives x.deb apk yum .npm _cacache .cache pip
core core.12 Dockerfile id_rsa id_ed25519 .env prod.env .env.local .npmrc .netrc .docker config.json
.dockercfg .aws credentials .kube config a.p12 b.pfx c.jks d.keystore e.ppk f.ovpn g.pem var lib apt
var/lib/apt/lists var/cache usr share etc ssl a_Packages b node_modules index.js
"""


@given(st.lists(st.sampled_from(PARTS.split()), min_size=1, max_size=5), st.sampled_from(["", "\n", "x", "\nx"]))
@settings(max_examples=1000, deadline=None)
def test_every_path_that_a_pattern_matches_has_a_telling_name(parts: list[str], end: str) -> None:
    path = ("/".join(parts) + end).encode()
    if any(pattern.search(path) for pattern, _ in (*LEFTOVER_NAMES, *SENSITIVE_NAMES)):
        assert has_telling_name(path)


def test_an_everyday_path_has_no_telling_name() -> None:
    for path in (b"usr/lib/python3/abc.py", b"score", b"app/corex/a", b"node_modules/x/index.js", b"etc/passwd"):
        assert not has_telling_name(path)

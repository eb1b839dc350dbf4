"""The packages that each layer brings, as `inspect` says it: from databases that are at hand without an extra pass."""

from __future__ import annotations

from pathlib import Path

import pytest

import imgtar
from imgtar.contract.inspect import LayerPackages
from tests.answers.inventories import dpkg, status
from tests.builders import docker_save, file, gzip, hardlink, layer, oci_archive, whiteout
from tests.packages.rpm.test_database import header, sqlite
from tests.packages.test_inventories import RPM_FACTS

SIZED = status("big=1").replace(b"Version", b"Installed-Size: 2048\nVersion") + status("small=1", "last=1")
LAYERS = [
    layer(file("var/lib/dpkg/status", SIZED)),
    layer(file("srv/own", b"o")),
    layer(dpkg("big=2", "small=1", "new=1")),
    layer(whiteout("var/lib/dpkg/status")),
]


def packages(archive: bytes, folder: Path, **options: object) -> list[LayerPackages | None]:
    path = folder / "image.tar"
    path.write_bytes(archive)
    [image] = imgtar.inspect(path, imgtar.InspectOptions(**options)).document.images  # type: ignore[arg-type]
    return [row.packages for row in image.layers]


def test_a_layer_says_what_it_installs_upgrades_and_removes(tmp_path: Path) -> None:
    first, none, third, deleting = packages(docker_save(LAYERS), tmp_path)
    assert first is not None
    assert (first.installed, first.upgraded, first.removed) == (3, 0, 0)
    assert [(one.name, one.installed_size) for one in first.largest] == [
        ("big", 2 << 20),
        ("last", None),
        ("small", None),
    ]
    assert none is None
    assert third is not None
    assert (third.installed, third.upgraded, third.removed) == (1, 1, 1)
    assert [(one.name, one.version) for one in third.largest] == [("big", "2"), ("new", "1")]
    assert deleting is None, "what a deleted database listed is still there"


@pytest.mark.parametrize("form", ["gzip", "pipe", "verify"])
def test_every_form_says_the_same(form: str, tmp_path: Path) -> None:
    expected = packages(docker_save(LAYERS), tmp_path)
    archive = oci_archive(LAYERS, compression="gzip" if form == "gzip" else "none")
    assert packages(gzip(archive) if form == "pipe" else archive, tmp_path, verify=form == "verify") == expected


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_the_last_member_of_a_path_counts_and_a_link_is_none(compression: str, tmp_path: Path) -> None:
    twice = layer(dpkg("a=1", "b=1"), dpkg("a=1"))
    linked = layer(file("x", status("c=1")), hardlink("lib/apk/db/installed", "x"))
    found, nothing = packages(oci_archive([twice, linked], compression=compression), tmp_path)
    assert found is not None
    assert [one.name for one in found.largest] == ["a"]
    assert nothing is None


def test_the_databases_of_the_other_systems(tmp_path: Path) -> None:
    apk = b"P:musl\nV:1.2\nA:x86_64\nI:655360\n\n"
    rpm = sqlite([header([(b"/usr/", b"a", b"0" * 64)], 1, **RPM_FACTS)])
    less = b"Package: base-files\nVersion: 12\nInstalled-Size: 5\n"
    of_apk, of_rpm, of_folder = packages(
        docker_save(
            [
                layer(file("lib/apk/db/installed", apk)),
                layer(file("usr/lib/sysimage/rpm/rpmdb.sqlite", rpm)),
                layer(file("var/lib/dpkg/status.d/base", less), file("var/lib/dpkg/status.d/base.md5sums", b"x")),
            ]
        ),
        tmp_path,
    )
    assert of_apk is not None
    assert [(one.type, one.name, one.installed_size) for one in of_apk.largest] == [("apk", "musl", 655360)]
    assert of_rpm is not None
    assert of_rpm.installed == 1
    assert of_folder is not None
    assert [(one.name, one.installed_size) for one in of_folder.largest] == [("base-files", 5120)]


def test_nothing_is_said_without_the_option_or_of_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert packages(docker_save(LAYERS), tmp_path, layer_packages=False) == [None] * 4
    monkeypatch.setattr("imgtar.layer.places._MOST", 10)
    assert packages(docker_save(LAYERS), tmp_path) == [None] * 4
    assert packages(oci_archive(LAYERS, compression="gzip"), tmp_path) == [None] * 4

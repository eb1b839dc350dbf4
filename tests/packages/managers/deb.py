"""Packages of Debian by dpkg itself: `dpkg --root`, and `dpkg-query --admindir` says what is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.packages.managers.layered import Built, LayeredFolder, Told, row, run, text

PROGRAMS = ("dpkg", "dpkg-deb", "dpkg-query", "dpkg-divert")
AS_ROOT = True
TYPE = "deb"
_ADMIN = "var/lib/dpkg"
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"  # dpkg wants ldconfig, which a plain PATH may lack


def build(work: Path) -> Built:
    """`first` has an epoch and a file of configuration, which stays when the package goes; `second` names `/bin`, a
    link; `third` diverts a file of `first`.
    """
    image = _empty(LayeredFolder(work / "root"))
    first = _package(work, "first", "2:1.0-1", {"usr/share/first": text(3000, "first"), "etc/first": b"key=value\n"})
    _dpkg(image, "--install", first, _package(work, "second", "1.0-1", {"bin/second": text(5000, "one")}))
    told = [_step(image)]
    _divert(image)
    third = _package(work, "third", "1.0~rc1-1+b1", {"usr/share/first": text(700, "third")}, architecture="i386")
    _dpkg(image, "--install", third, _package(work, "second", "1.0-2", {"bin/second": text(6000, "two")}))
    told.append(_step(image))
    _dpkg(image, "--remove", "first")
    told.append(_step(image))
    (image.root / _ADMIN / "status").unlink()
    image.step()
    rows = {
        row("first", "2:1.0-1", "0 removed 2", {0: 3010, 1: 3000}),  # the diversion moves its file in layer 1
        row("second", "1.0-1", "0 upgraded 1", {0: 5000}),
        row("second", "1.0-2", "1 database-deleted", {1: 6000}, "1.0-1"),
        row("third", "1.0~rc1-1+b1", "1 database-deleted", {1: 700}),
    }
    return Built(image.layers, [*told, None], frozenset(rows))


def _empty(image: LayeredFolder) -> LayeredFolder:
    """A system without packages whose `/bin` is a link."""
    for name in ("info", "updates", "triggers"):
        (image.root / _ADMIN / name).mkdir(parents=True)
    for name in ("status", "available"):
        image.write(f"{_ADMIN}/{name}", b"")
    (image.root / "usr/bin").mkdir(parents=True)
    (image.root / "bin").symlink_to("usr/bin")
    return image


def _package(work: Path, name: str, version: str, files: Mapping[str, bytes], architecture: str = "all") -> Path:
    source = work / f"{name}-{version}"
    for path, content in files.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(content)
    control = f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n"
    (source / "DEBIAN").mkdir()
    (source / "DEBIAN/control").write_text(control + "Maintainer: A <a@example.org>\nDescription: for tests\n")
    settings = "".join(f"/{path}\n" for path in files if path.startswith("etc/"))
    (source / "DEBIAN/conffiles").write_text(settings)
    package = work / f"{name}-{version}.deb"
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", source, package)
    shutil.rmtree(source)
    return package


def _dpkg(image: LayeredFolder, *arguments: str | Path) -> None:
    run("dpkg", f"--root={image.root}", "--log=/dev/null", "--force-architecture", *arguments, PATH=_PATH)


def _divert(image: LayeredFolder) -> None:
    where = ("--divert", "/usr/share/first.distrib", "/usr/share/first")
    run("dpkg-divert", "--root", image.root, "--package", "third", "--rename", "--add", *where)


def _step(image: LayeredFolder) -> Told:
    image.step()
    fields = "${Package} ${Version} ${db:Status-Status}\n"
    listed = run("dpkg-query", f"--admindir={image.root / _ADMIN}", "--show", "-f", fields)
    rows = (line.split() for line in listed.splitlines())
    return frozenset((name, version) for name, version, state in rows if state == "installed")

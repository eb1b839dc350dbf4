"""Packages of RPM by rpm itself: `rpmbuild`, `rpm --root`, and `rpm --dbpath` says what is there."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.packages.managers.layered import Built, LayeredFolder, Told, row, run, text

PROGRAMS = ("rpm", "rpmbuild")
AS_ROOT = True
TYPE = "rpm"
_DATABASE = "var/lib/rpm"
_FIELDS = "%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n"


def build(work: Path) -> Built:
    """`first` has an epoch; `kept` is there in two versions at once, as kernels are."""
    image = LayeredFolder(work / "root")
    _rpm(image, "--install", _package(work, "first", "1.0", "1", 3000, epoch=2), _package(work, "second", "1", "1", 50))
    _rpm(image, "--install", _package(work, "kept", "1", "1.fc40", 400))
    told = [_step(image, work)]
    _rpm(image, "--upgrade", _package(work, "second", "1.1", "0.rc1", 6000))
    _rpm(image, "--install", _package(work, "kept", "2", "1.fc40", 700))
    told.append(_step(image, work))
    _rpm(image, "--erase", "first", "kept-1")
    told.append(_step(image, work))
    shutil.rmtree(image.root / _DATABASE)
    image.step()
    rows = {
        row("first", "2:1.0-1", "0 removed 2", {0: 3000}),
        row("kept", "1-1.fc40", "0 removed 2", {0: 400}),
        row("kept", "2-1.fc40", "1 database-deleted", {1: 700}),
        row("second", "1-1", "0 upgraded 1", {0: 50}),
        row("second", "1.1-0.rc1", "1 database-deleted", {1: 6000}, "1-1"),
    }
    return Built(image.layers, [*told, None], frozenset(rows))


def _package(work: Path, name: str, version: str, release: str, size: int, epoch: int = 0) -> Path:
    label = f"{name}-{version}-{release}"
    (work / f"{label}.data").write_bytes(text(size, label))
    spec = work / f"{label}.spec"
    spec.write_text(
        f"Name: {name}\nVersion: {version}\nRelease: {release}\nSummary: for tests\nLicense: MIT\nBuildArch: noarch\n"
        + (f"Epoch: {epoch}\n" if epoch else "")
        + "%description\nfor tests\n%install\n"
        f"install -D {work}/{label}.data %{{buildroot}}/opt/{name}-{version}/data\n"
        f"%files\n/opt/{name}-{version}\n"
    )
    run("rpmbuild", "-bb", "--define", f"_topdir {work}/build", "--define", "_rpmfilename %{NVRA}.rpm", spec)
    return work / "build/RPMS" / f"{label}.noarch.rpm"


def _rpm(image: LayeredFolder, *arguments: str | Path) -> None:
    run("rpm", f"--root={image.root}", f"--dbpath=/{_DATABASE}", "--nosignature", *arguments)


def _step(image: LayeredFolder, work: Path) -> Told:
    """Asks a copy: rpm writes into the database even for a query."""
    image.step()
    copy = work / f"database-{len(image.layers)}"
    shutil.copytree(image.root / _DATABASE, copy)
    listed = run("rpm", f"--dbpath={copy}", "--query", "--all", "--queryformat", _FIELDS)
    return frozenset((name, version) for name, version in (line.split() for line in listed.splitlines()))

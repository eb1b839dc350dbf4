"""Asks for the packages of images in tests, as `packages` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imgtar.answers.filters import Filter
from imgtar.answers.opening import open_session
from imgtar.answers.options import InspectOptions
from imgtar.answers.packages import Asked, inventory_work, packages_content
from imgtar.answers.view import View
from imgtar.contract.packages import PackageRow, PackagesContent, PackagesReport
from imgtar.limits import DEFAULT, Limits
from tests.builders import docker_save, file

STATUS = "var/lib/dpkg/status"


def status(*packages: str) -> bytes:
    """A status file with packages as `name=version`, or `name=version=state`."""
    text = ""
    for one in packages:
        name, version, state = (*one.split("="), "installed")[:3]
        text += f"Package: {name}\nStatus: install ok {state}\nArchitecture: amd64\nVersion: {version}\n\n"
    return text.encode()


def dpkg(*packages: str) -> bytes:
    """The status file as a member of a layer."""
    return file(STATUS, status(*packages))


def listed(package: str, *paths: str) -> bytes:
    """The list of the files of a package as a member of a layer."""
    return file(f"var/lib/dpkg/info/{package}.list", "".join(f"/{path}\n" for path in paths).encode())


def asked(archive: bytes | Path | list[bytes], folder: Path, limits: Limits = DEFAULT, **choice: Any) -> PackagesReport:
    """The report about an archive, or one that is made of layers.

    `choice` are fields of `Asked`, `View` and `InspectOptions`.
    """
    document = content_asked(archive, folder, limits, **choice).document
    for row in document.layers:
        assert row.owned_bytes + row.unowned_bytes == row.stored_bytes
        assert row.unowned_bytes == sum(one.bytes for one in document.unowned if one.layer == row.index)
    return document


def content_asked(
    archive: bytes | Path | list[bytes], folder: Path, limits: Limits = DEFAULT, **choice: Any
) -> PackagesContent:
    """What the renderers are given."""
    path = archive if isinstance(archive, Path) else folder / "image.tar"
    if isinstance(archive, list):
        archive = docker_save(archive)
    if isinstance(archive, bytes):
        path.write_bytes(archive)
    view = View(**{name: choice.pop(name) for name in ("layer", "upto") if name in choice})
    wanted = Asked(view=view, **{name: choice.pop(name) for name in Asked.__struct_fields__ if name in choice})
    session = open_session(path, InspectOptions(limits=limits, package_types=wanted.types, **choice))
    session.read(view.needs)
    work = inventory_work(session, wanted, limits)
    return packages_content(session, Filter().apply(session.findings), wanted, **work)


def lives(document: PackagesReport) -> list[tuple[str, str, str, int, int | None]]:
    """Name, version, state and the two layers of each row."""
    return [(row.name, row.version, row.state, row.installed_in, row.removed_in) for row in document.packages]


def owned(document: PackagesReport) -> dict[str, dict[str, int]]:
    """The bytes by layer of each package that has some."""
    return {f"{row.name} {row.version}": row.bytes.by_layer for row in document.packages if row.bytes.owned}


def only(document: PackagesReport) -> PackageRow:
    """The one package."""
    [row] = document.packages
    return row

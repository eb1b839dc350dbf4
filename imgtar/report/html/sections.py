"""The parts of a page that need no script: the largest files, IDs, configuration."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.documents import IdsImage
from imgtar.contract.files import Entry
from imgtar.contract.inspect import Image
from imgtar.report.html.page import PATH, Escaped, lines
from imgtar.text import cut_middle, escape_stored

_SETTINGS = 500
_SETTING = 4000  # characters


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A path with its size and the layers that it concerns; of a directory also how many files are meant."""

    path: Escaped
    size: int
    what: str
    layers: tuple[int, ...]
    files: int = 1
    mode: str = ""
    owner: str = ""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the configuration; a value may have several lines."""

    name: str
    values: list[list[Escaped]]


def file_lines(largest: Sequence[Entry]) -> list[Line]:
    """The largest files of the final filesystem."""
    return [
        Line(
            path=stored_path(entry.path, entry.path_b64),
            size=entry.size,
            what=entry.type,
            layers=(entry.layer,),
            mode=entry.mode,
            owner=f"{entry.uid}:{entry.gid}",
        )
        for entry in largest
    ]


def stored_path(path: str, path_b64: str | None) -> Escaped:
    """A path of the report as the page shows it."""
    return Escaped(cut_middle(escape_stored(path, path_b64), PATH))


def container_settings(image: Image) -> list[Setting]:
    """How a container of the image runs: the settings that the image has, always the user and the command."""
    return [
        Setting(name=name, values=[lines(value, _SETTING) for value in values[:_SETTINGS]] + _unlisted(values))
        for name, values in _container_settings(image)
        if values
    ]


def _unlisted(values: Sequence[str]) -> list[list[Escaped]]:
    return [[Escaped(f"… {len(values) - _SETTINGS:,} more")]] if len(values) > _SETTINGS else []


def _container_settings(image: Image) -> Iterator[tuple[str, Sequence[str]]]:
    config = image.config
    yield "User", [config.user or "root (no user is set)"]
    yield "Entrypoint", [shlex.join(config.entrypoint)] if config.entrypoint else []
    yield "Command", [shlex.join(config.cmd)] if config.cmd or config.entrypoint else ["none"]
    yield "Working directory", [config.working_dir] if config.working_dir else []
    yield "Ports", config.exposed_ports
    yield "Volumes", config.volumes
    yield "Environment", config.env
    yield "Labels", [f"{name}={value}" for name, value in config.labels.items()]
    yield "Stop signal", [config.stop_signal] if config.stop_signal else []
    if config.healthcheck:
        yield "Health check", [msgspec.json.encode(config.healthcheck).decode()]
    yield "Shell", [shlex.join(config.shell)] if config.shell else []
    yield "On build", config.onbuild
    yield "Author", [image.author] if image.author else []


def digests(image: Image, ids: IdsImage | None) -> list[tuple[str, str, str]]:
    """Name, value and meaning of each digest that identifies the image."""
    known: list[tuple[str, str | None, str]] = [
        ("Image ID", image.id, "digest of the configuration; docker images in the classic store, podman images"),
        ("Manifest digest", image.manifest_digest, "what a registry and docker images in the containerd store show"),
    ]
    target = None if ids is None else ids.docker.containerd.image_id
    if target is not None and target != image.manifest_digest:
        known.append(("Index digest", target, "docker images in the containerd store, docker's default since 29"))
    return [(name, value, meaning) for name, value, meaning in known if value is not None]

"""Images that the cases are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.builders import END, Member, docker_members, docker_save, good_layers, image_config, layer, members_tar


def good_parts(**options: Any) -> list[Member]:
    """The good image, what describes it in front: manifest.json, config, three layers."""
    members = docker_members(good_layers(), **options)
    return [members[-1], members[-2], *members[:-2]]


def with_members(*extra: bytes, end: bytes = END) -> bytes:
    """The good image, then more outer members as they are."""
    return members_tar([*good_parts(), *extra], end=end)


def one(*members: bytes, **options: Any) -> bytes:
    """A docker save of one layer with these members."""
    return docker_save([layer(*members)], **options)


def stack(*layers: Sequence[bytes]) -> bytes:
    """A docker save of layers, each a list of members."""
    return docker_save([layer(*members) for members in layers])


def squeezed(blobs: Sequence[bytes], plain: Sequence[bytes] | None = None) -> bytes:
    """A docker save whose layer files are `blobs`, its diffIDs those of `plain`."""
    return docker_save(blobs, config=image_config(blobs if plain is None else plain))


def with_manifest(manifest: object) -> bytes:
    """The good image with another manifest.json."""
    members = docker_members(good_layers(), manifest=manifest)
    return members_tar(members)


def with_config(**changes: Any) -> bytes:
    """The good image with keys of its config replaced; None removes one."""
    return docker_save(good_layers(), config=image_config(good_layers(), **changes))

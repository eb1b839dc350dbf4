"""What an image, and what the archive holds about it, say of the base: labels, annotations and provenance.

Nobody proves these claims. A label is inherited, so it may name the base of the base. image-spec annotations.md
(`org.opencontainers.image.base.*`), Cloud Native Buildpacks (`io.buildpacks.lifecycle.metadata`), and SLSA provenance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from imgtar.formats.digest import Digest
from imgtar.formats.docker import familiar
from imgtar.formats.in_toto import Statement, frontend, materials, pulled_images
from imgtar.image.image import ImageOutline

Claimant = Literal["label", "annotation", "provenance"]
_NAME = "org.opencontainers.image.base.name"
_DIGEST = "org.opencontainers.image.base.digest"
_BUILDPACKS = "io.buildpacks.lifecycle.metadata"
_IMAGE_PURL = re.compile(r"pkg:(?:docker|oci)/([^@?#]+)(?:@([^?#]+))?", re.ASCII)


class Claim(msgspec.Struct, frozen=True):
    """The base has this name, or this digest of its manifest or index, or both; `layers` where the claim has it."""

    by: Claimant
    name: str | None
    digest: str | None
    layers: int | None = None


class _RunImage(msgspec.Struct, frozen=True, rename="camel"):
    top_layer: str = ""
    image: str = ""


class _Buildpacks(msgspec.Struct, frozen=True, rename="camel"):
    run_image: _RunImage = _RunImage()


def claims(image: ImageOutline, attached: Iterable[Statement]) -> Iterator[Claim]:
    """The claims about the base of an image, the one that counts most first. `attached` are the statements about it."""
    labels = image.execution.labels
    yield from _written("label", labels)
    yield from _buildpacks(labels.get(_BUILDPACKS, ""), [layer.diff_id for layer in image.layers])
    yield from _written("annotation", image.record.annotations)
    yield from _provenance(image, attached)


def _written(by: Claimant, texts: Mapping[str, str]) -> Iterator[Claim]:
    name, digest = texts.get(_NAME), texts.get(_DIGEST)
    if name or digest:
        yield Claim(by, familiar(name) if name else None, digest or None)


def _buildpacks(metadata: str, diff_ids: list[Digest | None]) -> Iterator[Claim]:
    """The label of a buildpack has the diffID of the top layer of the base; one that the image lacks says nothing."""
    try:
        run_image = msgspec.json.decode(metadata, type=_Buildpacks).run_image
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return
    top = run_image.top_layer
    positions = [index for index, diff_id in enumerate(diff_ids) if top and str(diff_id) == top]
    if positions:
        yield Claim("label", familiar(run_image.image) or None, None, positions[0] + 1)


def _provenance(image: ImageOutline, attached: Iterable[Statement]) -> Iterator[Claim]:
    """The image that the build pulled and whose layers are the lowest ones; else the only image that the build used.

    Of several, each may be the base or a stage that built something. What BuildKit ran to read the Dockerfile is none.
    """
    used: dict[Claim, None] = {}
    below: list[Claim] = []
    for statement in attached:
        if statement.is_provenance and str(image.record.manifest_digest) in statement.subjects:
            below += _pulled(image, statement)
            reader = familiar(frontend(statement) or "").partition("@")[0]
            for material in materials(statement):
                claim = _material(material.uri, material.digests)
                if claim is not None and claim.name != reader:
                    used[claim] = None
    if below:
        yield max(below, key=lambda claim: claim.layers or 0)
    elif len(used) == 1:
        yield from used


def _pulled(image: ImageOutline, statement: Statement) -> Iterator[Claim]:
    """The images that the build pulled and whose layers, by the digests of their blobs, are the lowest ones."""
    blobs = tuple(str(layer.digest) for layer in image.layers)
    for pulled in pulled_images(statement):
        name, _, digest = pulled.reference.partition("@")
        for chain in pulled.chains:
            if chain and blobs[: len(chain)] == chain:
                yield Claim("provenance", familiar(name), digest or None, len(chain))


def _material(uri: str, digests: tuple[str, ...]) -> Claim | None:
    """The image that a purl names: `pkg:docker/debian@12-slim?platform=…`; None for anything else."""
    from urllib.parse import unquote

    match = _IMAGE_PURL.match(uri)
    if match is None:
        return None
    name, version = unquote(match[1]), unquote(match[2] or "")
    separator = "@" if ":" in version else ":"
    return Claim("provenance", familiar(f"{name}{separator}{version}" if version else name), (*digests, None)[0])

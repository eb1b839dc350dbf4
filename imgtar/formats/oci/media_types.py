"""The media types of manifests, configs and layers (OCI image-spec, media-types.md; Docker's predecessors)."""

from __future__ import annotations

from typing import Literal

INDEXES = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
MANIFESTS = frozenset(
    {"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"}
)
SCHEMA1_MANIFEST = "application/vnd.docker.distribution.manifest.v1+json"
SCHEMA1 = frozenset({SCHEMA1_MANIFEST, "application/vnd.docker.distribution.manifest.v1+prettyjws"})

IMAGE_CONFIGS = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
# What old registries call the config of an image; docker takes these types where the layers are those of an image.
OLD_IMAGE_CONFIGS = frozenset({"application/octet-stream", "application/json", "text/html", "text/plain"})
ATTESTATION_ARTIFACT = "application/vnd.docker.attestation.manifest.v1+json"

_OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
_OCI_FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar"
_DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
_DOCKER_FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar"
_ENCRYPTED = "+encrypted"
_OPAQUE_LAYERS = frozenset({"application/vnd.erofs.layer.v1", "application/vnd.oci.image.layer.nydus.blob.v1"})
_FILE_SYSTEMS = ("squashfs", "erofs", ".sif", "puzzlefs")  # a part of the types of layers that are not tars
# Content that manifests carry under `layers` and that no engine takes for a filesystem.
_OTHER_CONTENT = (
    "application/json",
    "application/spdx",
    "application/vnd.amazon.soci.",
    "application/vnd.cncf.helm.",
    "application/vnd.cncf.model.",
    "application/vnd.cncf.openpolicyagent.",
    "application/vnd.cyclonedx",
    "application/vnd.dev.cosign.",
    "application/vnd.dev.sigstore.",
    "application/vnd.dsse.",
    "application/vnd.in-toto",
    "application/vnd.module.wasm.",
    "application/vnd.oci.empty.",
    "application/vnd.wasm.",
    "application/wasm",
    "application/x-yaml",
    "text/",
)

Declared = Literal["none", "gzip", "zstd"]
_DECLARED: dict[str, Declared] = {
    _OCI_LAYER: "none",
    f"{_OCI_LAYER}+gzip": "gzip",
    f"{_OCI_LAYER}+zstd": "zstd",
    _OCI_FOREIGN: "none",
    f"{_OCI_FOREIGN}+gzip": "gzip",
    f"{_OCI_FOREIGN}+zstd": "zstd",
    f"{_DOCKER_LAYER}.gzip": "gzip",
    f"{_DOCKER_LAYER}.zstd": "zstd",
    f"{_DOCKER_FOREIGN}.gzip": "gzip",
}


def is_index(media_type: str) -> bool:
    return media_type in INDEXES


def is_manifest(media_type: str) -> bool:
    return media_type in MANIFESTS


def is_image_config(media_type: str) -> bool:
    return media_type in IMAGE_CONFIGS


def is_layer(media_type: str) -> bool:
    """A layer of a root filesystem, whether or not imgtar can read it."""
    return (
        declared_compression(media_type) is not None
        or base(media_type) in {_DOCKER_LAYER, _DOCKER_FOREIGN}
        or is_file_system(media_type)
    )


def is_file_system(media_type: str) -> bool:
    """A layer that is a file system image of its own, and no tar by design: erofs, nydus, squashfs."""
    return media_type in _OPAQUE_LAYERS or any(part in base(media_type) for part in _FILE_SYSTEMS)


def is_other_content(media_type: str) -> bool:
    """Known to be something else than a layer; an unknown type is neither."""
    return media_type.startswith(_OTHER_CONTENT) or media_type.endswith("+json")


def is_encrypted(media_type: str) -> bool:
    return media_type.endswith(_ENCRYPTED)


def is_readable(media_type: str) -> bool:
    """False for layers that hold no tar by design: encrypted ones, file systems, and content of other kinds."""
    return not (is_encrypted(media_type) or is_file_system(media_type) or is_other_content(media_type))


def is_foreign(media_type: str) -> bool:
    """A layer that must not be distributed, so archives may lack it."""
    return base(media_type).startswith((_OCI_FOREIGN, _DOCKER_FOREIGN))


def base(media_type: str) -> str:
    """The type without the encryption suffix."""
    return media_type.removesuffix(_ENCRYPTED)


def declared_compression(media_type: str) -> Declared | None:
    """What the type of a layer says of its compression; None where it says nothing, as Docker's plain type."""
    return _DECLARED.get(base(media_type))

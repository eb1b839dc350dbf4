"""The names of images: which annotation counts, the familiar form, bare tags (image-formats.md 1.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from imgtar.formats.docker import familiar

_BY_PRECEDENCE = (
    "com.apple.containerization.image.name",
    "io.containerd.image.name",
    "org.opencontainers.image.ref.name",
)
_SIGNATURE_TAG = re.compile(r"(?:.*:)?sha256-[0-9a-f]{64}\.(?:sig|att|sbom)")


def descriptor_name(annotations: Mapping[str, str]) -> str | None:
    """The name that a descriptor of index.json carries, as written; None where it has none."""
    for key in _BY_PRECEDENCE:
        name = annotations.get(key)
        if name and not name.isspace():
            return name
    return None


def is_signature_tag(name: str) -> bool:
    """Does the tag say that this is cosign's signature, attestation or SBOM of another image?"""
    return len(name) < 1024 and _SIGNATURE_TAG.fullmatch(name) is not None


def shown_names(names: Iterable[str]) -> tuple[str, ...]:
    """Familiar forms without repetition; bare tags only where nothing fuller exists."""
    unique = tuple(dict.fromkeys(familiar(name) for name in names))
    fuller = tuple(name for name in unique if is_full(name))
    return fuller or unique


def is_full(name: str) -> bool:
    """Is this more than a bare tag?"""
    return any(sign in name for sign in ":/@")

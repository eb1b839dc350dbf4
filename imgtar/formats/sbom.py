"""SBOMs as JSON: how CycloneDX and SPDX documents are recognised, and under which types others know them."""

from __future__ import annotations

from typing import Literal

import msgspec

SbomFormat = Literal["cyclonedx", "spdx"]
# Registered with IANA.
MEDIA_TYPES: dict[SbomFormat, str] = {"cyclonedx": "application/vnd.cyclonedx+json", "spdx": "application/spdx+json"}
# Of in-toto predicates: the in-toto attestation framework, spec/predicates.
PREDICATE_TYPES: dict[SbomFormat, str] = {"cyclonedx": "https://cyclonedx.org/bom", "spdx": "https://spdx.dev/Document"}


class _Marks(msgspec.Struct, frozen=True, rename="camel"):
    bom_format: object = None
    spdx_version: object = None


def sbom_format(content: bytes) -> SbomFormat | None:
    """Which SBOM a JSON document is by its first level; None where it is not one. Raises nothing."""
    try:
        marks = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_Marks)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    if marks.bom_format == "CycloneDX":
        return "cyclonedx"
    return "spdx" if isinstance(marks.spdx_version, str) and marks.spdx_version.startswith("SPDX-") else None

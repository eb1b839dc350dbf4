"""SBOMs that lie in the filesystem of an image: what its builder claims of single packages."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.analysis.stacked_image import StackedImage
from imgtar.findings import Finding, Where
from imgtar.layer.probes import DocumentProbe, Interest, Topic
from imgtar.limits import LimitReached, Limits

_FOLDER = b"var/lib/db/sbom/"  # apko and melange: one SBOM for each package
_BITNAMI = b"opt/bitnami/"
_ENDINGS = (b".spdx.json", b".spdx")
SBOM_FILES: Topic[bytes] = Topic("sbom-files")


class SbomFile(msgspec.Struct, frozen=True):
    """The content of an SBOM, its path from the root and the layer that stores it."""

    path: bytes
    layer: int
    content: bytes


def is_sbom_file(path: bytes) -> bool:
    """Do builders keep SBOMs at this path?"""
    if path.startswith(_FOLDER):
        return path.endswith(b".spdx.json") and b"/" not in path.removeprefix(_FOLDER)
    name = path.rpartition(b"/")[2]
    return path.startswith(_BITNAMI) and name.startswith(b".spdx-") and name.endswith(b".spdx")


def sbom_files_probe(limits: Limits) -> DocumentProbe:
    """Keeps the SBOMs of all layers, together at most `package-list-bytes`."""
    return DocumentProbe(SBOM_FILES, is_sbom_file, limits.package_list_bytes, Interest(_ENDINGS))


def sbom_files(stacked: StackedImage) -> Iterator[SbomFile]:
    """The SBOMs of the final filesystem, by path. The layers passed `sbom_files_probe`."""
    tree = stacked.tree
    for path in sorted(path for path in tree if is_sbom_file(path)):
        entry = tree.entry(path)
        scan = tree.scans[entry.scan_layer]
        content = None if scan is None else scan.answers.of(SBOM_FILES).by_offset.get(entry.member.offset)
        if content is not None:
            yield SbomFile(path, entry.scan_layer, content)


def unread_sbom_files(stacked: StackedImage, limits: Limits) -> Iterator[Finding]:
    """A finding for each layer whose SBOMs were more than the limit."""
    for layer, scan in enumerate(stacked.tree.scans):
        if scan is not None and not scan.answers.of(SBOM_FILES).complete:
            yield LimitReached("package-list-bytes", limits.package_list_bytes, Where(layer=layer)).finding()

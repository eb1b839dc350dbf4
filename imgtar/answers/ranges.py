"""What every byte of an archive belongs to, in the words of the contract."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.analysis.byte_ranges import ByteRange, byte_ranges
from imgtar.archive.archive import Archive
from imgtar.archive.document_names import INDEX, LAYOUT, MANIFEST
from imgtar.contract import inspect as model
from imgtar.image.image import ImageOutline
from imgtar.text import json_text


def ranges_of(archive: Archive, images: Sequence[ImageOutline]) -> list[model.ByteRange] | None:
    """Every byte of the (decompressed) file once, in order; None for a directory."""
    found = byte_ranges(archive.index, _roles(archive, images))
    return None if found is None else [_range(span) for span in found]


def _roles(archive: Archive, images: Sequence[ImageOutline]) -> dict[bytes, str]:
    """What the members are that the images name."""
    roles = {name: name.decode() for name in (MANIFEST, INDEX, LAYOUT)}
    for number, image in enumerate(images):
        for document, what in ((image.record.config_document, "config"), (image.record.manifest, "manifest")):
            if document is not None and document.member:
                roles.setdefault(document.member, f"{what} of image {number}")
        for layer in image.layers:
            if layer.ref.member is not None:
                roles.setdefault(layer.ref.member.name, f"layer {layer.index} of image {number}")
    for other in archive.catalog.other:
        if other.member is not None:
            roles.setdefault(other.member, other.kind)
    return roles


def _range(span: ByteRange) -> model.ByteRange:
    what = f"{span.what}: {json_text(span.name)[0]}" if span.name else span.what
    return model.ByteRange(offset=span.offset, length=span.length, what=what)

"""A layer as the documents of its image describe it, before it is read."""

from __future__ import annotations

from imgtar.archive.catalog.records import ImageRecord, LayerRef
from imgtar.findings import Where
from imgtar.formats.digest import Digest
from imgtar.image.image import LayerOutline
from imgtar.image.verify import stated_digest


def stated_diff_ids(record: ImageRecord, count: int) -> list[Digest | None]:
    """The config's diffID of each of `count` layers."""
    return [*record.diff_ids[:count], *[None] * (count - len(record.diff_ids))]


def where(ref: LayerRef) -> Where:
    """The place of a finding about a layer's blob."""
    return Where(member=None if ref.member is None else ref.member.name)


def outline_of(index: int, ref: LayerRef, diff_id: Digest | None, chain_id: Digest | None) -> LayerOutline:
    """A layer at its position, as the documents describe it."""
    descriptor, member = ref.descriptor, ref.member
    return LayerOutline(
        index=index,
        ref=ref,
        diff_id=diff_id,
        chain_id=chain_id,
        digest=stated_digest(ref),
        media_type=(descriptor.media_type or None) if descriptor is not None else None,
        present=member is not None,
        blob_size=member.size if member is not None else None if descriptor is None else descriptor.size,
    )

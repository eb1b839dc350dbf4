"""What recomputing the digests has shown of each image, beside what the archive states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from imgtar.archive.catalog.candidate import named_digest
from imgtar.archive.catalog.records import DigestCheck
from imgtar.archive.index.member_index import Member
from imgtar.contract.verification import CheckState, DigestPair, DocumentCheck, ImageChecks, LayerCheck
from imgtar.findings import Effect, Finding
from imgtar.formats.digest import Digest
from imgtar.formats.json_document.document import Document
from imgtar.image.image import Image, ImageLayer
from imgtar.image.verify import stated_digest

Computed = Mapping[DigestCheck, Digest]
_WRONG = frozenset({Effect.INCONSISTENT, Effect.INCOMPLETE})


def checks_of(images: Sequence[Image], computed: Computed, findings: Iterable[Finding]) -> list[ImageChecks]:
    """The documents and layers of each image; `computed` are the digests that were compared with stated ones.

    `findings` are all that there are, whichever a report shows.
    """
    harmful = [row for row in findings if row.effect in _WRONG]
    documents = _Documents(row.where.member for row in harmful if row.where.layer is None)
    wrong = _wrong_layers(images, {(row.where.image, row.where.layer) for row in harmful})
    return [
        ImageChecks(
            config=documents.config(image),
            manifest=documents.check(image.record.manifest),
            layers=[_layer(layer, computed, is_wrong=(number, layer.index) in wrong) for layer in image.layers],
        )
        for number, image in enumerate(images)
    ]


class _Documents:
    """The checks of documents; `damaged` are the members that findings name. Each document is hashed once."""

    def __init__(self, damaged: Iterable[bytes | None]) -> None:
        self._damaged = frozenset(damaged)
        self._known: dict[bytes, DocumentCheck] = {}

    def config(self, image: Image) -> DocumentCheck | None:
        """The check of an image's config, which may be absent."""
        record = image.record
        if record.config_document is not None or record.config_digest is None:
            return self.check(record.config_document)
        return DocumentCheck(state="absent", digest=DigestPair(stated=str(record.config_digest), computed=None))

    def check(self, document: Document | None) -> DocumentCheck | None:
        """The check of a document, whose name states its digest; None without one."""
        if document is None:
            return None
        name = document.member
        if name not in self._known:
            stated = Member(name=name, raw_name=name, type="file", size=0).layout_digest or named_digest(name)
            computed = stated.of_same_kind(document.raw) if stated else Digest.of(document.raw)
            differs = stated is not None and computed != stated
            self._known[name] = DocumentCheck(
                state="wrong" if differs or name in self._damaged else "ok", digest=_pair(stated, computed)
            )
        return self._known[name]


def _wrong_layers(images: Sequence[Image], places: set[tuple[int | None, int | None]]) -> frozenset[tuple[int, int]]:
    """A finding about a layer that several images share names the first one, so equal layers are wrong with it."""
    wrong = {_key(layer) for number, layer in _layers(images) if (number, layer.index) in places}
    wrong.discard((None, None))  # nothing tells such layers apart
    return frozenset(
        (number, layer.index)
        for number, layer in _layers(images)
        if (number, layer.index) in places or _key(layer) in wrong
    )


def _layers(images: Sequence[Image]) -> Iterator[tuple[int, ImageLayer]]:
    return ((number, layer) for number, image in enumerate(images) for layer in image.layers)


def _key(layer: ImageLayer) -> tuple[Digest | None, Digest | None]:
    return layer.digest, layer.diff_id


def _layer(layer: ImageLayer, computed: Computed, *, is_wrong: bool) -> LayerCheck:
    stated = stated_digest(layer.ref)
    hashed = _hashed(layer, stated, computed)
    scan = layer.scan
    found = None if scan is None else scan.diff_id
    state: CheckState = "ok"
    if not layer.present:
        state = "absent"
    elif is_wrong:
        state = "wrong"
    elif (stated is not None and hashed is None) or (layer.ref.readable and (scan is None or not scan.complete)):
        state = "unchecked"
    return LayerCheck(index=layer.index, state=state, digest=_pair(stated, hashed), diff_id=_pair(layer.diff_id, found))


def _hashed(layer: ImageLayer, stated: Digest | None, computed: Computed) -> Digest | None:
    """The digest of the blob as it was computed, by the algorithm of the stated one."""
    member, scan = layer.ref.member, layer.scan
    if stated is None:
        return None if scan is None else scan.digest
    return None if member is None else computed.get(DigestCheck(member.name, stated))


def _pair(stated: Digest | None, computed: Digest | None) -> DigestPair:
    return DigestPair(
        stated=None if stated is None else str(stated), computed=None if computed is None else str(computed)
    )

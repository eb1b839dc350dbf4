"""Which of the lowest layers of an image are those of its base image: the first source that knows decides.

1. `given`: a person says it, by a number or by an archive of the base (the image with the most layers that fits).
2. `archive`: an image of the same archive, which a label, an annotation or the provenance names by its digest.
3. `label`: Cloud Native Buildpacks write the diffID of the top layer of the base; `provenance`: BuildKit writes which
   layers it pulled (`mode=max`).
4. `history`: a guess.

The name of the base may come from another source than its layers: a label, an annotation or the provenance names
an image that is not in the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from imgtar.analysis.base.claims import Claim, Claimant, claims
from imgtar.analysis.base.given import GivenBase
from imgtar.analysis.base.history import bottom_layers, guessed_layers
from imgtar.analysis.base.known import KnownImage, KnownImages, known
from imgtar.archive.archive import Archive
from imgtar.archive.attestations import attached, statements
from imgtar.archive.catalog.records import ImageRecord, OtherRecord
from imgtar.errors import UsageError
from imgtar.formats.in_toto import PROVENANCE, Statement
from imgtar.image.image import ImageOutline
from imgtar.limits import Limits

Source = Literal["given", "archive", "label", "annotation", "provenance", "history"]
Confidence = Literal["exact", "stated", "guess"]


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The lowest `layers` layers belong to the base, None where nobody knows how many.

    `by` and `confidence` are about `layers`, and where these are None about the name. `exact`: the diffIDs are those
    of an image that is known. `named_by` is the source of `name` and of `digest` (of the manifest or index), or, for
    an image of the archive, of the claim that leads to it.
    """

    layers: int | None
    by: Source
    confidence: Confidence
    name: str | None = None
    digest: str | None = None
    named_by: Source | None = None


class Bases:
    """Finds the base of each image of an archive."""

    def __init__(self, archive: Archive, limits: Limits, given: GivenBase | None = None) -> None:
        self._archive = archive
        self._limits = limits
        self._given = given or GivenBase()
        self._attached: dict[str, list[OtherRecord]] = attached(archive)
        self._known = KnownImages(self._given.images)
        self._by_digest: dict[str, KnownImages] = {}
        self._records: dict[str, list[ImageRecord]] = {}
        for image in archive.catalog.images:
            for digest in {image.manifest_digest, image.target_digest} - {None}:
                self._records.setdefault(str(digest), []).append(image)

    def of(self, image: ImageOutline) -> Base | None:
        """The base of an image; None where nothing tells of one.

        Raises UsageError if what a person states does not fit the image.
        """
        claimed = list(claims(image, self._statements(image)))
        return self._given_base(image, claimed) or self._sibling(image, claimed) or _by_itself(image, claimed)

    def _statements(self, image: ImageOutline) -> Iterator[Statement]:
        for record in self._attached.get(str(image.record.manifest_digest), ()):
            found = (one.statement for one in statements(record, self._archive, self._limits, PROVENANCE))
            yield from (statement for statement in found if statement is not None)

    def _given_base(self, image: ImageOutline, claimed: Sequence[Claim]) -> Base | None:
        given, count = self._given, len(image.layers)
        if given.count is not None:
            if given.count > count:
                raise UsageError(
                    "usage.base", f"base {given.count}: the image has {count} layers", "choose with --image"
                )
            return _named(
                Base(layers=given.count, by="given", confidence="stated"), self._about(image, claimed, given.count)
            )
        found = self._known.below(image.layers, _size(image) if given.many else None)
        if found is not None:
            return _of_known(found, "given", "given")
        if given.images and not given.many:
            reason = "the layers of the base image are not the lowest layers of the image"
            raise UsageError("usage.base", reason, "name the image that it was built from, or give --base N")
        return None

    def _sibling(self, image: ImageOutline, claimed: Sequence[Claim]) -> Base | None:
        """The image of the archive with the most layers that a claim names and whose layers are below those of `image`.

        It must be smaller: images may claim anything, also in a circle.
        """
        found: list[tuple[KnownImage, Claim]] = []
        for claim in claimed:
            sibling = self._siblings(claim.digest or "").below(image.layers, _size(image))
            if sibling is not None:
                found.append((sibling, claim))
        if not found:
            return None
        sibling, claim = max(found, key=lambda pair: pair[0].layers)
        base = _of_known(sibling, "archive", claim.by)
        return msgspec.structs.replace(base, name=base.name or claim.name, digest=claim.digest)

    def _about(self, image: ImageOutline, claimed: Sequence[Claim], layers: int) -> list[Claim]:
        """The claims that may be about a base of so many layers."""
        sibling = self._sibling(image, claimed)
        known = None if sibling is None else sibling.layers
        return [claim for claim in claimed if {claim.layers, known} <= {None, layers}]

    def _siblings(self, digest: str) -> KnownImages:
        """The images of the archive that this digest names: of a manifest one, of an index all that are in it."""
        if digest not in self._by_digest:
            records = self._records.get(digest, ())
            self._by_digest[digest] = KnownImages(map(known, records))
        return self._by_digest[digest]


def gate_layers(image: ImageOutline, base: Base | None) -> int:
    """How many of the lowest layers a gate leaves out.

    What is only guessed would excuse the waste of the image itself, so then only the lowest layer counts, and only if
    it was not made by a step of a build.
    """
    if base is None or base.layers is None or base.confidence == "guess":
        return bottom_layers(image)
    return base.layers


def _size(image: ImageOutline) -> tuple[int, int]:
    return len(image.layers), len(image.record.history)


def _of_known(base: KnownImage, by: Source, named_by: Source | Claimant) -> Base:
    return Base(layers=base.layers, by=by, confidence="exact", name=base.name, digest=base.digest, named_by=named_by)


def _named(base: Base, claimed: Sequence[Claim]) -> Base:
    """The base with the name of the first claim that has one."""
    claim = next(iter(sorted(claimed, key=lambda claim: claim.name is None)), None)
    if claim is None:
        return base
    return msgspec.structs.replace(base, name=claim.name, digest=claim.digest, named_by=claim.by)


def _by_itself(image: ImageOutline, claimed: Sequence[Claim]) -> Base | None:
    """What the image alone tells, by its labels, annotations, provenance and history."""
    stated = next((claim for claim in claimed if claim.layers is not None), None)
    if stated is not None:
        return _named(Base(layers=stated.layers, by=stated.by, confidence="stated"), [stated])
    guessed = guessed_layers(image)
    if guessed:
        return _named(Base(layers=guessed, by="history", confidence="guess"), claimed)
    # The lowest layer is a step of the build: what the provenance names was then a stage, and the base is `scratch`.
    written = [claim for claim in claimed if claim.by != "provenance"]
    if not written:
        return None
    return _named(Base(layers=None, by=written[0].by, confidence="stated"), written)

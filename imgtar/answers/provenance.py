"""Where `dockerfile` finds the Dockerfile in what is attached to an image, and what it says where none is there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.analysis.dockerfile.provenance import StatedDockerfile, stated_dockerfile
from imgtar.answers.session import Session
from imgtar.archive.attestations import Attached, attached, statements
from imgtar.audit.rules.attestations import wrong_subject
from imgtar.errors import InputError
from imgtar.formats.build_source import build_source
from imgtar.formats.in_toto import PROVENANCE
from imgtar.image.image import ImageOutline


class Stated(msgspec.Struct, frozen=True):
    """The Dockerfile of an attestation, with the digest of its statement and the type of its predicate.

    `disagreeing` is how many other attestations about the image have another text.
    """

    dockerfile: StatedDockerfile
    digest: str
    predicate_type: str
    disagreeing: int = 0


class Search(msgspec.Struct, frozen=True):
    """What was found: the Dockerfile, or in words why there is none."""

    found: Stated | None
    absence: str = ""


def search_provenance(session: Session, image: ImageOutline) -> Search:
    """Looks for the Dockerfile of an image in the provenance whose subject is the manifest of the image.

    What contradicts the digest of its blob or is about another image is not used, and a finding of the session.
    """
    digest = str(image.record.manifest_digest)
    blobs = [str(layer.digest) for layer in image.layers]
    found: list[Stated] = []
    reasons: list[str] = []
    for one in _provenance(session, digest):
        statement = one.statement
        if statement is None:
            session.note([one.mismatch] if one.mismatch is not None else [])
            reasons.append("its provenance cannot be read")
        elif digest not in statement.subjects:
            session.note([wrong_subject(one, statement)])
            reasons.append("the provenance that is attached to it is about another image")
        elif (source := build_source(statement)) is None:
            reasons.append("its provenance has no text of a Dockerfile, as with mode=min")
        else:
            stated = stated_dockerfile(source, blobs)
            found.append(Stated(stated, one.digest, statement.predicate_type or ""))
    if found:
        others = sum(one.dockerfile.text != found[0].dockerfile.text for one in found[1:])
        return Search(msgspec.structs.replace(found[0], disagreeing=others))
    return Search(None, reasons[0] if reasons else "no provenance is attached to it")


def absent_provenance(absence: str) -> InputError:
    """The error for `--source provenance`."""
    return InputError(
        "input.provenance",
        f"the archive has no Dockerfile for the image: {absence}",
        "build with --provenance=mode=max and keep it in an OCI archive, or use --source history",
    )


def _provenance(session: Session, manifest_digest: str) -> Iterator[Attached]:
    archive = session.archive
    for record in attached(archive).get(manifest_digest, ()):
        for one in statements(record, archive, archive.index.limits, PROVENANCE):
            if one.statement is None or one.statement.is_provenance:
                yield one

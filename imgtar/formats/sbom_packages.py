"""The packages that an SBOM names: SPDX 2 and CycloneDX as JSON, bare or as the predicate of an in-toto statement.

Only what a comparison needs becomes a value; everything else is passed over.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from imgtar.formats.sbom import PREDICATE_TYPES, SbomFormat

T = TypeVar("T")
_BOM = b"\xef\xbb\xbf"
_LONGEST = 512  # characters of a name, a version or a purl; real ones have fewer than 200
MOST_OBJECTS = 1_000_000  # of one document: an SBOM of 5,000 packages with their files has some 200,000
_TOO_MANY = f"it has more than {MOST_OBJECTS:,} objects"
_NO_SBOM = "it is neither CycloneDX nor SPDX as JSON"


class SbomPackage(msgspec.Struct, frozen=True, gc=False):
    """A package as an SBOM names it; a text is empty where the SBOM says nothing. `purl` is as stored."""

    name: str
    version: str
    purl: str


class Sbom(msgspec.Struct, frozen=True):
    """The packages of an SBOM in its order, without those that CycloneDX gives the scope `excluded`.

    What has neither a name nor a purl is none.
    """

    format: SbomFormat
    packages: tuple[SbomPackage, ...]


class SbomStatement(msgspec.Struct, frozen=True):
    """`subjects` has the digests that the statement is about; `predicate` is the SBOM as stored."""

    subjects: tuple[str, ...]
    predicate_type: str
    predicate: bytes

    @property
    def is_sbom(self) -> bool:
        """Is the predicate of a type that an SBOM has?"""
        return self.predicate_type.startswith(tuple(PREDICATE_TYPES.values()))


class _Reference(msgspec.Struct, frozen=True, rename="camel", gc=False):
    reference_type: str | None = None
    reference_locator: str | None = None


class _SpdxPackage(msgspec.Struct, frozen=True, rename="camel"):
    name: str | None = None
    version_info: str | None = None
    external_refs: tuple[_Reference, ...] | None = None


class _Component(msgspec.Struct, frozen=True):
    name: str | None = None
    version: str | None = None
    purl: str | None = None
    scope: str | None = None
    components: tuple[_Component, ...] | None = None


class _Document(msgspec.Struct, frozen=True, rename="camel"):
    bom_format: str | None = None
    spdx_version: str | None = None
    packages: tuple[_SpdxPackage, ...] | None = None
    components: tuple[_Component, ...] | None = None


class _Subject(msgspec.Struct, frozen=True):
    digest: dict[str, str] | None = None


class _Statement(msgspec.Struct, frozen=True, rename="camel"):
    payload: str | None = None  # of an envelope
    subject: tuple[_Subject, ...] | None = None
    predicate_type: str | None = None
    predicate: msgspec.Raw = msgspec.Raw()


def read_sbom(content: bytes) -> Sbom:
    """The packages of an SBOM. Raises ValueError, whose text says why it cannot be read."""
    document = _decoded(content, _Document, _NO_SBOM)
    if document.bom_format == "CycloneDX":
        return Sbom("cyclonedx", _named(_components(document.components or ())))
    if document.spdx_version is not None and document.spdx_version.startswith("SPDX-2"):
        return Sbom("spdx", _named(_packages(document.packages or ())))
    raise ValueError(_NO_SBOM)


def read_sbom_statement(content: bytes) -> SbomStatement:
    """The statement, also in a DSSE envelope. Raises ValueError, whose text says why it cannot be read."""
    problem = "it is not an in-toto statement"
    statement = _decoded(content, _Statement, problem)
    if statement.payload is not None:
        try:
            statement = _decoded(base64.b64decode(statement.payload), _Statement, problem)
        except binascii.Error:
            raise ValueError(problem) from None
    if statement.subject is None:
        raise ValueError(problem)
    digests = (item for subject in statement.subject for item in (subject.digest or {}).items())
    return SbomStatement(
        tuple(f"{algorithm}:{value}" for algorithm, value in digests),
        statement.predicate_type or "",
        bytes(statement.predicate),
    )


def _decoded(content: bytes, kind: type[T], problem: str) -> T:
    if content.count(b"{") > MOST_OBJECTS:
        raise ValueError(_TOO_MANY)
    try:
        return msgspec.json.decode(content.removeprefix(_BOM), type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ValueError(problem) from None


def _named(packages: Iterator[SbomPackage]) -> tuple[SbomPackage, ...]:
    return tuple(one for one in packages if one.name or one.purl)


def _packages(packages: tuple[_SpdxPackage, ...]) -> Iterator[SbomPackage]:
    for one in packages:
        purls = (each.reference_locator for each in one.external_refs or () if each.reference_type == "purl")
        yield _package(one.name, one.version_info, next(purls, None))


def _components(components: tuple[_Component, ...]) -> Iterator[SbomPackage]:
    """Each component and then those in it. They may nest as deep as the decoder lets them."""
    waiting = [iter(components)]
    while waiting:
        one = next(waiting[-1], None)
        if one is None:
            waiting.pop()
        elif one.scope != "excluded":
            yield _package(one.name, one.version, one.purl)
            if one.components:
                waiting.append(iter(one.components))


def _package(name: str | None, version: str | None, purl: str | None) -> SbomPackage:
    return SbomPackage((name or "")[:_LONGEST], (version or "")[:_LONGEST], (purl or "")[: 2 * _LONGEST])

"""SPDX 2.3 as JSON (https://spdx.github.io/spdx-spec/v2.3/)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.packages import PackagesContent
from imgtar.report.json_parts import row_parts, struct_parts
from imgtar.report.sbom.bill import Bill, Component, Fact, bill_of
from imgtar.report.sbom.licenses import LIST_VERSION, License

_NO_TIME = "1970-01-01T00:00:00Z"  # the format demands one
_UNKNOWN = "NOASSERTION"
_IMAGE, _BASE, _SYSTEM = "SPDXRef-Image", "SPDXRef-BaseImage", "SPDXRef-OperatingSystem"
_FOREIGN = re.compile(r"[^A-Za-z0-9.]+")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_COMPLETE = "imgtar read everything that it looks for; the annotations say which types of packages that is"
_GONE = "a layer of the image has this package, and the final filesystem does not"
RelationshipType = Literal["DESCRIBES", "CONTAINS", "DESCENDANT_OF", "OTHER"]
_LONGEST = 60  # characters of a name in an identifier


class Annotation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fact without a place of its own in the format; all begin with `imgtar:`."""

    annotation_date: str
    annotation_type: Literal["OTHER"] = "OTHER"
    annotator: str
    comment: str


class Reference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The name of a package elsewhere."""

    reference_category: Literal["PACKAGE-MANAGER"] = "PACKAGE-MANAGER"
    reference_type: Literal["purl"] = "purl"
    reference_locator: str


class Checksum(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A digest, in hexadecimal digits."""

    algorithm: Literal["SHA256"] = "SHA256"
    checksum_value: str


class Package(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The image, its base, its system, or a package. `NOASSERTION`: imgtar does not know."""

    spdx_id: str = msgspec.field(name="SPDXID")
    name: str
    version_info: str | msgspec.UnsetType = msgspec.UNSET
    primary_package_purpose: Literal["CONTAINER", "OPERATING-SYSTEM"] | msgspec.UnsetType = msgspec.UNSET
    download_location: str = _UNKNOWN
    files_analyzed: bool = False
    source_info: str | msgspec.UnsetType = msgspec.UNSET
    license_concluded: str = _UNKNOWN
    license_declared: str = _UNKNOWN
    copyright_text: str = _UNKNOWN
    checksums: Sequence[Checksum] = ()
    external_refs: Sequence[Reference] = ()
    annotations: Sequence[Annotation] = ()


class Relationship(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One element and another."""

    spdx_element_id: str
    relationship_type: RelationshipType
    related_spdx_element: str
    comment: str | msgspec.UnsetType = msgspec.UNSET


class ExtractedLicense(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A license that is stated by a text which is not an expression of SPDX."""

    license_id: str
    extracted_text: str
    comment: str = "the text that the package states as its license, not the license itself"


class Creation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who made the document, and the time of the image."""

    created: str
    creators: Sequence[str]
    license_list_version: str = LIST_VERSION
    comment: str


class Document(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole document."""

    spdx_id: str = msgspec.field(name="SPDXID")
    spdx_version: str
    data_license: str
    name: str
    document_namespace: str
    comment: str
    creation_info: Creation
    packages: Sequence[Package]
    relationships: Sequence[Relationship]
    has_extracted_licensing_infos: Sequence[ExtractedLicense] = ()
    annotations: Sequence[Annotation] = ()


def packages(content: PackagesContent, _settings: TextSettings) -> Iterator[bytes]:
    """The packages of an image as SPDX packages."""
    yield from _Writer(bill_of(content)).written()
    yield b"\n"


class _Writer:
    """Makes one document: identifiers are unique in it."""

    def __init__(self, bill: Bill) -> None:
        self._bill = bill
        self._moment = bill.moment or _NO_TIME
        self._tool = f"Tool: imgtar-{bill.generator}"
        self._ids = dict(zip((one.reference for one in bill.components), _ids(bill.components), strict=True))
        stated = {one.license for one in bill.components if one.license is not None and one.license.expression is None}
        texts = sorted(one.stated for one in stated)
        self._licenses = {text: f"LicenseRef-imgtar-{number}" for number, text in enumerate(texts, 1)}

    def written(self) -> Iterator[bytes]:
        """The document, its lists in pieces."""
        lists = {"packages": row_parts(self._packages), "relationships": row_parts(self._relationships)}
        yield from struct_parts(self._document(), lists)

    def _document(self) -> Document:
        """The document without its lists."""
        bill = self._bill
        lacks = "; ".join(bill.gaps)
        comment = f"This list of packages is incomplete: {lacks}" if lacks else _COMPLETE
        when = "the creation of the image" if bill.moment else "unknown: the image states no time"
        return Document(
            spdx_id="SPDXRef-DOCUMENT",
            spdx_version="SPDX-2.3",
            data_license="CC0-1.0",
            name=bill.name,
            document_namespace=f"https://spdx.org/spdxdocs/imgtar-{bill.identity}",
            comment=comment,
            creation_info=Creation(created=self._moment, creators=(self._tool,), comment=f"The time is {when}."),
            packages=(),
            relationships=(),
            has_extracted_licensing_infos=[
                ExtractedLicense(license_id=name, extracted_text=text) for text, name in self._licenses.items()
            ],
            annotations=self._annotations(bill.facts),
        )

    def _annotations(self, facts: Iterable[Fact]) -> list[Annotation]:
        return [
            Annotation(annotation_date=self._moment, annotator=self._tool, comment=f"imgtar:{name}: {value}")
            for name, value in facts
        ]

    def _packages(self) -> Iterator[Package]:
        bill = self._bill
        digest = bill.digest or ""
        hashed = (Checksum(checksum_value=digest.partition(":")[2]),) if _SHA256.fullmatch(digest) else ()
        yield Package(
            spdx_id=_IMAGE,
            name=bill.name,
            version_info=digest or bill.image_id or msgspec.UNSET,
            primary_package_purpose="CONTAINER",
            checksums=hashed,
            annotations=self._annotations([("image_id", bill.image_id)] if bill.image_id else []),
        )
        if bill.base is not None:
            yield Package(
                spdx_id=_BASE,
                name=bill.base.name,
                version_info=bill.base.digest or msgspec.UNSET,
                primary_package_purpose="CONTAINER",
            )
        if bill.system is not None:
            yield Package(
                spdx_id=_SYSTEM,
                name=bill.system.id,
                version_info=bill.system.version or msgspec.UNSET,
                source_info=bill.system.name or msgspec.UNSET,
                primary_package_purpose="OPERATING-SYSTEM",
            )
        yield from map(self._component, bill.components)

    def _component(self, one: Component) -> Package:
        return Package(
            spdx_id=self._ids[one.reference],
            name=one.name,
            version_info=one.version,
            source_info=f"{one.type} package found at {one.location}",
            license_declared=self._license(one.license),
            external_refs=(Reference(reference_locator=one.purl),),
            annotations=self._annotations((("type", one.type), *one.facts)),
        )

    def _license(self, stated: License | None) -> str:
        if stated is None:
            return _UNKNOWN
        return stated.expression or self._licenses[stated.stated]

    def _relationships(self) -> Iterator[Relationship]:
        bill = self._bill
        yield _related("SPDXRef-DOCUMENT", "DESCRIBES", _IMAGE)
        if bill.base is not None:
            yield _related(_IMAGE, "DESCENDANT_OF", _BASE)
        if bill.system is not None:
            yield _related(_IMAGE, "CONTAINS", _SYSTEM)
        for one in bill.components:
            package = self._ids[one.reference]
            if one.is_gone:
                gone = _related(_IMAGE, "OTHER", package)
                yield msgspec.structs.replace(gone, comment=_GONE)
                continue
            yield _related(_IMAGE, "CONTAINS", package)
            if one.of_base and bill.base is not None:
                yield _related(_BASE, "CONTAINS", package)
            if one.owner is not None:
                yield _related(self._ids[one.owner], "CONTAINS", package)


def _related(element: str, kind: RelationshipType, other: str) -> Relationship:
    return Relationship(spdx_element_id=element, relationship_type=kind, related_spdx_element=other)


def _ids(components: Iterable[Component]) -> Iterator[str]:
    """An identifier for each package, from its type and name and a hash of its reference."""
    seen: Counter[str] = Counter()
    for one in components:
        digest = hashlib.sha256(one.reference.encode()).hexdigest()[:16]
        name = f"SPDXRef-Package-{_FOREIGN.sub('-', f'{one.type}-{one.name}'[:_LONGEST])}-{digest}"
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}-{seen[name]}"

"""CycloneDX 1.6 as JSON (https://cyclonedx.org/docs/1.6/json/), written by hand: no library writes it fast enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Literal

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.packages import PackagesContent
from imgtar.report.json_parts import row_parts, struct_parts
from imgtar.report.sbom.bill import Bill, Component, Fact, bill_of
from imgtar.report.sbom.licenses import License

_BASE, _SYSTEM = "base-image", "operating-system"  # references that no package has


class Property(msgspec.Struct, frozen=True):
    """A fact without a place of its own in the format; all names begin with `imgtar:`."""

    name: str
    value: str


class NamedLicense(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A license by its SPDX identifier, or by any name."""

    id: str | None = None
    name: str | None = None
    acknowledgement: Literal["declared", ""] = ""


class LicenseChoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One license, or an expression of SPDX."""

    license: NamedLicense | None = None
    expression: str | None = None
    acknowledgement: Literal["declared", ""] = ""


class Occurrence(msgspec.Struct, frozen=True):
    """Where the package was found."""

    location: str


class Evidence(msgspec.Struct, frozen=True):
    """What shows that the package is there."""

    occurrences: Sequence[Occurrence]


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A component: the image, its base, its system, or a package."""

    type: Literal["container", "operating-system", "library", "application"]
    bom_ref: str | None = msgspec.field(name="bom-ref", default=None)
    group: str = ""
    name: str
    version: str = ""
    description: str = ""
    scope: Literal["excluded", ""] = ""
    licenses: Sequence[LicenseChoice] = ()
    purl: str = ""
    evidence: Evidence | None = None
    properties: Sequence[Property] = ()


class Tools(msgspec.Struct, frozen=True):
    """The programs that made the document."""

    components: Sequence[Part]


class Lifecycle(msgspec.Struct, frozen=True):
    """When in the life of the image the document was made: from the finished image."""

    phase: Literal["post-build"] = "post-build"


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the document is about."""

    timestamp: str | None = None
    lifecycles: Sequence[Lifecycle]
    tools: Tools
    component: Part
    properties: Sequence[Property] = ()


class Dependency(msgspec.Struct, frozen=True, rename="camel"):
    """What a component consists of or brought; one without a row may depend on anything."""

    ref: str
    depends_on: Sequence[str]


class Composition(msgspec.Struct, frozen=True):
    """Whether a list may lack something; `unknown`: nothing is known to be missing."""

    aggregate: Literal["incomplete", "unknown"]
    assemblies: Sequence[str]
    dependencies: Sequence[str]


class Document(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole document."""

    schema: str = msgspec.field(name="$schema", default="http://cyclonedx.org/schema/bom-1.6.schema.json")
    bom_format: Literal["CycloneDX"] = "CycloneDX"
    spec_version: Literal["1.6"] = "1.6"
    serial_number: str
    version: int = 1
    metadata: Metadata
    components: Sequence[Part]
    dependencies: Sequence[Dependency]
    compositions: Sequence[Composition]


def packages(content: PackagesContent, _settings: TextSettings) -> Iterator[bytes]:
    """The packages of an image as components."""
    bill = bill_of(content)
    document = Document(
        serial_number=f"urn:uuid:{bill.identity}",
        metadata=Metadata(
            timestamp=bill.moment,
            lifecycles=(Lifecycle(),),
            tools=Tools((Part(type="application", name="imgtar", version=bill.generator),)),
            component=_image(bill),
            properties=[*_properties(bill.facts), *(Property("imgtar:incomplete", gap) for gap in bill.gaps)],
        ),
        components=(),
        dependencies=(),
        compositions=(Composition("incomplete" if bill.gaps else "unknown", [_reference(bill)], [_reference(bill)]),),
    )
    lists = {
        "components": row_parts(partial(_components, bill)),
        "dependencies": row_parts(partial(_dependencies, bill)),
    }
    yield from struct_parts(document, lists)
    yield b"\n"


def _properties(facts: Iterable[Fact]) -> tuple[Property, ...]:
    return tuple(Property(f"imgtar:{name}", value) for name, value in facts)


def _reference(bill: Bill) -> str:
    return bill.image_id or "image"


def _image(bill: Bill) -> Part:
    facts = (("image_id", bill.image_id), ("manifest_digest", bill.digest or ""))
    return Part(
        type="container",
        bom_ref=_reference(bill),
        name=bill.name,
        version=bill.digest or bill.image_id,
        properties=_properties(fact for fact in facts if fact[1]),
    )


def _components(bill: Bill) -> Iterator[Part]:
    if bill.base is not None:
        yield Part(type="container", bom_ref=_BASE, name=bill.base.name, version=bill.base.digest)
    if bill.system is not None:
        system = bill.system
        yield Part(
            type="operating-system", bom_ref=_SYSTEM, name=system.id, version=system.version, description=system.name
        )
    yield from map(_package, bill.components)


def _package(component: Component) -> Part:
    group, name = "", component.name
    if component.type == "java":
        group, _, name = component.name.rpartition(":")
    return Part(
        type="library",
        bom_ref=component.reference,
        group=group,
        name=name,
        version=component.version,
        scope="excluded" if component.is_gone else "",
        licenses=() if component.license is None else (_license(component.license),),
        purl=component.purl,
        evidence=Evidence((Occurrence(component.location),)),
        properties=_properties((("type", component.type), *component.facts)),
    )


def _license(stated: License) -> LicenseChoice:
    if stated.is_id:
        return LicenseChoice(license=NamedLicense(id=stated.expression, acknowledgement="declared"))
    if stated.expression is not None:
        return LicenseChoice(expression=stated.expression, acknowledgement="declared")
    return LicenseChoice(license=NamedLicense(name=stated.stated, acknowledgement="declared"))


def _dependencies(bill: Bill) -> Iterator[Dependency]:
    """The image has its base, its system and its packages; the base the packages of its layers; a package what it
    brought. Packages that are gone belong to nothing.

    A row without references would say that there are none.
    """
    below: dict[str, list[str]] = defaultdict(list)
    image = _reference(bill)
    if bill.base is not None:
        below[image].append(_BASE)
    if bill.system is not None:
        below[image].append(_SYSTEM)
    for one in bill.components:
        if not one.is_gone:
            of_base = one.of_base and bill.base is not None
            below[one.owner or (_BASE if of_base else image)].append(one.reference)
    for reference, references in below.items():
        yield Dependency(reference, references)

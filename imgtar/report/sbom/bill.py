"""What an SBOM says of an image in both formats: its packages, where they come from, and what the list may lack.

Text of the image is escaped here (`imgtar.text`): other programs show an SBOM. The same image and the same options
give the same bill: its identity is made from the ID of the image, and its time is the image's own.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from imgtar.contract.envelope import FindingRow
from imgtar.contract.packages import THERE, CoverageRow, PackageRow, PackagesContent
from imgtar.report.sbom.licenses import License, license_of
from imgtar.report.words.base import base_name
from imgtar.text import cut, escape_lines, escape_stored, neutralise

_LONGEST_STEP = 200  # columns of an instruction: it stands at each package of its layer
_MOST_FINDINGS = 20  # that say what the list may lack
_UNNAMED = ("unknown image", "root filesystem")
Fact = tuple[str, str]  # a name and its value


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A package; `reference` is its own in the bill. `license` is None where none is stated.

    `facts` say where it comes from. `owner` is the reference of the package of the system that brought it. `is_gone`: a
    later layer upgrades or removes it. `of_base`: a layer of the base image installs it.
    """

    reference: str
    type: str
    name: str
    version: str
    purl: str
    license: License | None
    location: str
    facts: Sequence[Fact]
    owner: str | None
    of_base: bool
    is_gone: bool


class BaseImage(msgspec.Struct, frozen=True):
    """The base image by its name, or its digest where it has no name; the digest may be empty."""

    name: str
    digest: str


class System(msgspec.Struct, frozen=True):
    """The operating system, as os-release names it."""

    id: str
    version: str
    name: str


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """An image and its packages.

    `image_id` is empty where nobody knows it, and of a root filesystem. `digest` is that of the manifest, `moment` the
    time of creation in UTC and seconds; None where the archive states none. `facts` are about the image and about what
    was read. `gaps` say what the list may lack: without one, everything that imgtar looks for was read.
    """

    generator: str
    identity: uuid.UUID
    name: str
    image_id: str
    digest: str | None
    moment: str | None
    system: System | None
    base: BaseImage | None
    components: Sequence[Component]
    facts: Sequence[Fact]
    gaps: Sequence[str]


def bill_of(content: PackagesContent) -> Bill:
    """The bill of the packages that are there; with `deleted` also of those that a later layer upgrades or removes."""
    document, image = content.document, content.image
    image_id = neutralise(document.image or "")
    choices = list(_choices(content))
    added = ("deleted",) if content.deleted else ()
    names = () if image is None else image.names
    components = tuple(_components(content))
    subject = image_id or hashlib.sha256("\n".join(one.reference for one in components).encode()).hexdigest()
    return Bill(
        generator=document.generator.version,
        identity=uuid.uuid5(uuid.NAMESPACE_URL, ":".join(("urn:imgtar:sbom", subject, *choices, *added))),
        name=neutralise(names[0]) if names else image_id or _UNNAMED[document.source.form == "rootfs"],
        image_id=image_id,
        digest=None if image is None else image.manifest_digest,
        moment=None if image is None else _moment(image.created),
        system=_system(content),
        base=_base_image(content),
        components=components,
        facts=tuple(_image_facts(content)),
        gaps=(*choices, *_unread(document.coverage), *_harm(document.findings)),
    )


def _choices(content: PackagesContent) -> Iterator[str]:
    """What the options leave out."""
    document = content.document
    if document.layer is not None:
        yield f"only packages that layer {document.layer} installs are listed"
    if document.upto is not None:
        yield f"only layers 0 to {document.upto} were read"
    if document.base_layers:
        yield f"packages of the base image are left out: layers below {document.base_layers}"
    if content.left_out:
        yield f"packages of these types were not looked for: {', '.join(content.left_out)}"


def _unread(coverage: Iterable[CoverageRow]) -> Iterator[str]:
    """The databases that were found and not read."""
    for row in coverage:
        place = "" if row.database is None else f" ({neutralise(row.database)})"
        if row.state == "unreadable":
            yield f"packages of type {row.type} may be missing: a database could not be read{place}"
        elif row.state == "unsupported":
            yield f"packages of type {row.type} are missing: imgtar does not read them{place}"


def _harm(findings: Sequence[FindingRow]) -> Iterator[str]:
    """What was not read of the archive, and the programs that are too large."""
    about = [one for one in findings if one.effect != "none" or one.code == "packages.large-program"]
    for one in about[:_MOST_FINDINGS]:
        layer = "" if one.where.layer is None else f"layer {one.where.layer}: "
        yield neutralise(f"{layer}{one.message} ({one.code})")
    if len(about) > _MOST_FINDINGS:
        yield f"{len(about) - _MOST_FINDINGS} more problems"


def _moment(created: str | None) -> str | None:
    """A stored time as both formats write it; None for what is not a time, and for Go's zero time."""
    try:
        moment = datetime.fromisoformat(created or "")
        if moment.tzinfo is None:
            return None
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return None if moment.year == 1 else f"{moment.isoformat(timespec='seconds')}Z"


def _system(content: PackagesContent) -> System | None:
    system = content.document.os
    if system is None or system.id is None:
        return None
    return System(*(neutralise(text or "") for text in (system.id, system.version_id, system.pretty_name)))


def _base_image(content: PackagesContent) -> BaseImage | None:
    """The base image where somebody says which one it is."""
    base = content.document.base
    if base is None or not base_name(base):
        return None
    return BaseImage(neutralise(base_name(base)), neutralise(base.digest or ""))


def _image_facts(content: PackagesContent) -> Iterator[Fact]:
    document, image = content.document, content.image
    if image is not None:
        for name in image.names:
            yield "name", neutralise(name)
        platform = (image.platform.os, image.platform.architecture, image.platform.variant)
        yield "platform", neutralise("/".join(part for part in platform if part))
    for row in document.coverage:
        place = "" if row.database is None else f" {neutralise(row.database)}"
        yield f"coverage:{row.type}", f"{row.state}{place}"
    yield "unowned_bytes", str(document.totals.unowned_bytes)


def _components(content: PackagesContent) -> Iterator[Component]:
    """The packages in the order of the report, each with a reference of its own."""
    rows = content.document.packages
    base = content.document.base
    is_known = base is not None and base.confidence != "guess"
    base_facts = [("base_image", neutralise(base_name(base) or "unnamed"))] if base is not None and is_known else []
    references = list(_references(rows))
    licenses = {stated: license_of(neutralise(stated)) for stated in {row.license for row in rows} if stated}
    steps = list(_steps(content))
    for number, row in enumerate(rows):
        of_base = row.base and is_known
        owner = content.owners.get(number)
        if _is_listed(row, content):
            yield Component(
                reference=references[number],
                type=row.type,
                name=neutralise(row.name),
                version=neutralise(row.version),
                purl=row.purl,
                license=licenses.get(row.license),
                location=escape_stored(row.location, row.location_b64),
                facts=(*steps[row.installed_in], *(base_facts if of_base else ()), *_facts(row)),
                owner=references[owner] if owner is not None and _is_listed(rows[owner], content) else None,
                of_base=of_base,
                is_gone=not _is_there(row),
            )


def _is_listed(row: PackageRow, content: PackagesContent) -> bool:
    layer = content.document.layer
    return (content.deleted or _is_there(row)) and (layer is None or row.installed_in == layer)


def _is_there(row: PackageRow) -> bool:
    return row.state in THERE


def _references(rows: Iterable[PackageRow]) -> Iterator[str]:
    """The purl of each package, with a number where several share it: a purl has no `#`, unless it names a file."""
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row.purl] += 1
        yield row.purl if seen[row.purl] == 1 else f"{row.purl}#{seen[row.purl]}"


def _steps(content: PackagesContent) -> Iterator[Sequence[Fact]]:
    """What each layer says of the packages that it installs: its number, its diffID and its instruction."""
    layers = [] if content.image is None else content.image.layers
    for layer, step in zip(layers, content.steps, strict=True):
        facts = [("layer", str(layer.index))]
        if layer.diff_id is not None:
            facts.append(("diff_id", neutralise(layer.diff_id)))
        if step:
            facts.append(("instruction", cut(escape_lines(step), _LONGEST_STEP)))
        yield facts


def _facts(row: PackageRow) -> Iterator[Fact]:
    """What the row says of the package alone."""
    if row.state != "installed":
        yield "state", row.state
    if row.removed_in is not None:
        yield "removed_in", str(row.removed_in)
    if row.upgraded_from is not None:
        yield "upgraded_from", neutralise(row.upgraded_from)
    if row.source and row.source != row.name:
        yield "source", neutralise(row.source)
    if row.owner is not None:
        yield "owner", neutralise(row.owner)
    yield "owned_bytes", str(row.bytes.owned)

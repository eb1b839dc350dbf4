"""Images with SBOMs about them, and the comparison of both, as `packages --compare-attested` makes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import UNSET

from imgtar.contract.packages import ClaimsReport, PackagesReport
from imgtar.limits import DEFAULT, Limits
from tests.answers.inventories import asked, dpkg
from tests.builders import Layout, document, file, layer
from tests.packages.programs import jar, properties

STATEMENT = "application/vnd.in-toto+json"
SPDX, CYCLONEDX = "https://spdx.dev/Document", "https://cyclonedx.org/bom"


def spdx(*purls: str, **unnamed: str) -> dict[str, Any]:
    """An SPDX document with a package for each purl, and packages without one as `name=version`."""
    packages: list[dict[str, Any]] = [{"name": name, "versionInfo": version} for name, version in unnamed.items()]
    for number, purl in enumerate(purls):
        reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
        packages.append({"SPDXID": f"SPDXRef-{number}", "name": "?", "externalRefs": [reference]})
    return {"spdxVersion": "SPDX-2.3", "packages": packages}


def cyclonedx(*purls: str) -> dict[str, Any]:
    """A CycloneDX document with a component for each purl."""
    components = [{"type": "library", "name": "?", "purl": purl} for purl in purls]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}


def attested_layout(
    layers: Sequence[bytes], *sboms: object, subject: str | None = None, predicate_type: str = SPDX
) -> Layout:
    """A layout of an image with a statement for each SBOM; `subject` is another one than the manifest of the image."""
    layout = Layout()
    image = layout.add_image(layers)
    about = {"name": "_", "digest": {"sha256": subject or image["digest"].partition(":")[2]}}
    blobs = []
    for sbom in sboms:
        statement = {"predicateType": predicate_type, "subject": [about], "predicate": sbom}
        annotations = {"in-toto.io/predicate-type": predicate_type}
        blobs.append(layout.add(document(statement), STATEMENT, annotations=annotations))
    layout.manifests += [image, *([layout.add_attestation(image, blobs)] if blobs else [])]
    return layout


def compared(archive: bytes | list[bytes], folder: Path, limits: Limits = DEFAULT, **choice: Any) -> PackagesReport:
    """The report with its comparison."""
    return asked(archive, folder, limits, compares=True, sbom_files=True, **choice)


def claims(archive: bytes | list[bytes], folder: Path, **choice: Any) -> ClaimsReport:
    """The comparison alone."""
    found = compared(archive, folder, **choice).attested
    assert found is not UNSET
    return found


def differences(report: ClaimsReport) -> list[tuple[str, str, str, str, str]]:
    """Kind, type, name, and the versions of both sides with commas between."""
    return [(row.kind, row.type, row.name, ",".join(row.claimed), ",".join(row.found)) for row in report.differences]


def json_file(value: object) -> bytes:
    """The content of a file."""
    return json.dumps(value).encode()


# The image of which syft 1.18.1 wrote tests/fixtures/packages/syft.spdx.json and syft.cdx.json.
SCANNED = [
    layer(
        file("etc/os-release", b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n'),
        dpkg("libc6=2.36-9+deb12u4", "passwd=1:4.13+dfsg1-1", "a+b=0~git1"),
        file("usr/lib/python3/x/Zope_Interface-5.0.dist-info/METADATA", b"Name: Zope_Interface\nVersion: 5.0\n\n"),
        file("usr/lib/python3/x/Zope_Interface-5.0.dist-info/RECORD", b""),
        file("app/node_modules/@scope/name/package.json", b'{"name":"@scope/name","version":"1.0.0-rc.1"}'),
        file("app/node_modules/name/package.json", b'{"name":"name","version":"2.0.0"}'),
        file("app/lib/x-1.jar", jar([("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\n"), properties("g", "x", "1")])),
    )
]

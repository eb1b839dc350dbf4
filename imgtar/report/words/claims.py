"""The sentences about SBOMs that are compared with the files of an image."""

from __future__ import annotations

from imgtar.contract.packages import ClaimsReport, SbomRow
from imgtar.report.words.image import counted, short
from imgtar.text import escape, escape_stored

_STATES = {
    "absent": "not in the archive",
    "unreadable": "cannot be read",
    "other-subject": "about another image, not compared",
}


def verdict_words(attested: ClaimsReport) -> str:
    """`the SBOM names other packages than the files: 2 not in the files, 1 in another version; 104 the same`."""
    read = sum(row.state == "read" for row in attested.sboms)
    who, verb = ("the SBOM", "names") if read == 1 else (f"the {read:,} SBOMs", "name")
    counts = attested.counts
    if attested.equal:
        return f"{who} {verb} the packages that the files name: {counts.same:,} in the same versions"
    parts = [
        (counts.not_found, "not in the files"),
        (counts.not_claimed, "not in the SBOM" if read == 1 else "in no SBOM"),
        (counts.other_version, "in another version"),
    ]
    differing = ", ".join(f"{count:,} {what}" for count, what in parts if count)
    return f"{who} {verb} other packages than the files: {differing}; {counts.same:,} the same"


def sbom_words(row: SbomRow, *, ascii_only: bool = False) -> str:
    """`attestation 5f70bf18a086: SPDX, 107 packages`; escaped."""
    name = escape(short(row.digest) or "", ascii_only=ascii_only)
    if row.path is not None:
        name = escape_stored(row.path, row.path_b64, ascii_only=ascii_only)
    if row.state != "read":
        return f"{row.source} {name}: {_STATES[row.state]}"
    form = "CycloneDX" if row.format == "cyclonedx" else "SPDX"
    return f"{row.source} {name}: {form}, {counted(row.packages, 'package')}"


def uncompared_words(attested: ClaimsReport, *, ascii_only: bool = False) -> str:
    """`not compared: 3 without a purl, 2 github`; escaped, empty where everything is compared."""
    named = (
        f"{row.packages:,} {'without a purl' if row.type is None else escape(row.type, ascii_only=ascii_only)}"
        for row in attested.uncompared
    )
    words = ", ".join(named)
    return f"not compared: {words}" if words else ""

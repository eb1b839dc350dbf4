"""What a report about one of several archives says in one line."""

from __future__ import annotations

from msgspec import UNSET

from imgtar.contract.content import AuditContent, CheckContent, InspectContent, VerifyContent
from imgtar.contract.packages import PackagesContent
from imgtar.report.words.check import verdict_words
from imgtar.report.words.claims import verdict_words as claims_words
from imgtar.report.words.condition import condition
from imgtar.report.words.image import counted, image_name, severity_words
from imgtar.text import escape, human_size


def inspect_words(content: InspectContent) -> str:
    """`mysql:latest, 1.54 MB in 10 layers; and 1 more image`."""
    images = content.document.images
    if not images:
        return "no image"
    first = images[0]
    words = f"{escape(image_name(first))}, {human_size(first.totals.content_size)} in "
    words += counted(len(first.layers), "layer")
    return words if len(images) == 1 else f"{words}; and {counted(len(images) - 1, 'more image')}"


def verify_words(content: VerifyContent) -> str:
    """`every digest verified; mysql:latest, 1.54 MB in 10 layers`."""
    state = condition(content.document)
    return f"{'every digest verified' if state.verified else state.title.lower()}; {inspect_words(content)}"


def audit_words(content: AuditContent) -> str:
    """`findings: 1 high, 3 low`."""
    return f"findings: {severity_words(content.document)}"


def check_words(content: CheckContent) -> str:
    """`2 of 5 gates failed`."""
    return verdict_words(content.document)


def packages_words(content: PackagesContent) -> str:
    """`312 packages, 45.1 MB`, or what a comparison with SBOMs said."""
    if content.document.attested is not UNSET:
        return claims_words(content.document.attested)
    totals = content.document.totals
    return f"{counted(totals.packages, 'package')}, {human_size(totals.owned_bytes)}"


def packages_note(content: PackagesContent) -> str:
    """`no database of packages found; looked for deb, apk`; empty where there is one, or SBOMs are compared."""
    if content.document.attested is not UNSET:
        return ""
    rows = content.document.coverage
    absent = [row.type for row in rows if row.state == "absent"]
    return (
        f"no database of packages found; looked for {', '.join(absent)}" if absent and len(absent) == len(rows) else ""
    )

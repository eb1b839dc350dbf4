"""`packages --compare-attested`: the SBOMs that are about an image, and what they claim beside what its files say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from imgtar.analysis.inventory.claims import Claimed, Difference, Found, compare
from imgtar.analysis.inventory.lives import Life
from imgtar.analysis.inventory.problems import UNREADABLE_SBOM
from imgtar.analysis.inventory.sbom_files import SbomFile, sbom_files, unread_sbom_files
from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.finding_rows import sentence
from imgtar.answers.session import Session
from imgtar.archive.archive import Archive
from imgtar.archive.attestations import AttachedSbom, attached, sboms
from imgtar.audit.rules.attestations import other_subject
from imgtar.contract.packages import ClaimCounts, ClaimRow, ClaimsReport, SbomRow, SbomSource, UncomparedRow
from imgtar.errors import ImgtarError, InputError, LimitError
from imgtar.findings import Effect, Finding, Where
from imgtar.formats.sbom_packages import Sbom, SbomStatement, read_sbom, read_sbom_statement
from imgtar.image.image import ImageOutline
from imgtar.limits import LimitReached, Limits
from imgtar.text import json_text

_PER_CLAIM = 200  # bytes that a package of an SBOM takes while it is compared


class Attested(msgspec.Struct, frozen=True):
    """The SBOMs that are about the image, and what those that could be read claim."""

    sboms: tuple[SbomRow, ...]
    claims: tuple[Claimed, ...]


class _Gathering:
    """The SBOMs one after the other, each with what it claims; `findings` say why one is not used."""

    def __init__(self, archive: Archive, image: ImageOutline, limits: Limits) -> None:
        self.findings: list[Finding] = []
        self._archive = archive
        self._manifest = None if image.record.manifest_digest is None else str(image.record.manifest_digest)
        self._limits = limits
        self._left = limits.package_list_bytes
        self._sboms: list[SbomRow] = []
        self._claims: list[Claimed] = []

    def attached(self) -> None:
        """Those that are attached to the manifest of the image."""
        for record in attached(self._archive).get(self._manifest or "", ()):
            for one in sboms(record, self._archive, self._left):
                self._left -= len(one.content or b"")
                row = self._attached(one, "attestation" if one.is_statement else "referrer")
                self._sboms += [] if row is None else [row]

    def file(self, file: SbomFile) -> None:
        """One that lies in the image."""
        path, b64 = json_text(b"/" + file.path)
        row = SbomRow(source="file", path=path, path_b64=b64, layer=file.layer, state="unreadable")
        where = Where(image=0, layer=file.layer, path=file.path)
        self._sboms.append(self._read(row, file.content, where, path))

    def finish(self) -> Attested:
        return Attested(tuple(self._sboms), tuple(self._claims))

    def _attached(self, one: AttachedSbom, source: SbomSource) -> SbomRow | None:
        """The row of an attached SBOM; None for a statement about something else than an SBOM."""
        row = SbomRow(source=source, digest=one.digest, state="absent" if one.finding is None else "unreadable")
        if one.content is None:
            self.findings += [] if one.finding is None else [one.finding.within(image=0)]
            return row
        where = Where(image=0)
        if not one.is_statement:
            return self._read(row, one.content, where, one.digest)
        try:
            statement = read_sbom_statement(one.content)
        except ValueError as problem:
            return self._unread(row, where, one.digest, str(problem))
        if not statement.is_sbom:
            return None
        return self._stated(row, statement, where)

    def _stated(self, row: SbomRow, statement: SbomStatement, where: Where) -> SbomRow:
        if self._manifest not in statement.subjects:
            self.findings.append(other_subject(where, statement.predicate_type, statement.subjects))
            return msgspec.structs.replace(row, state="other-subject")
        return self._read(row, statement.predicate, where, row.digest or "")

    def _read(self, row: SbomRow, content: bytes, where: Where, name: str) -> SbomRow:
        try:
            sbom: Sbom = read_sbom(content)
        except ValueError as problem:
            return self._unread(row, where, name, str(problem))
        if (taken := _PER_CLAIM * len(sbom.packages)) > self._left:
            limit = LimitReached("package-list-bytes", self._limits.package_list_bytes, where)
            self.findings.append(limit.finding())
            return msgspec.structs.replace(row, state="unreadable")
        self._left -= taken
        self._claims += (Claimed(package, len(self._sboms)) for package in sbom.packages)
        return msgspec.structs.replace(row, state="read", format=sbom.format, packages=len(sbom.packages))

    def _unread(self, row: SbomRow, where: Where, name: str, problem: str) -> SbomRow:
        self.findings.append(UNREADABLE_SBOM.at(where, name=name, problem=problem))
        return msgspec.structs.replace(row, state="unreadable")


def attested_work(session: Session, image: ImageOutline, stacked: StackedImage, limits: Limits) -> Attested:
    """Reads the SBOMs that are about the image. What is wrong with one is a finding of the session.

    Raises InputError where none can be used, and LimitError where a limit is the reason.
    """
    gathering = _Gathering(session.archive, image, limits)
    gathering.attached()
    for file in sbom_files(stacked):
        gathering.file(file)
    gathering.findings += (finding.within(image=0) for finding in unread_sbom_files(stacked, limits))
    found = gathering.finish()
    if not any(row.state == "read" for row in found.sboms):
        raise _nothing_to_compare(found.sboms, gathering.findings)
    session.note(gathering.findings)
    return found


def _nothing_to_compare(rows: Iterable[SbomRow], findings: Iterable[Finding]) -> ImgtarError:
    nothing = "there is no SBOM to compare with"
    limit = next((finding for finding in findings if finding.effect is Effect.LIMIT), None)
    if limit is not None:
        return LimitError("input.sbom", f"{nothing}: {sentence(limit)}")
    return InputError(
        "input.sbom",
        f"{nothing}: {_absence(rows)}",
        "build with --sbom=true and keep the image in an OCI archive, or attach an SBOM with imgtar attach",
    )


def _absence(rows: Iterable[SbomRow]) -> str:
    """In words, why no SBOM is there: by the first that could not be used."""
    first = next(iter(rows), None)
    if first is None:
        return "none is attached to the image, and none lies in /var/lib/db/sbom or /opt/bitnami"
    what = "an SBOM in the image" if first.source == "file" else "the SBOM that is attached to the image"
    if first.state == "absent":
        return f"{what} is not in the archive"
    return f"{what} is about another image" if first.state == "other-subject" else f"{what} cannot be read"


def claims_report(attested: Attested, lives: Iterable[Life], types: Collection[str]) -> ClaimsReport:
    """The comparison with the packages that are there."""
    found = (Found(life.format.type, life.package.name, life.package.version) for life in lives if life.is_there)
    comparison = compare(found, attested.claims, types)
    rows = list(_rows(comparison.differences))
    kinds = [row.kind for row in rows]
    return ClaimsReport(
        equal=not rows,
        sboms=list(attested.sboms),
        counts=ClaimCounts(
            claimed=comparison.claimed,
            found=comparison.found,
            same=comparison.same,
            not_found=kinds.count("not-found"),
            not_claimed=kinds.count("not-claimed"),
            other_version=kinds.count("version"),
        ),
        uncompared=[UncomparedRow(type=name or None, packages=count) for name, count in comparison.uncompared.items()],
        differences=rows,
    )


def _rows(differences: Iterable[Difference]) -> Iterator[ClaimRow]:
    for one in differences:
        yield ClaimRow(
            kind=one.kind,
            type=one.type,
            name=one.name,
            claimed=list(one.claimed),
            found=list(one.found),
            sboms=list(one.sboms),
        )

"""What `report` says of an archive: inspection, packages, verification, audit and gates, from one reading of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from imgtar.analysis.inventory.inventory import Inventory, inventory_of
from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.audit import AuditSettings, audit_content
from imgtar.answers.base import own_from
from imgtar.answers.check import check_content
from imgtar.answers.filters import Filtered
from imgtar.answers.image import layer_sentences
from imgtar.answers.packages import package_summary
from imgtar.answers.redaction import layer_steps, redacted_advice, redacted_layer, redacted_packages, redacted_waste
from imgtar.answers.session import Session
from imgtar.audit.packaged import is_every_database_read
from imgtar.contract.content import ReportContent
from imgtar.contract.inspect import Image
from imgtar.contract.judgements import AuditReport, CheckReport
from imgtar.contract.report import AuditTerms, GateResults, PackageSummary, ReportImage, WholeReport
from imgtar.contract.verification import ImageChecks
from imgtar.findings import Finding
from imgtar.gates.baseline import BaselineImage
from imgtar.limits import Limits
from imgtar.packages.inventories import TYPES
from imgtar.policy.policy import Policy
from imgtar.report.words.verification import byte_kinds, outside_members

_LARGEST_WASTE = 10
_TOO_LARGE = "limit.package-list-bytes"


def report_work(session: Session, limits: Limits) -> Mapping[str, object]:
    """The packages of each image, whose findings are then among those of the session."""
    return {"packages": list(_packages(session, limits))}


def _packages(session: Session, limits: Limits) -> Iterator[PackageSummary]:
    """Images with the same layers have the same packages, which are read once."""
    known: dict[tuple[int, ...], PackageSummary] = {}
    for number, image in enumerate(session.images):
        base = session.bases[number]
        key = (*(id(layer.scan) for layer in image.layers), own_from(base))
        if key not in known:
            stacked = session.stacked(number)
            inventory = inventory_of(stacked, TYPES, limits)
            session.note(finding.within(image=number) for finding in _untold(inventory, stacked))
            known[key] = redacted_packages(package_summary(stacked, base, inventory))
        yield known[key]


def _untold(inventory: Inventory, stacked: StackedImage) -> Iterator[Finding]:
    """The findings of an inventory without those that the audit has, too: that a layer has too large databases."""
    scans = stacked.tree.scans
    for finding in inventory.findings:
        scan = None if finding.where.layer is None else scans[finding.where.layer]
        told = scan is not None and not is_every_database_read(scan.answers)
        if finding.code != _TOO_LARGE or not told:
            yield finding


def report_content(
    session: Session,
    filtered: Filtered,
    settings: AuditSettings,
    policy: Policy,
    packages: Sequence[PackageSummary],
    earlier: Sequence[BaselineImage] = (),
) -> ReportContent:
    """The whole report, without a secret in full. `earlier` is what `--baseline` of the configuration holds."""
    audited = audit_content(session, filtered, settings)
    check = check_content(session, filtered, policy, earlier).document if policy.has_gate else None
    inspected, checks, ranges = audited.report, session.checks(), session.ranges()
    images = [_shown(image) for image in inspected.images]
    document = WholeReport(
        **session.envelope.envelope(),
        config=audited.document.config,
        gates=None if check is None else _gates(check),
        images=[_image(*parts) for parts in zip(images, packages, checks, strict=True)],
        bytes=None if ranges is None else byte_kinds(ranges),
        audit=_terms(audited.document),
        findings=inspected.findings,
        ignored=inspected.ignored,
    )
    return ReportContent(
        document=document,
        inspected=msgspec.structs.replace(inspected, images=images),
        check=check,
        explanations=audited.explanations,
        layer_sentences=layer_sentences(inspected.images),
        steps=[layer_steps(number, image) for number, image in enumerate(inspected.images)],
        outside=outside_members(ranges or ()),
    )


def _shown(image: Image) -> Image:
    """The image without long lists, and without secrets in what is left; the steps of its layers stand elsewhere."""
    return msgspec.structs.replace(
        image,
        layers=[redacted_layer(layer) for layer in image.layers],
        history=[],
        waste=redacted_waste(image.waste_rows[:_LARGEST_WASTE]),
        waste_groups=redacted_waste(image.waste_group_rows),
        advice=redacted_advice(image.advice_rows),
    )


def _image(image: Image, packages: PackageSummary, checks: ImageChecks) -> ReportImage:
    return ReportImage(
        names=image.names,
        id=image.id,
        manifest_digest=image.manifest_digest,
        platform=image.platform,
        created=image.created,
        base=image.base,
        totals=image.totals,
        dive=image.dive,
        layers=image.layers,
        waste_groups=image.waste_group_rows,
        largest_waste=image.waste_rows,
        advice=image.advice_rows,
        packages=packages,
        verification=checks,
    )


def _gates(check: CheckReport) -> GateResults:
    return GateResults(passed=check.passed, own=check.own, images=check.images, rules=check.rules)


def _terms(audit: AuditReport) -> AuditTerms:
    return AuditTerms(judged_on=audit.judged_on, ignore_file=audit.ignore_file, ignores=audit.ignores)

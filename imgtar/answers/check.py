"""What `check` says of an archive: the verdicts of the gates as rows of the report."""

from __future__ import annotations

import os
from collections.abc import Sequence

import msgspec

from imgtar.analysis.base.base import Base, gate_layers
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.finding_rows import explanations, filled
from imgtar.answers.redaction import redacted_findings, redacted_path, redacted_report
from imgtar.answers.session import Session
from imgtar.audit.secrets.redaction import redact_known
from imgtar.contract.content import CheckContent
from imgtar.contract.envelope import FindingRow
from imgtar.contract.inspect import Image
from imgtar.contract.judgements import BaseCounted, CauseRow, CheckBase, CheckImage, CheckReport, CheckRule
from imgtar.findings import NOWHERE, Severity
from imgtar.gates.baseline import BaselineImage
from imgtar.gates.evaluation import evaluate
from imgtar.gates.verdict import Cause, Verdict
from imgtar.policy.policy import Policy
from imgtar.text import json_text


def check_content(
    session: Session,
    filtered: Filtered,
    policy: Policy,
    earlier: Sequence[BaselineImage] = (),
) -> CheckContent:
    """The verdicts of the policy. `earlier` is what `--baseline` holds."""
    inspected, filtered = redacted_report(session.document), redacted_findings(filtered)
    own_from = [gate_layers(image, base) for image, base in zip(session.images, session.bases, strict=True)]
    counting = [*filtered.shown, *filtered.hidden]
    severities = [Severity(row.severity) for row in counting]
    verdicts = evaluate(policy.gates, session.measured(), own_from, severities, earlier, own=policy.own)
    sound = inspected.complete and inspected.integrity != "failed"
    document = CheckReport(
        **fields_of(session.envelope, filtered),
        passed=sound and all(verdict.passed for verdict in verdicts),
        rules=[rule_row(verdict, counting, several=len(own_from) > 1) for verdict in verdicts],
        own=policy.own,
        config=None if policy.file is None else json_text(os.fsencode(policy.file))[0],
        images=[
            _image(image, base, layers)
            for image, base, layers in zip(inspected.images, session.bases, own_from, strict=True)
        ],
    )
    report = msgspec.structs.replace(inspected, findings=filtered.shown, ignored=filtered.ignored)
    return CheckContent(document=document, report=report, explanations=explanations(session.findings))


def _image(image: Image, base: Base | None, layers: int) -> CheckImage:
    return CheckImage(
        names=image.names,
        id=image.id,
        platform=image.platform,
        base=CheckBase(layers=layers, source=_source(base, layers), found=image.base),
    )


def _source(base: Base | None, layers: int) -> BaseCounted:
    """What says how many layers count as the base."""
    if base is None or base.layers is None or base.confidence == "guess":
        return "history" if layers else "none"
    if base.by == "given":
        return "--base-image" if base.confidence == "exact" else "--base"
    return "label" if base.by == "label" or base.named_by != "provenance" else "provenance"


def rule_row(verdict: Verdict, findings: Sequence[FindingRow] = (), *, several: bool = False) -> CheckRule:
    """The verdict as a row; `findings` are those that causes number, of `several` images or one."""
    return CheckRule(
        rule=verdict.rule,
        image=verdict.image,
        passed=verdict.passed,
        value=verdict.value,
        limit=_stated(verdict.limit) if isinstance(verdict.limit, str) else verdict.limit,
        unit=verdict.unit,
        causes=[_cause(cause, findings, several=several) for cause in verdict.causes],
    )


def _stated(limit: str) -> str:
    """The text of an option or of the configuration; what is not UTF-8 in it is `\\xNN`."""
    return json_text(os.fsencode(limit))[0]


def _cause(cause: Cause, findings: Sequence[FindingRow], *, several: bool) -> CauseRow:
    if cause.finding is not None:
        row = findings[cause.finding]
        where = row.where
        return CauseRow(
            message=row.message,
            code=row.code,
            image=where.image if several else None,
            layer=where.layer,
            path=where.path,
            path_b64=where.path_b64,
        )
    path, path_b64 = (None, None) if cause.path is None else redacted_path(*json_text(b"/" + cause.path))
    return CauseRow(
        message=redact_known(filled(cause.sentence, cause.arguments, NOWHERE)),
        layer=cause.layer,
        path=path,
        path_b64=path_b64,
        bytes=cause.size,
    )

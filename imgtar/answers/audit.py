"""What `audit` says of an archive, and which rules there are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from imgtar.answers.envelope import GENERATOR, fields_of
from imgtar.answers.filters import Filtered, IgnoreRule
from imgtar.answers.finding_rows import explanations
from imgtar.answers.redaction import named_steps, redacted_findings, redacted_report
from imgtar.answers.session import Session
from imgtar.audit.auditor import RULE_FAMILIES
from imgtar.contract.content import AuditContent, RulesContent
from imgtar.contract.judgements import AuditImage, AuditReport, IgnoreRow, RuleRow, RulesReport
from imgtar.errors import UsageError
from imgtar.globs import BadGlob, Globs
from imgtar.policy.ignores import Ignore
from imgtar.text import json_text


class AuditSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of an audit: the day to judge on, the configuration file, and the ignore file with its rules.

    `all_places`: secrets in tests, examples and the like keep their severity. `kingfisher`: Kingfisher searches for
    secrets too. `packaged`: what looks like a secret in the files of packages is listed.
    """

    judged_on: date
    all_places: bool = False
    kingfisher: bool = False
    packaged: bool = False
    config: str | None = None
    ignore_file: str | None = None
    ignores: tuple[Ignore, ...] = ()

    def rules(self) -> Iterator[IgnoreRule]:
        """What the ignore file leaves out on that day, for the end of a filter. Raises UsageError for a bad pattern."""
        for number, ignore in enumerate(self.ignores, 1):
            if not ignore.is_expired(self.judged_on):
                try:
                    paths = None if ignore.path is None else Globs([ignore.path])
                except BadGlob as problem:
                    place = f"{self.ignore_file}: ignore {number}"
                    raise UsageError("usage.ignore-file", f"{place}: path: {problem}", "fix the pattern") from None
                yield IgnoreRule(ignore.code, paths)


def audit_content(session: Session, filtered: Filtered, settings: AuditSettings) -> AuditContent:
    """The findings, without what the images store about themselves."""
    filtered = redacted_findings(filtered)
    inspected = redacted_report(
        msgspec.structs.replace(session.document, findings=filtered.shown, ignored=filtered.ignored)
    )
    document = AuditReport(
        **fields_of(session.envelope, filtered),
        images=[AuditImage(names=image.names, id=image.id, platform=image.platform) for image in inspected.images],
        config=_name(settings.config),
        judged_on=settings.judged_on.isoformat(),
        ignore_file=_name(settings.ignore_file),
        ignores=_ignore_rows(settings, filtered.by_rule),
    )
    return AuditContent(
        document=document,
        report=inspected,
        explanations=explanations(session.findings),
        steps=named_steps(inspected),
    )


def _name(file: str | None) -> str | None:
    return None if file is None else json_text(os.fsencode(file))[0]


def _ignore_rows(settings: AuditSettings, counts: Sequence[int]) -> list[IgnoreRow]:
    expired = [rule.is_expired(settings.judged_on) for rule in settings.ignores]
    counted = iter(counts[len(counts) - expired.count(False) :])
    return [
        IgnoreRow(
            code=rule.code,
            path=rule.path,
            reason=rule.reason,
            expires=None if rule.expires is None else rule.expires.isoformat(),
            expired=over,
            count=0 if over else next(counted),
        )
        for rule, over in zip(settings.ignores, expired, strict=True)
    ]


def rules_content() -> RulesContent:
    """All rules of the audit, family by family."""
    rules = [
        RuleRow(
            family=family,
            code=kind.code,
            severity=kind.severity.value,
            meaning=kind.meaning,
            remedy=kind.remedy,
            references=list(kind.references),
        )
        for family, kinds in RULE_FAMILIES.items()
        for kind in kinds
    ]
    return RulesContent(RulesReport(generator=GENERATOR, rules=rules))

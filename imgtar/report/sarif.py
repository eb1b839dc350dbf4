"""SARIF 2.1.0 of the findings, for code-scanning pages (OASIS, Static Analysis Results Interchange Format).

The archive is the artifact of every result; image, layer and path in it are logical locations. Damage is also a
notification of a run that did not succeed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

import msgspec

from imgtar.contract.content import AuditContent, CheckContent, Explanation, Explanations, InspectContent, TextSettings
from imgtar.contract.envelope import FindingRow
from imgtar.contract.inspect import InspectReport
from imgtar.contract.judgements import CheckReport, CheckRule
from imgtar.report.words.check import cause_words, image_words, rule_words
from imgtar.report.words.condition import condition, place, source_name
from imgtar.report.words.image import image_name, platform_words
from imgtar.text import disarm_json, escape_stored, json_string, neutralise

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
# GitHub reads a number: over 9 is critical, from 7 on high, from 4 on medium, below low; nothing for a mere note.
_SECURITY_SEVERITIES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
_ROOT = "%SRCROOT%"  # what code-scanning pages take for the root of the repository
_NO_REMEDY = "Nothing to do."
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
_CAUSES = 5
_TAGS = 20  # of a rule; code scanning takes no more
# The digest of what a step copies, in the history of the classic builder.
_COPIED = re.compile(r"\b(file|dir|multi):[0-9a-f]{64}\b")
_LINK = re.compile(r"([\[\]])")

# A SARIF document is a tree of these.
Json = Mapping[str, "Json"] | list["Json"] | str | int | bool


def inspect(content: InspectContent, _settings: TextSettings) -> Iterator[bytes]:
    """The findings of one archive as one run."""
    return log([_run(content.document, content.explanations)])


def audit(content: AuditContent, _settings: TextSettings) -> Iterator[bytes]:
    """The findings of an audit as one run."""
    return log([_run(content.report, content.explanations)])


def check(content: CheckContent, _settings: TextSettings) -> Iterator[bytes]:
    """The findings and the failed rules of one archive as one run; a rule's id is `check.` and its name."""
    return log([_run(content.report, content.explanations, content.document)])


def log(runs: Sequence[Json]) -> Iterator[bytes]:
    """The document of these runs."""
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}
    yield msgspec.json.format(disarm_json(msgspec.json.encode(document)), indent=2) + b"\n"


def _run(document: InspectReport, explanations: Explanations, checked: CheckReport | None = None) -> dict[str, Json]:
    failed = [rule for rule in checked.rules if not rule.passed] if checked is not None else []
    by_code: dict[str, list[FindingRow]] = {}
    for finding in document.findings:
        by_code.setdefault(finding.code, []).append(finding)
    pages = _published_pages()
    described = [_rule(found, explanations[code], pages) for code, found in by_code.items()]
    described += [{"id": name} for name in dict.fromkeys(map(_id, failed))]
    rules = {str(rule["id"]): index for index, rule in enumerate(described)}
    fingerprints = _fingerprints(document)
    results = [
        _result(document, finding, rules[finding.code], fingerprint)
        for finding, fingerprint in zip(document.findings, fingerprints, strict=True)
    ]
    if checked is not None:
        results += [_failure(document, checked, rule, rules[_id(rule)]) for rule in failed]
    artifact: dict[str, Json] = {"location": _artifact(document), "roles": ["analysisTarget"]}
    if document.source.size is not None:
        artifact["length"] = document.source.size
    return {
        "tool": {
            "driver": {
                "name": "imgtar",
                "version": document.generator.version,
                "semanticVersion": document.generator.version,
                "rules": list(described),
            }
        },
        "invocations": [_invocation(document, rules)],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder of the archive."}}},
        "artifacts": [artifact],
        "results": results,
        "columnKind": "unicodeCodePoints",
        "properties": {
            "complete": document.complete,
            "integrity": document.integrity,
            "form": document.source.form,
            "ignored": document.ignored,
        },
    }


def _rule(findings: Sequence[FindingRow], explanation: Explanation, pages: str | None) -> dict[str, Json]:
    """The rule of one code. Its findings come worst first, and code scanning reads the severity of the rule alone."""
    code, severity = findings[0].code, findings[0].severity
    references = list(dict.fromkeys(name for finding in findings for name in finding.references))
    tags: list[Json] = ["security", "container-image", *references]
    level = _LEVELS[severity]
    properties: dict[str, Json] = {
        "severity": severity,
        "problem.severity": _PROBLEMS[level],
        "tags": tags[:_TAGS],
    }
    if severity in _SECURITY_SEVERITIES:
        properties["security-severity"] = _SECURITY_SEVERITIES[severity]
    rule: dict[str, Json] = {
        "id": code,
        "shortDescription": {"text": explanation.meaning},
        "fullDescription": {"text": explanation.meaning},
        "help": {"text": explanation.remedy or _NO_REMEDY, "markdown": _help(code, severity, references, explanation)},
        "defaultConfiguration": {"level": level},
        "properties": properties,
    }
    if pages is not None:
        rule["helpUri"] = f"{pages}#{code.replace('.', '')}"
    return rule


def _help(code: str, severity: str, references: Sequence[str], explanation: Explanation) -> str:
    """Meaning, remedy and references as Markdown; the texts are ours, not the image's."""
    end = f"\n\nReferences: {', '.join(references)}" if references else ""
    head = f"**{code}** ({severity})"
    return f"{head}\n\n{explanation.meaning}\n\n**What to do:** {explanation.remedy or _NO_REMEDY}{end}"


def _published_pages() -> str | None:
    """Where the publisher of the package has docs/findings.md: its project URL «Documentation».

    None without such a URL: `helpUri` is an absolute URI (SARIF 2.1.0, 3.49.12), a page of the package on this machine
    has none that another machine can open, and an invented address would be a lie. `help` says all that the page says.
    """
    from importlib.metadata import PackageNotFoundError, metadata  # 17 ms, needed by this format alone

    try:
        addresses = metadata("imgtar").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    for label, _, address in (entry.partition(", ") for entry in addresses):
        if label.lower() == "documentation":
            return f"{address.rstrip('/')}/findings.md"
    return None


def _invocation(document: InspectReport, rules: Mapping[str, int]) -> Json:
    state = condition(document)
    notifications: list[Json] = [
        {
            "level": "error",
            "message": _message(f"{state.title}: {cause.message}"),
            "associatedRule": {"id": cause.code, "index": rules[cause.code]},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(document)}}],
        }
        for cause in state.causes
    ]
    return {"executionSuccessful": not state.damaged, "toolExecutionNotifications": notifications}


def _result(document: InspectReport, finding: FindingRow, rule: int, fingerprint: str) -> Json:
    where = place(finding, several_images=len(document.images) > 1)
    message = finding.message if not where else f"{finding.message} ({where})"
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": _message(message),
        "locations": [
            {
                # Code-scanning pages require a line; an archive has no lines.
                "physicalLocation": {"artifactLocation": _artifact(document), "region": {"startLine": 1}},
                "logicalLocations": _logical(document, finding),
            }
        ],
        "occurrenceCount": finding.count,
        "partialFingerprints": _partial(fingerprint),
        "properties": {
            "severity": finding.severity,
            "effect": finding.effect,
            "where": msgspec.to_builtins(finding.where),
            "references": list(finding.references),
        },
    }


def _id(rule: CheckRule) -> str:
    return f"check.{rule.rule}"


def _failure(document: InspectReport, checked: CheckReport, rule: CheckRule, index: int) -> Json:
    """A failed rule as a result on the archive; its message has the first causes."""
    causes = "".join(f"; {cause_words(cause)}" for cause in rule.causes[:_CAUSES])
    name = "" if rule.image is None else image_words(checked.images[rule.image])
    about = f"{name}: " if name else ""
    return {
        "ruleId": _id(rule),
        "ruleIndex": index,
        "level": "error",
        "message": _message(f"{about}{rule_words(rule)}{causes}"),
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(document), "region": {"startLine": 1}}}],
        "partialFingerprints": _partial(_hash(_id(rule), _repository(name))),
        "properties": {"rule": rule.rule, "unit": rule.unit},
    }


def _message(escaped: str) -> Json:
    """Plain text: no placeholder (section 3.11.5) and no embedded link (3.11.6)."""
    text = neutralise(escaped).replace("{", "{{").replace("}", "}}")
    return {"text": _LINK.sub(r"\\\1", text) if "](" in text else text}


def _artifact(document: InspectReport) -> Json:
    """The archive, below the root of the repository: code-scanning pages refuse any other place."""
    source = document.source
    raw = source.path.encode("utf-8", "surrogateescape")
    if source.path_b64 is not msgspec.UNSET:
        raw = source_name(source).encode()
    name = raw.removeprefix(b"./")
    if name.startswith((b"/", b"../")) or b"/../" in name:
        name = name.rstrip(b"/").rpartition(b"/")[2]
    uri = "stdin" if name == b"-" else "image" if name in (b"", b".", b"..") else quote(name)
    return {"uri": uri, "uriBaseId": _ROOT, "index": 0}


def _logical(document: InspectReport, finding: FindingRow) -> list[Json]:
    """Image, layer, then path or member, from the outside in; the last one is the place of the finding."""
    where = finding.where
    names: list[str] = []
    if where.image is not None and where.image < len(document.images):
        names.append(image_name(document.images[where.image]))
    if where.layer is not None:
        names.append(f"layer {where.layer}")
    if where.path is not None:
        names.append(escape_stored(where.path, where.path_b64))
    elif where.member is not None:
        names.append(escape_stored(where.member, where.member_b64))
    if not names:
        return []
    return [{"name": json_string(names[-1]), "fullyQualifiedName": json_string(" > ".join(names))}]


def _fingerprints(document: InspectReport) -> Iterator[str]:
    """A hash of code, repository, platform, step and path for each finding, and of its number among those alike.

    A later build with the same finding has the same one, whatever its tag, its build arguments and the content of what
    it copies; two findings never share one.
    """
    made_by = [
        {row.layer: _COPIED.sub(r"\1", row.text or row.created_by or "") for row in image.history}
        for image in document.images
    ]
    alike: Counter[str] = Counter()
    for finding in document.findings:
        where = finding.where
        image = None if where.image is None else document.images[where.image]
        fingerprint = _hash(
            finding.code,
            "" if image is None or not image.names else _repository(image.names[0]),
            "" if image is None else platform_words(image),
            "" if where.image is None or where.layer is None else made_by[where.image].get(where.layer, ""),
            where.path or where.member or "",
        )
        alike[fingerprint] += 1
        yield fingerprint if alike[fingerprint] == 1 else _hash(fingerprint, str(alike[fingerprint]))


def _repository(name: str) -> str:
    """The name of an image without tag and digest."""
    name = name.partition("@")[0]
    repository, colon, tag = name.rpartition(":")
    return repository if colon and "/" not in tag else name


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _partial(fingerprint: str) -> Json:
    """Our fingerprint, and the key that GitHub looks for before it tries to read the archive as a text."""
    return {"imgtar/v1": fingerprint, "primaryLocationLineHash": f"{fingerprint[:16]}:1"}
